"""Finding the FFN of each block, without a table of models.

In a standard decoder the blocks are the one module list as long as the model has layers, and the down-projection of a block is
its widest linear map onto the hidden state that stands outside attention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from lensdoc.records.errors import ModelError

Linear = nn.Linear | Conv1D


@torch.no_grad()
def record_activations(model: PreTrainedModel, ids: Tensor, layers: Sequence[int]) -> Tensor:
    """Inputs of the down-projections for one text: ids (T,) to activations (layers, T, neurons)."""
    return activations_of(model, layers, input_ids=ids[None])


def activations_of(model: PreTrainedModel, layers: Sequence[int], **text: Tensor) -> Tensor:
    """The same for what a model may be given, ids or embeddings of one text; derivatives pass through.

    Raises:
        ModelError: A forward pass leaves a down-projection out, so that there is nothing to capture.
    """
    projections = down_projections(model)
    kept: dict[int, Tensor] = {}
    with _inputs_of({layer: projections[layer] for layer in layers}, kept):
        states = model.base_model(**text, use_cache=False).last_hidden_state
    if missing := [layer for layer in layers if layer not in kept]:
        raise ModelError(
            f"the FFN activations of layers {missing} were not captured: {type(model).__name__} computes them otherwise"
        )
    rows = [kept[layer].reshape(states.shape[1], -1) for layer in layers]  # some models flatten the batch
    return torch.stack([layer.to(states.device) for layer in rows])  # blocks may lie on several devices


def n_neurons(model: PreTrainedModel) -> int:
    """FFN neurons in each layer."""
    return _sizes(down_projections(model)[0])[0]


def down_projections(model: PreTrainedModel) -> list[Linear]:
    """The down-projection of every block, in order.

    Raises:
        ModelError: The model is built otherwise than a standard decoder.
    """
    return [_down_projection(block, model) for block in blocks(model)]


def blocks(model: PreTrainedModel) -> nn.ModuleList:
    """The transformer blocks, in order."""
    count = model.config.num_hidden_layers
    found = [m for m in model.modules() if isinstance(m, nn.ModuleList) and len(m) == count]
    if not found:
        raise ModelError(f"{type(model).__name__} has no list of {count} blocks; lensdoc reads decoders with one block a layer")
    return found[0]


def _down_projection(block: nn.Module, model: PreTrainedModel) -> Linear:
    hidden = model.config.hidden_size
    candidates = [
        module
        for name, module in block.named_modules()
        if isinstance(module, Linear) and "attn" not in name and "attention" not in name and _sizes(module)[1] == hidden
    ]
    if not candidates:
        raise ModelError(f"{type(model).__name__} has no linear down-projection in its blocks (a mixture of experts?)")
    # Where all maps are equally wide, the one down comes after those up.
    return max(reversed(candidates), key=lambda module: _sizes(module)[0])


def _sizes(module: Linear) -> tuple[int, int]:
    """Sizes in and out."""
    if isinstance(module, Conv1D):
        return module.weight.shape[0], module.weight.shape[1]
    return module.in_features, module.out_features


@contextmanager
def _inputs_of(modules: dict[int, Linear], kept: dict[int, Tensor]) -> Iterator[None]:
    """Keep the input of each module while it runs; the hooks are removed whatever happens."""

    def keep(layer: int) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(_: nn.Module, args: tuple[Tensor, ...]) -> None:
            kept[layer] = args[0]

        return hook

    handles = [module.register_forward_pre_hook(keep(layer)) for layer, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
