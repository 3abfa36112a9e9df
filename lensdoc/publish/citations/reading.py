"""Works as pandoc has read them: an entry that it cannot read, or reads in part only, is told and keeps its letters."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lensdoc.publish.citations.entries import CHECKED, PERSONS, VARIABLES, entries
from lensdoc.publish.citations.process import PandocEndedError, PandocError, lock, pandoc
from lensdoc.publish.citations.works import Work

_COMMAND = re.compile(r"\\([A-Za-z]+)")
_ACCENTS = frozenset("aa AA ae AE oe OE o O l L ss i j c v H r u k d b t emph textit textbf textsc url href".split())  # noqa: SIM905
"""Commands in names that pandoc knows, beyond those that are asked for."""
_LEFT_OUT = "which is not known and left out; write what it stands for"


@dataclass(frozen=True)
class Read:
    """A work that pandoc knows."""

    id: str
    """The identifier of its reference, which is made of its content."""
    text: str
    """It and the entries that it refers to, as pandoc reads them."""
    mistakes: Sequence[tuple[int, str]] = field(default_factory=tuple)
    broken: bool = False
    """Whether it cannot be read at all."""


_found: dict[tuple[str, str], Read] = {}
"""Works by language and the text that they were first read from."""
_commands: dict[str, bool] = {}
"""Commands of LaTeX, and whether pandoc knows them."""


def read(works: Sequence[Work], language: str) -> dict[str, Read]:
    """Works by key, as pandoc reads them.

    Raises:
        PandocError: There is no pandoc.
    """
    written = {work.key: (language, "".join(entries(work).values())) for work in works}
    with lock:
        new = [work for work in works if written[work.key] not in _found]
        _learn_commands(new, language)
        for work, made in _read(new, language, {}):
            _found[written[work.key]] = made
    return {work.key: _found[written[work.key]] for work in works}


def _read(
    works: Sequence[Work], language: str, literals: Mapping[str, Collection[str]], *, retried: bool = False
) -> Iterator[tuple[Work, Read]]:
    """Read works at once, and where that fails in halves.

    Args:
        works: The works.
        language: The language in which they are read.
        literals: For each key the fields that are no LaTeX and stay as they are written.
        retried: Whether pandoc ended over this one work before.
    """
    if not works:
        return
    parts = {work.key: entries(work, literals.get(work.key, ())) for work in works}
    texts = {identifier: text for part in parts.values() for identifier, text in part.items()}
    process = pandoc(language)
    try:
        found = process.ask("read", len(texts), text="".join(texts.values()))["references"]
        process.references.update(found)
    except PandocError as error:
        if len(works) > 1:
            yield from _read(works[: len(works) // 2], language, literals)
            yield from _read(works[len(works) // 2 :], language, literals)
        elif isinstance(error, PandocEndedError) and not retried:  # it may have been stopped for no fault of the work
            yield from _read(works, language, literals, retried=True)
        elif isinstance(error, PandocEndedError) or works[0].key in literals:
            yield works[0], _broken(works[0], error)
        else:
            yield from _read(works, language, {works[0].key: list(works[0].fields)})
        return
    again: dict[str, list[str]] = {}
    for work in works:
        identifier = next(reversed(parts[work.key]))
        reference = found.get(identifier)
        missing = [] if work.key in literals or not reference else _missing_fields(work, reference["variables"])
        if missing:
            again[work.key] = missing
        elif not reference:
            yield work, _broken(work, PandocError("it has a type that only others refer to"))
        else:
            yield (
                work,
                Read(identifier, "".join(parts[work.key].values()), _mistakes(work, reference, literals.get(work.key, ()))),
            )
    yield from _read([work for work in works if work.key in again], language, again)


def _broken(work: Work, error: PandocError) -> Read:
    return Read("", "", [(work.line, f"the entry {work.key!r} cannot be read: {str(error)[:200]}")], broken=True)


def _missing_fields(work: Work, variables: Collection[str]) -> list[str]:
    """Fields that an entry has and its reference has not."""
    fields = [VARIABLES[variable] for variable in CHECKED if variable not in variables]
    return [name for names in fields for name in names if work.fields.get(name, "").strip("{} ~")]


def _mistakes(work: Work, reference: Mapping[str, Any], literals: Collection[str]) -> list[tuple[int, str]]:
    told = [
        (work.line_of(name), f"the entry {work.key!r} has a {name} that is no LaTeX; it is shown as it is written")
        for name in literals
        if work.fields.get(name)
    ]
    for variable, tex in reference["raw"]:
        for command in dict.fromkeys(_COMMAND.findall(tex)):
            name = next((n for n in VARIABLES.get(variable, (variable,)) if f"\\{command}" in work.fields.get(n, "")), variable)
            told.append((work.line_of(name), f"the entry {work.key!r} has the macro \\{command} in its {name}, {_LEFT_OUT}"))
            break  # what stands in its argument is left out with it
    for name in sorted(PERSONS & work.fields.keys()):
        told += [
            (work.line_of(name), f"the entry {work.key!r} has the macro \\{command} in its {name}, {_LEFT_OUT}")
            for command in _COMMAND.findall(work.fields[name])
            if not _commands.get(command, True)
        ]
    return list(dict.fromkeys(told))


def _learn_commands(works: Sequence[Work], language: str) -> None:
    """Ask which commands in names pandoc knows: of those that it does not know nothing is left in a name."""
    names = {c for work in works for name in PERSONS & work.fields.keys() for c in _COMMAND.findall(work.fields[name])}
    new = sorted(names - _ACCENTS - _commands.keys())
    if new:
        unknown = pandoc(language).ask("unknown", len(new), commands=[f"\\{name}" for name in new])["commands"]
        _commands.update({name: f"\\{name}" not in unknown for name in new})
