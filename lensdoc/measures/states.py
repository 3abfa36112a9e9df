"""FFN activations as measures take them: which layers, which states, and whether they are finite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral

from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.measures.layers import check_finite
from lensdoc.models.trace import Trace

Chosen = int | slice | Sequence[int] | None
"""Indices that an author asks for: None for all, one, a slice, or several."""


def chosen_indices(name: str, chosen: object, count: int, last: str) -> list[int]:
    """What was chosen of `count` things, ascending, none twice.

    Raises:
        MeasureError: Something else than their indices, or nothing, was chosen.
    """
    if chosen is None:
        return list(range(count))
    several = range(count)[chosen] if isinstance(chosen, slice) else chosen
    given = list(several) if isinstance(several, Iterable) and not isinstance(several, str) else [several]
    found = {int(index) for index in given if isinstance(index, Integral) and 0 <= int(index) < count}
    if not found or len(found) != len(set(given)):
        raise MeasureError(f"{name} must be indices from 0 to {count - 1}, {last}; they are {chosen!r}")
    return sorted(found)


def chosen_layers(trace: Trace, layers: Chosen) -> list[int]:
    """The layers that an author asks for; see `chosen_indices`."""
    return chosen_indices("layers", layers, trace.info.layers, "the model's last")


def neurons_in(trace: Trace, layers: Sequence[int]) -> int:
    """FFN neurons in each of the layers.

    Raises:
        ModelError: One has none, or they have different numbers; the message says why, and which layers will do.
    """
    return trace.info.neurons or trace.neurons_in(layers)


def shown_states(trace: Trace) -> list[int]:
    """For every token the state that it shows: the response to an input token, but what produced a produced one.

    A state is named by the token that was read last, so the last input token and the first produced one show the same. In a
    masked model every token shows the state at its own place: of a filled one that is the state at the mask, which produced it;
    so does every token of a source in an encoder.
    """
    if trace.sees_all:
        return list(range(len(trace.tokens)))
    return [position - (position >= trace.n_input) for position in range(len(trace.tokens))]


def read_activations(trace: Trace, layers: Sequence[int]) -> Tensor:
    """Activations in the states that tokens show, (layers, states, neurons); nobody has read the last token of a produced text.

    Raises:
        MeasureError: They are not finite.
    """
    values = trace.ffn_activations(layers)[:, : shown_states(trace)[-1] + 1]
    check_finite(values, trace, "FFN activations")
    return values
