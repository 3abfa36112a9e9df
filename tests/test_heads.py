"""Attention weights and heads of small models of the usual families, against transformers' own."""

from __future__ import annotations

import families
import pytest
import torch
import zoo

from lensdoc.core.errors import ModelError
from lensdoc.models import attention as attention_module
from lensdoc.models.attention import attention_weights
from lensdoc.models.heads import heads, heads_in
from lensdoc.models.language_model import LanguageModel

FAMILIES = ["gpt2", "gpt_neox", "opt", "bloom", "llama", "gemma2"]
PROJECTIONS = {"gpt2": "c_proj", "gpt_neox": "dense", "opt": "out_proj", "bloom": "dense", "llama": "o_proj", "gemma2": "o_proj"}


@pytest.fixture(scope="module", params=FAMILIES)
def lm(request):
    return families.family_model(request.param)


def test_weights_are_the_models_own_and_its_implementation_is_put_back(lm):
    ids, before = lm.score(families.TEXT).ids, lm.model.config._attn_implementation
    found = attention_weights(lm.model, ids, [0, 2])
    assert lm.model.config._attn_implementation == before
    lm.model.set_attn_implementation("eager")
    with torch.no_grad():
        own = lm.model(ids[None], output_attentions=True).attentions
    lm.model.set_attn_implementation(before)
    assert torch.equal(found, torch.stack([own[0][0], own[2][0]]))
    assert float((found.sum(-1) - 1).abs().max()) < 1e-5
    assert not found.triu(1).any()


def test_the_projection_of_each_family_is_found(lm):
    found = heads_in(lm.model, 1)
    names = [name for name, module in lm.model.named_modules() if module is found.projection]
    assert found.count == 2
    assert names[0].endswith(PROJECTIONS[lm.id])


def test_its_input_falls_apart_by_heads():
    """Without the values of one head its part is zero, and those of the others are as they were."""
    model, given = families.build("llama"), []
    found = heads_in(model, 1)
    handle = found.projection.register_forward_pre_hook(lambda _, args: given.append(found.of(args[0][0])))
    with torch.no_grad():
        model(torch.tensor([[5, 9, 7]]))
        model.model.layers[1].self_attn.v_proj.weight[12:] = 0  # head 1 of two
        model(torch.tensor([[5, 9, 7]]))
    handle.remove()
    before, after = given
    assert torch.equal(before[:, 0], after[:, 0])
    assert before[:, 1].any()
    assert not after[:, 1].any()


def test_layers_without_attention_are_refused():
    model = LanguageModel(zoo.build("bamba"), families.words(), "bamba", "none").model
    assert [found.count for found in heads(model)] == [0, 2, 0]
    with pytest.raises(ModelError, match="layer 0 of BambaForCausalLM has no heads .* layers with heads are 1"):
        heads_in(model, 0)
    with pytest.raises(ModelError, match="layer 2 of BambaForCausalLM hands on no attention weights .* such weights are 1"):
        attention_weights(model, torch.tensor([1, 2, 3]), [1, 2])


@pytest.mark.filterwarnings("ignore")
def test_rows_that_do_not_sum_to_one_are_refused():
    model = zoo.build("gpt_oss")  # a learned sink takes part of each row
    with pytest.raises(
        ModelError, match=r"does not share out 1 among the tokens: a row misses it by [0-9.]+, as where a learned sink"
    ):
        attention_weights(model, torch.tensor([1, 2, 3, 4]), [0])


def test_the_implementation_is_put_back_after_an_error():
    model = families.build("llama")
    before = model.config._attn_implementation

    def fails():
        with attention_module.eager(model):
            assert model.config._attn_implementation == "eager"
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fails()
    assert model.config._attn_implementation == before
