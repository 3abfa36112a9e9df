"""Logit attribution: parts against the model's own logits on architectures of all kinds, what is refused, and the figure."""

from __future__ import annotations

import builders
import families
import pytest
import torch
import zoo
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError, ModelError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.measures.logit_parts import _values
from lensdoc.models.additions import additions
from lensdoc.models.frozen_norm import frozen_norm
from lensdoc.models.language_model import LanguageModel

NAMES = ["gpt2", "gpt_neox", "opt", "bloom", "llama", "gemma2", "cohere", "granite", "olmo2", "mixtral", "gptj"]
"""LayerNorm and RMSNorm, soft caps, norms behind the parts, a logit scale, a factor on parts, experts, parallel blocks."""


def model_of(name):
    return LanguageModel(zoo.build(name), families.words(), name, "none")


@pytest.mark.parametrize("name", NAMES)
def test_parts_sum_to_the_models_own_logit(name):
    """In units of the largest logit: before they are rounded to the digits of a record."""
    lm = model_of(name)
    trace = lm.score(families.TEXT)
    with torch.no_grad():
        own = lm.model(trace.ids[None]).logits[0, -1].double()
    whole = []
    for by_head in (False, True):
        start, added = additions(lm.model, trace.ids, len(trace.ids) - 1, by_head=by_head)
        parts = [start, *(one.ffn for one in added)]
        for one in added:
            parts += [*one.heads, one.attention - one.heads.sum(0)] if by_head else [one.attention]
        for right, wrong, expected in ((7, None, own[7]), (7, 8, own[7] - own[8])):
            values, bias, mean = _values(lm.unembedding, torch.stack(parts), right, wrong)
            assert sum(values) + bias + mean == pytest.approx(float(expected), abs=1e-4)
        whole.append(added)
    assert torch.allclose(whole[0][1].attention, whole[1][1].attention)


def test_a_head_adds_what_its_columns_of_the_projection_make():
    lm = model_of("llama")
    trace, given = lm.score(families.TEXT), []
    projection = lm.model.model.layers[1].self_attn.o_proj
    handle = projection.register_forward_pre_hook(lambda _, args: given.append(args[0][0, -1].double()))
    with torch.no_grad():
        lm.model(trace.ids[None])
    handle.remove()
    _, added = additions(lm.model, trace.ids, len(trace.ids) - 1, by_head=True)
    own = projection.weight.double()[:, 12:] @ given[0][12:]
    assert torch.allclose(added[1].heads[1], own, atol=1e-6)


def test_the_record_holds_named_parts_their_sum_and_the_mean_that_is_taken_off(tiny):
    trace = tiny.score("The keys to the cabinet")
    found = lensdoc.logit_attribution(trace, answer=" are")
    with torch.no_grad():
        logits = tiny.model(trace.ids[None]).logits[0, -1].double()
    token = found.answer.id
    assert found.mean == pytest.approx(float(logits.mean()), rel=1e-3)
    assert found.total == pytest.approx(float(logits[token] - logits.mean()), rel=1e-3)
    assert sum(found.values) == pytest.approx(found.total, abs=5e-3)
    assert [part.name for part in found.parts[:3]] == ["embedding", "L0 attention", "L0 FFN"]
    by_head = lensdoc.logit_attribution(trace, answer=" are", parts="heads")
    heads = [v for part, v in zip(by_head.parts, by_head.values, strict=True) if part.kind == "head"]
    assert len(heads) == 24
    assert sum(heads) == pytest.approx(by_head.facts["attention"], abs=5e-3)
    assert by_head.facts["ffn"] == pytest.approx(found.facts["ffn"], abs=5e-3)


def test_the_most_probable_token_is_the_answer_unless_said(tiny):
    trace = tiny.score(" 1, 2, 3")
    assert lensdoc.logit_attribution(trace).answer.text == ","
    assert lensdoc.logit_attribution(trace, position=2).answer.text == " 2"


def test_what_cannot_be_told_is_refused(tiny):
    trace = tiny.score(" 1, 2, 3")
    with pytest.raises(MeasureError, match="parts must be 'layers' or 'heads', it is 'neurons'"):
        lensdoc.logit_attribution(trace, parts="neurons")
    with pytest.raises(MeasureError, match="answer and wrong must be two tokens, both are ' 4'"):
        lensdoc.logit_attribution(trace, answer=" 4", wrong=" 4")
    with pytest.raises(ModelError, match="layer 0 of BertLMHeadModel does more to the stream than to add attention and FFN"):
        lensdoc.logit_attribution(model_of("bert").score(families.TEXT), answer="w7")
    with pytest.raises(ModelError, match="has no heads to be told apart.*take parts='layers'"):
        lensdoc.logit_attribution(model_of("jamba").score(families.TEXT), answer="w7", parts="heads")


def test_a_norm_that_is_none_is_not_frozen():
    with pytest.raises(ModelError, match="Tanh is no norm whose scale can be frozen"):
        frozen_norm(torch.nn.Tanh(), torch.linspace(-2, 3, 8))


@pytest.mark.parametrize("norm", [torch.nn.LayerNorm(8), torch.nn.RMSNorm(8), torch.nn.LayerNorm(8, elementwise_affine=False)])
def test_a_frozen_norm_gives_what_the_norm_gives(norm):
    for parameter in norm.parameters():
        torch.nn.init.normal_(parameter)
    state = torch.randn(8, generator=torch.Generator().manual_seed(1))
    frozen = frozen_norm(norm, state)
    assert torch.allclose(frozen.linear(state.double()) + frozen.bias, norm(state).double(), atol=1e-5)
    assert frozen.centred == isinstance(norm, torch.nn.LayerNorm)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total": 9.0}, r"values must sum to total, 9; they sum to 4\.5"),
        ({"position": 3}, "position must be at most 2, the number of tokens, it is 3"),
        ({"values": (1.0,)}, "values has 1 values, but there are 5 parts"),
        ({"parts": [{"kind": "ffn"}] * 5}, r"parts\[0\] must have a layer and a head just where a part of kind 'ffn' has them"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.logit_attribution()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(record.model_dump() | change, strict=False)


def draw(record, **options):
    drawing = explorable("logit-attribution")
    return html.fromstring(to_html(drawing.draw(record, read_options(drawing.options, options))))


def rows(figure):
    return [(row[0].text, row[2].text) for row in figure.find_class("ld-step")]


def test_bars_stand_in_the_order_of_the_model_and_end_with_their_sum():
    figure = draw(builders.logit_attribution())
    expected = [("embedding", "+0.50"), ("L0 attention", "−1.25"), ("L0 FFN", "+2.00"), ("L1 attention", "+0.25")]
    assert rows(figure) == [*expected, ("L1 FFN", "+3.00"), ("Sum", "+4.50")]
    assert figure.find_class("ld-step")[1].get("data-told") == "L0 attention: −1.25; up to here −0.75 of 4.50."
    assert (
        "Parts sum to 4.50: the logit of ‘\xa0are’, less that of ‘\xa0is’. The largest is L1 FFN, +3.00." in figure.text_content()
    )


def test_small_parts_are_one_row_together():
    figure = draw(builders.logit_attribution(wrong=None), order="size", rows=2)
    assert rows(figure) == [("L1 FFN", "+3.00"), ("L0 FFN", "+2.00"), ("3 others", "−0.50"), ("Sum", "+4.50")]
    assert "The mean that is taken off is 16.00." in figure.text_content()
