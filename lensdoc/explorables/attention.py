"""The figure of kind `attention`: a grid of all heads, one of them enlarged, and the arcs of one token."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.arcs import arcs_element
from lensdoc.explorables.attention_codes import Codes, codes_of, packed, picture, strip, weight_of
from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import quoted, word, word_element
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import CORNER, readout
from lensdoc.explorables.images import heat_ramp
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import share
from lensdoc.explorables.options import NumberOption
from lensdoc.explorables.shared import SIZES, heads, said
from lensdoc.explorables.tables import table_details
from lensdoc.records.attention import Attention

_SIZES = SIZES["attention"]
_MOST_CODES: int = _SIZES["codes"]
_MOST_HEADS: int = _SIZES["heads"]
"""Columns that are headed by their tokens."""
_TALLEST: int = _SIZES["tallest"]
_ROOM: int = _SIZES["room"]
"""Pixels of a row of the enlarged head at most, and of all rows together."""
_LEAST_LABEL: int = _SIZES["label"]
"""Rows that are lower have no labels."""
_NAMED: int = _SIZES["named"]
_HINT = said("attention.hint")
_RAMP = heat_ramp(0, 1, 1)


@dataclass(frozen=True)
class _Shown:
    """What is enlarged: places in the record."""

    layer: int
    head: int
    query: int


def draw(record: Attention, options: Mapping[str, Any]) -> Element:
    """The custom element with its grid of heads, one of them enlarged, arcs and scores."""
    count = _codes(record) * len(record.layers) * len(record.heads)
    if count > _MOST_CODES:
        raise PublishError(said("attention.most", most=f"{_MOST_CODES:,}", count=f"{count:,}"))
    codes = [[codes_of(record, layer, head) for head in range(len(record.heads))] for layer in range(len(record.layers))]
    shown = _shown(record, options)
    row = [weight_of(code) for code in codes[shown.layer][shown.head][shown.query - record.first_query]]
    row += [0.0] * (shown.query + 1 - len(row))  # of cross attention: the target, to which nothing attends
    ramp = element("span", {"class": "ld-ramp", "style": f"width: 5em; background: {_RAMP}"})
    enlarged = element(
        "div",
        {"class": "ld-enlarged"},
        element("p", {"class": "ld-title"}, _name(record, shown.layer, shown.head)),
        _matrix(record, codes[shown.layer][shown.head]),
        element("p", {"class": "ld-legend", "aria-hidden": "true"}, said("attention.legend"), ramp, said("attention.whole")),
    )
    arcs = element(
        "div",
        {"class": "ld-arcpanel"},
        element("p", {"class": "ld-title"}, said("attention.from", query=shown.query, token=quoted(record.tokens, shown.query))),
        arcs_element(record.tokens, shown.query, row, record.first_query if record.cross else None),
    )
    chosen = element("div", {"class": "ld-panels"}, enlarged, arcs)
    return element(
        "lens-attention",
        {"class": "ld-attention", "data-search-exclude": ""},
        element("div", {"class": "ld-panels"}, _grid(record, codes, shown), chosen),
        readout(f"{_summary(record)} {_described(record, shown, row)}", _HINT),
        table_details(said("attention.table"), heads("attention.heads"), _rows(record)),
        element("template", {"class": "ld-data"}, json.dumps(_data(record, codes, shown))),
    )


def _codes(record: Attention) -> int:
    """How many weights a head has."""
    tokens = len(record.tokens)
    if record.cross:
        return record.first_query * (tokens - record.first_query)
    return tokens * tokens if record.sees_all else tokens * (tokens + 1) // 2


def _shown(record: Attention, options: Mapping[str, Any]) -> _Shown:
    """The head that the author chose, else that with the highest induction score; the last token unless another was chosen."""
    scores = record.head_scores.induction or record.head_scores.first
    _, layer, head = max((score, -i, -j) for i, row in enumerate(scores) for j, score in enumerate(row))
    found = [-layer, -head, len(record.tokens) - 1]
    choices = {"layer": record.layers, "head": record.heads, "token": range(record.first_query, len(record.tokens))}
    for place, (name, valid) in enumerate(choices.items()):
        if options[name] is not None:
            if options[name] not in valid:
                raise PublishError(said("attention.noChoice", option=name, valid=_some(valid), value=options[name]))
            found[place] = list(valid).index(options[name]) + (record.first_query if name == "token" else 0)
    return _Shown(*found)


def _some(valid: Sequence[int]) -> str:
    follow = list(valid) == list(range(valid[0], valid[-1] + 1))
    return said("attention.range", first=valid[0], last=valid[-1]) if follow and len(valid) > 1 else ", ".join(map(str, valid))


def _name(record: Attention, layer: int, head: int) -> str:
    return said("attention.name", layer=record.layers[layer], head=record.heads[head])


def _scored(record: Attention, layer: int, head: int) -> str:
    """The scores of a head in words."""
    found = [("first", record.head_scores.first), ("previous", record.head_scores.previous)]
    found.append(("induction", record.head_scores.induction))
    return ", ".join(said(f"attention.{name}", share=share(scores[layer][head])) for name, scores in found if scores is not None)


def _grid(record: Attention, codes: Sequence[Sequence[Codes]], shown: _Shown) -> Element:
    """A small picture of each head; rows are layers."""
    count = len(record.heads)
    names = [
        element("th", {"scope": "col", "data-name": said("attention.head", head=head), "data-at": str(head)}, f"H{head}")
        for head in record.heads
    ]
    rows = []
    for layer, number in enumerate(record.layers):
        cells = [
            element(
                "td",
                {
                    "data-said": _scored(record, layer, head),
                    "data-chosen": "" if (layer, head) == (shown.layer, shown.head) else None,
                    "style": f"--ld-x: {head / max(count - 1, 1):.4f}",
                },
            )
            for head in range(count)
        ]
        style = f"--ld-strip: url({strip(codes[layer])}); --ld-count: {count}"
        rows.append(element("tr", {"style": style}, element("th", {"scope": "row"}, str(number)), *cells))
    caption = said("attention.caption")
    table = element(
        "table",
        {"class": "ld-grid ld-headgrid", "data-across": "head"},
        element("caption", {"class": "ld-unseen"}, caption),
        element("thead", None, element("tr", None, element("td", {"class": "ld-corner"}, CORNER), *names)),
        element("tbody", None, *rows),
    )
    title = element("p", {"class": "ld-title"}, said("attention.all"))
    return element("div", None, title, element("div", {"class": "ld-frame"}, table))


def _matrix(record: Attention, codes: Codes) -> Element:
    """The enlarged head: queries down, the tokens that they attend to across; of cross attention the target and the source."""
    lines, columns = len(codes), len(codes[-1])
    height = max(1, min(_TALLEST, _ROOM // lines))
    labelled = max(lines, columns) <= _MOST_HEADS
    words = [word_element(record.tokens, position) for position in range(columns)] if labelled else []
    above = [element("span", {"class": "ld-head"}, each) for each in words]
    above = above or [element("span", None, said("position", position=0)), element("span", None, str(columns - 1))]
    sides = [
        element("span", {"class": "ld-band ld-word", "style": "--ld-size: 1"}, word(record.tokens, record.first_query + line))
        for line in (range(lines) if labelled and height >= _LEAST_LABEL else ())
    ]
    image = element("img", {"alt": "", "src": picture(codes)})
    name = said("attention.picture")
    size = f"--ld-height: {height * lines}px; --ld-least: {height}px; --ld-most: {height}px"
    style = f"--ld-columns: {columns}; --ld-lines: {lines}; {size}; --ld-side: {'7em' if sides else '1em'}"
    heat = element(
        "div",
        {"class": f"ld-heat {'ld-turned' if labelled else 'ld-far'}", "style": style},
        element("div", {"class": "ld-heads", "aria-hidden": "true"}, *above),
        element("div", {"class": "ld-bands", "aria-hidden": "true"}, *sides),
        element("div", {"class": "ld-plot", "role": "img", "aria-label": name}, image),
    )
    return element("div", {"class": "ld-frame", "dir": direction(record.tokens)}, heat)


def _described(record: Attention, shown: _Shown, row: Sequence[float]) -> str:
    """What a token attends to, in words, as the script says it."""
    order = sorted(range(len(row)), key=lambda k: (-row[k], k))[:_NAMED]
    keys = (said("attention.key", token=quoted(record.tokens, k), position=k, share=share(row[k])) for k in order)
    name, token = _name(record, shown.layer, shown.head), quoted(record.tokens, shown.query)
    return said("attention.described", name=name, query=shown.query, token=token, keys=", ".join(keys))


def _summary(record: Attention) -> str:
    """That colours follow the square root; and how much rests on the first token, in words."""
    rests, even = record.facts.get("first_share"), record.facts.get("even_share")
    if not isinstance(rests, float | int):
        return said("attention.colour")
    evenly = said("attention.even", share=share(even)) if isinstance(even, float | int) else ""
    return f"{said('attention.colour')} {said('attention.rests', share=share(rests))}{evenly}."


def _rows(record: Attention) -> Iterator[tuple[str, ...]]:
    scores = record.head_scores
    for layer, number in enumerate(record.layers):
        for head, index in enumerate(record.heads):
            each = (scores.first, scores.previous, scores.induction)
            yield f"L{number}H{index}", *("–" if one is None else f"{one[layer][head]:.2f}" for one in each)


def _data(record: Attention, codes: Sequence[Sequence[Codes]], shown: _Shown) -> dict[str, Any]:
    positions = range(len(record.tokens))
    return {
        "layers": record.layers,
        "heads": record.heads,
        "words": [word(record.tokens, position) for position in positions],
        "quoted": [quoted(record.tokens, position) for position in positions],
        "codes": [[packed(head) for head in layer] for layer in codes],
        "shown": [shown.layer, shown.head, shown.query],
        "summary": _summary(record),
        **({"first": record.first_query} if record.cross else {}),
    }


def _numbers(record: Attention) -> Iterator[tuple[Cell, ...]]:
    for layer, number in enumerate(record.layers):
        for head, index in enumerate(record.heads):
            for query, row in enumerate(record.head(layer, head), record.first_query):
                for key, weight in enumerate(row):
                    yield number, index, query, key, record.tokens[key].spelled, float(f"{weight:.4g}")


_METHOD = (
    "Attention weights: how each head shares out 1 among the tokens up to the query. A weight says where a head reads, not what "
    "it moves or whether that matters: a head may read one token always and write almost nothing."
)


_CROSS = (
    "Cross attention: how each head of the decoder shares out 1 among the tokens of the source, from each token of the target. "
    "Tokens of the source attend to nothing here, and none of the target is attended to. A weight says where a head reads, not "
    "what it moves or whether that matters."
)


def _method(record: Attention) -> str:
    if record.cross:
        return _CROSS
    return _METHOD.replace("the tokens up to the query", "all tokens") if record.sees_all else _METHOD


EXPLORABLE = Explorable(
    options={
        "layer": NumberOption(0, 10_000, None, "layer of the head that is enlarged at first"),
        "head": NumberOption(0, 10_000, None, "its index; without both the head with the highest induction score"),
        "token": NumberOption(0, 1_000_000, None, "position of the token whose arcs are drawn at first; by default the last"),
    },
    draw=draw,
    method=_method,
    table=Table(("layer", "head", "query", "key", "token", "weight"), _numbers),
    states={
        "layer": lambda record: record.layers,
        "head": lambda record: record.heads,
        "token": lambda record: range(record.first_query, len(record.tokens)),
    },
    family="attention",
)
