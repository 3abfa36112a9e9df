"""What a heatmap shows, as a table: the clusters, or the strongest neurons where there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element
from lensdoc.explorables.heat import Heat, Rows
from lensdoc.explorables.numbers import added
from lensdoc.explorables.scores import numbered
from lensdoc.explorables.shared import SIZES, heads, said
from lensdoc.explorables.tables import table_details
from lensdoc.records.activations import Activations

_STRONGEST_NEURONS: int = SIZES["heat"]["neurons"]
_STRONGEST_TOKENS: int = SIZES["heat"]["tokens"]


def cluster_table(record: Activations, layers: Sequence[Heat]) -> Element:
    """Of each cluster: its size, how often its neurons are above 0, and where they are strongest on average."""
    rows = (_cluster(record, heat, *member) for heat in layers for member in heat.members)
    return table_details(said("activations.clusterTable"), heads("activations.clusterHeads"), rows)


def neuron_table(record: Activations, layers: Sequence[Heat]) -> Element:
    """The neurons with the largest values, and their tokens."""
    rows = (row for heat in layers for row in _neurons(record, heat))
    return table_details(said("activations.neuronTable"), heads("activations.neuronHeads"), rows)


def _cluster(record: Activations, heat: Heat, cluster: int, rows: Rows) -> tuple[str, ...]:
    means = [added(column) / len(rows) for column in zip(*rows, strict=True)]
    order = sorted((p for p, mean in enumerate(means) if mean > 0), key=lambda p: -means[p])[:_STRONGEST_TOKENS]
    named = ", ".join(f"{_token(record, column)}, {heat.number(means[column])}" for column in order)
    fact = f"cluster_{cluster}_active" if len(record.layers) == 1 else f"layer_{heat.layer}_cluster_{cluster}_active"
    return _named(record, heat, f"C{cluster}"), f"{len(rows):,}", f"{active(record, fact, rows):.0%}", named or said("noToken")


def active(record: Activations, fact: str, rows: Rows) -> float:
    """Share of values above 0. Where values were encoded some have been rounded to 0, and the record's fact knows better."""
    known = record.facts.get(fact) if record.encoding else None
    return float(known) if known is not None else sum(value > 0 for row in rows for value in row) / (len(rows) * len(rows[0]))


def _neurons(record: Activations, heat: Heat) -> Iterator[tuple[str, ...]]:
    order = sorted(range(len(heat.rows)), key=lambda n: -max(heat.rows[n]))[:_STRONGEST_NEURONS]
    for n in order:
        largest = max(heat.rows[n])
        if largest > 0:
            on = _token(record, heat.rows[n].index(largest))
            yield _named(record, heat, str(heat.neurons[n])), heat.number(largest), on


def _named(record: Activations, heat: Heat, name: str) -> str:
    return name if len(record.layers) == 1 else said("activations.named", layer=heat.layer, name=name)


def _token(record: Activations, column: int) -> str:
    position = record.positions[column]
    return f"{quoted(record.tokens, position)} ({numbered(record.tokens, position)})"
