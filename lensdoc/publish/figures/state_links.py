"""Links that put a figure into a state: `[F3](#fig-xml:factor=3)`, `[F3](factors.md#fig-xml:factor=3)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest
from lensdoc.explorables.kinds import explorable
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.page import PageState
from lensdoc.publish.state.targets import StateLink
from lensdoc.records.record import Record

_STATE = re.compile(r"(?P<page>[^#?:]+\.md)?#(?P<figure>[^:=]+):(?P<name>[A-Za-z]+)=(?P<value>.*)")


class StateLinks(Treeprocessor):
    """Runs once links are read and figures have their ids: without scripts a link leads to its figure."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Check the links and give each its state as an attribute; one with an invalid state leads nowhere."""
        figures = {str(element.get("id")): record for element, record in self.page.figures if element.get("id")}
        choices = {str(element.get("id")): several for element, several in self.page.choices}
        self.page.build.figures[self.page.path] = figures
        self.page.build.choices[self.page.path] = {name: (found.axis, found.values) for name, found in choices.items()}
        self.page.build.state_links.pop(self.page.path, None)
        for link in root.iter("a"):
            target = link.get("href", "")
            parts = _STATE.fullmatch(target)
            if not parts:
                continue
            link.set("href", target[: parts.start("name") - 1])
            link.set("data-state", f"{parts['name']}={parts['value']}")
            if parts["page"]:
                self._ask(target, parts)
                continue
            try:
                here = _Known("this page", figures, self.page.build.choices[self.page.path])
                _check(here, parts["figure"], parts["name"], parts["value"])
            except PublishError as error:
                self.page.complain(str(error), self._line(target[1:]))
                link.set("href", "#")
                del link.attrib["data-state"]

    def _ask(self, target: str, parts: re.Match[str]) -> None:
        """Note what the other page must have."""
        if there := self.page.path_of(parts["page"]):
            link = target[: parts.start("name") - 1]
            state = parts["figure"], parts["name"], parts["value"]
            found = StateLink(self.page.path, self._line(target), link, there, *state)
            self.page.build.state_links.setdefault(self.page.path, []).append(found)

    def _line(self, written: str) -> int | None:
        return self.page.source.line_of(rf"{re.escape(written)}(?!\w)", text=written)


def states_linked_to(page: PageState) -> list[tuple[str, str]]:
    """The states of a page's figures for which other pages ask, and which it has: figure and state."""
    parts = (link for links in page.build.state_links.values() for link in links if link.other == page.path)
    return [(link.figure, f"{link.name}={link.value}") for link in parts if _why_not(link, page.build) is None]


def check_states(build: Build, links: Iterable[StateLink]) -> None:
    """Report links to states that figures of other pages do not have, of the pages that are rendered.

    Args:
        build: What is known of these pages.
        links: The links.
    """
    for link in links:
        if link.other in build.figures and (reason := _why_not(link, build)):
            build.complain(reason, link.page, link.line)


def _why_not(link: StateLink, build: Build) -> str | None:
    """Why a link to a state leads nowhere; None where it leads somewhere."""
    try:
        there = _Known(link.other, build.figures.get(link.other, {}), build.choices.get(link.other, {}))
        _check(there, link.figure, link.name, link.value)
    except PublishError as error:
        return str(error)
    return None


class _Known(NamedTuple):
    """The figures of a page that have ids."""

    where: str
    """What messages call the page."""
    figures: Mapping[str, Record]
    choices: Mapping[str, tuple[str, Sequence[str]]]
    """Of those in which a reader chooses among records what is chosen, and its values."""


def _check(known: _Known, figure: str, name: str, value: str) -> None:
    """See that a page has a figure, and the figure a state: one of its kind, or one of the records among which readers choose.

    Raises:
        PublishError: It has not.
    """
    where, figures, choices = known
    if figure not in figures:
        raise PublishError(f"no figure {figure!r} on {where}; {nearest(figure, list(figures))}")
    record = figures[figure]
    states = explorable(record.KIND).states
    axis, values = choices.get(figure, (None, ()))
    if name not in states and name != axis:
        names = [*states, *([axis] if axis else [])]
        raise PublishError(f"the figure {figure!r} of kind {record.KIND!r} has no state {name!r}; {nearest(name, names)}")
    valid = list(values) if name == axis else [str(number) for number in states[name](record)]
    if value not in valid:
        raise PublishError(f"the figure {figure!r} has no {name} {value!r}; {_range(valid)}")


def _range(valid: list[str]) -> str:
    """Valid values in words, the two ends of them where they are many."""
    if not valid:
        return "it has none"
    return f"valid: {', '.join(valid)}" if len(valid) <= 3 else f"valid: {valid[0]} to {valid[-1]}"  # noqa: PLR2004 - a list to be read
