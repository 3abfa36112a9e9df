"""A YAML file as plain values, with the line of each field for messages."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lensdoc.core.errors import RunError
from lensdoc.core.files import read_file
from lensdoc.pipeline.yaml_cures import cure

# libyaml reads several times as fast; PyYAML has it wherever it comes as a wheel.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
_MOST_VALUES = 100_000
"""That a file may hold, each alias counted as all that it stands for: nine of nine of nine aliases stand for any number."""
_TAG = "tag:yaml.org,2002:"
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_POWER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+")


@dataclass(frozen=True)
class YamlFile:
    """What a file holds, and where."""

    path: Path
    data: Any
    node: yaml.Node | None

    def place(self, *field: str | int) -> str:
        """File and line of a field: as far down its location as the text goes."""
        line, node = 1, self.node
        for step in field:
            if isinstance(node, yaml.MappingNode):
                pair = next((p for p in node.value if p[0].value == step), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return f"{self.path}:{line}"


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML file that holds what JSON can hold.

    Raises:
        FileNotFoundError: There is no such file.
        RunError: It is not YAML, has a key twice, or holds a date or a number that is not finite.
    """
    content = read_file(path)
    try:
        text = content.decode()
        _check_depth(text, path)
        loader = _Loader(text)
        node = loader.get_single_node()
        _check(node, path, set())
        _check_size(node, path)
        return YamlFile(path, None if node is None else loader.construct_document(node), node)
    except yaml.MarkedYAMLError as error:
        raise RunError(_explained(error, path, content.decode())) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


def _explained(error: yaml.MarkedYAMLError, path: Path, text: str) -> str:
    said = ", ".join(part for part in (error.context, error.problem) if part)
    if error.problem_mark is None:
        return f"{path}: not YAML: {said}"
    line, column = error.problem_mark.line, error.problem_mark.column
    began = error.context_mark.line if error.context_mark else None
    advice = cure(said, text.split("\n"), line, column, began)
    return f"{path}:{line + 1}: not YAML: {said}{f'; {advice}' if advice else ''}"


def _check_depth(text: str, path: Path) -> None:
    """The composer of libyaml calls itself for each level: a hundred thousand of them would end the process without a word."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise RunError(f"{path}:{line}: nested more than {_DEEPEST} deep; a bracket may not be closed")


def _check(node: yaml.Node | None, path: Path, seen: set[int]) -> None:
    if node is None or id(node) in seen:  # an alias stands for a node that was checked at its anchor
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        _check_scalar(node, f"{path}:{node.start_mark.line + 1}")
    if isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, _ in node.value:  # YAML keeps the last of two equal keys without a word
            if str(key.value) in names:
                raise RunError(f"{path}:{key.start_mark.line + 1}: {key.value!r} stands twice")
            names.add(str(key.value))
    if isinstance(node, yaml.SequenceNode):
        _check_items(node, path)
    for child in _children(node):
        _check(child, path, seen)


def _check_size(root: yaml.Node | None, path: Path) -> None:
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 1  # of a node that stands in itself, which is refused later
            sizes[id(node)] += sum(map(size, _children(node)))
        return sizes[id(node)]

    if root is not None and (values := size(root)) > _MOST_VALUES:
        raise RunError(f"{path}: with its aliases (*) the file holds {values:,} values; at most {_MOST_VALUES:,} are read")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _check_items(node: yaml.SequenceNode, path: Path) -> None:
    """Of a list of texts, one that has a colon becomes a mapping."""
    if not any(isinstance(item, yaml.ScalarNode) for item in node.value):
        return
    for item in node.value:
        if isinstance(item, yaml.MappingNode) and not item.flow_style and len(item.value) == 1:
            ((name, value),) = item.value
            if isinstance(value, yaml.ScalarNode) and name.end_mark.line == value.start_mark.line:
                text = f'"{name.value}: {value.value}"'
                raise RunError(
                    f"{path}:{item.start_mark.line + 1}: YAML reads {text[1:-1]} as a name and its value; quote it: {text}"
                )


def _check_scalar(node: yaml.ScalarNode, place: str) -> None:
    value: str = node.value
    if node.tag == f"{_TAG}timestamp":
        raise RunError(f'{place}: YAML reads {value} as a date; quote it: "{value}"')
    if node.tag == f"{_TAG}float" and not _finite(value):
        raise RunError(f"{place}: {value} is not a finite number, which neither JSON nor a record can hold")
    if not node.style and (said := _surprise(node.tag.removeprefix(_TAG), value)):
        raise RunError(f"{place}: YAML reads {value} as {said}, or quote it")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise RunError(f"{place}: {value!r} holds half a surrogate pair, which is no character")


def _surprise(kind: str, value: str) -> str:
    """What YAML 1.1 makes of a value without quotes, where it is hardly what its author meant, and what to write."""
    if kind == "bool" and value.lower() not in ("true", "false"):
        word = "true" if value.lower() in ("yes", "on", "y") else "false"
        return f"{word}; write {word}"
    if kind in ("int", "float") and ":" in value:
        return "a number in base 60; write the number"
    if kind == "int" and _OCTAL.fullmatch(value):
        return f"an octal number, {int(value.replace('_', ''), 8)}; write that number, without a zero in front"
    if kind == "str" and _POWER.fullmatch(value):
        return "a text; write it with a dot and a signed exponent, as 1.0e-4"
    return ""


def _finite(text: str) -> bool:
    """Whether what YAML calls a float is one; 1:30.5 is a number in base 60 to it."""
    plain = text.lower().lstrip("+-").replace("_", "")
    return plain not in {".inf", ".nan"} and (":" in plain or math.isfinite(float(plain)))
