"""References: `@fig-two`, `[@fig-two; @tbl-sizes]`, `[](#fig-two)` and `[](factors.md#fig-two)`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from lensdoc.core.errors import PublishError
from lensdoc.publish.crossrefs.other_pages import WAITS, label, resolve
from lensdoc.publish.state.page import PageState
from lensdoc.publish.state.targets import PageTarget, Reference, Target
from lensdoc.publish.syntax.grammar import ID, REFERENCE_CLASS, REFERENCES_CLASS, UNKNOWN_REFERENCE, WORDS

_KEY = rf"@(?i:{'|'.join(WORDS)})-[\w-]*[^\W_]"
SINGLE = rf"(?<![^\W_])(?<![@/.]){_KEY}"
"""A reference in prose."""
SEVERAL = rf"\[(-?{_KEY}(?:[ \n]*;[ \n]*-?{_KEY})*)\]"
"""References in brackets; a minus leaves the word `Figure` out."""
_BARE = "data-bare"
_WRITTEN_ID = re.compile(r"(?:\bid:[ ]*[\"']?|\|[ ]*#|\{:?[ ]*#)([\w-]+)")
"""An id as authors give one, to a block or a heading."""
_EMPTY = re.compile(rf"(?P<page>[^#?:]+\.md)?#(?P<id>{ID})(?P<state>:.*)?")


class Single(InlineProcessor):
    """`@fig-two` becomes a link without words, which are found once everything has its number."""

    ANCESTOR_EXCLUDES = ("a",)

    # Python-Markdown's base class declares narrower results than it uses.
    def handleMatch(  # type: ignore[override]  # noqa: N802 - its name
        self, m: re.Match[str], data: str
    ) -> tuple[ET.Element, int, int]:
        """The link."""
        del data
        return _link(m[0]), m.start(0), m.end(0)


class Several(InlineProcessor):
    """`[@fig-two; @fig-five]` becomes a row of such links."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # noqa: N802 - its name
        self, m: re.Match[str], data: str
    ) -> tuple[ET.Element, int, int]:
        """The row."""
        del data
        group = ET.Element("span", {"class": REFERENCES_CLASS})
        group.extend(_link(key.strip()) for key in m[1].split(";"))
        return group, m.start(0), m.end(0)


def _link(key: str) -> ET.Element:
    kind, _, rest = key.lstrip("-@").partition("-")
    link = ET.Element("a", {"class": REFERENCE_CLASS, "href": f"#{kind.lower()}-{rest}"})
    if key.startswith("-"):
        link.set(_BARE, "")
    return link


class References(Treeprocessor):
    """Runs after the numbering: links to numbered things that have no words get theirs.

    Those that lead to other pages wait in an element of their own where the engine tells when all pages are rendered.
    """

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Resolve the references; one that leads nowhere is reported and shown as `??`."""
        found_here = self.page.build.targets.get(self.page.path)
        self.targets = found_here.by_id if found_here else {}
        links = [(link, parts) for link in root.iter("a") if (parts := _read_link(link))]
        self.written = set(_WRITTEN_ID.findall("\n".join(self.page.source.lines))) if links else set()
        found = {link: self._find(link, parts) for link, parts in links}
        for group in root.iter("span"):
            if group.get("class") == REFERENCES_CLASS:
                _join(group, [found.get(link) for link in group])
        for link in list(root.iter("a")):
            if link not in found:
                self._check_words(link)
            elif not link.text:
                self._write(link, found[link])

    def _check_words(self, link: ET.Element) -> None:
        """Report a link without words to what cannot give it some."""
        address = link.get("href", "")
        if "#" in address and not len(link) and not (link.text or "").strip():
            cure = f"write some, or begin the id with {', '.join(f'{kind}-' for kind in WORDS)} as its kind asks"
            line = self.page.source.line_of(rf"\[\s*\]\({re.escape(address)}", text=address)
            self.page.complain(f"the link []({address}) has no words; {cure}", line)

    def _find(self, link: ET.Element, parts: re.Match[str]) -> Target | PageTarget | Reference | None:
        """To what a link leads; a reference to another page as long as its target is not known, None where there is none."""
        name = parts["id"]
        page = self.page.path_of(parts["page"]) if parts["page"] else None
        if name in self.targets and (parts["page"] is None or page == self.page.source_path()):
            return self.targets[name]
        reference = Reference(
            self.page.path,
            self._line(name),
            name,
            page=page,
            state=(parts["state"] or "").removeprefix(":"),
            is_bare=_BARE in link.attrib,
            is_written_here=name in self.written,
        )
        if self.page.build.waits or self.page.is_survey:
            return reference
        try:
            return resolve(reference, self.page.build)
        except PublishError as error:
            self.page.complain(str(error), reference.line)
            return None

    def _line(self, name: str) -> int | None:
        kind, _, rest = name.partition("-")
        pattern = rf"(?:(?<![`\\])@(?i:{kind})-{re.escape(rest)}|\]\([^)]*#{re.escape(name)})(?![\w-])"
        return self.page.source.line_of(pattern, text=rest)

    def _write(self, link: ET.Element, found: Target | PageTarget | Reference | None) -> None:
        is_bare = link.attrib.pop(_BARE, None) is not None
        if REFERENCE_CLASS not in (link.get("class") or "").split():
            link.set("class", f"{link.get('class', '')} {REFERENCE_CLASS}".strip())
        if isinstance(found, Target):
            link.text = found.bare if is_bare else found.undivided
        elif isinstance(found, PageTarget):
            parts = _read_link(link)
            path = posixpath.relpath(found.page, posixpath.dirname(self.page.source_path() or "") or ".")
            link.set("href", f"{path}#{found.target.id}{(parts and parts['state']) or ''}")
            link.text, preview = label(found, self.page.build, is_bare=is_bare)
            if preview:
                link.set("data-preview", preview)
        else:
            link.tag, link.text = "span", UNKNOWN_REFERENCE
            del link.attrib["href"]
        if isinstance(found, Reference):
            # The table of contents takes these words, so that addresses do not change with the numbers of other pages.
            link.text = WORDS[found.name.partition("-")[0]][0]
            link.set(WAITS, str(len(self.page.build.waiting)))
            self.page.build.waiting.append(found)


def _join(group: ET.Element, found: Sequence[Target | PageTarget | Reference | None]) -> None:
    """Write `Figures 1 and 2` where the row is of one kind, and full labels otherwise."""
    links = list(group)
    kinds = {t.kind if isinstance(t, Target) and t.number else None for t in found}
    if len(links) > 1 and len(kinds) == 1 and (kind := kinds.pop()):
        for link, target in zip(links, found, strict=True):
            assert isinstance(target, Target)
            is_bare = link is not links[0] or _BARE in link.attrib
            link.text = target.bare if is_bare else f"{WORDS[kind][1]}\N{NO-BREAK SPACE}{target.bare}"
            link.attrib.pop(_BARE, None)
    for i, link in enumerate(links[:-1]):
        link.tail = " and " if i == len(links) - 2 else ", "


def _read_link(link: ET.Element) -> re.Match[str] | None:
    """What a link without words asks for; None for others."""
    if len(link) or (link.text or "").strip():
        return None
    return _EMPTY.fullmatch(link.get("href", ""))
