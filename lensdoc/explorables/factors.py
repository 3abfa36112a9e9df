"""The figure of kind `factors`: a sparkline for each factor beside the tokens, each tinted by its strongest factor."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from itertools import groupby

from lensdoc.explorables.display import plain, token_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.kinds import Explorable
from lensdoc.explorables.options import NumberOption
from lensdoc.records.factors import Factors

HUES = 10
"""Hues in the palette; further factors begin again. Row and label identify a factor, the hue only helps."""
LEVELS = 16
"""Steps of a tint."""
CHART_HEIGHT = 100
"""Height of a sparkline in its own units."""
_STRONGEST_TOKENS = 4
_SUMMARY = "Each token is tinted by its strongest factor, each factor scaled to its own largest activation."
_HINT = " Hover, tap or use the arrow keys to isolate a factor; tap or press Enter to pin it."


def draw(record: Factors, options: Mapping[str, float | None]) -> Element:
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


def level(value: float, largest: float) -> int:
    """Step of the tint for a value, from 0 to `LEVELS` - 1; computed and rounded in the order in which D3 does."""
    return math.floor((LEVELS - 1) * (value / largest) + 0.5) if largest > 0 else 0


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
    content: list[Content] = []
    for kind, group in groupby(enumerate(record.tokens), key=lambda pair: pair[1].kind):
        content.append(element("span", {"class": "ld-part"}, kind))
        for position, token in group:
            # A line may break before a space, and nowhere inside a token.
            content.extend([element("wbr")] if token.text.startswith(" ") else [])
            content.append(token_element(token, _tint(record, position, largest)))
    return element("div", {"class": "ld-tokens", "dir": "auto"}, *content)


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
    head = element("tr", None, *(element("th", {"scope": "col"}, t) for t in ("Factor", "Explains", "Neurons", "Strongest on")))
    rows = [_table_row(record, f) for f in range(len(record.activations))]
    table = element("table", {"class": "ld-table"}, element("thead", None, head), element("tbody", None, *rows))
    return element(
        "details",
        {"class": "ld-details"},
        element("summary", None, "The factors as a table"),
        element("div", {"class": "ld-scroll"}, table),
    )


def _table_row(record: Factors, factor: int) -> Element:
    facts, number = record.facts, factor + 1
    neurons, share = facts.get(f"factor_{number}_neurons"), facts.get(f"factor_{number}_share")
    size = f"{neurons:,} ({share:.0%})" if isinstance(neurons, int) and isinstance(share, int | float) else "not given"
    tokens = ", ".join(f"‘{text}’ at {_positions(positions)}" for text, positions in strongest(record, factor))
    return element(
        "tr",
        None,
        element("th", {"scope": "row"}, f"F{number}"),
        element("td", None, f"{record.explained[factor]:.1%}"),
        element("td", None, size),
        element("td", None, tokens or "no token"),
    )


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
