"""Phrases marked as a figure marks what they name: `[the ones]{.swatch fig-two:factor=1}`."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.states import read_state
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.source import as_written, written_text

SWATCH = r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])+)\]\{ *\.swatch\b([^{}\n]*)\}"
"""The phrase, and what follows the class."""
_ASKED = re.compile(r" +#?([^\s:=]+:[A-Za-z_]\w*=\S+) *")
_MARK = "ld-named"


class SwatchProcessor(InlineProcessor):
    """Makes the phrase a link that puts the figure into the state that it names."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(SWATCH, md)
        self.page = page

    # Python-Markdown's base class declares narrower results than it uses.
    def handleMatch(  # type: ignore[override]  # noqa: N802 - its name
        self, m: re.Match[str], data: str
    ) -> tuple[ET.Element, int, int]:
        """Replace the phrase; one that cannot be read is shown without a mark."""
        del data
        parts = _ASKED.fullmatch(m[2])
        if not parts:
            line = self.page.source.line_of(as_written(m[0]), text=written_text(m[0]))
            self.page.complain(f"a swatch is written [text]{{.swatch fig-id:factor=1}}, not {m[0]!r}", line)
        phrase = ET.Element("a" if parts else "span", {"class": f"ld {_MARK}", "href": f"#{parts[1]}"} if parts else {})
        phrase.text = m[1]
        return phrase, m.start(0), m.end(0)


class SwatchColours(Treeprocessor):
    """Runs once states are checked: gives each phrase the hue and the label that its figure has for the state."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Mark the phrases; one whose state is invalid is reported already."""
        records = {element.get("id"): record for element, record in self.page.figures}
        for phrase in root.iter("a"):
            if _MARK not in phrase.get("class", "").split() or "data-state" not in phrase.attrib:
                continue
            kind = explorable(records[phrase.get("href", "")[1:]].KIND)
            state = read_state(phrase.attrib["data-state"])
            name = next((name for name in state if name in kind.swatches), None)
            if name is None:
                figure = phrase.get("href", "")[1:]
                written = re.escape(f"{figure}:{phrase.attrib['data-state']}")
                line = self.page.source.line_of(rf"{{ *\.swatch +#?{written}(?!\w)", text=figure)
                self.page.complain(f"the figure {figure!r} has no colour for its {' and '.join(state)}; link to it instead", line)
                continue
            hue, label = kind.swatches[name](int(state[name]))
            _mark(phrase, hue, label)


def _mark(phrase: ET.Element, hue: str, label: str) -> None:
    """Colour what the link holds, and let it end with the label, unless it is the label."""
    inner = ET.Element("span", {"class": "ld-phrase", "data-hue": hue})
    inner.text, phrase.text = phrase.text, None
    inner.extend(list(phrase))
    for child in inner:
        phrase.remove(child)
    phrase.append(inner)
    if label != "".join(inner.itertext()).strip():
        mark = ET.SubElement(inner, "span", {"class": "ld-mark"})
        mark.text = AtomicString(label)
