"""What the lens measures share: the states of all layers at chosen positions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.models.fitted_lens import FittedLens, fitting, read_lens
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.residual import is_norm
from lensdoc.models.streams import Stack
from lensdoc.models.trace import Trace


def lens_states(
    trace: Trace,
    positions: Sequence[int],
    layers: Sequence[int],
    *,
    final_norm: bool,
    lens: FittedLens | None = None,
) -> Tensor:
    """States from which the tokens at these positions are predicted, as the head gets them, (layers, positions, width).

    With `final_norm` every layer's state is normed as the last one is; without, only the last, whose norm belongs to the model.
    A fitted lens first makes of each layer's state one that the last layer might have made. What else stands before a masked
    model's unembedding, such as BERT's transform, is applied to every layer's state.

    Raises:
        MeasureError: The states are not finite, or the norm is to be left out of a masked model's head, which is no norm alone.
    """
    unembedding = trace.lm.unembedding
    if not final_norm and trace.readings and not all(is_norm(module) for module in unembedding.final):
        raise MeasureError(
            f"the head of {trace.lm.id} is a transform with a norm in it, which says nothing without; take final_norm=True"
        )
    states = trace.states_before(positions)
    with torch.no_grad():
        last = len(states) - 1
        read = {layer: states[layer] if lens is None else lens.transported(layer, states[layer]) for layer in layers}
        normed = torch.stack([unembedding.normed(read[layer], norm=final_norm or layer == last) for layer in layers])
    check_finite(normed, trace, "states")
    return normed


Lens = FittedLens | Path | str | None
"""A fitted lens or its file; None for the logit lens, which is fitted on nothing."""


def opened(lens: Lens, trace: Trace, *, final_norm: bool) -> FittedLens | None:
    """The lens that is asked for, if it is of the trace's model.

    Raises:
        MeasureError: It is to be read without the final norm, with which it was fitted.
        ModelError: There is no such file, or it is of another model.
    """
    if lens is None:
        return None
    causal_only(trace, "a fitted lens", "it is fitted on what follows a text")
    if not final_norm:
        raise MeasureError("a fitted lens is read with the final norm, with which it was fitted; take final_norm=True")
    return fitting(lens, trace.lm) if isinstance(lens, FittedLens) else read_lens(lens, trace.lm)


def with_last(layers: Sequence[int], count: int, last: int = 1) -> list[int]:
    """Layers that were chosen, and the last ones of the `count` that the model has: what facts say is of these, shown or not."""
    return sorted({*layers, *range(max(0, count - last), count)})


def check_finite(values: Tensor, trace: Trace, what: str) -> None:
    """Raises MeasureError: something that the model gave is NaN or infinite."""
    if not values.isfinite().all():
        raise MeasureError(f"the {what} of {trace.lm.id} are not finite on this text; do they overflow {trace.provenance.dtype}?")


def place(trace: Trace, position: int) -> int:
    """A position at which a token is predicted; negative ones count back from the last of them, -1.

    A causal model predicts tokens from 1 to the number of tokens, which follows the last; a masked model at masks alone.

    Raises:
        MeasureError: Nothing is predicted there.
    """
    if trace.readings:
        return _mask(trace, position)
    count, first = len(trace.tokens), trace.split + 1
    least = first - count - 1
    if not isinstance(position, int) or not (first <= position <= count or least <= position <= -1):
        target = ", of the target" if trace.split else ""
        raise MeasureError(
            f"positions run from {first} to {count}{target}, which follows the last token, or from -1 (the same) to {least}; "
            f"not {position!r}"
        )
    return position if position > 0 else count + 1 + position


def _mask(trace: Trace, position: int) -> int:
    masks = list(trace.predicted)
    if isinstance(position, int) and -len(masks) <= position < 0:
        return masks[position]
    if position not in masks:
        some = f"{', '.join(map(str, masks[:_MOST_NAMED]))}{', ...' if len(masks) > _MOST_NAMED else ''}"
        raise MeasureError(
            f"a masked model predicts at masks, here positions {some}, or from -1, the last of them, to {-len(masks)}; "
            f"not {position!r}"
        )
    return position


_MOST_NAMED = 8


def answered(trace: Trace, position: int, measure: str) -> tuple[Trace, int | None]:
    """The text that ends where an answer would stand, and None; of a masked model the whole text, and the mask.

    Raises:
        MeasureError: Nothing is predicted there, or the text of a masked model has no masks.
    """
    read_once(trace, measure)
    found = place(trace, position)
    return (trace, found) if trace.readings else (trace.before(found), None)


def read_once(trace: Trace, measure: str) -> None:
    """Raises MeasureError: the text was scored by a masked model, which read it once for each of its tokens."""
    if trace.readings and trace.n_input == len(trace.tokens):
        raise MeasureError(
            f"{measure} looks at masks, and this text of {trace.lm.id} was scored, each of its tokens masked in turn; let the "
            "model `fill` the text with a mask"
        )


def causal_only(trace: Trace, measure: str, why: str) -> None:
    """Raises MeasureError: the trace is of a masked model or of one with two stacks, for which this measure was not made."""
    if trace.readings:
        raise MeasureError(f"{measure} is of causal models, and {trace.lm.id} is a masked one: {why}")
    one_stack_only(trace.lm, measure)


def one_stack_only(lm: LanguageModel, measure: str) -> None:
    """Raises MeasureError: the model is an encoder with a decoder, for which this measure was not made."""
    if lm.paired:
        raise MeasureError(
            f"{measure} is of models with one stack, and {lm.id} is an encoder with a decoder: it is not made for a source and a "
            "target, of which each is read by other layers; take saliency, attention, patching or the lens"
        )


def of_stack(trace: Trace, stack: Stack | None, measure: str) -> Trace:
    """The trace whose states a measure looks at: of an encoder with a decoder those of one stack, the decoder unless named.

    Raises:
        MeasureError: A stack is named that is none, or of a model that has one alone.
    """
    if stack not in {None, *get_args(Stack)}:
        raise MeasureError(f"stack must be encoder or decoder, it is {stack!r}")
    if not trace.lm.paired:
        if stack is not None:
            raise MeasureError(
                f"{measure} takes a stack of encoders with decoders, and {trace.lm.id} has one alone; leave it out"
            )
        return trace
    return trace.stream(stack or "decoder")


def one_model(traces: Sequence[Trace]) -> Sequence[Trace]:
    """The traces, if they are of one model.

    Raises:
        MeasureError: They are not, or there are none.
    """
    if not len(traces):
        raise MeasureError("several texts are measured together, and none was given; trace at least one")
    models = sorted({f"{one.lm.info.id} ({one.lm.info.revision[:14]}, {one.provenance.dtype})" for one in traces})
    if len(models) > 1:
        raise MeasureError(f"texts that are measured together are traces of one model; these are of {' and '.join(models)}")
    return traces
