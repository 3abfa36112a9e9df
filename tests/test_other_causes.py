"""Patching and ablation of masked models, and patching of encoders with decoders: against whole passes with hooks of our own."""

from __future__ import annotations

import pytest
import torch
from masked_zoo import FAMILIES, SOME, masked_model, masked_text
from paired_zoo import FAMILIES as PAIRED
from paired_zoo import TARGET, paired_model

import lensdoc
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.ffn import down_projections, ffn
from lensdoc.models.heads import heads_in
from lensdoc.models.vocabulary import single_token
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps

CLEAN, CORRUPT = "The river _ France is _.", "The seine _ France is _."
ENDS = {"answer": ".", "wrong": "a"}
SOURCES = "w3 w14 w15 w9 w26 w5", "w3 w14 w51 w9 w26 w5"
WORDS = {"answer": "w9", "wrong": "w8"}
pytestmark = pytest.mark.sample(lm=SOME, paired=["t5", "bart"])


@pytest.fixture(scope="module", params=FAMILIES)
def lm(request):
    return masked_model(request.param, torch.float64)


@pytest.fixture(scope="module")
def texts(lm):
    return tuple(lm.fill(masked_text(lm.id, text)) for text in (CLEAN, CORRUPT))


def given(trace):
    """Ids with masks, made anew."""
    return trace.ids.index_fill(0, torch.tensor(trace.targets), trace.lm.tokenizer.mask_token_id)


@torch.inference_mode()
def logits_of(trace, hooks=()):
    """The model's logits at every token of a text with masks, with hooks of our own on some modules."""
    handles = [getattr(module, register)(hook) for module, register, hook in hooks]
    try:
        return trace.lm.model(given(trace)[None]).logits[0]
    finally:
        for handle in handles:
            handle.remove()


def difference(trace, mask, hooks=()):
    answer, wrong = (single_token(trace.lm, ENDS[name]).id for name in ("answer", "wrong"))
    logits = logits_of(trace, hooks)[mask]
    return float(logits[answer] - logits[wrong])


@pytest.mark.parametrize("position", [-1, "first"])
def test_states_of_masked_texts_are_exchanged_as_by_hand(texts, position):
    clean, corrupt = texts
    mask = clean.targets[-1] if position == -1 else clean.targets[0]
    found = lensdoc.patching(clean, corrupt, position=mask if position == "first" else -1, **ENDS)
    whole, base = difference(clean, mask), difference(corrupt, mask)
    assert (found.position, found.clean) == (mask, pytest.approx(whole, rel=1e-3))
    columns = [1, 2, mask, len(clean.tokens) - 1]
    for layer in range(3):
        block = blocks(clean.lm.model)[layer]
        for column in columns:
            state = clean.residual_stream[layer, column]

            def put(_, __, output, at=column, state=state):
                state_of(output).view(-1, state_of(output).shape[-1])[at] = state

            value = difference(corrupt, mask, [(block, "register_forward_hook", put)])
            assert found.values[layer][column] == pytest.approx((value - base) / (whole - base), rel=1e-3, abs=1e-4)
    last = [float(p == mask) for p in range(len(clean.tokens))]
    assert found.values[2] == pytest.approx(last, abs=1e-5)
    assert max(map(abs, found.values[0])) > 0
    assert loads(dumps(found)) == found


PROJECTIONS = {"attention": "attention.output.dense", "ffn": "output.dense"}


@pytest.mark.parametrize("part", ["attention", "ffn", "head"])
def test_parts_of_blocks_are_exchanged_as_by_hand(part):
    lm = masked_model("bert", torch.float64)
    clean, corrupt = (lm.fill(masked_text("bert", text)) for text in (CLEAN, CORRUPT))
    mask, module, kept = clean.targets[-1], blocks(lm.model)[1].get_submodule(PROJECTIONS.get(part, PROJECTIONS["attention"])), []
    found = lensdoc.patching(clean, corrupt, part=part, **ENDS)
    whole, base = difference(clean, mask), difference(corrupt, mask)
    if part == "head":
        difference(clean, mask, [(module, "register_forward_pre_hook", lambda _, args: kept.append(args[0]))])

        def put(_, args):
            new = args[0].clone()
            new[..., 12:] = kept[0][..., 12:]
            return (new,)

        value = difference(corrupt, mask, [(module, "register_forward_pre_hook", put)])
        column = 1
    else:
        column = 2
        difference(clean, mask, [(module, "register_forward_hook", lambda _, __, output: kept.append(output))])

        def put(_, __, output):
            new = output.clone()
            new[:, column] = kept[0][:, column]
            return new

        value = difference(corrupt, mask, [(module, "register_forward_hook", put)])
    assert found.values[1][column] == pytest.approx((value - base) / (whole - base), rel=1e-3, abs=1e-4)
    assert abs(value - base) > 1e-4


def test_a_masked_estimate_is_that_of_one_derivative():
    """Between texts that hardly differ, the first order is all there is."""
    lm = masked_model("bert", torch.float64)
    weight = lm.model.get_input_embeddings().weight.data
    clean, corrupt = (lm.fill(masked_text("bert", text)) for text in (CLEAN, CORRUPT))
    weight[int(corrupt.ids[2])] = (1 + 1e-4) * weight[int(clean.ids[2])] + 1e-5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lensdoc.measures.patches._LEAST", 0.0)
        clean, corrupt = (lm.fill(masked_text("bert", text)) for text in (CLEAN, CORRUPT))
        found, exact = (lensdoc.patching(clean, corrupt, estimate=estimate, **ENDS) for estimate in (True, False))
    for row, expected in zip(found.values, exact.values, strict=True):
        assert row == pytest.approx(expected, rel=5e-3, abs=1e-3)


# Ablation


@pytest.mark.parametrize("replace", ["mean", "zero"])
def test_changes_of_masked_texts_are_those_of_hooks_of_our_own(texts, replace):
    trace, model = texts[0], texts[0].lm.model
    count, mean = len(trace.tokens), replace == "mean"
    found = lensdoc.ablation(trace, {"head": (1, 1), "neuron": [(2, 7)], "block": 1}, replace=replace, controls=0)
    down, kept = down_projections(model)[2], trace.ffn_activations([2])[0]

    def score(hooks=()):
        logs = logits_of(trace, hooks).log_softmax(-1)
        return float(sum(logs[t, trace.ids[t]] for t in trace.targets)) / len(trace.targets)

    def head(_, args):
        new = args[0].reshape(count, 2, -1).clone()
        new[:, 1] = new[1:, 1].mean(0) if mean else 0
        return (new.reshape(args[0].shape),)

    def neuron(_, args):
        new = args[0].reshape(count, -1).clone()
        new[:, 7] = kept[1:, 7].mean() if mean else 0
        return (new.reshape(args[0].shape),)

    stream = trace.residual_stream
    block = stream[0] + (stream[1] - stream[0])[1:].mean(0) * mean

    def whole(_, __, output):
        state_of(output).copy_(block.view_as(state_of(output)))

    places = [
        (heads_in(model, 1).projection, "register_forward_pre_hook", head),
        (down, "register_forward_pre_hook", neuron),
        (blocks(model)[1], "register_forward_hook", whole),
    ]
    assert found.whole == pytest.approx(score(), rel=1e-3)
    for change, place in zip(found.changes, places, strict=True):
        assert change == pytest.approx(score([place]) - score(), rel=2e-3, abs=1e-5)
    assert max(map(abs, found.changes)) > 1e-2
    assert (found.masks, loads(dumps(found))) == (None, found)


def test_an_answer_of_masked_texts_stands_at_the_last_mask_of_each(texts):
    clean, corrupt = texts
    found = lensdoc.ablation([clean, corrupt], {"head": (0, 0)}, controls=1, **ENDS)
    last = [trace.targets[-1] for trace in texts]
    assert found.masks == (last[0], len(clean.tokens) + last[1])
    assert found.whole == pytest.approx(sum(map(difference, texts, last)) / 2, rel=1e-3)
    first = lensdoc.ablation(clean, {"head": (0, 0)}, controls=0, position=clean.targets[0], **ENDS)
    assert first.whole == pytest.approx(difference(clean, clean.targets[0]), rel=1e-3)


# Two streams


@pytest.fixture(scope="module", params=PAIRED)
def paired(request):
    return paired_model(request.param, torch.float64)


@torch.inference_mode()
def said_by(trace, position, hooks=()):
    """Logit of the answer less that of the other word, where the token at a position would stand."""
    handles = [getattr(module, register)(hook) for module, register, hook in hooks]
    source, target = trace.ids[None, : trace.split], trace.ids[None, trace.split : position]
    logits = trace.lm.model(input_ids=source, decoder_input_ids=target, use_cache=False).logits[0, -1]
    for handle in handles:
        handle.remove()
    return float(logits[9] - logits[8])


@pytest.mark.parametrize("part", ["residual", "ffn"])
@pytest.mark.parametrize("stack", ["encoder", "decoder"])
def test_states_of_one_stack_are_exchanged_as_by_hand(paired, stack, part):
    clean, corrupt = (paired.score(source, TARGET) for source in SOURCES)
    at = clean.split + 3
    found = lensdoc.patching(clean, corrupt, part=part, stack=stack, position=at, **WORDS)
    whole, base = said_by(clean, at), said_by(corrupt, at)
    first, columns = (0, range(clean.split)) if stack == "encoder" else (clean.split, range(clean.split, at))
    assert (found.positions, found.model.stack, found.position) == (tuple(columns), stack, None)
    assert len(found.tokens) == at
    assert (found.clean, found.corrupt) == pytest.approx((whole, base), rel=1e-3)
    for layer in (0, 1):
        block = blocks(paired.model, stack)[layer]
        module, kept = block if part == "residual" else ffn(paired.model, stack)[layer].module, []
        said_by(clean, at, [(module, "register_forward_hook", lambda _, __, output, kept=kept: kept.append(state_of(output)))])
        for column in columns:

            def put(_, __, output, place=column - first, kept=kept):
                new = state_of(output).clone()
                new[:, place] = kept[0][:, place]
                return (new, *output[1:]) if isinstance(output, tuple) else new

            value = said_by(corrupt, at, [(module, "register_forward_hook", put)])
            share = found.values[layer][column - first]
            assert share == pytest.approx((value - base) / (whole - base), rel=1e-3, abs=1e-4)
    assert loads(dumps(found)) == found


def test_the_last_state_of_a_decoder_brings_all_of_the_answer_back(paired):
    clean, corrupt = (paired.score(source, TARGET) for source in SOURCES)
    found = lensdoc.patching(clean, corrupt, position=clean.split + 3, **WORDS)
    assert found.values[2] == pytest.approx([0, 0, 1], abs=1e-5)


@pytest.mark.parametrize("stack", ["encoder", "decoder"])
def test_an_estimate_of_two_streams_is_that_of_one_derivative(stack):
    lm = paired_model("t5", torch.float64)
    weight = lm.model.get_input_embeddings().weight.data
    weight[51] = (1 + 1e-3) * weight[15] + 1e-4
    clean, corrupt = (lm.score(source, TARGET) for source in SOURCES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lensdoc.measures.patches._LEAST", 0.0)
        found, exact = (lensdoc.patching(clean, corrupt, stack=stack, estimate=e, **WORDS) for e in (True, False))
    for row, expected in zip(found.values, exact.values, strict=True):
        assert row == pytest.approx(expected, rel=2e-2, abs=3e-3)
