"""The command `lensdoc`: thin, each command imports what it needs when it is called."""

from __future__ import annotations

import signal
import sys

import click

from lensdoc.cli.assets import assets
from lensdoc.cli.check import check
from lensdoc.cli.crate import crate
from lensdoc.cli.deposit import deposit
from lensdoc.cli.fit_lens import fit_lens
from lensdoc.cli.importing import import_
from lensdoc.cli.new import new
from lensdoc.cli.run import run
from lensdoc.cli.status import status
from lensdoc.cli.verify import verify
from lensdoc.cli.widget import widget
from lensdoc.core.errors import LensdocError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lensdoc")
def lensdoc() -> None:
    """Publish interactive articles that explain transformer language models."""


for _command in (assets, check, crate, deposit, fit_lens, import_, new, run, status, verify, widget):
    lensdoc.add_command(_command)


def main() -> None:
    """Run the command line; a mistake that the author can mend is a message and exit code 1, not a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: workers too, with a word and code 1
    try:
        sys.exit(lensdoc(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("lensdoc: interrupted; what was finished is kept, former results are untouched", err=True)
        sys.exit(1)
    except LensdocError as error:
        click.echo(f"lensdoc: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"lensdoc: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True)
        sys.exit(1)
