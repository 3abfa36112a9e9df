"""What a reference can lead to, and how it is called in prose."""

from __future__ import annotations

from dataclasses import dataclass

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
    """Title of a section, caption of a figure or table."""
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
class StateLink:
    """A link to a state of a figure on another page."""

    page: str
    line: int | None
    link: str
    """Where it leads without scripts, as it is written: `../factors.md#fig-xml`."""
    other: str
    """Path of the other page below the folder of pages."""
    figure: str
    name: str
    value: str
