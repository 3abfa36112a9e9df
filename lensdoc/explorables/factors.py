"""The figure of kind `factors`: a sparkline for each factor beside the tokens, each tinted by its strongest factor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.characters import direction
from lensdoc.explorables.decomposition import decomposition, in_words
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.factor_table import factor_table
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.options import ChoiceOption, NumberOption
from lensdoc.explorables.scales import Scale, is_signed, scales
from lensdoc.explorables.sequences import beside, sequence_element
from lensdoc.explorables.shared import SIZES, said
from lensdoc.explorables.sparklines import Row, hue, sparklines, swatch, upright
from lensdoc.explorables.steadiness import legend, steadiness
from lensdoc.explorables.tints import HUES, LEVELS, level
from lensdoc.records.factors import Factors

_SIZES = SIZES["sparklines"]
_OVERLAP: float = _SIZES["overlap"]
_FEW: int = _SIZES["few"]
"""Share of its height by which a sparkline rises into the row above, unless an author says another, and how many rows have room
enough to stand apart."""
_DENSE: int = _SIZES["dense"]
_FINE: float = _SIZES["fine"]
"""Tokens from which on peaks stand so near to each other that lines are as fine as this."""
_HINT = said("factors.hint")


def draw(record: Factors, options: Mapping[str, Any]) -> Element:
    """The custom element with its first state: all factors, nothing isolated."""
    count = len(record.activations)
    if options["style"] == "decomposition" and count:
        summary = element("p", {"class": "ld-readout"}, in_words(record))
        return element("lens-factors", {"class": "ld-factors", "data-search-exclude": ""}, decomposition(record), summary)
    span = options.get("span")
    shared = options["scale"] == "shared" or bool(span)
    if options["factor"] is not None and options["factor"] not in range(1, count + 1):
        raise PublishError(said("factors.noFactor", count=count, factor=f"{options['factor']:g}"))
    found = scales(record, shared=shared, span=span[0] if span else None)
    return element(
        "lens-factors",
        {
            "class": "ld-factors",
            "data-search-exclude": "",
            "data-many": "" if count > HUES else None,
            "style": rows_style(count, len(record.tokens), options),
        },
        element(
            "div",
            {"class": "ld-panels", "data-beside": beside(record.tokens) if count else None},
            *([_sparklines(record, found)] if count else []),
            _sequence(record, found),
        ),
        _readout(record, found, shared=shared),
        *([_labels_switch(), factor_table(record, found)] if count else []),
        element("template", {"class": "ld-data"}, json.dumps(_data(record, found, options["factor"]))),
    )


def rows_style(count: int, places: int, options: Mapping[str, Any]) -> str:
    """What the style sheet needs to know of the sparklines: numbers only."""
    height, overlap = options["height"] or 120 + min(500, 20 * count), options.get("overlap")
    if overlap is None:
        overlap = _OVERLAP if count > _FEW else 0
    fine = f"; --ld-stroke: {_FINE:g}" if places > _DENSE else ""
    return f"--ld-height: {height:g}px; --ld-overlap: {overlap:g}; --ld-count: {max(count, 1)}{fine}"


def _data(record: Factors, found: Sequence[Scale], chosen: float | None) -> dict[str, Any]:
    return {
        "activations": record.activations,
        "levels": LEVELS,
        "limits": [scale.limit for scale in found],
        "firsts": [scale.first for scale in found],
        "clipped": [scale.clipped for scale in found],
        "signed": is_signed(record.activations),
        "left": record.left_out,
        **({"steady": [words for _, words in steadiness(record)]} if record.stability else {}),
        **({} if chosen is None else {"chosen": int(chosen) - 1}),
    }


def _sparklines(record: Factors, found: Sequence[Scale]) -> Element:
    marks = [mark for mark, _ in steadiness(record)] or [""] * len(found)
    rows = [
        Row(f + 1, record.activations[f], scale.limit, scale.clipped, record.left_out, marks[f]) for f, scale in enumerate(found)
    ]
    borders = [start - 0.5 for start in record.starts[1:]]
    lines = [*upright("ld-boundary", _outputs(record)), *upright("ld-border", borders), *upright("ld-gap", record.left_out)]
    ends = said("position", position=0), str(len(record.tokens) - 1)
    first = record.tokens[: record.starts[1]] if len(record.starts) > 1 else record.tokens
    return sparklines(rows, signed=is_signed(record.activations), ends=ends, marks=lines, direction=direction(first))


def _outputs(record: Factors) -> list[float]:
    """Where output begins: between two tokens."""
    kinds = [] if record.sees_all else [token.kind for token in record.tokens]
    return [p - 0.5 for p in range(1, len(kinds)) if kinds[p - 1] != "output" == kinds[p]]


def _sequence(record: Factors, found: Sequence[Scale]) -> Element:
    return sequence_element(record.tokens, lambda position: _tint(record, position, found), record.starts, masked=record.sees_all)


def _tint(record: Factors, position: int, found: Sequence[Scale]) -> dict[str, str]:
    if position in record.left_out:
        return {"data-left-out": "", "data-factor": "out"}
    values = [row[position] for row in record.activations]
    top = max(range(len(values)), key=lambda f: abs(values[f]), default=None)
    if top is None or not values[top]:
        return {}
    size, limit = abs(values[top]), found[top].limit
    negative = {"data-negative": ""} if values[top] < 0 else {}
    name = f"{'−' if negative else ''}{top + 1}"
    return {"data-factor": name, "data-hue": hue(top + 1), "data-level": str(level(min(size, limit), limit))} | negative


def _readout(record: Factors, found: Sequence[Scale], *, shared: bool) -> Element:
    if not record.activations:
        return element("p", {"class": "ld-readout"}, said("factors.none"))
    return readout(_summary(record, found, shared=shared), _HINT)


def _summary(record: Factors, found: Sequence[Scale], *, shared: bool) -> str:
    signed = is_signed(record.activations)
    size = "size" if signed else "activation"
    parts = [said("factors.tint")]
    if signed:
        parts.append(said("factors.signed"))
    beyond = [said("factors.first", factor=f, times=scale.first) for f, scale in enumerate(found, 1) if scale.clipped]
    if record.stability:
        parts.append(legend())
    if record.left_out:
        parts.append(said("factors.left", tokens=_left_out(record)))
    if _outputs(record):
        parts.append(said("factors.output"))
    if beyond:
        parts.append(said("factors.beyond", factors=", ".join(beyond)))
    parts.append(said("factors.shared" if shared else "factors.own", size=size))
    if record.controls and record.explained:
        parts.append(_controls(record.explained, record.controls))
    return " ".join(parts)


def _controls(explained: Sequence[float], controls: Sequence[float]) -> str:
    """What all factors explain, beside what they explain of shuffled activations."""
    mean = sum(controls) / len(controls)
    return said("factors.controls", share=f"{sum(explained):.0%}", control=f"{mean:.0%}", count=len(controls))


def _left_out(record: Factors) -> str:
    """The tokens that were left out, within a sentence."""
    count, texts = len(record.left_out), len(record.starts)
    if count == texts:
        return said("factors.leftOne" if count == 1 else "factors.leftEach")
    return said("factors.leftMany" if texts == 1 else "factors.leftAll", count=count)


def _labels_switch() -> Element:
    box = element("input", {"type": "checkbox", "class": "ld-labels"})
    return element("label", {"class": "ld-switch"}, box, said("factors.labels"))


_METHODS = {
    "nmf": "non-negative matrix factorization",
    "pca": "principal components",
    "ica": "independent components",
}


_SCALES = {
    "state": ", those of each layer at each position scaled to length 1",
    "layer": ", those of each layer scaled to length 1 over all positions",
    "none": "",
}


def _method(record: Factors) -> str:
    left = (
        f", without the first {'position' if record.skip == 1 else f'{record.skip} positions'} of a text" if record.skip else ""
    )
    return (
        f"Factors of the activations of feed-forward neurons{_SCALES[record.scale or 'none']}{left}, by "
        f"{_METHODS[record.method]}. They are found in this text alone; "
        "the author chose their number, and another one groups the neurons otherwise; what a factor is about is read into it."
    )


_COLUMNS = ("factor", "position", "token", "kind", "activation")


def _columns(record: Factors) -> tuple[str, ...]:
    return (*_COLUMNS, "stability") if record.stability else _COLUMNS


def _numbers(record: Factors) -> Iterator[tuple[Cell, ...]]:
    for factor, row in enumerate(record.activations, 1):
        stability = record.stability[factor - 1 : factor] if record.stability else ()
        for position, value in enumerate(row):
            token = record.tokens[position]
            yield factor, position, token.spelled, token.kind, "left out" if position in record.left_out else value, *stability


def _empty(record: Factors, options: Mapping[str, Any], state: Mapping[str, int]) -> str | None:
    if options["style"] == "decomposition":
        return "a drawing of the decomposition has no states; draw it with style: sparklines"
    if "factor" in state and not any(record.activations[state["factor"] - 1]):
        return "the factor is active on no token"
    return None


EXPLORABLE = Explorable(
    options={
        "overlap": NumberOption(
            0,
            0.9,
            None,
            f"share of its height by which a sparkline rises into the row above; by default {_OVERLAP:g}, "
            f"and 0 for up to {_FEW} factors",
        ),
        "factor": NumberOption(1, 1e6, None, "number of the factor that is alone at first, where scripts run"),
        "height": NumberOption(40, 2000, None, "height of the sparklines in pixels"),
        "style": ChoiceOption(
            ("sparklines", "decomposition"), "sparklines beside the tokens, or a drawing of what was factored into what"
        ),
        "scale": ChoiceOption(("factor", "shared"), "whether each factor spans its own activations, or those of all"),
    },
    draw=draw,
    method=_method,
    table=Table(_columns, _numbers),
    states={
        "factor": lambda record: range(1, len(record.activations) + 1),
        "token": lambda record: [p for p in range(len(record.tokens)) if p not in record.left_out],
    },
    empty=_empty,
    swatches={"factor": swatch},
    span=lambda record, _: (max((scale.limit for scale in scales(record, shared=True)), default=0.0),),
)
