"""An RO-Crate 1.2 of an article, in the profile Process Run Crate: which notebook made which data from what.

https://w3id.org/ro/crate/1.2, https://w3id.org/ro/wfrun/process/0.5
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rocrate.model import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from lensdoc.core.errors import PublishError
from lensdoc.pipeline.lock import Entry, read_lock
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.published_files import own_paths
from lensdoc.pipeline.runs import Run, read_runs
from lensdoc.pipeline.status import FRESH, status
from lensdoc.publish.article.schema import Article, Author
from lensdoc.publish.crates.described import read_described
from lensdoc.records.reading import read_record
from lensdoc.records.record import ModelInfo

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_TYPES = {".ipynb": "application/x-ipynb+json", ".lock": "application/json", ".yml": "application/yaml"}


@dataclass
class Packed:
    """What a crate holds."""

    runs: int
    files: int
    has_site: bool


@dataclass
class _Packing:
    """One crate, as it is made."""

    project: Project
    entries: dict[str, Entry]
    crate: ROCrate = field(default_factory=lambda: ROCrate(version="1.2"))
    files: dict[str, Entity] = field(default_factory=dict)

    def context(self, identifier: str, kind: str | list[str], **properties: Any) -> Entity:  # noqa: ANN401 - JSON-LD
        """An entity that is no file, once."""
        return self.crate.dereference(identifier) or self.crate.add(
            ContextEntity(self.crate, identifier, properties={"@type": kind, **properties})
        )

    def file(self, path: Path, **properties: Any) -> Entity:  # noqa: ANN401 - JSON-LD
        """A file of the project, at its own path in the crate, once."""
        name = path.relative_to(self.project.root).as_posix()
        if name not in self.files:
            content = path.read_bytes()
            said = {
                "name": name,
                "encodingFormat": _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream",
                "contentSize": str(len(content)),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            self.files[name] = self.crate.add_file(path, name, properties=said | properties)
        return self.files[name]


def write_crate(project: Project, target: Path, *, site: Path | None, licence: str | None = None) -> Packed:
    """Write a crate of notebooks, inputs, records, the lock and the site into a new folder.

    In the folder `lensdoc status` and `lensdoc verify` work as in the project. Weights of models are not packed; their names and
    hashes are.

    Args:
        project: The article's project.
        target: The folder, which must not exist or be empty.
        site: The folder with the built site; None leaves it out.
        licence: Identifier of SPDX, in place of that in the front matter of the first page.

    Raises:
        PublishError: The folder has files, the site is not built, a run is not fresh, or there is no licence.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise PublishError(f"{target} is there already; name a new folder for the crate, or empty it")
    if site and not (site / "index.html").is_file():
        raise PublishError(f"{site} is no built site: build it first, mkdocs build --strict, or leave it out: --no-site")
    runs = read_runs(project)
    if stale := [found for found in status(project) if found.word != FRESH]:
        raise PublishError(
            f"run {stale[0].name} is {stale[0].word}: {stale[0].why}; a crate says what made the data, so execute it: lensdoc run"
        )
    article, said = read_described(project, licence)
    packing = _Packing(project, read_lock(project.lock_file))
    _describe(packing, article, said)
    for path in (project.root / "mkdocs.yml", project.runs_file, project.lock_file):
        packing.file(path)
    actions = [_action(run, packing) for run in runs]
    packing.crate.root_dataset["mentions"] = actions
    if site:
        packing.crate.add_dataset(site, "site/", properties={"name": "The article as a static site"})
    packing.crate.write(target)
    return Packed(len(runs), len(packing.files), site is not None)


def _describe(packing: _Packing, article: Article, said: dict[str, Any]) -> None:
    root = packing.crate.root_dataset
    profile = packing.context(_PROFILE, ["CreativeWork", "Profile"], name="Process Run Crate", version="0.5")
    licence = said.pop("license")["@id"]
    for name, value in said.items():
        root[name] = value
    root["license"] = packing.context(licence, "CreativeWork", name=licence.rstrip("/").rpartition("/")[2] or licence)
    root["conformsTo"] = profile
    if authors := [_author(author, number, packing) for number, author in enumerate(article.authors, 1)]:
        root["author"] = authors


def _author(author: Author, number: int, packing: _Packing) -> Entity:
    known = f"https://orcid.org/{author.orcid}" if author.orcid else author.url
    places = [packing.context(f"#place-{name}", "Organization", name=name) for name in author.affiliation]
    return packing.context(
        known or f"#author-{number}",
        "Organization" if author.organization else "Person",
        name=author.called,
        **({"affiliation": places} if places else {}),
    )


def _action(run: Run, packing: _Packing) -> Entity:
    """The execution of a run: its notebook, what went in, and what came out."""
    project, entry = packing.project, packing.entries[run.name]
    libraries = [_library(name, version, packing) for name, version in sorted(entry.components.get("versions", {}).items())]
    instrument = packing.file(
        project.analyses / run.notebook.name,
        **{"@type": ["File", "SoftwareSourceCode"]},
        version=hashlib.sha256("\n".join(run.notebook.cells).encode()).hexdigest()[:12],
        programmingLanguage=_python(entry, packing),
        softwareRequirements=libraries,
    )
    records = [packing.file(path, about=f"record {name} of the run {run.name}") for name, path in run.outputs(project).items()]
    own = [packing.file(path) for record in run.outputs(project).values() for path in own_paths(record) if path.is_file()]
    executed = run.executed_notebook(project)
    results = [*records, *own, *([packing.file(executed)] if executed.is_file() else [])]
    inputs = [packing.file(project.analyses / name) for name in run.inputs]
    return packing.crate.add_action(
        instrument,
        f"#run-{run.name}",
        object=[*inputs, *_models(run, packing), *_parameters(run, packing)],
        result=results,
        properties={
            "name": f"Run {run.name}",
            "description": _sentence(run, entry),
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )


def _sentence(run: Run, entry: Entry) -> str:
    verified = f" Executed a second time ({entry.verified.device}): {entry.verified.how}." if entry.verified else ""
    beside = f" Not watched: {'; '.join(entry.not_watched)}." if entry.not_watched else ""
    return f"{run.notebook.name} executed by lensdoc on {entry.device}; key {entry.key}.{verified}{beside}"


def _python(entry: Entry, packing: _Packing) -> Entity:
    version = str(entry.components.get("python", {}).get("minor", "3"))
    address = {"@id": "https://www.python.org/"}
    return packing.context(f"#python-{version}", "ComputerLanguage", name="Python", version=version, url=address)


def _library(name: str, version: object, packing: _Packing) -> Entity:
    return packing.context(
        f"https://pypi.org/project/{name}/#{version}",
        "SoftwareApplication",
        name=name,
        version=str(version),
        url={"@id": f"https://pypi.org/project/{name}/"},
    )


def _models(run: Run, packing: _Packing) -> Iterator[Entity]:
    """The models that its records name, with their revisions."""
    for path in run.outputs(packing.project).values():
        model = read_record(path).model
        if isinstance(model, ModelInfo):
            yield packing.context(
                f"#model-{model.id}-{model.revision.removeprefix('sha256:')[:12]}",
                "CreativeWork",
                name=model.id,
                version=model.revision,
            )


def _parameters(run: Run, packing: _Packing) -> Iterable[Entity]:
    given = run.notebook.defaults() | run.parameters
    return [
        packing.context(f"#parameter-{run.name}-{name}", "PropertyValue", name=name, value=_value(value))
        for name, value in sorted(given.items())
    ]


def _value(value: object) -> str | int | float | bool:
    return value if isinstance(value, str | int | float | bool) else str(value)
