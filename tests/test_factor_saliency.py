"""Saliency of factors: the record, and the measure against Captum, finite differences and what the record draws."""

from __future__ import annotations

import json

import builders
import pytest

from lensdoc.records.errors import DataError
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
