"""Encoders with decoders: against transformers' own generate, direct differentiation, direct lenses and own hooks."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
import torch
from families import family_model
from masked_zoo import masked_model
from paired_zoo import FAMILIES, SOURCE, TARGET, paired_model

import lensdoc
from lensdoc.core.errors import DataError, LensdocError, MeasureError, ModelError
from lensdoc.models.loading import load_model
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps

pytestmark = [  # weights are random; what is told of that has tests
    pytest.mark.filterwarnings("ignore:integrated gradients of"),
    pytest.mark.filterwarnings("ignore:the factorization did not settle"),
    pytest.mark.filterwarnings("ignore:Input Tensor .* did not already require gradients"),
    pytest.mark.filterwarnings("ignore:.* continues a text otherwise with its cache"),
]
STACKS = {"encoder": 2, "decoder": 3}


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def lm(family):
    return paired_model(family, torch.float64)


@pytest.fixture(scope="module")
def trace(lm):
    return lm.score(SOURCE, TARGET)


def parts(trace):
    """Ids of both streams as the model takes them."""
    return {"input_ids": trace.ids[None, : trace.split], "decoder_input_ids": trace.ids[None, trace.split :]}


def stack(model, name):
    return model.get_encoder() if name == "encoder" else model.get_decoder()


def blocks_of(model, name):
    """By their names in transformers."""
    found = stack(model, name)
    return found.block if hasattr(found, "block") else found.layers


def state(output):
    return output[0] if isinstance(output, tuple) else output


# Generating and scoring


def test_targets_are_those_that_transformers_generates(family):
    lm = paired_model(family)
    trace = lm.generate(SOURCE, max_new_tokens=6)
    given = torch.tensor([lm.tokenizer(SOURCE)["input_ids"]])
    begun = trace.n_input - trace.split
    theirs = lm.model.generate(  # with its cache T5 fails, since its stacks differ in length
        given, max_new_tokens=6 + begun - 1, do_sample=False, num_beams=1, use_cache=False, forced_eos_token_id=None
    )
    assert trace.ids[trace.split :].tolist() == theirs[0].tolist()
    assert [token.stream for token in trace.tokens] == ["source"] * 7 + ["target"] * (len(trace.tokens) - 7)
    assert [token.kind for token in trace.tokens] == ["input"] * trace.n_input + ["output"] * (len(trace.tokens) - trace.n_input)


def test_each_token_of_a_target_is_scored_after_those_before_it(trace):
    record = lensdoc.sequence(trace)
    assert [trace.tokens[t].text for t in record.targets] == [*TARGET.split(), "</s>"]
    with torch.no_grad():
        logits = trace.lm.model(**parts(trace)).logits[0]
    for target, prob, rank in zip(record.targets, record.probs, record.ranks, strict=True):
        own = logits[target - 1 - trace.split]
        assert prob == pytest.approx(float(own.softmax(-1)[trace.ids[target]]), rel=1e-3)
        assert rank == 1 + int((own > own[trace.ids[target]]).sum())


def test_the_end_may_be_written_and_a_draw_may_be_seeded():
    lm = paired_model("t5")
    drawn = [lm.generate(SOURCE, max_new_tokens=5, do_sample=True, seed=seed).ids.tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_what_settings_say_is_never_written_is_not():
    lm = paired_model("marian")
    first = int(lm.generate(SOURCE, max_new_tokens=1).ids[-1])
    lm.model.generation_config.bad_words_ids = [[first]]
    assert int(lm.generate(SOURCE, max_new_tokens=1).ids[-1]) != first


# Saliency


def value_of(trace, target, figure="logit"):
    """What the model says of a target, by embeddings of both streams that the stacks' own modules make, and these embeddings."""
    model, split = trace.lm.model, trace.split
    embeddings = []
    for name, ids in (("encoder", trace.ids[:split]), ("decoder", trace.ids[split:target])):
        scaled = model.config.model_type in {"marian", "pegasus"} and name == "encoder"  # embeddings of ids, and no others
        scale = math.sqrt(24) if scaled else 1.0
        embeddings.append((scale * stack(model, name).get_input_embeddings()(ids)).detach())

    def value(source, given):
        logits = model(inputs_embeds=source[None].clone(), decoder_inputs_embeds=given[None].clone()).logits[0, -1]
        return {"logit": logits, "prob": logits.softmax(-1), "log_prob": logits.log_softmax(-1)}[figure][trace.ids[target]]

    return value, embeddings


def derivative(trace, target, figure="logit"):
    value, embeddings = value_of(trace, target, figure)
    leaves = [each.requires_grad_() for each in embeddings]
    gradients = torch.autograd.grad(value(*leaves), leaves)
    return torch.cat(gradients), torch.cat(leaves).detach()


def check(record, sizes):
    for t, expected in enumerate(sizes):
        shares = expected / expected.sum()
        assert record.scores[t] == pytest.approx(shares.tolist(), abs=1e-3 * float(shares.max()))
        assert record.totals[t] == pytest.approx(float(expected.sum()), rel=1e-3)


def test_embeddings_made_by_hand_lead_to_the_logits_of_the_ids(trace):
    for target in trace.targets:
        value, embeddings = value_of(trace, target)
        with torch.no_grad():
            whole = trace.lm.model(**parts(trace)).logits[0, target - 1 - trace.split, trace.ids[target]]
            assert float(value(*embeddings)) == pytest.approx(float(whole), rel=1e-6)


@pytest.mark.parametrize("figure", ["logit", "prob", "log_prob"])
def test_gradient_x_input_is_that_of_a_direct_derivative(trace, figure):
    found = [derivative(trace, target, figure) for target in trace.targets]
    record = lensdoc.saliency(trace, target=figure)
    assert [len(row) for row in record.scores] == list(trace.targets)  # all of the source, and the target before
    check(record, [(gradient * e).norm(dim=-1) for gradient, e in found])


def test_the_gradient_is_the_direct_one(trace):
    found = [derivative(trace, target) for target in trace.targets]
    check(lensdoc.saliency(trace, method="gradient"), [gradient.norm(dim=-1) for gradient, _ in found])


def test_occlusion_is_the_change_when_one_embedding_is_put_to_zero(trace):
    sizes = []
    for target in trace.targets:
        value, embeddings = value_of(trace, target)
        both = torch.cat(embeddings)
        with torch.no_grad():
            whole = value(*embeddings)
            left = [both.index_fill(0, torch.tensor([i]), 0) for i in range(len(both))]
            sizes.append(torch.stack([whole - value(one[: trace.split], one[trace.split :]) for one in left]).abs())
    check(lensdoc.saliency(trace, method="occlusion"), sizes)


def test_integrated_gradients_add_up_or_say_that_they_do_not(trace):
    record = lensdoc.saliency(trace, method="integrated_gradients", signed=True, steps=20)
    for t, target in enumerate(record.targets):
        value, embeddings = value_of(trace, target)
        with torch.no_grad():
            change = float(value(*embeddings) - value(*(0 * each for each in embeddings)))
        assert record.differences[t] == pytest.approx(change, rel=1e-3, abs=1e-3)
        rounding = 2e-3 * sum(map(abs, record.scores[t]))
        assert sum(record.scores[t]) == pytest.approx(record.differences[t] + record.convergence[t], abs=rounding)


def test_captum_finds_the_same():
    captum = pytest.importorskip("captum.attr", reason="captum is not installed")
    trace = paired_model("t5", torch.float64).score(SOURCE, TARGET)
    record = lensdoc.saliency(trace)
    for t, target in enumerate(trace.targets):
        value, embeddings = value_of(trace, target)
        found = captum.InputXGradient(lambda *given, value=value: value(*(one[0] for one in given))[None]).attribute(
            tuple(each[None] for each in embeddings)
        )
        sizes = torch.cat([one[0] for one in found]).norm(dim=-1).detach()
        assert record.scores[t] == pytest.approx((sizes / sizes.sum()).tolist(), abs=1e-3)


# The lens


@torch.no_grad()
def logits_after(trace, layer):
    """The model's own logits when the decoder's last block hands on what the block of another layer made."""
    model, kept = trace.lm.model, []
    inner = blocks_of(model, "decoder")
    reading = inner[layer].register_forward_hook(lambda _, __, output: kept.append(state(output)))
    last = inner[-1].register_forward_hook(lambda _, __, out: (kept[-1], *out[1:]) if isinstance(out, tuple) else kept[-1])
    try:
        return model(**parts(trace)).logits[0]
    finally:
        reading.remove()
        last.remove()


def test_ranks_are_those_of_the_model_with_the_states_of_that_layer(trace):
    record = lensdoc.rankings(trace)
    assert record.layers == (0, 1, 2)
    for layer, (ranks, probs) in enumerate(zip(record.ranks, record.probs, strict=True)):
        logits = logits_after(trace, layer)
        for target, rank, prob in zip(record.targets, ranks, probs, strict=True):
            own = logits[target - 1 - trace.split]
            assert rank == 1 + int((own > own[trace.ids[target]]).sum())
            assert prob == pytest.approx(float(own.softmax(-1)[trace.ids[target]]), rel=1e-3)


def test_predictions_and_watched_tokens_are_of_the_target(trace):
    first, after = trace.split + 1, len(trace.tokens)
    record = lensdoc.predictions(trace, positions=[first, -1], top_k=3)
    assert record.positions == (first, after)
    for p, position in enumerate(record.positions):
        for layer in range(3):
            expected = logits_after(trace, layer)[position - 1 - trace.split].topk(3).indices.tolist()
            assert list(record.ids[p][layer]) == expected
    watched = lensdoc.watch(trace, ["w9"], position=first)
    own = logits_after(trace, 1)[0]
    assert watched.ranks[1][0] == 1 + int((own > own[9]).sum())


# States of one stack


@pytest.mark.parametrize("name", STACKS)
def test_activations_are_those_of_one_stack_at_its_own_tokens(trace, name):
    record = lensdoc.activations(trace, layers=[1], stack=name)
    block, seen = blocks_of(trace.lm.model, name)[1], []
    down = block.get_submodule(record.model.neuron_module)
    handle = down.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    with torch.no_grad():
        trace.lm.model(**parts(trace))
    handle.remove()
    values = seen[0].reshape(-1, seen[0].shape[-1])
    begun = trace.n_input - trace.split  # a token of the target shows the state that produced it
    shown = values if name == "encoder" else values[[p - (p >= begun) for p in range(len(values))]]
    assert torch.allclose(torch.tensor(record.values[0], dtype=torch.double).T, shown, rtol=1e-3, atol=1e-9)
    assert record.model.stack == name
    assert record.model.layers == STACKS[name]
    assert {token.stream for token in record.tokens} == {"source" if name == "encoder" else "target"}
    assert loads(dumps(record)) == record


@pytest.mark.parametrize("name", STACKS)
def test_factors_and_similarity_are_of_one_stack(trace, name):
    made = lensdoc.factors(trace, 2, stack=name)
    alike = lensdoc.similarity(trace, stack=name)
    assert made.layers == alike.layers == tuple(range(STACKS[name]))
    assert len(made.tokens) == len(alike.tokens) == (trace.split if name == "encoder" else len(trace.tokens) - trace.split)
    for record in (made, alike):
        assert loads(dumps(record)) == record


@pytest.mark.parametrize("which", ["encoder", "decoder", "cross"])
@pytest.mark.parametrize("target", [TARGET, "w8 w9 w7 w40 w12"], ids=["shorter", "as-long"])
def test_attention_is_that_of_transformers(lm, which, target):
    trace = lm.score(SOURCE, target if lm.id not in {"bart", "mbart"} else target.removesuffix(" w12"))
    record, model = lensdoc.attention(trace, which=which), lm.model
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    with torch.no_grad():
        output = model(**parts(trace), output_attentions=True)
    model.set_attn_implementation(before)
    theirs = {"encoder": output.encoder_attentions, "decoder": output.decoder_attentions, "cross": output.cross_attentions}[which]
    assert len(theirs) == len(record.layers)
    for layer, expected in enumerate(theirs):
        for head in range(2):
            found = record.head(layer, head)
            for query, row in enumerate(found):
                assert row == pytest.approx(expected[0, head, query, : len(row)].tolist(), abs=1e-3)
                assert float(expected[0, head, query, len(row) :].sum()) == 0
    assert loads(dumps(record)) == record


# What is refused


@pytest.fixture(scope="module")
def t5():
    return paired_model("t5")


def one(lm):
    return lm.score(SOURCE, TARGET)


REFUSED = [
    (lambda lm: lm.fill("a"), ModelError, "is an encoder with a decoder and fills no masks"),
    (lambda lm: lm.score(SOURCE), ModelError, "give `score` a source and a target"),
    (lambda lm: lm.score(SOURCE, TARGET, n_input=2), ModelError, "leave n_input out"),
    (lambda lm: lm.score(SOURCE, 7), ModelError, "the target of t5 is a text, not a int"),
    (lambda lm: lm.generate([{"role": "user", "content": "a"}], max_new_tokens=2), ModelError, "the source of t5 is a text"),
    (lambda lm: lm.generate("a \ud800", max_new_tokens=2), ModelError, "the source has a lone surrogate"),
    (lambda lm: lensdoc.predictions(one(lm), positions=[7]), MeasureError, "positions run from 8 to 13, of the target"),
    (lambda lm: lensdoc.predictions(one(lm), positions=[-7]), MeasureError, r"or from -1 \(the same\) to -6"),
    (lambda lm: lensdoc.activations(one(lm), layers=[2], stack="encoder"), MeasureError, "layers must be indices from 0 to 1"),
    (lambda lm: lensdoc.activations(one(lm), layers=[0], stack="middle"), MeasureError, "stack must be encoder or decoder"),
    (lambda lm: lensdoc.attention(one(lm), which="both"), MeasureError, "which must be one of encoder, decoder, cross"),
    (lambda lm: lensdoc.ablation(one(lm), {"b": 1}), MeasureError, "ablation is of models with one stack"),
    (lambda lm: lensdoc.attention_flow(one(lm)), MeasureError, "attention_flow is of models with one stack"),
    (lambda lm: lensdoc.logit_attribution(one(lm)), MeasureError, "logit_attribution is of models with one stack"),
    (lambda lm: lensdoc.exchange(one(lm), 1, "w9", answer="w8"), MeasureError, "exchange is of models with one stack"),
    (lambda lm: lensdoc.mask(one(lm)), MeasureError, "mask is of models with one stack"),
    (lambda lm: lensdoc.saliency(one(lm), method="exchange", to={1: "w9"}), MeasureError, "exchange saliency is of models with"),
    (lambda lm: lensdoc.faithfulness(one(lm), lensdoc.saliency(one(lm))), MeasureError, "faithfulness is of models with one"),
    (lambda lm: lensdoc.factor_saliency(one(lm), lensdoc.factors(one(lm), 2)), MeasureError, "factor_saliency is of models with"),
    (lambda lm: lensdoc.decoding(lm, "a", {"greedy": {}}), MeasureError, "decoding is of models with one stack"),
    (lambda lm: lensdoc.fit_lens(lm, ["a"]), ModelError, "a lens is fitted on models with one stack"),
    (lambda lm: lensdoc.live(lm, prompt="a"), MeasureError, "a live figure is of models with one stack"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_was_not_made_for_two_stacks_is_refused_in_a_sentence(t5, number):
    ask, kind, message = REFUSED[number]
    with pytest.raises(kind, match=message):
        ask(t5)


def test_models_with_one_stack_take_no_target_and_no_stack():
    causal, masked = family_model("gpt2"), masked_model("bert")
    with pytest.raises(ModelError, match="so it takes no target; leave it out"):
        causal.score("w3 w4", "w5")
    with pytest.raises(MeasureError, match="activations takes a stack of encoders with decoders, and gpt2 has one alone"):
        lensdoc.activations(causal.score("w3 w4"), layers=[0], stack="decoder")
    with pytest.raises(MeasureError, match="which='cross' is of encoders with decoders, and bert has one stack"):
        lensdoc.attention(masked.score("paris is old"), which="cross")


# Loading


def test_a_model_of_two_stacks_is_loaded_as_one_and_says_the_same(tmp_path, family):
    lm = paired_model(family)
    lm.model.save_pretrained(tmp_path)
    lm.tokenizer.save_pretrained(tmp_path)
    loaded = load_model(str(tmp_path))
    assert loaded.paired
    assert type(loaded.model) is type(lm.model)
    assert loaded.generate(SOURCE, max_new_tokens=4).ids.tolist() == lm.generate(SOURCE, max_new_tokens=4).ids.tolist()
    assert loaded.info.stack == "decoder"


# Records


def test_records_say_which_stack_and_stream_and_those_of_other_models_do_not(t5):
    record, causal = lensdoc.saliency(one(t5)), lensdoc.saliency(family_model("gpt2").score("w3 w14 w15"))
    written, plain = json.loads(dumps(record)), json.loads(dumps(causal))
    assert written["version"] == list(record.STREAMS) > list(record.MASKED)
    assert written["model"]["stack"] == "decoder"
    assert written["tokens"][0]["stream"] == "source"
    assert plain["version"] == list(causal.VERSION)
    assert "stack" not in plain["model"]
    assert all("stream" not in token for token in plain["tokens"])
    assert loads(dumps(record)) == record


def test_records_whose_streams_do_not_fit_are_refused(t5):
    data = json.loads(dumps(lensdoc.saliency(one(t5))))
    mixed = [*data["tokens"][1:], data["tokens"][0]]
    with pytest.raises(DataError, match="tokens of the source must come before those of the target"):
        loads(json.dumps(data | {"tokens": mixed}))
    without = {name: value for name, value in data["model"].items() if name != "stack"}
    with pytest.raises(DataError, match="tokens must name their stream where the model has an encoder and a decoder"):
        loads(json.dumps(data | {"model": without}))
    with pytest.raises(DataError, match="an encoder alone predicts nothing"):
        loads(json.dumps(data | {"model": data["model"] | {"stack": "encoder"}}))
    import builders

    ablated = json.loads(dumps(builders.ablation()))
    with pytest.raises(DataError, match="records of kind ablation are of models with one stack"):
        loads(json.dumps(ablated | {"model": ablated["model"] | {"stack": "decoder"}}))


# The guide's table of measures and kinds of models


def another(trace):
    """A text of as many tokens."""
    if trace.readings:
        return trace.lm.fill("The city [MASK] France is [MASK].")
    return trace.lm.score("w4 w14 w15 w9 w26 w5", TARGET) if trace.split else trace.lm.score("w5 w4 w9 w8 w3")


def asked(measure):
    """Each measure on a short trace, with what it needs."""
    more = {
        "watch": lambda trace, word: lensdoc.watch(trace, [word]),
        "activations": lambda trace, _: lensdoc.activations(trace, layers=[0]),
        "factors": lambda trace, _: lensdoc.factors(trace, 2),
        "factor_saliency": lambda trace, _: lensdoc.factor_saliency(trace, lensdoc.factors(trace, 2)),
        "exchange": lambda trace, word: lensdoc.exchange(trace, 1, word, answer=word),
        "patching": lambda trace, word: lensdoc.patching(
            trace, another(trace), answer=word, wrong="big" if trace.readings else "w7"
        ),
        "ablation": lambda trace, _: lensdoc.ablation(trace, {"block": 1}, controls=0),
        "faithfulness": lambda trace, _: lensdoc.faithfulness(trace, lensdoc.saliency(trace), target=trace.targets[-1], orders=2),
        "mask": lambda trace, _: lensdoc.mask(trace, steps=2, starts=1),
        "decoding": lambda trace, _: lensdoc.decoding(trace.lm, "w3 w4", {"greedy": {}}, max_new_tokens=2),
    }
    return more.get(measure, lambda trace, _: getattr(lensdoc, measure)(trace))


def table_of_measures():
    page = (Path(__file__).parents[1] / "docs" / "guide" / "architectures.md").read_text()
    return re.findall(r"^\| `(\w+)` \| (yes|refused) \| (yes|refused) \| (yes|refused) \|$", page, re.MULTILINE)


@pytest.fixture(scope="module")
def kinds(t5):
    return {
        "causal": (family_model("gpt2").score("w3 w4 w9 w8 w3"), "w9"),
        "masked": (masked_model("bert").fill("The capital [MASK] France is [MASK]."), "paris"),
        "encoder with decoder": (one(t5), "w9"),
    }


def test_the_table_names_every_measure_of_a_trace():
    others = {"fit_lens", "figure", "table", "live", "graph"}  # of no trace
    measures = {name for name in lensdoc.__all__ if name.islower() and callable(getattr(lensdoc, name))}
    assert {name for name, *_ in table_of_measures()} == measures - others - {"load_model", "read_record"}


@pytest.mark.filterwarnings("ignore:the mask")
@pytest.mark.parametrize("row", table_of_measures(), ids=lambda row: row[0])
def test_the_guide_says_which_measure_works_on_which_kind_of_model(kinds, row):
    measure, *cells = row
    for (kind, (trace, word)), cell in zip(kinds.items(), cells, strict=True):
        try:
            asked(measure)(trace, word)
            found = "yes"
        except LensdocError:
            found = "refused"
        assert (kind, found) == (kind, cell)
