"""How far a record can be trusted: reproduced, fresh, stale or imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lensdoc.pipeline.lock import Verified, read_lock
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import FRESH, STALE, Status

REPRODUCED = "reproduced"
IMPORTED = "imported"


@dataclass(frozen=True)
class Freshness:
    """How far one record can be trusted."""

    word: str = IMPORTED
    """`reproduced`, `fresh`, `stale` or `imported`."""
    verified: Verified | None = None
    gone: bool = False
    """The run that made it is no longer in runs.yml."""
    not_watched: tuple[str, ...] = ()
    """What the data depend on and nobody looks at, in words."""

    @property
    def words(self) -> str:
        """The word, with the number of things that are not watched where that matters: `fresh, but 2 things unchecked`."""
        count = len(self.not_watched)
        return f"{self.word}, but {count} thing{'s' * (count != 1)} unchecked" if count else self.word

    @property
    def sentence(self) -> str:
        """What the word means, for a reader."""
        if self.verified:
            how = "to the byte" if self.verified.how == "exact" else "within the stated tolerances"
            return f"Its analysis was executed a second time and gave the same data {how} ({self.verified.device})."
        return _GONE if self.gone else _SENTENCES[self.word]


_GONE = "The analysis that made these data is no longer part of this article."
_SENTENCES = {
    FRESH: "The data are those of the analysis as it stands; it has not been executed a second time to compare.",
    STALE: "The analysis, its model or its libraries changed since these data were made, and it was not executed again.",
    IMPORTED: "The data come from elsewhere: no analysis of this article makes them.",
}


def not_fresh(found: Status, cure: str = "execute it: ") -> str:
    """The mistake that a run is stale or missing."""
    return f"analyses/runs.yml: run {found.name} is {found.word}: {found.why}; {cure}lensdoc run {found.name}"


def record_freshness(project: Project, found: Sequence[Status]) -> Mapping[str, Freshness]:
    """The freshness of each record `RUN/NAME`: those that runs declare in their order, then those whose run is gone.

    Others are imported.

    Raises:
        RunError: The lock cannot be read.
    """
    lock = read_lock(project.lock_file)
    gone = {f"{name}/{record}": Freshness(STALE, gone=True) for name, entry in lock.items() for record in entry.outputs}
    made: dict[str, Freshness] = {}
    for run in found:
        entry = lock.get(run.name)
        verified = entry.verified if entry and run.word == FRESH else None
        not_watched = run.not_watched if run.word == FRESH else ()
        freshness = Freshness(
            REPRODUCED if verified else FRESH if run.word == FRESH else STALE, verified, not_watched=not_watched
        )
        made |= {f"{run.name}/{record}": freshness for record in run.run.records}
    return {**made, **{name: found for name, found in gone.items() if name not in made}}
