"""One entry of runs.yml, many runs."""

from __future__ import annotations

import json

import pytest
from recorded import notebook

from lensdoc.core.errors import RunError
from lensdoc.pipeline.matrix import expand
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import choose, read_runs


def names(matrix, template=None):
    return list(expand("sweep", matrix, template, lambda *field: ":".join(map(str, field))))


@pytest.mark.parametrize(
    ("matrix", "template", "expected"),
    [
        ({"seed": [1, 2]}, None, ["sweep/seed-1", "sweep/seed-2"]),
        ({"model": ["b", "a"], "seed": [2]}, None, ["sweep/model-b/seed-2", "sweep/model-a/seed-2"]),
        ({"seed": [2], "model": ["a"]}, None, ["sweep/seed-2/model-a"]),
        ({"model": ["org/name"]}, None, ["sweep/model-org--name"]),
        ({"x": [True, -1, 0.5, "é".encode().hex()]}, None, ["sweep/x-true", "sweep/x--1", "sweep/x-0.5", "sweep/x-c3a9"]),
        ({"model": ["a", "b"], "seed": [1]}, "{model}", ["sweep/a", "sweep/b"]),
        ({"model": ["a"], "seed": [1, 2]}, "{seed}/of-{model}", ["sweep/1/of-a", "sweep/2/of-a"]),
        ({"prompt": {"one": " 1,", "eu": [" two", 3]}}, None, ["sweep/prompt-one", "sweep/prompt-eu"]),
        ({"prompt": [{"any": "thing"}], "seed": [1, 2]}, "{seed}", ["sweep/1", "sweep/2"]),
    ],
)
def test_names_follow_the_axes_in_the_order_written(matrix, template, expected):
    assert names(matrix, template) == expected


def test_each_run_has_the_values_of_its_place():
    runs = expand("sweep", {"prompt": {"a": " 1", "b": [2]}, "seed": [0, 1]}, None, lambda *_: "")
    assert runs["sweep/prompt-a/seed-1"] == {"prompt": " 1", "seed": 1}
    assert runs["sweep/prompt-b/seed-0"] == {"prompt": [2], "seed": 0}
    assert len(runs) == 4


@pytest.mark.parametrize(
    ("matrix", "template", "message"),
    [
        ({}, None, "^matrix: the matrix has no axis"),
        ({"seed": []}, None, "^matrix:seed: the axis 'seed' takes a list of at least one value.*it is \\[\\]"),
        ({"seed": {}}, None, "takes a list of at least one value"),
        ({"seed": 1}, None, "takes a list of at least one value, or labels with values; it is 1"),
        ({"p": ["a b"]}, None, "'a b' cannot stand in the name of a run.*`p: {label: value}`"),
        ({"p": [None]}, None, "None cannot stand in the name"),
        ({"p": [[1]]}, None, "\\[1\\] cannot stand in the name"),
        ({"p": {"a b": 1}}, None, "'a b' cannot stand"),
        ({"p": {"a/b": 1}}, None, "'a/b' cannot stand"),
        ({"p": [1, "1"]}, None, "two combinations are called 'sweep/p-1'"),
        ({"p": ["a", "b"]}, "x", "two combinations are called 'sweep/x'; `name` must hold each axis .*\\({p}\\)"),
        ({"model": ["a"]}, "{modle}", "^name: name: '{modle}' names no axis 'modle'; did you mean model"),
        ({"p": ["a"]}, "{}", "names no axis ''"),
        ({"p": ["a"]}, "{p.x}", "names no axis 'p.x'"),
        ({"p": ["a"]}, "{p!r}", "without ':' or '!'"),
        ({"p": ["a"]}, "{p:>9}", "without ':' or '!'"),
        ({"p": ["a"]}, "{p", "'{p' is no template"),
    ],
)
def test_mistakes_are_named_with_their_cure(matrix, template, message):
    with pytest.raises(RunError, match=message):
        names(matrix, template)


@pytest.fixture
def sweep(tmp_path):
    project = Project(tmp_path)
    project.analyses.mkdir()
    (project.analyses / "a.ipynb").write_text(json.dumps(notebook("model = 'm'\nseed = 0")))

    def write(entry, more=""):
        project.runs_file.write_text(f"runs:\n  eu: {{notebook: a.ipynb, records: [x], {entry}}}\n{more}")
        return read_runs(project)

    return write


def test_the_runs_of_a_matrix_are_runs(sweep):
    runs = sweep("matrix: {seed: [1, 2]}, parameters: {model: n}, threads: 2")
    assert [(run.name, run.parameters) for run in runs] == [
        ("eu/seed-1", {"model": "n", "seed": 1}),
        ("eu/seed-2", {"model": "n", "seed": 2}),
    ]
    assert {run.threads for run in runs} == {2}
    assert choose(runs, ["eu"]) == runs


@pytest.mark.parametrize(
    ("entry", "more", "message"),
    [
        ("matrix: {sede: [1]}", "", "runs.yml:2: run 'eu': a.ipynb declares no parameter 'sede'; did you mean seed"),
        (
            "matrix: {seed: [1]}, parameters: {seed: 1}",
            "",
            "runs.yml:2: .*'seed' stands under `parameters` and in the matrix",
        ),
        ("matrix: {seed: [.nan]}", "", "runs.yml:2: .nan is not a finite number"),
        ("name: '{seed}'", "", "`name` names the runs of a matrix, and there is none"),
        ("matrix: {seed: [1]}, name: '{seed} x'", "", "a name has letters.*; it is 'eu/1 x'"),
        ("matrix: {seed: ['..']}, name: '{seed}'", "", "a name has letters.*; it is 'eu/..'"),
        ("matrix: {seed: [a, A]}", "", "runs.yml:2: runs 'eu/seed-a' and 'eu/seed-A' are one"),
        (
            "matrix: {seed: [1]}",
            "  eu/seed-1: {notebook: a.ipynb, records: [y]}\n",
            "runs.yml:3: two runs are called 'eu/seed-1': a matrix names one of them; rename an entry",
        ),
    ],
)
def test_mistakes_in_the_file_are_named_with_their_line(sweep, entry, more, message):
    with pytest.raises(RunError, match=message):
        sweep(entry, more)
