"""Patching: against whole passes with states put in by hand, on six families; what is refused; and the figure."""

from __future__ import annotations

import builders
import families
import pytest
import torch
import zoo
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError, ModelError, PublishError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.models import restart
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.heads import heads_in
from lensdoc.models.language_model import LanguageModel

FAMILIES = ["gpt2", "gpt_neox", "bloom", "opt", "llama", "gemma2", "phi"]
SOME = ["gpt2", "bloom", "gemma2"]
pytestmark = pytest.mark.sample(pair=SOME)
CLEAN, CORRUPT = "w3 w14 w15 w9 w26", "w3 w14 w51 w9 w26"
ENDS = {"answer": "w7", "wrong": "w8"}


@pytest.fixture(scope="module", params=FAMILIES)
def pair(request):
    lm = families.family_model(request.param, torch.float64)
    return lm.score(CLEAN), lm.score(CORRUPT)


@torch.no_grad()
def difference(trace):
    logits = trace.lm.model(trace.ids[None], use_cache=False).logits[0, -1]
    return float(logits[7] - logits[8])


def by_hand(clean, corrupt, layer, position):
    """A whole pass on the corrupt text, in which one state is that of the clean text."""
    state = clean.residual_stream[layer, position]

    def put(_, __, output):
        state_of(output)[0, position] = state

    with torch.inference_mode():
        handle = blocks(corrupt.lm.model)[layer].register_forward_hook(put)
        found = difference(corrupt)
        handle.remove()
    return (found - difference(corrupt)) / (difference(clean) - difference(corrupt))


@pytest.mark.sample(pair=FAMILIES)
def test_values_are_those_of_whole_passes(pair):
    clean, corrupt = pair
    found = lensdoc.patching(clean, corrupt, **ENDS)
    assert restart.restarts(clean.lm.model)
    assert found.clean == pytest.approx(difference(clean), rel=1e-3)
    for layer in range(3):
        expected = [by_hand(clean, corrupt, layer, position) for position in range(5)]
        assert found.values[layer] == pytest.approx(expected, rel=1e-3, abs=1e-5)
    assert found.values[2] == pytest.approx([0, 0, 0, 0, 1], abs=1e-5)
    assert max(map(abs, found.values[1][:2])) < 1e-5  # nothing differs before the third token


PROJECTIONS = {
    "attention": {"gpt2": "attn.c_proj", "bloom": "self_attention.dense", "gemma2": "self_attn.o_proj", "phi": "self_attn.dense"},
    "ffn": {"gpt2": "mlp.c_proj", "bloom": "mlp.dense_4h_to_h", "gemma2": "mlp.down_proj", "phi": "mlp.fc2"},
}


@pytest.mark.parametrize("part", PROJECTIONS)
def test_what_attention_and_ffn_add_is_exchanged_at_their_projections(pair, part):
    """Blocks in series and in parallel, norms before and after: hooks of our own on modules named here."""
    clean, corrupt = pair
    found = lensdoc.patching(clean, corrupt, part=part, **ENDS)
    assert max(map(abs, found.values[2][:4])) < 1e-5  # after the last block no position looks at another
    if clean.lm.id not in PROJECTIONS[part]:
        return
    whole, base = difference(clean), difference(corrupt)
    module = blocks(clean.lm.model)[1].get_submodule(PROJECTIONS[part][clean.lm.id])
    kept = []
    with torch.inference_mode():
        handle = module.register_forward_hook(lambda _, __, output: kept.append(output.reshape(5, -1)))
        difference(clean)
        handle.remove()
        for position in (2, 4):
            put = lambda _, __, out, at=position: out.reshape(5, -1).index_copy(0, torch.tensor([at]), kept[0][[at]]).view_as(out)  # noqa: E731
            handle = module.register_forward_hook(put)
            value = difference(corrupt) - base
            handle.remove()
            assert found.values[1][position] == pytest.approx(value / (whole - base), rel=1e-3, abs=1e-4)


def test_a_head_is_exchanged_at_all_positions(pair):
    """All heads of a layer together are its attention at all positions together; each alone is its share of the input."""
    clean, corrupt = pair
    found = lensdoc.patching(clean, corrupt, part="head", **ENDS)
    projection = heads_in(clean.lm.model, 0).projection
    whole, base = difference(clean), difference(corrupt)
    kept = []
    with torch.inference_mode():
        handle = projection.register_forward_pre_hook(lambda _, args: kept.append(args[0].reshape(5, 2, -1)))
        difference(clean)
        handle.remove()

        def put(_, args):
            given = args[0].reshape(5, 2, -1).clone()
            given[:, 1] = kept[0][:, 1]
            return (given.reshape(args[0].shape),)

        handle = projection.register_forward_pre_hook(put)
        value = difference(corrupt) - base
        handle.remove()
    assert found.values[0][1] == pytest.approx(value / (whole - base), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("part", ["residual", "attention", "ffn", "head"])
def test_the_estimate_is_a_finite_difference(part):
    """Between texts that hardly differ, the first order is all there is."""
    lm = families.family_model("gpt2", torch.float64)
    lm.model.get_input_embeddings().weight.data[51] = (1 + 1e-4) * lm.model.get_input_embeddings().weight.data[15] + 1e-5
    clean, corrupt = lm.score(CLEAN), lm.score(CORRUPT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lensdoc.measures.patches._LEAST", 0.0)
        found, exact = (lensdoc.patching(clean, corrupt, part=part, estimate=e, **ENDS) for e in (True, False))
    for row, expected in zip(found.values, exact.values, strict=True):
        assert row == pytest.approx(expected, rel=5e-3, abs=1e-3)
    assert found.tops is None


def test_a_model_that_does_not_restart_is_computed_in_full(pair, monkeypatch):
    clean, corrupt = pair
    expected = lensdoc.patching(clean, corrupt, **ENDS).values
    computed = []

    def in_full(*args, **options):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(restart, "restarts", lambda _: False)
            computed.append(args)
            return restart.last_states(*args, **options)

    monkeypatch.setattr("lensdoc.measures.putting.last_states", in_full)
    for row, other in zip(lensdoc.patching(clean, corrupt, **ENDS).values, expected, strict=True):
        assert row == pytest.approx(other, rel=1e-3, abs=1e-5)
    assert computed


def test_what_is_kept_of_the_vocabulary_is_what_the_model_says(pair):
    clean, corrupt = pair
    found = lensdoc.patching(clean, corrupt, top=3, **ENDS)
    with torch.no_grad():
        probs = clean.lm.model(clean.ids[None]).logits[0, -1].softmax(-1)
    assert found.clean_top.probs == pytest.approx(probs.topk(3).values.tolist(), rel=1e-3)
    assert found.clean_top.ids == tuple(probs.topk(3).indices.tolist())
    assert found.tops[2][4].ids == found.clean_top.ids
    assert found.tops[2][0].ids == found.corrupt_top.ids


def test_agreement_of_the_bundled_model(tiny):
    """The number of the subject stands at the noun through block 2, and from block 3 on at the last token."""
    clean, corrupt = tiny.score("The keys to the cabinet"), tiny.score("The key to the cabinet")
    found = lensdoc.patching(clean, corrupt, answer=" are", wrong=" is")
    assert [round(row[1], 1) > 0.5 for row in found.values] == [True, True, True, False, False, False]
    assert [row[4] > 0.5 for row in found.values] == [False, False, False, True, True, True]
    assert found.values[0][1] == pytest.approx(1, abs=0.02)
    assert found.facts["strongest_layer"] == 0
    head = lensdoc.patching(clean, corrupt, answer=" are", wrong=" is", part="head")
    assert (head.positions, head.heads) == (None, (0, 1, 2, 3))


def test_a_layer_without_the_part_is_refused():
    lm = LanguageModel(zoo.build("bamba"), families.words(), "bamba", "none")
    with pytest.raises(ModelError, match="layer 0 of BambaForCausalLM has no heads"):
        lensdoc.patching(lm.score(CLEAN), lm.score(CORRUPT), part="attention", **ENDS)


@pytest.mark.parametrize(
    ("other", "options", "message"),
    [
        ("w3 w14", {}, "both texts have as many tokens; clean has 5 and corrupt 2"),
        (CLEAN, {}, "so there is nothing to restore; name tokens on which the texts differ"),
        (CORRUPT, {"part": "heads"}, "part must be one of residual, attention, ffn, head, it is 'heads'; did you mean head"),
        (CORRUPT, {"part": "head", "positions": [1]}, "a head is exchanged at all positions at once; leave out positions"),
        (CORRUPT, {"positions": [5]}, r"positions must be indices from 0 to 4, the last token; they are \[5\]"),
        (CORRUPT, {"top": -1}, "top must be an integer from 0, it is -1"),
        (CORRUPT, {"wrong": "w7"}, "answer and wrong are both 'w7', whose difference is always 0"),
    ],
)
def test_mistakes_are_told(other, options, message):
    lm = families.family_model("llama")
    with pytest.raises(MeasureError, match=message):
        lensdoc.patching(lm.score(CLEAN), lm.score(other), **ENDS | options)


def test_more_than_a_record_holds_is_refused(monkeypatch):
    monkeypatch.setattr("lensdoc.measures.patches.MOST_TOPS", 74)
    lm = families.family_model("llama")
    with pytest.raises(MeasureError, match="3 layers, 5 columns and 5 tokens of each are more than the 74 that a record keeps"):
        lensdoc.patching(lm.score(CLEAN), lm.score(CORRUPT), **ENDS)


def draw(record, cell=None):
    return html.fromstring(to_html(explorable("patching").draw(record, {"cell": cell})))


def test_the_first_state_says_what_one_cell_says():
    figure = draw(builders.patching([[0, 1.01, 0], [0, 0.9, 0.62]]))
    assert [td.text for td in figure.findall(".//table")[0].iterfind(".//td[@data-level]")] == ["0", "101", "0", "0", "90", "62"]
    heads = [th.get("data-name") for th in figure.findall(".//thead")[0].iterfind(".//th")]
    assert heads[1] == "‘\xa0keys’ (token\xa01) in place of ‘\xa0key’"
    outcomes = figure.find_class("ld-tops")[0]
    assert (
        outcomes.findall(".//th")[1].text == "With layer 1, ‘\xa0<b>’ (token\xa02)"
    )  # the last token carries half of it from here on
    assert [row[1].text for row in outcomes.findall(".//tbody/tr")] == ["‘\xa0is’ 75%", "‘\xa0are’ 12.5%", "‘</td>’ <0.01%"]
    assert ", 101%." in figure.find_class("ld-summary")[0].text_content()
    assert (
        draw(builders.patching([[0, 1, 0]]), 1)
        .find_class("ld-tops")[0]
        .findall(".//th")[1]
        .text.startswith("With layer 0, ‘\xa0keys’")
    )
    with pytest.raises(PublishError, match="option 'cell' must be a whole number below 3, it is 3"):
        draw(builders.patching([[0, 1, 0]]), 3)


@pytest.mark.parametrize(("low", "first"), [(-0.18, "−18"), (-0.04, "−4"), (-0.01, "0"), (0.2, "0")])  # which has no colour
def test_the_legend_begins_with_the_lowest_value_that_has_a_colour(low, first):
    swatches = draw(builders.patching([[low, 1.01, 0]])).find_class("ld-swatch")
    assert [swatch.text for swatch in swatches] == [*([first] if first != "0" else []), "0", "25", "50", "75", "100"]


def test_an_estimate_is_called_one():
    figure = draw(builders.patching([[0, 0.5, 0]], estimate=True))
    assert figure.find_class("ld-tops") == []
    assert "to first order" in figure.find_class("ld-summary")[0].text_content()
    assert "It is an estimate" in explorable("patching").method(builders.patching([[0, 0.5, 0]], estimate=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": ((1.0,),)}, "values\\[0\\] has 1 values, but there are 3 columns"),
        ({"part": "head"}, "there must be heads for part 'head' and positions for others"),
        ({"words": ()}, "words must hold every token that tops name; 1 is not among them"),
        ({"corrupt_tokens": ()}, "corrupt_tokens has 0 values, but there are 3 tokens"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.patching([[0, 1, 0]])
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(dict(record) | change)
