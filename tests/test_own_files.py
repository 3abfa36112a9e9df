"""Files that belong to a record: saved, validated, published, told when they are gone or changed."""

from __future__ import annotations

import json

import builders
import pytest
from click.testing import CliRunner
from projects import SAVE, make
from running import execute_stale

from lensdoc.cli import lensdoc as main
from lensdoc.core.errors import DataError, RunError
from lensdoc.pipeline.compare import compare
from lensdoc.pipeline.lock import read_lock
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.scratch import scratch
from lensdoc.pipeline.status import FRESH, STALE, status
from lensdoc.pipeline.validation import Unfit, own_files, validated
from lensdoc.records.own_files import LARGEST, check_files
from lensdoc.records.reading import read_record
from lensdoc.records.saving import OUT, RUN
from lensdoc.records.writing import dumps, write_record

FILES = {"graph.onnx.gz": ("application/gzip", b"graph"), "local.weights-0.bin.gz": ("application/gzip", b"weights")}
SAVE_FILES = SAVE.replace("record.save", "record = record.with_files(files)\nrecord.save")


def cells(files=FILES):
    return [f"files = {files!r}\nn = 1", SAVE_FILES]


@pytest.fixture(scope="module")
def article(tmp_path_factory):
    """A project whose run saved a record with two files."""
    project = make(tmp_path_factory.mktemp("own"), {"small": cells()}, {"small": {}})
    assert execute_stale(project) == 1
    return project


@pytest.fixture
def path(article):
    """The record; its files are as they were afterwards."""
    folder = article.data / "small"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    yield folder / "sequence.json"
    for path, content in before.items():
        path.write_bytes(content)


def test_a_record_names_its_files_and_they_lie_beside_it(tmp_path):
    record = builders.sequence().with_files(FILES)
    write_record(record, tmp_path / "a.json")
    assert (tmp_path / "a.graph.onnx.gz").read_bytes() == b"graph"
    read = read_record(tmp_path / "a.json")
    assert read.files == record.files
    assert read.files["graph.onnx.gz"].size == 5
    check_files(read, tmp_path / "a.json")


def test_a_record_without_files_keeps_its_bytes():
    assert '"files"' not in dumps(builders.sequence())


@pytest.mark.parametrize("suffix", ["../x", "A", "", "a b", ".x", "a/b", "more.json", "table.csv"])
def test_names_of_files_are_plain_and_not_those_of_records(suffix):
    with pytest.raises(ValueError, match="pattern|ends as records"):
        builders.sequence().with_files({suffix: ("application/gzip", b"")})


def test_a_file_is_at_most_20_megabytes():
    with pytest.raises(RunError, match="split it into parts"):
        builders.sequence().with_files({"a": ("application/gzip", bytes(LARGEST + 1))})


def test_a_record_that_was_read_is_not_saved_without_its_files(tmp_path):
    write_record(builders.sequence().with_files(FILES), tmp_path / "a.json")
    with pytest.raises(RunError, match="does not hold it"):
        write_record(read_record(tmp_path / "a.json"), tmp_path / "b.json")
    assert not (tmp_path / "b.json").exists()


def test_a_run_publishes_the_files_with_the_record(article, path):
    assert (path.parent / "sequence.graph.onnx.gz").read_bytes() == b"graph"
    assert (path.parent / "sequence.local.weights-0.bin.gz").read_bytes() == b"weights"
    assert [found.word for found in status(article)] == [FRESH]
    assert "small" in read_lock(article.lock_file)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.write_bytes(b"grabh"), "sequence.graph.onnx.gz is not the file that the record names"),
        (lambda file: file.write_bytes(b"graph "), "is not the file that the record names"),
        (lambda file: file.unlink(), "sequence.graph.onnx.gz is not there"),
    ],
)
def test_a_file_that_is_changed_or_gone_is_told(article, path, monkeypatch, change, said):
    change(path.parent / "sequence.graph.onnx.gz")
    (found,) = status(article)
    assert found.word == STALE
    assert said in found.why
    with pytest.raises(DataError, match=said):
        check_files(read_record(path), path)
    monkeypatch.chdir(article.root)
    checked = CliRunner().invoke(main, ["check", str(path)])
    assert checked.exit_code == 1
    assert said in checked.output


def test_without_a_file_that_is_not_committed_a_run_is_fresh_and_says_so(article, path, monkeypatch):
    (path.parent / "sequence.local.weights-0.bin.gz").unlink()
    (found,) = status(article)
    assert found.word == FRESH
    assert found.without == ("sequence.local.weights-0.bin.gz",)
    check_files(read_record(path), path)
    monkeypatch.chdir(article.root)
    said = CliRunner().invoke(main, ["status"])
    assert said.exit_code == 0
    assert "fresh, built without sequence.local.weights-0.bin.gz" in said.output


def test_a_changed_file_that_is_not_committed_is_told(article, path):
    (path.parent / "sequence.local.weights-0.bin.gz").write_bytes(b"others")
    (found,) = status(article)
    assert found.word == STALE


def test_files_of_a_former_execution_are_removed(tmp_path):
    project = make(tmp_path, {"small": cells()}, {"small": {}})
    execute_stale(project)
    other = make(tmp_path / "other", {"small": cells({"graph.onnx.gz": ("application/gzip", b"new")})}, {"small": {}})
    (other.analyses / "small.ipynb").replace(project.analyses / "small.ipynb")
    assert execute_stale(project) == 1
    names = sorted(path.name for path in (project.data / "small").iterdir())
    assert names == ["sequence.graph.onnx.gz", "sequence.json"]
    assert (project.data / "small" / "sequence.graph.onnx.gz").read_bytes() == b"new"


def test_a_file_that_a_cell_changed_fails_the_run(tmp_path, monkeypatch):
    project = make(tmp_path, {"small": cells()}, {"small": {}})
    (run,) = read_runs(project)
    with scratch(run, project) as place:
        monkeypatch.setenv(RUN, run.name)
        monkeypatch.setenv(OUT, str(place.out))
        exec(SAVE_FILES, {"n": 1, "files": FILES})  # noqa: S102
        assert own_files(validated(run, place), place)["sequence.graph.onnx.gz"] == b"graph"
        (place.out / "sequence.graph.onnx.gz").write_bytes(b"other")
        with pytest.raises(Unfit, match="is not the file that the record names: a cell"):
            own_files(validated(run, place), place)


def test_a_verification_tells_other_files():
    one, other = (dumps(builders.sequence().with_files({"a": ("text/plain", content)})).encode() for content in (b"1", b"2"))
    assert compare(one, one).word == "exact"
    assert compare(one, other).word == "different"
    assert "files.a.sha256" in str(compare(one, other).first)


def test_hostile_names_in_a_record_are_refused(tmp_path):
    write_record(builders.sequence().with_files(FILES), tmp_path / "a.json")
    data = json.loads((tmp_path / "a.json").read_text())
    data["files"]["../../x"] = data["files"].pop("graph.onnx.gz")
    (tmp_path / "a.json").write_text(json.dumps(data))
    with pytest.raises(DataError, match="files"):
        read_record(tmp_path / "a.json")
