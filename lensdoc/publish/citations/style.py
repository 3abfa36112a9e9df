"""CSL styles: finding one, and writing citations and references in it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, Locator
from citeproc.source import BibliographySource
from lxml import etree

from lensdoc.publish.citations.bibliography import Work
from lensdoc.publish.citations.files import kept
from lensdoc.publish.citations.marks import (
    BOLD,
    CITE,
    CLOSE,
    NAMES,
    NUMBER,
    SUPERSCRIPT,
    Formatter,
    clean,
    plain,
    span,
    tidy,
)
from lensdoc.publish.citations.works import reference
from lensdoc.records.errors import PublishError, nearest

FOLDER = Path(__file__).parent / "styles"
_NAMES_ALONE = """<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
<info><title>Names</title><id>names</id><updated>2026-01-01T00:00:00+00:00</updated></info>
<citation et-al-min="3" et-al-use-first="1"><layout><names variable="author"><name form="short" and="text"/>
<substitute><names variable="editor"/><text variable="title"/></substitute></names></layout></citation></style>"""
"""How a style that cites by numbers names the authors in a sentence."""


def find_style(name: str, root: Path) -> Path:
    """The file of a style: one of ours by its name, any other by its path.

    Raises:
        PublishError: There is no such style.
    """
    if name.endswith(".csl"):
        if not (root / name).is_file():
            raise PublishError(f"the style {name!r} does not exist; a path to a .csl file is relative to mkdocs.yml")
        return root / name
    ours = sorted(path.stem for path in FOLDER.glob("*.csl"))
    if name not in ours:
        raise PublishError(f"unknown style {name!r}; {nearest(name, ours)}; or name a .csl file by its path")
    return FOLDER / f"{name}.csl"


@kept
def read_style(path: Path) -> Any:  # noqa: ANN401 - citeproc-py has no types
    """Read a CSL file.

    Raises:
        PublishError: It is no style, or one that cannot stand in a text.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            style = CitationStylesStyle(str(path))
    except (etree.XMLSyntaxError, UserWarning, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise PublishError(f"{path.name} is no CSL style that can be read: {reason}") from None
    return _prepared(style, path.name)


def _prepared(style: Any, name: str) -> Any:  # noqa: ANN401
    if style.root.citation is None:
        raise PublishError(f"{name} depends on another style; name that one")
    if style.root.get("class") != "in-text" or style.root.bibliography is None:
        raise PublishError(f"{name} writes notes; choose a style that cites in the text and has a list of references")
    for element in style.root.xpath_search("//cs:names[not(ancestor::cs:substitute)]"):
        element.set("font-style", "oblique")
    for element in style.root.xpath_search("//cs:text[@variable='citation-number']"):
        element.set("font-weight", "light")
    for locale in style.root.locales:  # five hundred terms, looked through for each word that a style takes from them
        locale.get_term, locale.get_option = cache(locale.get_term), cache(locale.get_option)
    style.elements = list(style.root.iter())  # what nobody keeps lxml makes anew each time that it is visited
    for element in style.elements:
        element.xpath_search = cache(element.xpath_search)
    return style


@dataclass(frozen=True)
class Pointer:
    """A work and the place in it, as one part of a citation has them."""

    key: str
    locator: tuple[str, str] | None = None
    before: str = ""
    """Marked text that stands before."""
    after: str = ""
    """Marked text that stands behind."""
    without_author: bool = False


@dataclass
class References:
    """The works that a page cites, in the order of first citation, written in one style."""

    style: Any
    works: Sequence[Work]
    memory: dict[object, Any] = field(default_factory=dict)
    """What other pages of a build have read or written of the same works, in the same style."""
    _suffix: dict[str, str] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the works, and tell apart those that would read alike."""
        self._ids = {work.key: f"w{n}" for n, work in enumerate(self.works)}
        self._bibliography = self._registered()
        self._etal = str(self.style.root.get_single_term(name="et-al") or "et al.")
        self._quotes = str(self.style.root.get_locale_option("punctuation-in-quote")).lower() == "true"
        self._suffix = self._suffixes()
        if self._suffix:
            self._bibliography = self._registered()

    def order(self) -> list[str]:
        """Keys in the order of the list."""
        keys = {name: key for key, name in self._ids.items()}
        return [keys[name] for name in self._bibliography.keys]

    def entries(self) -> list[str]:
        """The references as marked text, in the order of the list."""
        return [self._tidy(self._numbered(("entry", key), key, self._entry)) for key in self.order()]

    def authors(self, key: str) -> str:
        """The authors of a work, as the style names them in a sentence."""
        text = self._part(Pointer(key))
        bounds = span(text, NAMES)
        if bounds:
            return self._tidy(text[bounds[0] + 1 : bounds[1] - 1])
        name = ("authors", key)
        if name not in self.memory:
            names = CitationStylesBibliography(_names_style(), self._bibliography.source, Formatter())
            layout = names.style.root.citation.layout
            self.memory[name] = self._tidy(str(_render(layout, _item(names, self._ids[key], None)) or ""))
        return str(self.memory[name])

    def citation(self, pointers: Sequence[Pointer], *, narrative: bool = False) -> str:
        """The text of a citation, each part of which is marked as `CITE`, in the order in which `sorted_pointers` has them."""
        layout = self.style.root.citation.layout
        narrative = narrative and pointers[0].key in self._ids
        whole = narrative and len(pointers) == 1 and not pointers[0].after
        parts = []
        for n, pointer in enumerate(self.sorted_pointers(pointers)):
            text = self._part(pointer, without_author=pointer.without_author or (narrative and n == 0))
            parts.append(f"{pointer.before}{text if whole else CITE + text + CLOSE}{pointer.after}")
        text = self._tidy(str(layout.format(layout.wrap(layout.join(parts)))))
        if not narrative:
            return text
        text = f"{self.authors(pointers[0].key)}{'' if text.startswith(SUPERSCRIPT) else ' '}{text}"
        return f"{CITE}{text}{CLOSE}" if whole else text

    def sorted_pointers(self, pointers: Sequence[Pointer]) -> list[Pointer]:
        """The parts of a citation as the style orders them; words that stand between them keep the author's order."""
        sort = self.style.root.citation.sort
        if sort is None or any(pointer.before or pointer.after or pointer.key not in self._ids for pointer in pointers):
            return list(pointers)
        layout = self.style.root.citation.layout
        items = [_item(self._bibliography, self._ids[pointer.key], None) for pointer in pointers]
        places = {id(item): pointer for item, pointer in zip(items, pointers, strict=True)}
        return [places[id(item)] for item in sort.sort(items, layout)]

    def _part(self, pointer: Pointer, *, without_author: bool = False) -> str:
        if pointer.key not in self._ids:
            return f"{BOLD}{clean(pointer.key)}?{CLOSE}"
        text = self._numbered(("part", pointer.key, pointer.locator), pointer.key, lambda _: self._whole_part(pointer))
        bounds = span(text, NAMES) if without_author else None
        return re.sub(r"^[\s,;.:]+", "", f"{text[: bounds[0]]}{text[bounds[1] :]}") if bounds else text

    def _whole_part(self, pointer: Pointer) -> str:
        citation = self.style.root.citation
        citation.cites = []  # what styles ask of the places before; every citation stands for itself
        locator = pointer.locator and self._locator(*pointer.locator)
        return str(_render(citation.layout, _item(self._bibliography, self._ids[pointer.key], locator)) or "")

    def _entry(self, key: str) -> str:
        layout = self.style.root.bibliography.layout
        text = _render(layout, _item(self._bibliography, self._ids[key], None))
        return str(layout.format(layout.wrap(text or "")))

    def _numbered(self, name: tuple[object, ...], key: str, write: Callable[[str], str]) -> str:
        """What is written of a work, from memory where another page had it; only its number is of this page."""
        name = (*name, self._suffix.get(key))
        if name not in self.memory:
            self.memory[name] = write(key)
        number = self._bibliography.keys.index(self._ids[key]) + 1
        return re.sub(rf"{NUMBER}\d+{CLOSE}", f"{NUMBER}{number}{CLOSE}", self.memory[name])

    def _locator(self, label: str, numbers: str) -> Locator:
        known = self.style.root.get_term(label) is not None
        return Locator(label, numbers) if known else Locator("page", f"{label} {numbers}")

    def _registered(self) -> CitationStylesBibliography:
        source = BibliographySource()
        for work in self.works:
            name = ("reference", work.key, self._suffix.get(work.key))
            if name not in self.memory:
                self.memory[name] = reference(work, self._suffix.get(work.key, ""))
            source[self._ids[work.key]] = self.memory[name]
        bibliography = CitationStylesBibliography(self.style, source, Formatter())
        bibliography.register(Citation([CitationItem(name) for name in self._ids.values()]))
        if self.works:
            bibliography.sort()
        return bibliography

    def _suffixes(self) -> dict[str, str]:
        if self.style.root.citation.get("disambiguate-add-year-suffix") != "true":
            return {}
        alike: dict[str, list[str]] = {}
        for key in self.order():
            alike.setdefault(plain(self._part(Pointer(key))), []).append(key)
        return {key: letters(n) for keys in alike.values() if len(keys) > 1 for n, key in enumerate(keys)}

    def _tidy(self, text: str) -> str:
        return tidy(text, self._etal, quotes_hold_points=self._quotes)


def letters(number: int) -> str:
    """a, b, ... z, aa, ab: the number-th, from 0 on."""
    return (letters(number // 26 - 1) if number >= 26 else "") + "abcdefghijklmnopqrstuvwxyz"[number % 26]  # noqa: PLR2004 - letters


def split_number(entry: str) -> tuple[str, str]:
    """The number that begins a reference, with its brackets, and the rest."""
    found = re.match(rf"[\[(]?{NUMBER}\d+{CLOSE}[\])]?\.?\s*", entry)
    return (plain(found[0]).strip(), entry[found.end() :]) if found else ("", entry)


def _item(bibliography: CitationStylesBibliography, name: str, locator: Locator | None) -> CitationItem:
    item = CitationItem(name, locator=locator) if locator else CitationItem(name)
    Citation([item]).bibliography = bibliography
    return item


def _render(layout: Any, item: CitationItem) -> object:  # noqa: ANN401
    layout.repressed = {}
    return layout.render_children(item)


@cache
def _names_style() -> Any:  # noqa: ANN401
    return CitationStylesStyle(BytesIO(_NAMES_ALONE.encode()), validate=False)
