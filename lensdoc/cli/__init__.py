"""The command `lensdoc`: thin, each command imports what it needs when it is called."""

from __future__ import annotations

import sys

import click

from lensdoc.cli.check import check
from lensdoc.cli.importing import import_
from lensdoc.cli.run import run
from lensdoc.cli.status import status
from lensdoc.records.errors import LensdocError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lensdoc")
def lensdoc() -> None:
    """Publish interactive articles that explain transformer language models."""


for _command in (check, import_, run, status):
    lensdoc.add_command(_command)


def main() -> None:
    """Run the command line; a mistake that the author can mend is a message and exit code 1, not a traceback."""
    try:
        lensdoc()
    except LensdocError as error:
        click.echo(f"lensdoc: {error}", err=True)
        sys.exit(1)
