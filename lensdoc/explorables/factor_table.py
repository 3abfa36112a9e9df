"""Factors as a table: what each explains, holds, and where it is strongest."""

from __future__ import annotations

from collections.abc import Sequence

from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element
from lensdoc.explorables.numbers import digits
from lensdoc.explorables.scales import Scale
from lensdoc.explorables.shared import SIZES, said
from lensdoc.explorables.steadiness import steadiness
from lensdoc.explorables.tables import table_details
from lensdoc.records.factors import Factors, TopNeuron

_STRONGEST_TOKENS: int = SIZES["factors"]["tokens"]


def factor_table(record: Factors, found: Sequence[Scale]) -> Element:
    """The table; columns that the record knows nothing of are left out."""
    columns = {
        "factor": [f"F{f + 1}" for f in range(len(record.activations))],
        "explains": _explained(record),
        "neurons": [_size(record, f) for f in range(len(record.activations))],
        "stability": [mark for mark, _ in steadiness(record)],
        "first": [scale.first or said("factors.no") for scale in found] if any(scale.first for scale in found) else [],
        "strongest": [_strongest(record, f) for f in range(len(record.activations))],
        "top": [", ".join(map(_neuron, neurons)) or said("factors.noneNamed") for neurons in record.neurons or ()],
    }
    shown = {said(f"factors.columns.{name}"): cells for name, cells in columns.items() if cells}
    return table_details(said("factors.table"), tuple(shown), zip(*shown.values(), strict=True))


def strongest(record: Factors, factor: int) -> list[tuple[str, list[int]]]:
    """The distinct tokens on which a factor is strongest, at half its largest activation or more, with their positions."""
    row = record.activations[factor]
    floor = max(row, default=0) / 2
    order = sorted((p for p, value in enumerate(row) if value > 0 and value >= floor), key=lambda p: -row[p])
    found: dict[str, list[int]] = {}
    for position in order:
        text = quoted(record.tokens, position) + (said("factors.template") if record.tokens[position].kind == "template" else "")
        if text in found or len(found) < _STRONGEST_TOKENS:
            found.setdefault(text, []).append(position)
    return list(found.items())


def _explained(record: Factors) -> list[str]:
    return (
        [said("factors.notGiven")] * len(record.activations)
        if record.explained is None
        else [f"{e:.1%}" for e in record.explained]
    )


def _size(record: Factors, factor: int) -> str:
    neurons, share = (record.facts.get(f"factor_{factor + 1}_{fact}") for fact in ("neurons", "share"))
    return (
        f"{neurons:,} ({share:.0%})" if isinstance(neurons, int) and isinstance(share, int | float) else said("factors.notGiven")
    )


def _strongest(record: Factors, factor: int) -> str:
    tokens = (said("factors.at", token=text, positions=_positions(found)) for text, found in strongest(record, factor))
    return ", ".join(tokens) or said("noToken")


def _positions(positions: list[int]) -> str:
    shown = sorted(positions[:_STRONGEST_TOKENS])
    return ", ".join(map(str, shown)) + (said("factors.more") if len(positions) > len(shown) else "")


def _neuron(found: TopNeuron) -> str:
    part = said("factors.negative") if found.sign == "negative" else ""
    return f"{found.layer}.{found.neuron}{part} ({digits(found.loading, 2)})"
