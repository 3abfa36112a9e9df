"""The residual stream after every block, and the way from it to logits, found without a table of models.

What stands between the last block and the unembedding (a final norm, in some models a projection too) is whatever a forward pass
calls there; it is watched once, on a text of one token, and the logits that come of it are held against the model's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.models.ffn import blocks
from lensdoc.records.errors import ModelError

_CLOSE = 1e-3


@dataclass(frozen=True, eq=False)
class Unembedding:
    """From a state of the residual stream to logits."""

    final: tuple[nn.Module, ...]
    """What the model applies to the last block's output before the head: mostly one norm."""
    head: nn.Module
    softcap: float | None
    """The model's logits are `softcap * tanh(z / softcap)` where it has one (Gemma 2)."""

    @property
    def weight(self) -> Tensor:
        """One row for every token of the vocabulary, (vocabulary, width)."""
        return self.head.get_parameter("weight")

    def normed(self, states: Tensor, *, norm: bool = True) -> Tensor:
        """States (n, width) after a block, as the head gets them; without `norm` only projections to its width are applied."""
        for module in self.final:
            if norm or _is_projection(module):
                states = module(states)
        return states.to(self.weight.device)

    def logits(self, normed: Tensor, chosen: slice | Tensor = slice(None)) -> Tensor:
        """Logits (n, chosen tokens) of states that `normed` gave; by default of the whole vocabulary."""
        weight, bias = self.weight[chosen].to(normed.dtype), getattr(self.head, "bias", None)
        return self._capped(nn.functional.linear(normed, weight, None if bias is None else bias[chosen].to(normed.dtype)))

    def logits_of(self, normed: Tensor, ids: Tensor) -> Tensor:
        """The logit of one token for each state: (n, width) and (n,) to (n,)."""
        bias = getattr(self.head, "bias", None)
        own = (normed * self.weight[ids].to(normed.dtype)).sum(-1)
        return self._capped(own if bias is None else own + bias[ids].to(normed.dtype))

    def _capped(self, logits: Tensor) -> Tensor:
        return logits if self.softcap is None else self.softcap * torch.tanh(logits / self.softcap)


@torch.no_grad()
def unembedding(model: PreTrainedModel) -> Unembedding:
    """What turns the residual stream of a model into logits.

    Raises:
        ModelError: The model does something else there than modules one after the other, a linear head and a soft cap.
    """
    head = model.get_output_embeddings()
    if head is None or not hasattr(head, "weight"):
        raise ModelError(f"{type(model).__name__} has no linear unembedding; lensdoc reads causal language models")
    last = blocks(model)[-1]
    inner = {module for block in blocks(model) for module in block.modules()}
    outer = [module for module in model.modules() if module not in inner and last not in set(module.modules())]
    with _calls(outer, last) as calls:
        logits = model(torch.zeros((1, 1), dtype=torch.long, device=model.device), use_cache=False).logits[0]
    found = Unembedding(_chain(calls, head), head, getattr(model.config.get_text_config(), "final_logit_softcapping", None))
    if not logits.isfinite().all():
        raise ModelError(f"{type(model).__name__} gives logits that are not finite; are its weights, and does dtype hold them?")
    ours = found.logits(found.normed(calls[0][2][0])).to(logits.device)
    if not torch.allclose(ours, logits, rtol=_CLOSE, atol=_CLOSE):
        raise ModelError(
            f"{type(model).__name__} turns its last state into logits in a way that lensdoc does not know: they differ by up to "
            f"{float((ours - logits).abs().max()):.2g}"
        )
    return found


def _is_projection(module: nn.Module) -> bool:
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim == 2  # noqa: PLR2004 - a matrix


_Call = tuple[nn.Module, Tensor, Tensor]
"""A module with its input and its output."""


@contextmanager
def _calls(outer: Sequence[nn.Module], last: nn.Module) -> Iterator[list[_Call]]:
    """Note what is called from the last block on; the block comes first."""
    calls: list[_Call] = []

    def note(module: nn.Module, args: tuple[Tensor, ...], output: object) -> None:
        made = output[0] if isinstance(output, tuple) else output
        if (calls or module is last) and args and isinstance(made, Tensor):
            calls.append((module, args[0], made))

    with ExitStack() as hooks:
        for module in (last, *outer):
            hooks.callback(module.register_forward_hook(note).remove)
        yield calls


def _chain(calls: list[_Call], head: nn.Module) -> tuple[nn.Module, ...]:
    """The modules that lead from the last block's output to the head's input, each taking what the one before made."""
    state = calls[0][2]
    chain: list[nn.Module] = []
    for module, given, made in calls[1:]:
        if given.shape == state.shape and torch.equal(given, state.to(given.device)):
            if module is head:
                return tuple(chain)
            chain.append(module)
            state = made
    return tuple(chain)


@torch.no_grad()
def residual_stream(model: PreTrainedModel, ids: Tensor) -> Tensor:
    """The residual stream after every block, no norm applied: ids (T,) to states (layers, T, width), in one pass.

    Hooks read it off the blocks, since the last of the `hidden_states` that models report is normed already.
    """
    states: list[Tensor] = []

    def keep(_: nn.Module, __: object, output: Tensor | tuple[Tensor, ...]) -> None:
        made = output[0] if isinstance(output, tuple) else output
        states.append(made.detach().reshape(len(ids), -1).to(ids.device))

    with ExitStack() as hooks:
        for block in blocks(model):
            hooks.callback(block.register_forward_hook(keep).remove)
        model(ids[None], use_cache=False, logits_to_keep=1)
    return torch.stack(states)
