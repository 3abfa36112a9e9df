from __future__ import annotations

import json

import builders
import pytest

from lensdoc.core.errors import RunError
from lensdoc.records.reading import read_record


@pytest.fixture
def out(tmp_path, monkeypatch):
    """The scratch folder of a run that declares one record."""
    declared = {"run": "eu/seed-1", "notebook": "analyses/eu.ipynb", "parameters": {"seed": 1}, "records": ["two-factors"]}
    (tmp_path / "run.declared").write_text(json.dumps(declared))
    monkeypatch.setenv("LENSDOC_RUN", "eu/seed-1")
    monkeypatch.setenv("LENSDOC_OUT", str(tmp_path))
    return tmp_path


def test_in_a_run_a_record_goes_to_the_scratch_folder_with_its_origin(out):
    builders.factors([[1, 2]]).save("two-factors")
    origin = read_record(out / "two-factors.json").provenance
    assert (origin.run, origin.notebook, origin.parameters) == ("eu/seed-1", "analyses/eu.ipynb", {"seed": 1})


def test_a_name_that_the_run_does_not_declare_is_refused(out):
    with pytest.raises(RunError, match=r"runs.yml does not declare a record 'two-factor' .* did you mean two-factors"):
        builders.factors([[1, 2]]).save("two-factor")
    assert [p.name for p in out.iterdir()] == ["run.declared"]


@pytest.mark.usefixtures("out")
@pytest.mark.parametrize("name", ["a.b", "../x", "a/b", "", "ä"])
def test_names_are_plain(name):
    with pytest.raises(RunError, match="a record's name has"):
        builders.sequence().save(name)


def test_elsewhere_a_record_is_a_draft_and_its_path_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("LENSDOC_RUN", raising=False)
    (tmp_path / "mkdocs.yml").write_text("")
    (tmp_path / "analyses").mkdir()
    monkeypatch.chdir(tmp_path / "analyses")
    monkeypatch.setenv("JPY_SESSION_NAME", "/somewhere/counting.ipynb")
    builders.sequence().save("sequence")
    path = tmp_path / ".lensdoc" / "drafts" / "counting" / "sequence.json"
    assert capsys.readouterr().out == f"draft: {path}\n"
    assert read_record(path) == builders.sequence()
