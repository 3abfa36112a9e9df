"""Numbers of figures, tables, equations and sections, written into the page when it is built."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from lensdoc.publish.crossrefs.captioned import set_free, take_blocks, why_nothing_shown
from lensdoc.publish.crossrefs.wording import caption_of, title_of, with_labels
from lensdoc.publish.state.page import PageState
from lensdoc.publish.state.targets import Counter, PageTargets, Target
from lensdoc.publish.syntax.grammar import (
    EQUATION,
    EQUATION_CLASS,
    FIGURE,
    ID,
    MATH,
    NUMBERED_BLOCKS,
    SECTION,
    TABLE,
    TABLE_CLASS,
    WORDS,
)

_CAPTIONS = {"figure-caption": FIGURE, "table-caption": TABLE}
_NUMBER = "data-ld-number"
_BLOCK = re.compile(rf"[ \t>*+-]*/{{3,}}[ \t]*({'|'.join(NUMBERED_BLOCKS)})(?![\w-])")


class Numbering(Treeprocessor):
    """Runs once elements have the ids that the author gave them, and before the table of contents is made."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Number what the page holds, keep it for references, and report figures that lack a caption or an image's text."""
        set_free(root)
        counter = Counter(number_sections=self.page.build.number_sections)
        blocks = take_blocks(root)
        floats = [(element, kind) for element in _floats(root) if (kind := self._kind(element, blocks.get(element)))]
        lines = self._lines([kind for _, kind in floats])
        targets: list[Target] = []
        for element, kind in floats:
            text = self._text(element) if element.get("id") else ""
            target = Target(element.get("id"), kind, counter.next(kind), text, next(lines[kind], None))
            targets.append(target)
            self._check_id(target)
            (self._equation if kind == EQUATION else self._figure)(element, target)
        self._check_content(blocks, {element: target for (element, _), target in zip(floats, targets, strict=True)})
        headings = [heading for heading in root.iter() if re.fullmatch("h[1-6]", str(heading.tag))]
        targets += [self._section(heading, counter) for heading in headings]
        self.page.build.targets[self.page.path] = PageTargets(self._title(headings), _by_id(targets))

    def _text(self, element: ET.Element) -> str:
        """What a reference on another page shows of a figure, a table or an equation."""
        if element.tag != "figure":
            formula = element.find(MATH)
            return f"$$ {(formula.text or '')[2:-2].strip()} $$" if formula is not None else ""
        caption = element.find("figcaption")
        return "" if caption is None else caption_of(caption, self.md)

    def _title(self, headings: list[ET.Element]) -> str:
        """The title of the page: that of its front matter, else its first heading, else the name of its file."""
        title = self.page.meta.get("title")
        if isinstance(title, str):
            return " ".join(title.split())
        first = next((heading for heading in headings if heading.tag == "h1"), None)
        name = PurePosixPath(self.page.path).stem.replace("-", " ").replace("_", " ").capitalize()
        return name if first is None else title_of(first, self.md)

    def _lines(self, kinds: list[str]) -> dict[str, Iterator[int | None]]:
        """The lines of each kind, where the source tells them: where it has as many of the kind as the page."""
        begun = ((line, _BLOCK.match(text)) for line, text in self.page.source.prose)
        written = [(NUMBERED_BLOCKS[block[1]], line) for line, block in begun if block]
        counts = collections.Counter(kinds)
        lines = {kind: [line for found, line in written if found == kind] for kind in counts}
        return {kind: iter(lines[kind] if len(lines[kind]) == count else []) for kind, count in counts.items()}

    def _kind(self, element: ET.Element, block: str | None) -> str | None:
        """The kind of a figure or an equation; None for one without a number."""
        if element.tag != "figure":
            return EQUATION
        given = element.attrib.pop("__figure_num", None)
        for name in ("__figure_level", "__figure_prepend"):
            element.attrib.pop(name, None)
        if given:
            line = self.page.source.line_of(rf"/{{3,}} *{block} *\|[ <>]*{re.escape(given)}(?!\w)", text=given)
            self.page.complain(f"numbers follow the order of the page; leave out {given} after {block!r}", line)
        named = (element.get("id") or "").partition("-")[0]
        if block == "caption":
            return named if named in (FIGURE, TABLE) else None
        if TABLE_CLASS in _classes(element):
            return TABLE
        return _CAPTIONS.get(block or "") or (TABLE if named == TABLE and "ld" not in _classes(element) else FIGURE)

    def _check_id(self, target: Target) -> None:
        named = (target.id or "").partition("-")[0]
        if named in WORDS and named != target.kind:
            what, right = WORDS[target.kind][0].lower(), f"{target.kind}-{(target.id or '').partition('-')[2]}"
            self._complain(
                f"the id {target.id!r} is that of a {WORDS[named][0].lower()}; this is a {what}: call it {right!r}", target
            )

    def _check_content(self, captions: Iterable[ET.Element], targets: Mapping[ET.Element, Target]) -> None:
        for figure in captions:
            target = targets.get(figure) or Target(figure.get("id"), FIGURE, "")
            if reason := why_nothing_shown(figure):
                self._complain(f"{target.label if target.number else 'a figure'} {reason}", target)

    def _figure(self, figure: ET.Element, target: Target) -> None:
        if "ld" not in _classes(figure):
            figure.set("class", " ".join([*_classes(figure), "ld"]))
        caption = next((child for child in figure if child.tag == "figcaption"), None)
        if caption is None or not _said(caption):
            cure = "write one line that says what it shows"
            self._complain(f"{target.label} has no caption; {cure}", target)
        if caption is not None:
            _begin(caption, f"{target.label}.")
        for image in figure.iter("img"):
            if not (image.get("alt") or "").strip():
                address = image.get("src", "")
                line = self.page.source.line_of(rf"!\[\s*\]\(<?{re.escape(address)}", text=address) or target.line
                message = f"the image {image.get('src', '')!r} of {target.label} has no text for those who cannot see it"
                self.page.complain(f"{message}; write ![what it shows]({image.get('src', '')})", line)

    def _equation(self, equation: ET.Element, target: Target) -> None:
        if [child.tag for child in equation] != [MATH] or (equation.text or "").strip():
            self._complain("an equation holds one formula and nothing else: $$ ... $$, on lines of its own", target)
        number = ET.SubElement(equation, "span", {"class": "ld-number"})
        number.text = f"({target.number})"

    def _section(self, heading: ET.Element, counter: Counter) -> Target:
        title = title_of(heading, self.md)
        number = counter.section(int(heading.tag[1]))
        if number:
            heading.set(_NUMBER, number)
            heading.set("data-toc-label", f"{number} {heading.get('data-toc-label', title)}")
        return Target(heading.get("id"), SECTION, number, title)

    def _complain(self, message: str, target: Target) -> None:
        line = target.line
        if line is None and target.id:
            line = self.page.source.line_of(rf"id: *[\"']?{re.escape(target.id)}\b", text=target.id)
        self.page.complain(message, line)


def _by_id(targets: Sequence[Target]) -> dict[str, Target]:
    """What references can name; of two with one id the first counts, to which a browser goes. Captions have their labels."""
    labels = {target.id: target.label for target in reversed(targets) if target.id}
    named = {str(target.id): target for target in reversed(targets) if target.id and re.fullmatch(ID, target.id)}
    return {name: replace(target, text=with_labels(target.text, labels)) for name, target in reversed(named.items())}


class SectionNumbers(Treeprocessor):
    """Runs after the table of contents is made: a heading's address does not change with its number."""

    def run(self, root: ET.Element) -> None:
        """Write the numbers into the headings."""
        for heading in root.iter():
            if number := heading.attrib.pop(_NUMBER, None):
                _begin(heading, number)


def _floats(element: ET.Element) -> Iterator[ET.Element]:
    """Figures and equations; a figure inside another is a part of it."""
    for child in element:
        if child.tag == "figure" or EQUATION_CLASS in _classes(child):
            yield child
        else:
            yield from _floats(child)


def _classes(element: ET.Element) -> list[str]:
    return (element.get("class") or "").split()


def _said(caption: ET.Element) -> str:
    """The author's words in a caption, which the footer of a figure follows."""
    own = itertools.takewhile(lambda child: "ld-about" not in _classes(child), caption)
    return "".join([caption.text or "", *(text for child in own for text in child.itertext())]).strip()


def _begin(element: ET.Element, number: str) -> None:
    """Write a number before the first words of a caption or heading."""
    first = element[0] if len(element) and element[0].tag == "p" and not (element.text or "").strip() else element
    label = ET.Element("span", {"class": "ld-number"})
    label.text = number
    label.tail = f" {first.text or ''}"
    first.text = None
    first.insert(0, label)
