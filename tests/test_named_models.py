"""Models under `models:` in runs.yml: executed with real kernels, used interactively, and missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from projects import LENSDOC, make
from running import execute_stale
from safetensors.torch import load_file, save_file

import lensdoc
from lensdoc.core.errors import ModelError, RunError
from lensdoc.core.model_files import BUNDLED, content_revision
from lensdoc.pipeline.lock import read_lock
from lensdoc.pipeline.status import FRESH, STALE, status
from lensdoc.records.reading import read_record

TINY = BUNDLED["lensdoc/tiny"]
CELL = """
import lensdoc
first, second = [lensdoc.load_model(name) for name in ("o" + "ne", *models)]  # no text of the notebook names the first
third = lensdoc.load_model("models/third")
for lm, name in ((first, "first"), (second, "second"), (third, "third")):
    lensdoc.sequence(lm.score(" 1, 2, 3")).save(name)
    print(lm.id, lm.tokenizer.name_or_path, lm.model.config._name_or_path)
"""
MADE = """
import shutil
shutil.copytree("models/third", "made")
lensdoc.load_model("made")
"""


def change_weights(folder, by=1e-3):
    """Weights that differ in every value; the file has the same size."""
    path = folder / "model.safetensors"
    save_file({name: value + by for name, value in load_file(path).items()}, path, metadata={"format": "pt"})


@pytest.fixture
def three(tmp_path):
    """A run that measures three models: two by names in runs.yml, one by a path in a cell."""
    elsewhere = tmp_path / "elsewhere"
    project = make(
        tmp_path / "project",
        {"three": ["models = []", CELL, MADE], "plain": ["print(n)"]},
        {"three": {"records": ["first", "second", "third"], "parameters": {"models": ["two"]}}},
    )
    # The parameters cell declares n and side; a parameter of the run must stand there too.
    path = project.analyses / "three.ipynb"
    content = json.loads(path.read_text())
    content["cells"][0]["source"] = "n = 1\nside = ''\nmodels = []\ndtype = 'float32'\nother = n + 1"
    content["cells"].pop(1)
    path.write_text(json.dumps(content))
    folders = (elsewhere / "one-on-disk", project.analyses / "models" / "two", project.analyses / "models" / "third")
    for number, folder in enumerate(folders):
        shutil.copytree(TINY, folder)
        change_weights(folder, number * 1e-3)
    runs = json.loads(project.runs_file.read_text())
    runs["defaults"] = {}
    runs["models"] = {
        "one": {"source": str(elsewhere / "one-on-disk"), "name": "First model"},
        "two": {"source": "models/two", "get": "make two"},
    }
    project.runs_file.write_text(json.dumps(runs))
    return project


def published(project):
    """All text that a run publishes, by path."""
    files = [*project.data.rglob("*"), *(project.analyses / "executed").rglob("*"), project.lock_file]
    return {path.name: path.read_text() for path in files if path.is_file()}


@pytest.mark.long
def test_a_run_of_several_models_is_fresh_depends_on_each_and_publishes_no_path(three):
    assert execute_stale(three) == 1
    (found,) = status(three)
    assert (found.word, found.unchecked) == (FRESH, ())
    records = {name: read_record(three.data / "three" / f"{name}.json") for name in ("first", "second", "third")}
    assert [record.model.id for record in records.values()] == ["First model", "two", "third"]
    components = read_lock(three.lock_file)["three"].components
    third = three.analyses / "models" / "third"
    assert components["model"].keys() == {"one", "two", "models/third"}  # and not what the run made itself
    assert components["model"]["models/third"] == records["third"].model.revision == content_revision(third)
    assert components["names"] == {"one": "First model", "two": "two"}
    texts = published(three)
    assert texts.keys() == {"first.json", "second.json", "third.json", "three.ipynb", "runs.lock"}
    for name, text in texts.items():
        assert "on-disk" not in text, name
        assert str(three.root.parent) not in text, name
    assert records["first"].provenance.parameters["models"] == ["two"]
    for folder, name in ((three.root.parent / "elsewhere" / "one-on-disk", "one"), (third, "models/third")):
        change_weights(folder)
        (found,) = status(three)
        assert (found.word, len(found.reasons)) == (STALE, 1)
        assert found.why.startswith(f'model {name}: "sha256:')
        assert execute_stale(three) == 1
        assert status(three)[0].word == FRESH


def test_parameters_of_a_record_hold_the_notebook_s_literal_defaults(three):
    execute_stale(three)
    given = read_record(three.data / "three" / "first.json").provenance.parameters
    assert given.keys() == {"n", "side", "models", "dtype"}
    assert (given["n"], given["dtype"]) == (1, "float32")


@pytest.mark.long
def test_a_run_whose_model_is_not_here_is_unchecked_and_refuses_to_execute(three):
    execute_stale(three)
    before = published(three)
    shutil.rmtree(three.analyses / "models" / "two")

    def run(*arguments):
        done = subprocess.run([*LENSDOC, *arguments], cwd=three.root, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert run("status", "--why")[0] == 0
    assert "counts as unchanged: versions of libraries and Python, model two is not here" in run("status", "--why")[1]
    code, output, _ = run("run")
    assert code == 0
    assert "model two is not here (models/two); to get it: make two; its runs count as unchanged: three\n" in output
    assert output.endswith("nothing to execute: every run is fresh\n")
    with pytest.raises(
        RunError, match=r"run 'three' needs the model 'two', whose source is not here: .*runs.yml:\d+: models/two"
    ):
        execute_stale(three, force=True)
    assert published(three) == before


def test_a_name_means_the_same_interactively(three, monkeypatch):
    for folder in (three.root, three.analyses):
        monkeypatch.chdir(folder)
        lm = lensdoc.load_model("two")
        assert (lm.id, lm.revision) == ("two", content_revision(three.analyses / "models" / "two"))
        assert lensdoc.load_model("one").id == "First model"
    assert lensdoc.load_model("one", name="Mine").id == "Mine"
    shutil.rmtree(three.analyses / "models" / "two")
    with pytest.raises(ModelError, match="the model 'two' of runs.yml is not here: there is no models/two; to get it: make two"):
        lensdoc.load_model("two")
    three.runs_file.write_text("models: [")  # `lensdoc status` says what is wrong with it
    assert lensdoc.load_model("lensdoc/tiny").id == "lensdoc/tiny"


def test_looking_names_up_needs_no_pipeline():
    """A kernel's imports enter the key of its run."""
    code = "import lensdoc.models.named, sys; print(*sorted(m for m in sys.modules if m.startswith('lensdoc.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    assert "lensdoc.pipeline" not in done.stdout
    assert "lensdoc.core.named_models" not in done.stdout
