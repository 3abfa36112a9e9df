"""Differentiable masking: gates against their closed forms, masks against all subsets of a text, and the figure."""

from __future__ import annotations

from itertools import combinations

import builders
import families
import pytest
import torch
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError, ModelError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.measures import gates
from lensdoc.measures.masked import Masked
from lensdoc.measures.masking import _divergence

COUNT = " 1, 2, 3, 4, 5, 6,"


@torch.no_grad()
def divergences(trace, position, kept, baseline):
    """From the model itself, with embeddings put in place."""
    embeddings = trace.lm.model.get_input_embeddings()(trace.ids[:position])
    texts = baseline.repeat(len(kept), position, 1)
    for row, positions in enumerate(kept):
        texts[row, list(positions)] = embeddings[list(positions)]
    whole, parts = (trace.lm.model(inputs_embeds=given).logits[:, -1].log_softmax(-1) for given in (embeddings[None], texts))
    return (whole.exp() * (whole - parts)).sum(-1)


def mean_embedding(lm):
    return lm.model.get_input_embeddings().weight.detach().mean(0)


@pytest.fixture(scope="module")
def found(tiny):
    return lensdoc.mask(tiny.score(COUNT))


def test_gates_are_open_as_often_as_their_closed_form_says():
    parameters = torch.tensor([-2.0, 0.0, 3.0])
    drawn = gates.sampled(parameters, 200_000, torch.Generator().manual_seed(0))
    assert (drawn > 0).float().mean(0).tolist() == pytest.approx(gates.open_probability(parameters).tolist(), abs=0.01)
    assert (drawn.min(), drawn.max()) == (0, 1)
    assert ((drawn == 0) | (drawn == 1)).float().mean() > 0.4  # exactly shut or open, and not nearly


def test_every_mask_keeps_the_prediction_and_can_spare_no_token(tiny, found):
    trace, baseline = tiny.score(COUNT), mean_embedding(tiny)
    moved = divergences(trace, found.position, found.kept, baseline)
    assert moved.tolist() == pytest.approx(found.divergences, rel=1e-3, abs=1e-6)
    assert max(found.divergences) <= found.bound
    for kept in set(found.kept):
        fewer = [[i for i in kept if i != left] for left in kept]
        assert divergences(trace, found.position, fewer, baseline).min() > found.bound


def test_no_mask_is_smaller_than_the_smallest_of_all_and_a_smaller_one_may_exist(tiny, found):
    """Among all 4,096 subsets of the text one of four tokens keeps the prediction, and none of fewer does.

    Whether one of six starts finds it depends on how a machine rounds: on one it did, on another none of sixty did.
    """
    trace, baseline = tiny.score(COUNT), mean_embedding(tiny)
    sizes = {
        count: int((divergences(trace, found.position, list(combinations(range(12), count)), baseline) <= found.bound).sum())
        for count in range(5)
    }
    assert sizes == {0: 0, 1: 0, 2: 0, 3: 0, 4: 1}
    assert 4 <= len(found.kept[found.smallest]) == found.facts["kept"] <= 7
    assert found.facts["masks"] == len(set(found.kept)) > 1  # one of many
    assert found.answer.text == " 7"


@pytest.mark.parametrize("family", ["gpt2", "bloom", "llama", "gemma2", "phi", "qwen3"])
def test_derivatives_by_gates_are_finite_differences(family):
    lm = families.family_model(family, torch.float64)
    masked = Masked.of(lm.score(families.TEXT), 6, "zero")
    start, way = torch.full((1, 6), 0.6), torch.eye(6)
    _, slopes = _divergence(masked, start)
    with torch.no_grad():
        near, far = (masked.divergence(start + step * way) for step in (-1e-2, 1e-2))
    assert slopes[0].tolist() == pytest.approx(((far - near) / 2e-2).tolist(), rel=2e-2, abs=2e-2)


def test_what_was_found_depends_on_the_seed_alone(tiny):
    trace = tiny.score("The keys to the cabinet")
    first, again, other = (lensdoc.mask(trace, starts=2, steps=30, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first.gates != other.gates


def test_a_later_token_changes_nothing(tiny):
    whole, cut = tiny.score("The keys to the cabinet are old"), tiny.score("The keys to the cabinet")
    first, second = lensdoc.mask(whole, position=5, starts=2, steps=20), lensdoc.mask(cut, starts=2, steps=20)
    assert (first.kept, first.gates) == (second.kept, second.gates)


def test_a_wide_bound_needs_no_token_and_a_narrow_one_all(tiny):
    trace = tiny.score("The keys to the cabinet")
    assert lensdoc.mask(trace, bound=50, starts=1, steps=5).kept == ((),)
    narrow = lensdoc.mask(trace, bound=1e-6, starts=1, steps=5)
    assert narrow.kept == ((0, 1, 2, 3, 4),)
    assert narrow.divergences[0] < 1e-6  # 0 but for rounding, which depends on how many texts are read at a time


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"bound": 0}, MeasureError, "bound must be a number of nats above 0, it is 0"),
        ({"starts": 0}, MeasureError, "starts must be an integer from 1, it is 0"),
        ({"steps": 1.5}, MeasureError, "steps must be an integer from 1, it is 1.5"),
        ({"seed": -1}, MeasureError, "seed must be an integer from 0, it is -1"),
        ({"position": 9}, MeasureError, "positions run from 1 to 5"),
        ({"baseline": "no such token"}, ModelError, "name one token"),
    ],
)
def test_mistakes_are_told(tiny, options, error, message):
    with pytest.raises(error, match=message):
        lensdoc.mask(tiny.score("The keys to the cabinet"), **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"position": 5}, "position must be at most 4, the number of tokens, it is 5"),
        ({"gates": ((0.5,) * 4,) * 2}, "kept has 3 values, but there are 2 starts"),
        ({"kept": ((1, 3), (3, 1), (1, 3))}, r"kept\[1\] must be ascending positions below 4"),
        ({"smallest": 1}, "smallest must be the index of the mask that keeps the fewest tokens, it is 1"),
        ({"divergences": (0.5, 0.0, 0.0)}, "divergences must be at most the bound, 0.125; the largest is 0.5"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.mask()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(dict(record) | change)


def draw(record):
    return html.fromstring(to_html(explorable("mask").draw(record, {})))


def test_the_figure_has_each_mask_and_how_often_tokens_were_kept():
    figure = draw(builders.mask())
    titles = [title.text for title in figure.find_class("ld-title")]
    assert titles == [
        "2 of 4 tokens kept, divergence 0.0625 (found by 2 of 3 starts)",
        "3 of 4 tokens kept, divergence 0.0625 (found by 1 of 3 starts)",
        "How many of the 3 starts kept each token",
    ]
    first, _, often = figure.find_class("ld-one")
    assert ["data-left-out" in token.attrib for token in first.find_class("ld-token")] == [True, False, True, False]
    assert [token.get("data-share") for token in often.find_class("ld-token")] == [None, "3/3", "1/3", "3/3"]
    summary = figure.find_class("ld-summary")[0].text_content()
    assert "‘\xa0<i>’ has 75% after the whole text, and 62.5% with 2 of 4 tokens kept: ‘\xa0<b>’, ‘⏎’." in summary
    assert "The starts found 2 masks: it is one of many. Of 2 random sets of that size 1 keep the prediction." in summary
    rows = [[cell.text for cell in row] for row in figure.findall(".//tbody/tr")]
    assert rows[0] == ["2", "‘\xa0<b>’, ‘⏎’", "0.0625", "62.5%", "1, 3"]


def test_where_all_starts_agree_it_is_told_once():
    figure = draw(builders.mask(kept=((1, 3), (1, 3))))
    assert len(figure.find_class("ld-one")) == 1
    assert "All starts found this mask." in figure.find_class("ld-summary")[0].text_content()
