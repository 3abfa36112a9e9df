"""The figure of kind `factor-saliency`: choose a token on a factor's line, see which tokens before it drove the factor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.factors import rows_style
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import digits, exact
from lensdoc.explorables.options import ChoiceOption, NumberOption
from lensdoc.explorables.passages import scored, window
from lensdoc.explorables.scores import even, key, labels_switch, largest_of, named, numbered, tint, told
from lensdoc.explorables.sequences import beside, sequence_element
from lensdoc.explorables.shared import heads, said
from lensdoc.explorables.sparklines import Row, hue, sparklines, swatch, upright
from lensdoc.explorables.tables import table_details
from lensdoc.explorables.tints import LEVELS
from lensdoc.records.factor_saliency import FactorSaliency

_HINT = said("factor-saliency.hint")
_LISTED = 5
"""Tokens that a message lists."""


def draw(record: FactorSaliency, options: Mapping[str, Any]) -> Element:
    """The custom element with its first state: one factor at one target, its scores on the tokens that were read there."""
    if not record.targets or not record.factor:
        raise PublishError(said("factor-saliency.none"))
    factor = _factor(record, options["factor"])
    target = _target(record, options["token"], factor)
    notched, span = options["style"] == "detailed" and not record.signed, options.get("span")
    largest = span[0] if span else largest_of((record.scores[factor][target],))
    rows = rows_style(len(record.factor), len(record.targets), {"height": options["height"]})
    return element(
        "lens-factor-saliency",
        {
            "class": f"ld-factor-saliency ld-saliency ld-scored ld-{options['style']}",
            "data-search-exclude": "",
            "data-signed": "" if record.signed else None,
            "style": "; ".join([rows, *([even(record.scores[factor][target], largest)] if notched else [])]),
        },
        element(
            "div",
            {"class": "ld-panels", "data-beside": beside(record.tokens)},
            _sparklines(record, factor, target, span),
            window(record.tokens, _sequence(record, factor, target, largest, notched=notched)),
        ),
        *scored(record.tokens, record.scores[factor][target], record.targets[target], signed=record.signed),
        _readout(record, factor, target, notched=notched),
        *([labels_switch()] if options["style"] == "minimal" else []),
        _table(record),
        element("template", {"class": "ld-data"}, json.dumps(_data(record, factor, target, span))),
    )


def _factor(record: FactorSaliency, number: float | None) -> int:
    """Which factor is chosen at first."""
    if number is None:
        return 0
    if number not in record.factor:
        raise PublishError(said("factor-saliency.noFactor", factors=", ".join(map(str, record.factor)), factor=number))
    return record.factor.index(int(number))


def _target(record: FactorSaliency, position: float | None, factor: int) -> int:
    """Which target is chosen at first: where the factor is strongest, unless the author says another."""
    if position is None:
        row = record.activations[factor]
        return max(range(len(row)), key=row.__getitem__)
    if position not in record.targets:
        first, last = record.targets[0], record.targets[-1]
        raise PublishError(said("saliency.noTarget", first=first, last=last, position=position))
    return record.targets.index(int(position))


def _data(record: FactorSaliency, factor: int, target: int, span: tuple[float, ...] | None) -> dict[str, Any]:
    return {
        "factor": record.factor,
        "targets": record.targets,
        "activations": record.activations,
        "limits": _limits(record, span),
        "scores": record.scores,
        "signed": record.signed,
        "levels": LEVELS,
        "chosen": [factor, target],
        **({"largest": span[0]} if span else {}),
    }


def _limits(record: FactorSaliency, span: tuple[float, ...] | None = None) -> list[float]:
    return [span[1] if span else max(row) for row in record.activations]


def _sparklines(record: FactorSaliency, factor: int, target: int, span: tuple[float, ...] | None) -> Element:
    rows = [Row(*found) for found in zip(record.factor, record.activations, _limits(record, span), strict=True)]
    marks = [*upright("ld-boundary", _outputs(record)), *upright("ld-cursor", [target])]
    ends = said("position", position=record.targets[0]), str(record.targets[-1])
    drawn = sparklines(rows, signed=False, ends=ends, marks=marks, direction=direction(record.tokens))
    drawn[0][factor].set("data-chosen", "")
    return drawn


def _outputs(record: FactorSaliency) -> list[float]:
    """Where output begins: between two targets."""
    kinds = [] if record.sees_all else [record.tokens[position].kind for position in record.targets]
    return [t - 0.5 for t in range(1, len(kinds)) if kinds[t - 1] != "output" == kinds[t]]


def _sequence(record: FactorSaliency, factor: int, target: int, largest: float, *, notched: bool) -> Element:
    row, chosen = record.scores[factor][target], record.targets[target]
    targets = set(record.targets)

    def attributes(position: int) -> dict[str, str]:
        found = {"data-target": ""} if position in targets else {}
        found |= {"data-chosen": ""} if position == chosen else {}
        if position >= len(row):
            return found
        by = "1" if record.signed else hue(record.factor[factor])
        return found | tint(row[position], largest, signed=record.signed, hue=by, notched=notched)

    return sequence_element(
        record.tokens, attributes, told=lambda run: told(row, run, signed=record.signed), masked=record.sees_all
    )


def describe(record: FactorSaliency, factor: int, target: int) -> str:
    """A factor at a target and what drove it, in words."""
    position, value = record.targets[target], record.activations[factor][target]
    where, token = numbered(record.tokens, position), quoted(record.tokens, position)
    begins = said("factor-saliency.begins", factor=record.factor[factor], value=exact(value), position=where, token=token)
    row = record.scores[factor][target]
    if not any(row):
        return said("factor-saliency.nothing", begins=begins)
    found = named(record.tokens, row, signed=record.signed)
    return said("factor-saliency.scores" if record.signed else "factor-saliency.driven", begins=begins, named=found)


def _readout(record: FactorSaliency, factor: int, target: int, *, notched: bool) -> Element:
    hint = f"{_HINT} {said('factors.output')}" if _outputs(record) else _HINT
    return readout(describe(record, factor, target), hint, key() if notched else "")


def _table(record: FactorSaliency) -> Element:
    rows = (
        (
            said("factor-saliency.row", factor=number, position=position, token=quoted(record.tokens, position)),
            exact(record.activations[f][t]),
            named(record.tokens, record.scores[f][t], signed=record.signed),
            digits(record.totals[f][t]),
        )
        for f, number in enumerate(record.factor)
        for t, position in enumerate(record.targets)
        if any(record.scores[f][t])
    )
    return table_details(said("factor-saliency.table"), heads("factor-saliency.heads"), rows)


def _numbers(record: FactorSaliency) -> Iterator[tuple[Cell, ...]]:
    for factor, rows in zip(record.factor, record.scores, strict=True):
        for target, row in zip(record.targets, rows, strict=True):
            for position, score in enumerate(row):
                token = record.tokens[position]
                yield factor, target, record.tokens[target].spelled, position, token.spelled, token.kind, score


def _empty(record: FactorSaliency, options: Mapping[str, Any], state: Mapping[str, int]) -> str | None:
    """What the state leaves open is as the figure shows it at first."""
    first = _factor(record, options["factor"])
    target = _target(record, options["token"], first)
    factor = record.factor.index(state["factor"]) if "factor" in state else first
    target = record.targets.index(state["token"]) if "token" in state else target
    if any(record.scores[factor][target]):
        return None
    driven = [str(t) for t, row in zip(record.targets, record.scores[factor], strict=True) if any(row)][:_LISTED]
    cure = f"; tokens at which something does: {', '.join(driven)}" if driven else ""
    return f"nothing drives F{record.factor[factor]} at token {record.targets[target]}{cure}"


_METHOD = (
    "Gradient × input of a factor's activation by each embedding that was read there. It describes the model near this one "
    "input; a factor is itself a summary of many neurons, and a token that scores high need not be a cause."
)
EXPLORABLE = Explorable(
    options={
        "style": ChoiceOption(
            ("minimal", "detailed"),
            "minimal: colour; detailed: a bar, with a notch at an even share, and each score (shares from 1%) too",
        ),
        "factor": NumberOption(1, 1e6, None, "number of the factor that is chosen at first"),
        "token": NumberOption(0, 1e6, None, "position of the token that is chosen at first"),
        "height": NumberOption(40, 2000, None, "height of the sparklines in pixels"),
    },
    draw=draw,
    method=lambda _: _METHOD,
    table=Table(("factor", "target", "target_token", "position", "token", "kind", "score"), _numbers),
    states={"factor": lambda record: record.factor, "token": lambda record: record.targets},
    empty=_empty,
    swatches={"factor": swatch},
    span=lambda record, _: (largest_of([row for rows in record.scores for row in rows]), max(_limits(record), default=0.0)),
)
