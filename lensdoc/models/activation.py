"""Activation functions with a backward pass of one product, for when many backward passes follow one forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def differentiated_once(model: nn.Module) -> Iterator[None]:
    """While it lasts, activation functions that transformers writes in several steps are differentiated as they are computed.

    Each acts on every element by itself: `y = f(x)` has the derivative `f'(x)` there, whatever comes from above. GPT-2's GELU has
    eight steps, which would otherwise be gone through again by each of the backward passes.
    """
    with ExitStack() as hooks:
        for module in model.modules():
            if type(module).__module__ == "transformers.activations" and not list(module.parameters()):
                hooks.callback(module.register_forward_hook(_linear_here).remove)
        yield


def _linear_here(_: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> Tensor:
    """The same values and the same derivative, as one product."""
    (x,) = args
    if not output.requires_grad:
        return output
    (slope,) = torch.autograd.grad(output, x, torch.ones_like(output))
    return output.detach() + slope * (x - x.detach())
