"""What experiments show on SmolLM2-135M-Instruct: where a capital is decided, which head carries it, what anchors attention."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch

import lensdoc
from lensdoc.measures.masked import Masked
from lensdoc.records.reading import read_record

pytestmark = pytest.mark.long
CAPITALS = {
    "France": "Paris",
    "Germany": "Berlin",
    "Italy": "Rome",
    "Spain": "Madrid",
    "Japan": "Tokyo",
    "Russia": "Moscow",
    "Greece": "Athens",
    "Canada": "Ottawa",
    "Australia": "Canberra",
    "Poland": "Warsaw",
    "Egypt": "Cairo",
    "Ireland": "Dublin",
}
ENDS = {"answer": " Paris", "wrong": " Berlin"}


@pytest.fixture(scope="module")
def lm(real_model):
    torch.set_num_threads(1)
    return lensdoc.load_model(str(real_model))


@pytest.fixture(scope="module")
def pair(lm):
    return lm.score("\nThe capital of France is"), lm.score("\nThe capital of Germany is")


def test_the_answer_jumps_from_its_country_to_the_last_word_between_blocks_22_and_23(pair):
    found = lensdoc.patching(*pair, top=0, **ENDS)
    country, last = ([row[column] for row in found.values] for column in (4, 5))
    assert country[22] == pytest.approx(0.99, abs=0.02)
    assert country[23] == pytest.approx(-0.05, abs=0.02)
    assert last[22] == pytest.approx(0.08, abs=0.02)
    assert last[23] == pytest.approx(1.03, abs=0.02)
    assert found.values[29] == pytest.approx([0, 0, 0, 0, 0, 1], abs=1e-4)
    assert country[0] == pytest.approx(1, abs=0.01)


def test_a_map_costs_at_most_three_fifths_of_as_many_passes(lm, figure):
    """30 layers x 12 tokens, in seconds of the processor: starting at the patched block, tokens together."""
    texts = [lm.score(f"\nEverybody knows very well that the capital of {country} is") for country in ("France", "Germany")]
    count = len(texts[0].tokens)
    lensdoc.patching(*texts, layers=29, top=0, **ENDS)  # what is found out once

    def seconds(call):
        start = time.process_time()
        call()
        return time.process_time() - start

    def whole():
        with torch.no_grad():
            lm.model(texts[0].ids[None], use_cache=False, logits_to_keep=1)

    one = sorted(seconds(whole) for _ in range(5))[2]
    spent = seconds(lambda: lensdoc.patching(*texts, **ENDS))
    share = spent / (one * 30 * count)
    figure(f"SmolLM2: patching 30 x {count} in {spent:.1f} s of one core, {share:.0%} of as many passes (at most 60%)")
    assert share <= 0.6


def test_one_head_carries_the_capital(pair):
    found = lensdoc.patching(*pair, part="head", layers=slice(20, 26), top=0, **ENDS)
    assert (found.facts["strongest_layer"], found.facts["strongest_column"]) == (23, 4)
    assert found.facts["strongest"] > 0.7


def test_without_that_head_twelve_capitals_are_known_less_and_without_others_as_well(lm):
    texts = [lm.score(f"The capital of {country} is {capital}", n_input=5) for country, capital in CAPITALS.items()]
    assert all(len(text.tokens) == 6 for text in texts)
    found = lensdoc.ablation(texts, {"L23H4": (23, 4)}, replace="zero", target="prob")
    assert found.whole + found.changes[0] < 0.6 * found.whole
    assert len(found.controls[0]) == 8
    assert min(found.controls[0]) > -0.05


def test_two_neurons_at_the_first_token_anchor_the_text(lm):
    """Put to 0 at the first token alone they cost more than a nat a token; others, and the same ones elsewhere, cost nothing."""
    text = lm.score(
        "The old lighthouse stood at the edge of the cliff. Every evening the keeper climbed the stairs and lit the lamp, "
        "and the ships far out at sea knew where the rocks were."
    )
    sink = [(11, 1229), (11, 1487)]
    first = lensdoc.ablation(text, {"sink": sink}, replace="zero", positions=0)
    assert first.changes[0] < -0.7
    assert max(map(abs, first.controls[0])) < 0.05
    elsewhere = lensdoc.ablation(text, {"sink": sink}, replace="zero", positions=slice(1, None), controls=0)
    assert abs(elsewhere.changes[0]) < 0.05


def test_from_keys_to_key_goes_over_a_cliff_and_the_derivative_has_the_wrong_sign(lm):
    found = lensdoc.exchange(lm.score("\nThe keys to the cabinet"), 2, " key", answer=" are", wrong=" is", steps=101)
    assert found.curve[0] == pytest.approx(4.6, abs=0.1)
    assert found.curve[-1] == pytest.approx(-5.2, abs=0.1)
    assert found.estimate > 0 > found.change
    assert found.facts["steepest"] == pytest.approx(0.43, abs=0.03)


def test_an_exchange_is_estimated_by_a_tangent_and_told_in_truth(lm):
    """Germany for France takes all of Paris; the derivative has the sign and a small part of it."""
    text = lm.score("\nThe capital of France is Paris", n_input=6)
    found = lensdoc.saliency(text, method="exchange", to={2: " language", 4: " Germany"}, contrast=" Berlin")
    assert found.changes[0] == pytest.approx([-2.53, -14.32], abs=0.05)
    assert (found.scores[0][2], found.scores[0][4]) == pytest.approx((1.21, -1.77), abs=0.05)
    assert found.facts["sign_right"] == 0.5


def test_the_masks_of_the_article_keep_paris(lm):
    record = read_record(Path(__file__).parents[1] / "docs" / "data" / "causes-real" / "mask.json")
    text = lm.score("\nWe read in the old book that the capital of France is")
    assert [token.text for token in record.tokens] == [token.text for token in text.tokens]
    masked = Masked.of(text, record.position, record.baseline)
    assert masked.divergences(record.kept) == pytest.approx(record.divergences, rel=1e-2, abs=1e-3)
    kept = record.kept[record.smallest]
    assert min(masked.divergences([[i for i in kept if i != left] for left in kept])) > record.bound
    assert {text.tokens[i].text for i in set.intersection(*map(set, record.kept))} == {" capital", " of", " France", " is"}
