from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from fakes import RAW, fake_trace

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.measures.nmf import nmf
from lensdoc.records.writing import dumps

BLOCKS = np.array([[3.0, 4.0, 0, 0], [0, 0, 1.0, 0], [6.0, 8.0, 0, 0], [0, 0, 2.0, 0]])
"""Two groups of neurons that never fire together: their factors are known in closed form."""


def test_factors_of_separate_groups_are_those_groups():
    record = lensdoc.factors(fake_trace(BLOCKS), 2, **RAW)
    # Group one has norm 5 and 10 at the positions 0 and 2; group two 1 and 2 at 1 and 3. Last input and first output share one.
    assert record.activations[0] == pytest.approx([5, 0, 0, 10, 0], abs=1e-3)
    assert record.activations[1] == pytest.approx([0, 1, 1, 0, 2], abs=1e-3)
    assert record.explained == pytest.approx([125 / 130, 5 / 130], abs=1e-3)
    assert record.facts["explained"] == pytest.approx(1, abs=1e-3)


def test_membership_follows_the_stated_rule():
    record = lensdoc.factors(fake_trace(BLOCKS), 2, **RAW)
    # Loadings (0.6, 0.8, 0, 0) and (0, 0, 1, 0) against 1 / sqrt(4).
    assert record.threshold == 0.5
    assert record.facts["factor_1_neurons"] == 2
    assert record.facts["factor_2_neurons"] == 1
    assert record.facts["factor_1_share"] == 0.5
    assert record.facts["overlap_1_2"] == 0


def test_a_small_loading_makes_no_member():
    # Loadings (3, 4, 0.5) / 5.025 against 1 / sqrt(3): the third neuron takes part a little and does not belong.
    record = lensdoc.factors(fake_trace(np.array([[3, 4, 0.5], [6, 8, 1.0]])), 1, **RAW)
    assert record.facts["factor_1_neurons"] == 2


def test_a_given_text_has_one_activation_for_each_token():
    record = lensdoc.factors(fake_trace(BLOCKS, produced=False), 2, **RAW)
    assert record.activations[0] == pytest.approx([5, 0, 10, 0], abs=1e-3)


def test_negative_activations_count_as_zero():
    one = lensdoc.factors(fake_trace(BLOCKS), 2, **RAW)
    two = lensdoc.factors(fake_trace(np.where(BLOCKS == 0, -7.0, BLOCKS)), 2, **RAW)
    assert two.activations == one.activations


def test_factors_are_numbered_by_what_they_explain(count):
    record = lensdoc.factors(count, 5)
    assert list(record.explained) == sorted(record.explained, reverse=True)
    assert record.facts["explained"] == pytest.approx(sum(record.explained), abs=1e-3)


def test_explained_is_one_minus_the_residual(count):
    read = len(count.tokens) - 1
    values = count.ffn_activations(range(6))[:, :read].clamp(min=0).transpose(0, 1).flatten(1).double().numpy()
    fit = nmf(values, 5)
    residual = ((values - fit.weights @ fit.loadings) ** 2).sum() / (values**2).sum()
    assert lensdoc.factors(count, 5, **RAW).facts["explained"] == pytest.approx(1 - residual, abs=2e-3)
    assert np.linalg.norm(fit.loadings, axis=1) == pytest.approx(np.ones(5))


def test_last_input_and_first_output_share_a_value(count):
    for row in lensdoc.factors(count, 3).activations:
        assert row[count.n_input - 1] == row[count.n_input]


def test_layers_are_chosen_by_index_or_list(count):
    one = lensdoc.factors(count, 2, layers=4)
    assert one.layers == (4,)
    assert one.facts["neurons"] == 512
    assert lensdoc.factors(count, 2, layers=[4]) == one
    assert lensdoc.factors(count, 2, layers=range(2, 4)).facts["neurons"] == 1024


@pytest.mark.parametrize("n_factors", [0, 34, -1, [2, 5], "2"])
def test_a_number_of_factors_out_of_range_names_the_limit(count, n_factors):
    with pytest.raises(
        MeasureError, match=f"n_factors must be from 1 to 33, .* without the first 1 .*; it is {re.escape(str(n_factors))}"
    ):
        lensdoc.factors(count, n_factors)


@pytest.mark.parametrize("layers", [6, -1, [0, 9], []])
def test_layers_out_of_range_name_the_last(count, layers):
    with pytest.raises(MeasureError, match="layers must be indices from 0 to 5"):
        lensdoc.factors(count, 2, layers=layers)


def test_as_many_factors_as_positions_still_work(count):
    short = count.lm.generate(" 1, 2", max_new_tokens=3)
    record = lensdoc.factors(short, 4)
    assert len(record.activations) == 4
    assert record.facts["explained"] == pytest.approx(1, abs=0.02)


def test_a_factorization_that_does_not_settle_says_so(count, monkeypatch):
    monkeypatch.setattr("lensdoc.measures.nmf.MOST_ITERATIONS", 1)
    with pytest.warns(UserWarning, match="did not settle in 1 iterations"):
        lensdoc.factors(count, 5)


def test_the_same_trace_gives_the_same_bytes(count):
    again = count.lm.generate(" 1, 2, 3", max_new_tokens=30)
    for measure in (lensdoc.sequence, lambda t: lensdoc.factors(t, 2), lambda t: lensdoc.factors(t, 5)):
        assert dumps(measure(count)) == dumps(measure(again))


def test_probabilities_and_ranks_of_produced_tokens(tiny, count):
    record = lensdoc.sequence(count)
    with torch.no_grad():
        logits = tiny.model(count.ids[None]).logits[0]
    for index, position in enumerate(record.targets):
        z = logits[position - 1].tolist()
        chosen = z[count.ids[position]]
        assert record.ranks[index] == 1 + sum(other > chosen for other in z)
        assert record.probs[index] == pytest.approx(math.exp(chosen) / sum(map(math.exp, z)), rel=1e-3)
    assert record.targets == tuple(range(5, 35))
    assert set(record.ranks) == {1}
    assert record.facts["lowest_prob"] == min(record.probs)
