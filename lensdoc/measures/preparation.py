"""What becomes of activations before they are factored: clipped or split, scaled, the first states of a text left out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lensdoc.records.factors import Negative, Scale


@dataclass(frozen=True)
class Preparation:
    """How the activations of FFN neurons become the features that are factored.

    A block is what the neurons of one layer do in one state. Whatever negative activations become comes first, then the scale,
    and what is left out comes last; lengths are those of blocks as they are after the first step.
    """

    negative: Negative = "clip"
    """`clip`: `max(a, 0)`. `split`: `max(a, 0)` and `max(-a, 0)`, each a feature of its own."""
    scale: Scale = "none"
    """`state`: each block is divided by its length. `layer`: all blocks of a layer by the length of those that are factored
    together. `none`: they stay as they are. What is all 0 stays so."""
    skip: int = 0
    """First states of each text that are left out."""

    def blocks(self, activations: Tensor) -> Tensor:
        """Activations (layers, states, neurons) that are still to be scaled; those to be split keep their sign until then."""
        exact = activations if activations.dtype == torch.float64 else activations.float()
        return exact.clamp(min=0) if self.negative == "clip" else exact

    def lengths(self, blocks: Tensor) -> Tensor:
        """What blocks (layers, states, neurons) are divided by, for each state or for a whole layer; 1 where all is 0."""
        if self.scale == "none":
            return torch.ones_like(blocks[:1, :1, :1])
        found = torch.linalg.vector_norm(blocks, dim=-1 if self.scale == "state" else (1, 2), keepdim=True)
        return torch.where(found == 0, torch.ones_like(found), found)

    def features(self, scaled: Tensor) -> Tensor:
        """Scaled blocks to the rows that are factored, (states, layers * neurons), or twice as many: positive, negative parts."""
        flat = scaled.transpose(0, 1).flatten(1)
        return flat if self.negative == "clip" else torch.cat([flat.clamp(min=0), (-flat).clamp(min=0)], 1)
