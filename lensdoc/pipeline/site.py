"""What `mkdocs.yml` says of an article, read without MkDocs: the folder of pages, that of data, extensions and plugins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from lensdoc.core.errors import RunError
from lensdoc.core.files import read_file

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST_PARENT = 10


@dataclass(frozen=True)
class Site:
    """The settings of `mkdocs.yml` that concern what is not MkDocs."""

    docs: str = "docs"
    """The folder of pages, relative to `mkdocs.yml`."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """Markdown extensions to their options."""
    plugins: Mapping[str, Any] = field(default_factory=dict)
    """Plugins to their options; none where the file names none, though MkDocs then has `search`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """All of the file, with that of its parents (`INHERIT`)."""

    @property
    def data(self) -> str:
        """The folder of records, relative to `mkdocs.yml`: the extension's option `data`, or `data` in the folder of pages."""
        options = self.extensions.get("lensdoc")
        given = options.get("data") if isinstance(options, Mapping) else None
        return given if isinstance(given, str) else f"{self.docs}/data"


def read_site(path: Path) -> Site:
    """The settings of an article.

    Args:
        path: Its `mkdocs.yml`. Where there is none, the settings are those of an empty file.

    Raises:
        RunError: The file, or one that it inherits from, is not YAML or cannot be read.
    """
    try:
        found = path.stat()
        return _read(path, (found.st_mtime_ns, found.st_size))
    except FileNotFoundError:
        return Site()


@lru_cache(maxsize=16)
def _read(path: Path, version: tuple[int, int]) -> Site:
    del version  # part of the key: a file that was edited is read anew
    settings = _settings(path, _DEEPEST_PARENT)
    docs = settings.get("docs_dir")
    return Site(
        docs if isinstance(docs, str) else "docs",
        _options(settings.get("markdown_extensions")),
        _options(settings.get("plugins")),
        settings,
    )


def _settings(path: Path, parents_left: int) -> dict[str, Any]:
    try:
        loaded = yaml.load(read_file(path), _Loader)  # noqa: S506 - safe: tags are read as plain values
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RunError(f"{path}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RunError(f"{path}: not YAML: {error}") from None
    own = loaded if isinstance(loaded, dict) else {}
    parent = own.pop("INHERIT", None)
    if not isinstance(parent, str):
        return own
    if not parents_left:
        raise RunError(f"{path}: INHERIT: more than {_DEEPEST_PARENT} files inherit from each other; one may inherit from itself")
    return _merged(_settings(path.parent / parent, parents_left - 1), own)


def _merged(parent: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """As MkDocs merges: mappings at any depth, anything else is replaced."""
    both = {key: (parent.get(key), value) for key, value in own.items()}
    inner = {key: _merged(a, b) for key, (a, b) in both.items() if isinstance(a, dict) and isinstance(b, dict)}
    return {**parent, **own, **inner}


def _options(listed: object) -> dict[str, Any]:
    """Names to options, of a list of names and of mappings from one name, or of one mapping."""
    if isinstance(listed, Mapping):
        return dict(listed)
    found: dict[str, Any] = {}
    for item in listed if isinstance(listed, list) else []:
        found |= item if isinstance(item, Mapping) else {str(item): {}}
    return found


class _Loader(_Base):  # type: ignore[misc] # libyaml's or PyYAML's own
    """Reads the tags of MkDocs and its themes: variables of the environment; other tags stand for plain values."""


def _variable(loader: Any, node: yaml.Node) -> object:  # noqa: ANN401 - either of the two loaders
    """`!ENV NAME` or `!ENV [NAME, OTHER, default]`."""
    if isinstance(node, yaml.ScalarNode):
        return os.environ.get(str(node.value))
    *names, default = loader.construct_sequence(node) or [None]
    return next((os.environ[name] for name in names if name in os.environ), default)


def _plain(loader: Any, _tag: str, node: yaml.Node) -> object:  # noqa: ANN401 - either of the two loaders
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


_Loader.add_constructor("!ENV", _variable)
_Loader.add_multi_constructor("", _plain)
