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
from lensdoc.core.names import nearest
from lensdoc.publish.state.page import PageState
from lensdoc.publish.state.targets import PageTarget, Target
from lensdoc.publish.syntax.grammar import ID, WORDS

REFERENCE = "ld-ref"
MISSING = "??"
_KEY = rf"@(?i:{'|'.join(WORDS)})-[\w-]*[^\W_]"
SINGLE = rf"(?<![^\W_])(?<![@/.]){_KEY}"
"""A reference in prose."""
SEVERAL = rf"\[(-?{_KEY}(?:[ \n]*;[ \n]*-?{_KEY})*)\]"
"""References in brackets; a minus leaves the word `Figure` out."""
_GROUP = "ld-refs"
_BARE = "data-bare"
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
        group = ET.Element("span", {"class": _GROUP})
        group.extend(_link(key.strip()) for key in m[1].split(";"))
        return group, m.start(0), m.end(0)


def _link(key: str) -> ET.Element:
    kind, _, rest = key.lstrip("-@").partition("-")
    link = ET.Element("a", {"class": REFERENCE, "href": f"#{kind.lower()}-{rest}"})
    if key.startswith("-"):
        link.set(_BARE, "")
    return link


class References(Treeprocessor):
    """Runs after the numbering: links to numbered things that have no words get theirs."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Resolve the references; one that leads nowhere is reported and shown as `??`."""
        self.page.build.pages.look_again()
        self.targets = self.page.build.targets.get(self.page.path, {})
        self.here = self.page.source_path() if any(_is_empty(link) for link in root.iter("a")) else None
        found = {id(link): self._resolve(link) for link in root.iter("a") if _is_empty(link)}
        for group in root.iter("span"):
            if group.get("class") == _GROUP:
                self._join(group, [found.get(id(link)) for link in group])
        for link in list(root.iter("a")):
            if id(link) in found and not link.text:
                self._write(link, found[id(link)])
            elif id(link) not in found:
                self._check_words(link)

    def _check_words(self, link: ET.Element) -> None:
        """Report a link without words to what cannot give it some."""
        address = link.get("href", "")
        if "#" in address and not len(link) and not (link.text or "").strip():
            cure = f"write some, or begin the id with {', '.join(f'{kind}-' for kind in WORDS)} as its kind asks"
            line = self.page.source.line_of(rf"\[\s*\]\({re.escape(address)}")
            self.page.complain(f"the link []({address}) has no words; {cure}", line)

    def _resolve(self, link: ET.Element) -> Target | PageTarget | None:
        asked = _EMPTY.fullmatch(link.get("href", ""))
        assert asked
        try:
            return self._find(asked["page"], asked["id"])
        except PublishError as error:
            self.page.complain(str(error), self._line(asked["id"]))
            return None

    def _line(self, name: str) -> int | None:
        kind, _, rest = name.partition("-")
        pattern = rf"(?:(?<![`\\])@(?i:{kind})-{re.escape(rest)}|\]\([^)]*#{re.escape(name)})(?![\w-])"
        return self.page.source.line_of(pattern, text=rest)

    def _find(self, page: str | None, name: str) -> Target | PageTarget:
        """The target of a reference.

        Raises:
            PublishError: There is none, or there are several on other pages; the message names the nearest ids.
        """
        if page is None and name in self.targets:
            return self.targets[name]
        found = [other for other in self.page.build.pages.find(name) if other.page != self.here]
        if page is not None:
            there = posixpath.normpath(posixpath.join(posixpath.dirname(self.here or ""), page))
            found = [other for other in found if other.page == there]
        pages = list(dict.fromkeys(other.page for other in found))
        if len(pages) == 1 and self.here is not None:
            return found[0]
        if len(pages) > 1:
            several = " and ".join(pages)
            raise PublishError(f"{name!r} stands on {several}; name the page: [](page.md#{name})")
        what = WORDS[name.partition("-")[0]][0].lower()
        written = [other for other in self.page.build.pages.all() if other.page == self.here]
        if any(other.target.id == name for other in written):
            raise PublishError(f"{what} {name!r} is written here, but its block is not shown: see what is said of the block")
        known = {*self.targets, *(str(other.target.id) for other in self.page.build.pages.all() if other not in written)}
        raise PublishError(f"no {what} {name!r}; {nearest(name, sorted(known))}")

    def _join(self, group: ET.Element, found: Sequence[Target | PageTarget | None]) -> None:
        """Write `Figures 1 and 2` where the row is of one kind, and full labels otherwise."""
        links = list(group)
        kinds = {t.kind if isinstance(t, Target) and t.number else None for t in found}
        if len(links) > 1 and len(kinds) == 1 and (kind := kinds.pop()):
            for link, target in zip(links, found, strict=True):
                assert isinstance(target, Target)
                bare = link is not links[0] or _BARE in link.attrib
                link.text = target.bare if bare else f"{WORDS[kind][1]} {target.bare}"
                link.attrib.pop(_BARE, None)
        for i, link in enumerate(links[:-1]):
            last = i == len(links) - 2
            link.tail = " and " if last else ", "

    def _write(self, link: ET.Element, found: Target | PageTarget | None) -> None:
        bare = link.attrib.pop(_BARE, None) is not None
        if REFERENCE not in (link.get("class") or "").split():
            link.set("class", f"{link.get('class', '')} {REFERENCE}".strip())
        if found is None:
            link.tag, link.text = "span", MISSING
            del link.attrib["href"]
        elif isinstance(found, Target):
            link.text = found.bare if bare else found.label
        else:
            link.text = found.target.bare if bare else found.label
            path = posixpath.relpath(found.page, posixpath.dirname(self.here or "") or ".")
            asked = _EMPTY.fullmatch(link.get("href", ""))
            link.set("href", f"{path}#{found.target.id}{(asked and asked['state']) or ''}")
            if found.target.text and found.target.kind in WORDS:
                link.set("data-preview", found.target.text)
            line = self._line(str(found.target.id))
            self.page.build.references.append((self.page.path, line, found))


def _is_empty(link: ET.Element) -> bool:
    return not len(link) and not (link.text or "").strip() and bool(_EMPTY.fullmatch(link.get("href", "")))
