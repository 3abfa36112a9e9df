"""Ablation: against passes with hooks of our own on six families, the planted head of the bundled model, and the figure."""

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
from lensdoc.measures.parts import read_parts
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.ffn import down_projections
from lensdoc.models.heads import heads_in
from lensdoc.models.language_model import LanguageModel
from lensdoc.records.reading import read_record
from lensdoc.records.writing import dumps

FAMILIES = ["gpt2", "gpt_neox", "bloom", "opt", "llama", "gemma2", "phi"]
TEXT = "w3 w14 w15 w9 w26"


@pytest.fixture(scope="module", params=FAMILIES)
def trace(request):
    return families.family_model(request.param, torch.float64).score(TEXT, n_input=3)


@torch.no_grad()
def score(trace):
    logs = trace.lm.model(trace.ids[None], use_cache=False).logits[0].log_softmax(-1)
    return float(sum(logs[t - 1, trace.ids[t]] for t in trace.targets)) / len(trace.targets)


def with_inputs(trace, changes):
    """The score with the inputs (5, size) of some modules changed."""
    handles = []
    for module, change in changes.items():

        def hook(_, args, change=change):
            return (change(args[0].reshape(5, -1).clone()).reshape(args[0].shape),)

        handles.append(module.register_forward_pre_hook(hook))
    found = score(trace)
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("replace", ["mean", "zero"])
def test_changes_are_those_of_hooks_of_our_own(trace, replace):
    model = trace.lm.model
    parts = {"head": (1, 1), "neurons": [(2, 7), (0, 3)], "block": 1}
    found = lensdoc.ablation(trace, parts, replace=replace, controls=0, skip=2)
    projection, whole = heads_in(model, 1).projection, score(trace)
    kept = trace.ffn_activations([0, 2])  # means are those of the whole model

    def head(values):
        values[:, 12:] = values[2:, 12:].mean(0) if replace == "mean" else 0
        return values

    def neuron(row, number):
        def change(values):
            values[:, number] = kept[row, 2:, number].mean() if replace == "mean" else 0
            return values

        return change

    down = down_projections(model)
    assert found.whole == pytest.approx(whole, rel=1e-3)
    assert found.changes[0] == pytest.approx(with_inputs(trace, {projection: head}) - whole, rel=2e-3, abs=1e-5)
    both = with_inputs(trace, {down[0]: neuron(0, 3), down[2]: neuron(1, 7)})
    assert found.changes[1] == pytest.approx(both - whole, rel=2e-3, abs=1e-5)
    states = trace.residual_stream
    added = (states[1] - states[0])[2:].mean(0) * (replace == "mean")

    def put(_, __, output):
        state_of(output).copy_((states[0] + added).view_as(state_of(output)))

    with torch.inference_mode():
        handle = blocks(model)[1].register_forward_hook(put)
        block = score(trace)
        handle.remove()
    assert found.changes[2] == pytest.approx(block - whole, rel=2e-3, abs=1e-5)


def test_the_planted_head_of_the_bundled_model_copies(tiny):
    """A series of words that comes again is copied by head 0 of layer 0, which was planted; no other of its layer does."""
    words = " Germany Paris 4 Bulgaria old the 17 cabinet keys Austria"
    trace = tiny.score(2 * words, n_input=11)
    assert len(trace.tokens) == 20
    found = lensdoc.ablation(trace, {"planted": (0, 0)}, controls=8, target="prob")
    assert found.whole > 0.5
    assert found.changes[0] < -0.5
    assert len(found.controls[0]) == 3  # a layer of four heads has no more
    assert min(found.controls[0]) > -0.1
    assert found.facts["largest"] == "planted"


def test_neurons_of_a_factor_are_those_of_its_rule(count):
    factors = lensdoc.factors(count, 2)
    members = factors.neurons_of(1)
    assert len(members) == factors.facts["factor_1_neurons"]
    assert [(n.layer, n.neuron) for n in factors.neurons[0]] == list(members[:5])
    assert factors.neurons_of(1, most=3) == members[:3]
    found = lensdoc.ablation(count, {"factor 1": members}, controls=2)
    assert found.parts[0].size == len(members)
    assert found.changes[0] < min(found.controls[0])
    with pytest.raises(MeasureError, match="factors are numbered from 1 to 2; there is none with the number 0"):
        factors.neurons_of(0)


def test_a_record_of_a_file_does_not_know_the_neurons(count, tmp_path):
    (tmp_path / "f.json").write_text(dumps(lensdoc.factors(count, 2)))
    with pytest.raises(MeasureError, match="is not kept in files; compute the factors in this notebook"):
        read_record(tmp_path / "f.json").neurons_of(1)


def test_an_answer_is_looked_at_after_the_last_token_and_positions_are_kept_to(tiny):
    texts = [tiny.score("The keys to the cabinet"), tiny.score("The dogs near the tree")]
    found = lensdoc.ablation(texts, {"head": (0, 0)}, answer=" are", wrong=" is", positions=[1], replace="zero", controls=0)
    assert (found.outcome, found.positions, found.starts) == ("logit_difference", (1,), (0, 5))
    alone = [
        lensdoc.ablation(one, {"h": (0, 0)}, answer=" are", wrong=" is", positions=1, replace="zero", controls=0) for one in texts
    ]
    assert found.whole == pytest.approx(sum(one.whole for one in alone) / 2, rel=1e-3)
    assert found.changes[0] == pytest.approx(sum(one.changes[0] for one in alone) / 2, rel=1e-2, abs=1e-4)


def test_controls_have_as_many_in_each_layer_and_are_the_same_for_a_seed(tiny):
    part = read_parts(tiny, {"n": [(0, 1), (0, 2), (3, 5)]})["n"]
    first, second = part.controls(tiny, 4, 7), part.controls(tiny, 4, 7)
    assert first == second != part.controls(tiny, 4, 8)
    assert len({one.members for one in first}) == 4
    for one in first:
        assert [len(one.within(layer)) for layer in (0, 3)] == [2, 1]
        assert not one.members & part.members
    assert read_parts(tiny, {"all": {"blocks": list(range(tiny.info.layers))}})["all"].controls(tiny, 4, 0) == []


@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ({}, {}, r"ablation takes names and parts, such as .* it was given \{\}"),
        ({"x": []}, {}, "part 'x' is empty; name at least one of its neurons"),
        ({"x": 6}, {}, "part 'x' is in layer 6; layers run from 0 to 5"),
        ({"x": (0, 4)}, {}, "part 'x' is number 4 of the heads in layer 0; they run from 0 to 3"),
        ({"x": [(0, 9999)]}, {}, "part 'x' is number 9999 of the neurons in layer 0; they run from 0 to"),
        ({"x": {"head": [(0, 1)]}}, {}, "names one of blocks, heads and neurons, it names 'head'; did you mean heads"),
        ({"x": "L0H1"}, {}, "part 'x' is a block .* it is 'L0H1'"),
        ({"x": [3]}, {}, "part 'x' lists pairs of a layer and a number, such as .23, 4.; one of them is 3"),
        ({"x": 1}, {"replace": "median"}, "replace must be one of mean, zero, it is 'median'"),
        ({"x": 1}, {"wrong": " is"}, "wrong=' is' is compared with an answer, and none is named"),
        ({"x": 1}, {"controls": -1}, "controls must be an integer from 0, it is -1"),
        ({"x": 1}, {"skip": 5}, "skip leaves nothing to take a mean of: the shortest text has 5 tokens"),
        ({"x": 1}, {"positions": 5}, "positions must be indices from 0 to 4, the shortest text's last token; they are 5"),
    ],
)
def test_mistakes_are_told(tiny, parts, options, message):
    with pytest.raises(MeasureError, match=message):
        lensdoc.ablation(tiny.score("The keys to the cabinet"), parts, **options)


def test_nothing_produced_is_refused(tiny):
    with pytest.raises(MeasureError, match="the produced tokens are looked at, and a text has none"):
        lensdoc.ablation(tiny.score("The keys to the cabinet", n_input=5), {"x": 1})


def test_layers_without_heads_are_refused():
    lm = LanguageModel(zoo.build("bamba"), families.words(), "bamba", "none")
    with pytest.raises(ModelError, match="layer 0 of BambaForCausalLM has no heads"):
        lensdoc.ablation(lm.score(TEXT), {"x": (0, 0)})


def draw(record):
    return html.fromstring(to_html(explorable("ablation").draw(record, {})))


def test_the_first_state_has_a_bar_and_its_numbers_in_every_row():
    figure = draw(builders.ablation())
    rows = [[cell.text_content() for cell in row] for row in figure.findall(".//tbody/tr")]
    assert rows == [
        ["L0H1head 1 of layer 0", "", "−4.50", "−0.10 to +0.05"],
        ["block <b>block 1", "", "+0.02", "none"],
        ["factor 31,500 neurons in 2 layers", "", "−0.25", "−0.50 to −0.30"],
    ]
    assert [part.text for part in figure.findall(".//thead/tr/th")[1].iter("span") if part.text] == [
        "−4.50",
        "0",
    ]
    bars = [bar for bar in figure.iter("rect") if bar.get("class") == "ld-dot"]
    assert [float(bar.get("width")) for bar in bars] == pytest.approx([197.8, 1.0, 11.0], abs=0.1)  # of 200, for −4.5 to 0.05
    assert len([rect for rect in figure.iter("rect") if rect.get("class") == "ld-range ld-border"]) == 2
    assert (
        "Grey: random parts of the same size. A part that is off gives its mean."
        in figure.find_class("ld-summary")[0].text_content()
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"changes": (1.0,)}, "changes has 1 values, but there are 3 parts"),
        ({"outcome": "logit"}, "an answer belongs to outcomes that are logits, and to no other; outcome is 'logit'"),
        ({"starts": (1,)}, "starts must begin with 0"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.ablation()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(dict(record) | change)
