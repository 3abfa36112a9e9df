"""Where a value comes from: a value in prose is a link to its data, and says its run, model and parameters on hover and focus."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from lensdoc.core.messages import shortened
from lensdoc.explorables.display import visible
from lensdoc.publish.state.page import PageState
from lensdoc.records.record import ModelInfo, Record

RECORD, FROM = "data-record", "data-from"
_DATA = "\nData: "
_CLOSED = {"a", "h1", "h2", "h3", "h4", "h5", "h6", "summary", "label", "button"}
"""What no link may stand in."""
_SHOWN_CHARACTERS = 59
"""Of a parameter, such as a prompt."""
_REVISION_CHARACTERS = 12
"""Characters of a revision."""


def describe(record: Record, name: str, path: str) -> str:
    """Run, model, parameters and place of a value, a line each.

    Args:
        record: The record that holds the value.
        name: `RUN/NAME` of the record.
        path: Where in the record: `.facts.neurons`.
    """
    made = record.provenance
    model = record.model.id
    if isinstance(record.model, ModelInfo):
        model += f", revision {record.model.revision.removeprefix('sha256:')[:_REVISION_CHARACTERS]}"
    parameters = {**made.parameters, **({} if made.seed is None else {"seed": made.seed})}
    parameters.pop("model", None)
    lines = [f"Run: {made.run or name.rpartition('/')[0]}", *([f"Model: {model}"] if model else [])]
    lines += [f"{key}: {_short(value)}" for key, value in sorted(parameters.items())]
    return "\n".join(map(visible, lines)) + _DATA + visible(f"{name}.json, {path.removeprefix('.')}")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = f"‘{text}’" if isinstance(value, str) else text
    return shortened(text, _SHOWN_CHARACTERS)


class ValueLinks(Treeprocessor):
    """Runs before links are resolved: a value becomes a link to its data, but not within another link or a heading.

    Run, model and parameters are written out in the page's first value of a run. In others a line with `…` stands for them, which
    scripts replace: an article has hundreds of values of few runs.
    """

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Write the links."""
        values = list(_values(root, inside=False))
        place = self.page.source_path() if values else None
        written: dict[str, str] = {}
        for value, inside in values:
            name = value.attrib.pop(RECORD)
            target = self._address(name, place)
            if inside or target is None:
                value.attrib.pop(FROM)
            else:
                value.tag = "a"
                value.set("href", target)
                value.set(FROM, _once(value.get(FROM, ""), written))

    def _address(self, name: str, place: str | None) -> str | None:
        """The data file as seen from the page; None where it is no file of the site or the page is not known."""
        data = self.page.build.data_path(name)
        if data is None or place is None:
            return None
        return posixpath.relpath(f"{data}.json", posixpath.dirname(place) or ".")


def _once(told: str, written: dict[str, str]) -> str:
    """What a value says; `written` has, by the line that names a run, what the first value of that run has said of it."""
    head, _, place = told.partition(_DATA)
    run = head.partition("\n")[0]
    known = run in written and written[run] == head and head != run and _DATA not in place
    written.setdefault(run, head)
    return f"{run}\n…{_DATA}{place}" if known else told


def _values(element: ET.Element, *, inside: bool) -> Iterator[tuple[ET.Element, bool]]:
    for child in element:
        if RECORD in child.attrib:
            yield child, inside
        if len(child):
            yield from _values(child, inside=inside or child.tag in _CLOSED)
