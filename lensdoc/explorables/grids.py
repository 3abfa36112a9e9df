"""Tables to walk through, cell by cell: layers down, tokens or places across."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

from lensdoc.explorables.display import quoted, word_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.scores import numbered
from lensdoc.explorables.shared import SIZES, said
from lensdoc.explorables.tints import LEVELS
from lensdoc.records.lens import LensInfo
from lensdoc.records.tokens import Token

_SIZES = SIZES["grid"]
DEEP: int = _SIZES["deep"]
"""A grid of more layers is compact: its rows are as low as they may be to fit on a screen together."""
_ROWS_HEIGHT: int = _SIZES["rows"]
"""Pixels that the rows of a compact grid fill, as long as they stay between the lowest and the highest."""
_LOWEST: int = _SIZES["lowest"]
_HIGHEST: int = _SIZES["highest"]
"""Pixels of a row in a compact grid."""
_SCREEN: int = _SIZES["screen"]
"""Rows that fit on a screen with their heads; below more rows the heads stand once more."""
_WIDE: int = _SIZES["wide"]
"""Characters of a grid whose heads still run as text does; in a wider one those that are wider than its cells run upwards."""
_WORD: int = _SIZES["word"]
"""Characters of a word that have room on paper; the style sheet cuts what is longer."""
_EXACT: int = _SIZES["exact"]
"""From this rank on a cell gives thousands; the read-out and the data have the rank itself."""


def grid_element(
    heads: Sequence[Element],
    rows: Sequence[tuple[int, Sequence[Element]]],
    caption: str,
    states: tuple[str, str | None],
    direction: str = "ltr",
) -> Element:
    """A table of all layers, one a row: where it is too wide it scrolls sideways, and on paper it is as small as it must be.

    Args:
        heads: The heads of the columns, each with the value at which a state finds it, as `data-at`.
        rows: For each layer its index and its cells.
        caption: What the table shows, for those who do not see it.
        states: How states call what stands in the columns, `token`; what stands in the rows they call `layer`. And the state that
            tells this table from the others of its figure, `text=2`, or None where it is the only one.
        direction: `ltr` or `rtl`: columns that are tokens run in the direction of the text.
    """
    own = _characters((), rows)
    turned = _characters(heads, rows) > max(_WIDE, own)
    kinds = ["ld-grid", *(["ld-deep"] if len(rows) > DEEP else []), *(["ld-turned"] if turned else [])]
    style = f"--ld-characters: {own}; --ld-pitch: {_pitch(len(rows))}px"
    table = element(
        "table",
        {"class": " ".join(kinds), "style": style, "data-across": states[0], "data-of": states[1]},
        element("caption", {"class": "ld-unseen"}, caption),
        element("thead", None, element("tr", None, element("td", {"class": "ld-corner"}, CORNER), *heads)),
        element("tbody", None, *(_row(layer, cells) for layer, cells in rows)),
        *([_foot(heads)] if len(rows) > _SCREEN else []),
    )
    return element("div", {"class": "ld-frame", "dir": direction}, table)


CORNER = said("grid.corner")


def _pitch(rows: int) -> int:
    return max(_LOWEST, min(_HIGHEST, _ROWS_HEIGHT // max(rows, 1)))


def _characters(heads: Sequence[Element], rows: Sequence[tuple[int, Sequence[Element]]]) -> int:
    """How many characters stand side by side where each column is as wide as its longest cell, with one between columns."""
    lines = [*([heads] if heads else []), *(cells for _, cells in rows)]
    return len(CORNER) + sum(1 + max(map(_length, column)) for column in zip(*lines, strict=True))


def _length(cell: Element) -> int:
    return sum(min(len(text), _WORD) for text in cell.itertext())


def _row(layer: int, cells: Sequence[Element]) -> Element:
    return element("tr", None, element("th", {"scope": "row"}, str(layer)), *cells)


def _foot(heads: Sequence[Element]) -> Element:
    """The heads once more, for eyes alone."""
    again = (element("td", None, *_content(head)) for head in heads)
    return element("tfoot", {"aria-hidden": "true"}, element("tr", None, element("td", {"class": "ld-corner"}, CORNER), *again))


def _content(head: Element) -> list[Content]:
    return [head.text or "", *(copy.deepcopy(part) for part in head)]


def token_head(tokens: Sequence[Token], position: int) -> Element:
    """The head of a column that belongs to a token of a text."""
    name = said("grid.head", token=quoted(tokens, position), position=position)
    if tokens[position].stream:
        name = f"{quoted(tokens, position)} ({numbered(tokens, position)})"
    return element("th", {"scope": "col", "data-name": name, "data-at": str(position)}, word_element(tokens, position))


def rank_cell(rank: int, prob: float, vocabulary: int) -> Element:
    """A rank on its colour; rank 1 has a mark of its own, and large ones are written in thousands."""
    attributes: dict[str, str | None] = {
        "data-hue": "1",
        "data-level": str(rank_level(rank, vocabulary)),
        "data-p": percent(prob),
        "data-first": "" if rank == 1 else None,
        "data-rank": str(rank) if rank >= _EXACT else None,
    }
    return element("td", attributes, f"{rank // 1000}k" if rank >= _EXACT else str(rank))


def rank_level(rank: int, vocabulary: int) -> int:
    """Step of the tint: the last for rank 1, falling with the logarithm of the rank, none for the vocabulary's last."""
    lowest = math.log(max(vocabulary, 2))
    return max(0, math.floor((LEVELS - 1) * (1 - math.log(rank) / lowest) + 0.5))


def decades(vocabulary: int) -> list[int]:
    """Powers of ten below the size of a vocabulary."""
    return [10**exponent for exponent in range(1, 10) if 10**exponent < vocabulary]


def legend(vocabulary: int) -> Element:
    """What the colours of ranks mean."""
    ranks = (1, *decades(vocabulary), vocabulary)
    swatches: list[Content] = [_swatch(rank, vocabulary) for rank in ranks]
    return element("p", {"class": "ld-legend", "aria-hidden": "true"}, said("grid.rank"), *swatches)


def _swatch(rank: int, vocabulary: int) -> Element:
    attributes: dict[str, str | None] = {"class": "ld-swatch", "data-hue": "1", "data-level": str(rank_level(rank, vocabulary))}
    return element("span", attributes | {"data-first": "" if rank == 1 else None}, f"{rank:,}")


def readout(summary: str, hint: str, key: str = "", paper: str = "") -> Element:
    """The line that says what the reader points at, and at rest what the figure shows.

    The key of its marks comes first, how to use the figure last; on paper a little more is said.
    """
    marks = [element("span", None, key)] if key else []
    more = [element("span", {"class": "ld-printed"}, paper)] if paper else []
    shown = element("span", {"class": "ld-summary"}, *marks, summary, *more, element("span", {"class": "ld-hint"}, f" {hint}"))
    return element("p", {"class": "ld-readout"}, shown, element("span", {"class": "ld-live"}))


HINT = said("grid.hint")


_LENSES = {
    "jacobian": "Jacobian lens: the state after each layer is multiplied by the mean Jacobian of the last state",
    "tuned": "Tuned lens: the state after each layer goes through a map that was fitted to give what the model says at the end",
}


def lens_name(lens: LensInfo | None) -> str:
    """What a lens is called."""
    return {None: "logit lens", "jacobian": "Jacobian lens", "tuned": "tuned lens"}[lens.method if lens else None]


def lens_method(*, final_norm: bool, masked: bool = False, lenses: Sequence[LensInfo | None] = (None,)) -> str:
    """What figures of a lens say of their method."""
    if masked:
        return (
            "Logit lens: the state at the mask after each layer, read by all that stands between the model's last layer and its "
            "logits (in most masked models a transform with a norm) as if it were the last. That head was trained on the last "
            "layer's states alone, so a poor rank at an early layer does not show that the token is unknown there."
        )
    fitted = [_fitted_method(lens) for lens in lenses if lens]
    return " ".join([*([_logit_method(final_norm=final_norm)] if None in lenses else []), *fitted])


def _fitted_method(lens: LensInfo) -> str:
    return (
        f"{_LENSES[lens.method]}, and then read as the last. It was fitted on {lens.tokens:,} tokens of text and carries what is "
        "usual there: what it shows of a layer need not be in the layer, and on other text it may be wrong."
    )


def _logit_method(*, final_norm: bool) -> str:
    norm = "the final norm and the unembedding" if final_norm else "the unembedding alone, without the final norm,"
    return (
        f"Logit lens: the state after each layer, read by {norm} as if it were the last. Early layers need not write in the "
        "terms that the last one is read in, so a poor rank there does not show that the token is unknown."
    )
