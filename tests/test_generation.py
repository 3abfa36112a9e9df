"""Sampling, and texts that are given."""

from __future__ import annotations

from functools import wraps

import pytest
import torch
from families import FAMILIES, TEXT, family_model

import lensdoc
from lensdoc.core.errors import ModelError
from lensdoc.models.continuation import Continuation
from lensdoc.models.decoding import Sampling


def draws(sampling, logits, n=4000):
    choose = sampling.chooser()
    found = torch.cat([choose(torch.tensor([logits])) for _ in range(n)]).flatten()
    return torch.bincount(found, minlength=len(logits)) / n


LOGITS = [2.0, 1.0, 0.0, -5.0]


def test_tokens_are_drawn_by_their_probability():
    expected = torch.tensor(LOGITS).softmax(0)
    assert draws(Sampling(), LOGITS) == pytest.approx(expected.tolist(), abs=0.03)


def test_temperature_sharpens_and_flattens():
    for temperature in (0.5, 3.0):
        expected = (torch.tensor(LOGITS) / temperature).softmax(0)
        assert draws(Sampling(temperature=temperature), LOGITS) == pytest.approx(expected.tolist(), abs=0.03)


def test_top_k_keeps_the_most_probable_tokens():
    assert (draws(Sampling(top_k=2), LOGITS, n=300) > 0).tolist() == [True, True, False, False]


def test_top_p_keeps_the_fewest_tokens_that_hold_it():
    # Probabilities 0.665, 0.245, 0.090 and next to nothing.
    assert (draws(Sampling(top_p=0.6), LOGITS, n=300) > 0).tolist() == [True, False, False, False]
    assert (draws(Sampling(top_p=0.9), LOGITS, n=300) > 0).tolist() == [True, True, False, False]


def test_the_same_seed_draws_the_same_text_and_the_record_keeps_it(tiny):
    one, two, other = (tiny.generate("It was", max_new_tokens=20, do_sample=True, temperature=2.0, seed=s) for s in (3, 3, 4))
    assert torch.equal(one.ids, two.ids)
    assert not torch.equal(one.ids, other.ids)
    assert (lensdoc.sequence(one).provenance.seed, lensdoc.sequence(other).provenance.seed) == (3, 4)


def test_a_draw_leaves_torchs_own_generator_alone(tiny):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    tiny.generate(" 1", max_new_tokens=3, do_sample=True)
    assert torch.equal(torch.rand(1), expected)


def test_greedy_decoding_has_no_seed(tiny):
    assert tiny.generate(" 1", max_new_tokens=1).provenance.seed is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0}, "temperature must be above 0; it is 0"),
        ({"top_k": 0}, "top_k must be an integer from 1; it is 0"),
        ({"top_p": 1.5}, "top_p must be above 0 and at most 1; it is 1.5"),
        ({"seed": -1}, "seed must be an integer from 0; it is -1"),
    ],
)
def test_settings_out_of_range_are_refused(tiny, settings, message):
    with pytest.raises(ModelError, match=message):
        tiny.generate(" 1", max_new_tokens=2, do_sample=True, **settings)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_given_text_is_scored_and_nothing_is_produced(family):
    lm = family_model(family)
    trace = lm.score(TEXT, n_input=4)
    assert [token.text for token in trace.tokens] == TEXT.split()
    assert [token.kind for token in trace.tokens] == ["input"] * 4 + ["output"] * 7
    assert trace.targets == range(4, 11)
    assert len(lensdoc.sequence(trace).probs) == 7


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_that_was_produced_scores_as_it_was_produced(family):
    lm = family_model(family)
    trace = lm.generate("w3 w14", max_new_tokens=6)
    again = lm.score(" ".join(token.text for token in trace.tokens), n_input=2)
    assert torch.equal(again.ids, trace.ids)
    assert lensdoc.rankings(again).ranks == lensdoc.rankings(trace).ranks
    assert set(lensdoc.sequence(trace).ranks) == {1}


@pytest.mark.parametrize(
    ("text", "n_input", "message"),
    [
        ("", 1, "the prompt has no tokens"),
        (None, 1, "a prompt is one string, or a list of messages such as .*; it is None"),
        (" 1, 2", 4, "n_input must be from 1 to 3, the number of tokens of the text; it is 4"),
        (" 1, 2", 0, "n_input must be from 1 to 3"),
        (" 1" * 513, 1, "513 given and 0 new tokens do not fit the 512 positions of lensdoc/tiny; give at most 512"),
    ],
)
def test_a_text_that_cannot_be_scored_is_explained(tiny, text, n_input, message):
    with pytest.raises(ModelError, match=message):
        tiny.score(text, n_input=n_input)


def test_logits_that_are_not_finite_are_named():
    lm = family_model("llama")
    with torch.no_grad():
        lm.model.get_input_embeddings().weight[3] = float("nan")
    with pytest.raises(ModelError, match="llama gives logits that are not finite after 2 tokens"):
        lm.generate("w3 w4", max_new_tokens=2)


@pytest.fixture
def wrong_caches(monkeypatch):
    """Every way to read a text but as a whole gives the logits of another token the first place, and the others theirs."""
    steps = Continuation._steps

    def rolled(self, way):
        inner = steps(self, way)
        ids = yield next(inner)
        while True:
            logits = inner.send(ids)
            ids = yield logits if way == "whole" else logits.roll(1, -1)

    monkeypatch.setattr(Continuation, "_steps", rolled)


@pytest.mark.usefixtures("wrong_caches")
def test_no_cache_is_believed_because_another_was_checked():
    lm = family_model("llama")
    lm.model.generation_config.eos_token_id = None
    expected = lm.tokenizer(TEXT, add_special_tokens=False, return_tensors="pt").input_ids
    for _ in range(6):
        with torch.no_grad():
            following = lm.model(expected, use_cache=False).logits[:, -1].argmax(-1, keepdim=True)
        expected = torch.cat([expected, following], 1)
    with pytest.warns(UserWarning, match="continues a text otherwise with its cache"):
        found = lm.generate(TEXT, max_new_tokens=6)
    assert found.ids.tolist() == expected[0].tolist()
    assert lm.continuation.ways == ["whole"]


def test_a_text_that_the_model_refuses_costs_no_later_one_its_cache(monkeypatch):
    lm = family_model("llama")
    forward = lm.model.forward

    @wraps(forward)
    def refused(*_, **__):
        raise RuntimeError("no")

    monkeypatch.setattr(lm.model, "forward", refused)
    lm.continuation.ways = ["cache", "whole"]
    with pytest.raises(ModelError, match="cannot continue this text: its own code raises RuntimeError: no"):
        lm.generate(TEXT, max_new_tokens=2)
    monkeypatch.setattr(lm.model, "forward", forward)
    lm.generate(TEXT, max_new_tokens=4)
    assert lm.continuation.ways == ["cache", "whole"]
