"""What makes which run stale: each row changes one thing and names exactly the runs that must be made again."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from recorded import notebook, record

from lensdoc.pipeline import key, libraries
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import FRESH, MISSING, STALE, status

PACKAGE = Path(key.__file__).parents[1]
RUNS = """
defaults:
  parameters: {model: models/small}
runs:
  list:
    notebook: list.ipynb
    records: [saliency, sequence]
    inputs: [words.txt, helper.py]
    parameters: {prompt: one}
    threads: 2
  eu:
    notebook: list.ipynb
    records: [sequence]
    parameters: {prompt: two, dtype: float32}
    matrix: {seed: [1, 2]}
    versions: exact
  count:
    notebook: count.ipynb
    records: [factors]
    timeout: 60
    resources: {GPU: 1}
"""
SHARED = [
    "lensdoc.core.model_files",
    "lensdoc.models",
    "lensdoc.models.loading",
    "lensdoc.pipeline.models",
    "lensdoc.publish.extension",
    "lensdoc.cli.run",
]
REACHED = {
    "list.ipynb": [*SHARED, "lensdoc.measures.attribution", "lensdoc.records.fields"],
    "count.ipynb": [*SHARED, "lensdoc.measures.factorization", "lensdoc.records.factors", "lensdoc.explorables.options"],
}
COPIED = [
    *("core/model_files.py", "models/__init__.py", "models/loading.py", "models/gguf.py", "pipeline/models.py", "cli/run.py"),
    *("measures/attribution.py", "measures/factorization.py", "measures/watching.py", "records/fields.py", "records/factors.py"),
    *("explorables/options.py", "publish/extension.py"),
]
"""Modules that the runs reach, or that a row edits."""
INSTALLED = dict.fromkeys(libraries.LIBRARIES.values(), "2.3.4")
EU = {"eu/seed-1", "eu/seed-2"}
LIST = {"list", *EU}
ALL = {*LIST, "count"}


@pytest.fixture
def four(tmp_path, monkeypatch):
    """Four fresh runs of two notebooks, one of them with a matrix; lensdoc's own modules are a copy."""
    project = Project(tmp_path)
    (project.analyses / "models" / "small").mkdir(parents=True)
    (project.analyses / "models" / "small" / "model.safetensors").write_bytes(b"weights")
    (project.analyses / "words.txt").write_text("a b")
    (project.analyses / "helper.py").write_text("import scipy.optimize\nlimit = 3\n")
    for name, cell in (("list", "import lensdoc"), ("count", "import numpy\nmodel = 'z'")):
        cells = ["model = 'x'\nprompt = 'y'\ndtype = 'float32'\nseed = 0", cell, "lensdoc.measure()"]
        content = notebook(*cells)
        content["cells"].insert(1, {"cell_type": "markdown", "source": "Text.", "metadata": {}})
        (project.analyses / f"{name}.ipynb").write_text(json.dumps(content))
    project.runs_file.write_text(RUNS)
    copy = tmp_path / "copy" / "lensdoc"
    for name in COPIED:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGE / name, copy / name)
    monkeypatch.setattr(key, "_PACKAGE", copy)
    monkeypatch.setattr(libraries, "_installed", lambda name: INSTALLED[name])
    record(project, REACHED)
    return project


CHANGES = {}


def change(description, expected):
    """Register a row: the function changes a project, and `expected` runs are then not fresh."""

    def register(function):
        assert description not in CHANGES
        CHANGES[description] = (function, set(expected))
        return function

    return register


def write(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def text_row(description, expected, file, old, new):
    change(description, expected)(lambda project, _: write(project.root / file, old, new))


def edit_notebook(project, name, edit):
    path = project.analyses / name
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content, indent=2))


def notebook_row(description, expected, edit, name="list.ipynb"):
    change(description, expected)(lambda project, _: edit_notebook(project, name, edit))


def install(monkeypatch, name, version):
    monkeypatch.setattr(libraries, "_installed", lambda asked: (INSTALLED | {name: version})[asked])


def version_row(description, expected, name, version):
    change(description, expected)(lambda _, monkeypatch: install(monkeypatch, name, version))


FUTURE = "from __future__ import annotations\n"
RUNS_YML, LOADING = "analyses/runs.yml", "copy/lensdoc/models/loading.py"

# The code cells.
notebook_row("a code cell", LIST, lambda n: n["cells"][3].update(source="lensdoc.measure(2)"))
notebook_row("a code cell more", LIST, lambda n: n["cells"].append(dict(n["cells"][3])))
notebook_row("a code cell less", LIST, lambda n: n["cells"].pop())
notebook_row("the order of code cells", LIST, lambda n: n["cells"].append(n["cells"].pop(2)))
notebook_row("a default parameter", {"count"}, lambda n: n["cells"][0].update(source="model = ''\nseed = 1"), "count.ipynb")


@change("the tag parameters on another cell", {"count"})
def _(project, _):
    def move(content):
        content["cells"][2]["metadata"] = content["cells"][0]["metadata"]
        content["cells"][0]["metadata"] = {}

    edit_notebook(project, "count.ipynb", move)


# The parameters.
text_row("a parameter of one run", {"list"}, RUNS_YML, "prompt: one", "prompt: three")
text_row("a parameter that is the number 1 and no longer a text", EU, RUNS_YML, "prompt: two", "prompt: 2")
text_row(
    "a whole number becomes a fraction", {"eu/seed-2"}, RUNS_YML, "matrix: {seed: [1, 2]}", "matrix: {seed: {'1': 1, '2': 2.0}}"
)
text_row("a parameter more", {"list"}, RUNS_YML, "{prompt: one}", "{prompt: one, seed: 0}")
text_row("a dtype", EU, RUNS_YML, "float32", "float16")
text_row("the seed of one run", {"list"}, RUNS_YML, "{prompt: one}", "{prompt: one, seed: 7}")
text_row("a value of the matrix, under its old label", {"eu/seed-1"}, RUNS_YML, "[1, 2]", "{'1': 10, '2': 2}")
text_row("a value of the matrix more", {"eu/seed-3"}, RUNS_YML, "[1, 2]", "[1, 2, 3]")
text_row(
    "a default of all runs, but for those with their own",
    {"list", "count"},
    RUNS_YML,
    "{model: models/small}",
    "{model: models/small, dtype: bfloat16}",
)

# What is read.
text_row("an input", {"list"}, "analyses/words.txt", "a b", "a c")
text_row("an input that is code", {"list"}, "analyses/helper.py", "3", "4")
text_row("an input more", {"count"}, RUNS_YML, "records: [factors]", "records: [factors]\n    inputs: [words.txt]")
text_row("an input less", {"list"}, RUNS_YML, "[words.txt, helper.py]", "[helper.py]")
text_row("the weights of a model in a folder", ALL, "analyses/models/small/model.safetensors", "weights", "Weights")


@change("a file more in the folder of a model", ALL)
def _(project, _):
    (project.analyses / "models" / "small" / "config.json").write_text("{}")


NAMED = "models:\n  tiny: {source: models/small, name: Small}\n"


@change("a model of runs.yml that no run uses", ())
def _(project, _):
    project.runs_file.write_text(NAMED + RUNS)


# The code of lensdoc, the libraries, Python.
text_row("code that all runs reached", ALL, LOADING, FUTURE, FUTURE + "import os\n")
text_row("a module that is no longer Python", ALL, LOADING, FUTURE, FUTURE + "(")
text_row("code that one notebook reached", {"count"}, "copy/lensdoc/measures/factorization.py", FUTURE, FUTURE + "import os\n")


@change("a module that is gone", {"count"})
def _(project, _):
    (project.root / "copy" / "lensdoc" / "measures" / "factorization.py").unlink()


version_row("the minor version of a library that all runs import", ALL, "torch", "2.4.0")
version_row("the minor version of a library that only a helper imports", {"list"}, "scipy", "2.4.4")
version_row("the patch of a library, with versions: exact", EU, "torch", "2.3.5")
change("the minor version of Python", ALL)(lambda _, monkeypatch: monkeypatch.setattr(key, "_python", lambda: "3.99"))
text_row("exact versions instead of minor ones", {"count"}, RUNS_YML, "timeout: 60", "versions: exact")

# The settings, the records, the lock.
text_row("the number of threads", {"list"}, RUNS_YML, "threads: 2", "threads: 1")
text_row(
    "the number of threads of all runs, where a run has its own", {*EU, "count"}, RUNS_YML, "defaults:", "defaults:\n  threads: 4"
)
text_row("a record more", {"count"}, RUNS_YML, "[factors]", "[factors, more]")
text_row("a record less", {"list"}, RUNS_YML, "[saliency, sequence]", "[saliency]")
text_row("a record that was edited", {"eu/seed-2"}, "docs/data/eu/seed-2/sequence.json", "2", "1")
text_row("a component in the lock", {"list"}, "analyses/runs.lock", '"prompt": "one"', '"prompt": "nine"')


@change("a key in the lock", {"count"})
def _(project, _):
    lock = json.loads(project.lock_file.read_text())
    lock["runs"]["count"]["key"] = "0" * 64
    project.lock_file.write_text(json.dumps(lock))


@change("an entry of the lock that is gone", {"count"})
def _(project, _):
    lock = json.loads(project.lock_file.read_text())
    del lock["runs"]["count"]
    project.lock_file.write_text(json.dumps(lock))


@change("a record that was deleted", {"list"})
def _(project, _):
    (project.data / "list" / "saliency.json").unlink()


# What no result depends on.
notebook_row("a Markdown cell", (), lambda n: n["cells"][1].update(source="Other text."))
notebook_row("a Markdown cell more", (), lambda n: n["cells"].insert(0, {"cell_type": "markdown", "source": "", "metadata": {}}))
notebook_row("a comment in a code cell", (), lambda n: n["cells"][3].update(source="lensdoc.measure()  # why"))
notebook_row("a code cell of comments", (), lambda n: n["cells"].insert(0, dict(n["cells"][3], source="# why\n")))
notebook_row("an empty code cell", (), lambda n: n["cells"].append(dict(n["cells"][3], source="")))
notebook_row(
    "lines of a code cell that end as on Windows",
    (),
    lambda n: n["cells"][0].update(source=n["cells"][0]["source"].replace("\n", "\r\n")),
)
notebook_row("outputs", (), lambda n: n["cells"][2].update(outputs=[{"output_type": "stream", "name": "stdout", "text": "x"}]))
notebook_row("execution counts", (), lambda n: n["cells"][2].update(execution_count=3))
notebook_row("another tag", (), lambda n: n["cells"][2]["metadata"].update(tags=["hide-input"]))
notebook_row("a tag beside parameters", (), lambda n: n["cells"][0]["metadata"]["tags"].append("hide"))
notebook_row("the metadata of a cell", (), lambda n: n["cells"][2]["metadata"].update(collapsed=True))
notebook_row(
    "the metadata of the notebook",
    (),
    lambda n: n["metadata"].update(kernelspec={"name": "mine", "language": "python"}, author="x"),
)
notebook_row("the ids of cells", (), lambda n: n["cells"][2].update(id="abc"))
notebook_row(
    "a source as a list of lines", (), lambda n: n["cells"][0].update(source=n["cells"][0]["source"].splitlines(keepends=True))
)
text_row("a comment in runs.yml", (), RUNS_YML, "runs:\n", "runs:  # all of them\n\n")
text_row("the resources", (), RUNS_YML, "resources: {GPU: 1}", "resources: {GPU: 2}")
text_row("the time-out", (), RUNS_YML, "timeout: 60", "timeout: 90")
text_row("the records in another order", (), RUNS_YML, "[saliency, sequence]", "[sequence, saliency]")
text_row("the inputs in another order", (), RUNS_YML, "[words.txt, helper.py]", "[helper.py, words.txt]")
text_row("a run more", {"new"}, RUNS_YML, "  count:\n", "  new: {notebook: count.ipynb, records: [x]}\n  count:\n")
text_row("a docstring of a module", (), LOADING, '"""', '"""Once more: ')
text_row("a comment in a module", (), LOADING, FUTURE, FUTURE + "# why\n")
text_row("a module that no run reached", (), "copy/lensdoc/measures/watching.py", FUTURE, FUTURE + "import os\n")
text_row("a module that draws", (), "copy/lensdoc/explorables/options.py", FUTURE, FUTURE + "import os\n")
text_row("a module that all packages share", (), "copy/lensdoc/core/model_files.py", FUTURE, FUTURE + "import sys\n")
text_row("a module of the pipeline", (), "copy/lensdoc/pipeline/models.py", FUTURE, FUTURE + "import os\n")
version_row("the patch of a library of no exact run", (), "scipy", "2.3.9")


# Of each package an error message; and a formula, the same otherwise, and the runs that use it.
EDITS = {
    "core/model_files.py": ("is no JSON", "MAX_INDEX = 64", "MAX_INDEX = 65", ()),
    "models/loading.py": ("which has only the one", "_MOST_CHARACTERS = 1_000", "_MOST_CHARACTERS = 1_001", ALL),
    "models/gguf.py": ("Python cannot be started", "text=True", "text=False", ()),
    "measures/attribution.py": ("so their scores mean", "UNRELIABLE * abs", "UNRELIABLE / abs", LIST),
    "measures/factorization.py": ("give a text of more tokens", "1 / math.sqrt", "2 / math.sqrt", {"count"}),
    "records/fields.py": ("integers beyond 2^53", "_SIGNIFICANT_DIGITS = 4", "_SIGNIFICANT_DIGITS = 5", LIST),
    "records/factors.py": ("must not be below 0", "- start <= skip", "- start < skip", {"count"}),
    "pipeline/models.py": ("is one line of at most", "_MOST_CHARACTERS = 80", "_MOST_CHARACTERS = 90", ()),
    "explorables/options.py": ("must be a number from", "self.low <= value", "self.low < value", ()),
    "publish/extension.py": ("", "return lines", "return lines[1:]", ()),
    "cli/run.py": ("what speaks to a cluster", "processes or 1", "processes or 2", ()),
}
for file, (message, formula, other, expected) in EDITS.items():
    if message:
        assert (PACKAGE / file).read_text().count(message) == 1
        text_row(f"a message in {file}", (), f"copy/lensdoc/{file}", message, f"{message} or what")
    text_row(f"a formula in {file}", expected, f"copy/lensdoc/{file}", formula, other)


@change("what the revision of a model is", ALL)
def _(_, monkeypatch):
    monkeypatch.setattr(key, "content_revision", lambda path: f"sha256:{path.name}")


@change("key order and formatting of runs.yml", ())
def _(project, _):
    parsed = yaml.safe_load(project.runs_file.read_text())
    project.runs_file.write_text(json.dumps({"runs": dict(reversed(parsed["runs"].items())), "defaults": parsed["defaults"]}))


@change("the line endings of all files", ())
def _(project, _):
    for path in [*project.analyses.glob("*.*"), *project.data.rglob("*.json")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


@change("the bytes of an input that is no text", {"list"})
def _(project, _):
    (project.analyses / "words.txt").write_bytes(b"a\0b\r\n")


@change("the times of all files", ())
def _(project, _):
    for path in project.root.rglob("*"):
        os.utime(path, (0, 0))


@change("a file beside the inputs, and one beside the records", ())
def _(project, _):
    (project.analyses / "other.txt").write_text("x")
    (project.data / "list" / "imported.json").write_text("{}")


MODELS = {
    "the weights of the first": (lambda p: write(p.analyses / "models" / "a.gguf", "a", "A"), "model first: "),
    "the weights of one in a list": (lambda p: write(p.analyses / "models" / "b" / "config.json", "{}", "[]"), "model second: "),
    "the weights of one that only a cell loads": (lambda p: write(p.analyses / "c.gguf", "c", "C"), "model c.gguf: "),
    "the name for readers": (lambda p: write(p.runs_file, "First", "1st"), 'name first: "First" -> "1st"'),
    "the source": (lambda p: write(p.runs_file, "models/a.gguf", "c.gguf"), "model first: "),
    "the source, now of the hub": (lambda p: write(p.runs_file, "models/a.gguf", "some/model"), "source first: none -> "),
    "the name in runs.yml": (lambda p: write(p.runs_file, '"second": {', '"other": {'), 'name second: "Second" -> none'),
}


@pytest.fixture
def several(tmp_path):
    """A fresh run of three models: by a parameter, in a list, and in a cell."""
    project = Project(tmp_path)
    (project.analyses / "models" / "b").mkdir(parents=True)
    (project.analyses / "models" / "a.gguf").write_text("a")
    (project.analyses / "models" / "b" / "config.json").write_text("{}")
    (project.analyses / "c.gguf").write_text("c")
    (project.analyses / "a.ipynb").write_text(
        json.dumps(notebook("main = ''\nothers = []\nlensdoc = 'lensdoc/tiny'", "load('c.gguf')", "load(''.join(['first']))"))
    )
    models = {"first": {"source": "models/a.gguf", "name": "First"}, "second": {"source": "models/b", "name": "Second"}}
    run = {"notebook": "a.ipynb", "records": ["x"], "parameters": {"main": "first", "others": ["x", ["second"]], "lensdoc": ""}}
    project.runs_file.write_text(json.dumps({"models": models, "runs": {"both": run}}))
    record(project, {"a.ipynb": []}, {"org/hub": "0123abcd"})
    return project


def test_a_run_depends_on_every_model_that_it_names_or_loads(several):
    (found,) = status(several)
    assert (found.word, found.unchecked) == (FRESH, ("revision of org/hub",))
    components = json.loads(several.lock_file.read_text())["runs"]["both"]["components"]
    assert sorted(components["model"]) == ["c.gguf", "first", "org/hub", "second"]
    assert components["names"] == {"first": "First", "second": "Second"}


@pytest.mark.parametrize("description", MODELS)
def test_a_change_of_one_of_several_models_is_told_by_its_name(several, description):
    make, said = MODELS[description]
    make(several)
    (found,) = status(several)
    assert found.word == STALE
    assert found.reasons[0].startswith(said)
    assert len(found.reasons) == 1


def test_the_same_weights_at_another_place_are_the_same_model(several):
    (several.analyses / "models" / "a.gguf").rename(several.analyses / "moved.gguf")
    write(several.runs_file, "models/a.gguf", "moved.gguf")
    assert status(several)[0].word == FRESH


def test_where_a_model_is_not_here_nothing_that_executes_counts(several, monkeypatch):
    (several.analyses / "models" / "a.gguf").unlink()
    monkeypatch.setattr(key, "_python", lambda: "3.99")
    (found,) = status(several)
    assert found.word == FRESH
    assert found.unchecked == ("versions of libraries and Python", "model first is not here", "revision of org/hub")
    assert found.absent == (
        "model first is not here (models/a.gguf); put it at analyses/models/a.gguf, or correct `source` in runs.yml",
    )
    write(several.runs_file, '"lensdoc": ""', '"lensdoc": "x"')
    assert status(several)[0].word == STALE  # a parameter is seen all the same


def not_fresh(project):
    return {found.name for found in status(project) if found.word != FRESH}


def test_the_runs_are_fresh_as_they_stand(four):
    assert {found.name: found.word for found in status(four)} == dict.fromkeys(ALL, FRESH)


@pytest.mark.parametrize("description", CHANGES)
def test_one_change_makes_exactly_its_runs_stale(four, monkeypatch, description):
    make, expected = CHANGES[description]
    make(four, monkeypatch)
    assert not_fresh(four) == expected


@pytest.mark.parametrize("description", [name for name, (_, expected) in CHANGES.items() if expected])
def test_each_change_has_its_reason(four, monkeypatch, description):
    make, _ = CHANGES[description]
    make(four, monkeypatch)
    for found in status(four):
        assert (found.word in {STALE, MISSING}) == bool(found.reasons)
        assert not re.search(r"(.*) -> \1$", found.why)  # from one thing to another
