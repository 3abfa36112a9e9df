"""Activations and their clusters: the record, the measure, and data whose clusters are known."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import builders
import numpy as np
import pytest
import torch
from fakes import fake_trace
from hypothesis import given
from hypothesis import strategies as st

import lensdoc
from lensdoc.core.errors import DataError, MeasureError, ModelError
from lensdoc.models.down_projection import Found
from lensdoc.records.reading import loads, read_record
from lensdoc.records.writing import dumps

GOLDEN = Path(__file__).parent / "golden" / "records"


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=5),
    st.sampled_from([None, "int8", "float16"]),
)
def test_what_is_written_is_read_back_in_either_way(rows, encoded):
    record = builders.activations(rows, encoded=encoded)
    assert loads(dumps(record)) == record
    largest = max(abs(value) for row in rows for value in row)
    for row, decoded in zip(rows, record.rows[0], strict=True):
        size = {None: 0, "int8": largest * (0.5 / 127 + 1e-3), "float16": largest * 1e-10}[encoded]
        assert decoded == pytest.approx(row, abs=size, rel=1.2e-3)


def changed(*, encoded=None, **fields):
    data = json.loads(dumps(builders.activations([[1, 2], [-3, 4], [0, 5]], clusters=[1, 1, 2], encoded=encoded)))
    return json.dumps(data | fields)


CODES = {"dtype": "int8", "scale": [1.0], "data": ["AAAAAAAA"]}
HALVES = {"dtype": "float16", "scale": [1.0], "data": ["AAAAAAAAAAAAAAAA"]}
REFUSED = {
    "neither": (changed(values=None), "either values or encoding must be there, and not both"),
    "both": (changed(encoding=CODES), "either values or encoding must be there, and not both"),
    "neurons": (changed(neurons=[0, 2, 1]), "neurons must be ascending indices below 32"),
    "positions": (changed(positions=[0, 2]), "positions must be ascending positions below 2, the number of tokens"),
    "rows": (changed(values=[[[1.0, 2.0]]]), r"values\[0\] has 1 values, but there are 3 neurons"),
    "row": (changed(values=[[[1.0], [1.0, 2.0], [3.0]]]), r"values\[0\]\[0\] has 1 values, but there are 2 positions"),
    "clusters": (changed(clusters=[[1, 2]]), r"clusters\[0\] has 2 values, but there are 3 neurons"),
    "cluster 0": (changed(clusters=[[0, 1, 2]]), r"clusters\[0\]\[0\]': Input should be greater than or equal to 1"),
    "codes": (changed(encoded="int8", encoding=CODES | {"data": ["AAAA"]}), r"encoding.data\[0\] has 3 values, but there are 6"),
    "no base64": (changed(encoded="int8", encoding=CODES | {"data": ["AAAAAAA"]}), r"encoding.data\[0\] must be base64"),
    "not ASCII": (changed(encoded="int8", encoding=CODES | {"data": ["AAAAAAAé"]}), r"encoding.data\[0\] must be base64"),
    "-128": (changed(encoded="int8", encoding=CODES | {"data": ["AACAAAAA"]}), "codes are from -127 to 127"),
    "an odd byte": (changed(encoded="float16", encoding=HALVES | {"data": ["AAAAAAAAAAAAAAA="]}), "two bytes for each value"),
    "too few halves": (changed(encoded="float16", encoding=HALVES | {"data": ["AAAA"]}), "has 2 values, but there are 6"),
    "infinite": (changed(encoded="float16", encoding=HALVES | {"data": ["AAAAAAAAAAAAAAB8"]}), "a half that is not finite"),
    "no number": (changed(encoded="float16", encoding=HALVES | {"data": ["Af4AAAAAAAAAAAAA"]}), "a half that is not finite"),
    "another way": (changed(encoded="int8", encoding=CODES | {"dtype": "int4"}), "Input should be 'float16' or 'int8'"),
    "scale": (changed(encoded="int8", encoding=CODES | {"scale": []}), "encoding.scale has 0 values, but there are 1 layers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name):
    text, message = REFUSED[name]
    with pytest.raises(DataError, match=message):
        loads(text)


VALUES = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -4.0], [1.0, 0.0, 0.25]])
"""Three states of three neurons."""


def test_input_tokens_show_the_response_and_produced_ones_what_produced_them():
    record = lensdoc.activations(fake_trace(VALUES), layers=0)
    assert record.positions == (0, 1, 2, 3)
    assert record.rows == (((0.5, 0, 0, 1), (-1, 3, 3, 0), (2, -4, -4, 0.25)),)
    assert record.facts == {"layers": 1, "neurons": 3, "positions": 4, "largest": 4, "active": pytest.approx(6 / 12)}
    given = lensdoc.activations(fake_trace(VALUES, produced=False), layers=0)
    assert given.rows == (((0.5, 0, 1), (-1, 3, 0), (2, -4, 0.25)),)


def test_neurons_and_positions_are_chosen_and_kept_in_order():
    record = lensdoc.activations(fake_trace(VALUES), layers=[0], neurons=[2, 0], positions=[3, 1])
    assert (record.neurons, record.positions) == ((0, 2), (1, 3))
    assert record.rows == (((0, 1), (-4, 0.25)),)
    one = lensdoc.activations(fake_trace(VALUES), layers=0, neurons=slice(1, 3), positions=2)
    assert (one.neurons, one.rows) == ((1, 2), (((3,), (-4,)),))


def test_a_trace_gives_what_its_model_computes(count):
    record = lensdoc.activations(count, layers=[4, 1], neurons=slice(0, 8))
    values = count.ffn_activations([1, 4])[:, [p - (p >= 5) for p in range(35)], :8].transpose(1, 2)
    assert record.values is not None
    for rows, layer in zip(record.rows, values.tolist(), strict=True):
        for row, exact in zip(rows, layer, strict=True):
            assert row == pytest.approx(exact, rel=6e-4, abs=1e-12)


def test_many_values_are_kept_as_halves(count):
    record = lensdoc.activations(count, layers=[1, 4])
    assert record.values is None
    assert record.encoding.dtype == "float16"
    assert loads(dumps(record)) == record
    exact = count.ffn_activations([1, 4])[:, [p - (p >= 5) for p in range(35)]].transpose(1, 2).double().numpy()
    kept = np.array(record.rows)
    assert (np.abs(kept - exact) <= np.abs(exact) * (2.0**-11 + 1e-4)).all()
    assert ((kept != 0) == (exact != 0)).all()
    few = lensdoc.activations(count, layers=1, neurons=slice(0, 117))  # 117 x 35 = 4,095
    assert few.encoding is None


SIZES = [1e-30, 3e-8, 0.7, 1.0, 470.0, 65_519.0, 65_520.0, 3e12, 1e300]


@pytest.mark.parametrize("largest", SIZES)
def test_beside_one_large_value_small_ones_of_every_neuron_are_kept(largest, monkeypatch):
    monkeypatch.setattr("lensdoc.measures.neurons.MOST_DIGITS", 0)
    random = np.random.default_rng(0)
    values = largest * 10.0 ** random.uniform(-7, -3, (5, 40)) * random.choice([-1, 1], (5, 40))
    values[0, 3] = largest  # the first token's, in one neuron
    record = lensdoc.activations(fake_trace(values, produced=False), layers=0)
    errors = np.abs(np.array(record.rows[0]).T - values) / np.abs(values)
    assert errors.max(0) == pytest.approx(np.zeros(40), abs=2.0**-11 + 1e-4)  # of each neuron
    assert loads(dumps(record)).rows == record.rows


def test_values_of_old_records_are_those_of_their_codes():
    old = read_record(GOLDEN / "activations-1.0-int8.json")
    assert old.encoding.dtype == "int8"
    assert [list(map(int, np.rint(np.array(row) / 3 * 127))) for row in old.rows[0]] == codes_of("AED1fwAA")


def codes_of(data):
    codes = np.frombuffer(base64.b64decode(data), np.int8)
    return codes.reshape(2, 3).tolist()


def clustered(sizes, states=6):
    """Neurons in groups that fire alike, one after the other in turn."""
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    random.shuffle(labels)
    patterns = 10 * np.eye(len(sizes), states)
    return labels, (patterns[labels] + 0.1 * random.random((len(labels), states))).T


def test_known_clusters_are_found_and_numbered_by_size():
    labels, values = clustered([4, 9, 6])
    record = lensdoc.activations(fake_trace(values), layers=0, clusters=3)
    number = {1: 1, 2: 2, 0: 3}  # groups of 9, 6 and 4
    assert record.clusters == (tuple(number[label] for label in labels),)
    assert [record.facts[f"cluster_{i}_neurons"] for i in (1, 2, 3)] == [9, 6, 4]
    assert record.facts["clusters"] == 3


def test_of_clusters_of_one_size_that_of_the_lowest_neuron_comes_first():
    labels, values = clustered([5, 5, 5])
    found = lensdoc.activations(fake_trace(values), layers=0, clusters=3).clusters[0]
    order = list(dict.fromkeys(labels.tolist()))
    assert found == tuple(order.index(label) + 1 for label in labels)


def test_sparsity_is_told_of_each_cluster():
    values = np.array([[5, 5, 0, -1.0], [5, 5, 0, -1], [0, 0, 7, 0]])
    facts = lensdoc.activations(fake_trace(values, 3), layers=0, clusters=2).facts
    assert facts["cluster_1_neurons"] == facts["cluster_2_neurons"] == 2
    assert facts["cluster_1_active"] == 0.5  # tokens 0 and 1 of four
    assert facts["cluster_2_active"] == 0.25  # one of two neurons, at the last input and the first produced token


def test_a_state_that_two_tokens_show_counts_once_in_clusters():
    # Seen once, the last state parts the neurons less than the first does; seen twice it would part them more.
    values = np.array([[0, 0, 6.0, 6.0], [0, 5.0, 0, 5.0]])
    assert lensdoc.activations(fake_trace(values, 2), layers=0, clusters=2).clusters == ((1, 1, 2, 2),)


def test_layers_are_clustered_apart(count):
    record = lensdoc.activations(count, layers=[1, 4], clusters=3)
    alone = lensdoc.activations(count, layers=4, clusters=3)
    assert record.clusters[1] == alone.clusters[0]
    assert record.facts["layer_4_cluster_1_neurons"] == alone.facts["cluster_1_neurons"]
    assert record.facts["layer_1_cluster_1_neurons"] == record.clusters[0].count(1)
    assert dumps(lensdoc.activations(count, layers=[1, 4], clusters=3)) == dumps(record)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": "4"}, "layers must be indices from 0 to 0, the model's last; they are '4'"),
        ({"layers": [1]}, r"layers must be indices from 0 to 0, the model's last; they are \[1\]"),
        ({"layers": []}, "layers must be indices from 0 to 0"),
        ({"neurons": [3]}, r"neurons must be indices from 0 to 2, the last of a layer; they are \[3\]"),
        ({"neurons": slice(5, 9)}, "neurons must be indices from 0 to 2"),
        ({"neurons": [0.5]}, "neurons must be indices from 0 to 2"),
        ({"positions": [-1]}, r"positions must be indices from 0 to 3, the last token; they are \[-1\]"),
        ({"positions": [4]}, "positions must be indices from 0 to 3"),
        ({"clusters": 4}, "clusters must be from 1 to 3, the number of neurons; it is 4"),
        ({"clusters": 0}, "clusters must be from 1 to 3"),
        ({"clusters": "2"}, "clusters must be from 1 to 3, .* it is '2'"),
    ],
)
def test_what_is_out_of_range_names_the_limit(options, message):
    with pytest.raises(MeasureError, match=message):
        lensdoc.activations(fake_trace(VALUES), **{"layers": 0} | options)


def test_what_has_no_clusters_or_is_not_finite_is_refused():
    with pytest.raises(MeasureError, match="all activations of layer 0 are 0, so its neurons have no clusters; choose other"):
        lensdoc.activations(fake_trace(np.zeros((3, 4))), layers=0, clusters=2)
    assert lensdoc.activations(fake_trace(np.zeros((3, 4))), layers=0).facts["largest"] == 0
    with pytest.raises(MeasureError, match="clusters must be at most 2, the number of different neurons in layer 0, it is 3"):
        lensdoc.activations(fake_trace(np.array([[1.0, 1, 2], [0, 0, 1]])), layers=0, clusters=3)
    with pytest.raises(MeasureError, match="the FFN activations of made/up are not finite"):
        lensdoc.activations(fake_trace(np.array([[1.0, np.nan]])), layers=0)


def test_activations_that_a_forward_pass_does_not_reach_are_missed(count, monkeypatch):
    unused = torch.nn.Linear(512, 128)
    monkeypatch.setattr("lensdoc.models.ffn.ffn", lambda *_: [Found(unused, "mlp.unused", None)] * 6)
    with pytest.raises(
        ModelError, match=r"FFN activations of layers \[4\] were not captured: GPTNeoXForCausalLM computes them other"
    ):
        lensdoc.activations(count, layers=4)


def test_more_values_than_a_file_holds_are_refused(monkeypatch):
    monkeypatch.setattr("lensdoc.measures.neurons.MOST_VALUES", 11)
    with pytest.raises(MeasureError, match="12 values are more than 11; choose fewer layers, neurons or positions"):
        lensdoc.activations(fake_trace(VALUES), layers=0)
