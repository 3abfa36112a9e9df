"""The citations of a page: found in the order of reading, written, and listed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from lensdoc.core.names import nearest
from lensdoc.publish.citations.library import Library
from lensdoc.publish.citations.reading_order import in_order
from lensdoc.publish.citations.references import ReferencesBlock, add_list, fill, places_of_lists
from lensdoc.publish.citations.syntax import KEY, KEYS, Bracketed, Cited, InText, pattern_of, reserved
from lensdoc.publish.citations.writing import Writing
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.processors import add
from lensdoc.publish.syntax.source import as_written, written_text

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_NOTHING = "the block 'references' has nothing to list; the page cites nothing"
_LIST = rf"/{{3,}} *{ReferencesBlock.NAME}\b"


class PageCitations:
    """The citations of the page that a converter renders, which its processors share."""

    def __init__(self, md: Markdown, state: PageState, library: Library) -> None:
        """Register the processors.

        Args:
            md: The converter.
            state: The page that it renders.
            library: The works that pages cite.
        """
        self.state = state
        self.library = library
        self.found: dict[ET.Element, Cited] = {}
        self.reading: list[ET.Element] = []
        self.list: ET.Element | None = None
        self.hidden: list[tuple[ET.Element, str | None, str | None]] = []
        if "@" not in md.ESCAPED_CHARS:
            md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "@"]
        if library.files:
            add(md, "inlinePatterns", "lensdoc_citations", Bracketed(md, self.found, self.complain))
            in_text = InText(md, self.found, self.complain, lambda: library.works)
            add(md, "inlinePatterns", "lensdoc_citations_in_text", in_text)
        else:
            add(md, "inlinePatterns", "lensdoc_citations", NoBibliography(md, self))
        add(md, "treeprocessors", "lensdoc_collect", Collect(md, self))
        add(md, "treeprocessors", "lensdoc_write", Write(md, self))
        add(md, "treeprocessors", "lensdoc_show", Show(md, self))

    def complain(self, message: str, written: str) -> None:
        """Report a mistake on the line that holds what an inline processor matched."""
        self.state.complain(message, self.state.source.line_of(as_written(written), text=written_text(written)))

    def complain_of_key(self, message: str, key: str) -> None:
        """Report a mistake on the line that cites a key."""
        self.state.complain(message, self.state.source.line_of(pattern_of(key), text=key))

    def wanted(self) -> list[str]:
        """The keys of all that the page cites or lists, known or not, in the order of reading."""
        cited = [cite.key for element in self.reading for cite in self.found[element].cites]
        return list(dict.fromkeys([*cited, *self.nocite()]))

    def nocite(self) -> list[str]:
        """Keys that the front matter adds to the list, `nocite: [a, b]`, or all of them: `nocite: "@*"`."""
        given = self.state.meta.get("nocite") or []
        keys = (
            re.split(r"[\s,;]+", given)
            if isinstance(given, str)
            else [str(key) for key in given]
            if isinstance(given, list)
            else []
        )
        keys = [key.strip().removeprefix("@") for key in keys if key.strip()]
        return list(self.library.works) if "*" in keys else keys


class NoBibliography(Bracketed):
    """Without a bibliography `@name` is only a name; what can be nothing but a citation is reported."""

    def __init__(self, md: Markdown, page: PageCitations) -> None:
        super().__init__(md, page.found, page.complain)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[None, None, None]:  # type: ignore[override]  # noqa: N802
        """Report a citation."""
        del data
        found = re.match(rf"-?@{KEY}", m["content"])
        if found and not reserved(found[0].lstrip("-@")):
            self.complain(
                f"[{found[0]}] cites, and there is no bibliography; name one in mkdocs.yml: lensdoc: {{bibliography: FILE.bib}}",
                m[0],
            )
        return None, None, None


class Collect(Treeprocessor):
    """Runs once inline Markdown is read: the citations in the order of reading, and the place of their list."""

    def __init__(self, md: Markdown, page: PageCitations) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Take what stands around keys out of the tree, and make the place for the list."""
        page = self.page
        page.reading = [element for element in in_order(root) if element in page.found]
        for element in page.reading:
            for child in list(element):
                element.remove(child)
        blocks = places_of_lists(root)
        lines = [page.state.source.line_of(_LIST) for _ in blocks]
        for block, line in zip(blocks[1:], lines[1:], strict=True):
            page.state.complain("the block 'references' stands twice; a page has one list", line)
            block.clear()
        page.list = blocks[0] if blocks else None
        if not blocks and any(key in page.library.works for key in page.wanted()):
            page.list = add_list(root)


class Write(Treeprocessor):
    """Runs before the table of contents: citations become text and links, and the list is filled."""

    def __init__(self, md: Markdown, page: PageCitations) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Write everything that is cited."""
        page, works = self.page, self.page.library.works
        for element in page.reading:
            element.attrib.pop(KEYS, None)
        self._complain_of_unknown()
        wanted = page.wanted()
        if any(key in works for key in wanted):
            page.library.check(wanted)
        if page.reading or any(key in works for key in wanted):
            written = Writing(page, root).write()
            self._hide(root, written)
            if page.list is not None and written.entries:
                fill(page.list, written.entries, written.places)
        elif page.list is not None and not wanted:
            page.state.complain(_NOTHING, page.state.source.line_of(_LIST))
        page.found.clear()

    def _hide(self, root: ET.Element, written: Writing) -> None:
        """Hide the text of citations in headings, for neither an anchor nor the contents should hold a number; names stay."""
        for element in (e for heading in root.iter() if heading.tag in _HEADINGS for e in heading.iter() if e in self.page.found):
            for part in element.iter():
                self.page.hidden.append((part, part.text, part.tail))
                part.text = None
                part.tail = part.tail if part is element else None
            element.text = AtomicString(written.authors.get(element, ""))

    def _complain_of_unknown(self) -> None:
        page, works = self.page, self.page.library.works
        for cite in (cite for element in page.reading for cite in page.found[element].cites):
            if cite.key not in works:
                page.complain_of_key(f"{_unknown(cite.key, works)}; a literal @ is written \\@", cite.key)
        for key in page.nocite():
            if key not in works:
                page.state.complain(f"nocite: {_unknown(key, works)}", page.state.line_of_meta("nocite"))


class Show(Treeprocessor):
    """Runs when the table of contents is made and the title read: what was hidden from it is shown."""

    def __init__(self, md: Markdown, page: PageCitations) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Give the citations of headings their text back."""
        del root
        for part, text, tail in self.page.hidden:
            part.text, part.tail = text, tail
        self.page.hidden.clear()


def _unknown(key: str, works: Iterable[str]) -> str:
    return f"no work {key!r} in the bibliography; {nearest(key, works)}"
