"""Gates that are learned: random numbers from 0 to 1, often exactly one of both, whose parameter has a derivative.

Hard Concrete distribution (Louizos, Welling and Kingma 2018, Learning Sparse Neural Networks through L0 Regularization):

    s = sigmoid((log u - log(1 - u) + a) / BETA)    u uniform from 0 to 1, `a` the parameter
    z = clip(s (HIGH - LOW) + LOW, 0, 1)            P(z > 0) = sigmoid(a - BETA log(-LOW / HIGH))
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

BETA, LOW, HIGH = 2 / 3, -0.1, 1.1
_LEAST = 1e-6


def sampled(parameters: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Gates drawn anew, (count, *parameters.shape)."""
    uniform = torch.rand(count, *parameters.shape, generator=generator, dtype=torch.float64).clamp(_LEAST, 1 - _LEAST)
    noise = uniform.logit().to(parameters)
    return (((noise + parameters) / BETA).sigmoid() * (HIGH - LOW) + LOW).clamp(0, 1)


def open_probability(parameters: Tensor) -> Tensor:
    """Probability that each gate is not shut."""
    return (parameters - BETA * math.log(-LOW / HIGH)).sigmoid()
