"""What each block adds to the residual stream at one position: attention, head by head if asked for, and the rest, its FFN.

A block is run again on what it was given. Without its attention's output, and with its FFN's output held as it was, what is
missing is the direct part of attention; what else the block adds is that of its FFN. With neither it must hand on what it was
given: where it does not, as in blocks that norm the stream itself, the stream is no sum of such parts and the model is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.down_projection import Linear
from lensdoc.models.ffn import ffn
from lensdoc.models.forward import in_words, rounding, supported
from lensdoc.models.frozen_norm import frozen_norm
from lensdoc.models.heads import Heads, heads
from lensdoc.models.residual import is_norm

_CLOSE = 1e-3


@dataclass(frozen=True, eq=False)
class Addition:
    """What one block adds at one position, each (width,) in float64."""

    attention: Tensor | None
    """None in a block without attention that could be told apart."""
    ffn: Tensor
    """All else that the block adds."""
    heads: Tensor | None = None
    """What each head adds, (heads, width); the output projection's bias is what is left of the attention."""


@torch.no_grad()
def additions(model: PreTrainedModel, ids: Tensor, position: int, *, by_head: bool) -> tuple[Tensor, list[Addition]]:
    """The embedding at a position (width,), and what each block adds to it there; together they are the last state.

    Raises:
        ModelError: The stream of the model is no such sum, or the attention of a block does not fall apart by heads.
    """
    seen = [_Seen(model, layer, found) for layer, found in enumerate(heads(model))]
    with ExitStack() as hooks, in_words(model, "read this text"):
        for one in seen:
            hooks.enter_context(one.watched())
        model(ids[None], **supported(model, use_cache=False, logits_to_keep=1))
    return seen[0].stream[0, position].double(), [one.addition(position, by_head=by_head) for one in seen]


@dataclass
class _Seen:
    """A block, what it was given and made, and what modules inside of it were given and made."""

    model: PreTrainedModel
    layer: int
    found: Heads
    args: tuple[Any, ...] = ()
    others: dict[str, Any] = field(default_factory=dict)
    given: dict[nn.Module, Tensor] = field(default_factory=dict)
    made: dict[nn.Module, Tensor] = field(default_factory=dict)
    state: Tensor = field(default_factory=lambda: torch.empty(0))

    @property
    def block(self) -> nn.Module:
        return blocks(self.model)[self.layer]

    @property
    def stream(self) -> Tensor:
        """The state that the block was given."""
        return next(value for value in (*self.args, *self.others.values()) if isinstance(value, Tensor))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep what passes in a forward pass."""

        def enter(_: nn.Module, args: tuple[Any, ...], others: dict[str, Any]) -> None:
            self.args, self.others = tuple(map(_kept, args)), {name: _kept(value) for name, value in others.items()}

        def inside(module: nn.Module, args: tuple[Any, ...], output: object) -> None:
            made = output[0] if isinstance(output, tuple) else output
            if isinstance(made, Tensor) and args and isinstance(args[0], Tensor):
                self.given[module], self.made[module] = args[0].clone(), made.clone()

        def leave(_: nn.Module, __: object, output: object) -> None:
            self.state = state_of(output).clone()

        with ExitStack() as hooks:
            hooks.callback(self.block.register_forward_pre_hook(enter, with_kwargs=True).remove)
            hooks.callback(self.block.register_forward_hook(leave).remove)
            for module in self.block.modules():
                if isinstance(module, Linear) or is_norm(module) or module in set(self.block.children()):
                    hooks.callback(module.register_forward_hook(inside).remove)
            yield

    def addition(self, position: int, *, by_head: bool) -> Addition:
        added = (self.state[0, position] - self.stream[0, position].to(self.state)).double()
        if self.found.projection is None:
            if by_head:
                raise self._error(f"has no heads to be told apart: {self.found.why}; take parts='layers'")
            return Addition(None, added)
        held = self._held(self.found.projection)
        self._check_sum(self._again({self.found.projection: torch.zeros_like, **dict.fromkeys(held, torch.zeros_like)}))
        without = self._again({self.found.projection: torch.zeros_like, **{part: _same(self.made[part]) for part in held}})
        attention = (self.state[0, position] - without[0, position]).double()
        return Addition(attention, added - attention, self._by_head(position, attention) if by_head else None)

    def _held(self, projection: nn.Module) -> list[nn.Module]:
        """The down-projection; where there is none, as in a mixture of experts, the block's parts but for attention and norms."""
        down = ffn(self.model)[self.layer].module
        if down is not None and down is not projection:
            return [down]
        others = [part for part in self.block.children() if projection not in set(part.modules()) and not is_norm(part)]
        return [part for part in others if part in self.made]

    def _again(self, replaced: dict[nn.Module, Callable[[Tensor], Tensor]]) -> Tensor:
        """What the block hands on when these modules make something else."""

        def put(module: nn.Module, _: object, output: object) -> object:
            if isinstance(output, tuple):
                return (replaced[module](output[0]), *output[1:])
            assert isinstance(output, Tensor)
            return replaced[module](output)

        with ExitStack() as hooks:
            for module in replaced:
                hooks.callback(module.register_forward_hook(put).remove)
            return state_of(self.block(*map(_kept, self.args), **self.others))

    def _check_sum(self, empty: Tensor) -> None:
        """Without attention and FFN the block hands on what it was given, but for something that does not depend on it."""
        rest = (empty - self.stream.to(empty))[0]
        spread = float((rest - rest.mean(0)).abs().max())
        if spread > max(_CLOSE, rounding(empty.dtype)) * float(self.stream.abs().max()):
            raise self._error(
                "does more to the stream than to add attention and FFN, so logits are no sum of such parts; take a model whose "
                "blocks add to the stream"
            )

    def _by_head(self, position: int, attention: Tensor) -> Tensor:
        """What each head adds: its part of the projection, and of a norm behind it with the scale frozen."""
        projection = self.found.projection
        assert projection is not None
        given = self.found.of(self.given[projection])[0, position].double()  # (heads, size)
        weight = projection.weight.double()
        columns = (weight if isinstance(projection, nn.Linear) else weight.T).reshape(-1, self.found.count, self.found.size)
        parts = torch.einsum("whs,hs->hw", columns, given)
        made = self.made[projection]
        whole = made[0, position].double()
        for norm, before in self.given.items():
            if is_norm(norm) and before.shape == made.shape and torch.equal(before, made):
                frozen = frozen_norm(norm, made[0, position])
                parts, whole = frozen.linear(parts), frozen.linear(whole)
                break
        factor = float((whole @ attention) / (whole @ whole).clamp(min=torch.finfo(torch.double).tiny))
        if (factor * whole - attention).abs().max() > _CLOSE * attention.abs().max():
            raise self._error(
                "does something else to what its heads write than a norm and a factor, so they do not fall apart; take "
                "parts='layers'"
            )
        return factor * parts

    def _error(self, what: str) -> ModelError:
        return ModelError(f"layer {self.layer} of {type(self.model).__name__} {what}")


def _kept(value: Any) -> Any:  # noqa: ANN401 - whatever a block is given
    return value.clone() if isinstance(value, Tensor) and value.is_floating_point() else value  # some blocks add in place


def _same(kept: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda _: kept
