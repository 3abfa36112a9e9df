"""Deletion curves: against texts that are read anew, what they say of the bundled model, and the figure."""

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
from lensdoc.measures.deletion import _steps


@torch.no_grad()
def log_prob(lm, ids, token):
    return float(lm.model(torch.tensor([ids]), use_cache=False).logits[0, -1].log_softmax(-1)[token])


@pytest.mark.parametrize("family", ["gpt2", "bloom", "llama", "gemma2", "phi", "opt"])
def test_each_step_is_a_text_without_the_most_important_tokens(family):
    lm = families.family_model(family)
    trace = lm.score("w3 w14 w15 w9 w26 w5", n_input=5)
    scores = lensdoc.saliency(trace, method="occlusion")
    found = lensdoc.faithfulness(trace, scores, orders=3, seed=1)
    ids, target = trace.ids.tolist(), 5
    assert list(found.order) == sorted(range(5), key=lambda i: -scores.scores[0][i])
    assert found.removed == (0, 1, 2, 3, 4)
    for count, value in zip(found.removed, found.curve, strict=True):
        kept = [ids[i] for i in range(5) if i not in found.order[:count]]
        assert value == pytest.approx(log_prob(lm, kept, ids[target]), rel=2e-3, abs=1e-3)
    singles = [log_prob(lm, ids[:i] + ids[i + 1 : 5], ids[target]) for i in range(5)]
    assert found.single == pytest.approx(min(singles), rel=2e-3)
    assert found.single_position == singles.index(min(singles))
    assert {row[0] for row in found.random} == {found.curve[0]}
    assert lensdoc.faithfulness(trace, scores, orders=3, seed=1) == found
    assert lensdoc.faithfulness(trace, scores, orders=3, seed=2).random != found.random


def test_what_matters_for_a_count_is_deleted_first(tiny):
    trace = tiny.score(" 1, 2, 3, 4, 5, 6", n_input=10)
    found = lensdoc.faithfulness(trace, lensdoc.saliency(trace, method="occlusion"), orders=8)
    assert found.target == 10
    assert found.curve[1] < -5 < found.random[0][1]
    assert found.facts["whole"] > -0.1


def test_a_long_text_has_few_steps():
    assert _steps(6) == [0, 1, 2, 3, 4, 5]
    assert len(_steps(900)) == 41
    assert (_steps(900)[0], _steps(900)[-1]) == (0, 899)


def test_mistakes_are_told(tiny):
    trace = tiny.score(" 1, 2, 3", n_input=1)
    scores = lensdoc.saliency(trace)
    for given, message in (
        ({"orders": 0}, "orders must be an integer from 1, it is 0"),
        ({"target": 9}, "target must be the position of a token that the saliency explains, 1 to 4; it is 9"),
        ({"target": 1}, "one token stands before the target, and one must be left"),
    ):
        with pytest.raises(MeasureError, match=message):
            lensdoc.faithfulness(trace, scores, **given)
    with pytest.raises(MeasureError, match="the saliency is of another text than the trace"):
        lensdoc.faithfulness(tiny.score(" 1, 2, 4", n_input=1), scores)


def test_the_first_state_says_what_was_found():
    figure = html.fromstring(to_html(explorable("faithfulness").draw(builders.faithfulness(), {})))
    summary = figure.find_class("ld-summary")[0].text_content()
    assert "By gradient × input, ‘\xa0are’ lies below all random orders at 1 of 2 steps." in summary
    assert "Grey: 2 random orders. Dot: the token that alone costs most, ‘\xa0keys’; first comes ‘\xa0<b>’." in summary
    assert len(figure.find_class("ld-range")) == 1
    assert [cell.text for cell in figure.findall(".//tbody/tr")[1]] == ["1", "−3.50", "−1.00 to −0.50", "‘\xa0<b>’"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 4}, "target must be below 4, the number of tokens, it is 4"),
        ({"order": (0, 1, 1)}, "order must have each position before the target, 3, once"),
        ({"removed": (0, 1)}, "curve has 3 values, but there are 2 steps"),
        ({"removed": (0, 1, 3)}, "removed must be ascending counts below 3"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.faithfulness()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(dict(record) | change)
