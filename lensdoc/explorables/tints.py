"""Hues, and steps of a tint; the colours themselves are in `web/src/palette.css`."""

from __future__ import annotations

import math

from lensdoc.explorables.shared import SIZES

HUES: int = SIZES["tints"]["hues"]
"""Hues in the palette; further factors begin again. Row and label identify a factor, the hue only helps."""
LEVELS: int = SIZES["tints"]["levels"]
"""Steps of a tint."""


def level(value: float, largest: float) -> int:
    """Step of the tint for a value, from 0 to `LEVELS` - 1; computed and rounded in the order in which D3 does."""
    return math.floor((LEVELS - 1) * (value / largest) + 0.5) if largest > 0 else 0
