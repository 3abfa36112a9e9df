"""What a live figure may show of a text beside its tokens: measures, each with the options that a reader's browser knows too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lensdoc.core.errors import MeasureError
from lensdoc.core.names import nearest
from lensdoc.measures.attending import attention
from lensdoc.measures.attribution import saliency
from lensdoc.measures.factorization import factors
from lensdoc.measures.neurons import activations
from lensdoc.measures.prediction import predictions
from lensdoc.measures.ranking import rankings
from lensdoc.measures.tokens import sequence
from lensdoc.models.trace import Trace
from lensdoc.records.record import Record

Measures = Sequence[str] | Mapping[str, Mapping[str, Any]]
"""Names, or names with options."""


@dataclass(frozen=True)
class _Showable:
    measure: Callable[..., Record]
    options: tuple[str, ...] = ()
    """Those that an author may set; the browser reads what they led to in the first record."""
    needed: str | None = None


SHOWABLE = {
    "saliency": _Showable(saliency),
    "rankings": _Showable(rankings),
    "predictions": _Showable(predictions),
    "attention": _Showable(attention, ("layers", "heads")),
    "activations": _Showable(activations, ("layers", "neurons"), needed="layers"),
    "factors": _Showable(factors, ("n_factors", "layers"), needed="n_factors"),
}


def with_options(measures: object) -> dict[str, dict[str, Any]]:
    """Names to options, once they are known to be some of these.

    Raises:
        MeasureError: A name or an option is unknown, or one is missing that the measure needs.
    """
    if isinstance(measures, str) or not isinstance(measures, Sequence | Mapping):
        raise MeasureError(f"measures is a list of names, such as ['saliency'], or names with options; it is {measures!r}")
    found: dict[str, dict[str, Any]] = {}
    for name in measures:
        if name not in SHOWABLE:
            raise MeasureError(f"a live figure has no measure {name!r}; {nearest(str(name), SHOWABLE)}")
        options = measures[name] if isinstance(measures, Mapping) else {}
        _check(name, options)
        found[name] = dict(options)
    return found


def _check(name: str, options: object) -> None:
    known = SHOWABLE[name]
    if not isinstance(options, Mapping):
        raise MeasureError(f"the options of {name} are names with values, such as {{'layers': 2}}; they are {options!r}")
    for option in options:
        if option not in known.options:
            valid = ", ".join(known.options) or "none"
            raise MeasureError(f"{name} of a live figure has no option {option!r}; it has {valid}")
    if known.needed and known.needed not in options:
        raise MeasureError(
            f"{name} of a live figure needs {known.needed}; write the measures with options, such as "
            f"{{'saliency': {{}}, {name!r}: {{{known.needed!r}: 4}}}}"
        )


def first_state(trace: Trace, measures: Mapping[str, Mapping[str, Any]]) -> Iterator[Record]:
    """What the figure shows of the first prompt."""
    yield sequence(trace)
    for name, options in measures.items():
        yield SHOWABLE[name].measure(trace, **options)
