"""runs.yml and keys, without executing anything."""

from __future__ import annotations

import json

import pytest

from lensdoc.pipeline import key
from lensdoc.pipeline.lock import read_lock
from lensdoc.pipeline.project import Project, find_project
from lensdoc.pipeline.runs import choose, read_runs
from lensdoc.pipeline.status import FRESH, STALE, status
from lensdoc.records.errors import RunError

PREFIX = "runs:\n  counting:\n    notebook: counting.ipynb\n    records: [sequence]\n"
MISTAKES = {
    "field": (PREFIX + "    record: [x]\n", "runs.yml:5: unknown field 'record'; did you mean records"),
    "top field": ("run: {}\nruns: {}\n", "runs.yml:1: unknown field 'run'; did you mean runs"),
    "default field": ("runs: {}\ndefaults:\n  parameter: {}\n", "runs.yml:3: unknown field 'parameter'; did you mean parameters"),
    "type": (PREFIX.replace("[sequence]", "sequence"), "runs.yml:4: runs.counting.records: Input should be a valid list"),
    "none": (PREFIX.replace("[sequence]", "[]"), "runs.yml:4: runs.counting.records: List should have at least 1 item"),
    "record name": (PREFIX.replace("[sequence]", "[a.b]"), "runs.yml:4: runs.counting.records.0: String should match"),
    "missing": ("runs:\n  counting:\n    records: [a]\n", "runs.yml:2: runs.counting.notebook: Field required"),
    "notebook": (PREFIX.replace("counting.ipynb", "none.ipynb"), "none.ipynb: no such notebook"),
    "outside": (PREFIX.replace("counting.ipynb", "../../x.ipynb"), "runs.yml:3: run 'counting': '../../x.ipynb' lies outside"),
    "parameter": (
        PREFIX + "    parameters: {promt: a}\n",
        "runs.yml:5: run 'counting': counting.ipynb declares no parameter 'promt'; did you mean prompt",
    ),
    "code as a name": (PREFIX + "    parameters: {\"s=0; print('x') ; t\": a}\n", "declares no parameter"),
    "input": (PREFIX + "    inputs: [no.txt]\n", "runs.yml:5: run 'counting': input no.txt does not exist below analyses/"),
    "name": (PREFIX.replace("counting:", '"a b":'), "runs.yml:2: run 'a b': a name has letters"),
    "dots": (PREFIX.replace("counting:", "a/../b:"), "a name has letters"),
    "case": (PREFIX + PREFIX.replace("runs:\n", "").replace("counting:", "Counting:"), "blind to case"),
    "yaml": ("runs: {", "runs.yml: not YAML: .*line 1"),
    "empty": ("", "runs.yml:1: the file: Input should be"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_in_runs_yml_is_named_with_its_line(project, name):
    text, message = MISTAKES[name]
    (project / "analyses" / "runs.yml").write_text(text)
    with pytest.raises(RunError, match=message):
        read_runs(Project(project))


def test_defaults_and_own_parameters_are_merged(project):
    (run,) = read_runs(Project(project))
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


def test_a_hub_model_counts_as_unchanged(project):
    lock = project / "analyses" / "runs.lock"
    for path in (lock, project / "analyses" / "runs.yml"):
        path.write_text(path.read_text().replace("lensdoc/tiny", "some/model"))
    found = why(project)
    assert (found.word, found.unchecked) == (FRESH, ("revision of some/model",))


def test_another_checkpoint_of_the_bundled_model_is_seen(project):
    lock = project / "analyses" / "runs.lock"
    lock.write_text(lock.read_text().replace('"revision": "sha256:', '"revision": "sha256:0'))
    found = why(project)
    assert found.word == STALE
    assert found.why.startswith('model revision: "sha256:0')


def test_only_code_that_the_run_reached_counts(project):
    locked = read_lock(project / "analyses" / "runs.lock")["counting"].components["code"]
    assert "lensdoc.measures.factorization" in locked
    assert not any(name.startswith(("lensdoc.publish", "lensdoc.explorables", "lensdoc.pipeline")) for name in locked)
    assert "lensdoc.records.kinds" not in locked  # a new kind makes no run stale


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (('"""Doc."""', '"""Other."""'), True),
        (("# comment", "# other"), True),
        (("x = 1", "x  =  1"), True),
        (("x = 1", "x = 2"), False),
    ],
)
def test_docstrings_comments_and_spaces_are_not_code(tmp_path, monkeypatch, change, same):
    source = '"""Doc."""\nx = 1\n"""About x."""\n# comment\ndef f():\n    """Doc."""\n'
    monkeypatch.setattr(key, "_PACKAGE", tmp_path)
    (tmp_path / "models").mkdir()

    def hashed(text):
        key._code_hash.cache_clear()
        (tmp_path / "models" / "m.py").write_text(text)
        return key.code_components(["lensdoc.models.m"])["lensdoc.models.m"]

    assert (hashed(source) == hashed(source.replace(*change))) is same
    key._code_hash.cache_clear()


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
