"""The way from one word to another: its derivative against a difference, its ends against the two texts, and the figure."""

from __future__ import annotations

import builders
import families
import pytest
import torch
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable

TEXT = "w3 w14 w15 w9 w26"


@torch.no_grad()
def difference(lm, texts):
    logits = lm.model(texts, use_cache=False).logits[:, -1]
    return (logits[:, 7] - logits[:, 8]).tolist()


@pytest.mark.parametrize("family", ["gpt2", "bloom", "llama", "gemma2", "phi", "qwen3"])
def test_the_estimate_is_a_finite_difference_and_the_ends_are_the_texts(family):
    lm = families.family_model(family, torch.float64)
    trace = lm.score(TEXT)
    found = lensdoc.exchange(trace, 2, "w51", answer="w7", wrong="w8", steps=1001)
    other = trace.ids.clone()
    other[2] = 51
    start, end = difference(lm, torch.stack([trace.ids, other]))
    assert (found.curve[0], found.curve[-1]) == pytest.approx((start, end), rel=1e-3)
    assert found.change == pytest.approx(end - start, rel=1e-3)
    near = lensdoc.exchange(trace, 2, "w51", answer="w7", wrong="w8", steps=2)
    assert near.curve == (found.curve[0], found.curve[-1])
    embedding = lm.model.get_input_embeddings().weight
    with torch.no_grad():
        w51 = embedding[51].clone()
        found_at = []
        for step in (-1e-2, 1e-2):  # norms of some architectures are in float32 whatever the weights
            embedding[51] = embedding[15] + step * (w51 - embedding[15])
            found_at += difference(lm, other[None])
        embedding[51] = w51
    assert (found_at[1] - found_at[0]) / 2e-2 == pytest.approx(found.estimate, rel=5e-3, abs=1e-3 * abs(start))


def test_gradient_x_input_is_that_of_saliency(tiny):
    trace = tiny.score("The keys to the cabinet are", n_input=5)
    signed = lensdoc.saliency(trace, signed=True, contrast=" is")
    found = lensdoc.exchange(tiny.score("The keys to the cabinet"), 1, " key", answer=" are", wrong=" is")
    assert found.gradient_x_input == pytest.approx(signed.scores[0][1], rel=1e-3)


def test_agreement_of_the_bundled_model_goes_nearly_straight(tiny):
    found = lensdoc.exchange(tiny.score("The keys to the cabinet"), 1, " key", answer=" are", wrong=" is")
    assert found.change == pytest.approx(-9.17, abs=0.01)
    assert found.estimate == pytest.approx(-8.56, abs=0.01)
    assert list(found.curve) == sorted(found.curve, reverse=True)
    assert found.facts["steepest_share"] < 2 / 40


def test_without_a_wrong_one_the_outcome_is_a_logit(tiny):
    found = lensdoc.exchange(tiny.score("The keys to the cabinet"), -4, " key", answer=" are", steps=3)
    with torch.no_grad():
        logit = tiny.model(tiny.score("The keys to the cabinet").ids[None]).logits[0, -1].max()
    assert (found.position, found.wrong) == (1, None)
    assert found.curve[0] == pytest.approx(float(logit), rel=1e-3)


@pytest.mark.parametrize(
    ("position", "options", "message"),
    [
        (5, {}, "position must be the index of a token, from 0 to 4 or from -1 back to -5; not 5"),
        (1, {"other": " keys"}, "token 1 is ' keys' already; name another"),
        (1, {"steps": 1}, "steps must be an integer from 2, the ends of the way; it is 1"),
        (1, {"wrong": " are"}, "answer and wrong are both ' are'"),
    ],
)
def test_mistakes_are_told(tiny, position, options, message):
    given = {"other": " key", "answer": " are", "wrong": " is"} | options
    with pytest.raises(MeasureError, match=message):
        lensdoc.exchange(tiny.score("The keys to the cabinet"), position, given.pop("other"), **given)


def draw(record):
    return html.fromstring(to_html(explorable("exchange").draw(record, {})))


def test_the_first_state_has_three_lines_both_ends_and_their_words():
    figure = draw(builders.exchange())
    assert [text.text for text in figure.find_class("ld-end")] == ["measured", "tangent", "grad. × input"]
    assert len(figure.find_class("ld-dot")) == 2
    summary = figure.find_class("ld-summary")[0].text_content()
    assert "True change −9.00; tangent −0.75, 8% of it; grad. × input 0.50." in summary
    assert "One step, at 50%, has 92% of all changes." in summary
    assert figure.find_class("ld-title")[0].text_content() == " The keys → key <b>"
    rows = [[cell.text for cell in row] for row in figure.findall(".//tbody/tr")]
    assert rows[1] == ["33%", "3.25", "3.25"]
    turned = builders.exchange().model_copy(update={"estimate": 1.0})
    assert "tangent 1.00, of the wrong sign" in draw(turned).find_class("ld-summary")[0].text_content()
    assert " less " not in draw(builders.exchange(wrong=None)).find_class("ld-summary")[0].text_content()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"position": 3}, "position must be below 3, the number of tokens, it is 3"),
        ({"steps": (0.0, 0.5, 0.25, 1.0)}, "steps must ascend from 0 to 1"),
        ({"curve": (1.0,)}, "curve has 1 values, but there are 4 steps"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.exchange()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(dict(record) | change)
