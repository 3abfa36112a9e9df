"""How activations are prepared for factors: clipped or split, scaled, first states of texts left out."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import builders
import numpy as np
import pytest
import torch
from fakes import RAW, fake_trace
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

import lensdoc
from lensdoc.core.errors import DataError, MeasureError
from lensdoc.measures.nmf import nmf
from lensdoc.measures.texts import texts
from lensdoc.records.reading import loads, read_record
from lensdoc.records.writing import dumps

BEFORE = Path(__file__).parent / "golden" / "records" / "factors-1.1-counting.json"


def blocks(trace, layers=range(6)):
    """Activations of a text in the states that its tokens show, (states, layers, neurons)."""
    return trace.ffn_activations(list(layers)).numpy().transpose(1, 0, 2)[: len(trace.tokens) - bool(trace.targets)]


def recipe(trace, skip=1):
    """Clip, divide every position x layer block by its norm, drop the first position."""
    found = np.maximum(blocks(trace)[skip:], 0)
    found = found / np.linalg.norm(found, axis=2, keepdims=True)
    return found.reshape(len(found), -1)


def theirs(matrix, n_factors):
    """scikit-learn's factorization from the better of two starts: explained shares and activations, strongest factor first."""
    fits = []
    for start in ("nndsvd", "nndsvda"):
        solver = NMF(n_factors, init=start, tol=1e-5, max_iter=2000, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            weights = solver.fit_transform(matrix.astype(float))
        fits.append((solver.reconstruction_err_, weights, solver.components_))
    _, weights, components = min(fits, key=lambda fit: fit[0])
    explained = np.einsum("sf,fn,sn->f", weights, components, matrix) / (matrix**2).sum()
    order = np.argsort(-explained)
    return explained[order], (weights * np.linalg.norm(components, axis=1))[:, order]


def states_of(record, trace):
    """Activations of factors in the states that were read, (states, factors)."""
    rows = np.array(record.activations).T
    return np.delete(rows, trace.n_input, 0) if len(trace.targets) else rows


def test_the_default_is_the_recipe_and_scikit_learns_factors_of_it(count):
    record = lensdoc.factors(count, 5)
    explained, weights = theirs(recipe(count), 5)
    assert (record.scale, record.skip, record.left_out) == ("state", 1, (0,))
    assert record.explained == pytest.approx(explained, rel=2e-3)
    assert states_of(record, count)[1:] == pytest.approx(weights, rel=2e-3, abs=2e-3 * weights.max())
    assert states_of(record, count)[0].tolist() == [0] * 5


@pytest.mark.parametrize("negative", ["clip", "split"])
@pytest.mark.parametrize("skip", [0, 1, 3])
@pytest.mark.parametrize("scale", ["state", "layer", "none"])
def test_what_is_factored_is_what_the_definition_says(count, scale, skip, negative):
    kept = blocks(count)[skip:].astype(float)
    parts = [np.maximum(kept, 0)] if negative == "clip" else [np.maximum(kept, 0), np.maximum(-kept, 0)]
    squares = sum(part**2 for part in parts)
    lengths = {"state": squares.sum(2, keepdims=True), "layer": squares.sum((0, 2), keepdims=True), "none": 1.0}[scale]
    expected = np.concatenate([(part / np.sqrt(lengths)).reshape(len(kept), -1) for part in parts], 1)
    prepared = texts(count, None, skip).prepared(negative, scale)
    assert np.allclose(prepared.matrix, expected, rtol=1e-5, atol=1e-7)
    assert prepared.neurons == 512
    if scale == "state":
        assert (prepared.matrix**2).sum(1) == pytest.approx(np.full(len(kept), 6.0))  # a row has length 1 in each layer


def test_the_old_way_is_as_it_was_to_the_last_bit(count):
    plain = count.ffn_activations(range(6))[:, :34].transpose(0, 1).flatten(1).float().clamp(min=0).numpy()
    assert np.array_equal(texts(count, None).prepared("clip").matrix, plain)
    fit = nmf(plain, 5)
    order = np.argsort(-np.einsum("fn,fn->f", fit.weights.T @ plain, fit.loadings))
    record = lensdoc.factors(count, 5, **RAW)
    expected = builders.factors(fit.weights[:, order].T.tolist()).activations
    assert states_of(record, count).T.tolist() == [list(row) for row in expected]
    # What the version before made of the same text.
    old = read_record(BEFORE)
    assert (old.scale, old.skip, old.left_out) == (None, None, ())
    assert old.tokens == record.tokens
    for now, then in zip(record.activations, old.activations, strict=True):
        assert now == pytest.approx(then, rel=2e-3, abs=1e-4)
    same = [name for name in old.facts if name in record.facts and isinstance(old.facts[name], int | float)]
    assert [record.facts[name] for name in same] == pytest.approx([old.facts[name] for name in same], rel=2e-3, abs=2)


@pytest.mark.parametrize("method", ["pca", "ica"])
def test_components_are_prepared_alike(count, method):
    record = lensdoc.factors(count, 3, method=method)
    matrix = recipe(count).astype(float)
    centred = matrix - matrix.mean(0)
    spectrum = np.linalg.svd(centred, compute_uv=False) ** 2
    assert record.facts["explained"] == pytest.approx(spectrum[:3].sum() / spectrum.sum(), rel=1e-3)
    assert record.facts["explained_after_first"] == record.facts["explained"]
    weights = states_of(record, count)
    assert weights[0].tolist() == [0, 0, 0]
    assert weights[1:].mean(0) == pytest.approx(np.zeros(3), abs=2e-3 * np.abs(weights).max())


def test_each_text_leaves_out_its_own_first_states(tiny):
    one, two = tiny.generate(" 1, 2, 3", max_new_tokens=9), tiny.score(" 4, 5, 6, 7, 8", n_input=1)
    record = lensdoc.factors([one, two], 3)
    first = len(one.tokens)
    assert record.left_out == (0, first, first + 1)  # one given token: the second shows the state of the first
    assert [[row[p] for p in record.left_out] for row in record.activations] == [[0] * 3] * 3
    matrix = np.vstack([recipe(one), recipe(two)])
    assert np.allclose(texts([one, two], None, 1).prepared("clip", "state").matrix, matrix, atol=1e-7)
    explained, weights = theirs(matrix, 3)
    assert record.explained == pytest.approx(explained, rel=2e-3)
    rows = np.array(record.activations).T
    shown = [*range(1, 5), *range(6, first), *range(first + 2, len(rows))]  # each state once
    assert rows[shown] == pytest.approx(weights, rel=3e-3, abs=3e-3 * weights.max())
    assert loads(dumps(record)) == record


def test_a_layers_length_is_that_of_all_texts_together(tiny):
    one, two = tiny.generate(" 1, 2, 3", max_new_tokens=9), tiny.generate("The keys", max_new_tokens=4)
    matrix = texts([one, two], None, 1).prepared("clip", "layer").matrix
    assert (matrix.reshape(len(matrix), 6, 512) ** 2).sum((0, 2)) == pytest.approx(np.ones(6))


def test_a_text_that_is_left_out_whole_is_refused(tiny):
    with pytest.raises(MeasureError, match="skip=1 leaves nothing of text 2, of which 1 state was read; give a longer text"):
        lensdoc.factors([tiny.score(" 1, 2, 3"), tiny.score(" 1", n_input=1)], 1)
    with pytest.raises(MeasureError, match="skip=1 leaves nothing of the text, of which 1 state was read"):
        lensdoc.factors(tiny.score(" 1", n_input=1), 1)


def test_what_is_all_zero_stays_so():
    silent = np.array([[1.0, 2.0], [0, 0], [3.0, 4.0], [-1.0, -2.0]])
    matrix = texts(fake_trace(silent, produced=False), None).prepared("clip", "state").matrix
    assert matrix == pytest.approx(np.array([[1, 2] / np.sqrt(5), [0, 0], [0.6, 0.8], [0, 0]]))
    split = texts(fake_trace(silent, produced=False), None).prepared("split", "state").matrix
    assert split[3] == pytest.approx(np.array([0, 0, 1, 2]) / np.sqrt(5))


SINK = np.array([[90.0, 0, 0], [0, 3.0, 0], [0, 0, 4.0], [0, 6.0, 0]])
"""A first token that dwarfs the rest: 8,100 of 8,161 squares."""


def test_facts_tell_what_the_first_token_hides():
    one = lensdoc.factors(fake_trace(SINK, produced=False), 1, **RAW)
    assert one.facts["first_token_share"] == pytest.approx(8100 / 8161, rel=1e-3)
    assert one.facts["explained"] == pytest.approx(8100 / 8161, rel=1e-3)
    assert one.facts["explained_after_first"] == pytest.approx(0, abs=1e-3)
    two = lensdoc.factors(fake_trace(SINK, produced=False), 2, **RAW)
    assert two.facts["explained_after_first"] == pytest.approx(45 / 61, rel=1e-3)
    assert two.facts["first_token_factors"] == 1
    rest = lensdoc.factors(fake_trace(SINK, produced=False), 1, scale="none", skip=1)
    assert rest.facts["explained"] == rest.facts["explained_after_first"] == pytest.approx(45 / 61, rel=1e-3)
    assert rest.facts["first_token_share"] == pytest.approx(8100 / 8161, rel=1e-3)
    assert rest.activations[0] == pytest.approx([0, 3, 0, 6], abs=1e-3)
    # What nobody factored is not said to be small.
    assert "first_token_factors" not in rest.facts
    assert "factor_1_first_ratio" not in rest.facts


def test_top_neurons_fire_as_they_were_scaled():
    # The second neuron is largest at token 3, where others fire still more, and divided by the length of all at token 1.
    values = np.array([[9.0, 9.0, 9.0], [1.0, 3.0, 0.5], [0.5, 1.0, 5.0], [3.0, 4.0, 2.0], [0, 1.0, 4.0]])
    scaled = lensdoc.factors(fake_trace(values, produced=False), 2)
    plain = lensdoc.factors(fake_trace(values, produced=False), 2, scale="none")
    tokens = [next(n.tokens for row in record.neurons for n in row if n.neuron == 1) for record in (scaled, plain)]
    assert tokens == [(1, 3, 4, 2), (3, 1, 2, 4)]
    assert all(0 not in n.tokens for row in scaled.neurons for n in row)


def test_members_follow_the_preparation(count):
    record = lensdoc.factors(count, 3)
    fit = nmf(recipe(count), 3)
    counts = sorted((row > record.threshold).sum() for row in fit.loadings)
    assert sorted(record.facts[f"factor_{f}_neurons"] for f in (1, 2, 3)) == pytest.approx(counts, abs=2)
    stable = lensdoc.factors(count, 3, stability=2)
    assert min(stable.stability) > 0.9


def changed(**fields):
    record = lensdoc.factors(fake_trace(SINK, produced=False), 1, scale="none", skip=1)
    return json.dumps(json.loads(dumps(record)) | fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"left_out": []}, r"left_out must be \[0\], the positions that skip=1 leaves out"),
        ({"skip": 2}, r"left_out must be \[0, 1\], the positions that skip=2 leaves out"),
        ({"skip": None}, r"left_out must be \[\], the positions that skip=None leaves out"),
        ({"activations": [[1.0, 3.0, 0.0, 6.0]]}, r"activations\[0\] must be 0 at the positions that were left out, \[0\]"),
        ({"scale": "row"}, "field 'scale': Input should be 'state', 'layer' or 'none'"),
        ({"skip": -1}, "field 'skip': Input should be greater than or equal to 0"),
    ],
)
def test_a_record_that_is_wrong_of_what_was_left_out_is_refused(fields, message):
    assert loads(changed()).left_out == (0,)
    with pytest.raises(DataError, match=message):
        loads(changed(**fields))


def test_single_precision_is_enough_for_half():
    half = fake_trace(np.array([[1e-3, 2e-3], [3e-3, 4e-3], [6e-3, 8e-3]]), produced=False)
    given = half.ffn_activations
    half.ffn_activations = lambda layers: given(layers).to(torch.float16)
    matrix = texts(half, None).prepared("clip", "state").matrix
    assert matrix.dtype == np.float32
    assert matrix[1:] == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8]]), rel=2e-3)
