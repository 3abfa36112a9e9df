"""Links that put a figure into a state: `[F3](#fig-xml:factor=3)`, `[a head](heads.md#fig-all:layer=5,head=3)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest
from lensdoc.explorables.states import check_state, read_state
from lensdoc.publish.state.build import Build, Choice
from lensdoc.publish.state.page import PageState
from lensdoc.publish.state.targets import StateLink

_STATE = re.compile(r"(?P<page>[^#?:]+\.md)?#(?P<figure>[^:=]+):(?P<state>[A-Za-z_]\w*=.*)")
_LISTED = 3
"""Values that a message lists."""
_OF_FIGURE = re.compile(r"#([^:=]+):.*")


class StateLinks(Treeprocessor):
    """Runs once links are read and figures have their ids: without scripts a link leads to its figure."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Check the links and give each its state as an attribute; one with an invalid state leads nowhere."""
        figures = {
            str(element.get("id")): (record, self.page.options.get(element, {}))
            for element, record in self.page.figures
            if element.get("id")
        }
        choices: dict[str, Choice] = {
            str(figure.get("id")): (found.axis, found.by_value) for figure, found in self.page.choices if figure.get("id")
        }
        self.page.build.figures[self.page.path] = figures
        self.page.build.choices[self.page.path] = choices
        self.page.build.state_links.pop(self.page.path, None)
        for link in root.iter("a"):
            target = link.get("href", "")
            parts = _STATE.fullmatch(target)
            if not parts:
                self._refuse(link, target, figures)
                continue
            link.set("href", target[: parts.start("state") - 1])
            link.set("data-state", parts["state"])
            if parts["page"]:
                self._ask(target, parts)
                continue
            try:
                _check(self.page.build, self.page.path, "this page", parts["figure"], parts["state"])
            except PublishError as error:
                self.page.complain(str(error), self._line(target[1:]))
                link.set("href", "#")
                del link.attrib["data-state"]

    def _refuse(self, link: ET.Element, target: str, figures: Mapping[str, object]) -> None:
        """Report a link into a figure of this page that names no state."""
        parts = _OF_FIGURE.fullmatch(target)
        if parts and parts[1] in figures:
            self.page.complain(f"a state is written #{parts[1]}:layer=5,head=3, not {target!r}", self._line(target[1:]))
            link.set("href", f"#{parts[1]}")

    def _ask(self, target: str, parts: re.Match[str]) -> None:
        """Note what the other page must have."""
        if there := self.page.path_of(parts["page"]):
            link = target[: parts.start("state") - 1]
            found = StateLink(self.page.path, self._line(target), link, there, parts["figure"], parts["state"])
            self.page.build.state_links.setdefault(self.page.path, []).append(found)

    def _line(self, written: str) -> int | None:
        return self.page.source.line_of(rf"{re.escape(written)}(?!\w)", text=written)


def states_linked_to(page: PageState) -> list[tuple[str, str]]:
    """The states of a page's figures for which other pages ask, and which it has: figure and state."""
    parts = (link for links in page.build.state_links.values() for link in links if link.other == page.path)
    return [(link.figure, link.state) for link in parts if _why_not(link, page.build) is None]


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
        _check(build, link.other, link.other, link.figure, link.state)
    except PublishError as error:
        return str(error)
    return None


def _check(build: Build, page: str, where: str, figure: str, state: str) -> None:
    """See that a page has a figure, and that the figure shows something in the state, with the record that it chooses if it does.

    Raises:
        PublishError: It has not.
    """
    figures = build.figures.get(page, {})
    if figure not in figures:
        raise PublishError(f"no figure {figure!r} on {where}; {nearest(figure, list(figures))}")
    record, options = figures[figure]
    axis, records = build.choices.get(page, {}).get(figure, ("", {}))
    asked = read_state(state)
    if axis in asked:
        value = asked.pop(axis)
        if value not in records:
            valid = f"valid: {', '.join(records)}" if len(records) <= _LISTED else nearest(value, list(records))
            raise PublishError(f"the figure {figure!r} has no {axis} {value!r}; {valid}")
        record = records[value]
    if asked:
        check_state(figure, record, options, ",".join(f"{name}={value}" for name, value in asked.items()), also=axis)
