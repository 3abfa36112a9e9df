"""Works of a bibliography, and the entries that they refer to by `crossref` and `xdata`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_MOST_LEVELS = 5
"""How many entries may refer to one another in a chain; each of them is read again for each that refers to it."""
_TOLD_ENTRIES = 3
"""Entries of a circle that a message names beside its ends."""
_FIELDS = ("crossref", "xdata")


@dataclass(frozen=True)
class Work:
    """One entry of a file."""

    key: str
    kind: str
    """Its type, in small letters: `article`."""
    fields: dict[str, str]
    """Its fields by name in small letters, with LaTeX as it is written."""
    line: int
    """The line on which the entry begins."""
    source: str
    """The entry as it is written, from its line on."""
    file: str = ""
    parents: tuple[Work, ...] = ()
    """The entries that its fields `crossref` and `xdata` name."""
    unknown_parents: tuple[tuple[str, str], ...] = ()
    """Keys in these fields that no entry has, each after the name of its field."""
    broken: bool = False
    """Whether it could not be read to its end, which is reported."""

    def field(self, *names: str) -> str:
        """The first of the named fields that the entry has; what it lacks the entries that it refers to may have."""
        remaining: list[Work] = [self]
        seen: set[str] = set()
        while remaining:
            work = remaining.pop()
            if work.key in seen:
                continue
            if found := next((work.fields[name] for name in names if work.fields.get(name)), ""):
                return found
            if "title" in names:
                break
            seen.add(work.key)
            remaining += reversed(work.parents)
        return ""

    def line_of(self, field_name: str) -> int:
        """The line on which a field of the entry stands, or else that of the entry."""
        found = re.search(rf"(?i)(?<!\w){re.escape(field_name)}\s*=", self.source)
        return self.line + (self.source.count("\n", 0, found.start()) if found else 0)


def link_parents(works: dict[str, Work]) -> list[tuple[int, str]]:
    """Give each work the entries that it refers to, and these theirs; keys there are the same in small and capital letters.

    A reference that closes a circle is left out, and so are those of an entry at the end of a long chain.

    Args:
        works: The works by key, which are replaced.

    Returns:
        What is wrong, as pairs of line and message.
    """
    by_name = {key.lower(): key for key in reversed(works)}
    parents_of: dict[str, list[str]] = {}
    for key, work in works.items():
        named = list(_named(work))
        parents_of[key] = list(dict.fromkeys(by_name[name.lower()] for _, name in named if name.lower() in by_name))
        if unknown := tuple((field, name) for field, name in named if name.lower() not in by_name):
            works[key] = replace(work, unknown_parents=unknown)
    mistakes: list[tuple[int, str]] = []
    depths: dict[str, int] = {}
    for key in list(_parents_first(works, parents_of, mistakes)):
        mistakes += _link(works, key, parents_of[key], depths)
    return mistakes


def _named(work: Work) -> Iterator[tuple[str, str]]:
    """The keys to which an entry refers, each after the name of its field."""
    for field in _FIELDS:
        for name in re.split(r"[\s,]+", work.fields.get(field, "")):
            if name:
                yield field, name


def _parents_first(works: dict[str, Work], parents_of: dict[str, list[str]], mistakes: list[tuple[int, str]]) -> Iterator[str]:
    """All keys, each behind those to which its entry refers; a reference that closes a circle is taken out and reported.

    Args:
        works: The works by key.
        parents_of: The keys to which each refers.
        mistakes: Receives the circles.
    """
    done: set[str] = set()
    for first in works:
        path = [] if first in done else [first]
        place = {key: n for n, key in enumerate(path)}
        ahead = {key: iter(list(parents_of[key])) for key in path}
        while path:
            key = path[-1]
            name = next(ahead[key], None)
            if name is None:
                done.add(path.pop())
                del place[key]
                yield key
            elif name in place:
                parents_of[key].remove(name)
                first_between = place[name] + 1
                between = path[first_between : min(first_between + _TOLD_ENTRIES, len(path) - 1)]
                mistakes.append(_circle(works[key], name, between, len(path) - 1 - first_between))
            elif name not in done:
                place[name], ahead[name] = len(path), iter(list(parents_of[name]))
                path.append(name)


def _link(works: dict[str, Work], key: str, parents: list[str], depths: dict[str, int]) -> Iterator[tuple[int, str]]:
    """Give a work its parents, which have theirs; its depth is how many entries lie above it in a chain."""
    depths[key] = max((1 + depths[name] for name in parents), default=0)
    if depths[key] > _MOST_LEVELS:
        depths[key] = 0
        work = works[key]
        message = f"refers to others in a chain of more than {_MOST_LEVELS}, which is not followed; write their fields into it"
        yield _line(work), f"the entry {key!r} {message}"
    elif parents:
        works[key] = replace(works[key], parents=tuple(works[name] for name in parents))


def _circle(work: Work, name: str, between: list[str], count: int) -> tuple[int, str]:
    """The mistake that a work refers to one that refers to it, by way of `count` others, of which the first are told."""
    if name == work.key:
        return _line(work), f"the entry {name!r} refers to itself, which is left out"
    told = list(map(repr, between))
    if count > _TOLD_ENTRIES:
        told[-1] = f"{count - _TOLD_ENTRIES + 1} others"
    way = f" by way of {', '.join(told)}" if told else ""
    return _line(work), f"the entry {work.key!r} refers to {name!r}, which refers to it{way}; leave one of these references out"


def _line(work: Work) -> int:
    return work.line_of(next(field for field in _FIELDS if work.fields.get(field)))
