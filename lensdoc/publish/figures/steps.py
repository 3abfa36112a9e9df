"""The blocks `/// steps` and `/// step | factor=1`: paragraphs that put one figure, which stays in view, into states."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from pymdownx.blocks.block import Block

from lensdoc.core.errors import PublishError
from lensdoc.explorables.states import check_state
from lensdoc.publish.state.page import PageState

_ELEMENT = "lens-steps"
_STAGE = "ld-stage"


class StepsBlock(Block):
    """A figure and the steps of a text about it; without scripts and on paper the figure, and below it the text."""

    NAME = "steps"
    ARGUMENT = False
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The element around all."""
        page: PageState = self.config["page"]
        self.line = page.source.line_of(rf"/{{3,}} *{self.NAME} *$", text=self.NAME)
        return ET.SubElement(parent, _ELEMENT, {"class": "ld-steps"})

    def on_markdown(self) -> str:
        """It holds blocks, which pymdownx does not know of an element of ours."""
        return "block"

    def on_end(self, block: ET.Element) -> None:
        """The figure stands first, and all else beside it; each step must find its state there."""
        page: PageState = self.config["page"]
        figures = [child for child in block if child in page.options]
        stages = [child for child in block if _is_stage(child)]
        if len(figures) != 1 or not stages:
            held = f"{len(figures)} explorables and {len(stages)} steps"
            page.complain(f"steps are those of one figure: a block `/// explorable` and some `/// step`, not {held}", self.line)
        for stage in stages:
            line = int(stage.attrib.pop("data-ld-line", "0")) or None
            if len(figures) == 1:
                _check(page, figures[0], stage, line)
        text = ET.Element("div", {"class": "ld-stages"})
        for child in [child for child in block if child not in figures]:
            block.remove(child)
            text.append(child)
        block.append(text)


class StepBlock(Block):
    """Text that goes with a state of the figure, or without one with the figure as it is at first."""

    NAME = "step"
    ARGUMENT = None
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The element of the step, with its state."""
        page: PageState = self.config["page"]
        state = (self.argument or "").strip()
        pattern = rf"/{{3,}} *{self.NAME} *" + (rf"\| *{re.escape(state)} *$" if state else r"(\| *)?$")
        line = page.source.line_of(pattern, text=state or self.NAME)
        if parent.tag != _ELEMENT:
            page.complain("a step stands in a block `//// steps`, whose fences have more slashes than those in it", line)
            return ET.SubElement(parent, "div")
        attributes = {"class": _STAGE, "data-shows": state, "data-ld-line": str(line or 0)}
        return ET.SubElement(parent, "div", attributes)


def _is_stage(element: ET.Element) -> bool:
    return element.get("class") == _STAGE


def _check(page: PageState, figure: ET.Element, stage: ET.Element, line: int | None) -> None:
    """Report a state that the figure of the steps does not have; its step leaves the figure at rest."""
    record = next(record for element, record in page.figures if element is figure)
    try:
        if stage.get("data-shows"):
            check_state(page.build.name_of(record), record, page.options[figure], stage.get("data-shows", ""))
    except PublishError as error:
        page.complain(str(error), line)
        stage.set("data-shows", "")
