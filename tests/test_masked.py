"""Masked language models: against transformers' own fill-mask, direct differentiation, direct lenses and own hooks."""

from __future__ import annotations

import json
import warnings

import pytest
import torch
from families import family_model
from masked_zoo import FAMILIES, SOME, TWO, WHOLE, masked_model, masked_text
from transformers import pipeline

import lensdoc
from lensdoc.core.errors import DataError, MeasureError, ModelError
from lensdoc.measures.factor_attribution import _recovered
from lensdoc.models.blocks import blocks
from lensdoc.models.ffn import activations_of
from lensdoc.models.loading import load_model
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps

pytestmark = [  # weights are random; what is told of that has tests
    pytest.mark.filterwarnings("ignore:integrated gradients of"),
    pytest.mark.filterwarnings("ignore:the factorization did not settle"),
    pytest.mark.sample(family=SOME),
]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def lm(family):
    return masked_model(family, torch.float64)


@pytest.fixture(scope="module", params=["fill", "score"])
def trace(request, lm, family):
    return lm.fill(masked_text(family, TWO)) if request.param == "fill" else lm.score(WHOLE)


def read_at(trace, target):
    """The ids that the model was given when it predicted a target, made anew."""
    mask, filled = trace.lm.tokenizer.mask_token_id, [p for p, token in enumerate(trace.tokens) if token.kind == "output"]
    ids = trace.ids.clone()
    ids[filled or [target]] = mask
    return ids


# Filling and scoring


@pytest.mark.parametrize("text", ["The capital of France is _.", "_ city is a _ and _", "_"])
@pytest.mark.sample(family=list(FAMILIES))
def test_masks_are_filled_as_transformers_fills_them(family, text):
    lm, given = masked_model(family), masked_text(family, text)
    trace = lm.fill(given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pipeline("fill-mask", model=lm.model, tokenizer=lm.tokenizer)(given, top_k=1)
    theirs = [theirs] if isinstance(theirs[0], dict) else theirs
    assert [int(trace.ids[p]) for p in trace.targets] == [best[0]["token"] for best in theirs]
    assert lensdoc.sequence(trace).probs == pytest.approx([best[0]["score"] for best in theirs], rel=1e-3)
    assert [token.kind for token in trace.tokens].count("output") == len(theirs) == len(trace.targets)


@pytest.mark.sample(family=list(FAMILIES))
def test_each_token_is_scored_at_a_mask_in_its_place(lm):
    trace = lm.score(WHOLE)
    record, ids = lensdoc.sequence(trace), lm.tokenizer(WHOLE)["input_ids"]
    assert trace.ids.tolist() == ids
    assert record.targets == tuple(range(1, len(ids) - 1))  # not what the tokenizer put around the text
    for target, prob, rank in zip(record.targets, record.probs, record.ranks, strict=True):
        masked = torch.tensor([[*ids[:target], lm.tokenizer.mask_token_id, *ids[target + 1 :]]])
        logits = lm.model(masked).logits[0, target].detach()
        assert prob == pytest.approx(float(logits.softmax(-1)[ids[target]]), rel=1e-3)
        assert rank == 1 + int((logits > logits[ids[target]]).sum())


HOSTILE = [
    "Paris",
    "  The  capital\n",
    "PARIS, big!!",
    "caf\u00e9 is old",
    "\u4e2d is a city",
    "a\u0301 b",
    "x \U0001f600 y",
    "of.",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_tokens_are_the_text_letter_for_letter(lm, text):
    trace = lm.score(text)
    own = [token for p, token in enumerate(trace.tokens) if p in trace.targets]
    raw = b"".join(bytes.fromhex(token.bytes) if token.bytes else token.text.encode() for token in own)
    assert raw.decode() == text


def test_a_filled_token_stands_in_the_place_of_its_mask():
    lm = masked_model("bert")
    trace = lm.fill("The Big [MASK] is  OLD.")
    texts = [token.text for token in trace.tokens]
    assert texts[0] == "[CLS]"
    assert texts[1:3] == ["The", " Big"]  # capitals and spaces, which the vocabulary does not keep
    assert texts[3] == " " + lm.tokenizer.decode([int(trace.ids[3])])
    assert texts[4:] == [" is", "  OLD", ".", "[SEP]"]


REFUSED = [
    (lambda lm: lm.generate("Paris", max_new_tokens=3), ModelError, "is a masked language model and continues no text"),
    (lambda lm: lm.score("Paris", n_input=1), ModelError, "which scores every token of a text; leave n_input out"),
    (lambda lm: lm.score("Paris [MASK]"), ModelError, "the text has a mask at token 2, and `score` masks each token in turn"),
    (lambda lm: lm.fill("Paris"), ModelError, r"the text has no mask to be filled; that of bert is written '\[MASK\]'"),
    (lambda lm: lm.fill("Paris <mask>"), ModelError, r"that of bert is written '\[MASK\]'"),
    (lambda lm: lm.fill(7), ModelError, "a masked model reads a text, not a int"),
    (lambda lm: lm.fill(""), ModelError, "the text has no tokens"),
    (lambda lm: lm.fill("[MASK] \ud800"), ModelError, "lone surrogate"),
    (lambda lm: lm.fill("paris " * 63 + "[MASK]"), ModelError, "do not fit the 64 positions of bert"),
    (lambda lm: lensdoc.predictions(lm.fill("a [MASK]"), positions=[1]), MeasureError, "predicts at masks, here positions 2, or"),
    (lambda lm: lensdoc.watch(lm.fill("a [MASK]"), ["paris"], position=-2), MeasureError, "predicts at masks"),
    (lambda lm: lensdoc.rankings(lm.fill("a [MASK]"), final_norm=False), MeasureError, "is a transform with a norm in it"),
    (lambda lm: lensdoc.attention_flow(lm.fill("a [MASK]")), MeasureError, "attention_flow is of causal models"),
    (lambda lm: lensdoc.logit_attribution(lm.fill("a [MASK]")), MeasureError, "logit_attribution is of causal models"),
    (lambda lm: lensdoc.exchange(lm.fill("a [MASK]"), 1, "big", answer="old"), MeasureError, "exchange is of causal models"),
    (
        lambda lm: lensdoc.faithfulness(lm.fill("a [MASK]"), lensdoc.saliency(lm.fill("a [MASK]"))),
        MeasureError,
        "faithfulness is of causal models",
    ),
    (lambda lm: lensdoc.decoding(lm, "a", {"greedy": {}}, max_new_tokens=2), ModelError, "continues no text"),
]


@pytest.fixture(scope="module")
def bert():
    return masked_model("bert")


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_has_no_meaning_for_a_masked_model_is_refused_in_a_sentence(bert, number):
    ask, kind, message = REFUSED[number]
    with pytest.raises(kind, match=message):
        ask(bert)


def test_a_causal_model_fills_no_masks():
    with pytest.raises(ModelError, match="is a causal language model and fills no masks; let it `generate`"):
        family_model("gpt2").fill("a [MASK]")


def test_a_tokenizer_without_a_mask_is_named(bert):
    lm = type(bert)(bert.model, family_model("gpt2").tokenizer, "bert", "none")
    with pytest.raises(ModelError, match="the tokenizer of bert has no mask token"):
        lm.fill("a [MASK]")


# Saliency


def relevance(trace, target, figure="logit"):
    """Derivative by each embedding (T, width), by hand: one pass for one target, through the model's own head."""
    model, ids = trace.lm.model, read_at(trace, target)
    embeddings = model.get_input_embeddings()(ids).detach().requires_grad_()
    logits = model(inputs_embeds=embeddings[None]).logits[0, target]
    value = {"logit": logits, "prob": logits.softmax(-1), "log_prob": logits.log_softmax(-1)}[figure][trace.ids[target]]
    (found,) = torch.autograd.grad(value, embeddings)
    return found, embeddings.detach()


def check(record, sizes):
    """Scores are shares of what the other tokens scored, and the mask's own is kept."""
    for t, (target, expected) in enumerate(zip(record.targets, sizes, strict=True)):
        others = expected.clone()
        others[target] = 0
        assert record.scores[t] == pytest.approx(
            (others / others.sum()).tolist(), abs=1e-3 * float((others / others.sum()).max())
        )
        assert record.totals[t] == pytest.approx(float(others.sum()), rel=1e-3)
        assert record.own[t] == pytest.approx(float(expected[target]), rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("figure", ["logit", "prob", "log_prob"])
def test_gradient_x_input_is_that_of_a_direct_derivative(trace, figure):
    found = [relevance(trace, target, figure) for target in trace.targets]
    check(lensdoc.saliency(trace, target=figure), [(gradient * e).norm(dim=-1) for gradient, e in found])


def test_the_gradient_is_the_direct_one(trace):
    found = [relevance(trace, target) for target in trace.targets]
    check(lensdoc.saliency(trace, method="gradient"), [gradient.norm(dim=-1) for gradient, _ in found])


def test_occlusion_is_the_change_when_one_embedding_is_put_to_zero(trace):
    sizes = []
    for target in trace.targets:
        model, ids = trace.lm.model, read_at(trace, target)
        embeddings = model.get_input_embeddings()(ids).detach()
        texts = torch.stack([embeddings, *(embeddings.index_fill(0, torch.tensor([i]), 0) for i in range(len(ids)))])
        with torch.no_grad():
            values = torch.stack([model(inputs_embeds=text[None]).logits[0, target, trace.ids[target]] for text in texts])
        sizes.append((values[0] - values[1:]).abs())
    check(lensdoc.saliency(trace, method="occlusion"), sizes)


def test_integrated_gradients_add_up_with_what_the_mask_scored(trace):
    record = lensdoc.saliency(trace, method="integrated_gradients", signed=True, steps=20)
    for t, target in enumerate(record.targets):
        model, ids = trace.lm.model, read_at(trace, target)
        embeddings = model.get_input_embeddings()(ids).detach()
        ends = [model(inputs_embeds=e[None]).logits[0, target, trace.ids[target]].item() for e in (embeddings, 0 * embeddings)]
        assert record.differences[t] == pytest.approx(ends[0] - ends[1], rel=1e-3, abs=1e-3)
        scored, rounding = sum(record.scores[t]) + record.own[t], 2e-3 * sum(map(abs, record.scores[t]))
        assert scored == pytest.approx(record.differences[t] + record.convergence[t], abs=rounding)


# The lens


@torch.no_grad()
def logits_after(trace, layer, target):
    """The model's own logits at a mask when its last block hands on what the block of another layer made."""
    model, kept = trace.lm.model, []
    with_state = blocks(model)[layer].register_forward_hook(lambda _, __, output: kept.append(output))

    def put(_, __, output):
        state = kept[-1][0] if isinstance(kept[-1], tuple) else kept[-1]
        return (state, *output[1:]) if isinstance(output, tuple) else state

    last = blocks(model)[-1].register_forward_hook(put)
    try:
        return model(read_at(trace, target)[None]).logits[0, target]
    finally:
        with_state.remove()
        last.remove()


def test_ranks_are_those_of_the_model_with_the_states_of_that_layer(trace):
    record = lensdoc.rankings(trace)
    for layer, (ranks, probs) in enumerate(zip(record.ranks, record.probs, strict=True)):
        for target, rank, prob in zip(record.targets, ranks, probs, strict=True):
            logits = logits_after(trace, layer, target)
            assert rank == 1 + int((logits > logits[trace.ids[target]]).sum())
            assert prob == pytest.approx(float(logits.softmax(-1)[trace.ids[target]]), rel=1e-3)


def test_predictions_are_the_most_probable_tokens_at_a_mask(trace):
    first, last = trace.targets[0], trace.targets[-1]
    record = lensdoc.predictions(trace, positions=[first, -1], top_k=3)
    assert record.positions == (first, last)
    for p, position in enumerate(record.positions):
        for layer in range(3):
            assert list(record.ids[p][layer]) == logits_after(trace, layer, position).topk(3).indices.tolist()


@pytest.mark.sample(family=list(FAMILIES))
def test_filled_masks_rank_first(lm, family):
    record = lensdoc.rankings(lm.fill(masked_text(family, TWO)))
    assert set(record.ranks[-1]) == {1}
    watched = lensdoc.watch(
        lm.fill(masked_text(family, "_ is a city")), ["." if family in {"roberta", "modernbert"} else "paris"]
    )
    assert watched.position == 1


# States


def test_activations_are_those_of_the_text_as_it_was_read(trace):
    filled = any(token.kind == "output" for token in trace.tokens)
    ids = read_at(trace, trace.targets[0]) if filled else trace.ids  # scored tokens were each masked alone: the whole text
    record = lensdoc.activations(trace, layers=[1])
    with torch.no_grad():
        expected = activations_of(trace.lm.model, [1], ids[None])[0].T
    assert torch.tensor(record.values[0]) == pytest.approx(expected.numpy(), rel=1e-3, abs=1e-9)


def test_factors_leave_out_the_first_token_and_show_every_other_at_its_own_place(trace):
    record = lensdoc.factors(trace, 2)
    assert record.left_out == (0,)
    begun = lensdoc.factors(trace.lm.fill(masked_text(trace.lm.id, "_ is a city")), 2)
    assert begun.left_out == (0,)  # and not the mask after it, though it was produced
    assert any(row[-1] for row in record.activations)  # the last token was read, other than in a text that was produced
    assert loads(dumps(record)) == record


def test_factor_saliency_is_that_of_a_direct_derivative(trace):
    factors = lensdoc.factors(trace, 2, layers=[1], scale="none", skip=0)
    record, found = lensdoc.factor_saliency(trace, factors, factors=1), _recovered(trace, factors).recovered
    for target in range(len(trace.tokens)):
        if not factors.activations[0][target]:
            continue
        embeddings = trace.lm.model.get_input_embeddings()(trace.read_ids).detach().requires_grad_()
        features = activations_of(trace.lm.model, [1], embeddings[None])[0, target].clamp(min=0)
        way = torch.from_numpy(found.basis @ found.derivatives[target, 0]).to(features)
        (gradient,) = torch.autograd.grad(features @ way, embeddings)
        sizes = (gradient * embeddings.detach()).norm(dim=-1)
        assert record.scores[0][target] == pytest.approx((sizes / sizes.sum()).tolist(), rel=1e-3)
        assert record.totals[0][target] == pytest.approx(float(sizes.sum()), rel=1e-3)


def test_attention_has_a_weight_for_every_token_on_both_sides(trace):
    record, model = lensdoc.attention(trace), trace.lm.model
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    with torch.no_grad():
        theirs = model(trace.read_ids[None], output_attentions=True).attentions
    model.set_attn_implementation(before)
    for layer, expected in enumerate(theirs):
        for head in range(2):
            assert torch.tensor(record.head(layer, head)) == pytest.approx(expected[0, head].numpy(), abs=1e-3)
    assert record.head_scores.induction is None
    assert record.facts["even_share"] == pytest.approx(1 / len(trace.tokens), rel=1e-3)


def test_similarity_is_measured_on_the_states_that_were_read(trace):
    record = lensdoc.similarity(trace)
    assert record.facts["positions"] == len(trace.tokens) - 1
    assert loads(dumps(record)) == record


OTHERS = [
    ("albert", lensdoc.rankings, "has no list of 3 blocks; take one with a block for each layer"),
    ("mobilebert", lensdoc.rankings, "makes logits without calling its head"),
    (
        "ibert",
        lensdoc.saliency,
        "gives a tuple in place of a vector for each token, so derivatives by embeddings are not measured",
    ),
    ("esm", lensdoc.saliency, "so derivatives by the embeddings are not the model's|turns its last state into logits in a way"),
    ("fnet", lensdoc.attention, "hands on no attention weights for each head"),
]


@pytest.mark.sample  # all
@pytest.mark.parametrize(("family", "measure", "message"), OTHERS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_right_of_an_architecture_is_refused_and_filling_works(family, measure, message):
    trace = masked_model(family).fill("The capital [MASK] France is [MASK].")
    with torch.no_grad():
        expected = trace.lm.model(trace.read_ids[None]).logits[0, list(trace.targets)].argmax(-1)
    assert trace.ids[list(trace.targets)].tolist() == expected.tolist()
    with pytest.raises(ModelError, match=message):
        measure(trace)


# Loading


def test_a_masked_model_is_loaded_as_one_and_says_the_same(tmp_path, family):
    lm = masked_model(family)
    lm.model.save_pretrained(tmp_path)
    lm.tokenizer.save_pretrained(tmp_path)
    loaded = load_model(str(tmp_path))
    assert loaded.masked
    assert type(loaded.model) is type(lm.model)
    text = masked_text(family, TWO)
    assert loaded.fill(text).ids.tolist() == lm.fill(text).ids.tolist()
    assert loaded.info.sees == "all"


@pytest.mark.parametrize(
    ("changes", "masked"), [({"is_decoder": True}, False), ({"architectures": None}, True), ({"is_decoder": False}, True)]
)
def test_a_configuration_of_both_kinds_says_which_it_is(tmp_path, changes, masked):
    lm = masked_model("bert")
    lm.model.save_pretrained(tmp_path)
    lm.tokenizer.save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    assert load_model(str(tmp_path)).masked is masked


# Records


def changed(record, **fields):
    return json.dumps(json.loads(dumps(record)) | fields)


def test_records_say_what_was_seen_and_those_of_causal_models_do_not(bert):
    masked, causal = lensdoc.saliency(bert.fill("a [MASK]")), lensdoc.saliency(family_model("gpt2").score("w3 w14 w15"))
    assert json.loads(dumps(masked))["version"] == list(masked.MASKED) > list(causal.VERSION)
    assert json.loads(dumps(masked))["model"]["sees"] == "all"
    written = json.loads(dumps(causal))
    assert written["version"] == list(causal.VERSION)
    assert "own" not in written
    assert "sees" not in written["model"]
    assert loads(dumps(masked)) == masked


def test_records_that_do_not_fit_what_was_seen_are_refused(bert):
    record = lensdoc.saliency(bert.fill("a [MASK]"))
    with pytest.raises(DataError, match="own must be there where the model sees all tokens"):
        loads(changed(record, own=None))
    with pytest.raises(DataError, match=r"scores\[0\] has 2 values, but there are 4 tokens"):
        loads(changed(record, scores=[[0.5, 0.5]]))
    with pytest.raises(DataError, match=r"scores\[0\]\[2\] must be 0: it is the target's own place"):
        loads(changed(record, scores=[[0.25, 0.25, 0.25, 0.25]]))
    causal = {name: value for name, value in json.loads(dumps(record))["model"].items() if name != "sees"}
    with pytest.raises(DataError, match=r"scores\[0\] has 4 values, but there are 2 positions before the target"):
        loads(changed(record, model=causal))


def test_a_kind_that_is_of_causal_models_alone_says_so():
    import builders

    record = builders.exchange()
    with pytest.raises(DataError, match="records of kind exchange are of causal models"):
        loads(changed(record, model=json.loads(dumps(record))["model"] | {"sees": "all"}))
