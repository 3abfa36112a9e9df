"""Reads an article's front matter; each mistake is told with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import yaml
from pydantic import ValidationError

from lensdoc.core.names import near, nearest
from lensdoc.publish.article.schema import Article, Author, Meta, field_names

Complain = Callable[[str, int | None], None]

_CITED = re.compile(r"\[[^\[\]]*@\w[^\[\]]*\]")
_OTHERS = {"author", "authors", "tags", "template", "title", "update"}
"""Names that themes and other plugins give a meaning."""


def read_article(meta: Meta, header: str, complain: Complain) -> Article | None:
    """The article that a front matter describes; None where it breaks a rule, which is reported.

    Args:
        meta: The front matter as read, with its values filled in.
        header: The front matter as it is written, in which lines are found.
        complain: Told each mistake, with its line of the file.
    """
    fields = field_names(Article)
    for name in map(str, meta):
        if name not in fields and name not in _OTHERS and (close := near(name, fields)):
            complain(f"the front matter has {name!r}, which nothing reads; did you mean {close[0]}?", _line(header, [name]))
    if cited := _CITED.search(str(meta.get("acknowledgements") or "")):
        complain(
            f"acknowledgements are plain text, in which {cited[0]} cites nothing; cite it on the page, or list it with nocite",
            _line(header, ["acknowledgements"]),
        )
    try:
        return Article.model_validate({name: meta[name] for name in fields if meta.get(name) is not None})
    except ValidationError as error:
        for found in error.errors():
            path = [part for part in found["loc"] if isinstance(part, int) or part.isidentifier()]  # no names of validators
            complain(f"{_named(path)} {_reason(found['type'], found['msg'], path)}".strip(), _line(header, path))
        return None


def _reason(kind: str, message: str, path: Sequence[str | int]) -> str:
    if kind == "extra_forbidden":
        valid = field_names(Author if path and path[0] == "authors" else Article)
        return f"is no field; {nearest(str(path[-1]), valid)}"
    return message.removeprefix("Value error, ")


def _named(path: Sequence[str | int]) -> str:
    """The field as its reader counts: `authors[1].orcid`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _line(header: str, path: Sequence[str | int]) -> int | None:
    """The line of the file on which a field stands, or of what holds it."""
    try:
        node = yaml.compose(header.strip().strip("-"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    before = header[: len(header) - len(header.lstrip())].count("\n")
    line: int | None = None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if not found:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return None if line is None else before + line + 1
