"""Which records the page draws itself, as a live figure asks it to."""

from __future__ import annotations

from lensdoc.explorables.kinds import EXPLORABLES

NOT_DRAWN = {"graph", "image", "live", "mask", "table"}
"""Kinds that the page does not draw: those that no live figure shows, and what holds others."""
DRAWN = set(EXPLORABLES) - NOT_DRAWN
"""Kinds that the page draws."""


def by_fitted_lens(record):
    """Whether a record was read by a fitted lens, which no live figure has."""
    return any(getattr(one, "lens", None) for one in (record, *(getattr(record, "beside", None) or ())))
