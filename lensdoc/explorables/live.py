"""The figure of kind `live`: the answer to the first prompt, which a reader's browser can ask the model anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.kinds import Cell, Explorable, Table, explorable
from lensdoc.explorables.options import NamesOption, NumberOption, TextOption, read_options
from lensdoc.records.live import SHOWN, Live
from lensdoc.records.record import Record
from lensdoc.records.sequence import Sequence as Text

_TITLES = {
    "sequence": "The text, and how probable each written token was",
    "saliency": "Which tokens mattered for one that was written",
    "rankings": "The rank of each written token after every layer",
    "predictions": "What the model would write next, after every layer",
    "attention": "What the heads attend to",
    "activations": "Which neurons fire on which tokens",
    "factors": "Groups of neurons that fire together",
}
NOT_HERE = "This site was built without the files of this model, so the figure shows its first state only."
_MEGABYTE = 1e6


def draw(record: Live, options: Mapping[str, Any]) -> Element:
    """The custom element with the answer to the first prompt; what asks the model is added by the script."""
    most = int(options["max_new_tokens"] or record.max_new_tokens)
    said = {
        "bytes": record.facts["bytes"],
        "most": min(most, record.max_new_tokens),
        "prompt": options["prompt"] or record.prompt,
        "model": record.model.id,
    }
    return element(
        "lens-live",
        {"class": "ld-answers", "data-search-exclude": ""},
        element("template", {"class": "ld-live-data"}, json.dumps(said)),
        element("div", {"class": "ld-ask"}),
        element("p", {"class": "ld-origin"}, "Answered when this page was built; verified data."),
        *(_slot(found.KIND, _drawn(found)) for found in _shown(record, options["figures"])),
    )


def _shown(record: Live, figures: Sequence[str] | None) -> Iterator[Record]:
    """The tokens, and then the figures that the author chose.

    Raises:
        PublishError: One of them is not in the record.
    """
    if figures is None:
        yield from record.shown()
        return
    for kind in ("sequence", *figures):
        if kind not in record.records:
            known = ", ".join(name for name in SHOWN[1:] if name in record.records) or "none"
            raise PublishError(f"figures names {kind!r}, which the record does not have; it has {known}")
        yield record.record_of(kind)


def _slot(kind: str, drawn: Element) -> Element:
    return element("div", {"class": "ld-slot", "data-kind": kind}, element("p", {"class": "ld-slot-title"}, _TITLES[kind]), drawn)


def _drawn(record: Any) -> Element:  # noqa: ANN401 - of any kind
    kind = explorable(record.KIND)
    return kind.draw(record, read_options(kind.options, {}))


def _method(record: Live) -> str:
    size = float(record.facts["bytes"]) / _MEGABYTE
    worst, changed = float(record.facts["largest_difference"]), float(record.facts["weights_changed"])
    weights = (
        "Its weights are those of the verified data"
        if not changed
        else f"Its weights are sent in 16 bits, which changes each by at most {changed:.1g} of the largest of its tensor"
    )
    others = f", and {record.truth.other_ranks} of {record.truth.ranks} ranks were others" if record.truth.other_ranks else ""
    return (
        "The model with its measures, derivatives included, as a graph that the browser runs when a reader asks; "
        f"{size:.1f} MB of files. {weights}. On {len(record.truth.lengths)} texts of {min(record.truth.lengths)} to "
        f"{max(record.truth.lengths)} tokens the graph differed from PyTorch by at most {worst:.1g} of the largest value"
        f"{others}; "
        "the most probable token was always the same. What the browser computes is not part of the verified data."
    )


def _numbers(record: Live) -> Iterator[tuple[Cell, ...]]:
    text = record.record_of("sequence")
    assert isinstance(text, Text)
    for target, prob, rank in zip(text.targets, text.probs, text.ranks, strict=True):
        yield target, text.tokens[target].spelled, rank, prob


EXPLORABLE = Explorable(
    options={
        "max_new_tokens": NumberOption(1, 512, None, "tokens that are written at most, of those that the record allows"),
        "prompt": TextOption("what stands in the field once the model is loaded, and is answered then"),
        "figures": NamesOption(SHOWN[1:], "measures of the record that are shown below the tokens, in this order"),
    },
    draw=draw,
    method=_method,
    table=Table(("position", "token", "rank", "prob"), _numbers),
    family="live",
)
