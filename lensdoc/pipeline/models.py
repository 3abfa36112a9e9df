"""The field `models` of runs.yml: a name for notebooks, a name for readers, and where the model is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import JsonValue, StringConstraints

from lensdoc.core.errors import RunError
from lensdoc.core.model_files import BUNDLED
from lensdoc.core.named_models import cure_of, described, local_path, title_of
from lensdoc.pipeline.yaml_file import YamlFile
from lensdoc.records.fields import StrictData

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MOST_CHARACTERS = 80
"""Of a model's name for readers: it stands in a figure's footer."""
_Text = Annotated[str, StringConstraints(min_length=1)]


class ModelEntry(StrictData):
    """One model under `models:`."""

    source: _Text
    """A hub id, a bundled model, or a folder or .gguf file whose path begins at `analyses/`."""
    name: _Text | None = None
    """What readers see; by default the last part of the source."""
    get: _Text | None = None
    """How to get a source that is not in the repository: told, never executed."""


@dataclass(frozen=True)
class Model:
    """A model of runs.yml."""

    name: str
    """What parameters and notebooks call it."""
    title: str
    """What readers see."""
    source: str
    """As runs.yml has it."""
    path: Path | None
    """The folder or file, there or not; None for a hub id."""
    place: str
    """File and line that name it."""
    get: str | None = None

    @property
    def is_absent(self) -> bool:
        """Whether it is a file or folder that is not on this machine."""
        return self.path is not None and not self.path.exists()

    @property
    def cure(self) -> str:
        """What to do about a source that is not there."""
        return cure_of(self.source, self.get)

    def data(self) -> dict[str, str]:
        """What a kernel needs of it."""
        return described(self.source, self.path, self.title, self.get)


def is_model(path: Path) -> bool:
    """Whether a path is a folder with a model, or a .gguf file; text that cannot be a path is none."""
    try:
        if path.is_dir():
            return (path / "config.json").is_file() or any(path.glob("*.safetensors"))
        return path.suffix.lower() == ".gguf" and path.is_file()
    except (OSError, ValueError):  # a long text, or one with a NUL
        return False


def strings_in(value: JsonValue) -> Iterator[str]:
    """The texts in a value, at any depth; keys of mappings are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings_in(item)


def read_models(entries: Mapping[str, ModelEntry], analyses: Path, file: YamlFile) -> dict[str, Model]:
    """The models of runs.yml by name. Whether a source is there is asked only when a run needs it.

    Raises:
        RunError: A name, a source or a name for readers is invalid, or two models cannot be told apart.
    """
    models: dict[str, Model] = {}
    for name, entry in entries.items():
        where = f"{file.place('models', name)}: model {name!r}"
        _check_name(name, analyses, where)
        _check_source(name, entry.source, entries, f"{file.place('models', name, 'source')}: model {name!r}")
        path = local_path(entry.source, analyses)
        title = entry.name or title_of(entry.source, path)
        _check_title(title, f"{file.place('models', name, 'name')}: model {name!r}")
        other = next((model for model in models.values() if model.title == title), None)
        if other:
            raise RunError(
                f"{where}: readers would see {title!r} for this model and for {other.name!r}; give each its own `name`"
            )
        models[name] = Model(name, title, entry.source, path, file.place("models", name, "source"), entry.get)
    return models


def _check_name(name: str, analyses: Path, where: str) -> None:
    if not _NAME.fullmatch(name):
        kind = "; names with a slash are those of the hub and of bundled models" if "/" in name else ""
        raise RunError(f"{where}: the name of a model has letters, digits, '.', '_' and '-'{kind}; call it {_plain(name)!r}")
    if (analyses / name).exists():
        raise RunError(f"{where}: analyses/{name} exists too, so {name!r} could be either; give the model another name")


def _check_source(name: str, source: str, entries: Mapping[str, ModelEntry], where: str) -> None:
    if source in entries and source != name:
        raise RunError(
            f"{where}: the source {source!r} is the name of another model; give its source, {entries[source].source!r}"
        )
    if "\\" in source or not source.isprintable() or source != source.strip():
        raise RunError(f"{where}: a source is a hub id or a path with '/', without spaces around it; it is {source!r}")
    if source.startswith("lensdoc/") and source not in BUNDLED:
        raise RunError(f"{where}: no bundled model {source!r}; valid: {', '.join(BUNDLED)}")


def _check_title(title: str, where: str) -> None:
    if not title.isprintable() or title != title.strip() or len(title) > _MOST_CHARACTERS:
        raise RunError(f"{where}: `name` is one line of at most {_MOST_CHARACTERS} characters, for readers; it is {title!r}")
    if title.startswith(("/", "~", ".")) or "\\" in title or title.count("/") > 1:
        last = Path(title.replace("\\", "/")).name
        raise RunError(f"{where}: readers would see the path {title!r}; give the model a `name`, such as {last!r}")


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or "model"
