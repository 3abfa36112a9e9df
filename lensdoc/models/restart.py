"""Running a model again from one of its blocks on: what the blocks before made is not computed anew.

Blocks that are left out hand on what they are given; the last of them gives the states that the next one starts from. Whether a
model takes that is tried once, on a few tokens: where its states come out otherwise (later blocks may use more of earlier ones
than these), every block is computed, and the states are put in place of what the block before has made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.models.blocks import blocks, state_after, state_of
from lensdoc.models.forward import in_words, rounding, some_tokens, supported
from lensdoc.models.streams import has_two, run

_PROBED = 6
_known: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()


def last_states(model: PreTrainedModel, ids: Tensor, states: Tensor | None = None, first: int = 0, *, split: int = 0) -> Tensor:
    """States after the last block, before any norm, of texts (texts, T) of the same tokens: (texts, T, width).

    Of an encoder with a decoder they are those of the decoder, of the tokens from `split` on; it always computes every block.

    Args:
        model: The model.
        ids: Tokens of one text, (T,), or of several, (texts, T).
        states: States (texts, T, width) that block `first` is given, in place of those that the blocks before it make.
        first: The first block that is computed, if `states` are given; as many as the model has computes none.
        split: Where the target begins in these tokens, in a model with two streams.
    """
    texts = ids[None] if ids.ndim == 1 else ids
    if states is None:
        return _run(model, texts, split)
    texts = texts.expand(len(states), -1)
    if first == len(blocks(model)):
        return states
    with _given(model, states, first, skip=restarts(model)):
        return _run(model, texts)


def restarts(model: PreTrainedModel) -> bool:
    """Whether the model gives the same states when blocks whose states are known are left out; tried once."""
    if has_two(model):
        return False
    if model not in _known:
        _known[model] = _tried(model)
    return _known[model]


def _run(model: PreTrainedModel, texts: Tensor, split: int = 0) -> Tensor:
    kept: list[Tensor] = []
    with in_words(model, "read this text"), state_after(blocks(model)[-1], kept):
        if has_two(model):
            run(model, texts, split, use_cache=False)
        else:
            model(texts, **supported(model, use_cache=False, logits_to_keep=1))
    return kept[-1].reshape(len(texts), texts.shape[1] - split, -1)


@contextmanager
def _given(model: PreTrainedModel, states: Tensor, first: int, *, skip: bool) -> Iterator[None]:
    """While it lasts, block `first` is given these states."""
    with ExitStack() as undo:
        if not first:
            undo.callback(blocks(model)[0].register_forward_pre_hook(_put_in(states), with_kwargs=True).remove)
        for index, block in enumerate(blocks(model)[:first]):
            after = states if index == first - 1 else None
            if skip:
                undo.enter_context(_left_out(block, after))
            elif after is not None:
                undo.callback(block.register_forward_hook(_put_out(after)).remove)
        yield


def _put_in(states: Tensor) -> Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]:
    def put(_: nn.Module, args: tuple[Any, ...], others: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if args:
            return (states.reshape(args[0].shape), *args[1:]), others
        name = next(name for name, value in others.items() if isinstance(value, Tensor))
        return args, others | {name: states.reshape(others[name].shape)}

    return put


def _put_out(states: Tensor) -> Callable[..., Any]:
    def put(_: nn.Module, __: object, output: Any) -> Any:  # noqa: ANN401 - a tensor or a tuple that begins with one
        made = states.reshape(state_of(output).shape)
        return (made, *output[1:]) if isinstance(output, tuple) else made

    return put


@contextmanager
def _left_out(block: nn.Module, after: Tensor | None) -> Iterator[None]:
    """While it lasts, a block gives the states `after`, or what it is given, and computes nothing."""
    before, shape = vars(block).get("forward"), _shapes.get(block)

    def forward(*args: Any, **others: Any) -> Any:  # noqa: ANN401 - as the block's own
        given = args[0] if args else next(value for value in others.values() if isinstance(value, Tensor))
        made = given if after is None else after.reshape(given.shape)
        return made if shape is None else (made, *shape)

    block.forward = forward
    try:
        yield
    finally:
        if before is None:
            del block.forward
        else:  # that of a library which spreads the model over devices
            block.forward = before


_shapes: WeakKeyDictionary[nn.Module, tuple[Any, ...]] = WeakKeyDictionary()
"""What stands behind the state in the tuple that a block gives back; nothing for a block that gives back a tensor."""


@torch.no_grad()
def _tried(model: PreTrainedModel) -> bool:
    count = len(blocks(model))
    first = count // 2 or 1
    ids = some_tokens(model, _PROBED)[0]
    states: list[Tensor] = []

    def note(module: nn.Module, _: object, output: object) -> None:
        if isinstance(output, tuple):
            _shapes[module] = tuple(None if isinstance(value, Tensor) else value for value in output[1:])

    with ExitStack() as hooks:
        for block in blocks(model):
            hooks.callback(block.register_forward_hook(note).remove)
        hooks.enter_context(state_after(blocks(model)[first - 1], states))
        expected = _run(model, ids[None])
    given = states[-1].reshape(1, _PROBED, -1).repeat(2, 1, 1)
    try:
        with _given(model, given, first, skip=True):
            found = _run(model, ids[None].expand(2, -1))
    except torch.OutOfMemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever it raises, it is computed in full
        return False
    return bool(
        (found.nan_to_num() - expected.nan_to_num()).abs().max() <= rounding(found.dtype) * expected.nan_to_num().abs().max()
    )


def batches(count: int, tokens: int, at_once: int) -> Sequence[range]:
    """Rows in groups that go through the model together, so that each holds at most so many tokens."""
    size = max(1, at_once // tokens)
    return [range(first, min(first + size, count)) for first in range(0, count, size)]
