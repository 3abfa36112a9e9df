"""Strategies of decoding: against transformers' own, what is refused, and the figure."""

from __future__ import annotations

import builders
import pytest
import torch
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options

PROMPT = "The keys to"
STRATEGIES = {
    "greedy": {},
    "hot": {"do_sample": True, "temperature": 1.5},
    "top-k": {"do_sample": True, "top_k": 5},
    "top-p": {"do_sample": True, "top_p": 0.9, "temperature": 1.2},
    "beam": {"num_beams": 3},
}


@pytest.fixture(scope="module")
def record(tiny):
    return lensdoc.decoding(tiny, PROMPT, STRATEGIES, max_new_tokens=8, seed=3)


@pytest.mark.parametrize("name", STRATEGIES)
def test_texts_are_those_of_transformers_with_the_same_seed(tiny, record, name):
    ids = tiny.tokenizer(PROMPT, return_tensors="pt")["input_ids"]
    torch.manual_seed(3)
    settings = {"do_sample": False, "top_k": 0} | STRATEGIES[name]
    theirs = tiny.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, pad_token_id=0, **settings)
    found = next(one for one in record.strategies if one.name == name)
    assert [token.id for token in found.tokens] == theirs[0, ids.shape[1] :].tolist()[: len(found.tokens)]


def test_numbers_of_each_token_are_those_of_the_models_own_distribution(tiny, record):
    given = [token.id for token in record.tokens]
    for one in record.strategies:
        text = torch.tensor([[*given, *(token.id for token in one.tokens)]])
        with torch.no_grad():
            logits = tiny.model(text).logits[0, len(given) - 1 : -1].double()
        probs = logits.softmax(-1)
        for t, token in enumerate(one.tokens):
            assert one.probs[t] == pytest.approx(float(probs[t, token.id]), rel=1e-3)
            assert one.ranks[t] == 1 + int((logits[t] > logits[t, token.id]).sum())
            assert one.entropies[t] == pytest.approx(float(-(probs[t] * probs[t].log2()).sum()), rel=1e-3, abs=1e-4)
        assert one.log_prob == pytest.approx(sum(map(float, torch.tensor(one.probs).log())), rel=1e-2, abs=1e-3)


def test_kept_counts_the_tokens_that_could_be_drawn(tiny, record):
    by_name = {one.name: one for one in record.strategies}
    assert set(by_name["greedy"].kept) == {1}
    assert set(by_name["hot"].kept) == {tiny.info.vocabulary}
    assert set(by_name["top-k"].kept) == {5}
    assert by_name["beam"].kept is None
    with torch.no_grad():
        logits = tiny.model(torch.tensor([[token.id for token in record.tokens]])).logits[0, -1]
    probs = (logits / 1.2).softmax(-1).sort(descending=True).values
    assert by_name["top-p"].kept[0] == int((probs.cumsum(0) < 0.9).sum()) + 1


def test_a_search_keeps_all_its_texts_the_best_first(record):
    beam = record.strategies[-1]
    assert len(beam.beams) == 3
    assert beam.beams[0].tokens == beam.tokens
    scores = [one.score for one in beam.beams]
    assert scores == sorted(scores, reverse=True)
    assert beam.beams[0].score == pytest.approx(beam.log_prob / len(beam.tokens), rel=1e-2)


@pytest.mark.parametrize(
    ("strategies", "message"),
    [
        ({}, "names of strategies with their settings"),
        ({"a": {"topk": 3}}, "strategy 'a' has an unknown setting 'topk'; did you mean"),
        ({"a": {"top_k": 3}}, "strategy 'a' sets top_k and draws no token; add do_sample=True"),
        ({"a": {"num_beams": 1}}, "strategy 'a' needs num_beams from 2, it is 1"),
    ],
)
def test_what_is_no_strategy_is_refused(tiny, strategies, message):
    with pytest.raises(MeasureError, match=message):
        lensdoc.decoding(tiny, PROMPT, strategies)


def test_shapes_must_fit():
    record = builders.decoding()
    strategies = record.model_dump()["strategies"]
    with pytest.raises(ValueError, match="strategies must have different names, they are greedy, greedy"):
        type(record).model_validate(record.model_dump() | {"strategies": [strategies[0]] * 2}, strict=False)
    short = strategies[0] | {"ranks": (1,)}
    with pytest.raises(ValueError, match=r"strategies\[0\]\.ranks has 1 values, but there are 3 tokens"):
        type(record).model_validate(record.model_dump() | {"strategies": [short]}, strict=False)


def draw(**options):
    drawing = explorable("decoding")
    return html.fromstring(to_html(drawing.draw(builders.decoding(), read_options(drawing.options, options))))


def test_each_strategy_has_a_line_and_each_token_its_numbers():
    figure = draw(labels="ranks")
    assert [title.text for title in figure.find_class("ld-title")][1:4] == ["greedy", "top-k 2", "beam (2 beams)"]
    tokens = figure.find_class("ld-token")
    assert [token.get("data-share") for token in tokens[:3]] == ["1", "2", "12"]
    assert tokens[3].get("data-told") == "‘\xa0b’: probability 50%, rank 1, entropy 1.5 bits, one of 2 that could be drawn."


def test_the_tree_tells_what_texts_share_once():
    tree = draw().find_class("ld-tree")[0]
    assert [word.text for word in tree.find_class("ld-word")] == [" a", " c d", " <i>"]
    assert [score.text for score in tree.find_class("ld-figure")] == ["score −0.250", "score −0.500"]
