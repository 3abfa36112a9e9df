"""Pandoc's syntax of citations: `[see @a, p. 3; @b]`, `@a`, `@a [p. 3]`, `[-@a]`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor

from lensdoc.publish.citations.locators import read_locator
from lensdoc.publish.source import as_written

RESERVED = ("fig-", "sec-", "eq-", "tbl-", "Fig-", "Sec-", "Eq-", "Tbl-")
"""Keys that begin so are cross-references, the capital ones at the beginning of a sentence."""
KEY = r"(?:\{[^{}\s\x02\x03]+\}|\w(?:[:.#$%&+?<>~/-]?\w)*)"
_CITED = re.compile(rf"(?<![\w/@.:=\\])(?P<hidden>-?)@(?P<key>{KEY})")
_INSIDE = r"(?:[^\[\]]|\[[^\[\]]*\])*"
_BRACKETS = rf"(?<!!)\[(?!\^)(?P<content>{_INSIDE})\](?![({{\[])"
_IN_TEXT = rf"(?<![\w/@.:=\\])@(?P<key>{KEY})(?:\s*\[(?P<content>{_INSIDE})\](?![({{\[]))?"

Matched = tuple[ET.Element | None, int | None, int | None]


@dataclass
class Cite:
    """One part of a citation; what stands around the key may hold Markdown."""

    key: str
    hidden: bool = False
    locator: tuple[str, str] | None = None
    before: ET.Element | None = None
    after: ET.Element | None = None


@dataclass
class Cited:
    """A citation as it is written: `narrative` where the sentence names the authors."""

    cites: list[Cite]
    narrative: bool = False


class Citations(InlineProcessor):
    """Finds citations and leaves an empty element in the place of each; they are written when all of a page are known."""

    ANCESTOR_EXCLUDES = ("a",)

    def __init__(self, md: Markdown, pattern: str, found: dict[ET.Element, Cited], complain: Callable[[str, str], None]) -> None:
        super().__init__(pattern, md)
        self.found = found
        self.complain = complain

    def keep(self, cited: Cited) -> ET.Element:
        """The element that stands for a citation."""
        element = ET.Element("span", {"class": "ld ld-citation"})
        for cite in cited.cites:
            element.extend(part for part in (cite.before, cite.after) if part is not None)
        self.found[element] = cited
        return element


class Bracketed(Citations):
    """Citations in brackets."""

    def __init__(self, md: Markdown, found: dict[ET.Element, Cited], complain: Callable[[str, str], None]) -> None:
        super().__init__(md, _BRACKETS, found, complain)

    def handleMatch(self, m: re.Match[str], data: str) -> Matched:  # type: ignore[override]  # noqa: N802 - its name
        """Keep the citation, or leave what is none."""
        del data
        cites = read_cites(m["content"])
        keys = [_CITED.search(part) for part in split_parts(m["content"])]
        if not cites and len(keys) > 1 and keys[0] and not reserved(_bare(keys[0]["key"])):
            self.complain(
                f"[{' '.join(m['content'].split())}] is no citation: each part between semicolons names one work",
                as_written(m[0]),
            )
        if not cites:
            return None, None, None
        named = [reserved(cite.key) for cite in cites]
        if any(named):
            if not all(named):
                self.complain(
                    f"[{m['content']}] mixes citations and cross-references; give each brackets of its own", as_written(m[0])
                )
            return None, None, None
        return self.keep(Cited(cites)), m.start(0), m.end(0)


class InText(Citations):
    """Citations whose authors the sentence names, with or without brackets behind."""

    def __init__(self, md: Markdown, found: dict[ET.Element, Cited], complain: Callable[[str, str], None]) -> None:
        super().__init__(md, _IN_TEXT, found, complain)

    def handleMatch(self, m: re.Match[str], data: str) -> Matched:  # type: ignore[override]  # noqa: N802 - its name
        """Keep the citation, with what stands in brackets behind it where that belongs to it."""
        del data
        cite = Cite(_bare(m["key"]))
        if reserved(cite.key):
            return None, None, None
        content = m["content"]
        if content is None:
            return self.keep(Cited([cite], narrative=True)), m.start(0), m.end("key")
        first, *others = split_parts(content)
        more = read_cites(";".join(others)) if others else []
        if _CITED.search(first) or more is None or any(reserved(other.key) for other in more):
            return self.keep(Cited([cite], narrative=True)), m.start(0), m.end("key")
        _read_after(cite, f", {first.lstrip()}" if first.strip() else "")
        return self.keep(Cited([cite, *more], narrative=True)), m.start(0), m.end(0)


def reserved(key: str) -> bool:
    """Whether a key names a part of the article, and not a work."""
    return key.startswith(RESERVED)


def split_parts(content: str) -> list[str]:
    """The parts of a citation between semicolons, without those inside brackets or of an entity."""
    return re.split(r";(?![^\[]*\])", content)


def read_cites(content: str) -> list[Cite] | None:
    """The parts of a citation in brackets; None where one of them names no work."""
    cites = []
    for part in split_parts(content):
        found = _CITED.search(part)
        if not found:
            return None
        cite = Cite(_bare(found["key"]), hidden=bool(found["hidden"]))
        if before := part[: found.start()].strip():
            cite.before = _piece(f"{before} ")
        _read_after(cite, part[found.end() :].rstrip())
        cites.append(cite)
    return cites


def _read_after(cite: Cite, text: str) -> None:
    braced = re.match(r"\s*,?\s*\{([^{}]*)\}", text)
    if braced:
        cite.locator, more = read_locator(f", {braced[1]}")
        cite.locator = cite.locator or ("page", braced[1])
        text = more + text[braced.end() :] if cite.locator else text
    else:
        cite.locator, text = read_locator(text)
    if text.strip():
        cite.after = _piece(text)


def _piece(text: str) -> ET.Element:
    piece = ET.Element("span")
    piece.text = text
    return piece


def _bare(key: str) -> str:
    return key[1:-1] if key.startswith("{") else key
