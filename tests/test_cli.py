from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lensdoc.cli import lensdoc
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import read_runs


@pytest.fixture
def command(project, monkeypatch):
    """Calls lensdoc in a copy of the article; returns exit code and output."""
    monkeypatch.chdir(project)

    def call(*arguments):
        done = CliRunner().invoke(lensdoc, arguments)
        return done.exit_code, done.output

    return call


def test_status_of_an_up_to_date_article(command, project):
    names = [run.name for run in read_runs(Project(project))]
    width = max(map(len, names))
    assert command("status") == (0, "".join(f"{name:{width}}  fresh\n" for name in names))


def test_run_of_an_up_to_date_article_executes_nothing_and_says_so(command):
    assert command("run") == (0, "nothing to execute: every run is fresh\n")


def test_status_says_why_and_exits_with_one(command, project):
    runs = project / "analyses" / "runs.yml"
    runs.write_text(runs.read_text().replace("max_new_tokens: 30", "max_new_tokens: 31"))
    assert command("status", "--why", "counting") == (1, "counting  stale\n          parameter max_new_tokens: 30 -> 31\n")


def test_check_validates_all_data_or_what_is_named(command, project):
    count = len(list((project / "docs" / "data").rglob("*.json")))
    assert command("check") == (0, f"{count} of {count} data files are valid\n")
    bad = project / "docs" / "data" / "counting" / "bad.json"
    bad.write_text("{}")
    code, output = command("check")
    assert code == 1
    assert f"{bad}: field 'format' must be 'lensdoc/<kind>', it is None" in output
    assert output.endswith(f"{count} of {count + 1} data files are valid\n")
    assert command("check", "docs/data/counting/sequence.json")[0] == 0
    assert command("check", "no.json")[0] == 1


def test_a_project_without_data_has_no_wrong_data(command, project):
    shutil.rmtree(project / "docs" / "data")
    assert command("check") == (0, "0 of 0 data files are valid\n")
    assert command("check", "docs/data")[0] == 1


def test_mistakes_of_use_exit_with_two(command):
    assert command("stat")[0] == 2
    assert command("run", "--no-such-option")[0] == 2


@pytest.mark.parametrize("address", ["", " "])
def test_an_address_of_a_cluster_that_is_empty_is_a_mistake(command, address):
    code, said = command("run", "--cluster", address)
    assert code == 2
    assert "--cluster needs the address of a Dask scheduler, such as tcp://127.0.0.1:8786; it is empty" in said


def test_help_lists_the_commands(command):
    code, output = command("--help")
    assert code == 0
    assert all(name in output for name in ("check", "run", "status"))


def test_a_mistake_of_the_author_is_a_message_and_no_traceback(project):
    (project / "analyses" / "runs.yml").write_text("runs: []\n")
    program = Path(sys.executable).parent / "lensdoc"
    done = subprocess.run([program, "status"], capture_output=True, text=True, check=False, cwd=project)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("lensdoc: ")
    assert "runs.yml:1: runs: Input should be a valid dictionary" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_run_names_the_nearest(project):
    program = Path(sys.executable).parent / "lensdoc"
    done = subprocess.run([program, "run", "countin"], capture_output=True, text=True, check=False, cwd=project)
    names = ", ".join(sorted(run.name for run in read_runs(Project(project))))
    assert (done.returncode, done.stderr) == (1, f"lensdoc: no run 'countin'; did you mean counting? (valid: {names})\n")
