"""What the pipeline says of the models that a run used: their names in the lock, and notes that are broken."""

from __future__ import annotations

import json
import shutil

import pytest
from recorded import lock, notebook, record

import lensdoc
from lensdoc.core.errors import RunError
from lensdoc.core.model_files import BUNDLED
from lensdoc.pipeline import key
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.status import FRESH, STALE, status
from lensdoc.pipeline.used_models import loaded_models
from lensdoc.records.record import ModelInfo
from lensdoc.records.saving import LOADED

ID = ModelInfo(id="m", revision="sha256:0", layers=1, width=1, neurons=1, vocabulary=1, parameters=1)


@pytest.fixture
def one(tmp_path):
    """A project with one run that names no model."""
    project = Project(tmp_path / "project")
    project.analyses.mkdir(parents=True)
    (project.root / "mkdocs.yml").write_text("site_name: one\n")
    (project.analyses / "a.ipynb").write_text(json.dumps(notebook("n = 1", "load(''.join(names))")))
    write_runs(project)
    return project


def write_runs(project, models=None):
    runs = {"a": {"notebook": "a.ipynb", "records": ["x"]}}
    project.runs_file.write_text(json.dumps({"models": models or {}, "runs": runs}))


def noted(project, tmp_path, *asked, measured=()):
    """Revisions by name after an execution in which these models were loaded, in the order given."""
    lines = [json.dumps({"asked": name, "revision": f"sha256:{i}"}) for i, name in enumerate(asked)]
    (tmp_path / LOADED).write_text("".join(f"{line}\n" for line in lines))
    (run,) = read_runs(project)
    return loaded_models(run, project.analyses, tmp_path, measured)


def test_the_lock_says_of_a_model_from_elsewhere_that_it_is_from_elsewhere(one, tmp_path):
    (one.analyses / "models").mkdir()
    weights = tmp_path / "ann" / "x.gguf"
    weights.parent.mkdir()
    for path in (weights, tmp_path / "real.gguf"):
        path.write_text("x")
    (one.analyses / "models" / "y.gguf").symlink_to(tmp_path / "real.gguf")
    asked = (str(weights), "models/y.gguf", "org/hub", "lensdoc/tiny", "models/gone.gguf")
    named = ID.model_copy(update={"id": "/home/ann/z", "revision": "sha256:z"})
    assert noted(one, tmp_path, *asked, measured=[named]) == {
        "x.gguf (elsewhere)": "sha256:0",
        "models/y.gguf": "sha256:1",
        "org/hub": "sha256:2",
        "lensdoc/tiny": "sha256:3",
        "gone.gguf (elsewhere)": "sha256:4",
        "z (elsewhere)": "sha256:z",
    }


def test_a_model_from_elsewhere_does_not_hide_other_changes(one, tmp_path, monkeypatch):
    weights = tmp_path / "x.gguf"
    weights.write_text("x")
    record(one, {"a.ipynb": []}, noted(one, tmp_path, str(weights)))
    assert str(tmp_path) not in one.lock_file.read_text()
    (found,) = status(one)
    assert (found.word, found.unchecked, found.absent) == (FRESH, ("revision of x.gguf (elsewhere)",), ())
    monkeypatch.setattr(key, "_python", lambda: "3.99")
    (found,) = status(one)
    assert (found.word, len(found.reasons)) == (STALE, 1)
    assert found.why.endswith("-> 3.99")


def test_another_source_of_a_hub_model_is_another_model(one):
    write_runs(one, {"small": {"source": "gpt2", "name": "Small"}, "unused": {"source": "org/unused"}})
    record(one, {"a.ipynb": []}, {"small": "0123abcd"})
    assert [(found.word, found.unchecked) for found in status(one)] == [(FRESH, ("revision of small",))]
    write_runs(one, {"small": {"source": "distilgpt2", "name": "Small"}})
    assert [(found.word, found.why) for found in status(one)] == [(STALE, 'source small: "gpt2" -> "distilgpt2"')]
    lock(one, {"a.ipynb": []}, {"small": "4567cdef"})
    assert status(one)[0].word == FRESH


def test_the_place_of_a_local_model_is_in_no_lock(one, tmp_path):
    weights = tmp_path / "private" / "x.gguf"
    weights.parent.mkdir()
    weights.write_text("x")
    write_runs(one, {"small": {"source": str(weights), "name": "Small"}})
    record(one, {"a.ipynb": []}, {"small": "sha256:0"})
    components = json.loads(one.lock_file.read_text())["runs"]["a"]["components"]
    assert (components["names"], "sources" in components) == ({"small": "Small"}, False)
    assert "private" not in one.lock_file.read_text()


@pytest.mark.parametrize("line", ['{"asked": "m", "rev', "[]", '{"asked": "m"}', '{"asked": 1, "revision": "x"}', "\xff"])
def test_a_broken_note_of_a_model_ends_the_run_in_a_sentence(one, tmp_path, line):
    whole = json.dumps({"asked": "org/m", "revision": "0123"})
    (tmp_path / LOADED).write_bytes(f"{whole}\n{line}\n".encode("latin-1"))
    (run,) = read_runs(one)
    with pytest.raises(RunError, match=r"run 'a': line 2 of models.loaded, .* run it again"):
        loaded_models(run, one.analyses, tmp_path, ())


def test_readers_see_the_last_part_of_a_folder_whose_path_looks_like_a_hub_id(one, monkeypatch):
    """In the run, and in a notebook that is used interactively."""
    sources = ("weights/ann-private-7", "weights", "org/name", "lensdoc/tiny")
    shutil.copytree(BUNDLED["lensdoc/tiny"], one.analyses / "weights" / "ann-private-7")
    write_runs(one, {f"m{i}": {"source": source} for i, source in enumerate(sources)})
    (run,) = read_runs(one)
    assert [model.title for model in run.models.values()] == ["ann-private-7", "weights", "org/name", "lensdoc/tiny"]
    monkeypatch.chdir(one.analyses)
    assert lensdoc.load_model("m0").id == "ann-private-7"


def test_a_run_and_an_interactive_notebook_are_told_the_same_of_each_model(one, monkeypatch):
    from lensdoc.models.named import _models_of_project

    models = {
        "here": {"source": "weights/a"},
        "absent": {"source": "models/b.gguf", "name": "B", "get": "make b"},
        "hub": {"source": "org/name"},
        "bundled": {"source": "lensdoc/tiny"},
    }
    (one.analyses / "weights" / "a").mkdir(parents=True)
    write_runs(one, models)
    monkeypatch.chdir(one.root)
    (run,) = read_runs(one)
    assert {name: model.data() for name, model in run.models.items()} == _models_of_project()
