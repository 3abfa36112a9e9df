"""Links that put a figure of the page into a state: `[F3](#fig-xml:factor=3)`."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from lensdoc.explorables.kinds import explorable
from lensdoc.publish.context import Context
from lensdoc.records.errors import PublishError, nearest

_STATE = re.compile(r"#(?P<figure>[^:=]+):(?P<name>[A-Za-z]+)=(?P<value>.*)")


class StateLinks(Treeprocessor):
    """Runs once links are read and figures have their ids: without scripts a link leads to its figure."""

    def __init__(self, md: Markdown, context: Context) -> None:
        super().__init__(md)
        self.context = context

    def run(self, root: ET.Element) -> None:
        """Check the links and give each its state as an attribute; one that will not do leads nowhere."""
        for link in root.iter("a"):
            target = link.get("href", "")
            asked = _STATE.fullmatch(target)
            if not asked:
                continue
            link.set("href", f"#{asked['figure']}")
            try:
                link.set("data-state", self._state(asked["figure"], asked["name"], asked["value"]))
            except PublishError as error:
                self.context.complain(str(error), self.context.source.line_of(rf"{re.escape(target[1:])}(?!\w)"))
                link.set("href", "#")

    def _state(self, figure: str, name: str, value: str) -> str:
        """The state as an attribute says it: `factor=3`.

        Raises:
            PublishError: The page has no such figure, or the figure no such state.
        """
        figures = {element.get("id"): record for element, record in self.context.figures if element.get("id")}
        if figure not in figures:
            raise PublishError(f"no figure {figure!r} on this page; {nearest(figure, [str(name) for name in figures])}")
        record = figures[figure]
        states = explorable(record.KIND).states
        if name not in states:
            raise PublishError(f"the figure {figure!r} of kind {record.KIND!r} has no state {name!r}; {nearest(name, states)}")
        valid = [str(number) for number in states[name](record)]
        if value not in valid:
            raise PublishError(f"the figure {figure!r} has no {name} {value!r}; {_range(valid)}")
        return f"{name}={value}"


def _range(valid: list[str]) -> str:
    """Valid values in words, the two ends of them where they are many."""
    if not valid:
        return "it has none"
    return f"valid: {', '.join(valid)}" if len(valid) <= 3 else f"valid: {valid[0]} to {valid[-1]}"  # noqa: PLR2004 - a list to be read
