"""Saliency of factors: the record, and the measure against Captum, finite differences and what the record draws."""

from __future__ import annotations

import json

import builders
import numpy as np
import pytest
import torch
from captum.attr import InputXGradient
from families import FAMILIES, TEXT, family_model
from scipy.optimize import nnls

import lensdoc
from lensdoc.core.errors import DataError, MeasureError
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps


def changed(**fields):
    return json.dumps(json.loads(dumps(builders.factor_saliency([[1, 0, 2]], n_input=2))) | fields)


REFUSED = {
    "a response without its token": (
        changed(scores=[[[1.0], [1.0], [0.5, 0.5]]]),
        r"scores\[0\]\[1\] has 1 values, but there are 2 positions that were read there",
    ),
    "a produced token in its own state": (
        changed(scores=[[[1.0], [0.0, 0.0], [0.5, 0.5, 0.0]]]),
        r"scores\[0\]\[2\] has 3 values, but there are 2 positions that were read there",
    ),
    "no shares": (changed(scores=[[[1.0], [0.0, 0.0], [0.5, 0.4]]]), r"scores\[0\]\[2\] must hold shares that sum to 1"),
    "twice": (changed(factor=[1, 1]), "factor names a factor twice"),
    "factor 0": (changed(factor=[0]), r"factor\[0\]': Input should be greater than or equal to 1"),
    "targets": (changed(targets=[0, 1, 3]), "targets must be ascending positions below 3"),
    "totals": (changed(totals=[[1.0]]), r"totals\[0\] has 1 values, but there are 3 targets"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name):
    text, message = REFUSED[name]
    with pytest.raises(DataError, match=message):
        loads(text)


def test_signed_scores_need_not_sum_to_one():
    assert loads(changed(signed=True, scores=[[[-1.0], [0.0, 0.0], [0.5, 7.0]]])).scores[0][2] == (0.5, 7)


N_INPUT, LAYERS = 3, (0, 2)


CASES = [
    *((family, "clip", "state", 1) for family in FAMILIES),
    ("llama", "split", "state", 1),
    ("gpt2", "split", "layer", 2),
    ("gpt2", "clip", "layer", 0),
    ("llama", "split", "none", 0),
    ("gpt2", "clip", "none", 1),
]


def factored(family, negative, scale, skip):
    trace = family_model(family, torch.float64).score(TEXT, n_input=N_INPUT)
    return trace, lensdoc.factors(trace, 3, layers=LAYERS, negative=negative, scale=scale, skip=skip)


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request):
    return factored(*request.param)


def features(trace, record, embeddings):
    """Features (tokens, features) as the definition says, from what `trace.ffn_activations` reads with embeddings for ids."""
    from lensdoc.models.ffn import activations_of

    def blocks(given):
        found = activations_of(trace.lm.model, record.layers, given)
        return [
            torch.cat([b.clamp(min=0), (-b).clamp(min=0)], 1) if record.negative == "split" else b.clamp(min=0) for b in found
        ]

    rows = blocks(embeddings)
    if record.scale == "state":
        rows = [block / block.square().sum(1, keepdim=True).sqrt() for block in rows]
    if record.scale == "layer":
        with torch.no_grad():
            whole = blocks(trace.lm.model.get_input_embeddings()(trace.ids[None]))
        rows = [block / one[record.skip : len(trace.tokens) - 1].norm() for block, one in zip(rows, whole, strict=True)]
    return torch.cat(rows, 1)


def loadings(trace, record):
    """Loadings (factors, features) that belong to the activations of a record, one neuron at a time."""
    embeddings = trace.lm.model.get_input_embeddings()(trace.ids[None]).detach()
    with torch.no_grad():
        matrix = features(trace, record, embeddings).numpy()[record.skip : len(trace.tokens) - 1]
    weights = np.delete(np.array(record.activations).T, N_INPUT, 0)[record.skip :]
    return np.array([nnls(weights, column)[0] for column in matrix.T]).T


def states(record):
    return [p - (p >= N_INPUT) for p in record.targets]


def check(found, vectors_of):
    """Scores and totals against relevance (read, width) for a factor and a state."""
    for f, (rows, totals) in enumerate(zip(found.scores, found.totals, strict=True)):
        for state, row, total in zip(states(found), rows, totals, strict=True):
            norms = vectors_of(f, state).norm(dim=-1)
            assert row == pytest.approx((norms / (norms.sum() or 1)).tolist(), rel=6e-4, abs=1e-6)
            assert total == pytest.approx(float(norms.sum()), rel=6e-4)


def test_it_is_captums_gradient_x_input_of_the_factors_activation(case):
    trace, record = case
    found, rows = lensdoc.factor_saliency(trace, record), loadings(trace, record)

    def vectors(f, state):
        def activation(embeddings):
            own = features(trace, record, embeddings)[state]
            active = np.flatnonzero(nnls(rows.T, own.detach().numpy())[0])
            if f not in active:
                return 0 * own.sum()[None]
            return (torch.linalg.pinv(torch.from_numpy(rows[active].T)) @ own)[active.tolist().index(f)][None]

        embeddings = trace.lm.model.get_input_embeddings()(trace.ids[None, : state + 1]).detach().requires_grad_()
        return InputXGradient(activation).attribute(embeddings)[0].detach()

    check(found, vectors)
    assert any(total > 0 for total in found.totals[0])


@pytest.mark.parametrize(
    ("family", "negative", "scale", "skip"),
    [  # families that compute norms in the precision of the weights
        ("gpt2", "clip", "state", 1),
        ("gpt2", "split", "state", 0),
        ("gpt2", "clip", "layer", 1),
        ("gpt2", "split", "none", 0),
        ("gpt_neox", "clip", "state", 1),
        ("opt", "split", "state", 1),
        ("phi", "clip", "none", 1),
    ],
)
def test_signed_scores_are_what_finite_differences_give(family, negative, scale, skip):
    trace, record = factored(family, negative, scale, skip)
    found, rows = lensdoc.factor_saliency(trace, record, signed=True), loadings(trace, record)
    embeddings = trace.lm.model.get_input_embeddings()(trace.ids[None]).detach()
    step = 1e-6

    def activations(i, size):
        moved = embeddings.clone()
        moved[0, i] *= 1 + size
        with torch.no_grad():
            own = features(trace, record, moved).numpy()
        return np.array([nnls(rows.T, own[state])[0] for state in states(found)])  # (targets, factors)

    for i in range(len(trace.tokens) - 1):
        slopes = (activations(i, step) - activations(i, -step)) / (2 * step)
        for f, scores in enumerate(found.scores):
            for t, row in enumerate(scores):
                if i < len(row):
                    assert row[i] == pytest.approx(slopes[t, f], rel=1e-3, abs=1e-4 * np.abs(slopes).max())


def explains_what_is_drawn(trace, record):
    drawn = np.delete(np.array(record.activations), record.left_out, 1)
    again = loads(dumps(record))  # with four digits, as on disk
    assert np.array(lensdoc.factor_saliency(trace, again).activations) == pytest.approx(drawn, abs=5e-3 * drawn.max())


def test_the_activations_that_are_explained_are_those_that_the_record_draws(case):
    explains_what_is_drawn(*case)


def test_the_activations_that_are_explained_are_those_of_the_article(count):
    explains_what_is_drawn(count, lensdoc.factors(count, 5))


def test_a_factor_that_does_not_fire_has_no_saliency(count):
    found = lensdoc.factor_saliency(count, lensdoc.factors(count, 5))
    silent = [(f, t) for f, row in enumerate(found.activations) for t, value in enumerate(row) if value == 0]
    assert silent
    assert all(found.totals[f][t] == 0 and set(found.scores[f][t]) == {0.0} for f, t in silent)
    for rows, values in zip(found.scores, found.activations, strict=True):
        assert [sum(row) for row in rows] == pytest.approx([float(value > 0) for value in values], abs=1e-3)


def test_factors_and_targets_are_chosen(count):
    record = lensdoc.factors(count, 5)
    whole = lensdoc.factor_saliency(count, record)
    part = lensdoc.factor_saliency(count, record, factors=[4, 2], targets=[9, 4, 5])
    assert (part.factor, part.targets) == ((2, 4), (4, 5, 9))
    for f, number in enumerate(part.factor):
        assert part.activations[f] == tuple(whole.activations[number - 1][t - 1] for t in part.targets)
        for row, target in zip(part.scores[f], part.targets, strict=True):
            assert row == pytest.approx(whole.scores[number - 1][target - 1], rel=2e-3, abs=1e-6)
    assert part.scores[0][0] == part.scores[0][1]  # the last input and the first produced token show one state
    assert lensdoc.factor_saliency(count, record, factors=2, targets=4).scores == ((part.scores[0][0],),)
    assert part.facts == {"factors": 2, "targets": 3}


def test_tokens_that_were_left_out_are_no_targets_but_may_drive_others(count):
    found = lensdoc.factor_saliency(count, lensdoc.factors(count, 2))
    assert found.targets == tuple(range(1, 35))
    assert (found.scale, found.skip) == ("state", 1)
    assert all(len(row) == position + (position < 5) for row, position in zip(found.scores[0], found.targets, strict=True))
    assert max(row[0] for row in found.scores[0]) > 0
    early = count.lm.score("".join(token.text for token in count.tokens), n_input=1)  # its second token shows the first state
    assert lensdoc.factor_saliency(early, lensdoc.factors(early, 2)).targets == tuple(range(2, 35))


def test_a_few_states_at_a_time_or_all_at_once_make_no_difference(case, monkeypatch):
    trace, record = case
    found = []
    for at_once in (1, 3, 50):
        monkeypatch.setattr("lensdoc.measures.factor_attribution.TARGETS_AT_ONCE", at_once)
        found.append(lensdoc.factor_saliency(trace, record))
    for other in found[1:]:
        for rows, others in zip(found[0].scores, other.scores, strict=True):
            assert [v for row in rows for v in row] == pytest.approx([v for row in others for v in row], rel=1e-3, abs=1e-9)


def test_a_text_that_was_only_given_explains_its_last_token_too(tiny):
    trace = tiny.score(" 1, 2, 3, 4", n_input=7)
    found = lensdoc.factor_saliency(trace, lensdoc.factors(trace, 2), targets=6)
    assert len(found.scores[0][0]) == 7


def test_no_gradient_is_left_behind(count):
    lensdoc.factor_saliency(count, lensdoc.factors(count, 2), targets=3)
    assert all(p.grad is None for p in count.lm.model.parameters())


def test_a_record_that_does_not_belong_is_refused(count, tiny):
    record = lensdoc.factors(count, 2)
    other = tiny.score(" 1, 2, 3", n_input=5)
    turned = record.model_copy(update={"activations": tuple(row[::-1] for row in record.activations)})
    for wrong, message in [
        (lensdoc.factors(count, 2, method="pca"), "explains factors by nmf, and this record has them by pca"),
        (lensdoc.factors([count, other], 2), "explains factors of one text, and this record has 2; factor one alone"),
        (record.model_copy(update={"layers": ()}), "this record of factors was imported and does not say of which layers"),
        (lensdoc.factors(other, 2), "the record of factors is of another text than the trace"),
        (
            record.model_copy(update={"model": builders.MODEL}),
            "the record of factors is of made/up, and the trace of lensdoc/tiny",
        ),
        (turned, "this model gives other activations than the record of factors; make it anew from this trace"),
    ]:
        with pytest.raises(MeasureError, match=message):
            lensdoc.factor_saliency(count, wrong)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factors": 0}, "factors must be numbers from 1 to 2, as the record has them; they are 0"),
        ({"factors": [1, 3]}, r"factors must be numbers from 1 to 2, .* they are \[1, 3\]"),
        ({"factors": []}, "factors must be numbers from 1 to 2"),
        (
            {"targets": [0, 4]},
            r"targets must be tokens that were factored, and \[0\] were left out \(skip=1\); choose others, or",
        ),
        ({"targets": 35}, "targets must be indices from 0 to 34, the last token; they are 35"),
        ({"targets": "3"}, "targets must be indices from 0 to 34"),
    ],
)
def test_what_is_out_of_range_names_the_limit(count, options, message):
    with pytest.raises(MeasureError, match=message):
        lensdoc.factor_saliency(count, lensdoc.factors(count, 2), **options)
