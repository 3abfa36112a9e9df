"""Runs with real kernels, in copies of projects."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from faulty import with_long
from running import execute_stale

from lensdoc.core.errors import LensdocError, RunError
from lensdoc.pipeline.compare import compare
from lensdoc.pipeline.job import execute
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.status import FRESH, MISSING, STALE, status
from lensdoc.records.reading import read_record

SAVE = """
from lensdoc.records.record import ModelInfo, Provenance
from lensdoc.records.sequence import Sequence
model = ModelInfo(id="m", revision="sha256:0", layers=1, width=1, neurons=1, vocabulary=1, parameters=1)
record = Sequence(tokens=(), facts={"n": n}, model=model, provenance=Provenance(dtype="float32"), targets=(), probs=(), ranks=())
record.save("sequence")
"""


def notebook(*cells: str, parameters: str = "n = 1"):
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(source) for source in (parameters, *cells)]
    made.cells[0].metadata["tags"] = ["parameters"]
    made.cells[1].metadata["tags"] = ["", "skip-execution"]  # no reasons to skip a cell, which nbclient takes for some
    made.cells.append(nbformat.v4.new_markdown_cell("Text."))
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


@pytest.fixture
def small(tmp_path):
    """A project with one notebook that needs no model; call it with the notebook's cells."""

    def make(*cells, entry=None):
        project = Project(tmp_path)
        (tmp_path / "mkdocs.yml").write_text("site_name: small\n")
        project.analyses.mkdir(exist_ok=True)
        nbformat.write(notebook(*cells), project.analyses / "small.ipynb")
        runs = {"small": {"notebook": "small.ipynb", "records": ["sequence"], **(entry or {})}}
        project.runs_file.write_text(json.dumps({"runs": runs}))
        return project

    return make


def words(project):
    return [found.word for found in status(project)]


def files(folder: Path):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_run_of_the_article_makes_the_committed_records_and_again_the_same_bytes(project):
    article = Project(project)

    def counting():
        return {path.stem: path.read_bytes() for path in (article.data / "counting").glob("*.json")}

    said, committed = [], counting()
    assert execute_stale(article, said.append) == 0
    assert said == []
    assert execute_stale(article, said.append, ["counting"], force=True) == 1
    once, made = files(article.data), counting()
    assert committed.keys() == made.keys() == {"sequence", "two-factors", "five-factors"}
    for name, content in made.items():
        assert compare(committed[name], content).first is None
    assert execute_stale(article, said.append, ["counting"], force=True) == 1
    assert files(article.data) == once
    assert set(words(article)) == {FRESH}
    assert said[0] == "executing counting"


def change_cell(project, index, source):
    path = project.analyses / "small.ipynb"
    made = nbformat.read(path, 4)
    made.cells[index].source = source
    nbformat.write(made, path)


def test_a_code_cell_makes_its_run_stale_and_a_markdown_cell_does_not(small):
    project = small(SAVE)
    assert words(project) == [MISSING]
    assert execute_stale(project, print) == 1
    assert words(project) == [FRESH]
    change_cell(project, 2, "Other text.")
    assert words(project) == [FRESH]
    made = nbformat.read(project.analyses / "small.ipynb", 4)
    made.cells[1].metadata["tags"] = ["hide"]
    made.cells[1].outputs = [nbformat.v4.new_output("stream", text="printed")]
    nbformat.write(made, project.analyses / "small.ipynb")
    assert words(project) == [FRESH]
    change_cell(project, 1, SAVE + "\n1 + 1")
    (found,) = status(project)
    assert found.word == STALE
    assert found.why == "cell 2 changed"


def test_a_parameter_makes_exactly_its_run_stale(small):
    project = small(SAVE)
    runs = {name: {"notebook": "small.ipynb", "records": ["sequence"], "parameters": {"n": 1}} for name in ("a", "b")}
    project.runs_file.write_text(json.dumps({"runs": runs}))
    assert execute_stale(project, print) == 2
    runs["b"]["parameters"]["n"] = 5
    project.runs_file.write_text(json.dumps({"runs": runs}, indent=4))  # the formatting changes too
    assert [(found.name, found.word, found.why) for found in status(project)] == [
        ("a", FRESH, ""),
        ("b", STALE, "parameter n: 1 -> 5"),
    ]
    said = []
    assert execute_stale(project, said.append) == 1
    assert said[0] == "executing b"
    assert read_record(project.data / "b" / "sequence.json").facts == {"n": 5}
    assert read_record(project.data / "a" / "sequence.json").facts == {"n": 1}


def test_a_record_that_was_edited_or_deleted_is_seen(small):
    project = small(SAVE)
    execute_stale(project, print)
    path = project.data / "small" / "sequence.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))  # as Git writes it under Windows
    assert words(project) == [FRESH]
    path.write_text(path.read_text().replace('{"n": 1}', '{"n": 2}'))
    assert status(project)[0].why == "record sequence: not the file that the run made"
    path.unlink()
    assert (status(project)[0].word, status(project)[0].why) == (MISSING, "no record sequence")
    execute_stale(project, print)
    assert words(project) == [FRESH]


def test_a_run_reads_its_declared_inputs_and_a_change_of_them_makes_it_stale(small):
    read = "n = int(open('data/n.txt').read())"
    project = small(read, SAVE)
    (project.analyses / "data").mkdir()
    (project.analyses / "data" / "n.txt").write_text("7")
    with pytest.raises(RunError, match="FileNotFoundError"):
        execute_stale(project, print)
    small(read, SAVE, entry={"inputs": ["data/n.txt"]})
    execute_stale(project, print)
    assert read_record(project.data / "small" / "sequence.json").facts == {"n": 7}
    (project.analyses / "data" / "n.txt").write_text("8")
    assert status(project)[0].word == STALE


def test_inputs_of_one_name_in_two_folders_are_told_apart(small):
    read = "n = int(open('a/n.txt').read()) + int(open('b/n.txt').read())"
    project = small(read, SAVE, entry={"inputs": ["a/n.txt", "b/n.txt"]})
    for folder in ("a", "b"):
        (project.analyses / folder).mkdir()
        (project.analyses / folder / "n.txt").write_text("1")
    execute_stale(project, print)
    (project.analyses / "a" / "n.txt").write_text("1000")
    assert status(project)[0].why == "input a/n.txt changed"


def test_an_input_that_changes_while_a_run_reads_it_leaves_the_run_stale(small):
    project = small("n = int(open('n.txt').read())", "open(original, 'w').write('8')", SAVE, entry={"inputs": ["n.txt"]})
    (project.analyses / "n.txt").write_text("7")
    change_cell(project, 2, f"open({str(project.analyses / 'n.txt')!r}, 'w').write('8')")
    execute_stale(project, print)
    assert read_record(project.data / "small" / "sequence.json").facts == {"n": 7}
    assert words(project) == [STALE]


def test_code_that_changes_while_a_run_uses_it_makes_the_run_fail(small, monkeypatch):
    from lensdoc.pipeline import job

    project = small(SAVE)
    run = read_runs(project)[0]
    states = iter(({"lensdoc.records.sequence": "before"}, {"lensdoc.records.sequence": "after"}))
    monkeypatch.setattr(job, "computing_sources", lambda: next(states))
    with pytest.raises(RunError, match="the code of lensdoc changed while it was executed"):
        execute(run, project)


def test_a_lock_that_was_edited_makes_its_run_stale(small):
    project = small(SAVE)
    execute_stale(project, print)
    project.lock_file.write_text(re.sub('"key": "[0-9a-f]', '"key": "x', project.lock_file.read_text()))
    assert status(project)[0].why == "runs.lock: the key is not that of its components"


def test_a_record_more_or_less_makes_the_run_stale(small):
    twice = SAVE + "\nrecord.save('again')"
    project = small(twice, entry={"records": ["sequence", "again"]})
    execute_stale(project, print)
    small(twice, entry={"records": ["sequence"]})
    assert (status(project)[0].word, status(project)[0].why) == (STALE, "records: again, sequence -> sequence")


FAILURES = {  # the cells; what failed, in which cell and line; the message
    "a cell raises": (
        ["a = 0\n1 / a\nb = 1\nc = 2\nd = 3"],
        ("cell", 2, 2),
        r"small.ipynb, cell 2, line 2:\n     a = 0\n  -> 1 / a\n  ZeroDivisionError: division by zero",
    ),
    "a function in a cell raises": (
        ["def f():\n    return 1 / 0\n\nf()"],
        ("cell", 2, 4),
        r"cell 2, line 4:\n.*\n.*\n.*\n  -> f\(\)\n",
    ),
    "blank lines come first": (["\n  \na = 0\n1 / a"], ("cell", 2, 4), r"cell 2, line 4:\n.*\n.*\n     a = 0\n  -> 1 / a\n"),
    "a function of a library raises": (
        ["import json, sys\nsys.last_value = None\njson.loads('{')"],
        ("cell", 2, 3),
        r"line 3:\n.*\n.*\n  -> json.loads\('{'\)\n  JSONDecodeError",
    ),
    "a cell is not Python": (
        ["a = 0\na = = 1"],
        ("cell", 2, 2),
        r"line 2:\n     a = 0\n  -> a = = 1\n  SyntaxError: invalid syntax",
    ),
    "a record is saved twice": (
        [SAVE + "\nrecord.save('sequence')"],
        ("cell", 2, SAVE.count("\n") + 2),
        "has saved a record 'sequence' before",
    ),
    "nothing is saved": (["pass"], ("record", None, None), "ended without saving the declared record 'sequence'"),
    "it exits early": (
        ["import sys\nsys.exit(0)", SAVE],
        ("exit", 2, 2),
        r"cell 2, line 2:\n.*\n  -> .*\n  sys.exit\(0\) ended the notebook here",
    ),
    "another name is saved": (
        [SAVE.replace('"sequence"', '"sequenze"')],
        ("cell", 2, SAVE.count("\n")),
        "does not declare a record 'sequenze'",
    ),
    "the kernel dies": (["import os; os._exit(9)"], ("kernel", 2, None), "the kernel died"),
    "a damaged record": (
        [SAVE + "\nimport os\nopen(os.environ['LENSDOC_OUT'] + '/sequence.json', 'w').write('{')"],
        ("record", None, None),
        "not valid JSON",
    ),
}


@pytest.mark.parametrize(
    "name",
    with_long(
        FAILURES,
        "a cell is not Python",
        "nothing is saved",
        "it exits early",
        "blank lines come first",
        "a record is saved twice",
        "another name is saved",
        "a damaged record",
    ),
)
def test_a_run_that_fails_says_why_and_leaves_the_former_results(small, name):
    project = small(SAVE)
    execute_stale(project, print)
    before = files(project.data) | {"lock": project.lock_file.read_bytes()}
    cells, place, message = FAILURES[name]
    small(*cells, entry={"parameters": {"n": 3}})
    with pytest.raises(RunError) as caught:
        execute_stale(project, print)
    (failure,) = caught.value.failures
    assert (failure.run, failure.notebook, (failure.kind, failure.cell, failure.line)) == ("small", "small.ipynb", place)
    assert str(failure) == str(caught.value)
    assert re.search(message, str(failure))
    assert files(project.data) | {"lock": project.lock_file.read_bytes()} == before
    assert files(project.private / "scratch") == {}
    assert words(project) == [STALE]


def test_the_notebook_of_a_failed_run_is_kept_with_its_outputs(small):
    project = small("print('so far')", "1 / 0")
    with pytest.raises(RunError, match="the notebook with its outputs:"):
        execute_stale(project, print)
    kept = nbformat.read(project.private / "failed" / "small.ipynb", 4)
    assert any(o.get("text") == "so far\n" for cell in kept.cells if cell.cell_type == "code" for o in cell.outputs)


def test_the_lock_names_what_the_run_imported_and_no_host_or_path(small):
    project = small(SAVE)
    execute_stale(project, print)
    entry = json.loads(project.lock_file.read_text())["runs"]["small"]
    assert "lensdoc.records.sequence" in entry["components"]["code"]
    assert not any("explorables" in module or "measures" in module for module in entry["components"]["code"])
    assert "torch" not in entry["components"]["versions"]
    assert str(project.root) not in project.lock_file.read_text()
    assert re.fullmatch(r"cpu \w+( .+)?", entry["device"])


def test_an_unreadable_lock_is_named(small):
    project = small(SAVE)
    for text in ("{", "{}", '{"version": 2, "runs": {}}', '{"version": 1, "runs": {"small": {"components": []}}}'):
        project.lock_file.write_text(text)
        with pytest.raises(LensdocError, match="runs.lock: not a lock of this lensdoc: .* delete it and run again"):
            status(project)


def test_a_run_leaves_its_working_folder_and_the_environment_as_they_were(small, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LENSDOC_RUN", raising=False)
    project = small(SAVE, "import os; assert os.environ['LENSDOC_RUN'] == 'small'")
    execute(read_runs(project)[0], project)
    import os

    assert Path.cwd() == tmp_path
    assert "LENSDOC_RUN" not in os.environ


def test_a_notebook_that_names_no_language_is_python(small):
    project = small(SAVE)
    path = project.analyses / "small.ipynb"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metadata": {}}))
    assert execute_stale(project) == 1
