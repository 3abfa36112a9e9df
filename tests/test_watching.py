"""What an execution is seen to depend on: each notebook does one thing that once left its run fresh without a word."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from projects import SAVE, make
from recorded import notebook
from running import execute_stale
from test_key import CHANGES, MODELS, four, not_fresh, several  # noqa: F401 - fixtures

from lensdoc.cli import lensdoc
from lensdoc.pipeline.lock import read_lock
from lensdoc.pipeline.status import FRESH, STALE, status
from lensdoc.pipeline.unwatched import UNKNOWN
from lensdoc.publish.state.freshness import record_freshness

REMOVED = """
import sys
import lensdoc.measures.tokens
for name in [name for name in sys.modules if name.startswith("lensdoc.measures")]:
    del sys.modules[name]
"""
CONNECT = """
import socket
try:
    socket.create_connection(("127.0.0.1", 9), 1)
except OSError:
    pass
"""
HELPER = "import os, sys\nsys.path.insert(0, side)\nimport helper_of_test"
MODEL = "open('models/m/sub/config.json').read(), open('models/m/config.json').read(), 'models/m'"
MANY = {
    "environment variables": "import os\nlanguage = os.environ.get('LANG')",
    "imports by a computed name": "import importlib\nimportlib.import_module(''.join(['sqlite', '3']))",
    "module outside analyses/: helper_of_test": HELPER,
    "program: a process of its own": "!true",
    "program: true": "import subprocess\nsubprocess.run('true | cat', shell=True, check=True)",
    "file that is no input: models/m/sub/config.json": MODEL,
    "file that is no input: read-by-cell": "open(side + '/read-by-cell').read()",
    "file that is no input: read-by-library": "import numpy\nnumpy.loadtxt(side + '/read-by-library')",
    "the network": CONNECT,
}
IMPORTS = {
    "markdown": "import importlib\nimportlib.import_module('markdown.extensions')",
    "mistune": "name = 'mis' + 'tune'\nimportlib.import_module(name)",
    "filelock": "files = !ls\nimport json, filelock",
    "click": "%%time\nimport click",
    "nh3": "open('other.ipynb').read()",
}
OWN = "import numpy, json, os, tempfile\nopen('own.txt', 'w').write('x'); open('own.txt').read()\n"
OWN += "folder = tempfile.mkdtemp(dir=side); os.link(side + '/read-by-cell', folder + '/x'); open(folder + '/x').read()"
NATIVE = "import ctypes\nassert ctypes.CDLL(None).fopen((side + '/read-by-cell').encode(), b'r')"
CELLS = {"plain": [OWN, NATIVE], "many": MANY.values(), "imports": IMPORTS.values(), "removed": [REMOVED]}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A project whose runs were all executed, and are fresh."""
    folder = tmp_path_factory.mktemp("watched")
    side = folder / "elsewhere"
    side.mkdir()
    for name in ("read-by-cell", "read-by-library"):
        (side / name).write_text("1 2 3")
    (side / "helper_of_test.py").write_text("x = 1\n")
    runs = {name: {} for name in CELLS} | {"imports": {"inputs": ["other.ipynb"]}}
    project = make(folder / "project", {name: [*cells, SAVE] for name, cells in CELLS.items()}, runs, side)
    (project.analyses / "other.ipynb").write_text(json.dumps(notebook("import nh3")))
    (project.analyses / "models" / "m" / "sub").mkdir(parents=True)
    for place in ("", "sub/"):
        (project.analyses / "models" / "m" / f"{place}config.json").write_text("{}")
    execute_stale(project)
    return project


def state_of(project, name):
    return next(found for found in status(project) if found.name == name)


@pytest.mark.long
@pytest.mark.parametrize("said", MANY)
def test_what_no_key_holds_is_said(watched, said):
    assert said in state_of(watched, "many").not_watched


@pytest.mark.long
def test_nothing_else_is_said(watched):
    assert {found.name: found.word for found in status(watched)} == dict.fromkeys(CELLS, FRESH)
    assert len(state_of(watched, "many").not_watched) == len(MANY)
    said = {name: state_of(watched, name).not_watched for name in ("plain", "imports", "removed")}
    assert said == {"plain": (), "imports": ("imports by a computed name", "program: ls"), "removed": ()}


@pytest.mark.parametrize("library", IMPORTS)
def test_a_library_enters_the_key_however_it_is_imported(watched, library):
    versions = {name: read_lock(watched.lock_file)[name].components["versions"] for name in CELLS}
    assert library in versions["imports"]
    assert library not in versions["plain"]


def test_a_module_of_lensdoc_enters_the_key_though_the_notebook_removes_it(watched):
    entries = read_lock(watched.lock_file)
    assert "lensdoc.measures.tokens" in entries["removed"].components["code"]
    assert "lensdoc.measures.tokens" not in entries["plain"].components["code"]


def test_no_place_of_this_machine_is_in_the_lock(watched):
    assert "elsewhere" not in str([entry.not_watched for entry in read_lock(watched.lock_file).values()])


def test_status_and_footers_say_it(watched, monkeypatch):
    monkeypatch.chdir(watched.root)
    said = CliRunner().invoke(lensdoc, ["status", "--why", "imports"]).output
    assert "  not watched: imports by a computed name; program: ls\n" in said
    assert "not watched" not in CliRunner().invoke(lensdoc, ["status", "--why", "plain"]).output
    found = record_freshness(watched, status(watched))
    assert found["imports/sequence"].words == "fresh, but 2 things unchecked"
    assert found["plain/sequence"].words == "fresh"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.unlink(), "executed notebook: it is gone"),
        (lambda path: path.write_text(path.read_text() + " "), "executed notebook: not the file that the run made"),
    ],
)
def test_an_executed_notebook_that_is_forged_or_deleted_is_not_fresh(watched, change, reason):
    path = watched.analyses / "executed" / "plain.ipynb"
    before = path.read_bytes()
    try:
        path.write_bytes(before.replace(b"\n", b"\r\n"))
        assert state_of(watched, "plain").word == FRESH
        change(path)
        found = state_of(watched, "plain")
        assert (found.word, found.reasons) == (STALE, (reason,))
    finally:
        path.write_bytes(before)


def test_a_lock_of_lensdoc_0_1_says_that_nobody_looked(watched):
    text = watched.lock_file.read_text()
    lock = json.loads(text)
    for entry in lock["runs"].values():
        del entry["notebook"], entry["not_watched"]
    try:
        watched.lock_file.write_text(json.dumps(lock))
        assert {(found.word, found.not_watched) for found in status(watched)} == {(FRESH, UNKNOWN)}
    finally:
        watched.lock_file.write_text(text)


def stale(project, monkeypatch, *changes):
    """Whether each change alone makes runs stale; the changes are undone by nobody, so each must do so by itself."""
    for name in changes:
        make, expected = CHANGES[name]
        make(project, monkeypatch)
        assert not_fresh(project) >= expected, name
    return bool(not_fresh(project))


TABLE = Path(__file__).parents[1] / "docs" / "guide" / "reference" / "runs.md"
ROWS = {
    "a code cell, to the last character of its strings": ["a code cell"],
    "comments, blank lines and empty code cells": [
        "a comment in a code cell",
        "a code cell of comments",
        "an empty code cell",
    ],
    "text cells, outputs, execution counts, tags other than `parameters`": ["a Markdown cell", "outputs", "another tag"],
    "the order of code cells, and which of them has the tag `parameters`": ["the tag parameters on another cell"],
    "a parameter, of the run, of `defaults` or of a matrix": ["a parameter of one run"],
    "a default in the cell tagged `parameters`": ["a default parameter"],
    "a declared input": ["an input", "an input that is code"],
    "line endings of Windows in cells, inputs and records": [
        "lines of a code cell that end as on Windows",
        "the line endings of all files",
    ],
    "code of lensdoc that computes and that the run imported": ["code that all runs reached"],
    "comments, docstrings and messages in that code; code that draws, publishes or runs": [
        "a comment in a module",
        "a docstring of a module",
        "a message in models/loading.py",
        "a module that draws",
        "a module of the pipeline",
    ],
    "the minor release of a library that the notebook or its inputs import, or with which lensdoc computes": [
        "the minor version of a library that only a helper imports"
    ],
    "the patch release of a library": ["the patch of a library of no exact run"],
    "the minor release of Python": ["the minor version of Python"],
    "`threads` and `versions`": ["the number of threads", "exact versions instead of minor ones"],
    "`timeout`, `resources`, the order and layout of `runs.yml`": ["the resources", "the time-out", "a comment in runs.yml"],
    "a record, edited, added or deleted": ["a record that was edited", "a record that was deleted"],
}
"""Rows about changes that `test_key` tries one by one: what is changed there."""
OF_MODELS = {
    "a model that a parameter, a default or a text in a cell names, or that `load_model` loads": "the weights of one in a list",
    "the source of a model in `runs.yml`, and its name for readers": "the name for readers",
}
TOLD = {
    "environment variables that a cell or an input reads": "environment variables",
    "imports by a name that is computed": "imports by a computed name",
    "a module outside of `analyses/`, as on `PYTHONPATH` or in an editable installation": "module outside analyses/: ",
    "a program that is started: by `subprocess`, `!command` or a fork": "program: ",
    "a file that is read and is no input": "file that is no input: read-by-cell",
    "a file in a subfolder of a model that `load_model` does not read": "file that is no input: models/m/sub/config.json",
    "the network": "the network",
}
OTHERS = {"the executed notebook, edited or deleted", "a file that native code opens by itself"}
"""Tested above: by its own test, and by what is said of the run `plain`, which opens such a file."""


def rows():
    """What changes, and what becomes of the run, in the guide's table."""
    section = TABLE.read_text().partition("## What makes it stale")[2]
    found = re.findall(r"^\| (.+?) \| (stale|nothing|told|not seen) \| ", section, re.MULTILINE)
    assert len(found) == section.count("\n| ") - 1
    return dict(found)


def test_the_guide_s_table_has_a_test_for_each_row():
    assert rows().keys() == ROWS.keys() | OF_MODELS.keys() | TOLD.keys() | OTHERS


@pytest.mark.parametrize("what", ROWS)
def test_the_guide_says_what_a_change_does(four, monkeypatch, what):  # noqa: F811
    assert {"stale": True, "nothing": False}[rows()[what]] == stale(four, monkeypatch, *ROWS[what])


@pytest.mark.parametrize("what", OF_MODELS)
def test_the_guide_says_what_a_change_of_a_model_does(several, what):  # noqa: F811
    MODELS[OF_MODELS[what]][0](several)
    assert (rows()[what], status(several)[0].word) == ("stale", STALE)


@pytest.mark.parametrize("what", TOLD)
def test_the_guide_says_what_is_told(watched, what):
    said = state_of(watched, "many").not_watched
    assert rows()[what] == "told"
    assert any(one.startswith(TOLD[what]) for one in said)
