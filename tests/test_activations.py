"""Activations and their clusters: the record, the measure, and data whose clusters are known."""

from __future__ import annotations

import json

import builders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lensdoc.records.errors import DataError
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=5), st.booleans())
def test_what_is_written_is_read_back_in_either_way(rows, encoded):
    record = builders.activations(rows, encoded=encoded)
    assert loads(dumps(record)) == record
    largest = max(abs(value) for row in rows for value in row)
    for row, decoded in zip(rows, record.rows[0], strict=True):
        assert decoded == pytest.approx(row, abs=largest * (0.5 / 127 + 1e-3) if encoded else 0, rel=6e-4)


def changed(*, encoded=False, **fields):
    data = json.loads(dumps(builders.activations([[1, 2], [-3, 4], [0, 5]], clusters=[1, 1, 2], encoded=encoded)))
    return json.dumps(data | fields)


CODES = {"dtype": "int8", "scale": [1.0], "data": ["AAAAAAAA"]}
REFUSED = {
    "neither": (changed(values=None), "either values or encoding must be there, and not both"),
    "both": (changed(encoding=CODES), "either values or encoding must be there, and not both"),
    "neurons": (changed(neurons=[0, 2, 1]), "neurons must be ascending indices below 32"),
    "positions": (changed(positions=[0, 2]), "positions must be ascending positions below 2, the number of tokens"),
    "rows": (changed(values=[[[1.0, 2.0]]]), r"values\[0\] has 1 values, but there are 3 neurons"),
    "row": (changed(values=[[[1.0], [1.0, 2.0], [3.0]]]), r"values\[0\]\[0\] has 1 values, but there are 2 positions"),
    "clusters": (changed(clusters=[[1, 2]]), r"clusters\[0\] has 2 values, but there are 3 neurons"),
    "cluster 0": (changed(clusters=[[0, 1, 2]]), r"clusters\[0\]\[0\]': Input should be greater than or equal to 1"),
    "codes": (changed(encoded=True, encoding=CODES | {"data": ["AAAA"]}), r"encoding.data\[0\] has 3 values, but there are 6"),
    "no base64": (changed(encoded=True, encoding=CODES | {"data": ["AAAAAAA"]}), r"encoding.data\[0\] must be base64"),
    "not ASCII": (changed(encoded=True, encoding=CODES | {"data": ["AAAAAAAé"]}), r"encoding.data\[0\] must be base64"),
    "-128": (changed(encoded=True, encoding=CODES | {"data": ["AACAAAAA"]}), "codes are from -127 to 127"),
    "scale": (changed(encoded=True, encoding=CODES | {"scale": []}), "encoding.scale has 0 values, but there are 1 layers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name):
    text, message = REFUSED[name]
    with pytest.raises(DataError, match=message):
        loads(text)
