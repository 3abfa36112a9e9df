"""The other pages of the site, read from their sources: engines render one page at a time and in any order."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import yaml

from lensdoc.publish.crossrefs.excerpts import Cite, plain
from lensdoc.publish.crossrefs.scan import scan
from lensdoc.publish.state.targets import PageTarget
from lensdoc.publish.syntax.grammar import CODE_SPAN, FRONT_MATTER, ID, VALUE
from lensdoc.publish.syntax.source import Source

_TITLE = re.compile(r"^#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\{[^{}]*\})?[ \t]*$", re.MULTILINE)
_STATE = re.compile(r"([^\s()<>#:]+\.md)#([^\s()<>:]+:[A-Za-z]+=[^\s()<>]+)")
"""What may be a link to a state of a figure on another page."""


@dataclass(frozen=True)
class _Read:
    """A page as it was when it was last read."""

    changed: int
    body: str
    targets: list[PageTarget]
    state_links: list[tuple[str, str]]
    """States of figures on other pages: the page, and what follows `#` in its address."""


def beside(here: str, page: str) -> str:
    """The path of a page below the folder of pages, as a link on another says it: `../b.md`, or from that folder on, `/b.md`."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(here), unquote(page))).lstrip("/")


@dataclass
class Pages:
    """The Markdown files of a folder; each is read when it is first asked for, and again if it has changed since."""

    folder: Path | None = None
    read: Callable[[str], str] = str
    """Gives the text of a code span that is a value."""
    cite: Cite = lambda key: (key, "")
    """Names the works that captions cite."""
    number_sections: bool = False
    only: Collection[str] | None = None
    """Paths of the pages that the build has; None where all are pages. Others may be translations, or drafts."""
    _known: dict[Path, _Read] = field(default_factory=dict)
    _by_id: dict[str, list[PageTarget]] | None = None
    _states: dict[str, list[str]] = field(default_factory=dict)

    def look_again(self) -> None:
        """Let the next question go to the files, and those after it to what was found: one look does for a page."""
        self._by_id = None

    def find(self, name: str) -> list[PageTarget]:
        """Where an id stands."""
        return self._index().get(name, [])

    def all(self) -> list[PageTarget]:
        """Everything that can be referred to."""
        return [target for found in self._index().values() for target in found]

    def _index(self) -> dict[str, list[PageTarget]]:
        if self._by_id is None:
            self._by_id, self._states = {}, {}
            for path in self._paths():
                read = self._page(path)
                for found in read.targets:
                    self._by_id.setdefault(str(found.target.id), []).append(found)
                for page, state in read.state_links:
                    self._states.setdefault(page, []).append(state)
        return self._by_id

    def path_of(self, lines: list[str]) -> str | None:
        """The page that has this text below its front matter, for engines that do not tell the page; None if it is not one."""
        body = "\n".join(lines).strip()
        found = [path for path in self._paths() if self._page(path).body.strip() == body]
        return self._name(found[0]) if len(found) == 1 else None

    def states_linked_to(self, page: str) -> list[str]:
        """The states of a page's figures to which other pages may link."""
        self._index()
        return self._states.get(page, [])

    def _paths(self) -> list[Path]:
        found = sorted(self.folder.rglob("*.md")) if self.folder else []
        return [path for path in found if self.only is None or self._name(path) in self.only]

    def _name(self, path: Path) -> str:
        assert self.folder
        return path.relative_to(self.folder).as_posix()

    def _page(self, path: Path) -> _Read:
        changed = path.stat().st_mtime_ns
        if path not in self._known or self._known[path].changed != changed:
            text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
            front = FRONT_MATTER.match(text)
            body = text[front.end() :] if front else text
            title = self._title(path, front[1] if front else "", body)
            first = 1 + text[: len(text) - len(body)].count("\n")
            targets = scan(Source(body.split("\n"), first), self.read, number_sections=self.number_sections, cite=self.cite)
            named = [PageTarget(self._name(path), title, t) for t in targets if t.id and re.fullmatch(ID, t.id)]
            state_links = [(beside(self._name(path), page), state) for page, state in _STATE.findall(body)]
            self._known[path] = _Read(changed, body, named, state_links)
        return self._known[path]

    def _title(self, path: Path, front: str, body: str) -> str:
        try:
            options = yaml.safe_load(front)
        except yaml.YAMLError:
            options = None
        if isinstance(options, dict) and isinstance(options.get("title"), str):
            return self._filled(options["title"])
        heading = _TITLE.search(body)
        return plain(heading[1], self.read) if heading else path.stem.replace("-", " ").replace("_", " ").capitalize()

    def _filled(self, title: str) -> str:
        """A title of front matter, which is no Markdown, with the text of its values."""
        text = re.sub(CODE_SPAN, lambda span: self.read(span[2]) if VALUE.match(span[2]) else span[0], title)
        return " ".join(text.split())
