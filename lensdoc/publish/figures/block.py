"""The block `/// explorable | RUN/NAME`, and what it shares with that of tables."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from itertools import islice
from typing import Any, cast
from xml.etree import ElementTree as ET

from markdown.util import AtomicString
from pymdownx.blocks.block import Block

from lensdoc.core.errors import LensdocError, PublishError
from lensdoc.explorables.elements import Element, to_html
from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.explorables.options import read_options
from lensdoc.explorables.own_files import shows_files, with_addresses
from lensdoc.explorables.own_kinds import framed
from lensdoc.publish.figures.later import later, waiting
from lensdoc.publish.figures.own_files import addresses, with_plot
from lensdoc.publish.figures.several import BESIDE, Several, is_several, read_several
from lensdoc.publish.figures.several import OPTIONS as SEVERAL
from lensdoc.publish.layout.layouts import LAYOUTS, layout_class
from lensdoc.publish.state.page import PageState
from lensdoc.records.record import Record

_FIRST = 2
"""So many figures of a page may be in view as it opens, and are drawn at once."""


class FigureBlock(Block):
    """A block whose first line names data, and whose content is the caption."""

    ARGUMENT = True
    OPTIONS: dict[str, Any] = {}  # noqa: RUF012 - pymdownx's attribute

    def on_init(self) -> None:
        """Start with no options of the kind."""
        self.given: dict[str, object] = {}
        self.page: PageState = self.config["page"]

    def _validate(self, parent: ET.Element, arg: str, **options: object) -> bool:
        # Options belong to the record's kind, which pymdownx cannot know; it would print the block as text when it met one.
        self.given = {name: value for name, value in options.items() if name not in ("attrs", "layout")}
        self.layout = options.get("layout", LAYOUTS[0])
        return cast("bool", super()._validate(parent, arg, **{k: v for k, v in options.items() if k == "attrs"}))

    def find_line(self) -> None:
        """Keep the line on which the block begins, for messages."""
        self.line = self.page.source.line_of(rf"/{{3,}} *{self.NAME} *\| *{re.escape(self.argument)} *$", text=self.argument)

    def on_add(self, block: ET.Element) -> ET.Element:
        """The content goes into the caption."""
        return block[-1]

    def on_end(self, block: ET.Element) -> None:
        """Report options that became text: pymdownx reads only lines indented by four spaces directly below the first."""
        caption = block[-1]
        begins = "".join(caption[0].itertext()).lstrip() if len(caption) else ""
        option = re.match(r"([a-z]+): ", begins)
        if option and option[1] in self.known_options():
            cure = "indent it by four spaces, directly below the block's first line"
            self.page.complain(f"the option {option[1]!r} became text of the caption; {cure}", self._line_of(option[1]))

    def _line_of(self, option: str) -> int | None:
        """The first line below the block's own that names the option."""
        lines = self.page.source.prose
        below = islice(lines, bisect_left(lines, ((self.line or 0) + 1, "")), None)
        return next((n for n, text in below if re.match(rf"[ >]*{option}: ", text)), self.line)

    def known_options(self) -> set[str]:
        """Names of options, for what became text."""
        raise NotImplementedError


class ExplorableBlock(FigureBlock):
    """A figure drawn from a record; the block's content is its caption."""

    NAME = "explorable"

    def on_create(self, parent: ET.Element) -> ET.Element:
        """The figure with its drawing; a mistake is reported and leaves a figure that says so."""
        self.find_line()
        figure = ET.SubElement(parent, "figure", {"class": "ld"})
        drawing = ET.SubElement(figure, "div")
        try:
            figure.set("class", f"ld {layout_class(self.layout)}".rstrip())
            several = self._several()
            if several and several.show == BESIDE:
                self._beside(figure, drawing, several)
            elif several:
                several.drawn.extend([] if self.page.is_survey else (to_html(self._draw(record)) for record in several.records))
                self.page.choices.append((figure, several))
                self._fill(figure, drawing, several.records[0])
            else:
                self._fill(figure, drawing, self.page.record(self.argument))
        except LensdocError as error:
            drawing.text = AtomicString(f"The figure {self.argument} could not be drawn.")
            self.page.complain(str(error), self.line)
        ET.SubElement(figure, "figcaption")
        return figure

    def _fill(self, figure: ET.Element, drawing: ET.Element, record: Record, span: tuple[float, ...] | None = None) -> None:
        """Draw a record into its figure."""
        if not self.page.is_survey:
            drawn = self._draw(record, span)
            far = len(self.page.figures) >= _FIRST and record.KIND in EXPLORABLES
            drawing.text = AtomicString(self.md.htmlStash.store(to_html(waiting(drawn) if far else drawn)))
        self.page.figures.append((figure, record))
        self.page.options[figure] = read_options(explorable(record.KIND).options, self.given)

    def _beside(self, figure: ET.Element, drawing: ET.Element, several: Several) -> None:
        """Draw the records into figures of their own, side by side and to one scale."""
        drawing.tag = "lens-beside"
        drawing.set("class", "ld-beside")
        span = self._span(several.records)
        parts = []
        for label, record in zip(several.labels, several.records, strict=True):
            part = ET.SubElement(drawing, "figure", {"class": "ld"})
            self._fill(part, ET.SubElement(part, "div"), record, span)
            ET.SubElement(part, "figcaption").text = AtomicString(label)
            parts.append(part)
        self.page.besides.append((figure, parts))

    def _span(self, records: tuple[Record, ...]) -> tuple[float, ...] | None:
        """What one scale for all of them spans."""
        kind = explorable(records[0].KIND)
        if not kind.span:
            return None
        options = read_options(kind.options, self.given)
        return tuple(map(max, zip(*(kind.span(record, options) for record in records), strict=True)))

    def _several(self) -> Several | None:
        """The records of the figure, where it names more than one."""
        ways = {name: self.given.pop(name) for name in SEVERAL if name in self.given}
        if is_several(self.argument):
            return read_several(self.argument, ways, self.page, lambda text: self.page.complain(text, self.line))
        if ways:
            raise PublishError(f"the option {next(iter(ways))!r} is for several records: RUN/NAME, RUN/NAME or RUN/{{axis}}/NAME")
        return None

    def known_options(self) -> set[str]:
        """Names of options, for what became text."""
        if is_several(self.argument):
            return {"attrs", "layout", *SEVERAL}
        try:
            return {"attrs", "layout", *explorable(self.page.record(self.argument).KIND).options}
        except LensdocError:
            return {"attrs", "layout"}

    def _draw(self, record: Record, span: tuple[float, ...] | None = None) -> Element:
        options = read_options(explorable(record.KIND).options, self.given) | ({"span": span} if span else {})
        drawn = self.drawn(record, options)
        if shows_files(drawn):
            name = self.page.build.name_of(record)
            drawn = with_plot(with_addresses(drawn, addresses(record, name, self.page)), name, self.page)
        return later(framed(drawn, record.KIND))

    def drawn(self, record: Record, options: Mapping[str, Any]) -> Element:
        """The first state of a figure."""
        return explorable(record.KIND).draw(record, options)
