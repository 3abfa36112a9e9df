"""Citations and references of a page, as pandoc writes them in a style."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lensdoc.publish.citations.inlines import Inline, inside, words
from lensdoc.publish.citations.locators import Locator
from lensdoc.publish.citations.process import Pandoc, lock, pandoc
from lensdoc.publish.citations.styles import Style

_KEPT_ANSWERS = 1000
"""Answers of pandoc that are kept: `mkdocs serve` writes most pages again as they were."""
_LABELS = (
    "book", "chapter", "column", "figure", "folio", "issue", "line", "note", "opus", "page", "paragraph", "part", "section",
    "sub-verbo", "verse", "volume",
)  # fmt: skip
"""The labels of locators that pandoc knows; others stay in the text as they are written."""
_answers: OrderedDict[tuple[str, str, str, str], list[Any]] = OrderedDict()


@dataclass(frozen=True)
class CitedWork:
    """A work in a citation."""

    id: str
    """The identifier of its reference."""
    mode: str = "NormalCitation"
    """`NormalCitation`, `SuppressAuthor`, or `AuthorInText` where the sentence names the authors."""
    locator: Locator | None = None
    before: Sequence[Inline] = ()
    after: Sequence[Inline] = ()


@dataclass(frozen=True)
class Citation:
    """A citation, in the text or in a footnote."""

    works: Sequence[CitedWork]
    note: int = 0
    """The number of the note in which it stands; 0 outside of notes."""


@dataclass(frozen=True)
class Written:
    """What a page says of its works."""

    citations: list[list[Inline]] = field(default_factory=list)
    """The text of each citation."""
    entries: list[tuple[str, list[Inline]]] = field(default_factory=list)
    """The references in the order of the list, each with its identifier."""


class Citer:
    """Writes citations in one style; a page is one document of pandoc."""

    def __init__(self, style: Style, locale: str = "") -> None:
        """Args:
        style: The style.
        locale: The language of its words, such as `de-DE`; by default its own.
        """  # noqa: D205
        self.style = style
        self.locale = locale
        self.language = locale or style.locale
        self._words: Mapping[str, str] | None = None

    def write(self, citations: Sequence[Citation], listed: Sequence[str], texts: Mapping[str, str]) -> Written:
        """Write the citations of a page and its references.

        Args:
            citations: The citations in the order of reading.
            listed: Identifiers of works that no citation names and that are listed too.
            texts: The entries of all works by identifier, as BibLaTeX.

        Raises:
            PandocError: Pandoc cannot do it.
        """
        if any(work.locator for citation in citations for work in citation.works):
            self._words = self._words or self._terms()
        blocks: list[Any] = [{"t": "Para", "c": [self._cite(citation)]} for citation in citations]
        ids = [work.id for citation in citations for work in citation.works]
        known = [identifier for identifier in dict.fromkeys([*ids, *listed]) if identifier in texts]
        document = self._run_citeproc(self.style, blocks, known, texts, listed)
        found = [list(inside(block["c"][0])) for block in document[: len(citations)]]
        entries = [
            (entry["c"][0][0].removeprefix("ref-"), [inline for block in entry["c"][1] for inline in inside(block)])
            for block in document[len(citations) :]
            if block["t"] == "Div"
            for entry in block["c"][1]
        ]
        return Written(found, entries)

    def names(self, ids: Sequence[str], texts: Mapping[str, str]) -> dict[str, list[Inline]]:
        """The authors of works as a sentence names them, for a style that names none.

        Raises:
            PandocError: Pandoc cannot do it.
        """
        blocks: list[Any] = [{"t": "Para", "c": [self._cite(Citation([CitedWork(identifier)]))]} for identifier in ids]
        document = self._run_citeproc(self.style.of_names(), blocks, ids, texts)
        written = (inside(block["c"][0]) for block in document)
        return {name: [inline for part in text for inline in _unlinked(part)] for name, text in zip(ids, written, strict=False)}

    def _cite(self, citation: Citation) -> Inline:
        cites = [
            _citation(work.id, work.mode, citation.note, work.before, [*self._located(work.locator), *work.after])
            for work in citation.works
        ]
        return {"t": "Cite", "c": [cites, []]}

    def _located(self, locator: Locator | None) -> list[Inline]:
        """A place in a work as pandoc reads it: in braces, after the word that the style has for its kind."""
        if locator is None:
            return []
        word = (self._words or {}).get(locator.label)
        if word is None:
            return words(f", {locator.written}")
        return words(f", {{{f'{word} ' if word else ''}{locator.numbers}}}")

    def _terms(self) -> dict[str, str]:
        """The words of the style and its language for the parts of works."""
        entry = "@misc{terms, title={T}}\n"
        blocks: list[Any] = [{"t": "Para", "c": [self._cite(Citation([CitedWork("terms")]))]}]
        document = self._run_citeproc(self.style.of_terms(_LABELS), blocks, ["terms"], {"terms": entry})
        text = json.dumps(_plain(document[0]["c"]), ensure_ascii=False)
        found = (part.partition("=") for part in text.split("#") if "=" in part)
        return {label: word.strip() for label, _, word in found}

    def _run_citeproc(
        self, style: Style, blocks: list[Any], known: Sequence[str], texts: Mapping[str, str], listed: Sequence[str] = ()
    ) -> list[Any]:
        """The blocks that pandoc's citeproc makes of others, from memory where it has been asked the same before.

        Args:
            style: The style.
            blocks: Paragraphs of one citation each.
            known: Identifiers of the works that pandoc is to know.
            texts: Their entries.
            listed: Identifiers of works that are listed without being cited.
        """
        name = (style.name, self.language, self.locale, json.dumps([blocks, list(listed)]))
        if name not in _answers:
            with lock:
                process = pandoc(self.language)
                _tell(process, style, known, texts)
                document = json.dumps({"pandoc-api-version": process.api, "meta": _nocite(listed), "blocks": blocks})
                request = {"document": document, "style": style.name, "references": list(known)}
                request |= {"locale": self.locale} if self.locale else {}
                answer = process.ask("cite", len(blocks) + len(known), **request)
            _answers[name] = json.loads(answer["document"])["blocks"]
            if len(_answers) > _KEPT_ANSWERS:
                _answers.popitem(last=False)
        _answers.move_to_end(name)
        return _answers[name]


def _unlinked(inline: Inline) -> list[Inline]:
    return inside(inline) if inline["t"] == "Link" else [inline]


def _plain(inlines: Sequence[Inline]) -> str:
    return "".join(
        inline["c"] if inline["t"] == "Str" else " " if inline["t"] == "Space" else _plain(inside(inline)) for inline in inlines
    )


def _nocite(listed: Sequence[str]) -> dict[str, Any]:
    """The metadata that list works without a citation."""
    cites = [_citation(identifier) for identifier in listed]
    return {"nocite": {"t": "MetaInlines", "c": [{"t": "Cite", "c": [cites, []]}]}} if cites else {}


def _citation(
    identifier: str, mode: str = "NormalCitation", note: int = 0, before: Sequence[Inline] = (), after: Sequence[Inline] = ()
) -> dict[str, Any]:
    """A part of a citation as pandoc has it."""
    return {
        "citationId": identifier,
        "citationPrefix": list(before),
        "citationSuffix": list(after),
        "citationMode": {"t": mode},
        "citationNoteNum": note,
        "citationHash": 0,
    }


def _tell(process: Pandoc, style: Style, known: Sequence[str], texts: Mapping[str, str]) -> None:
    """Tell a process of the style and the works, unless it knows them."""
    if style.name not in process.styles:
        process.ask("style", name=style.name, address=style.address)
        process.styles.add(style.name)
    missing = [identifier for identifier in known if identifier not in process.references]
    if missing:
        process.ask("read", len(missing), text="".join(texts[identifier] for identifier in missing))
        process.references.update(missing)
