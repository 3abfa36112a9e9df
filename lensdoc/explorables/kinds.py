"""The registry of explorables: one line a kind, and what an explorable is. Installed packages may have more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from lensdoc.core import installed
from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import Element
from lensdoc.explorables.options import Option

EXPLORABLES = {
    "ablation": "lensdoc.explorables.ablation",
    "activations": "lensdoc.explorables.activations",
    "attention": "lensdoc.explorables.attention",
    "attention-flow": "lensdoc.explorables.attention_flow",
    "decoding": "lensdoc.explorables.decoding",
    "exchange": "lensdoc.explorables.exchange",
    "factor-saliency": "lensdoc.explorables.factor_saliency",
    "factors": "lensdoc.explorables.factors",
    "faithfulness": "lensdoc.explorables.faithfulness",
    "graph": "lensdoc.explorables.graph",
    "image": "lensdoc.explorables.image",
    "live": "lensdoc.explorables.live",
    "logit-attribution": "lensdoc.explorables.logit_attribution",
    "mask": "lensdoc.explorables.mask",
    "patching": "lensdoc.explorables.patching",
    "predictions": "lensdoc.explorables.predictions",
    "rankings": "lensdoc.explorables.rankings",
    "saliency": "lensdoc.explorables.saliency",
    "sequence": "lensdoc.explorables.sequence",
    "similarity": "lensdoc.explorables.similarity",
    "table": "lensdoc.explorables.own_table",
    "watch": "lensdoc.explorables.watch",
}
"""Kind to the module that holds its `EXPLORABLE`."""


Cell = str | int | float


@dataclass(frozen=True)
class Table:
    """A record's numbers, one in each row, for other programs."""

    columns: tuple[str, ...] | Callable[[Any], tuple[str, ...]]
    """Their heads, or what gives those of a record."""
    rows: Callable[[Any], Iterable[tuple[Cell, ...]]]

    def heads(self, record: object) -> tuple[str, ...]:
        """The heads of a record's columns."""
        return self.columns(record) if callable(self.columns) else self.columns


@dataclass(frozen=True)
class Explorable:
    """How a kind is drawn."""

    options: Mapping[str, Option]
    draw: Callable[[Any, Mapping[str, Any]], Element]
    """Record and options to the custom element with its first state."""
    method: Callable[[Any], str]
    """What was measured and how it can mislead, in a sentence or two."""
    table: Table | None
    """None for a kind without numbers."""
    states: Mapping[str, Callable[[Any], Sequence[int]]] = field(default_factory=dict)
    """What a link on the page may tell the figure, and the values that a record has for it: `factor` by their numbers."""
    together: tuple[str, ...] = ()
    """States that the figure shows only all together, of those for which a record has values: a cell's row and column."""
    empty: Callable[[Any, Mapping[str, Any], Mapping[str, int]], str | None] = lambda *_: None
    """Record, options and state to the reason why the figure would show nothing in the state; None where it shows something."""
    swatches: Mapping[str, Callable[[int], tuple[str, str]]] = field(default_factory=dict)
    """State to how the figure marks a value of it: the number of the hue, and the label that says the same without colour."""
    span: Callable[[Any, Mapping[str, Any]], tuple[float, ...]] | None = None
    """What the scale of a record with its options spans, as sizes: figures side by side are drawn to the largest of these, which
    come as the option `span`. None where the scale is the same for all records."""
    exports: bool = True
    """Whether scripts can draw it once more to be saved as SVG and PNG."""
    downloads: Mapping[str, str] = field(default_factory=dict)
    """Suffixes of files of its records that readers may save, each with its name in the figure's line."""
    script: Path | None = None
    """Of a kind from an installed package: the file of its script, which pages load when a figure of the kind is there."""
    family: str | None = None
    """The script that has its view, where that is not the page's, which loads it when a figure of the kind is there."""


def explorable(kind: str) -> Explorable:
    """The explorable of a kind.

    Raises:
        PublishError: The kind has no figure.
    """
    if kind in EXPLORABLES:
        return cast("Explorable", import_module(EXPLORABLES[kind]).EXPLORABLE)
    if not has_figure(kind):
        these = ", ".join(sorted({*EXPLORABLES, *installed.kinds(installed.EXPLORABLES)}))
        raise PublishError(f"records of kind {kind!r} have no figure; these have: {these}")
    found = installed.load(installed.EXPLORABLES, kind, PublishError)
    if not isinstance(found, Explorable):
        where = installed.package_of(installed.EXPLORABLES, kind)
        raise PublishError(f"the figure of kind {kind!r} of {where} is {found!r:.60}; it must be an Explorable")
    return found


def has_figure(kind: str) -> bool:
    """Whether records of a kind can be drawn."""
    return kind in EXPLORABLES or kind in installed.kinds(installed.EXPLORABLES)
