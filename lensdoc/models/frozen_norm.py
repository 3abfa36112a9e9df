"""A norm with its scale frozen at one state: an affine map, so that what goes in as a sum of parts comes out as one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lensdoc.core.errors import ModelError

_FAR = 1e3
"""Size of the states with which a norm is probed: its epsilon does not matter there."""
_CLOSE = 1e-4


@dataclass(frozen=True, eq=False)
class FrozenNorm:
    """`scale * weight * (state - mean(state)) + bias`, where the mean is taken off in a LayerNorm and not in an RMSNorm."""

    weight: Tensor
    bias: Tensor
    centred: bool
    scale: float

    def linear(self, parts: Tensor) -> Tensor:
        """Parts (..., width) of a state to their parts of what the norm makes of it, but for the bias."""
        return self.scale * self.weight * (parts - parts.mean(-1, keepdim=True) if self.centred else parts)


@torch.no_grad()
def frozen_norm(norm: nn.Module, state: Tensor) -> FrozenNorm:
    """A norm at one state (width,), in float64.

    Weight, bias and whether the mean is taken off are found by probing the norm, its scale by least squares; that all of it gives
    what the norm gives is checked.

    Raises:
        ModelError: It does not: this norm does something else.
    """
    signs = torch.ones_like(state)
    signs[1::2] = -1
    if len(state) % 2:
        raise ModelError(f"{type(norm).__name__} of an odd width, {len(state)}, cannot be taken to pieces; take another model")
    high, low = (_made(norm, sign * _FAR * signs) for sign in (1, -1))
    bias, weight = (high + low) / 2, (high - low) / 2 * signs
    shifted = _FAR * (signs + 1)  # differs from `signs` by its mean alone
    centred = bool((_made(norm, shifted) - high).abs().max() <= _CLOSE * high.abs().max())
    exact, made = state.double(), _made(norm, state)
    before = weight * (exact - exact.mean() if centred else exact)
    scale = float((before @ (made - bias)) / (before @ before).clamp(min=torch.finfo(torch.double).tiny))
    found = FrozenNorm(weight, bias, centred, scale)
    if not bool((found.linear(exact) + bias - made).abs().max() <= _CLOSE * made.abs().max()):
        raise ModelError(
            f"{type(norm).__name__} is no norm whose scale can be frozen, so logits do not fall apart; take another model"
        )
    return found


def _made(norm: nn.Module, state: Tensor) -> Tensor:
    made: Tensor = norm(state[None, None])
    return made[0, 0].double()
