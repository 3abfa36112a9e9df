"""Every architecture that a small model can be built of: measures are right, or refuse in a sentence; the guide says which."""

from __future__ import annotations

import re

import breadth
import pytest

import lensdoc
from lensdoc.core.errors import ModelError

MADE = "make the page again: python tests/breadth.py --write"
HAVE_TO_BE_THERE = {
    "bert",
    "electra",
    "roformer",
    "rembert",
    "megatron-bert",
    "bamba",
    "cohere",
    "mixtral",
    "gpt_oss",
    "gemma3",
    "llama4",
}


@pytest.mark.sample(name=breadth.SAMPLE[::2])
@pytest.mark.parametrize("name", breadth.SAMPLE)
def test_an_architecture_is_measured_right_or_refused_as_the_guide_says(name):
    row = breadth.row_of(name)
    assert not row.wrong
    assert breadth.line(row) in breadth.PAGE.read_text(), MADE


@pytest.mark.long
def test_all_architectures_are_measured_right_or_refused_as_the_guide_says(figure):
    rows = [breadth.row_of(name) for name in sorted(breadth.PARTS)]
    assert not {row.name: row.wrong for row in rows if row.wrong}
    assert breadth.page(rows) == breadth.PAGE.read_text(), MADE
    figure(f"architectures: {len(rows)} held against transformers, none of them wrong")


def test_the_page_has_enough_rows_and_none_that_is_wrong():
    table = breadth.PAGE.read_text().partition("| architecture |")[2]
    rows = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert rows == sorted(breadth.PARTS)
    assert len(rows) >= 70
    assert set(rows) >= HAVE_TO_BE_THERE
    assert "WRONG" not in breadth.PAGE.read_text()


def test_a_wrong_measure_is_told(monkeypatch):
    """The checks can fail: a cache that is believed, a head without its factor, another module's input."""
    monkeypatch.setattr("lensdoc.models.continuation.Continuation._holds", lambda *_, **__: True)
    assert breadth.row_of("minimax").greedy.startswith("WRONG")
    monkeypatch.setattr("lensdoc.models.residual._scaled", lambda found, *_: found)
    monkeypatch.setattr("lensdoc.models.residual._agree", lambda *_: True)
    row = breadth.row_of("cohere")
    assert (row.saliency[:5], row.lens) == ("WRONG", "right")  # a factor changes no rank
    monkeypatch.setattr("lensdoc.models.down_projection._is_elementwise", lambda *_: True)
    assert breadth.row_of("mamba").neurons.startswith("WRONG: layer 0 has 40 of what are no FFN neurons")


def lm_of(name):
    return breadth.LanguageModel(breadth.zoo.build(name), breadth.words(), name, "none")


def test_what_is_called_a_neuron_is_in_the_record():
    trace = lm_of("llama").score(breadth.TEXT, n_input=3)
    assert lensdoc.activations(trace, layers=[0]).model.neuron_module == "mlp.down_proj"
    assert lensdoc.factors(trace, 2).model.neuron_module == "mlp.down_proj"


def test_a_mixture_of_experts_needs_no_neurons_for_what_is_not_about_them():
    trace = lm_of("mixtral").generate(breadth.PROMPT, max_new_tokens=3)
    info = lensdoc.sequence(trace).model
    assert (info.neurons, info.layer_neurons, info.neuron_module) == (None, None, None)
    assert lensdoc.rankings(trace).ranks[-1] == (1, 1, 1)
    message = r"layer 0 of MixtralForCausalLM has no FFN neurons: it has a mixture of experts .*; no layer of this model has"
    for measure in (lambda: lensdoc.activations(trace, layers=None), lambda: lensdoc.factors(trace, 2)):
        with pytest.raises(ModelError, match=message):
            measure()


def test_layers_of_unequal_width_are_measured_apart():
    trace = lm_of("jamba").score(breadth.TEXT, n_input=3)
    info = trace.lm.info
    assert (info.neurons, info.layer_neurons) == (None, (40, 0, 40))
    assert len(lensdoc.activations(trace, layers=[0, 2]).neurons) == 40
    factors = lensdoc.factors(trace, 2, layers=[0, 2])
    assert factors.facts["neurons"] == 80
    with pytest.raises(ModelError, match=r"layer 1 of JambaForCausalLM has no FFN neurons: .*; layers with FFN neurons are 0, 2"):
        lensdoc.factors(trace, 2)


def test_an_error_of_a_models_own_code_becomes_a_sentence(monkeypatch):
    lm = lm_of("llama")
    monkeypatch.setattr(lm.model.model.norm, "forward", lambda _: (_ for _ in ()).throw(KeyError("no such thing")))
    with pytest.raises(
        ModelError, match="LlamaForCausalLM cannot continue this text: its own code raises KeyError: 'no such thing'; take"
    ):
        lm.generate(breadth.PROMPT, max_new_tokens=2)
