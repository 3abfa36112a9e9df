"""What a run made is held against the run: records, what they name, and what lies beside them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from projects import SAVE, make
from running import WORKERS, execute_stale

from lensdoc.pipeline.failure import RunsFailed
from lensdoc.pipeline.job import execute
from lensdoc.pipeline.key import digest
from lensdoc.pipeline.lock import read_lock
from lensdoc.pipeline.run import Lines, execute_runs
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.scratch import scratch
from lensdoc.pipeline.status import MISSING, status
from lensdoc.pipeline.validation import Unfit, not_kept, not_loaded, validated
from lensdoc.records.reading import read_record
from lensdoc.records.saving import DECLARED, OUT, RUN

EDIT = "data = json.loads(path.read_text())\n{}\npath.write_text(json.dumps(data))"
FORGED = {
    "a parameter": (EDIT.format("data['provenance']['parameters']['n'] = 9"), "names another run, notebook or parameters"),
    "the run": (EDIT.format("data['provenance']['run'] = 'x'"), "names another run, notebook or parameters"),
    "the notebook": (EDIT.format("data['provenance']['notebook'] = 'x'"), "names another run, notebook or parameters"),
    "the model": (
        EDIT.format("data['model']['id'] = 'gpt-4'"),
        "'sequence' that is not what record.save wrote: .* sequence.json",
    ),
    "a fact": (EDIT.format("data['facts']['n'] = 9"), "'sequence' that is not what record.save wrote"),
    "its declaration": (
        "path.unlink()\nfor note in out.iterdir(): note.write_text(note.read_text().replace('analyses/', 'elsewhere/'))\nsave()",
        "names another run, notebook or parameters",
    ),
    "no record.save": (
        "text = path.read_text()\nshutil.rmtree(out)\nout.mkdir()\npath.write_text(text)",
        "not what record.save wrote",
    ),
    "not JSON": ("path.write_text('{')", "saved a record that is not valid: .*not valid JSON"),
    "nothing": ("path.unlink()", "ended without saving the declared record 'sequence'"),
    "a link": (
        "path.rename(out / 'a.b')\npath.symlink_to(out / 'a.b')",
        "no file where .* 'sequence' should be: .* and is a link",
    ),
    "a link out": ("path.unlink()\npath.symlink_to('/dev/zero')", "no file where the record 'sequence' should be"),
    "a pipe": ("path.unlink()\nos.mkfifo(path)", r"no file where .*: must be a file, and is a pipe \(FIFO\)"),
    "a folder": ("path.unlink()\npath.mkdir()", "no file where .*: must be a file, and is a folder"),
    "the folder": (
        "out.rename(out.parent / 'o')\nout.symlink_to(out.parent / 'o')",
        "replaced the folder of its records by a link",
    ),
}


@pytest.fixture
def done(tmp_path, monkeypatch):
    """A run in its scratch folder, and what saves its record there."""
    project = make(tmp_path, {"small": [SAVE]}, {"small": {"inputs": ["n.txt"]}})
    (project.analyses / "n.txt").write_text("7")
    (run,) = read_runs(project)
    with scratch(run, project) as place:
        monkeypatch.setenv(RUN, run.name)
        monkeypatch.setenv(OUT, str(place.out))
        yield run, place, lambda: exec(SAVE, {"n": 1})  # noqa: S102


@pytest.mark.parametrize("name", FORGED)
def test_a_record_that_does_not_come_from_its_run_is_refused(done, name):
    run, place, save = done
    save()
    assert validated(run, place)["sequence"][1].facts == {"n": 1}
    code, said = FORGED[name]
    exec(code, {"out": place.out, "path": place.out / "sequence.json", "json": json, "os": os, "shutil": shutil, "save": save})  # noqa: S102
    with pytest.raises(Unfit, match=said):
        validated(run, place)


def test_a_record_may_be_called_run(tmp_path, monkeypatch):
    """As a file of lensdoc's own in the scratch folder once was."""
    project = make(tmp_path, {"small": [SAVE]}, {"small": {"records": ["run"]}})
    (run,) = read_runs(project)
    with scratch(run, project) as place:
        monkeypatch.setenv(RUN, run.name)
        monkeypatch.setenv(OUT, str(place.out))
        exec(SAVE.replace('"sequence"', '"run"'), {"n": 1})  # noqa: S102
        assert validated(run, place)["run"][1].facts == {"n": 1}
        assert json.loads((place.out / DECLARED).read_text())["run"] == "small"


def test_what_lies_beside_the_records_is_named(done):
    run, place, save = done
    save()
    inputs = {"n.txt": digest("7")}
    assert list(not_kept(run, place, inputs)) == []
    (place.out / "extra.json").write_text("{}")
    (place.analyses / "made").mkdir()
    (place.analyses / "made" / "figure.png").touch()
    (place.analyses / "away").symlink_to("/nowhere")
    (place.analyses / "__pycache__").mkdir()
    (place.analyses / "__pycache__" / "x.pyc").touch()
    (place.analyses / "n.txt").write_text("8")
    only, cure = "since only the records are that runs.yml declares", "; lensdoc.figure makes a record of a picture"
    assert list(not_kept(run, place, inputs)) == [f"not kept: away, extra.json, made/figure.png, n.txt, {only}{cure}"]
    for i in range(9):
        (place.analyses / f"b{i}").touch()
    assert list(not_kept(run, place, inputs)) == [f"not kept: away, b0, b1, b2, b3 and 8 more, {only}{cure}"]


def test_a_model_that_load_model_did_not_load_is_named(done):
    """A model of one's own is measured so, beside others."""
    run, place, save = done
    save()
    made = validated(run, place)
    assert list(not_loaded(made, {"sha256:0"})) == []
    assert list(not_loaded(made, ())) == []
    assert list(not_loaded(made, {"sha256:1"})) == ["record 'sequence' names the model 'm', which load_model did not load"]


SWAP = """
import os, sys, time
path, other, end = sys.argv[1], sys.argv[1] + ".swap", time.monotonic() + float(sys.argv[2])
right = open(path, "rb").read()
while time.monotonic() < end:
    for content in (b"{}", right):
        try:
            with open(other, "wb") as file:
                file.write(content)
            os.replace(other, path)
        except OSError:
            sys.exit()
"""
"""A process that swaps a record for one that is not valid, and back, as often as it can."""
LEAVE = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-S", "-c", {SWAP!r}, os.environ["LENSDOC_OUT"] + "/sequence.json", "20"],
    start_new_session=True)
"""


def test_a_process_that_swaps_a_record_gets_nothing_invalid_validated(done, sized, figure):
    run, place, save = done
    save()
    path, tries = place.out / "sequence.json", sized(200, 5000)
    right, fit, torn = path.read_bytes(), 0, 0
    with subprocess.Popen([sys.executable, "-S", "-c", SWAP, str(path), "60"]) as process:
        while not (torn and fit and fit + torn >= tries):
            try:
                content, record = validated(run, place)["sequence"]
                assert (content, record.facts) == (right, {"n": 1})
                fit += 1
            except Unfit:
                torn += 1
        twice = next(reads for reads in range(1, 1_000_000) if path.read_bytes() != path.read_bytes())  # the control
        process.kill()
    figure(f"a record that is swapped: {fit + torn} validations, {torn} refused, 0 invalid; of {twice} read twice one differed")


def test_a_run_whose_record_is_swapped_publishes_nothing_invalid(tmp_path, sized, figure):
    project = make(tmp_path, {"small": [SAVE, LEAVE]}, {"small": {}})
    published, tries = 0, sized(2, 200)
    for _ in range(tries):
        outcome = execute_runs(read_runs(project), project, Lines(print), force=True, workers=WORKERS)
        published += len(outcome.executed)
        assert all("saved a record that is not valid" in str(failure) for failure in outcome.failures)
        if published:
            assert read_record(project.data / "small" / "sequence.json").facts == {"n": 1}
            content = (project.data / "small" / "sequence.json").read_bytes()
            assert read_lock(project.lock_file)["small"].outputs == {"sequence": digest(content)}
    assert list(project.data.rglob("*.swap")) == []
    figure(f"runs that leave a process which swaps their record: {tries}, {published} published, 0 invalid")


def test_a_run_says_what_it_does_not_keep(tmp_path):
    project = make(tmp_path, {"small": [SAVE, "open('figure.png', 'w').close()"]}, {"small": {}})
    said = []
    assert execute_stale(project, said.append) == 1
    assert said[-1].endswith(
        "s; not kept: figure.png, since only the records are that runs.yml declares; lensdoc.figure makes a record of a picture"
    )
    (run,) = read_runs(project)
    assert execute(run, project).notes[0].startswith("not kept: figure.png")


def test_the_notebook_that_is_published_is_the_one_that_was_executed(tmp_path):
    """Not what a cell made of the file that Papermill writes meanwhile."""
    forge = "from pathlib import Path; Path(os.environ['LENSDOC_OUT']).with_name('executed.ipynb').write_text('{}')"
    project = make(tmp_path, {"small": [SAVE, f"import os\n{forge}"]}, {"small": {}})
    assert execute_stale(project) == 1
    kept = json.loads((project.analyses / "executed" / "small.ipynb").read_text())
    assert [cell["execution_count"] for cell in kept["cells"]] == [1, 2, 3, 4]
    assert [found.word for found in status(project)] != [MISSING]


def test_a_notebook_that_removes_its_folder_is_told(tmp_path):
    project = make(tmp_path, {"small": [SAVE, "import os, shutil; shutil.rmtree(os.getcwd())"]}, {"small": {}})
    with pytest.raises(RunsFailed, match="small.ipynb removed the folder in which it was executed; former results"):
        execute_stale(project)


def test_a_notebook_that_jupyter_cannot_read_is_the_authors_to_mend(tmp_path):
    project = make(tmp_path, {"small": [SAVE]}, {"small": {}})
    path = project.analyses / "small.ipynb"
    content = json.loads(path.read_text())
    content["cells"][1]["attachments"] = 5
    content["cells"][1]["cell_type"] = "raw"
    del content["cells"][1]["outputs"]
    path.write_text(json.dumps(content))
    with pytest.raises(RunsFailed, match="'small' failed: small.ipynb is no notebook that Jupyter reads: .*; open it in Jupyter"):
        execute_stale(project)
