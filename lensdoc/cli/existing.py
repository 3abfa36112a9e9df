"""`lensdoc new` in a folder that has files: adds what is missing, replaces nothing, and says what is left to do by hand."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import click

from lensdoc.pipeline.site import Site, read_site

_CONFIG = "mkdocs.yml"
_PAGE, _WORKS = "docs/index.md", "docs/references.bib"
_WORKFLOW, _REQUIRED = ".github/workflows/pages.yml", "requirements.txt"
"""A workflow, and what it alone installs."""
_ATTRIBUTES, _SAME_EVERYWHERE = ".gitattributes", "text=auto eol=lf"
_RUN = ("analyses/", "docs/data/")
"""The notebook, its declaration and its records belong together: all of them are added, or none."""
_HOMES = ("index.md", "README.md", "index.html", "index.ipynb")
_LIST_LINE = "      - "
_OPTIONS = {"mkdocs-jupyter": '{execute: false, include: ["*.ipynb"]}', "lensdoc": "{execute: auto}"}
"""Plugins that the article needs, with what to set."""


@dataclass(frozen=True)
class Addition:
    """What is added to a folder, and what its owner has to do."""

    files: Mapping[str, str]
    """Files of the template to where they go, both relative and with `/`."""
    kept: Collection[str] = ()
    """Files of the folder in whose place the template has one too."""
    has_run: bool = False
    """Whether the folder has a run or records already, so that those of the example were left out."""
    to_do: list[str] = field(default_factory=list)
    """What is left to do by hand, one entry each, of one or more lines."""


def plan(made: Path, target: Path) -> Addition:
    """What to add of a new article to a folder, found without writing anything there.

    Args:
        made: A copy of the template, complete with its title; it is made to name the folder's own places.
        target: The folder; what it holds stays as it is.

    Raises:
        ClickException: A folder that the article needs is a file or a link there.
        RunError: The folder's `mkdocs.yml` is not YAML.
    """
    template = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    site = read_site(target / _CONFIG)
    _name_records(made, site)
    places = {name: _place(name, site) for name in template}
    kept = [places[name] for name in template if _is_there(target, places[name])]
    has_run = any(places[name] in kept for name in template if name.startswith(_RUN))
    skipped = {name for name in template if places[name] in kept or (has_run and name.startswith((*_RUN, "docs/")))}
    if any((target / ".github" / "workflows").glob("*.y*ml")):
        skipped |= {_WORKFLOW, _REQUIRED}
    home = next((name for name in _HOMES if (target / site.docs / name).exists()), None)
    renamed = {}
    if not has_run:
        renamed = {_PAGE: f"{site.docs}/counting.md"} if home else {}
        renamed |= {_WORKS: f"{site.docs}/counting.bib"} if places[_WORKS] in kept else {}
    added = {name: renamed.get(name, places[name]) for name in template if name in renamed or name not in skipped}
    for name, place in added.items():
        if name in renamed and (target / place).exists():
            raise click.ClickException(f"{target.name}/{place} is there already, and so is {places[name]}; rename one of them")
        _check_folders(target, place)
    shown = [f"{site.docs}/{home}"] if home and places[_PAGE] not in kept else []
    return Addition(added, sorted([*kept, *shown]), has_run, list(_by_hand(target, site, added)))


def add(addition: Addition, made: Path, target: Path) -> None:
    """Put the files in place, all or none; a file that came into being meanwhile is not replaced either.

    Args:
        addition: What `plan` found.
        made: The copy of the template.
        target: The folder.
    """
    written: list[Path] = []
    try:
        for source, place in addition.files.items():
            path = target / place
            for folder in _missing_folders(path, target):
                folder.mkdir()
                written.append(folder)
            with path.open("xb") as file:
                written.append(path)
                file.write((made / source).read_bytes())
    except BaseException:
        for path in reversed(written):
            path.rmdir() if path.is_dir() else path.unlink()
        raise


def report(addition: Addition, directory: str) -> str:
    """What was added, what was left alone and what is left to do, as the command prints it."""
    count = len(addition.files)
    lines = [f"{directory}: added {count} file{'s' * (count != 1)}, replaced none", *(f"  {p}" for p in addition.files.values())]
    if addition.kept:
        lines += ["left as they are:", *(f"  {place}" for place in addition.kept)]
    if addition.has_run:
        lines.append("not added: the example's notebook, records and page, since the folder has runs or records of its own")
    if addition.to_do:
        lines += ["to do by hand:", *(f"  {item}" for item in addition.to_do)]
    return "\n".join([*lines, f"next: {enter(directory)}mkdocs serve"])


def enter(directory: str) -> str:
    """The shell command that goes into a folder, where one is needed."""
    return "" if Path(directory).resolve() == Path.cwd() else f"cd {shlex.quote(directory)} && "


def _place(name: str, site: Site) -> str:
    """Where a file of the template belongs in a site with another folder of pages, or of records."""
    if name.startswith("docs/data/"):
        return f"{site.data}/{name.removeprefix('docs/data/')}"
    return f"{site.docs}/{name.removeprefix('docs/')}" if name.startswith("docs/") else name


def _name_records(made: Path, site: Site) -> None:
    """Let line endings be kept where this site has its records."""
    path = made / _ATTRIBUTES
    path.write_text(path.read_text(encoding="utf-8").replace("/docs/data/", f"/{site.data}/"), encoding="utf-8", newline="\n")


def _is_there(target: Path, place: str) -> bool:
    """Whether the folder has this file; a README has one of several endings, and disks may be blind to case."""
    path = target / place
    if path.exists() or path.is_symlink():
        return True
    stem = "readme" if place == "README.md" else None
    names = (other.name.lower() for other in path.parent.iterdir()) if path.parent.is_dir() else ()
    return any(name == path.name.lower() or (stem is not None and name.split(".")[0] == stem) for name in names)


def _check_folders(target: Path, place: str) -> None:
    for folder in reversed(PurePosixPath(place).parents[:-1]):
        path = target / folder
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            what = "a link" if path.is_symlink() else "a file"
            raise click.ClickException(f"{folder} is {what}, and the article needs a folder there; nothing was added")


def _missing_folders(path: Path, target: Path) -> list[Path]:
    """Folders to be made for a file, the outermost first."""
    above = [folder for folder in path.parents if folder.is_relative_to(target) and not folder.exists()]
    return above[::-1]


def _by_hand(target: Path, site: Site, added: Mapping[str, str]) -> Iterator[str]:
    if _CONFIG not in added:
        yield from _settings(site, added)
    if ".gitignore" not in added:
        ignored = {line.strip().strip("/") for line in _lines_of(target / ".gitignore")}
        ours = ("/.lensdoc/", "/site/", "/analyses/models/", f"/{site.data}/**/*.local.*")
        if missing := [name for name in ours if name.strip("/") not in ignored]:
            yield f".gitignore: add {', '.join(missing)}"
    if _ATTRIBUTES not in added and (missing := list(_attributes(target, site))):
        yield "\n".join([f"{_ATTRIBUTES}: add", *(f"      {line}" for line in missing)])
    if _WORKFLOW not in added:
        yield ".github/workflows: let the workflow that builds the site install lensdoc[site], and build by mkdocs build --strict"
    elif _REQUIRED not in added and not any("lensdoc" in line for line in _lines_of(target / _REQUIRED)):
        yield f"{_REQUIRED}: add lensdoc[site]; {_WORKFLOW} installs what it names"


def _attributes(target: Path, site: Site) -> Iterator[str]:
    """Lines that a `.gitattributes` lacks, so that notebooks and records have the same line endings on every system."""
    found = [line.split() for line in _lines_of(target / _ATTRIBUTES)]
    for pattern in ("/analyses/**", f"/{site.data}/**"):
        if not any(line[0] in ("*", pattern, pattern[1:]) and "eol=lf" in line for line in found if line):
            yield f"{pattern} {_SAME_EVERYWHERE}"


def _lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []


def _settings(site: Site, added: Mapping[str, str]) -> Iterator[str]:
    """What an `mkdocs.yml` lacks."""
    works = added.get(_WORKS)
    if "lensdoc" not in site.extensions:
        needed = [name for name in ("attr_list", "pymdownx.superfences") if name not in site.extensions]
        option = f"lensdoc: {{bibliography: {works}}}" if works else "lensdoc"
        yield _lines("markdown_extensions", [*needed, option])
    elif works:
        yield f"{_CONFIG}: name {works} in the option bibliography of the extension lensdoc"
    if missing := [name for name in _OPTIONS if name not in site.plugins]:
        search = [] if site.plugins else ["search"]  # which MkDocs has until a list is given
        options = {
            "mkdocs-jupyter": 'mkdocs-jupyter: {execute: false, include: ["*.ipynb"]}',
            "lensdoc": "lensdoc: {execute: auto}",
        }
        yield _lines("plugins", [*search, *(options[name] for name in missing)], "as the last ones")
    if _PAGE in added and site.settings.get("nav"):
        page = added[_PAGE].removeprefix(f"{site.docs}/")
        yield f"{_CONFIG}: add {page} under nav"


def _lines(section: str, items: list[str], where: str = "") -> str:
    head = f"{_CONFIG}: add under {section}" + (f", {where}" if where else "")
    return "\n".join([head, *(f"{_LIST_LINE}{item}" for item in items)])
