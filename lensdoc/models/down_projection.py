"""Which linear map of a block is the down-projection of its FFN, told by what its input is made of.

The activation of an FFN neuron is `a(u)`, or `a(g) * u` in a gated FFN (Shazeer 2020): a function, element by element, of what
one or two linear maps of the block make. So the map is looked for onto the hidden state whose input depends, at each position
and for each neuron, on no other element of these maps' outputs. A forward pass on a few tokens is differentiated to see it. What
mixes positions (attention, convolutions, state-space scans) fails, and so does what mixes neurons.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from lensdoc.models.forward import in_words, text_config
from lensdoc.models.residual import is_norm
from lensdoc.models.streams import probe

Linear = nn.Linear | Conv1D

_PROBED = 5
_SEED = 40
_ROUNDING = 64


@dataclass(frozen=True, eq=False)
class Found:
    """The down-projection of one block, or why it has none."""

    module: Linear | None
    name: str | None
    """Its path in the block."""
    why: str | None


@torch.enable_grad()
def find_down_projections(model: PreTrainedModel, blocks: Sequence[nn.Module]) -> tuple[Found, ...]:
    """The down-projection of each block, or why it has none."""
    hidden = text_config(model).hidden_size
    seen = _Seen()
    watched = {module for block in blocks for module in block.modules() if isinstance(module, Linear) or is_norm(module)}
    with ExitStack() as hooks, in_words(model, f"read a text of {_PROBED} tokens"):
        for module in watched:
            hooks.callback(module.register_forward_hook(seen.note).remove)
        probe(model, _PROBED, use_cache=False, logits_to_keep=1)
    return tuple(_find(block, hidden, seen) for block in blocks)


@dataclass
class _Seen:
    """What linear maps and norms were given, and what they made, cut off from what is before them."""

    given: dict[nn.Module, Tensor] = field(default_factory=dict)
    made: dict[nn.Module, Tensor] = field(default_factory=dict)
    norms: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    """Output and input of each norm."""

    def note(self, module: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
        if not (args and isinstance(args[0], Tensor) and isinstance(output, Tensor) and output.is_floating_point()):
            return None
        leaf = output.detach().requires_grad_()
        result = leaf.clone()  # some models go on in place
        self.given[module], self.made[module] = args[0], leaf
        if not isinstance(module, Linear):
            self.norms.append((result, args[0]))
        return result

    def before_norm(self, tensor: Tensor) -> Tensor:
        """What a norm was given, where the tensor is what it made: some FFNs norm their neurons before they are projected."""
        return next((given for made, given in self.norms if made is tensor), tensor)


def _find(block: nn.Module, hidden: int, seen: _Seen) -> Found:
    if experts := next(_experts(block), None):
        return Found(None, None, f"it has a mixture of experts ({experts}), whose neurons differ from token to token")
    linear = [(name, module) for name, module in block.named_modules() if isinstance(module, Linear) and module in seen.given]
    ups = [seen.made[module] for _, module in linear]
    # The widest; where all maps are equally wide, the one down comes after those up.
    last_first = list(reversed(linear))
    for name, module in sorted(last_first, key=lambda item: -sizes(item[1])[0]):
        if sizes(module)[1] == hidden and _is_elementwise(seen.before_norm(seen.given[module]), ups, sizes(module)[0]):
            return Found(module, name, None)
    return Found(
        None, None, "none of its linear maps onto the hidden state takes what an activation function made of single neurons"
    )


def _experts(block: nn.Module) -> Iterator[str]:
    """Paths of parts that are experts or choose among them; names of classes begin with that of the architecture."""
    for name, module in block.named_modules():
        kind = type(module).__name__
        own = kind[len(os.path.commonprefix([kind, type(block).__name__])) :].lower()  # noqa: RUF071 - of names, not paths
        if "expert" in name.lower() or any(word in own for word in ("expert", "moe", "router")):
            yield name


def _is_elementwise(neurons: Tensor, ups: Sequence[Tensor], count: int) -> bool:
    """Whether each of the neurons (T, count) depends on one element of each of the maps' outputs that it depends on at all.

    Where it does, the derivative of `sum(r * neurons)` by these elements is `r` times that of `sum(neurons)`, for every `r`.
    """
    if not neurons.requires_grad:
        return False
    weights = torch.rand(neurons.shape, generator=torch.Generator().manual_seed(_SEED)).to(neurons) + 0.5
    plain, weighted = (
        torch.autograd.grad((neurons * w).sum(), ups, retain_graph=True, allow_unused=True)
        for w in (torch.ones_like(weights), weights)
    )
    pairs = [(a, b) for a, b in zip(plain, weighted, strict=True) if a is not None and b is not None and (a != 0).any()]
    return bool(pairs) and all(_scaled_by(a, b, weights, count) for a, b in pairs)


def _scaled_by(plain: Tensor, weighted: Tensor, weights: Tensor, count: int) -> bool:
    """Whether one derivative is the other times the weights; a map for gate and value makes twice as many numbers."""
    close = _ROUNDING * torch.finfo(plain.dtype).eps * float(plain.abs().max())
    rows = weights.reshape(-1, count)
    orders: list[Callable[[Tensor], Tensor]] = []
    if plain.numel() == rows.numel():
        orders = [lambda r: r]
    elif plain.numel() == 2 * rows.numel():
        orders = [lambda r: torch.cat([r, r], -1), lambda r: r.repeat_interleave(2, -1)]
    return any(bool(((plain * order(rows).reshape(plain.shape) - weighted).abs() <= close).all()) for order in orders)


def sizes(module: Linear) -> tuple[int, int]:
    """Sizes in and out."""
    if isinstance(module, Conv1D):
        return module.weight.shape[0], module.weight.shape[1]
    return module.in_features, module.out_features
