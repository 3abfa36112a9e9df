"""`lensdoc new`: a project that builds at once, copied from the one that comes with lensdoc."""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from pathlib import Path

import click

TEMPLATE = Path(__file__).parents[1] / "templates" / "article"
"""A project as any other: its runs are executed in it, and what they made is copied with it."""
TITLE = "A new article"
"""How the template calls itself."""
_TITLED = ("README.md", "docs/index.md", "mkdocs.yml")
_NOT_OURS = shutil.ignore_patterns(".lensdoc", "site", "__pycache__", ".ipynb_checkpoints")
"""What working in the template leaves behind."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?: [A-Za-z0-9._-]+)*")
_SHOWN = 5


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
def new(directory: Path) -> None:
    """Make a new article project in DIRECTORY: a page, a notebook, a figure, a bibliography and a workflow for GitHub Pages.

    Its records come with it, so that it builds at once, without PyTorch and offline. The title is made from the folder's name.
    """
    target = directory.resolve()
    _check(directory, target)
    title = target.name.replace("-", " ").replace("_", " ").strip()
    _write(target, title[:1].upper() + title[1:])
    click.echo(f"{directory}: a new article; next: cd {shlex.quote(str(directory))} && mkdocs serve")


def _check(directory: Path, target: Path) -> None:
    name = directory.name
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise click.UsageError(
            f"the folder's name becomes the title: begin it with a letter or digit, then letters, digits, '.', '_', '-' and "
            f"single spaces, such as my-article; it is {name or str(directory)!r}"
        )
    if directory.is_symlink() and not directory.exists():
        raise click.ClickException(f"{directory} is a link to {target}, which does not exist; name a folder that is new or empty")
    if not target.parent.is_dir():
        raise click.UsageError(f"there is no folder {target.parent}; make it first")
    if target.is_dir():
        if found := sorted(path.name for path in target.iterdir()):
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise click.ClickException(
                f"{directory} is not empty: it holds {', '.join(found[:_SHOWN])}{more}; name a folder that is new or empty"
            )
    elif target.exists():
        raise click.ClickException(f"{directory} is a file; name a folder that is new or empty")


def _write(target: Path, title: str) -> None:
    """Put the project in place at once: it is complete or not there."""
    from importlib.metadata import version

    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        shutil.copytree(TEMPLATE, made, ignore=_NOT_OURS, copy_function=shutil.copyfile)
        for name in _TITLED:
            _replace(made / name, TITLE, title)
        _replace(made / "requirements.txt", "VERSION", version("lensdoc"))
        made.rename(target)


def _replace(path: Path, old: str, new_: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new_), encoding="utf-8")
