"""The figure of kind `decoding`: what each strategy produced, its tokens tinted by probability, and the tree of a beam search."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lensdoc.explorables.characters import direction
from lensdoc.explorables.display import line, quoted
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.folds import line_content
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import digits, exact, fixed, percent
from lensdoc.explorables.options import ChoiceOption
from lensdoc.explorables.sequences import sequence_element
from lensdoc.explorables.shared import heads, said
from lensdoc.explorables.tables import table_details
from lensdoc.explorables.tints import level
from lensdoc.records.decoding import Decoding, Hypothesis, Strategy

_HINT = said("sequence.hint")


def draw(record: Decoding, options: Mapping[str, Any]) -> Element:
    """The custom element: the prompt, and below it a line for each strategy."""
    given = element("p", {"class": "ld-title", "dir": direction(record.tokens)}, *line_content(record.tokens))
    texts = [_text(record, number, options["labels"]) for number in range(1, len(record.strategies) + 1)]
    trees = [_tree(strategy) for strategy in record.strategies if strategy.beams]
    return element(
        "lens-decoding",
        {
            "class": "ld-sequence ld-scored ld-flows",
            "data-search-exclude": "",
            "data-labelled": None if options["labels"] == "none" else "",
        },
        given,
        *texts,
        *trees,
        readout(_summary(record), _HINT),
        table_details(said("decoding.table"), heads("decoding.heads"), _rows(record)),
    )


def _text(record: Decoding, number: int, labels: str) -> Element:
    strategy = record.strategies[number - 1]

    def attributes(position: int) -> dict[str, str]:
        tint = {"data-hue": "1", "data-level": str(level(strategy.probs[position], 1.0))}
        if labels != "none":
            tint["data-share"] = _label(strategy, position, labels)
        return tint | {"data-told": _told(strategy, position)}

    tokens = sequence_element(strategy.tokens, attributes)
    tokens.set("data-list", said("decoding.list", name=strategy.name))
    tokens.set("data-across", "token")
    if len(record.strategies) > 1:
        tokens.set("data-of", f"strategy={number}")
    title = element("p", {"class": "ld-title"}, _heading(strategy))
    return element("div", {"class": "ld-one"}, title, tokens)


def _heading(strategy: Strategy) -> str:
    """A strategy with its settings in words; the one that it is called by is named once: top-k 40."""
    given, own = strategy.settings, strategy.name.replace("-", "_")
    others = ", ".join(_setting(name, value) for name, value in given.items() if name not in {"do_sample", own})
    parts = [strategy.name, _written(given[own]) if own in given else "", f"({others})" if others else ""]
    return " ".join(filter(None, parts))


def _setting(name: str, value: object) -> str:
    if name == "num_beams":
        return said("decoding.beams", count=_written(value))
    return f"{name.replace('_', ' ')} {_written(value)}"


def _written(value: object) -> str:
    """A setting; numbers and truth values as JSON has them."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return exact(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _label(strategy: Strategy, position: int, labels: str) -> str:
    if labels == "ranks":
        return f"{strategy.ranks[position]:,}"
    if labels == "kept":
        return "" if strategy.kept is None else f"{strategy.kept[position]:,}"
    return percent(strategy.probs[position])


def _told(strategy: Strategy, position: int) -> str:
    kept = "" if strategy.kept is None else said("decoding.kept", count=f"{strategy.kept[position]:,}")
    return said(
        "decoding.told",
        token=quoted(strategy.tokens, position),
        prob=percent(strategy.probs[position]),
        rank=f"{strategy.ranks[position]:,}",
        entropy=digits(strategy.entropies[position]),
        kept=kept,
    )


def _tree(strategy: Strategy) -> Element:
    """The texts that a search kept to the end, with what they begin alike told once."""
    assert strategy.beams is not None
    title = element("p", {"class": "ld-title"}, said("decoding.tree", count=len(strategy.beams), name=strategy.name))
    return element("div", {"class": "ld-tree"}, title, _branches(strategy.beams, 0))


def _branches(beams: Sequence[Hypothesis], start: int) -> Element:
    groups: dict[int | None, list[Hypothesis]] = {}
    for beam in beams:
        groups.setdefault(beam.tokens[start].id if start < len(beam.tokens) else None, []).append(beam)
    return element("ul", None, *(_branch(group, start) for group in groups.values()))


def _branch(beams: Sequence[Hypothesis], start: int) -> Element:
    shared = start
    while all(len(beam.tokens) > shared for beam in beams) and len({beam.tokens[shared].id for beam in beams}) == 1:
        shared += 1
    text = line(beams[0].tokens, slice(start, shared)) or said("decoding.ends")
    content: list[Content] = [element("span", {"class": "ld-word"}, text)]
    if len(beams) == 1:
        return element(
            "li", None, *content, element("span", {"class": "ld-figure"}, said("decoding.score", score=fixed(beams[0].score, 3)))
        )
    return element("li", None, *content, _branches(beams, shared))


def _summary(record: Decoding) -> str:
    found = [f"{one.name} {fixed(one.log_prob / len(one.tokens), 2)}" for one in record.strategies]
    same = "".join(said("decoding.same", names=", ".join(names)) for names in _alike(record) if len(names) > 1)
    return said("decoding.summary", same=same, strategies=", ".join(found), seed=record.seed)


def _alike(record: Decoding) -> Iterable[list[str]]:
    """The names of strategies that gave the same text, together."""
    found: dict[tuple[int, ...], list[str]] = {}
    for one in record.strategies:
        found.setdefault(tuple(token.id for token in one.tokens), []).append(one.name)
    return found.values()


def _rows(record: Decoding) -> Iterator[tuple[str, ...]]:
    for one in record.strategies:
        for t in range(len(one.tokens)):
            kept = "–" if one.kept is None else f"{one.kept[t]:,}"
            numbers = percent(one.probs[t]), f"{one.ranks[t]:,}", digits(one.entropies[t]), kept
            yield one.name, quoted(one.tokens, t), *numbers


def _numbers(record: Decoding) -> Iterator[tuple[Cell, ...]]:
    for one in record.strategies:
        for t, token in enumerate(one.tokens):
            kept = "" if one.kept is None else one.kept[t]
            yield one.name, t, token.spelled, one.ranks[t], one.entropies[t], kept, one.probs[t]


def _empty(record: Decoding, _: object, state: Mapping[str, int]) -> str | None:
    """Texts may have different lengths."""
    one = record.strategies[state.get("strategy", 1) - 1]
    count = len(one.tokens)
    return None if state.get("token", 0) < count else f"{one.name} has {count} tokens, 0 to {count - 1}"


_METHOD = (
    "Probability, rank and entropy of each produced token by the model's own distribution, at temperature 1 and uncut. One draw "
    "is one of many: another seed writes another text. A text that is more probable is not a better one."
)
EXPLORABLE = Explorable(
    options={"labels": ChoiceOption(("probabilities", "ranks", "kept", "none"), "what stands below each token")},
    draw=draw,
    method=lambda _: _METHOD,
    table=Table(("strategy", "step", "token", "rank", "entropy_bits", "kept", "probability"), _numbers),
    states={
        "strategy": lambda record: range(1, len(record.strategies) + 1) if len(record.strategies) > 1 else (),
        "token": lambda record: range(max(len(one.tokens) for one in record.strategies)),
    },
    together=("strategy", "token"),
    empty=_empty,
    family="attention",
)
