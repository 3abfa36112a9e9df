"""Attention flow and rollout: against a graph that is solved by hand, what is left out, and the figure."""

from __future__ import annotations

import builders
import numpy as np
import pytest
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.measures.flow import flow, rollout
from lensdoc.models.attention import attention_weights

TWO = [np.array([[1.0, 0.0], [0.25, 0.75]]), np.array([[1.0, 0.0], [0.5, 0.5]])]
"""Two layers of two tokens, half of what was there mixed in already."""


def test_flow_is_that_of_a_graph_solved_by_hand():
    """To the first token 1/2 by way of the first and 1/4 by way of the second; to the second no more than the 1/2 that stays."""
    assert flow(TWO).tolist() == pytest.approx([0.75 / 1.25, 0.5 / 1.25])


def test_rollout_is_the_product_of_the_layers():
    assert rollout(TWO).tolist() == pytest.approx((TWO[1] @ TWO[0])[1].tolist())
    assert rollout(TWO).tolist() == pytest.approx([0.625, 0.375])


def test_a_record_follows_the_weights_of_the_model(tiny):
    trace = tiny.score("The keys to the cabinet")
    found = lensdoc.attention_flow(trace, method=["raw", "rollout"])
    weights = attention_weights(tiny.model, trace.ids, range(6)).double().mean(1).numpy()
    raw = weights[-1, -1, 1:]
    assert found.scores[0][1:] == pytest.approx((raw / raw.sum()).tolist(), rel=1e-3)
    product = np.eye(4)
    for layer in weights:
        mixed = (layer[1:, 1:] + np.eye(4)) / 2
        product = (mixed / mixed.sum(1, keepdims=True)) @ product
    assert found.scores[1][1:] == pytest.approx(product[-1].tolist(), rel=1e-3)
    assert [row[0] for row in found.scores] == [0, 0]
    assert found.facts["left_out"] == pytest.approx(weights[:, 1:, 0].mean(), rel=1e-3)


def test_nothing_is_left_out_if_nothing_is_skipped(tiny):
    found = lensdoc.attention_flow(tiny.score("The keys to the cabinet"), method="flow", skip=0, position=3)
    assert (found.methods, found.position, len(found.scores[0])) == (("flow",), 3, 3)
    assert found.scores[0][0] > 0


def test_what_cannot_be_measured_is_refused(tiny):
    trace = tiny.score(" 1, 2, 3")
    with pytest.raises(MeasureError, match="method must be among flow, rollout, raw, it is 'flaw'"):
        lensdoc.attention_flow(trace, method="flaw")
    with pytest.raises(MeasureError, match="skip must be from 0 to 4, so that a token is left before the position; it is 5"):
        lensdoc.attention_flow(trace, skip=5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"skip": 3}, "skip must be below the position, 3; it is 3"),
        ({"scores": ((0, 1), (0, 1))}, r"scores\[0\] has 2 values, but there are 3 tokens before the position"),
        ({"skip": 2}, r"scores\[0\] must be 0 for the first 2 tokens"),
        ({"methods": ("raw", "raw")}, "methods must be different ones, they are raw, raw"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.attention_flow()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(record.model_dump() | change, strict=False)


def test_what_was_read_is_input_whoever_wrote_it():
    record = builders.attention_flow().model_copy(update={"tokens": builders.tokens((" a", " <b>", " c"), 1)})
    figure = html.fromstring(to_html(explorable("attention-flow").draw(record, {})))
    assert {part.text for part in figure.find_class("ld-part")} == {"input"}


def test_each_method_has_a_text_and_what_was_left_out_is_told():
    figure = html.fromstring(to_html(explorable("attention-flow").draw(builders.attention_flow(), {})))
    assert [title.text for title in figure.find_class("ld-title")] == ["Attention flow", "Attention rollout"]
    told = [token.get("data-told") for token in figure.find_class("ld-token")]
    assert told[:2] == ["Token 0 ‘\xa0a’: left out.", "Token 1 ‘\xa0<b>’: 75%."]
    assert (
        "Hatched: the first token, left out; it takes 50% of attention, and rollout would give it 100%." in figure.text_content()
    )
