"""The citations of a page as elements: what pandoc wrote, with links to the references and ids to come back to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from lensdoc.publish.citations.citing import Citation, CitedWork
from lensdoc.publish.citations.inlines import Elements, Inline, inside, pieces_of, text_of
from lensdoc.publish.citations.library import authors_of
from lensdoc.publish.citations.notes import Notes
from lensdoc.publish.citations.references import anchor
from lensdoc.publish.citations.syntax import Cited

if TYPE_CHECKING:
    from lensdoc.publish.citations.page import PageCitations


class Writing:
    """Writes the citations of one page, and knows its references after that."""

    def __init__(self, page: PageCitations, root: ET.Element) -> None:
        """Nothing is written yet; `root` is the tree of the page."""
        self.page = page
        self.root = root
        self.pieces: list[ET.Element] = []
        self.places: dict[str, list[str]] = {}
        """The ids of the citing places of each key."""
        self.entries: list[tuple[str, list[Inline]]] = []
        """The references in the order of the list, each with its key."""
        self.authors: dict[ET.Element, str] = {}
        """What stays of the citations in sentences where they cannot be shown."""

    def write(self) -> Writing:
        """Write everything that is cited."""
        page, library = self.page, self.page.library
        keys = [key for key in page.wanted() if key in library.works]
        self.keys = {library.identifier(key): library.works[key].key for key in keys}
        self.places = {key: [] for key in self.keys.values()}
        notes = Notes(self.root, page.reading) if page.library.style.notes else None
        citations = [self._citation(page.found[element], notes.number(element) if notes else 0) for element in page.reading]
        listed = [library.identifier(key) for key in page.nocite() if key in library.works]
        written = library.cite(citations, [identifier for identifier in listed if identifier in self.keys])
        self.entries = [(self.keys[name], entry) for name, entry in written.entries if name in self.keys]
        for key in [key for key, entry in self.entries if not text_of(entry).strip() and not notes]:
            page.complain_of_key(f"the style writes nothing of the work {key!r}, whose type it does not know", key)
        # Some styles with notes list no unpublished works: the note says all.
        self.entries = [(key, entry) for key, entry in self.entries if text_of(entry).strip()]
        self.linked = {key for key, _ in self.entries}
        texts = self._named(page.reading, written.citations)
        parents = {child: parent for parent in self.root.iter() for child in parent}
        for element in page.reading:
            self._complain_of_missing_locators(element, texts[element])
            self._fill(element, texts[element], notes)
            if element in parents and _raised(element):
                _close_up(element, parents[element])
        if notes:
            notes.place(page.list)
        return self

    def _citation(self, cited: Cited, note: int) -> Citation:
        return Citation([self._cited_work(cited, n) for n in range(len(cited.cites))], note)

    def _cited_work(self, cited: Cited, n: int) -> CitedWork:
        cite = cited.cites[n]
        mode = "SuppressAuthor" if cite.hidden else "AuthorInText" if cited.narrative and n == 0 else "NormalCitation"
        before = pieces_of(cite.before, self.pieces) if cite.before is not None else []
        after = pieces_of(cite.after, self.pieces) if cite.after is not None else []
        while before and before[-1]["t"] == "Space":
            before.pop()
        return CitedWork(self.page.library.identifier(cite.key), mode, cite.locator, before, after)

    def _named(self, reading: Sequence[ET.Element], texts: Sequence[list[Inline]]) -> dict[ET.Element, list[Inline]]:
        """The texts of the citations; those in sentences begin with the authors, which styles with numbers leave out."""
        found = dict(zip(reading, texts, strict=True))
        cited = {element: self.page.found[element] for element in reading if self.page.found[element].narrative}
        cited = {element: one for element, one in cited.items() if one.cites[0].key in self.page.library.works}
        nameless = [element for element in cited if not authors_of(found[element])]
        names = self.page.library.names([cited[element].cites[0].key for element in nameless]) if nameless else {}
        for element in nameless:
            authors = names.get(cited[element].cites[0].key, [])
            text = found[element]
            between: list[Inline] = [] if not authors or (text and text[0]["t"] in {"Superscript", "Note"}) else [{"t": "Space"}]
            found[element] = [*authors, *between, *text]
            self.authors[element] = text_of(authors)
        for element, one in cited.items():
            self.authors.setdefault(element, text_of(authors_of(found[element])))
            if len(one.cites) == 1 and one.cites[0].after is None:
                found[element] = _wholly_linked(found[element])
        return found

    def _complain_of_missing_locators(self, element: ET.Element, text: Sequence[Inline]) -> None:
        """Some styles write no places in works, without a word."""
        shown = text_of(text)
        for cite in self.page.found[element].cites:
            number = re.search(r"\w+", cite.locator.numbers) if cite.locator and cite.key in self.page.library.works else None
            if cite.locator and number and number[0] not in shown:
                message = f"the style writes no places in works, so {cite.locator.written!r} of @{cite.key} is not shown"
                self.page.complain_of_key(message, cite.key)

    def _fill(self, element: ET.Element, text: Sequence[Inline], notes: Notes | None) -> None:
        """Write one citation into its element."""
        element.text = None
        linked: set[str] = set()

        def link(identifier: str) -> ET.Element | None:
            key = self.keys.get(identifier)
            if key is None or key not in self.linked:
                return None
            linked.add(key)
            self.places[key].append(f"cite-{anchor(key)}-{len(self.places[key]) + 1}")
            return ET.Element("a", {"class": "ld-cite", "id": self.places[key][-1], "href": f"#ref-{anchor(key)}"})

        elements = Elements(link, self.pieces)
        if notes:
            notes.fill(element, text, elements)
        else:
            elements.append(element, text)
        cited = dict.fromkeys(self.page.library.works[c.key].key for c in self.page.found[element].cites
                              if c.key in self.page.library.works)  # fmt: skip
        for key in cited:
            if key in self.linked and key not in linked:  # a range such as [1]–[3] names its ends
                own = f"cite-{anchor(key)}-{len(self.places[key]) + 1}"
                self.places[key].append(element.get("id") or own)
                element.set("id", self.places[key][-1])


def _wholly_linked(text: list[Inline]) -> list[Inline]:
    """A citation of one work in a sentence as one link, with the authors."""
    targets = {inline["c"][2][0] for inline in _links(text)}
    notes = any(inline["t"] == "Note" for inline in text)
    if len(targets) != 1 or notes:
        return text
    return [{"t": "Link", "c": [["", [], []], text, [targets.pop(), ""]]}]


def _links(inlines: Sequence[Inline]) -> list[Inline]:
    return [link for inline in inlines for link in ([inline] if inline["t"] == "Link" else _links(inside(inline)))]


def _raised(element: ET.Element) -> bool:
    """Whether a citation is a raised number and no more."""
    return not element.text and len(element) == 1 and element[0].tag == "sup" and not element[0].text


def _close_up(element: ET.Element, parent: ET.Element) -> None:
    """Take out the space before a raised number."""
    place = list(parent).index(element)
    if place:
        parent[place - 1].tail = (parent[place - 1].tail or "").rstrip()
    else:
        parent.text = (parent.text or "").rstrip()
