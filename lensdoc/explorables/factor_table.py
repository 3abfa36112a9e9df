"""Factors as a table: what each explains, holds, and where it is strongest."""

from __future__ import annotations

from collections.abc import Sequence

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element
from lensdoc.explorables.numbers import digits, fixed
from lensdoc.explorables.scales import Scale
from lensdoc.explorables.tables import table_details
from lensdoc.records.factors import Factors, TopNeuron

_STRONGEST_TOKENS = 4


def factor_table(record: Factors, found: Sequence[Scale]) -> Element:
    """The table; columns that the record knows nothing of are left out."""
    columns = {
        "Factor": [f"F{f + 1}" for f in range(len(record.activations))],
        "Explains": _explained(record),
        "Neurons": [_size(record, f) for f in range(len(record.activations))],
        "Stability": [fixed(value, 2) for value in record.stability or ()],
        "First token": [scale.first or "no" for scale in found] if any(scale.first for scale in found) else [],
        "Strongest on": [_strongest(record, f) for f in range(len(record.activations))],
        "Top neurons: layer.neuron (loading)": [", ".join(map(_neuron, neurons)) or "none" for neurons in record.neurons or ()],
    }
    shown = {head: cells for head, cells in columns.items() if cells}
    return table_details("The factors as a table", tuple(shown), zip(*shown.values(), strict=True))


def strongest(record: Factors, factor: int) -> list[tuple[str, list[int]]]:
    """The distinct tokens on which a factor is strongest, at half its largest activation or more, with their positions."""
    row = record.activations[factor]
    floor = max(row, default=0) / 2
    order = sorted((p for p, value in enumerate(row) if value > 0 and value >= floor), key=lambda p: -row[p])
    found: dict[str, list[int]] = {}
    for position in order:
        text = quoted(record.tokens, position) + (" (template)" if record.tokens[position].kind == "template" else "")
        if text in found or len(found) < _STRONGEST_TOKENS:
            found.setdefault(text, []).append(position)
    return list(found.items())


def _explained(record: Factors) -> list[str]:
    return ["not given"] * len(record.activations) if record.explained is None else [f"{e:.1%}" for e in record.explained]


def _size(record: Factors, factor: int) -> str:
    neurons, share = (record.facts.get(f"factor_{factor + 1}_{fact}") for fact in ("neurons", "share"))
    return f"{neurons:,} ({share:.0%})" if isinstance(neurons, int) and isinstance(share, int | float) else "not given"


def _strongest(record: Factors, factor: int) -> str:
    tokens = (f"{text} at {_positions(positions)}" for text, positions in strongest(record, factor))
    return ", ".join(tokens) or "no token"


def _positions(positions: list[int]) -> str:
    shown = sorted(positions[:_STRONGEST_TOKENS])
    return ", ".join(map(str, shown)) + (" and more" if len(positions) > len(shown) else "")


def _neuron(found: TopNeuron) -> str:
    part = " where negative" if found.sign == "negative" else ""
    return f"{found.layer}.{found.neuron}{part} ({digits(found.loading, 2)})"
