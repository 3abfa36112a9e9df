"""Styles that cite in notes: a citation becomes a footnote, numbered together with those of the author."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from lensdoc.publish.citations.inlines import Elements, Inline, add_text, inside, text_of
from lensdoc.publish.citations.reading_order import in_order

_PUNCTUATION = re.compile(r"[.,;:!?]+")


class Notes:
    """The notes of a page in the order of reading, those of its citations among them."""

    def __init__(self, root: ET.Element, reading: Sequence[ET.Element]) -> None:
        """Number them; `reading` are the citations of the page."""
        self.root = root
        self.parents = {child: parent for parent in root.iter() for child in parent}
        self.authors = {str(li.get("id")): li for li in root.iter("li") if str(li.get("id")).startswith("fn:")}
        self.numbers: dict[str, int] = {}
        """The number of each note by its id."""
        self.ids: dict[ET.Element, str] = {}
        """The id of the note of each citation, also where that stands in a note."""
        self.made: dict[str, ET.Element] = {}
        self.references: list[tuple[ET.Element, str]] = []
        cited = set(reading)
        for element in in_order(root):
            if element in cited:
                name = self._note_around(element) or f"fn:cite-{1 + len(self.ids)}"
                self.ids[element] = name
                self.numbers.setdefault(name, 1 + len(self.numbers))
            elif element.get("class") == "footnote-ref" and (name := str(element.get("href"))[1:]) in self.authors:
                self.numbers.setdefault(name, 1 + len(self.numbers))
                self.references.append((element, name))

    def number(self, element: ET.Element) -> int:
        """The number of the note in which a citation stands."""
        return self.numbers.get(self.ids.get(element, ""), 0)

    def fill(self, element: ET.Element, text: Sequence[Inline], elements: Elements) -> None:
        """Write one citation: into a note of its own, or into the note of the author in which it stands.

        Args:
            element: The place of the citation in the page.
            text: What pandoc wrote for it.
            elements: Makes elements of that.
        """
        name = self.ids.get(element, "")
        for inline in text:
            if inline["t"] != "Note":
                elements.append(element, [inline])
            elif name in self.authors:
                self._fill_in_note(element, inline, elements)
            else:
                self._make(element, name, inline, elements)

    def _note_around(self, element: ET.Element) -> str | None:
        """The id of the author's note in which an element stands."""
        around: ET.Element | None = element
        while around is not None and str(around.get("id")) not in self.authors:
            around = self.parents.get(around)
        return str(around.get("id")) if around is not None else None

    def _fill_in_note(self, element: ET.Element, note: Inline, elements: Elements) -> None:
        parent = self.parents.get(element)
        first = parent is not None and not (parent.text or "").strip() and len(parent) > 0 and parent[0] is element
        content = inside(note)
        if first and not len(element) and not element.text:
            elements.append(element, content)
            return
        add_text(element, " (" if (element.text or len(element)) else "(")
        elements.append(element, _without_point(content))
        add_text(element, ")")

    def _make(self, element: ET.Element, name: str, note: Inline, elements: Elements) -> None:
        place = name.replace("fn:", "fnref:", 1)
        self._pass_punctuation(element)
        raised = ET.SubElement(element, "sup", {"id": place})
        reference = ET.SubElement(raised, "a", {"class": "footnote-ref", "href": f"#{name}"})
        self.references.append((reference, name))
        item = ET.Element("li", {"id": name})
        paragraph = ET.SubElement(item, "p")
        elements.append(paragraph, inside(note))
        add_text(paragraph, "\u00a0")
        title = f"Jump back to footnote {self.numbers[name]} in the text"
        back = ET.SubElement(paragraph, "a", {"class": "footnote-backref", "href": f"#{place}", "title": title})
        add_text(back, "\u21a9\ufe0e")
        self.made[name] = item

    def _pass_punctuation(self, element: ET.Element) -> None:
        """Put the number of a note behind the punctuation that follows it, and close to the word before."""
        found = _PUNCTUATION.match(element.tail or "")
        points = found[0] if found else ""
        element.tail = (element.tail or "")[len(points) :]
        if element.text or len(element):
            add_text(element, points)
            return
        parent = self.parents.get(element)
        if parent is None:
            return
        place = list(parent).index(element)
        if place:
            parent[place - 1].tail = (parent[place - 1].tail or "").rstrip() + points
        else:
            parent.text = (parent.text or "").rstrip() + points

    def place(self, references: ET.Element | None) -> None:
        """Put the notes into the page in their order.

        Args:
            references: The place of the list of references, which notes stand before where it is at the end of the page.
        """
        for reference, name in self.references:
            reference.text = str(self.numbers[name])
        if not self.made:
            return
        notes = next((div for div in self.root.iter("div") if "footnote" in (div.get("class") or "").split()), None)
        if notes is None:
            notes = ET.Element("div", {"class": "footnote"})
            ET.SubElement(notes, "hr")
            ET.SubElement(notes, "ol")
            before = [child for child in self.root if child is references]
            heading = list(self.root).index(references) - 1 if before and references is not None else -1
            automatic = heading >= 0 and self.root[heading].get("id") == "references"
            self.root.insert(heading if automatic else len(self.root), notes)
        listed = notes.find("ol")
        if listed is None:
            return
        items = {**{str(item.get("id")): item for item in listed}, **self.made}
        listed[:] = sorted(items.values(), key=lambda item: self.numbers.get(str(item.get("id")), len(items) + 1))


def _without_point(content: list[Inline]) -> list[Inline]:
    """A citation without the point that ends it."""
    if content and content[-1]["t"] == "Str" and content[-1]["c"].endswith(".") and text_of(content).count(" "):
        return [*content[:-1], {"t": "Str", "c": content[-1]["c"][:-1]}]
    return content
