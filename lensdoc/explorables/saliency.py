"""The figure of kind `saliency`: choose a produced token, see which earlier tokens mattered for it, or at a mask which others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.display import quoted
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.masks import masked_reading
from lensdoc.explorables.numbers import digits
from lensdoc.explorables.options import ChoiceOption, NumberOption
from lensdoc.explorables.passages import scored, window
from lensdoc.explorables.scores import even, key, labels_switch, largest_of, named, tint, told
from lensdoc.explorables.sequences import sequence_element
from lensdoc.explorables.shared import heads, said
from lensdoc.explorables.swaps import cells, exchanges, truth
from lensdoc.explorables.tables import table_details
from lensdoc.explorables.tints import LEVELS
from lensdoc.records.saliency import Saliency

_HINT = said("saliency.hint")


def draw(record: Saliency, options: Mapping[str, Any]) -> Element:
    """The custom element with its first state: one target chosen, its scores on the tokens before it."""
    if not record.targets:
        raise PublishError(said("saliency.none"))
    chosen, span = _chosen(record, options["token"]), options.get("span")
    largest = span[0] if span else largest_of(record.scores if options["scale"] == "shared" else (record.scores[chosen],))
    notched = options["style"] == "detailed" and not record.signed
    classes = f"ld-saliency ld-scored ld-{options['style']}"
    return element(
        "lens-saliency",
        {
            "class": classes,
            "data-search-exclude": "",
            "data-scale": options["scale"],
            "data-signed": "" if record.signed else None,
            "style": even(record.scores[chosen], largest, int(record.sees_all)) if notched else None,
        },
        element("div", {"class": "ld-panels"}, window(record.tokens, _sequence(record, chosen, largest, notched=notched))),
        *scored(
            record.tokens, record.scores[chosen], record.targets[chosen], signed=record.signed, unscored=int(record.sees_all)
        ),
        *([exchanges(record, chosen)] if record.to else []),
        _readout(record, chosen, notched=notched),
        *([labels_switch()] if options["style"] == "minimal" else []),
        table_details(said("saliency.table"), _heads(record), (_row(record, t) for t in range(len(record.targets)))),
        element("template", {"class": "ld-data"}, json.dumps(_data(record, chosen) | ({"largest": largest} if span else {}))),
    )


def _chosen(record: Saliency, position: float | None) -> int:
    """Which target is chosen at first."""
    if position is None:
        return 0
    if position not in record.targets:
        first, last = record.targets[0], record.targets[-1]
        raise PublishError(said("saliency.noTarget", first=first, last=last, position=position))
    return record.targets.index(int(position))


def _data(record: Saliency, chosen: int) -> dict[str, Any]:
    notes = [_note(record, index) for index in range(len(record.targets))]
    return {
        "targets": record.targets,
        "scores": record.scores,
        "signed": record.signed,
        "levels": LEVELS,
        "chosen": chosen,
        **({"notes": notes} if any(notes) else {}),
        **({"swaps": [cells(record, index) for index in range(len(record.targets))]} if record.to else {}),
    }


def _note(record: Saliency, index: int) -> str:
    """What must be said beside the scores of a target: what exchanges do change; that scores mean nothing, where they do not."""
    return truth(record, index) if record.to else _doubt(record, index)


def _doubt(record: Saliency, index: int) -> str:
    gap = record.gap(index)
    if gap is None or not (record.unreliable and record.unreliable[index]):
        return ""
    near = gap <= _MOST_GAP
    missed = said("saliency.share", percent=f"{gap:.0%}") if near else said("saliency.times", number=f"{gap:,.0f}")
    return said("saliency.note", missed=missed)


_MOST_GAP = 10


def _sequence(record: Saliency, chosen: int, largest: float, *, notched: bool) -> Element:
    row, target = record.scores[chosen], record.targets[chosen]
    targets = set(record.targets)

    def attributes(position: int) -> dict[str, str]:
        found = {"data-target": ""} if position in targets else {}
        found |= {"data-chosen": ""} if position == target else {}
        if position >= len(row):
            return found
        return found | tint(row[position], largest, signed=record.signed, notched=notched)

    return sequence_element(
        record.tokens, attributes, told=lambda run: told(row, run, signed=record.signed), masked=record.sees_all
    )


def _named(record: Saliency, index: int) -> str:
    return named(record.tokens, record.scores[index], signed=record.signed)


def _readout(record: Saliency, chosen: int, *, notched: bool) -> Element:
    """The read-out; a warning comes first, since on phones the rest is cut, and scores that mean nothing need no key."""
    position = record.targets[chosen]
    text = said("saliency.readout", position=position, token=quoted(record.tokens, position), named=_named(record, chosen))
    text, note = f"Target t{text[1:]}" if record.stack else text, _note(record, chosen)
    return readout(text + note if record.to else note + text, _HINT, key() if notched else "")


def _heads(record: Saliency) -> tuple[str, ...]:
    first, second, *others = heads("saliency.heads")
    return (first, said("saliency.estimate") if record.to else second, *others)


def _row(record: Saliency, index: int) -> tuple[str, ...]:
    position = record.targets[index]
    return (
        f"{position} {quoted(record.tokens, position)}",
        _named(record, index) + (said("saliency.unreliable") if _doubt(record, index) else ""),
        digits(record.totals[index]),
    )


_METHODS = {
    "gradient": "the gradient of the token's {target} by each earlier embedding",
    "gradient_x_input": "the gradient of the token's {target} by each earlier embedding, times the embedding",
    "integrated_gradients": "the gradient of the token's {target}, averaged on the way from a baseline, times the way",
    "occlusion": "the change of the token's {target} when one earlier embedding is put to a baseline",
    "exchange": "the gradient of the token's {target}, times the way from one earlier embedding to that of another token",
    "unknown": "a method that the imported file does not name",
}


def _method(record: Saliency) -> str:
    measured = _METHODS[record.method].format(target=record.target.replace("_", "-"))
    if record.sees_all:
        measured = measured.replace("each earlier embedding", "the embedding of each other token")
        measured = measured.replace("one earlier embedding", "the embedding of another token")
    less = " less that of the token it is contrasted with" if record.contrast is not None else ""
    size = "with its sign" if record.signed else "its size as a share of all"
    if record.to:
        return (
            f"Exchange saliency: {measured}{less}: what the exchange changes to first order, beside what it does change. The "
            "estimate describes the model near this one input; where the way is bent, its size and its sign may be wrong, so "
            "believe the change."
        )
    faulty = sum(record.unreliable or ())
    warning = (
        f"For {faulty} of {len(record.targets)} tokens the integrated gradients miss more than a tenth of the difference that "
        "they should add up to: those scores mean nothing. "
        if faulty
        else ""
    )
    if record.stack:
        seen = "the source and of the target before it"
        measured = measured.replace("each earlier embedding", f"the embedding of each token of {seen}")
        measured = measured.replace("one earlier embedding", f"the embedding of one token of {seen}")
    reading = f"The mask in a token's place has no score. {masked_reading(record)} " if record.sees_all else ""
    return (
        f"Input saliency: {measured}{less}; {size}. {reading}{warning}"
        "It describes the model near this one input, other methods may give "
        "other scores, and a token that scores high need not be a cause."
    )


def _numbers(record: Saliency) -> Iterator[tuple[Cell, ...]]:
    for target, row in zip(record.targets, record.scores, strict=True):
        for position, score in enumerate(row):
            token = record.tokens[position]
            kind = f"{token.stream} {token.kind}" if token.stream else token.kind
            yield target, record.tokens[target].spelled, position, token.spelled, kind, score


def _empty(record: Saliency, _: object, state: Mapping[str, int]) -> str | None:
    row = record.scores[record.targets.index(state["token"])]
    return None if any(row) else "all scores are 0"


EXPLORABLE = Explorable(
    options={
        "style": ChoiceOption(
            ("minimal", "detailed"),
            "minimal: colour; detailed: a bar, with a notch at an even share, and each score (shares from 1%) too",
        ),
        "scale": ChoiceOption(("step", "shared"), "whether the colours of each target span its own scores, or those of all"),
        "token": NumberOption(0, 1e6, None, "position of the token that is chosen at first"),
    },
    draw=draw,
    method=_method,
    table=Table(("target", "target_token", "position", "token", "kind", "score"), _numbers),
    states={"token": lambda record: record.targets},
    span=lambda record, _: (largest_of(record.scores),),
    empty=_empty,
)
