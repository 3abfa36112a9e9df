"""Rankings, watch and predictions against a direct computation, in every family."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
import zoo
from families import FAMILIES, SOME, TEXT, build, family_model, words

import lensdoc
from lensdoc.core.errors import MeasureError, ModelError
from lensdoc.measures.layers import place
from lensdoc.models import lens
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.residual import residual_stream, unembedding

pytestmark = pytest.mark.sample(trace=SOME)


@pytest.fixture(scope="module", params=FAMILIES)
def trace(request):
    return family_model(request.param, torch.float64).score(TEXT, n_input=3)


def states_by_hand(model, ids):
    """Outputs of the blocks, kept by hooks of our own on the one list of blocks."""
    blocks = next(m for m in model.modules() if isinstance(m, torch.nn.ModuleList) and len(m) == model.config.num_hidden_layers)
    kept = []
    handles = [b.register_forward_hook(lambda _, __, out: kept.append(out[0] if isinstance(out, tuple) else out)) for b in blocks]
    with torch.no_grad():
        logits = model(ids[None]).logits[0]
    for handle in handles:
        handle.remove()
    return [state[0] for state in kept], logits


FINAL_NORMS = {
    "gpt2": "transformer.ln_f",
    "gpt_neox": "gpt_neox.final_layer_norm",
    "opt": "model.decoder.final_layer_norm",
    "bloom": "transformer.ln_f",
    "phi": "model.final_layernorm",
}
"""Named here, and only here: lensdoc finds them by itself."""


def logits_by_hand(model, family, ids, *, final_norm=True):
    states, last = states_by_hand(model, ids)
    norm = model.get_submodule(FINAL_NORMS.get(family, "model.norm"))
    cap = getattr(model.config, "final_logit_softcapping", None)
    with torch.no_grad():
        raw = [model.get_output_embeddings()(norm(state) if final_norm else state) for state in states[:-1]]
    return torch.stack([*(cap * torch.tanh(z / cap) if cap else z for z in raw), last])  # (layers, T, vocabulary)


@pytest.mark.parametrize("final_norm", [True, False])
@pytest.mark.sample(trace=FAMILIES)
def test_ranks_and_probabilities_are_those_of_a_direct_computation(trace, final_norm):
    logits = logits_by_hand(trace.lm.model, trace.lm.id, trace.ids, final_norm=final_norm)
    record = lensdoc.rankings(trace, final_norm=final_norm)
    assert record.layers == (0, 1, 2)
    for layer in record.layers:
        for index, t in enumerate(record.targets):
            z = logits[layer, t - 1]
            assert record.ranks[layer][index] == 1 + int((z > z[trace.ids[t]]).sum())
            assert record.probs[layer][index] == pytest.approx(float(z.softmax(0)[trace.ids[t]]), rel=6e-4)


def test_in_float32_a_rank_differs_only_where_logits_tie(trace):
    single = family_model(trace.lm.id).score(TEXT, n_input=3)
    exact, found = lensdoc.rankings(trace), lensdoc.rankings(single)
    logits = logits_by_hand(trace.lm.model, trace.lm.id, trace.ids)
    for layer in exact.layers:
        for index, t in enumerate(exact.targets):
            if exact.ranks[layer][index] != found.ranks[layer][index]:
                z = logits[layer, t - 1]
                close = (z - z[trace.ids[t]]).abs() < 1e-4 * z.abs().max()
                assert abs(exact.ranks[layer][index] - found.ranks[layer][index]) == 1
                assert close.sum() > 1


def test_the_last_layer_is_the_model_itself(trace):
    """Its state is normed once: the last of the hidden states that models report is normed already."""
    record, plain = lensdoc.rankings(trace), lensdoc.sequence(trace)
    with torch.no_grad():
        logits = trace.lm.model(trace.ids[None]).logits[0, [t - 1 for t in trace.targets]]
    own = trace.ids[list(trace.targets)][:, None]
    assert record.ranks[-1] == plain.ranks == tuple((1 + (logits > logits.gather(1, own)).sum(1)).tolist())
    assert record.probs[-1] == plain.probs == pytest.approx(logits.softmax(1).gather(1, own)[:, 0].tolist(), rel=6e-4)


def test_watched_tokens_have_the_ranks_of_a_direct_computation(trace):
    logits = logits_by_hand(trace.lm.model, trace.lm.id, trace.ids)
    for position in (-1, 4):
        record = lensdoc.watch(trace, ["w5", "w40"], position=position)
        assert record.position == (len(trace.tokens) if position == -1 else 4)
        for layer in record.layers:
            z = logits[layer, record.position - 1]
            assert record.ranks[layer] == tuple(1 + int((z > z[i]).sum()) for i in (5, 40))
            assert record.probs[layer] == pytest.approx(z.softmax(0)[[5, 40]].tolist(), rel=6e-4)
    assert [w.text for w in record.watched] == ["w5", "w40"]


def test_texts_are_watched_side_by_side_as_each_alone(trace):
    other = trace.lm.score("w5 w7 w2 w9")
    record = lensdoc.watch([trace, other], ["w5", "w40"])
    first, second = lensdoc.watch(trace, ["w5", "w40"]), lensdoc.watch(other, ["w5", "w40"])
    assert (record.ranks, record.probs, record.position) == (first.ranks, first.probs, first.position)
    (beside,) = record.beside
    assert (beside.ranks, beside.probs, beside.position, beside.tokens) == (
        second.ranks,
        second.probs,
        second.position,
        second.tokens,
    )
    assert (record.facts["first"], record.facts["first_2"]) == (first.facts["first"], second.facts["first"])


def test_texts_of_two_models_are_not_watched_together():
    with pytest.raises(MeasureError, match=r"traces of one model; these are of gpt2 \(none, float32\) and llama"):
        lensdoc.watch([family_model(name).score(TEXT) for name in ("gpt2", "llama")], ["w5"])


def test_predicted_tokens_keep_bytes_that_are_not_whole_text(tiny):
    record = lensdoc.predictions(tiny.score(" 1, 2"), top_k=3072)
    (rows,) = record.bytes
    whole = [text for text, raw in zip(record.texts[0][0], rows[0], strict=True) if raw is None]
    assert not any("�" in text for text in whole)
    assert max(raw for raw in rows[0] if raw) == "ff"
    assert lensdoc.predictions(tiny.score(" 1, 2"), top_k=3).bytes is None


def test_predictions_are_the_most_probable_tokens(trace):
    logits = logits_by_hand(trace.lm.model, trace.lm.id, trace.ids)
    record = lensdoc.predictions(trace, positions=[2, -1], top_k=4)
    assert record.positions == (2, len(trace.tokens))
    for p, position in enumerate(record.positions):
        for layer in record.layers:
            top = logits[layer, position - 1].softmax(0).topk(4)
            assert record.ids[p][layer] == tuple(top.indices.tolist())
            assert record.texts[p][layer] == tuple(f"w{i}" for i in top.indices.tolist())
            assert record.probs[p][layer] == pytest.approx(top.values.tolist(), rel=6e-4)


@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_pieces_make_no_difference(trace, monkeypatch, piece):
    whole = lensdoc.rankings(trace), lensdoc.predictions(trace, top_k=5)
    monkeypatch.setattr(lens, "CPU_PIECE", (5, piece))
    assert (lensdoc.rankings(trace).ranks, lensdoc.predictions(trace, top_k=5).ids) == (whole[0].ranks, whole[1].ids)


@pytest.mark.sample(trace=FAMILIES)
def test_states_are_those_of_the_blocks_and_hooks_are_removed(trace):
    by_hand, _ = states_by_hand(trace.lm.model, trace.ids)
    assert torch.equal(trace.residual_stream, torch.stack(by_hand))
    with pytest.raises((IndexError, RuntimeError)):
        residual_stream(trace.lm.model, torch.tensor([10**6]))
    assert not any(module._forward_hooks for module in trace.lm.model.modules())


@pytest.mark.parametrize("family", ["gpt2", "llama", "qwen2"])
def test_untied_unembeddings_are_read(family):
    model = build(family, tie_word_embeddings=False)
    found = unembedding(model)
    assert found.weight is not model.get_input_embeddings().weight
    assert torch.equal(found.weight, model.get_output_embeddings().weight)


def test_a_soft_cap_and_a_bias_of_the_head_are_respected():
    assert unembedding(build("gemma2")).softcap == 30.0
    assert unembedding(build("llama")).softcap is None
    assert unembedding(build("phi")).head.bias is not None


@pytest.mark.parametrize(("family", "scale"), [("cohere", 0.0625), ("granite", 1 / 7), ("llama", 1.0)])
def test_a_factor_on_the_logits_is_found_and_applied(family, scale):
    lm = family_model(family, torch.float64, **({"logits_scaling": 7.0} if family == "granite" else {}))
    assert lm.unembedding.scale == pytest.approx(scale, rel=1e-6)
    trace = lm.score(TEXT, n_input=3)
    with torch.no_grad():
        probs = lm.model(trace.ids[None]).logits[0, 2:-1].softmax(-1).gather(1, trace.ids[3:, None])[:, 0]
    assert lensdoc.rankings(trace).probs[-1] == pytest.approx(probs.tolist(), rel=6e-4)


def test_a_head_is_tried_with_states_that_are_not_zero():
    """With the row of padding, which is zero, whatever stands before or behind the head gives the same."""
    model = build("llama")
    with torch.no_grad():
        model.get_input_embeddings().weight.zero_()
    head = model.lm_head
    head.register_forward_hook(lambda _, __, out: out + 0.5 * out.abs())
    with pytest.raises(
        ModelError, match="LlamaForCausalLM turns its last state into logits in a way that lensdoc does not know: they differ by"
    ):
        unembedding(model)


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_the_whole_head_of_a_bert_is_gone_through(family):
    lm = LanguageModel(zoo.build(family, torch.float64), words(), family, "none")
    trace = lm.score(TEXT, n_input=3)
    with torch.no_grad():
        logits = lm.model(trace.ids[None]).logits[0, 2:-1]
    own = trace.ids[3:, None]
    assert lensdoc.rankings(trace).ranks[-1] == tuple((1 + (logits > logits.gather(1, own)).sum(1)).tolist())


def test_a_norm_that_cannot_be_left_out_by_itself_is_named():
    trace = LanguageModel(zoo.build("roberta"), words(), "roberta", "none").score(TEXT, n_input=3)
    with pytest.raises(ModelError, match="the norm in RobertaLMHead cannot be left out by itself; take final_norm=True"):
        lensdoc.rankings(trace, final_norm=False)


def test_a_projection_before_the_head_is_never_left_out():
    lm = family_model("opt", word_embed_proj_dim=16)
    trace = lm.score(TEXT, n_input=3)
    assert any(module.weight.ndim == 2 for module in lm.unembedding.final)
    for final_norm in (True, False):
        assert lensdoc.rankings(trace, final_norm=final_norm).ranks[-1] == lensdoc.sequence(trace).ranks


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_in_16_bits_ranks_and_probabilities_are_computed_in_32(dtype):
    half = family_model("gpt2", dtype).score(TEXT, n_input=3)
    head = half.lm.unembedding
    normed = head.normed(half.residual_stream[-1])[2:-1]
    z = normed.float() @ head.weight.float().T
    ids = half.ids[3:]
    own = z.gather(1, ids[:, None])
    record = lensdoc.rankings(half)
    assert all(abs(rank - other) <= 1 for rank, other in zip(record.ranks[-1], (1 + (z > own).sum(1)).tolist(), strict=True))
    assert record.probs[-1] == pytest.approx(z.softmax(1).gather(1, ids[:, None])[:, 0].tolist(), rel=1e-3)


def test_a_certain_token_has_no_more_than_all_the_probability():
    lm = family_model("gpt2")
    with torch.no_grad():
        lm.model.get_output_embeddings().weight.mul_(3000)
    assert max(map(max, lensdoc.rankings(lm.score(TEXT)).probs)) <= 1


def test_no_more_logits_are_held_than_the_bound_says():
    asked = []

    def logits(normed, chosen):
        asked.append((len(normed), len(range(20_000)[chosen])))
        return torch.zeros(asked[-1])

    head = SimpleNamespace(weight=range(20_000), logits=logits, logits_of=lambda normed, _: torch.zeros(len(normed)))
    ranks, probs = lens.rank_and_prob(head, torch.zeros(5000, 4), torch.full((5000,), 19_999))
    assert (ranks == 1).all()
    assert probs.tolist() == pytest.approx([1 / 20_000] * 5000, rel=1e-3)
    assert sum(rows * tokens for rows, tokens in asked) == 5000 * 20_000
    # Whatever the layers, the tokens and the vocabulary: far below 1 GiB of float32.
    assert max(rows * tokens for rows, tokens in asked) * 4 <= 2**27


def test_the_embedding_is_no_layer(count):
    assert len(lensdoc.rankings(count).layers) == count.lm.info.layers


@pytest.mark.parametrize(("position", "where"), [(1, 1), (5, 5), (-1, 5), (-5, 1)])
def test_places_are_counted_from_the_start_or_from_what_would_follow(position, where):
    assert place(SimpleNamespace(tokens=range(5), readings=(), split=0, n_input=5), position) == where


@pytest.mark.parametrize("position", [0, 6, -6, 1.0])
def test_a_place_where_nothing_is_predicted_is_refused(position):
    with pytest.raises(MeasureError, match=r"positions run from 1 to 5, .* -1 \(the same\) to -5; not"):
        place(SimpleNamespace(tokens=range(5), readings=(), split=0, n_input=5), position)


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (lambda t: lensdoc.watch(t, []), "watch takes a list of texts"),
        (lambda t: lensdoc.watch(t, " is"), "watch takes a list of texts"),
        (lambda _: lensdoc.watch([], [" is"]), "none was given; trace at least one"),
        (lambda t: lensdoc.predictions(t, top_k=0), "top_k must be from 1 to 3072"),
        (lambda t: lensdoc.predictions(t, positions=-1), "positions is a list"),
        (lambda t: lensdoc.rankings(t.lm.score(" 1", n_input=1)), "this trace has none; generate some, or score a text"),
    ],
)
def test_what_cannot_be_measured_is_explained(count, measure, message):
    with pytest.raises(MeasureError, match=message):
        measure(count)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" 12345", "name one token, such as"),
        ("", "a token is named by its text"),
        (" 4, 5", r"3 tokens of lensdoc/tiny, ' 4' \+ ',' \+ ' 5'"),
    ],
)
def test_a_watched_text_that_is_no_single_token_names_those_nearby(count, text, message):
    with pytest.raises(ModelError, match=message):
        lensdoc.watch(count, [text])


def test_a_model_whose_states_overflow_is_named():
    lm = family_model("llama")
    with torch.no_grad():
        lm.model.get_input_embeddings().weight[9] = float("inf")
    with pytest.raises(MeasureError, match="the states of llama are not finite on this text"):
        lensdoc.rankings(lm.score(TEXT, n_input=3))
