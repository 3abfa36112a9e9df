"""A text as a line of tokens, with a label where the input begins and where the output does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from lensdoc.explorables.characters import direction, groups
from lensdoc.explorables.display import ending, token_element
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.folds import fold_element, runs
from lensdoc.explorables.shared import SIZES, said
from lensdoc.records.tokens import Token

_CHUNK: int = SIZES["text"]["chunk"]
"""Tokens of a chunk: of a long text the script changes those chunks only that are in view."""
_LINE: int = SIZES["text"]["line"]
"""Characters of a line, roughly: how high the lines of a long text are while nobody sees them."""
_SHORT: int = SIZES["text"]["short"]
"""Lines of a text that stands below what is drawn of it; a longer one stands beside it."""

_WIDE: int = SIZES["text"]["wide"]
"""Tokens from which on a line over them needs the room of a page: beside the text it is too narrow on a tablet."""

Attributes = Callable[[int], Mapping[str, str]]
Told = Callable[[range], str | None]
"""What a figure says of a stretch of folded tokens together."""


def sequence_element(
    tokens: Sequence[Token],
    attributes: Attributes,
    starts: Sequence[int] = (0,),
    told: Told = lambda _: None,
    *,
    masked: bool = False,
) -> Element:
    """The tokens in reading order, each with the attributes that its position asks for; several texts stand apart.

    What a masked model produced stands between what was given: in boxes. Source and target of an encoder with a decoder stand one
    above the other.
    """
    if masked:
        own = attributes
        attributes = lambda position: {**own(position), **(_FILLED if tokens[position].kind == "output" else {})}  # noqa: E731
    split = next((p for p, token in enumerate(tokens) if p and token.stream != tokens[p - 1].stream), 0)
    names = [said("text", number=number) for number in range(1, len(starts) + 1)] if len(starts) > 1 else [tokens[0].stream or ""]
    if split and len(starts) <= 1:
        starts, names = (0, split), ["source", "target"]
    if len(starts) <= 1:
        content = _text(tokens, range(len(tokens)), attributes, told, names[0], masked=masked)
        return element("div", {"class": "ld-tokens", "dir": direction(tokens), "data-stream": tokens[0].stream}, *content)
    bounds = [range(*bound) for bound in pairwise((*starts, len(tokens)))]
    texts = (
        element(
            "div",
            {"class": "ld-one", "dir": _direction(tokens, each), "data-stream": tokens[each.start].stream},
            *_text(tokens, each, attributes, told, name, masked=masked),
        )
        for name, each in zip(names, bounds, strict=True)
    )
    return element("div", {"class": "ld-tokens", "dir": _direction(tokens, bounds[0])}, *texts)


def beside(tokens: Sequence[Token]) -> str | None:
    """Whether a text stands beside the lines over its tokens, as an attribute: a short one never, a long one on wide pages."""
    if _lines(tokens, range(len(tokens))) <= _SHORT:
        return None
    return "wide" if len(tokens) >= _WIDE else ""


def _direction(tokens: Sequence[Token], positions: range) -> str:
    return direction(tokens[positions.start : positions.stop])


def _text(  # noqa: PLR0913 - what tokens of one text are drawn with
    tokens: Sequence[Token], positions: range, attributes: Attributes, told: Told, called: str = "", *, masked: bool
) -> list[Content]:
    """One text; a long one in chunks, and these in blocks, which browsers leave out of their work while nobody sees them."""
    together = _kept_together(tokens)

    def content(found: range) -> Iterator[Content]:
        name = called if found[0] == positions[0] else ""
        for run in runs(tokens, found):
            if tokens[run.start].kind == "template":
                yield from [_label(name)] if name and run[0] == positions[0] else []
                yield fold_element(tokens, run, _framed(tokens, run, attributes, together, positions.start), told(run))
                continue
            if masked:
                yield from [_label(_masked_label(tokens, positions, name))] if run[0] == positions[0] else []
                yield from _framed(tokens, run, attributes, together, positions.start)
                continue
            for stretch in _of_one_kind(tokens, run):
                kind, begins = tokens[stretch[0]].kind, stretch[0] == positions[0]
                if begins or tokens[stretch[0] - 1].kind != kind:
                    yield _label(f"{name}: {kind}" if name and begins else kind)
                yield from _framed(tokens, stretch, attributes, together, positions.start)

    if len(tokens) <= 2 * _CHUNK:
        return list(content(positions))
    return [
        element(
            "span",
            {"class": "ld-lines", "style": f"--ld-lines: {_lines(tokens, block)}"},
            *(element("span", {"class": "ld-chunk"}, *content(chunk)) for chunk in _parted(block, tokens, together)),
        )
        for block in _blocks(tokens, positions, together)
    ]


_FILLED = {"data-filled": "", "title": "a mask that the model filled"}


def _masked_label(tokens: Sequence[Token], positions: range, name: str) -> str:
    filled = any(tokens[position].kind == "output" for position in positions)
    kind = "input, filled masks in boxes" if filled else "input"
    return f"{name}: {kind}" if name else kind


def _label(text: str) -> Element:
    return element("span", {"class": "ld-part", "dir": "ltr"}, text)


def _framed(
    tokens: Sequence[Token], positions: range, attributes: Attributes, together: Mapping[int, range], begins: int
) -> Iterator[Content]:
    """Token elements; those that write a character together stand in a frame. A text does not begin with an empty line."""
    for position in positions:
        group = together.get(position, range(position, position + 1))
        if position > max(group.start, positions.start):
            continue
        # A line may break before a space, and nowhere inside a token.
        yield from [element("wbr")] if tokens[position].text.startswith(" ") else []
        own = range(position, min(group.stop, positions.stop))
        elements = [token_element(tokens, each, attributes(each)) for each in own]
        yield from elements if len(group) == 1 else [element("span", {"class": "ld-character"}, *elements)]
        last = tokens[own[-1]]
        yield "" if own[-1] == begins and not last.text.strip("\n") else ending(last)


def _kept_together(tokens: Sequence[Token]) -> dict[int, range]:
    """Of each token that shares a character with another the stretch of those that do."""
    return {position: group for group in groups(tokens) for position in group}


def _of_one_kind(tokens: Sequence[Token], run: range) -> list[range]:
    bounds = [position for position in run[1:] if tokens[position].kind != tokens[position - 1].kind]
    return [range(*bound) for bound in pairwise((run.start, *bounds, run.stop))]


def _may_part(tokens: Sequence[Token], position: int, together: Mapping[int, range]) -> bool:
    """Whether a chunk may begin here: not inside a fold or a character."""
    folded = tokens[position - 1].kind == tokens[position].kind == "template"
    return not folded and (position not in together or together[position].start == position)


def _blocks(tokens: Sequence[Token], positions: range, together: Mapping[int, range]) -> list[range]:
    """Stretches of at least a chunk that end where a line ends, so that they may stand below each other."""
    bounds = [positions.start]
    for position in positions[1:]:
        ends_line = tokens[position - 1].text.endswith("\n")
        if ends_line and position - bounds[-1] >= _CHUNK and _may_part(tokens, position, together):
            bounds.append(position)
    return [range(*bound) for bound in pairwise((*bounds, positions.stop))]


def _parted(block: range, tokens: Sequence[Token], together: Mapping[int, range]) -> list[range]:
    bounds = [block.start]
    for position in block[1:]:
        if position - bounds[-1] >= _CHUNK and _may_part(tokens, position, together):
            bounds.append(position)
    return [range(*bound) for bound in pairwise((*bounds, block.stop))]


def _lines(tokens: Sequence[Token], block: range) -> int:
    lines = "".join(tokens[position].text for position in block).removesuffix("\n").split("\n")
    return sum(max(1, math.ceil(len(line) / _LINE)) for line in lines)
