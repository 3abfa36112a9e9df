"""Factors beyond one text and one method: components, split activations, stability, neurons, several texts."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from fakes import RAW, fake_trace
from families import TEXT, family_model
from sklearn.decomposition import PCA, FastICA

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.measures.nmf import nmf
from lensdoc.measures.stability import match
from lensdoc.measures.texts import texts
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps


def shown(record, trace):
    """Activations of factors in the states that were read, (states, factors)."""
    rows = np.array(record.activations).T
    return np.delete(rows, trace.n_input, 0) if len(trace.targets) else rows


def test_principal_components_are_scikit_learns(count):
    matrix = texts(count, None).prepared("clip").matrix.astype(float)
    theirs = PCA(4, svd_solver="full").fit(matrix)
    record = lensdoc.factors(count, 4, method="pca", **RAW)
    assert record.explained == pytest.approx(theirs.explained_variance_ratio_, rel=6e-4)
    ours, scores = shown(record, count), theirs.transform(matrix)
    for f in range(4):
        assert abs(np.corrcoef(ours[:, f], scores[:, f])[0, 1]) == pytest.approx(1, abs=1e-4)
        assert np.abs(ours[:, f]) == pytest.approx(np.abs(scores[:, f]), abs=2e-3 * np.abs(scores[:, f]).max())


def test_independent_components_are_scikit_learns_and_the_sources_of_a_mixture():
    random = np.random.default_rng(0)
    sources = random.uniform(0, 1, (400, 3)) ** 2
    matrix = sources @ random.uniform(0, 1, (3, 12)) + 1e-3 * random.random((400, 12))
    record = lensdoc.factors(fake_trace(matrix, produced=False), 3, method="ica", **RAW)
    theirs = FastICA(3, whiten="unit-variance", random_state=0)
    found = theirs.fit_transform(matrix)
    for other, least in ((found, 0.999), (sources, 0.98)):
        cosines = np.abs(np.corrcoef(np.array(record.activations), other.T)[:3, 3:])
        assert sorted(cosines.argmax(1)) == [0, 1, 2]
        assert cosines.max(1).min() > least
    scales = np.linalg.norm(theirs.mixing_, axis=0) * found.std(0)
    assert sorted(np.array(record.activations).std(1)) == pytest.approx(sorted(scales), rel=0.02)


@pytest.mark.parametrize("method", ["pca", "ica"])
def test_components_explain_together_what_the_principal_ones_do_and_are_signed_by_their_largest(count, method):
    record = lensdoc.factors(count, 3, method=method, **RAW)
    matrix = texts(count, None).prepared("clip").matrix.astype(float)
    assert record.facts["explained"] == pytest.approx(PCA(3).fit(matrix).explained_variance_ratio_.sum(), abs=1e-3)
    assert list(record.explained) == sorted(record.explained, reverse=True)
    assert all(max(row) == max(map(abs, row)) for row in record.activations)
    assert loads(dumps(record)) == record


@pytest.mark.parametrize("method", ["pca", "ica"])
def test_where_all_neurons_fall_silent_a_component_is_high_too(method):
    outlier = np.outer([0, 1.0, 0.5, 9.0], [1.0, 2.0, 3.0])
    for values in (outlier, outlier.max() - outlier):  # the scores of one are those of the other, negated
        record = lensdoc.factors(fake_trace(values, produced=False), 1, method=method, **RAW)
        assert max(record.activations[0]) == max(map(abs, record.activations[0]))


def test_as_many_components_as_there_may_be(count):
    short = count.lm.generate(" 1, 2", max_new_tokens=3)
    assert lensdoc.factors(short, 4, method="pca", **RAW).facts["explained"] == pytest.approx(1, abs=1e-3)
    with pytest.raises(MeasureError, match="n_factors must be from 1 to 4, one less than the states or features by pca; it is 5"):
        lensdoc.factors(short, 5, method="pca", **RAW)
    with pytest.raises(MeasureError, match="from 1 to 3, one less .* by pca without the first 1 of each text; it is 4"):
        lensdoc.factors(short, 4, method="pca")


SIGNED = np.array([[3.0, -2.0], [0, 1.0], [6.0, -4.0], [0, 2.0]])
"""The first neuron fires where the second is negative."""


def test_split_activations_are_features_of_their_own():
    record = lensdoc.factors(fake_trace(SIGNED), 2, negative="split", **RAW)
    # Features: 3 0 0 2 / 0 1 0 0 / 6 0 0 4 / 0 2 0 0; norms of the first group: sqrt(13), sqrt(52).
    assert record.activations[0] == pytest.approx([13**0.5, 0, 0, 52**0.5, 0], abs=1e-3)
    assert record.activations[1] == pytest.approx([0, 1, 1, 0, 2], abs=1e-3)
    assert (record.rule, record.threshold) == ("loading of either part > 1 / sqrt(2 * neurons)", 0.5)
    assert [(n.neuron, n.sign, n.loading, n.tokens) for n in record.neurons[0]] == [
        (0, "positive", pytest.approx(3 / 13**0.5, rel=1e-3), (3, 0)),
        (1, "negative", pytest.approx(2 / 13**0.5, rel=1e-3), (3, 0)),
    ]
    assert record.facts["neurons"] == 2
    assert [record.facts[f"factor_{f}_neurons"] for f in (1, 2)] == [2, 1]  # the second neuron by its other part in each
    assert record.facts["overlap_1_2"] == 1


def test_clipped_activations_lose_the_negative_part():
    record = lensdoc.factors(fake_trace(SIGNED), 2, **RAW)
    assert record.negative == "clip"
    assert [n.neuron for n in record.neurons[0]] == [0]
    assert record.neurons[0][0].sign is None


def test_top_neurons_are_named_by_layer_and_index_with_their_tokens(count):
    record = lensdoc.factors(count, 3, layers=[1, 4], top_neurons=4, **RAW)
    values = count.ffn_activations([1, 4])[:, :34].clamp(min=0)
    fit = nmf(texts(count, [1, 4]).prepared("clip").matrix, 3)
    for neurons in record.neurons:
        assert [n.loading for n in neurons] == sorted((n.loading for n in neurons), reverse=True)
        row = next(row for row in fit.loadings if row.max() == pytest.approx(neurons[0].loading, rel=1e-3))
        for found in neurons:
            assert row[[1, 4].index(found.layer) * 512 + found.neuron] == pytest.approx(found.loading, rel=1e-3)
            own = values[[1, 4].index(found.layer), :, found.neuron]
            states = [p - (p >= count.n_input) for p in found.tokens]
            assert own[states].tolist() == own.topk(len(states)).values.tolist()
    assert len(record.neurons[0]) == 4
    assert lensdoc.factors(count, 3, top_neurons=0).neurons == ((), (), ())


def test_several_texts_are_one_matrix_each_with_its_own_offset():
    two = np.array([[0, 0, 3.0, 0], [3.0, 4.0, 0, 0]])
    record = lensdoc.factors([fake_trace(np.array([[3.0, 4, 0, 0], [0, 0, 1, 0]]), 1), fake_trace(two, 2)], 2, **RAW)
    assert record.starts == (0, 3)
    # States 5, 0 of the first text, where the first is shown twice, and 0, 5 of the second, where the last is.
    assert record.activations[0] == pytest.approx([5, 5, 0, 0, 5, 5], abs=1e-3)
    assert record.activations[1] == pytest.approx([0, 0, 1, 3, 0, 0], abs=1e-3)
    assert [token.kind for token in record.tokens] == ["input", "output", "output", "input", "input", "output"]
    assert record.neurons[0][0].tokens == (0, 4)
    assert record.facts["factor_2_first_ratio"] == pytest.approx(3, rel=1e-3)
    assert record.facts["first_token_factors"] == 1
    assert loads(dumps(record)) == record


def test_one_text_in_a_list_is_that_text(count):
    assert lensdoc.factors([count], 3) == lensdoc.factors(count, 3)


def test_texts_of_several_models_are_not_factored_together():
    ones = np.ones((3, 2))
    with pytest.raises(MeasureError, match="traces of one model; these are of a .* and b"):
        lensdoc.factors([fake_trace(ones, model="a"), fake_trace(ones, model="b")], 1)


def test_stability_is_the_mean_cosine_to_the_best_partners():
    fit = nmf(np.kron(np.eye(2), [[3.0, 4.0]]) + 0.0, 2)
    swapped = type(fit)(fit.weights[:, ::-1], fit.loadings[::-1], "")
    turned = type(fit)(fit.weights, np.array([[0.8, 0.6, 0, 0], [0, 0, 0.6, 0.8]]), "")
    found = match(fit, [swapped, turned])
    assert sorted(found) == pytest.approx([(1 + 0.96) / 2, 1], abs=1e-4)


def test_factors_of_separate_groups_are_stable_and_too_many_are_not(count):
    groups = np.kron(np.diag([1.0, 2.0, 3.0]), np.ones((4, 6)))
    record = lensdoc.factors(fake_trace(groups), 3, stability=3)
    assert record.stability == pytest.approx([1, 1, 1], abs=1e-3)
    assert record.facts["factor_3_stability"] == record.stability[2]
    many = lensdoc.factors(count, 12, stability=2)
    assert min(many.stability) < 0.97
    assert lensdoc.factors(count, 12).activations == many.activations
    assert lensdoc.factors(count, 2).stability is None


def test_controls_are_factors_of_neurons_that_fire_together_by_chance_alone():
    groups = np.kron(np.diag([1.0, 1.0, 1.0]), np.ones((8, 6)))
    record = lensdoc.factors(fake_trace(groups), 3, controls=4, **RAW)
    assert record.facts["explained"] == pytest.approx(1, abs=1e-3)
    assert max(record.controls) < 0.8
    assert record.facts["control_explained"] == pytest.approx(sum(record.controls) / 4, abs=1e-4)
    assert record.facts["control_explained_most"] == max(record.controls)
    assert len(set(record.controls)) > 1
    assert lensdoc.factors(fake_trace(groups), 3, controls=4, **RAW) == record
    assert lensdoc.factors(fake_trace(groups), 3, controls=4, seed=1, **RAW).controls != record.controls


def test_activations_without_groups_are_explained_as_well_as_their_controls():
    chance = np.abs(np.random.default_rng(0).normal(size=(40, 60)))
    for method in ("nmf", "pca"):
        record = lensdoc.factors(fake_trace(chance), 4, method=method, controls=3, **RAW)
        assert record.facts["explained"] == pytest.approx(record.facts["control_explained"], abs=0.02)


def test_without_controls_the_record_says_nothing_of_them(count):
    record = lensdoc.factors(count, 2)
    assert record.controls is None
    assert not any(fact.startswith("control") for fact in record.facts)


def test_facts_name_the_tokens_on_which_a_factor_is_strongest():
    groups = np.array([[9.0, 0], [0, 4.0], [0, 3.0], [1.0, 0], [0, 1.0]])
    record = lensdoc.factors(fake_trace(groups, produced=False), 2, **RAW)
    assert record.facts["factor_1_tokens"] == "‘ 0’"
    assert record.facts["factor_2_tokens"] == "‘ 1’, ‘ 2’"
    assert record.facts["factor_1_first_ratio"] == pytest.approx(9, rel=1e-3)
    assert record.facts["factor_2_first_ratio"] == 0
    assert record.facts["first_token_factors"] == 1


def test_a_factor_of_the_first_token_alone_has_a_finite_ratio():
    record = lensdoc.factors(fake_trace(np.array([[9.0, 0], [0, 4.0], [0, 3.0]]), 1), 2, **RAW)
    # The first state is shown by the only input token and by the first produced one.
    assert record.activations[0][:3] == pytest.approx([9, 9, 0], abs=1e-3)
    assert record.facts["factor_1_first_ratio"] == 1000


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_layers_keep_their_order_in_a_model_of_twelve(family):
    trace = family_model(family, num_hidden_layers=12).score(TEXT, n_input=3)
    blocks = trace.lm.model.transformer.h if family == "gpt2" else trace.lm.model.model.layers
    seen = {}
    for layer in (2, 10):
        down = blocks[layer].mlp.c_proj if family == "gpt2" else blocks[layer].mlp.down_proj
        down.register_forward_pre_hook(lambda _, args, layer=layer: seen.update({layer: args[0][0]}))
    with torch.no_grad():
        trace.lm.model(trace.ids[None])
    record = lensdoc.activations(trace, layers=[10, 2])
    assert record.layers == (2, 10)
    for layer, rows in zip(record.layers, record.rows, strict=True):
        states = seen[layer][[p - (p >= 3) for p in range(11)]]
        assert pytest.approx(states.numpy(), rel=1e-3, abs=1e-6) == np.array(rows).T
    assert lensdoc.factors(trace, 2, layers=[10, 2]).layers == (2, 10)
    assert lensdoc.factors(trace, 2, layers=slice(9, 12)).layers == (9, 10, 11)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "svd"}, "method must be one of nmf, pca, ica, it is 'svd'"),
        ({"negative": "keep"}, "negative must be one of clip, split, it is 'keep'"),
        ({"scale": "row"}, "scale must be one of state, layer, none, it is 'row'"),
        ({"skip": -1}, "skip must be an integer from 0, it is -1"),
        ({"skip": True}, "skip must be an integer from 0, it is True"),
        ({"skip": 33}, "one state was read without the first 33 of each text, .* or a smaller skip"),
        ({"skip": 34}, "skip=34 leaves nothing of the text, of which 34 states were read; give a longer text, or a smaller skip"),
        ({"stability": -1}, "stability must be an integer from 0, it is -1"),
        ({"controls": True}, "controls must be an integer from 0, it is True"),
        ({"top_neurons": 1.5}, "top_neurons must be an integer from 0, it is 1.5"),
        ({"method": "pca", "stability": 2}, "principal components do not depend on a start"),
        ({"layers": "4"}, "layers must be indices from 0 to 5, the model's last; they are '4'"),
        ({"layers": ["4"]}, r"layers must be indices from 0 to 5, the model's last; they are \['4'\]"),
        ({"layers": slice(6, 9)}, "layers must be indices from 0 to 5"),
    ],
)
def test_options_that_will_not_do_name_the_valid_ones(count, options, message):
    with pytest.raises(MeasureError, match=message):
        lensdoc.factors(count, 2, **options)


def test_what_cannot_be_factored_is_refused_with_the_cure(tiny):
    with pytest.raises(MeasureError, match="one state was read, which has nothing to factor; give a text of more tokens"):
        lensdoc.factors(tiny.score(" 1", n_input=1), 1, **RAW)
    with pytest.raises(MeasureError, match="no activation is above 0 .* choose other layers or another text, or take"):
        lensdoc.factors(fake_trace(-np.ones((3, 4))), 2)
    with pytest.raises(MeasureError, match="all states are the same"):
        lensdoc.factors(fake_trace(np.ones((3, 4))), 1, method="pca")
    with pytest.raises(MeasureError, match="the FFN activations of made/up are not finite on this text"):
        lensdoc.factors(fake_trace(np.array([[1.0, np.inf], [1, 2]])), 1)
    with pytest.raises(MeasureError, match="several texts are measured together, and none was given"):
        lensdoc.factors([], 1)


def test_independent_components_that_do_not_settle_say_so(count, monkeypatch):
    monkeypatch.setattr("lensdoc.measures.components._MOST_ITERATIONS", 1)
    with warnings.catch_warnings(), pytest.warns(UserWarning, match="did not settle in 1 iterations; ask for fewer"):
        lensdoc.factors(count, 4, method="ica")
