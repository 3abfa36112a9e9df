"""The figure of kind `patching`: how much of an answer each exchanged part restores, and what the model then says."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import quoted, word_element
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import grid_element, readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import fixed, percent, score
from lensdoc.explorables.options import NumberOption
from lensdoc.explorables.scores import numbered
from lensdoc.explorables.shared import SIZES, said
from lensdoc.explorables.tints import LEVELS, level
from lensdoc.records.patching import Patching, Top, Word
from lensdoc.records.tokens import Token

_HALF: float = SIZES["experiments"]["half"]


def draw(record: Patching, options: Mapping[str, Any]) -> Element:
    """The custom element: the map with both texts as its heads, a legend, and what the model says in one cell."""
    chosen = _chosen(record, options["cell"])
    heads = [_head(record, column) for column in record.columns]
    width = len(record.columns)
    rows = [
        (layer, [_cell(value, l * width + c == chosen and record.tops is not None) for c, value in enumerate(values)])
        for l, (layer, values) in enumerate(zip(record.layers, record.values, strict=True))  # noqa: E741 - as in the record
    ]
    runs = "ltr" if record.heads is not None else direction(record.tokens)
    caption = said("patching.caption", part=said(f"patching.{record.part}"))
    grid = grid_element(heads, rows, caption, ("token" if record.heads is None else "head", None), runs)
    tops = [] if record.tops is None else [_outcomes(record, chosen)]
    data = [] if record.tops is None else [element("template", {"class": "ld-data"}, json.dumps(_data(record, chosen)))]
    hint = said("patching.choose" if tops else "patching.hint")
    return element(
        "lens-patching",
        {"class": "ld-patching", "data-search-exclude": "", "data-estimate": "" if record.estimate else None},
        _legend(record),
        element("div", {"class": "ld-panels"}, grid, *tops),
        readout(_summary(record), hint),
        *data,
    )


def _chosen(record: Patching, option: float | None) -> int:
    """The cell that is chosen at first: where the last token first carries half of the answer, or the strongest one."""
    width = len(record.columns)
    if option is not None:
        if option != int(option) or option >= width * len(record.layers):
            raise PublishError(said("patching.noCell", count=width * len(record.layers), cell=f"{option:g}"))
        return int(option)
    flat = [value for row in record.values for value in row]
    at = _answering(record)
    late = (l * width + at for l, row in enumerate(record.values) if at is not None and row[at] >= _HALF)  # noqa: E741
    return next(late, max(range(len(flat)), key=flat.__getitem__, default=0))


def _answering(record: Patching) -> int | None:
    """The column of the token that the answer is read from: the last one, or that of a mask; None where it has none."""
    if record.heads is not None or record.stack == "encoder":
        return None
    if record.position is None:
        return len(record.columns) - 1
    return record.columns.index(record.position) if record.position in record.columns else None


def _head(record: Patching, column: int) -> Element:
    """A token of the clean text, and below it that of the corrupt text where it is another; or a head's number."""
    if record.heads is not None:
        name: dict[str, str | None] = {
            "scope": "col",
            "data-name": said("patching.column", head=column),
            "data-at": str(column),
        }
        return element("th", name, str(column))
    mask = _is_mask(record, column)
    words = [word_element(record.tokens, column, filled=mask)]
    if _differs(record, column):
        words.append(element("span", {"class": "ld-other"}, word_element(record.corrupt_tokens, column, filled=mask)))
    return element("th", {"scope": "col", "data-name": _column(record, column), "data-at": str(column)}, *words)


def _differs(record: Patching, position: int) -> bool:
    return record.tokens[position].id != record.corrupt_tokens[position].id


def _is_mask(record: Patching, position: int) -> bool:
    """Whether the model read a mask there, which it filled."""
    return record.sees_all and record.tokens[position].kind == "output"


def _column(record: Patching, column: int) -> str:
    if record.heads is not None:
        return said("patching.column", head=column)
    if _is_mask(record, column):
        return said("patching.mask", position=column)
    name = f"{quoted(record.tokens, column)} ({numbered(record.tokens, column)})"
    if not _differs(record, column):
        return name
    return said("patching.other", token=name, other=quoted(record.corrupt_tokens, column))


def _cell(value: float, chosen: bool) -> Element:  # noqa: FBT001 - one of two looks
    attributes: dict[str, str | None] = {
        "data-hue": "2" if value < 0 else "1",
        "data-level": str(_level(value)),
        "data-chosen": "" if chosen else None,
    }
    return element("td", attributes, _percent(value))


def _level(value: float) -> int:
    """Step of the tint: the last for the whole difference and more."""
    return min(LEVELS - 1, level(abs(value), 1))


def _percent(value: float) -> str:
    return fixed(100 * value, 0)


def _legend(record: Patching) -> Element:
    """What the colours mean; below 0 the lowest value, where it has a colour."""
    low = min((value for row in record.values for value in row), default=0)
    steps = (*([low] if low < 0 and _level(low) else []), 0, 0.25, 0.5, 0.75, 1)
    swatches = (
        element(
            "span", {"class": "ld-swatch", "data-hue": "2" if step < 0 else "1", "data-level": str(_level(step))}, _percent(step)
        )
        for step in steps
    )
    what = said("patching.estimated" if record.estimate else "patching.restored")
    below = [] if record.heads is not None else [element("span", None, said("patching.below"))]
    below += [element("span", None, said(f"patching.of{record.stack.capitalize()}"))] if record.stack else []
    return element("p", {"class": "ld-legend", "style": "margin-bottom: 0.75em", "aria-hidden": "true"}, what, *swatches, *below)


def _outcomes(record: Patching, chosen: int) -> Element:
    """The most probable next tokens: of the corrupt text, with the chosen part exchanged, and of the clean text."""
    row, column = divmod(chosen, len(record.columns))
    assert record.tops is not None
    found = (record.corrupt_top, record.tops[row][column], record.clean_top)
    lists = [[f"{word} {prob}" for word, prob in _told(record, top)] if top else [] for top in found]
    first, last = ("patching.after", "patching.clean") if record.position is None else ("patching.inOther", "patching.inText")
    heads = (said(first), said("patching.with", cell=_title(record, row, column)), said(last))
    head = element("tr", None, *(element("th", {"scope": "col"}, text) for text in heads))
    cells = (element("tr", None, *(element("td", None, text) for text in texts)) for texts in zip(*lists, strict=True))
    caption = element("caption", {"class": "ld-unseen"}, said("patching.next"))
    style = {"style": "width: 100%; border-bottom: 1px solid var(--ld-rule)"}
    table = element(
        "table", {"class": "ld-table", **style}, caption, element("thead", None, head), element("tbody", None, *cells)
    )
    return element("div", {"class": "ld-scroll ld-tops", "style": "flex: 1 1 17em; font-size: 0.85em"}, table)


def _title(record: Patching, row: int, column: int) -> str:
    return said("patching.cell", layer=record.layers[row], column=_column(record, record.columns[column]))


def _told(record: Patching, top: Top) -> list[tuple[str, str]]:
    words = {word.id: word for word in record.words}
    return [(_word(words[token]), percent(prob)) for token, prob in zip(top.ids, top.probs, strict=True)]


def _word(word: Word) -> str:
    return quoted((Token(id=word.id, text=word.text, kind="output", bytes=word.bytes),), 0)


def _data(record: Patching, chosen: int) -> dict[str, Any]:
    return {
        "chosen": chosen,
        "words": {str(word.id): _word(word) for word in record.words},
        "tops": [[list(zip(top.ids, map(percent, top.probs), strict=True)) for top in row] for row in record.tops or ()],
    }


def _summary(record: Patching) -> str:
    answer, wrong = (_named(text) for text in (record.answer, record.wrong))
    row, column = _strongest(record.values)
    how = "patching.wouldRestore" if record.estimate else "patching.restores"
    return said(
        how if record.position is None else f"{how}AtMask",
        answer=answer,
        wrong=wrong,
        clean=score(record.clean),
        corrupt=score(record.corrupt),
        cell=_title(record, row, column),
        value=_percent(record.values[row][column]),
        position=record.position or 0,
    )


def _named(text: str) -> str:
    return quoted((Token(id=0, text=text, kind="output"),), 0)


def _strongest(values: Sequence[Sequence[float]]) -> tuple[int, int]:
    best, place = -math.inf, (0, 0)
    for row, some in enumerate(values):
        for column, value in enumerate(some):
            if value > best:
                best, place = value, (row, column)
    return place


def _method(record: Patching) -> str:
    what = {
        "residual": "the state after one layer at one token",
        "attention": "what the attention of one layer adds at one token",
        "ffn": "what the FFN of one layer adds at one token",
        "head": "what one head found, at all tokens,",
    }[record.part]
    if record.stack:
        what = what.replace("one layer", f"one layer of the {record.stack}")
    if record.estimate:
        return (
            f"Attribution patching: how much the difference would change, to first order, if {what} were that of the text. It is "
            "an estimate by one derivative and may be off by a third or more; exchange the strongest parts to be sure."
        )
    return (
        f"Activation patching: {what} is put into the computation of the other text, and the rest computed anew. A part that "
        "restores the answer is enough for it between these two texts; others may do as well, and what only several parts "
        "together carry shows in none of them."
    )


def _numbers(record: Patching) -> Iterator[tuple[Cell, ...]]:
    for layer, row in zip(record.layers, record.values, strict=True):
        for column, value in zip(record.columns, row, strict=True):
            own, other = ("", "") if record.heads else (record.tokens[column].spelled, record.corrupt_tokens[column].spelled)
            yield layer, column, own, other, value


EXPLORABLE = Explorable(
    options={"cell": NumberOption(0, 1e6, None, "the cell that is chosen at first, counted along the rows from 0")},
    draw=draw,
    method=_method,
    table=Table(("layer", "position_or_head", "token", "other_token", "restored"), _numbers),
    states={
        "layer": lambda record: record.layers,
        "token": lambda record: record.columns if record.heads is None else (),
        "head": lambda record: record.columns if record.heads is not None else (),
    },
    together=("layer", "token", "head"),
    family="causal",
)
