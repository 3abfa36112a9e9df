"""The figure of kind `activations`: neurons down, tokens across, a heatmap for each layer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import readout
from lensdoc.explorables.heat import Heat, heats
from lensdoc.explorables.heat_tables import active, cluster_table, neuron_table
from lensdoc.explorables.heatmaps import Shape, first_output, heatmap_element
from lensdoc.explorables.images import heat_ramp
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import digits, share
from lensdoc.explorables.options import NumberOption
from lensdoc.explorables.scores import numbered
from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.activations import Activations

_MOST_VALUES: int = SIZES["heat"]["values"]


def draw(record: Activations, options: Mapping[str, Any]) -> Element:
    """The custom element: a heatmap with its legend for each layer, and a table."""
    count = len(record.layers) * len(record.neurons) * len(record.positions)
    if count > _MOST_VALUES:
        raise PublishError(said("activations.most", most=f"{_MOST_VALUES:,}", count=f"{count:,}"))
    layers = list(heats(record, options.get("span")))
    table = cluster_table if record.clusters else neuron_table
    return element(
        "lens-activations",
        {"class": "ld-activations", "data-search-exclude": ""},
        *(_layer(record, heat, Shape.of(record, heat, options["height"])) for heat in layers),
        readout(
            _summary(record, layers, options["height"]), said("activations.hint", step=said(f"activations.step.{_rows(record)}"))
        ),
        table(record, layers),
        element("template", {"class": "ld-data"}, json.dumps(_data(record, layers, options["height"]))),
    )


def _data(record: Activations, layers: Sequence[Heat], height: float | None) -> dict[str, Any]:
    columns = [f"{numbered(record.tokens, p)} {quoted(record.tokens, p)}" for p in record.positions]
    shapes = [Shape.of(record, heat, height) for heat in layers]
    return {
        "columns": columns,
        "wrap": shapes[0].wrap,
        "layers": [_layer_data(heat, shape) for heat, shape in zip(layers, shapes, strict=True)],
    }


def _layer_data(heat: Heat, shape: Shape) -> dict[str, Any]:
    first, last = heat.neurons[0], heat.neurons[-1]
    follow = heat.neurons == tuple(range(first, last + 1))
    unit, values = heat.halves
    return {
        "layer": heat.layer,
        "count": len(heat.neurons),
        "neurons": [first] if follow else heat.neurons,
        "clusters": [(number, size, lines) for (number, size), lines in zip(heat.clusters, shape.tall, strict=True)],
        "unit": unit,
        "values": values,
        "limit": heat.limit,
        "coded": heat.step > 0,
        "decimals": heat.decimals,
    }


def _layer(record: Activations, heat: Heat, shape: Shape) -> Element:
    clusters = said("activations.in", clusters=_count(len(heat.clusters), "cluster")) if heat.clusters else ""
    neurons, tokens = _count(len(heat.neurons), "neuron"), _count(len(record.positions), "token")
    name = said("activations.layer", layer=heat.layer, neurons=neurons, clusters=clusters, tokens=tokens)
    title = element("p", {"class": "ld-title"}, name)
    return element("div", {"class": "ld-layer"}, title, heatmap_element(record, heat, shape, name), _legend(record, heat))


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _legend(record: Activations, heat: Heat) -> Element:
    """What the colours mean: from the least value below 0, if there is any, to the largest; or to where colours end."""
    low, high = min(0.0, *map(min, heat.rows)), max(0.0, *map(max, heat.rows))
    shown = max(low, -heat.limit), min(high, heat.limit)
    bar = element("span", {"class": "ld-ramp", "style": f"background: {heat_ramp(*shown, heat.limit)}"})
    blank = said("activations.blank") if low < 0 else ""
    ends = [
        f"{more} {heat.number(end)}" if end != whole else heat.number(end)
        for more, end, whole in zip("≤≥", shown, (low, high), strict=True)
    ]
    scale = element("span", {"aria-hidden": "true"}, ends[0], bar, ends[1], blank)
    return element("p", {"class": "ld-legend"}, scale, *([element("span", None, _beyond(record, heat))] if heat.beyond else []))


def _beyond(record: Activations, heat: Heat) -> str:
    """Where colours end, as a sentence."""
    beyond, count = heat.beyond, len(heat.rows) * len(heat.rows[0])
    row, column = beyond[0]
    position = record.positions[column]
    return said(
        "activations.beyond.one" if len(beyond) == 1 else "activations.beyond.many",
        limit=heat.number(heat.limit),
        values=_count(len(beyond), "value"),
        share=share(len(beyond) / count),
        largest=heat.number(heat.rows[row][column]),
        neuron=heat.neurons[row],
        position=position,
        token=quoted(record.tokens, position),
    )


def _summary(record: Activations, layers: Sequence[Heat], height: float | None) -> str:
    rows = tuple(row for heat in layers for row in heat.rows)
    fires = active(record, "active", rows)
    line = "" if first_output(record) is None else said("activations.line")
    tall = any(more > 1 for heat in layers for more in Shape.of(record, heat, height).tall)
    order = said(f"activations.order.{_rows(record)}")
    told = said("activations.sorted", order=order, active=f"{fires:.0%}", precision=_precision(layers))
    return line + (said("activations.tall") if tall else "") + told


def _rows(record: Activations) -> str:
    """What the rows are sorted and walked through by."""
    return "clusters" if record.clusters else "neurons"


def _precision(layers: Sequence[Heat]) -> str:
    """How exact values are."""
    if not any(heat.step for heat in layers):
        return said("activations.digits")
    steps = ((digits(heat.step, 2), heat.layer) for heat in layers if heat.step)
    several = len(layers) > 1
    told = (said("activations.ofLayer", step=step, layer=layer) if several else step for step, layer in steps)
    return said("activations.steps", steps=", ".join(told))


def _method(record: Activations) -> str:
    grouped = " Clusters are those of k-means, whose number the author chose." if record.clusters else ""
    return (
        "Activations of feed-forward neurons: what enters the block's down-projection. One text shows when a neuron fires, not "
        f"what it is for.{grouped}"
    )


def _numbers(record: Activations) -> Iterator[tuple[Cell, ...]]:
    exact = record.encoding is None  # codes are one of 255, so four digits tell them apart
    for layer, rows in zip(record.layers, record.rows, strict=True):
        for neuron, row in zip(record.neurons, rows, strict=True):
            for position, value in zip(record.positions, row, strict=True):
                token = record.tokens[position]
                yield layer, neuron, position, token.spelled, token.kind, value if exact else float(f"{value:.4g}")


EXPLORABLE = Explorable(
    options={"height": NumberOption(40, 8000, None, "height of a heatmap in pixels; one less than its neurons blends them")},
    draw=draw,
    method=_method,
    table=Table(("layer", "neuron", "position", "token", "kind", "activation"), _numbers),
    span=lambda record, _: (max(heat.limit for heat in heats(record)),),
    states={
        "layer": lambda record: record.layers,
        "neuron": lambda record: record.neurons,
        "token": lambda record: record.positions,
    },
    together=("layer", "neuron", "token"),
)
