"""runs.yml and keys, without executing anything."""

from __future__ import annotations

import json

import pytest

from lensdoc.pipeline import key
from lensdoc.pipeline.lock import read_lock, write_entry
from lensdoc.pipeline.project import Project, find_project
from lensdoc.pipeline.runs import choose, read_runs
from lensdoc.pipeline.status import FRESH, STALE, status
from lensdoc.records.errors import RunError

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
    "notebook": (PREFIX.replace("counting.ipynb", "none.ipynb"), "runs.yml:3: run 'counting': .*none.ipynb: no such notebook"),
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
    "deep": ("a: " + "[" * 5000, "runs.yml: not YAML"),
    "yaml": ("runs: {", "runs.yml:[12]: not YAML: while parsing a flow"),
    "empty": ("", "runs.yml:1: the file must hold `runs:` .*; it holds None"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_in_runs_yml_is_named_with_its_line(project, name):
    text, message = MISTAKES[name]
    (project / "analyses" / "runs.yml").write_text(text)
    with pytest.raises(RunError, match=message):
        read_runs(Project(project))


def test_defaults_and_own_parameters_are_merged(project):
    run = next(run for run in read_runs(Project(project)) if run.name == "counting")
    assert run.parameters == {"model": "lensdoc/tiny", "prompt": " 1, 2, 3", "max_new_tokens": 30, "n_factors": [2, 5]}


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
    monkeypatch.setattr(key, "_minor_version", lambda name: None if name == "torch" else "0.0" if name == "numpy" else "9.9")
    monkeypatch.setattr(key, "_python", lambda: "9.9")
    found = why(project)
    assert found.unchecked == ("torch",)
    assert "torch" not in found.why
    assert "python" not in found.why
    assert 'versions numpy: "2.' in found.why


def test_another_version_of_python_is_seen_where_the_run_could_be_executed(project, monkeypatch):
    monkeypatch.setattr(key, "_python", lambda: "9.9")
    assert 'python minor: "3.' in why(project).why


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
    assert key._code('x = f"{1!r:>{4}}"  # why\n') == 'x = f"{1!r:>{4}}"'
    assert key.code_components(["lensdoc.models.m"]) == {"lensdoc.models.m": key.digest("x = f\"{1!r:>{4}} {'a' 'b'}\"")[:16]}


def test_a_module_that_is_gone_is_a_change():
    assert key.code_components(["lensdoc.models.gone"]) == {"lensdoc.models.gone": ""}


def test_differences_say_from_what_to_what():
    before = {"parameters": {"n": 1, "s": "x" * 60}, "python": {"minor": "3.11"}}
    after = {"parameters": {"n": 2, "t": None}, "python": {"minor": "3.11"}}
    assert key.differences(before, after) == [
        "parameters n: 1 -> 2",
        f'parameters s: "{"x" * 35}..." -> none',
    ]


def test_the_lock_holds_the_key_of_its_components(project):
    entry = read_lock(project / "analyses" / "runs.lock")["counting"]
    assert entry.key == key.key_of(json.loads(json.dumps(entry.components)))
