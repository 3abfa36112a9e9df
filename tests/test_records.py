from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import builders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lensdoc.core.errors import DataError
from lensdoc.core.files import write_atomic
from lensdoc.records.fields import four_digits
from lensdoc.records.kinds import KINDS, record_class
from lensdoc.records.reading import loads, read_record
from lensdoc.records.writing import dumps

GOLDEN = Path(__file__).parent / "golden" / "records"
reals = st.floats(min_value=0, max_value=1e30, allow_nan=False)
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6)


@given(texts, st.data())
def test_what_is_written_is_read_back(words, data):
    row = st.lists(reals, min_size=len(words), max_size=len(words))
    activations = data.draw(st.lists(row, max_size=4))
    record = builders.factors(activations, words)
    text = dumps(record)
    assert loads(text) == record
    assert dumps(loads(text)) == text


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_four_significant_digits_are_kept(number):
    assert four_digits(four_digits(number)) == four_digits(number)
    assert four_digits(number) == pytest.approx(number, rel=5.001e-4, abs=5e-324)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda p: p.stem)
def test_golden_records_stay_readable_and_those_of_today_keep_their_bytes(path):
    record, text = read_record(path), path.read_text()
    assert loads(dumps(record)) == record
    if path.stem.startswith("{}-{}.{}".format(record.KIND, *record.VERSION)):
        assert dumps(record) == text
    else:
        written = json.loads(dumps(record))
        assert {key: written[key] for key in json.loads(text)} == json.loads(text) | {"version": written["version"]}


def test_every_kind_has_a_golden_record_of_its_version():
    assert {"{}-{}.{}.json".format(kind, *record_class(kind).VERSION) for kind in KINDS} <= {p.name for p in GOLDEN.iterdir()}


def changed(**fields):
    data = json.loads(dumps(builders.factors([[1.5, 2]], ["a", "b"])))
    return json.dumps(data | fields)


TOKEN = {"id": 1, "kind": "input", "text": "a"}
NEURON = {"layer": 1, "neuron": 3, "loading": 0.5, "tokens": [1]}
REFUSED = {
    "not a number": ('{"format": NaN}', "NaN is not a finite number"),
    "infinity": ('{"threshold": -Infinity}', "-Infinity is not a finite number"),
    "overflow": (changed(threshold=1).replace('"threshold": 1', '"threshold": 1e400'), "1e400 is not a finite number"),
    "wrong type": (changed(threshold="1.5"), r"field 'threshold': Input should be a valid number; it is '1.5'"),
    "unknown field": (changed(colour="red"), r"field 'colour': Extra inputs are not permitted"),
    "missing field": (changed().replace('"rule"', '"ruler"'), "field 'rule': Field required"),
    "twice": ('{"format": "lensdoc/factors", "format": "lensdoc/factors"}', "field 'format' stands twice"),
    "shape": (changed(activations=[[1.0]]), r"activations\[0\] has 1 values, but there are 2 tokens"),
    "negative": (changed(activations=[[-1.0, 2.0]]), r"activations\[0\] must not be below 0 by nmf, the least is -1"),
    "starts": (changed(starts=[1]), "starts must begin with 0"),
    "stability": (changed(stability=[]), "stability has 0 values, but there are 1 factors"),
    "neuron": (
        changed(neurons=[[NEURON | {"neuron": 32}]]),
        r"neurons\[0\]\[0\] is neuron 32 of layer 1, which was not",
    ),
    "neuron token": (changed(neurons=[[NEURON | {"tokens": [2]}]]), r"neurons\[0\]\[0\].tokens must be positions below 2"),
    "layers": (changed(layers=[0, 7]), "layers must be ascending indices below 2"),
    "big integer": (changed(facts={"n": 2**53 + 1}), "integers beyond 2.53 are not exact in a browser"),
    "fact name": (changed(facts={"a b": 1}), "facts"),
    "kind": (changed(format="lensdoc/factor"), "unknown kind 'factor'; did you mean factors"),
    "format": (changed(format="other"), "must be 'lensdoc/<kind>'"),
    "version": (changed(version="1"), r"field 'version' must be \[major, minor\]"),
    "newer major": (changed(version=[2, 0]), "upgrade lensdoc"),
    "token kind": (changed(tokens=[TOKEN, TOKEN | {"kind": "both"}]), r"tokens\[1\].kind"),
    "token bytes": (changed(tokens=[TOKEN, TOKEN | {"bytes": "zz"}]), r"tokens\[1\].bytes"),
    "list": ("[]", "holds one JSON object"),
    "empty": ("", "not valid JSON"),
    "truncated": (changed()[:-9], "not valid JSON"),
    "deep": ("[" * 100_000, "not valid JSON"),
    "long integer": ('{"threshold": ' + "1" * 5000 + "}", "not valid JSON"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_breaks_the_format_is_refused_with_path_field_and_reason(name, tmp_path):
    text, message = REFUSED[name]
    path = tmp_path / "run" / "bad.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        read_record(path)
    assert str(caught.value).startswith(f"{path}:")


def test_missing_and_undecodable_files_are_refused(tmp_path):
    with pytest.raises(DataError, match="no such data file"):
        read_record(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(DataError, match="cannot be read as UTF-8"):
        read_record(tmp_path / "latin.json")
    os.mkfifo(tmp_path / "pipe.json")  # whoever opened it would wait for who writes to it
    with pytest.raises(DataError, match=r"pipe.json: must be a file, and is a pipe \(FIFO\)"):
        read_record(tmp_path / "pipe.json")


def test_a_newer_minor_is_read_with_a_warning():
    tokens = [TOKEN | {"id": 0}, {"id": 1, "kind": "output", "text": "b", "special": True}]
    with pytest.warns(UserWarning, match="written by a newer lensdoc; not read: colour, tokens.1..special"):
        record = loads(changed(version=[1, 9], colour="red", tokens=tokens))
    assert record == builders.factors([[1.5, 2]], ["a", "b"])


def test_records_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        builders.factors([[1.0]]).threshold = 2.0


def test_an_interrupted_write_leaves_the_former_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_atomic(path, b"old")

    def fail(*_):
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unchanged_file_is_not_written_again(tmp_path):
    path = tmp_path / "a.json"
    write_atomic(path, b"same")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    write_atomic(path, b"same")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
