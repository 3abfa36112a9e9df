"""A YAML file as plain values, with the line of each field for messages."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lensdoc.core.errors import RunError

# libyaml reads several times as fast; PyYAML has it wherever it comes as a wheel.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
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
    try:
        text = path.read_text(encoding="utf-8")
        _check_depth(text, path)
        loader = _Loader(text)
        node = loader.get_single_node()
        _check(node, path, set())
        return YamlFile(path, None if node is None else loader.construct_document(node), node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise RunError(f"{path}:{line}: not YAML: {said}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


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
    children: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else []
    if isinstance(node, yaml.ScalarNode):
        _check_scalar(node, f"{path}:{node.start_mark.line + 1}")
    if isinstance(node, yaml.MappingNode):
        children = [child for pair in node.value for child in pair]
        names: set[str] = set()
        for key, _ in node.value:  # YAML keeps the last of two equal keys without a word
            if str(key.value) in names:
                raise RunError(f"{path}:{key.start_mark.line + 1}: {key.value!r} stands twice")
            names.add(str(key.value))
    for child in children:
        _check(child, path, seen)


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
