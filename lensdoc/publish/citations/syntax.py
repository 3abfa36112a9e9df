"""Pandoc's syntax of citations: `[see @a, p. 3; @b]`, `@a`, `@a [p. 3]`, `[-@a]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from html import unescape
from typing import cast
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import InlineProcessor as InlineTreeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, INLINE_PLACEHOLDER_RE

from lensdoc.core.names import near
from lensdoc.publish.citations.locators import Locator, read_locator

RESERVED = ("fig-", "sec-", "eq-", "tbl-", "Fig-", "Sec-", "Eq-", "Tbl-")
"""Keys that begin so are cross-references, the capital ones at the beginning of a sentence."""
KEY = r"(?:\{[^{}\s\x02\x03]+\}|\w(?:[:.#$%&+?<>~/-]?\w)*(?<!_))"
"""A key ends before an underscore, which may end an emphasis; braces hold one that does not."""
_BEGINS = r"(?<![^\W_])(?<![^\W_]_)(?<![^\W_]__)(?<![/@.:=\\])"
"""What stands before an @ that cites: no word, and no underscore of one, but one that begins an emphasis."""
_CITED = re.compile(rf"{_BEGINS}(?P<hidden>-?)@(?P<key>{KEY})")
_INSIDE = r"(?:[^\[\]]|\[[^\[\]]*\])*"
_BRACKETS = rf"(?<!!)\[(?!\^)(?P<content>{_INSIDE})\](?![({{\[])"
_IN_TEXT = rf"{_BEGINS}@(?P<key>{KEY})(?:\s*\[(?P<content>{_INSIDE})\](?![({{\[]))?"

KEYS = "data-keys"
"""Attribute of a citation that is not written yet: its keys, after `;` where it stands in brackets."""
_ENTITY = r"&(?:#\d+|#[xX][\da-fA-F]+|\w+);"
_SPACE = re.compile(r"&(?:nbsp|thinsp|ensp|emsp|#160|#[xX][aA]0);")
_MENTIONS = ("magic-int-mention", "magic-ext-mention")
"""Patterns of pymdownx.magiclink, which makes a name such as `@someone` a link."""
_SILENT = {"a", "code", "kbd", "pre", "samp", "var"}
"""Tags that authors write, and in which nothing is cited."""

Matched = tuple[ET.Element | None, int | None, int | None]


@dataclass
class Cite:
    """One part of a citation; what stands around the key may hold Markdown."""

    key: str
    hidden: bool = False
    locator: Locator | None = None
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
        """Args:
        md: The converter.
        pattern: What a citation looks like.
        found: Receives each citation, by the element that stands for it.
        complain: Told of each mistake: the message, and what is written.
        """  # noqa: D205
        super().__init__(pattern, md)
        self.found = found
        self.complain = complain

    def silent(self, before: str) -> bool:
        """Whether a tag of the author that nothing is cited in is open behind a text."""
        nodes = cast("InlineTreeprocessor", self.md.treeprocessors["inline"]).stashed_nodes
        open_tags: list[str] = []
        for found in INLINE_PLACEHOLDER_RE.finditer(before):
            node = nodes.get(found[1])
            raw = HTML_PLACEHOLDER_RE.fullmatch(node) if isinstance(node, str) else None
            written = str(self.md.htmlStash.rawHtmlBlocks[int(raw[1])]) if raw else ""
            tag = re.match(r"<(/?)(\w+)", written)
            name = tag[2].lower() if tag else ""
            if not tag or name not in _SILENT:
                continue
            if not tag[1]:
                open_tags.append(name)
            elif name in open_tags:
                open_tags.remove(name)
        return bool(open_tags)

    def keep(self, cited: Cited) -> ET.Element:
        """The element that stands for a citation."""
        element = ET.Element("span", {"class": "ld ld-citation", KEYS: "" if cited.narrative else ";"})
        element.set(KEYS, " ".join([element.get(KEYS, ""), *(cite.key for cite in cited.cites)]))
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
        if self.silent(data[: m.start(0)]):
            return None, None, None
        cites = read_cites(m["content"])
        keys = [_CITED.search(part) for part in split_parts(m["content"])]
        if not cites and len(keys) > 1 and keys[0] and not reserved(_bare(keys[0]["key"])):
            self.complain(
                f"[{' '.join(m['content'].split())}] is no citation: each part between semicolons names one work",
                m[0],
            )
        if not cites:
            return None, None, None
        named = [reserved(cite.key) for cite in cites]
        if any(named):
            if not all(named):
                self.complain(f"[{m['content']}] mixes citations and cross-references; give each brackets of its own", m[0])
            return None, None, None
        if joined := next((part for part in split_parts(m["content"]) if _several(part)), None):
            self.complain(f"{joined.strip()!r} names several works; semicolons stand between them: [@a; @b]", m[0])
        return self.keep(Cited(cites)), m.start(0), m.end(0)


class InText(Citations):
    """Citations whose authors the sentence names, with or without brackets behind."""

    def __init__(
        self,
        md: Markdown,
        found: dict[ET.Element, Cited],
        complain: Callable[[str, str], None],
        works: Callable[[], Collection[str]],
    ) -> None:
        """Args:
        md: The converter.
        found: Gets what is cited.
        complain: Told of mistakes, with a pattern of the place.
        works: Gives the keys of the bibliography.
        """  # noqa: D205
        super().__init__(md, _IN_TEXT, found, complain)
        self.works = works

    def handleMatch(self, m: re.Match[str], data: str) -> Matched:  # type: ignore[override]  # noqa: N802 - its name
        """Keep the citation, with what stands in brackets behind it where that belongs to it."""
        cite = Cite(_bare(m["key"]))
        if reserved(cite.key) or self.silent(data[: m.start(0)]) or self._is_mention(cite.key):
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

    def _is_mention(self, key: str) -> bool:
        """Whether a name is left to magiclink: where that is used, a key is one of the bibliography or nearly one."""
        if not any(name in self.md.inlinePatterns for name in _MENTIONS):
            return False
        works = self.works()
        return key not in works and not near(key, works)


def reserved(key: str) -> bool:
    """Whether a key names a part of the article, and not a work."""
    return key.startswith(RESERVED)


def _several(part: str) -> bool:
    return len([found for found in _CITED.finditer(part) if not reserved(_bare(found["key"]))]) > 1


def split_parts(content: str) -> list[str]:
    """The parts of a citation between semicolons, without those inside brackets or of an entity."""
    parts = [""]
    for piece in re.split(rf"({_ENTITY}|;(?![^\[]*\]))", content):
        if piece == ";" or (piece.startswith("&") and piece.endswith(";") and unescape(piece) == piece):
            parts[-1] += piece[:-1]
            parts.append("")
        else:
            parts[-1] += piece
    return parts


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
    text = _SPACE.sub("\u00a0", text)
    braced = re.match(r"\s*,?\s*\{([^{}]*)\}", text)
    if braced:
        cite.locator, more = read_locator(f", {braced[1]}")
        cite.locator = cite.locator or Locator("page", braced[1].strip(), braced[1].strip())
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


def pattern_of(key: str) -> str:
    """What a citation of a key looks like in the source."""
    name = re.escape(key)
    return rf"(?<![^\W_])(?<![/@.:=\\])@(?:{name}(?![:.#$%&+?<>~/-]?\w)|\{{{name}\}})"
