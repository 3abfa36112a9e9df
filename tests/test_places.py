"""Where a run reads and writes: links, settings of the data folder, folders for temporary files."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from faulty import linux
from projects import SAVE, call, make
from running import execute_stale
from serving import Served, small_article, tokens, write_runs

from lensdoc.core.errors import RunError
from lensdoc.core.files import check_writable
from lensdoc.pipeline import workers
from lensdoc.pipeline.failure import failure_of
from lensdoc.pipeline.job import Job, do
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.run_paths import check_links
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.status import FRESH, status

LINKS = {  # the link, and where it leads
    "the folder of data": ("docs/data", "../../outside"),
    "a run's folder": ("docs/data/small", "../../../outside"),
    "a run's folder to another place of the project": ("docs/data/small", "../../analyses"),
    "a record": ("docs/data/small/sequence.json", "../../../../outside/sequence.json"),
    "executed notebooks": ("analyses/executed", "../../outside"),
    "an executed notebook": ("analyses/executed/small.ipynb", "../../../outside/small.ipynb"),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_out_is_refused_before_anything_is_executed(tmp_path, name):
    project = make(tmp_path / "project", {"small": ["1 / 0", SAVE]}, {"small": {}})
    link, target = project.root / LINKS[name][0], LINKS[name][1]
    (tmp_path / "outside").mkdir()
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
    (run,) = read_runs(project)
    paths = [*run.outputs(project).values(), run.executed_notebook(project)]
    with pytest.raises(RunError, match=r"a link out of .*; (take the link away|put the folder itself there)"):
        check_links(paths, project)
    link.unlink()
    check_links(paths, project)  # the control


def test_a_run_asks_for_links_first(tmp_path):
    project = make(tmp_path / "project", {"small": ["1 / 0"]}, {"small": {}})
    (project.root / "docs" / "data").symlink_to(tmp_path)
    with pytest.raises(RunError, match=r"docs/data is a link out of the project"):
        execute_stale(project)
    assert list(tmp_path.glob("small*")) == []


def test_a_link_within_the_project_is_followed(tmp_path):
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    (project.root / "records").mkdir()
    (project.root / "docs" / "data").symlink_to("../records")
    (run,) = read_runs(project)
    check_links([*run.outputs(project).values()], project)


def test_what_could_not_be_written_is_told_before(tmp_path):
    """A file system may take shorter names than others."""
    check_writable(tmp_path / "new" / "folder" / "record.json")
    for path, said in (
        (tmp_path / "new" / f"{'a' * 250}.json", "File name too long"),
        (tmp_path / "/".join(["a" * 200] * 25), "File name too long"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(OSError, match=said) as caught:
            check_writable(path)
        assert str(path).startswith(caught.value.filename)
    assert list(tmp_path.iterdir()) == []


@linux
def test_a_long_folder_for_temporary_files_is_no_obstacle(tmp_path, monkeypatch):
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    folder = workers._short_folder()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "jobs"))
    shutil.rmtree(folder)
    assert list(long.iterdir()) == []
    with socket.socket(socket.AF_UNIX) as listening, pytest.raises(OSError, match="AF_UNIX path too long"):
        listening.bind(str(long / "jobs"))  # the control
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    workers._short_folder().rmdir()
    monkeypatch.setattr(workers, "_LONGEST_SOCKET", 5)
    with pytest.raises(RunError, match="no folder for temporary files takes a socket, .* set TMPDIR to a short path"):
        workers._short_folder()


def test_what_the_machine_refuses_is_no_mistake_of_lensdoc():
    """No folder for temporary files, no process more."""
    failure = failure_of("small", FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"))
    assert str(failure) == ("run 'small' failed: No usable temporary directory found in ['/tmp']; former results are untouched")
    assert "please report" in str(failure_of("small", KeyError("x")))  # the control


DATA = {  # the lines of mkdocs.yml, and the folder of records
    "docs_dir": ("docs_dir: content\n", "content/data"),
    "data": ("docs_dir: content\nmarkdown_extensions: [lensdoc: {data: content/records}]\n", "content/records"),
}


@pytest.fixture
def moved(tmp_path):
    """An article whose pages and records both lie elsewhere than usual; its run has not been executed."""
    folder = small_article(tmp_path / "article")
    settings = (folder / "mkdocs.yml").read_text().replace("- lensdoc\nwatch", "- lensdoc: {data: content/records}\nwatch")
    (folder / "mkdocs.yml").write_text(f"docs_dir: content\n{settings}")
    (folder / "docs").rename(folder / "content")
    return folder


@pytest.mark.parametrize("name", DATA)
def test_a_run_writes_where_the_settings_say(tmp_path, name):
    settings, folder = DATA[name]
    project = make(tmp_path, {"small": [SAVE]}, {"small": {}})
    (project.root / "mkdocs.yml").write_text(f"site_name: small\n{settings}")
    (project.root / "docs").rename(project.root / "content")
    assert execute_stale(project) == 1
    assert (tmp_path / folder / "small" / "sequence.json").is_file()
    assert not (tmp_path / "docs").exists()
    assert [found.word for found in status(project)] == [FRESH]


@pytest.mark.long
def test_build_status_and_verify_know_one_folder_of_data(moved):
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(moved / "site")]
    done = subprocess.run(build, cwd=moved, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "<lens-sequence" in (moved / "site" / "index.html").read_text()
    record = moved / "content" / "records" / "words" / "sequence.json"
    assert (moved / "site" / "records" / "words" / "sequence.json").read_bytes() == record.read_bytes()
    assert call(Project(moved), "status")[:2] == (0, "words  fresh\n")
    assert call(Project(moved), "verify")[:2] == (0, "words: verified: exact\n")
    assert not (moved / "docs").exists()


@pytest.mark.long
def test_a_server_shows_what_a_run_writes_elsewhere(moved):
    served = Served(moved)
    try:
        served.wait("Serving on")
        before, said = tokens(served.page()), served.count("Serving on") + served.count("Reloading browsers")
        write_runs(moved, prompt=" 5, 6")
        served.wait("Reloading browsers", said)
        assert tokens(served.page()) != before
        assert not (moved / "docs").exists()
    finally:
        served.close()


def test_messages_name_the_folder_of_the_settings(tmp_path):
    project = make(tmp_path, {"small": [SAVE]}, {"small": {}, "small/sequence.json": {"notebook": "small.ipynb"}})
    (project.root / "mkdocs.yml").write_text(f"site_name: small\n{DATA['data'][0]}")
    with pytest.raises(RunError, match=r"needs the folder content/records/small/sequence.json, which is a file of run 'small'"):
        read_runs(project)


@pytest.mark.skipif(not hasattr(os, "setuid") or os.getuid() != 0, reason="only root can be another user")
def test_another_user_is_told_what_may_not_be_written(tmp_path):
    """As after `sudo lensdoc run`: the folders belong to somebody else."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o005)
    project = make(tmp_path / "project", {"small": [SAVE]}, {"small": {}})
    pid = os.fork()
    if not pid:
        try:
            os.setgid(65534)
            os.setuid(65534)
            do(Job(str(project.root), "small"), None, print)
        except RunError as error:
            print(error)
            os._exit(0 if re.search("failed: Permission denied: .*; former results are untouched$", str(error)) else 2)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
