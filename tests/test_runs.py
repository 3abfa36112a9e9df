"""runs.yml and keys, without executing anything."""

from __future__ import annotations

import json
import os
import re

import pytest
from recorded import notebook

from lensdoc.core.errors import RunError
from lensdoc.core.model_files import BUNDLED
from lensdoc.pipeline import key, libraries
from lensdoc.pipeline.code_text import code_of
from lensdoc.pipeline.lock import read_lock, write_entry
from lensdoc.pipeline.project import Project, find_project
from lensdoc.pipeline.runs import choose, read_runs
from lensdoc.pipeline.status import FRESH, STALE, status

PREFIX = "runs:\n  counting:\n    notebook: counting.ipynb\n    records: [sequence]\n"
MISTAKES = {
    "field": (PREFIX + "    record: [x]\n", "runs.yml:5: unknown field 'record'; did you mean records"),
    "top field": ("run: {}\nruns: {}\n", "runs.yml:1: unknown field 'run'; did you mean runs"),
    "default field": ("runs: {}\ndefaults:\n  parameter: {}\n", "runs.yml:3: unknown field 'parameter'; did you mean parameters"),
    "type": (
        PREFIX.replace("[sequence]", "sequence"),
        "runs.yml:4: runs.counting.records: Input should be a valid list; it is 'sequence'",
    ),
    "none": (PREFIX.replace("[sequence]", "[]"), "runs.yml:4: runs.counting.records: List should have at least 1 item"),
    "record name": (PREFIX.replace("[sequence]", "[a.b]"), "runs.yml:4: runs.counting.records.0: String should match"),
    "mistyped": (
        "runs:\n  counting:\n    notebok: a\n    records: [a]\n",
        "runs.yml:3: unknown field 'notebok'; did you mean notebook",
    ),
    "missing": ("runs:\n  counting:\n    records: [a]\n", "runs.yml:2: runs.counting.notebook: Field required"),
    "notebook": (
        PREFIX.replace("counting.ipynb", "none.ipynb"),
        "runs.yml:3: run 'counting': .*none.ipynb: no such notebook; write it, or correct `notebook`",
    ),
    "outside": (PREFIX.replace("counting.ipynb", "../../x.ipynb"), "runs.yml:3: run 'counting': '../../x.ipynb' lies outside"),
    "parameter": (
        PREFIX + "    parameters: {promt: a}\n",
        "runs.yml:5: run 'counting': counting.ipynb declares no parameter 'promt'; did you mean prompt",
    ),
    "code as a name": (PREFIX + "    parameters: {\"s=0; print('x') ; t\": a}\n", "declares no parameter"),
    "input": (PREFIX + "    inputs: [no.txt]\n", "runs.yml:5: run 'counting': input no.txt does not exist below analyses/"),
    "name": (PREFIX.replace("counting:", '"a b":'), "runs.yml:2: run 'a b': a name has letters"),
    "dot": (PREFIX.replace("counting:", "./a:"), "a name has letters"),
    "dots": (PREFIX.replace("counting:", "a/../b:"), "a name has letters"),
    "case": (PREFIX + PREFIX.replace("runs:\n", "").replace("counting:", "Counting:"), "blind to case"),
    "twice": (PREFIX + PREFIX.replace("runs:\n", ""), "runs.yml:5: 'counting' stands twice"),
    "records": (PREFIX.replace("[sequence]", "[a, A]"), "runs.yml:4: run 'counting': records 'a' and 'A' are one file"),
    "default": (
        "defaults:\n  parameters: {modle: x}\n" + PREFIX,
        "runs.yml:2: no notebook declares the parameter 'modle'; did you mean model",
    ),
    "date": (PREFIX + "    inputs: [2020-13-45]\n", 'runs.yml:5: YAML reads 2020-13-45 as a date; quote it: "2020-13-45"'),
    "deep": ("runs:\n  a: " + "[" * 100_000, "runs.yml:2: nested more than 100 deep"),
    "threads": (PREFIX + "    threads: 0\n", "runs.yml:5: runs.counting.threads: .* greater than or equal to 1; it is 0"),
    "no number": (PREFIX + "    threads: true\n", "runs.yml:5: runs.counting.threads: .* valid integer; it is True"),
    "timeout": ("defaults:\n  timeout: -1\n" + PREFIX, "runs.yml:2: defaults.timeout: .* greater than 0; it is -1"),
    "resources": (PREFIX + "    resources: {GPU: 0}\n", "runs.yml:5: runs.counting.resources.GPU: .* greater than 0; it is 0"),
    "resource": (PREFIX + "    resources: {a b: 1}\n", "runs.yml:5: .* should match pattern .*; it is 'a b'"),
    "versions": (PREFIX + "    versions: exakt\n", "runs.yml:5: .* should be 'minor' or 'exact'; it is 'exakt'"),
    "nan": (PREFIX + "    parameters:\n      prompt: [1, .nan]\n", "runs.yml:6: .nan is not a finite number"),
    "infinite": (PREFIX + "    parameters: {prompt: -.inf}\n", "runs.yml:5: -.inf is not a finite number"),
    "too large": (PREFIX + "    parameters: {prompt: 1.0e+999}\n", "runs.yml:5: 1.0e.999 is not a finite number"),
    "day": (
        PREFIX + "    parameters: {prompt: 2020-01-01}\n",
        'runs.yml:5: YAML reads 2020-01-01 as a date; quote it: "2020-01-01"',
    ),
    "surrogate": (PREFIX + '    parameters: {prompt: "\\ud800"}\n', "runs.yml:5: .*(surrogate|Unicode character)"),
    "key": (
        PREFIX + "    parameters: {1: a}\n",
        "runs.yml:5: runs.counting.parameters.1: a name must be text, and YAML reads this one as 1; put it in quotes",
    ),
    "key in a value": (
        PREFIX + "    parameters:\n      prompt:\n      - a\n      - list: {3: 4}\n",
        "runs.yml:8: runs.counting.parameters.prompt.1.list.3: a name must be text",
    ),
    "label": (PREFIX + "    matrix: {seed: {1: 5}}\n", "runs.yml:5: runs.counting.matrix.seed.1: a name must be text"),
    "field that is a number": (PREFIX + "    1: a\n", "runs.yml:5: runs.counting.1: a name must be text"),
    "name of a run": ("runs: {1: {}}\n", "runs.yml:1: runs.1: a name must be text"),
    "empty run": (
        "runs:\n  counting:\n",
        "runs.yml:2: runs.counting: a run needs `notebook:` and `records:` below its name; it is None",
    ),
    "empty defaults": (
        "defaults:\n" + PREFIX,
        "runs.yml:1: defaults: it needs fields of all runs below it, such as `parameters:`; it is None",
    ),
    "bytes": (PREFIX + "    parameters: {prompt: !!binary aGk=}\n", "runs.yml:5: .*not a valid JSON value; it is b'hi'"),
    "loop": (PREFIX + "    parameters: {prompt: &x [*x]}\n", "runs.yml:5: .*cyclic reference"),
    "file as a folder": (
        PREFIX + "  counting/sequence.json:\n    notebook: counting.ipynb\n    records: [a]\n",
        "runs.yml:5: run 'counting/sequence.json' needs the folder docs/data/counting/sequence.json, .* of run 'counting'",
    ),
    "notebook as a folder": (
        PREFIX + "  counting.ipynb/a:\n    notebook: counting.ipynb\n    records: [a]\n",
        "runs.yml:5: run 'counting.ipynb/a' needs the folder analyses/executed/counting.ipynb, which is a file of run 'counting'",
    ),
    "slash": (
        "runs:\n  a/b: &x {notebook: counting.ipynb, records: [a]}\n  a--b: *x\n",
        "runs.yml:3: runs 'a/b' and 'a--b' are one file .*failed/a--b.ipynb",
    ),
    "model without source": (
        "models: {small: {name: Small}}\n" + PREFIX,
        "runs.yml:1: models.small.source: a model needs `source:` below its name, a hub id or a path in analyses/$",
    ),
    "model that is a text": (
        "models:\n  small: models/small\n" + PREFIX,
        "runs.yml:2: models.small: a model needs `source:` below its name, .*; it is 'models/small'",
    ),
    "field of a model": (
        "models:\n  small:\n    sourc: models/small\n" + PREFIX,
        "runs.yml:3: unknown field 'sourc'; did you mean source",
    ),
    "name of a model": (
        "models: {org/small: {source: models/small}}\n" + PREFIX,
        "runs.yml:1: model 'org/small': .* with a slash are those of the hub and of bundled models; call it 'org-small'",
    ),
    "bundled name of a model": (
        "models: {lensdoc/tiny: {source: models/small}}\n" + PREFIX,
        "runs.yml:1: model 'lensdoc/tiny': ",
    ),
    "model that is a folder": (
        "models: {executed: {source: models/small}}\n" + PREFIX,
        "runs.yml:1: model 'executed': analyses/executed exists too, so 'executed' could be either; give the model another name",
    ),
    "source that is a name": (
        "models:\n  a: {source: b}\n  b: {source: models/small}\n" + PREFIX,
        "runs.yml:2: model 'a': the source 'b' is the name of another model; give its source, 'models/small'",
    ),
    "bundled source": ("models: {a: {source: lensdoc/small}}\n" + PREFIX, "runs.yml:1: .* no bundled model 'lensdoc/small'"),
    "source with a backslash": ("models: {a: {source: 'models\\small'}}\n" + PREFIX, "runs.yml:1: .* a path with '/'"),
    "name for readers": (
        "models: {a: {source: b/c, name: /data/c}}\n" + PREFIX,
        "runs.yml:1: .* see the path '/data/c'; .* as 'c'",
    ),
    "two lines for readers": ('models: {a: {source: b/c, name: "a\\nb"}}\n' + PREFIX, "runs.yml:1: .* `name` is one line"),
    "one name for readers": (
        "models:\n  a: {source: models/x/small}\n  b: {source: models/y/small}\n" + PREFIX,
        "runs.yml:3: model 'b': readers would see 'small' for this model and for 'a'; give each its own `name`",
    ),
    "path of a model": (
        PREFIX + f"    parameters: {{model: {BUNDLED['lensdoc/tiny']}}}\n",
        "runs.yml:5: the parameter 'model' would be published with its path, .*; give the model a name: `models: {my-model: ",
    ),
    "path of a model in a list of all runs": (
        f"defaults:\n  parameters: {{prompt: [x, {BUNDLED['lensdoc/tiny']}]}}\n" + PREFIX,
        "runs.yml:2: the parameter 'prompt' would be published with its path",
    ),
    "long name": (
        PREFIX.replace("counting:", f"{'a/' * 60}{'b' * 60}:"),
        "runs.yml:2: .* at most 200 characters, each '/' .* has 240",
    ),
    "long name in a matrix": (
        PREFIX + f"    matrix: {{prompt: [{'a' * 200}]}}\n",
        "runs.yml:2: run 'counting': the name of a run has at most 200 characters, .* has 217",
    ),
    "long record": (PREFIX.replace("[sequence]", f"[{'a' * 201}]"), "runs.yml:4: .* at most 200 characters"),
    "NUL in a notebook": (
        PREFIX.replace("counting.ipynb", '"a\\0.ipynb"'),
        r"runs.yml:3: run 'counting': 'a\\x00.ipynb' holds a character",
    ),
    "NUL in an input": (PREFIX + '    inputs: ["a\\0"]\n', r"runs.yml:5: run 'counting': 'a\\x00' holds a character"),
    "path from the root": (PREFIX.replace("counting.ipynb", "/x.ipynb"), "runs.yml:3: run 'counting': '/x.ipynb' lies outside"),
    "number as a record": (PREFIX.replace("[sequence]", "[2020]"), "runs.yml:4: .* valid string; it is 2020; put it in quotes"),
    "aliases": (
        PREFIX
        + "    parameters:\n      prompt:\n      - &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        + "".join(f"      - &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)),
        r"runs.yml: with its aliases \(\*\) the file holds [\d,]+ values; at most 100,000 are read",
    ),
    "yaml": ("runs: {", "runs.yml:[12]: not YAML: while parsing a flow"),
    "empty": ("", "runs.yml:1: the file must hold `runs:` .*; it holds None"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_in_runs_yml_is_named_with_its_line(project, name):
    text, message = MISTAKES[name]
    (project / "analyses" / "runs.yml").write_text(text)
    with pytest.raises(RunError, match=message):
        read_runs(Project(project))


TINY = str(BUNDLED["lensdoc/tiny"])
PATHS = {
    "a default": ([f"model = {TINY!r}"], 1),
    "a default that runs.yml replaces": ([f"prompt = {TINY!r}"], 1),
    "a default that is computed": ([f"model = str({TINY!r})"], 1),
    "a cell": (["n = 1", f"load_model({TINY!r})"], 3),
    "a cell with IPython's syntax": (["n = 1", f"%time\nx = load_model({TINY!r}) ?"], 3),
}


@pytest.mark.parametrize("name", PATHS)
def test_the_path_of_a_model_in_a_notebook_is_refused(project, name):
    cells, number = PATHS[name]
    content = notebook(*cells)
    content["cells"].insert(1, {"cell_type": "markdown", "source": "Text.", "metadata": {}})
    (project / "analyses" / "counting.ipynb").write_text(json.dumps(content))
    replaced = "    parameters: {prompt: lensdoc/tiny}\n" if "prompt" in cells[0] else ""
    (project / "analyses" / "runs.yml").write_text(PREFIX + replaced)
    what = f"cell {number} of counting.ipynb would be published with the path of a model, '{TINY}'; give the model a name"
    with pytest.raises(RunError, match=f"runs.yml:3: run 'counting': {re.escape(what)}"):
        read_runs(Project(project))


def test_a_path_of_no_model_in_a_notebook_is_not_refused(project, monkeypatch):
    home = project / "home"
    home.mkdir()
    (home / "config.json").write_text("{}")
    monkeypatch.setenv("HOME", str(home))
    content = notebook("side = '/'", f"open({str(project)!r})", "'~'.join(names)")
    (project / "analyses" / "counting.ipynb").write_text(json.dumps(content))
    (project / "analyses" / "runs.yml").write_text(PREFIX)
    assert [run.name for run in read_runs(Project(project))] == ["counting"]


def test_defaults_and_own_parameters_are_merged(project):
    run = next(run for run in read_runs(Project(project)) if run.name == "counting")
    assert run.parameters == {"model": "lensdoc/tiny", "prompt": " 1, 2, 3", "max_new_tokens": 30, "n_factors": [2, 5]}


def test_a_run_has_its_settings_or_those_of_all_runs(project):
    runs = (
        PREFIX
        + "  other:\n    notebook: counting.ipynb\n    records: [a]\n    threads: 4\n    timeout: null\n    resources: {}\n"
    )
    defaults = "defaults: {threads: 2, timeout: 60, versions: exact, resources: {GPU: 1}}\n"
    (project / "analyses" / "runs.yml").write_text(defaults + runs)
    counting, other = read_runs(Project(project))
    assert (counting.threads, counting.timeout, counting.versions, counting.resources) == (2, 60.0, "exact", {"GPU": 1.0})
    assert (other.threads, other.timeout, other.versions, other.resources) == (4, None, "exact", {})
    (project / "analyses" / "runs.yml").write_text(PREFIX)
    (plain,) = read_runs(Project(project))
    assert (plain.threads, plain.timeout, plain.versions, plain.resources) == (1, None, "minor", {})


def test_python_s_own_names_are_no_parameters(project):
    path = project / "analyses" / "counting.ipynb"
    notebook = json.loads(path.read_text())
    cell = next(c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", []))
    cell["source"] = ["__name__ = 'x'\n", *cell["source"]]
    path.write_text(json.dumps(notebook))
    (project / "analyses" / "runs.yml").write_text(PREFIX + "    parameters: {__name__: a}\n")
    with pytest.raises(RunError, match="counting.ipynb declares no parameter '__name__'"):
        read_runs(Project(project))


NOTEBOOKS = {
    "no format": (
        lambda n: n.pop("nbformat"),
        "`nbformat` must be 4, it is None; open the notebook in Jupyter and save it again",
    ),
    "format 3": (lambda n: n.update(nbformat=3), "`nbformat` must be 4, it is 3; open"),
    "no minor": (lambda n: n.pop("nbformat_minor"), "`nbformat_minor` must be a number such as 5, it is None"),
    "no metadata": (lambda n: n.pop("metadata"), 'the notebook needs `"metadata": {}`'),
    "no metadata of a cell": (lambda n: n["cells"][1].pop("metadata"), 'cell 2 needs `"metadata": {}`'),
    "tags": (lambda n: n["cells"][1]["metadata"].update(tags="parameters"), "cell 2: `tags` must be a list, it is 'parameters'"),
    "outputs": (lambda n: n["cells"][1].update(outputs="x"), 'cell 2 needs `"outputs": []`'),
    "source": (lambda n: n["cells"][0].pop("source"), 'cell 1 needs `"source": ""`'),
    "surrogate": (lambda n: n["cells"][0].update(source=["a", "\ud800"]), "cell 1 holds half a surrogate pair"),
    "worksheets": (lambda n: n.update(nbformat=3, worksheets=[n.pop("cells")]), "`nbformat` must be 4, it is 3; open"),
    "R": (
        lambda n: n["metadata"].update(kernelspec={"name": "ir", "display_name": "R", "language": "R"}),
        "the notebook is written in r, and runs are executed in Python 3; choose a Python kernel",
    ),
    "Julia": (
        lambda n: n["metadata"].update(kernelspec={"name": "j"}, language_info={"name": "julia"}),
        "the notebook is written in julia",
    ),
    "injected": (
        lambda n: n["cells"][0]["metadata"].update(tags=["injected-parameters"]),
        "cell 1 has the tag 'injected-parameters': Papermill puts the parameters in its place; take the tag or the cell away",
    ),
    "kernel of no language": (
        lambda n: n.update(metadata={"kernelspec": {"name": "ir", "display_name": "R"}}),
        "the notebook does not say its language, and its kernel 'ir' need not be Python, and runs are executed in Python 3",
    ),
    "Python 2": (
        lambda n: n["metadata"].update(language_info={"name": "python", "version": "2.7.18"}),
        "the notebook is written in Python 2, and runs are executed in Python 3; choose a Python kernel",
    ),
    "Papermill's note": (
        lambda n: n["cells"][1]["metadata"].update(tags=["papermill-error-cell-tag"]),
        "cell 2 has the tag 'papermill-error-cell-tag', which Papermill gives its own notes, and removes; take the tag away",
    ),
    "Papermill's metadata": (
        lambda n: n["metadata"].update(papermill=5),
        "`papermill` in its metadata must be an object, it is 5; take it away",
    ),
    "outputs of a text cell": (
        lambda n: n["cells"][0].update(outputs=[]),
        "cell 1 is no code cell and has `outputs`; take them away",
    ),
    "type of a cell": (
        lambda n: n["cells"][1].update(cell_type="Code"),
        "cell 2: `cell_type` must be one of code, markdown, raw, it is 'Code'; no other is executed",
    ),
    "cells": (lambda n: n.update(cells=[1]), "not a Jupyter notebook: cell 1 has no `cell_type`; open"),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_that_could_not_be_executed_is_told_with_what_it_lacks(project, name):
    edit, message = NOTEBOOKS[name]
    (project / "analyses" / "runs.yml").write_text(PREFIX)
    path = project / "analyses" / "counting.ipynb"
    notebook = json.loads(path.read_text())
    edit(notebook)
    path.write_text(json.dumps(notebook))
    with pytest.raises(RunError, match=f"runs.yml:3: run 'counting': .*counting.ipynb: {re.escape(message)}"):
        read_runs(Project(project))


@pytest.mark.parametrize("kernel", [{}, {"name": "python3"}, {"name": "conda-env-x"}, {"name": "x", "language": "Python"}])
def test_a_kernel_of_python_may_have_any_name(project, kernel):
    (project / "analyses" / "runs.yml").write_text(PREFIX)
    path = project / "analyses" / "counting.ipynb"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metadata": {"kernelspec": kernel}}))
    assert read_runs(Project(project))[0].notebook.name == "counting.ipynb"


def test_a_name_stands_for_all_runs_below_it(project):
    runs = "".join(PREFIX.replace("runs:\n", "").replace("counting:", f"{name}:") for name in ("eu/a", "eu/b", "eul"))
    (project / "analyses" / "runs.yml").write_text(f"runs:\n{runs}")
    found = read_runs(Project(project))
    assert [run.name for run in choose(found, ["eu"])] == ["eu/a", "eu/b"]
    assert len(choose(found, [])) == 3
    with pytest.raises(RunError, match="no run 'e'; "):
        choose(found, ["e"])


def test_a_project_is_found_from_inside_and_its_absence_is_explained(project, tmp_path_factory):
    assert find_project(project / "docs" / "data").root == project
    with pytest.raises(RunError, match="no mkdocs.yml in .* or above it"):
        find_project(tmp_path_factory.mktemp("empty"))


def why(project):
    return status(Project(project))[0]


def test_what_cannot_be_observed_counts_as_unchanged_and_is_named(project, monkeypatch):
    installed = {"torch": None, "numpy": "0.0.1"}
    monkeypatch.setattr(libraries, "_installed", lambda name: installed.get(name, "9.9.9"))
    monkeypatch.setattr(key, "_python", lambda: "9.9")
    found = why(project)
    assert found.unchecked == ("torch",)
    assert "torch" not in found.why
    assert "Python" not in found.why
    assert re.search(r"numpy 2\.\d+ -> 0.0;", found.why)


def test_another_version_of_python_is_seen_where_the_run_could_be_executed(project, monkeypatch):
    monkeypatch.setattr(key, "_python", lambda: "9.9")
    assert re.search(r"Python 3.\d+ -> 9.9", why(project).why)


def lock_with(project, **components):
    """Write other components into the lock, as another run would have."""
    path = project / "analyses" / "runs.lock"
    entry = read_lock(path)["counting"]
    changed = entry.components | components
    write_entry(path, "counting", entry.model_copy(update={"components": changed, "key": key.key_of(changed)}))
    return entry.components


def test_a_hub_model_counts_as_unchanged(project):
    runs = project / "analyses" / "runs.yml"
    runs.write_text(runs.read_text().replace("lensdoc/tiny", "some/model"))
    parameters = read_runs(Project(project))[0].parameters
    lock_with(project, model={"revision": "0123456789"}, parameters=parameters)
    found = why(project)
    assert (found.word, found.unchecked) == (FRESH, ("revision of some/model",))


def test_models_have_a_name_for_readers(project):
    runs = project / "analyses" / "runs.yml"
    models = {
        "a": {"source": "models/x.Q4_1.gguf"},
        "b": {"source": "org/name"},
        "c": {"source": "models/folder", "name": "A (small)", "get": "make c"},
        "gpt2": {"source": "gpt2"},
        "d": {"source": "lensdoc/tiny"},
        "e": {"source": "../elsewhere/e"},
    }
    runs.write_text(f"models: {json.dumps(models)}\n{PREFIX}")
    (run,) = read_runs(Project(project))
    titles = {name: model.title for name, model in run.models.items()}
    assert titles == {"a": "x.Q4_1", "b": "org/name", "c": "A (small)", "gpt2": "gpt2", "d": "lensdoc/tiny", "e": "e"}
    assert {name for name, model in run.models.items() if model.is_absent} == {
        "a",
        "c",
        "e",
    }  # and nobody minds: no run uses them
    assert run.models["c"].cure == "to get it: make c"
    assert run.models["b"].path is run.models["gpt2"].path is None


def test_another_checkpoint_of_the_bundled_model_is_seen(project):
    lock_with(project, model={"revision": "sha256:00"})
    found = why(project)
    assert found.word == STALE
    assert found.why.startswith('model revision: "sha256:00" -> "sha256:')


def test_only_code_that_the_run_reached_counts(project):
    locked = read_lock(project / "analyses" / "runs.lock")["counting"].components["code"]
    assert "lensdoc.measures.factorization" in locked
    assert not any(name.startswith(("lensdoc.publish", "lensdoc.explorables", "lensdoc.pipeline")) for name in locked)
    assert "lensdoc.records.kinds" not in locked  # a new kind makes no run stale


@pytest.mark.parametrize("tagged", [["markdown", "code"], ["code", "code"], ["markdown"]])
def test_the_parameters_tag_marks_one_code_cell(project, tagged):
    path = project / "analyses" / "counting.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["metadata"].pop("tags", None)
    for kind in tagged:
        next(c for c in notebook["cells"] if c["cell_type"] == kind and "tags" not in c["metadata"])["metadata"]["tags"] = [
            "parameters"
        ]
    path.write_text(json.dumps(notebook))
    with pytest.raises(RunError, match=f"the tag 'parameters' marks {len(tagged)} cells; it must mark exactly one, a code cell"):
        read_runs(Project(project))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (('"""Doc."""', '"""Other\n\n    text."""'), True),
        (("# comment", "# other"), True),
        (("x = 1", "x = 1  # why"), True),
        (("x = 1", "\nx = 1\n"), True),
        (("x = 1", "x = 2"), False),
        (("f'{x!r} # no'", "f'{x!r} # yes'"), False),
    ],
)
def test_docstrings_comments_and_blank_lines_are_not_code(tmp_path, monkeypatch, change, same):
    source = '"""Doc."""\nx = 1\n"""About x."""\n# comment\ndef f():\n    """Doc."""\n    return f\'{x!r} # no\'\n'
    monkeypatch.setattr(key, "_PACKAGE", tmp_path)
    (tmp_path / "models").mkdir()

    def hashed(text):
        (tmp_path / "models" / "m.py").write_text(text)
        return key.code_components(["lensdoc.models.m"])["lensdoc.models.m"]

    assert (hashed(source) == hashed(source.replace(*change))) is same


def test_the_hash_of_code_is_the_same_for_every_python(tmp_path, monkeypatch):
    """A digest that Python 3.11, 3.12 and 3.13 were seen to agree on."""
    monkeypatch.setattr(key, "_PACKAGE", tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "m.py").write_text('''"""Doc."""\nx = f"{1!r:>{4}} {'a' 'b'}"  # why\n''')
    assert code_of('x = f"{1!r:>{4}}"  # why\n') == 'x = f"{1!r:>{4}}"'
    assert key.code_components(["lensdoc.models.m"]) == {"lensdoc.models.m": key.digest("x = f\"{1!r:>{4}} {'a' 'b'}\"")[:16]}


def test_a_module_that_is_gone_is_a_change():
    assert key.code_components(["lensdoc.models.gone"]) == {"lensdoc.models.gone": ""}


def test_the_lock_holds_the_key_of_its_components(project):
    entry = read_lock(project / "analyses" / "runs.lock")["counting"]
    assert entry.key == key.key_of(json.loads(json.dumps(entry.components)))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("yes", "YAML reads yes as true; write true, or quote it"),
        ("Off", "YAML reads Off as false; write false, or quote it"),
        ("010", "YAML reads 010 as an octal number, 8; write that number, without a zero in front, or quote it"),
        ("1:30:30", "YAML reads 1:30:30 as a number in base 60; write the number, or quote it"),
        ("1e-4", "YAML reads 1e-4 as a text; write it with a dot and a signed exponent, as 1.0e-4, or quote it"),
        ("-2.5E3", "YAML reads -2.5E3 as a text"),
    ],
)
def test_what_yaml_reads_otherwise_than_it_looks_is_told(project, value, said):
    (project / "analyses" / "runs.yml").write_text(f"{PREFIX}    parameters: {{prompt: {value}}}\n")
    with pytest.raises(RunError, match=f"runs.yml:5: {re.escape(said)}"):
        read_runs(Project(project))
    for quoted in (f'"{value}"', "true", "1.0e-4", "8", "0", "0x1F"):
        (project / "analyses" / "runs.yml").write_text(f"{PREFIX}    parameters: {{prompt: {quoted}}}\n")
        read_runs(Project(project))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("What is this: a test", ':5: not YAML: mapping .*; quote the value: prompt: "What is this: a test"$'),
        ("{a: b: c}", ':5: not YAML: .*; quote the value: a: "b: c"$'),
        ("[a, b: c: d]", ':5: not YAML: .*; quote the value: "b: c: d"$'),
        ("@name", ':5: not YAML: .*; quote the value: prompt: "@name"$'),
        ("*", ":5: not YAML: .*(alias|alphabetic).*"),
        ("'it's'", ":5: not YAML: .*; inside of '...' an apostrophe is written twice, or put the value in double quotes$"),
        ('"open', ":6: not YAML: .*; the quote that opens on line 5 may not be closed$"),
        ("[open", ":6: not YAML: .*; the bracket that opens on line 5 may not be closed$"),
        (
            "\n      - plain\n      - Question: what",
            ':7: YAML reads Question: what as a name and its value; quote it: "Question: what"$',
        ),
    ],
)
def test_a_value_that_lacks_its_quotes_is_told_with_the_cure(project, value, said):
    (project / "analyses" / "runs.yml").write_text(f"{PREFIX}    prompt: {value}\n")
    with pytest.raises(RunError, match=f"runs.yml{said}"):
        read_runs(Project(project))


def test_lines_that_are_set_in_by_a_tab_or_unevenly_are_told(project):
    for text, said in (
        ("\tnotebook: a", "indent with spaces, not with tabs"),
        ("    notebook: a\n     b: c", "same number of spaces"),
    ):
        (project / "analyses" / "runs.yml").write_text(f"runs:\n  a:\n{text}\n")
        with pytest.raises(RunError, match=said):
            read_runs(Project(project))


def test_texts_in_a_list_of_mappings_are_no_mistake(project):
    (project / "analyses" / "runs.yml").write_text(f"{PREFIX}    parameters:\n      prompt:\n      - a: b\n      - a: c\n")
    (run,) = read_runs(Project(project))
    assert run.parameters["prompt"] == [{"a": "b"}, {"a": "c"}]


@pytest.mark.parametrize("name", ["analyses/runs.yml", "analyses/runs.lock", "analyses/counting.ipynb", "mkdocs-parent.yml"])
@pytest.mark.parametrize(("make", "kind"), [(os.mkfifo, r"a pipe \(FIFO\)"), (os.mkdir, "a folder")])
def test_what_is_no_file_is_told_and_not_waited_for(project, name, make, kind):
    (project / "analyses" / "runs.yml").write_text(PREFIX)
    (project / "mkdocs.yml").write_text("INHERIT: mkdocs-parent.yml\n")
    (project / "mkdocs-parent.yml").write_text("site_name: x\n")
    (project / name).unlink()
    make(project / name)
    with pytest.raises(RunError, match=f"{name}: must be a file, and is {kind}"):
        status(Project(project))


def test_a_file_without_an_end_is_not_read(project):
    (project / "analyses" / "runs.yml").unlink()
    (project / "analyses" / "runs.yml").symlink_to("/dev/zero")
    with pytest.raises(RunError, match="runs.yml: must be a file, and is a device"):
        read_runs(Project(project))


def test_links_out_of_analyses_and_in_circles_are_refused(project, tmp_path_factory):
    analyses, outside = project / "analyses", tmp_path_factory.mktemp("outside")
    (outside / "x.ipynb").write_text((analyses / "counting.ipynb").read_text())
    (analyses / "out.ipynb").symlink_to(outside / "x.ipynb")
    (analyses / "loop.ipynb").symlink_to("loop.ipynb")
    for name, said in (("out", "lies outside analyses/: a link leads there"), ("loop", "(cannot be followed|symbolic links)")):
        (analyses / "runs.yml").write_text(PREFIX.replace("counting.ipynb", f"{name}.ipynb"))
        with pytest.raises((RunError, OSError), match=said):
            read_runs(Project(project))
