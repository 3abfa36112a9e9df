"""`lensdoc new`: a project that builds at once, copied from the one that comes with lensdoc."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import click

from lensdoc.cli import existing

TEMPLATE = Path(__file__).parents[1] / "templates" / "article"
"""A project as any other: its runs are executed in it, and what they made is copied with it."""
TITLE = "A new article"
"""How the template calls itself."""
_TITLED = ("README.md", "docs/index.md", "mkdocs.yml")
_NOT_OURS = shutil.ignore_patterns(".lensdoc", "site", "__pycache__", ".ipynb_checkpoints")
"""What working in the template leaves behind."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?: [A-Za-z0-9._-]+)*")


@click.command()
@click.argument("directory")
def new(directory: str) -> None:
    """Make a new article project in DIRECTORY: a page, a notebook, a figure, a bibliography and a workflow for GitHub Pages.

    Its records come with it, so that it builds at once, without PyTorch and offline. The title is made from the folder's name.

    In a folder that has files, as with `lensdoc new .`, it adds what is missing, replaces nothing, and says what to do by hand.
    """
    target = Path(directory).resolve()
    _check(directory, target)
    is_new = not target.exists()
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent if is_new else None) as scratch:
        made = Path(scratch) / "article"
        _copy_template(made, TITLE if (target / "mkdocs.yml").exists() else _title(target))
        if is_new:
            made.rename(target)
        else:
            had_files = any(target.iterdir())
            addition = existing.plan(made, target)
            existing.add(addition, made, target)
            if had_files:
                click.echo(existing.report(addition, directory))
                return
    click.echo(f"{directory}: a new article; next: {existing.enter(directory)}mkdocs serve")


def _check(directory: str, target: Path) -> None:
    """See that an article can be made here.

    Args:
        directory: What the caller wrote.
        target: The folder that it names.

    Raises:
        UsageError: The name of a new folder can be no title, or its parent does not exist.
        ClickException: It is a file, or a link that leads nowhere.
    """
    if Path(directory).is_symlink() and not target.exists():
        raise click.ClickException(f"{directory} is a link to {target}, which does not exist; name a folder")
    if directory and target.is_dir():
        return
    name = Path(directory).name
    if not _is_title(name):
        raise click.UsageError(
            f"the folder's name becomes the title: begin it with a letter or digit, then letters, digits, '.', '_', '-' and "
            f"single spaces, such as my-article; it is {name or directory!r}"
        )
    if not target.parent.is_dir():
        raise click.UsageError(f"there is no folder {target.parent}; make it first")
    if target.exists():
        raise click.ClickException(f"{directory} is a file; name a folder")


def _is_title(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not name.endswith(".")


def _title(target: Path) -> str:
    """The title of an article in this folder; that of the template where the folder's name can be none."""
    title = target.name.replace("-", " ").replace("_", " ").strip() if _is_title(target.name) else TITLE
    return title[:1].upper() + title[1:]


def _copy_template(made: Path, title: str) -> None:
    from importlib.metadata import version

    shutil.copytree(TEMPLATE, made, ignore=_NOT_OURS, copy_function=shutil.copyfile)
    for name in _TITLED:
        _replace(made / name, TITLE, title)
    _replace(made / "requirements.txt", "VERSION", version("lensdoc"))


def _replace(path: Path, old: str, new_: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new_), encoding="utf-8")
