"""Places in a model whose values can be read and replaced: what a block, its attention, its FFN, its heads or its neurons make.

residual   the state after a block                       (T, width)
attention  output of the attention's output projection   (T, width)
ffn        output of the FFN's down-projection           (T, width)
heads      input of the attention's output projection    (T, heads * size)
neurons    input of the FFN's down-projection            (T, neurons)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.ffn import ffn, neurons_in
from lensdoc.models.heads import heads_in
from lensdoc.models.restart import restarts
from lensdoc.models.streams import Stack

Place = Literal["residual", "attention", "ffn", "heads", "neurons"]
Change = Callable[[Tensor], Tensor]
"""From values (texts, T, size) to others; derivatives pass through."""
_AT_INPUT = ("heads", "neurons")


def module_of(model: PreTrainedModel, place: Place, layer: int, stack: Stack = "decoder") -> nn.Module:
    """The module whose output, or for heads and neurons whose input, stands at the place.

    Attention and heads are those of models with one stack.

    Raises:
        ModelError: The layer has no attention heads or no FFN neurons that could be told; the message says which layers have.
    """
    if place == "residual":
        return blocks(model, stack)[layer]
    if place in {"attention", "heads"}:
        projection = heads_in(model, layer).projection
        assert projection is not None
        return projection
    neurons_in(model, [layer], stack)
    down = ffn(model, stack)[layer].module
    assert down is not None
    return down


@contextmanager
def changed(
    model: PreTrainedModel, place: Place, changes: dict[int, Change], texts: tuple[int, int], stack: Stack = "decoder"
) -> Iterator[None]:
    """While it lasts, values at a place are changed, in some layers; the hooks are removed whatever happens.

    Args:
        model: The model.
        place: What is changed.
        changes: Layer to what becomes of its values.
        texts: Texts and tokens that the model is given: some models flatten them.
        stack: The stack whose layers they are, in a model with two; the tokens are those that it is given.
    """
    restarts(model)  # which runs a few tokens of its own, that these hooks must not meet
    with ExitStack() as hooks:
        for layer, change in changes.items():
            module = module_of(model, place, layer, stack)
            if place in _AT_INPUT:
                hooks.callback(module.register_forward_pre_hook(_input(change, texts)).remove)
            else:
                hooks.callback(module.register_forward_hook(_output(change, texts)).remove)
        yield


@contextmanager
def read(
    model: PreTrainedModel, place: Place, layers: Sequence[int], texts: tuple[int, int], stack: Stack = "decoder"
) -> Iterator[dict[int, Tensor]]:
    """While it lasts, values (texts, T, size) at a place are kept, by layer; derivatives pass through."""
    kept: dict[int, Tensor] = {}

    def keep(layer: int) -> Change:
        def note(values: Tensor) -> Tensor:
            kept[layer] = values
            return values

        return note

    with changed(model, place, {layer: keep(layer) for layer in layers}, texts, stack):
        yield kept


def _input(change: Change, texts: tuple[int, int]) -> Callable[..., tuple[Any, ...]]:
    def hook(_: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (change(args[0].reshape(*texts, -1)).reshape(args[0].shape), *args[1:])

    return hook


def _output(change: Change, texts: tuple[int, int]) -> Callable[..., Any]:
    def hook(_: nn.Module, __: object, output: Any) -> Any:  # noqa: ANN401 - a tensor, or a tuple that begins with one
        made = state_of(output)
        new = change(made.reshape(*texts, -1)).reshape(made.shape)
        return (new, *output[1:]) if isinstance(output, tuple) else new

    return hook
