"""`layers=` of rankings, watch and predictions: the rows asked for, no others computed, and facts of the whole model."""

from __future__ import annotations

import pytest
from families import TEXT, family_model

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.measures import layers as measured
from lensdoc.models.residual import Unembedding

MEASURES = {
    "rankings": lensdoc.rankings,
    "watch": lambda trace, **options: lensdoc.watch([trace, trace.lm.score("w5 w7")], ["w5", "w40"], **options),
    "predictions": lambda trace, **options: lensdoc.predictions(trace, positions=[2, -1], top_k=4, **options),
}
NEEDED = {"rankings": 2, "watch": 1, "predictions": 1}
"""Last layers that a measure's facts are of."""


@pytest.fixture(scope="module")
def trace():
    return family_model("llama", num_hidden_layers=6).score(TEXT, n_input=3)


def rows(record):
    """What a record says after each of its layers."""
    if record.KIND == "rankings":
        return list(zip(record.ranks, record.probs, strict=True))
    if record.KIND == "watch":
        return [[(text.ranks[i], text.probs[i]) for text in record.texts] for i in range(len(record.layers))]
    return [[(record.texts[p][i], record.ids[p][i], record.probs[p][i]) for p in (0, 1)] for i in range(len(record.layers))]


@pytest.mark.parametrize("final_norm", [True, False])
@pytest.mark.parametrize(
    ("asked", "kept"),
    [(None, range(6)), (2, [2]), (slice(None, None, 2), [0, 2, 4]), (slice(-2, None), [4, 5]), ([3, 0], [0, 3]), (5, [5])],
)
@pytest.mark.parametrize("name", MEASURES)
def test_the_layers_asked_for_are_those_of_the_whole_record(trace, name, asked, kept, final_norm):
    whole, some = MEASURES[name](trace, final_norm=final_norm), MEASURES[name](trace, layers=asked, final_norm=final_norm)
    assert some.layers == tuple(kept)
    assert rows(some) == [rows(whole)[layer] for layer in kept]
    assert some.facts == whole.facts | {"layers": len(kept)}  # what they say is of the model, whatever is shown


@pytest.mark.parametrize("name", MEASURES)
def test_only_what_is_needed_goes_through_the_norm(trace, name, monkeypatch):
    calls = []
    own = Unembedding.normed
    monkeypatch.setattr(Unembedding, "normed", lambda self, *a, **o: calls.append(1) or own(self, *a, **o))
    texts = 2 if name == "watch" else 1
    MEASURES[name](trace, layers=[0, 1])
    assert len(calls) == texts * (2 + NEEDED[name])
    calls.clear()
    MEASURES[name](trace, layers=[0, 5])
    assert len(calls) == texts * (2 + NEEDED[name] - 1)


@pytest.mark.parametrize("asked", [6, -1, [], [0, 6], "0", slice(6, 9)])
@pytest.mark.parametrize("name", MEASURES)
def test_layers_that_are_none_are_refused(trace, name, asked):
    with pytest.raises(MeasureError, match=r"layers must be indices from 0 to 5, the model's last; they are"):
        MEASURES[name](trace, layers=asked)


def test_settled_is_rank_1_after_the_last_two_layers(count):
    whole = lensdoc.rankings(count)
    settled = [whole.ranks[-1][t] == whole.ranks[-2][t] == 1 for t in range(len(whole.targets))]
    assert sum(settled) > 0
    last = count.lm.info.layers - 1
    for asked in (None, 0, [0, last], slice(0, last - 1)):
        assert lensdoc.rankings(count, layers=asked).facts["settled"] == pytest.approx(sum(settled) / len(settled), abs=1e-4)


def test_the_last_layers_are_added_once_and_in_order():
    assert measured.with_last([0, 3], 6) == [0, 3, 5]
    assert measured.with_last([4, 5], 6, last=2) == [4, 5]
    assert measured.with_last([0], 1, last=2) == [0]
