"""The figure of kind `factors`: a sparkline for each factor beside the tokens, each tinted by its strongest factor."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from lensdoc.explorables.display import plain
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.kinds import Explorable
from lensdoc.explorables.options import NumberOption
from lensdoc.explorables.sequences import sequence_element
from lensdoc.explorables.tables import table_details
from lensdoc.explorables.tints import HUES, LEVELS, level
from lensdoc.records.factors import Factors

CHART_HEIGHT = 100
"""Height of a sparkline in its own units."""
_STRONGEST_TOKENS = 4
_SUMMARY = "Each token is tinted by its strongest factor, each factor scaled to its own largest activation."
_HINT = " Hover, tap or use the arrow keys to isolate a factor; tap or press Enter to pin it."


def draw(record: Factors, options: Mapping[str, Any]) -> Element:
    """The custom element with its first state: all factors, nothing isolated."""
    count = len(record.activations)
    height = options["height"] or 120 + min(500, 20 * count)
    attributes: dict[str, str | None] = {
        "class": "ld-factors",
        "data-search-exclude": "",
        "style": f"--ld-height: {height:g}px; --ld-overlap: {options['overlap']:g}; --ld-count: {max(count, 1)}",
    }
    return element(
        "lens-factors",
        attributes,
        element("div", {"class": "ld-panels"}, *([_sparklines(record)] if count else []), _sequence(record)),
        _readout(record),
        *([_labels_switch(), _table(record)] if count else []),
        element("template", {"class": "ld-data"}, json.dumps({"activations": record.activations, "levels": LEVELS})),
    )


def hue(factor: int) -> str:
    """Hue of a factor counted from 0."""
    return str(factor % HUES + 1)


def sparkline(values: Iterable[float]) -> str:
    """The path of a sparkline, scaled to its largest value: the line through all tokens, closed along the base."""
    values = list(values)
    largest = max(values, default=0) or 1
    points = (f"{x},{math.floor(CHART_HEIGHT * (1 - y / largest) + 0.5)}" for x, y in enumerate(values))
    return f"M{'L'.join(points)}V{CHART_HEIGHT}H0Z"


def strongest(record: Factors, factor: int) -> list[tuple[str, list[int]]]:
    """The distinct tokens on which a factor is strongest, at half its largest activation or more, with their positions."""
    row = record.activations[factor]
    floor = max(row, default=0) / 2
    order = sorted((p for p, value in enumerate(row) if value > 0 and value >= floor), key=lambda p: -row[p])
    found: dict[str, list[int]] = {}
    for position in order:
        text = plain(record.tokens[position])
        if text in found or len(found) < _STRONGEST_TOKENS:
            found.setdefault(text, []).append(position)
    return list(found.items())


def _sparklines(record: Factors) -> Element:
    rows = [_sparkline_row(record, f) for f in range(len(record.activations))]
    ends = (element("span", None, text) for text in ("token 0", str(len(record.tokens) - 1)))
    axis = element("div", {"class": "ld-axis", "aria-hidden": "true"}, *ends)
    return element("div", {"class": "ld-sparklines"}, element("div", {"class": "ld-rows"}, *rows), axis)


def _sparkline_row(record: Factors, factor: int) -> Element:
    width = max(len(record.tokens) - 1, 1)
    outputs = [p for p, token in enumerate(record.tokens) if token.kind == "output"]
    boundary = [element("path", {"class": "ld-boundary", "d": f"M{outputs[0] - 0.5:g},0V{CHART_HEIGHT}"})] if outputs else []
    chart = element(
        "svg",
        {"viewBox": f"0 0 {width} {CHART_HEIGHT}", "preserveAspectRatio": "none", "aria-hidden": "true"},
        *boundary,
        element("path", {"class": "ld-area", "d": sparkline(record.activations[factor])}),
    )
    name = element("span", {"class": "ld-name"}, f"F{factor + 1}")
    return element("div", {"class": "ld-row", "data-factor": str(factor + 1), "data-hue": hue(factor)}, name, chart)


def _sequence(record: Factors) -> Element:
    largest = [max(row, default=0) for row in record.activations]
    return sequence_element(record.tokens, lambda position: _tint(record, position, largest))


def _tint(record: Factors, position: int, largest: list[float]) -> dict[str, str]:
    values = [row[position] for row in record.activations]
    top = max(range(len(values)), key=values.__getitem__, default=None)
    if top is None or values[top] <= 0:
        return {}
    step = level(values[top], largest[top])
    return {"data-factor": str(top + 1), "data-hue": hue(top), "data-level": str(step)}


def _readout(record: Factors) -> Element:
    if not record.activations:
        return element("p", {"class": "ld-readout"}, "This record has no factors.")
    hint = element("span", {"class": "ld-hint"}, _HINT)
    summary = element("span", {"class": "ld-summary"}, _SUMMARY, hint)
    return element("p", {"class": "ld-readout"}, summary, element("span", {"class": "ld-live"}))


def _labels_switch() -> Element:
    box = element("input", {"type": "checkbox", "class": "ld-labels"})
    return element("label", {"class": "ld-switch"}, box, " Label each token with its strongest factor")


def _table(record: Factors) -> Element:
    heads = ("Factor", "Explains", "Neurons", "Strongest on")
    return table_details("The factors as a table", heads, (_table_row(record, f) for f in range(len(record.activations))))


def _table_row(record: Factors, factor: int) -> tuple[str, ...]:
    facts, number = record.facts, factor + 1
    neurons, share = facts.get(f"factor_{number}_neurons"), facts.get(f"factor_{number}_share")
    size = f"{neurons:,} ({share:.0%})" if isinstance(neurons, int) and isinstance(share, int | float) else "not given"
    tokens = ", ".join(f"‘{text}’ at {_positions(positions)}" for text, positions in strongest(record, factor))
    explained = "not given" if record.explained is None else f"{record.explained[factor]:.1%}"
    return f"F{number}", explained, size, tokens or "no token"


def _positions(positions: list[int]) -> str:
    shown = sorted(positions[:_STRONGEST_TOKENS])
    return ", ".join(map(str, shown)) + (" and more" if len(positions) > len(shown) else "")


EXPLORABLE = Explorable(
    options={
        "overlap": NumberOption(0, 0.9, 0.3, "share of its height by which a sparkline rises into the row above"),
        "height": NumberOption(40, 2000, None, "height of the sparklines in pixels"),
    },
    draw=draw,
)
