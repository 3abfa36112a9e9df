"""The residual stream after every block, and the way from it to logits, found without a table of models.

What stands between the last block and the unembedding (a final norm, in some models a projection, or the whole head of a BERT) is
whatever a forward pass calls there. It is watched once, with random states in place of the last block's, and the logits that come
of it are held against the model's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.forward import in_words, text_config
from lensdoc.models.streams import Stack, probe, run

_CLOSE = 1e-3
_PROBED = 8
_SEED = 30


@dataclass(frozen=True, eq=False)
class Unembedding:
    """From a state of the residual stream to logits."""

    final: tuple[nn.Module, ...]
    """What the model applies to the last block's output before the head: mostly one norm."""
    head: nn.Module
    softcap: float | None
    """The model's logits are `softcap * tanh(z / softcap)` where it has one (Gemma 2)."""
    scale: float = 1.0
    """What the head's output is multiplied by, before the cap: a logit scale (Cohere, Granite)."""
    added: Tensor | None = None
    """(vocabulary,): what is added to the head's output, where the head itself has no bias (BART, Marian)."""

    @property
    def weight(self) -> Tensor:
        """One row for every token of the vocabulary, (vocabulary, width)."""
        return cast("Tensor", self.head.weight)  # not always a parameter: a live model's weights are inputs of its graph

    def normed(self, states: Tensor, *, norm: bool = True) -> Tensor:
        """States (..., width) after a block, as the head gets them; without `norm` all but the norms is applied.

        Raises:
            ModelError: The norms are to be left out, and stand in a part that is not taken to pieces.
        """
        if not norm and (whole := next((module for module in self.final if isinstance(module, _Whole)), None)):
            raise ModelError(f"the norm in {whole.name} cannot be left out by itself; take final_norm=True")
        for module in self.final:
            if norm or not is_norm(module):
                states = module(states)
        return states.to(self.weight.device)

    def logits(self, normed: Tensor, chosen: slice | Tensor = slice(None)) -> Tensor:
        """Logits (n, chosen tokens) of states that `normed` gave; by default of the whole vocabulary."""
        weight, bias = self.weight[chosen].to(normed.dtype), getattr(self.head, "bias", None)
        logits = nn.functional.linear(normed, weight, None if bias is None else bias[chosen].to(normed.dtype))
        return self._finished(logits, None if self.added is None else self.added[chosen])

    def logits_of(self, normed: Tensor, ids: Tensor) -> Tensor:
        """The logit of one token for each state: (n, width) and (n,) to (n,)."""
        bias = getattr(self.head, "bias", None)
        own = (normed * self.weight[ids].to(normed.dtype)).sum(-1)
        return self._finished(
            own if bias is None else own + bias[ids].to(normed.dtype), None if self.added is None else self.added[ids]
        )

    def _finished(self, logits: Tensor, added: Tensor | None) -> Tensor:
        logits = logits if self.scale == 1 else self.scale * logits
        logits = logits if added is None else logits + added.to(logits)
        return logits if self.softcap is None else self.softcap * torch.tanh(logits / self.softcap)


@torch.no_grad()
def unembedding(model: PreTrainedModel) -> Unembedding:
    """What turns the residual stream of a model into logits.

    Random states are put in place of the last block's; what the modules found make of them must be what the model makes of them.

    Raises:
        ModelError: The model does something else there than modules one after the other, a linear head, a factor and a soft cap.
    """
    head = model.get_output_embeddings()
    weight = getattr(head, "weight", None)
    if head is None or not isinstance(weight, Tensor) or weight.ndim != 2:  # noqa: PLR2004 - a matrix
        raise ModelError(
            f"{type(model).__name__} has no linear unembedding; lensdoc reads causal and masked language models, so take one"
        )
    last = blocks(model)[-1]
    inner = {module for block in blocks(model) for module in block.modules()}
    outer = [module for module in model.modules() if module not in inner and last not in set(module.modules())]
    with _random_states(last), _calls(outer, last) as calls, in_words(model, f"read a text of {_PROBED} tokens"):
        logits = probe(model, _PROBED, use_cache=False).logits[0]
    if not logits.isfinite().all():
        raise ModelError(f"{type(model).__name__} gives logits that are not finite; are its weights, and does dtype hold them?")
    chain, state = _chain(calls, head), calls[0].made[0]
    for softcap in _softcaps(model):
        plain = Unembedding(chain, head, softcap)
        for found in (*_with_added(plain, model), _scaled(plain, state, logits)):
            ours = found.logits(found.normed(state)).to(logits)
            if ours.shape == logits.shape and _agree(ours, logits):
                return found
    raise ModelError(
        f"{type(model).__name__} turns its last state into logits in a way that lensdoc does not know"
        + (f": they differ by up to {float((ours - logits).abs().max()):.2g}" if ours.shape == logits.shape else "")
        + "; measures that read states or derivatives need it, so take another model"
    )


def _softcaps(model: PreTrainedModel) -> list[float | None]:
    """Soft caps to be tried in turn: those that the config names for logits, none, and those of other names.

    Small logits look alike with a cap and without, so what the config says comes first; caps of attention come last.
    """
    named = {name: value for name, value in vars(text_config(model)).items() if "soft" in name and "cap" in name}
    caps = {name: float(value) for name, value in named.items() if isinstance(value, int | float) and value > 0}
    own = [value for name, value in caps.items() if "att" not in name]
    return [*own, None, *(value for name, value in caps.items() if "att" in name)]


def _agree(ours: Tensor, logits: Tensor) -> bool:
    """Equal but for rounding, which in 16 bits is coarse."""
    close = max(_CLOSE, 8 * torch.finfo(logits.dtype).eps)
    return bool(((ours - logits).abs() <= close * logits.abs().max().clamp(min=1)).all())


def _scaled(found: Unembedding, state: Tensor, logits: Tensor) -> Unembedding:
    """With the factor that the model puts on its logits, by least squares; 1 where it is 1 but for rounding."""
    ours, theirs = found.logits(found.normed(state)).double(), logits.double().to(found.weight.device)
    if ours.shape != theirs.shape:
        return found
    if found.softcap is not None:
        ours, theirs = (found.softcap * torch.atanh((z / found.softcap).clamp(-0.999, 0.999)) for z in (ours, theirs))
    scale = float((ours * theirs).sum() / (ours * ours).sum().clamp(min=torch.finfo(ours.dtype).tiny))
    near = abs(scale - 1) < max(_CLOSE, 8 * torch.finfo(logits.dtype).eps)
    return found if near or not scale else replace(found, scale=_whole(scale))


def _with_added(found: Unembedding, model: PreTrainedModel) -> Iterator[Unembedding]:
    """With what a model may add to its logits: a buffer of its own with a number for each token, not all of them 0."""
    for buffer in model.buffers(recurse=False):
        if buffer.numel() == len(found.weight) and buffer.any():
            yield replace(found, added=buffer.flatten())


def _whole(scale: float) -> float:
    """A factor as a config writes it: few digits, or few digits in what it is divided by."""
    for written in (float(f"{scale:.4g}"), 1 / float(f"{1 / scale:.4g}")):
        if abs(written / scale - 1) < 1e-5:  # noqa: PLR2004 - what float32 measures it to
            return written
    return scale


def is_norm(module: nn.Module) -> bool:
    """Whether it is a norm, by its name; parts of models whose names speak of norms hold further modules."""
    return "norm" in type(module).__name__.lower() and not list(module.children())


class _Whole(nn.Module):
    """A part of the model that holds the head, up to the head: what it hands on."""

    def __init__(self, part: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self._inside = [part, head]  # a list, so that they stay modules of their model alone
        self.name = type(part).__name__

    def forward(self, states: Tensor) -> Tensor:
        """What the head is given for these states; the head itself, which is the largest part, is not computed."""
        part, head = self._inside
        kept: list[Tensor] = []
        before = vars(head).get("forward")

        def keep(given: Tensor) -> Tensor:
            kept.append(given)
            return given.new_zeros(*given.shape[:-1], head.get_parameter("weight").shape[0])

        head.forward = keep
        try:
            part(states)
        finally:
            if before is None:
                del head.forward
            else:
                head.forward = before
        if not kept:
            raise ModelError(
                f"{self.name} makes logits without calling its head, in a way that lensdoc does not know; measures that read "
                "states or derivatives need it, so take another model"
            )
        return kept[-1]


@dataclass(frozen=True)
class _Call:
    """A module that was called after the last block, or that block."""

    module: nn.Module
    given: Tensor
    made: Tensor


@contextmanager
def _random_states(block: nn.Module) -> Iterator[None]:
    """Put random states of the same size in place of those that a block makes; other than real ones none of them is zero."""

    def put(_: nn.Module, __: object, output: object) -> object:
        made = state_of(output)
        drawn = torch.randn(made.shape, generator=torch.Generator().manual_seed(_SEED)).to(made)
        return (drawn, *output[1:]) if isinstance(output, tuple) else drawn

    handle = block.register_forward_hook(put)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _calls(outer: Sequence[nn.Module], last: nn.Module) -> Iterator[list[_Call]]:
    """Note what is called from the last block on; the block comes first."""
    calls: list[_Call] = []

    def note(module: nn.Module, args: tuple[object, ...], output: object) -> None:
        made = output[0] if isinstance(output, tuple) and output else output
        if module is last:
            calls.append(_Call(module, state_of(output), state_of(output)))
        elif calls and args and isinstance(args[0], Tensor) and isinstance(made, Tensor):
            calls.append(_Call(module, args[0], made))

    with ExitStack() as hooks:
        for module in (last, *outer):
            hooks.callback(module.register_forward_hook(note).remove)
        yield calls


def _chain(calls: list[_Call], head: nn.Module) -> tuple[nn.Module, ...]:
    """The modules that lead from the last block's output to the head's input, each taking what the one before made."""
    found = _path(calls[0].made, calls[1:], head)
    if found is None:  # something without a module stands between: the longest chain is tried, and a factor
        found, state = [], calls[0].made
        for call in calls[1:]:
            if call.module is not head and _is(call.given, state):
                found.append(call.module)
                state = call.made
    return tuple(found)


def _path(state: Tensor, calls: list[_Call], head: nn.Module) -> list[nn.Module] | None:
    """The way to the head. Where the parts of a module lead nowhere, as they are joined by functions, it is taken as a whole."""
    for index, call in enumerate(calls):
        if _is(call.given, state):
            if call.module is head:
                return []
            if head in set(call.module.modules()):
                return [_Whole(call.module, head)]
            rest = _path(call.made, calls[index + 1 :], head)
            if rest is not None:
                return [call.module, *rest]
    return None


def _is(given: Tensor, state: Tensor) -> bool:
    return given.shape == state.shape and torch.equal(given, state.to(given))


@torch.no_grad()
def residual_stream(model: PreTrainedModel, ids: Tensor, split: int = 0, stack: Stack = "decoder") -> Tensor:
    """The residual stream after every block, no norm applied: ids (T,) to states (layers, T, width), in one pass.

    Of an encoder with a decoder the states of one stack, at the tokens that it reads. Hooks read it off the blocks, since the
    last of the `hidden_states` that models report is normed already.
    """
    states: list[Tensor] = []
    read = split if stack == "encoder" else len(ids) - split

    def keep(_: nn.Module, __: object, output: object) -> None:
        states.append(state_of(output).detach().reshape(read, -1).to(ids.device))

    with ExitStack() as hooks:
        for block in blocks(model, stack):
            hooks.callback(block.register_forward_hook(keep).remove)
        run(model, ids[None], split, use_cache=False, logits_to_keep=1)
    return torch.stack(states)
