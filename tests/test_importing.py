"""`lensdoc import`: both shapes of ecco's files, written here by hand."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from lensdoc.cli import lensdoc
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.records.reading import read_record


def token(text, kind, position=None, **more):
    found = {"token": text, "token_id": 5, "type": kind} | more
    return found if position is None else found | {"position": position}


TOKENS = [
    token(" a", "input", 0, value="0.1"),
    token(",", "input", 1, value="0"),
    token(" b", "output", 2, is_partial=False),
    token("\n", "output", 3),
]
ATTRIBUTIONS = {"tokens": TOKENS, "attributions": [[0.2, 0.6], ["0.5", 0.25, 0.25]]}
FACTORS = {"tokens": [token(t, "input") for t in ("x", "y", "z")], "factors": [[[0.0, 1.5, 2.0], [3, 0, 0.25]]]}


@pytest.fixture
def bring(tmp_path, monkeypatch):
    (tmp_path / "mkdocs.yml").write_text("site_name: An article\n")
    monkeypatch.chdir(tmp_path)

    def run(data, *options, name="old/record"):
        file = tmp_path / "ecco.json"
        file.write_text(data if isinstance(data, str) else json.dumps(data))
        return CliRunner().invoke(
            lensdoc, ["import", str(file), "--as", name, *options]
        ), tmp_path / "docs" / "data" / f"{name}.json"

    return run


def test_attributions_become_saliency(bring):
    done, path = bring(ATTRIBUTIONS, "--model", "distilgpt2")
    assert done.exit_code == 0, done.output
    assert "4 tokens, kind saliency, written to docs/data/old/record.json" in done.output
    record = read_record(path)
    assert record.scores == ((0.25, 0.75), (0.5, 0.25, 0.25))
    assert record.totals == (0.8, 1.0)
    assert record.targets == (2, 3)
    assert (record.method, record.target, record.model.id) == ("unknown", "unknown", "distilgpt2")
    assert [t.text for t in record.tokens] == [" a", ",", " b", "\n"]


def test_factors_without_positions_become_factors(bring):
    done, path = bring(FACTORS)
    assert done.exit_code == 0, done.output
    record = read_record(path)
    assert record.activations == ((0.0, 1.5, 2.0), (3.0, 0.0, 0.25))
    assert (record.explained, record.rule, record.layers) == (None, None, ())


@pytest.mark.parametrize("data", [ATTRIBUTIONS, FACTORS])
def test_what_was_imported_has_a_figure(bring, data):
    _, path = bring(data)
    record = read_record(path)
    drawing = explorable(record.KIND)
    assert "ld-token" in to_html(drawing.draw(record, read_options(drawing.options, {})))


def rows(*attributions):
    return ATTRIBUTIONS | {"attributions": list(attributions)}


RULE = "an ecco file holds `tokens` and either `attributions` or `factors`; this one holds"
MISTAKES = {
    "not json": ("{", "not valid JSON"),
    "no tokens": ({"attributions": []}, f"{RULE} 'attributions'"),
    "both": (ATTRIBUTIONS | FACTORS, f"{RULE} 'tokens', 'attributions', 'factors'"),
    "too few rows": (rows([0.2, 0.6]), "scores has 1 values, but there are 2 targets"),
    "a row too long": (rows([0.2, 0.6, 1], [1, 2, 3]), "scores[0] has 3 values, but there are 2 positions before"),
    "a word for a number": (rows(["x", 1], [1, 1, 1]), "could not convert string to float: 'x'"),
    "not finite": ('{"tokens": [], "factors": [[[NaN]]]}', "NaN is not a finite number"),
    "infinite in words": (rows(["inf", 1], [1, 1, 1]), "field 'scores.0.0'"),
    "two texts": (FACTORS | {"factors": [[[1, 2, 3]], [[1, 2, 3]]]}, "too many values to unpack"),
    "a negative factor": (FACTORS | {"factors": [[[-1, 2, 3]]]}, "must not be below 0"),
    "a list": ("[]", "a data file holds one JSON object, this one holds a list"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_file_that_is_none_is_explained_and_nothing_is_written(bring, name):
    data, message = MISTAKES[name]
    done, path = bring(data)
    assert done.exit_code == 1
    assert message in str(done.exception)
    assert "ecco.json" in str(done.exception)
    assert not path.exists()


def test_a_mistake_costs_no_former_record(bring):
    _, path = bring(FACTORS)
    before = path.read_bytes()
    bring(ATTRIBUTIONS | {"attributions": []})
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["record", "../up/record", "/abs/record", "a/b.c", "a b/c"])
def test_a_name_that_is_none_is_refused(bring, name):
    done, _ = bring(FACTORS, name=name)
    assert done.exit_code == 2
    assert "--as takes RUN/NAME" in done.output


def test_the_records_of_a_run_are_its_own(bring, tmp_path):
    (tmp_path / "analyses").mkdir()
    (tmp_path / "analyses" / "a.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    (tmp_path / "analyses" / "runs.yml").write_text("runs:\n  old: {notebook: a.ipynb, records: [record]}\n")
    done, path = bring(FACTORS)
    assert done.exit_code == 2
    assert "'old' is a run of analyses/runs.yml" in done.output
    assert not path.exists()
