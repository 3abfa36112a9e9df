"""What a reference can lead to, and how it is called in prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest
from lensdoc.publish.syntax.grammar import EQUATION, FIGURE, TABLE, WORDS


@dataclass(frozen=True)
class Target:
    """A figure, table, equation or section."""

    id: str | None
    """None: it has a number, and nothing can refer to it."""
    kind: str
    """`fig`, `tbl`, `eq` or `sec`."""
    number: str
    """Empty for a section where sections have no numbers."""
    text: str = ""
    """Title of a section, TeX of an equation, caption of a figure or table as `crossrefs.wording` gives it."""
    line: int | None = None
    """Line of the file at which it begins, where the source tells it."""

    @property
    def bare(self) -> str:
        """What stands for it without the word before: its number, or its title in quotation marks."""
        return self.number or f"“{self.text}”"

    @property
    def label(self) -> str:
        """What stands for it in prose: `Figure 2`, or the title of a section without a number."""
        return f"{WORDS[self.kind][0]} {self.number}" if self.number else self.bare

    @property
    def undivided(self) -> str:
        """The same in a line of text, which does not end before the number."""
        return self.label.replace(" ", "\N{NO-BREAK SPACE}") if self.number else self.bare


class Counter:
    """Numbers in the order of the page: one row each for figures, tables and equations, a tree for sections."""

    def __init__(self, *, number_sections: bool) -> None:
        """Begin at 1; sections have numbers only where they are asked for."""
        self._number_sections = number_sections
        self._counts = dict.fromkeys((FIGURE, TABLE, EQUATION), 0)
        self._sections: list[int] = []

    def next(self, kind: str) -> str:
        """The number of the next figure, table or equation."""
        self._counts[kind] += 1
        return str(self._counts[kind])

    def section(self, level: int) -> str:
        """The number of the next heading; level 1 is the page's title and has none."""
        if not self._number_sections or level == 1:
            return ""
        depth = level - 1
        self._sections = [*self._sections, *[0] * depth][:depth]
        self._sections[-1] += 1
        return ".".join(map(str, self._sections))


@dataclass(frozen=True)
class PageTarget:
    """A target with the page on which it stands."""

    page: str
    """Path of the page below the folder of pages."""
    title: str
    target: Target

    @property
    def label(self) -> str:
        """What stands for it in the prose of another page: `Figure 2 of “Factors”`."""
        return f"{self.target.label} of “{self.title}”"


@dataclass(frozen=True)
class PageTargets:
    """What can be referred to on one page."""

    title: str
    by_id: Mapping[str, Target]


class SiteTargets:
    """What can be referred to on all pages of a site."""

    def __init__(self, pages: Mapping[str, PageTargets]) -> None:
        """List the targets of each page, told by the path of the page, under their ids."""
        self._by_id: dict[str, list[PageTarget]] = {}
        for page, found in pages.items():
            for name, target in found.by_id.items():
                self._by_id.setdefault(name, []).append(PageTarget(page, found.title, target))
        self._pages = pages

    def find(self, name: str, here: str | None, page: str | None = None) -> PageTarget:
        """The target of a reference to another page.

        Args:
            name: The id to which it leads.
            here: The page on which it stands, which is not searched.
            page: The page that it names; None where it names none, and then only one page may have the id.

        Raises:
            PublishError: There is none, or there are several; the message names the nearest ids.
        """
        found = [other for other in self._by_id.get(name, ()) if other.page != here and page in (None, other.page)]
        if len(found) == 1:
            return found[0]
        if found:
            several = " and ".join(other.page for other in found)
            raise PublishError(f"{name!r} stands on {several}; name the page: [](page.md#{name})")
        if page is not None and page not in self._pages:
            raise PublishError(f"no page {page!r}; {nearest(page, self._pages)}")
        known = self._pages[page].by_id if page is not None else self._by_id
        where = f" on {page}" if page is not None else ""
        raise PublishError(f"no {WORDS[name.partition('-')[0]][0].lower()} {name!r}{where}; {nearest(name, known)}")


@dataclass(frozen=True)
class Reference:
    """A reference to another page."""

    here: str
    """Path of the page on which it stands."""
    line: int | None
    name: str
    """The id to which it leads."""
    page: str | None = None
    """Path of the other page, where it names one."""
    state: str = ""
    """The state of the figure for which it asks: `factor=2`."""
    is_bare: bool = False
    """Whether it leaves out the word before the number."""
    is_written_here: bool = False
    """Whether its own page gives the id to something that is not shown."""


@dataclass(frozen=True)
class StateLink:
    """A link to a state of a figure on another page."""

    page: str
    line: int | None
    link: str
    """Where it leads without scripts, as it is written: `../factors.md#fig-xml`."""
    other: str
    """Path of the other page below the folder of pages."""
    figure: str
    state: str
    """As it is written: `layer=5,head=3`."""
