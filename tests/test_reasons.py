"""What changed, in words; and what belongs to no run."""

from __future__ import annotations

import json

import pytest
from recorded import notebook, record

from lensdoc.cli import lensdoc
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.reasons import differences
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.scratch import scratch
from lensdoc.pipeline.status import leftovers, status


@pytest.mark.parametrize(
    ("component", "before", "after", "said"),
    [
        ("parameters", {"n": 1}, {"n": 2}, "parameter n: 1 -> 2"),
        ("parameters", {"n": 1}, {"n": 1.0}, "parameter n: 1 -> 1.0"),
        ("parameters", {"n": 1}, {"n": True}, "parameter n: 1 -> true"),
        ("parameters", {"s": "x" * 60}, {}, f'parameter s: "{"x" * 39}... -> none'),
        ("parameters", {"s": "x" * 60 + "a"}, {"s": "x" * 60 + "b"}, f'parameter s: ...{"x" * 10}a" -> ...{"x" * 10}b"'),
        ("cells", {"0": "a", "1": "b"}, {"0": "a", "1": "c"}, "cell 4 changed"),
        ("cells", {"0": "a"}, {"0": "a", "1": "c"}, "cell 4 is new"),
        ("cells", {"2": "a"}, {}, "code cell 3 is gone"),
        ("cells", {"parameters": None}, {"parameters": 0}, "the tag `parameters`: none -> cell 2"),
        ("code", {"lensdoc.models.x": "a"}, {"lensdoc.models.x": "b"}, "lensdoc.models.x changed"),
        ("code", {"lensdoc.models.x": "a"}, {"lensdoc.models.x": ""}, "lensdoc.models.x is gone"),
        ("inputs", {"a.txt": "0"}, {"a.txt": "1"}, "input a.txt changed"),
        ("versions", {"torch": "2.12"}, {"torch": "2.13"}, "torch 2.12 -> 2.13"),
        ("python", {"minor": "3.11"}, {"minor": "3.12"}, "Python 3.11 -> 3.12"),
        ("model", {"revision": "a"}, {"revision": "b"}, 'model revision: "a" -> "b"'),
        ("settings", {"threads": 1}, {"threads": 2}, "setting threads: 1 -> 2"),
    ],
)
def test_each_change_is_told_from_what_to_what(component, before, after, said):
    assert differences({component: before}, {component: after}, [2, 4]) == [said]


def test_cells_are_told_in_their_order():
    before, after = ({"cells": {str(i): f"{i}{text}" for i in range(12)}} for text in "ab")
    assert differences(before, after, range(1, 13)) == [f"cell {i} changed" for i in range(1, 13)]


def test_another_precision_of_versions_is_one_reason():
    before = {"settings": {"versions": "minor"}, "versions": {"numpy": "2.3", "torch": "2.1"}}
    after = {"settings": {"versions": "exact"}, "versions": {"numpy": "2.3.4", "torch": "2.13.0"}}
    assert differences(before, after) == ['setting versions: "minor" -> "exact"', "torch 2.1 -> 2.13.0"]
    assert differences(after, before) == ['setting versions: "exact" -> "minor"', "torch 2.13.0 -> 2.1"]


@pytest.fixture
def two(tmp_path):
    project = Project(tmp_path)
    (tmp_path / "mkdocs.yml").write_text("site_name: two\n")
    project.analyses.mkdir()
    (project.analyses / "a.ipynb").write_text(json.dumps(notebook("model = 'm'")))
    entry = {"notebook": "a.ipynb", "records": ["x"]}
    project.runs_file.write_text(json.dumps({"runs": {"eu": entry, "old": entry, "new/a": entry}}))
    record(project, {"a.ipynb": []})
    return project


def test_what_belongs_to_no_run_is_told_and_is_no_fault(two, monkeypatch):
    from click.testing import CliRunner

    assert leftovers(two) == []
    (two.data / "imported").mkdir()
    (two.data / "imported" / "x.json").write_text("{}")
    (two.analyses / "executed").mkdir()
    (two.analyses / "executed" / "old.ipynb").write_text("{}")
    entry = {"notebook": "a.ipynb", "records": ["x"]}
    two.runs_file.write_text(json.dumps({"runs": {"new/a": entry}}))
    old = "not in runs.yml: old (docs/data/old, analyses/executed/old.ipynb, its entry in analyses/runs.lock); delete them"
    assert leftovers(two) == ["not in runs.yml: eu (docs/data/eu, its entry in analyses/runs.lock); delete them", old]
    monkeypatch.chdir(two.root)
    done = CliRunner().invoke(lensdoc, ["status", "--why"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, old)
    assert "old" not in CliRunner().invoke(lensdoc, ["status"]).output
    assert "old" not in CliRunner().invoke(lensdoc, ["status", "--why", "new"]).output


def test_the_folder_of_a_run_that_became_a_matrix_is_not_to_be_deleted(two):
    two.runs_file.write_text(two.runs_file.read_text().replace('"eu"', '"eu/a"'))
    assert leftovers(two) == ["not in runs.yml: eu (docs/data/eu/x.json, its entry in analyses/runs.lock); delete them"]


def test_a_model_beside_the_notebooks_has_a_path_that_begins_there(two, monkeypatch, tmp_path_factory):
    weights = two.analyses / "models" / "m" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_text("weights")
    two.runs_file.write_text(
        json.dumps({"defaults": {"parameters": {"model": "models/m"}}, "runs": {"eu": {"notebook": "a.ipynb", "records": ["x"]}}})
    )
    record(two, {"a.ipynb": []})
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    (run,) = read_runs(two)
    with scratch(run, two) as place:
        assert (place.analyses / "models" / "m" / "model.safetensors").read_text() == "weights"
    assert weights.read_text() == "weights"
    assert str(two.root) not in two.lock_file.read_text()
    (found,) = status(two)
    assert (found.word, found.unchecked) == ("fresh", ())
    weights.write_text("other")
    assert status(two)[0].why.startswith('model models/m: "sha256:')
