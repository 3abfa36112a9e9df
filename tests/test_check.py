"""`make check` finds the tests that a change concerns, and ends in time."""

from __future__ import annotations

import gc
import subprocess
import sys

import check
import pytest


@pytest.mark.parametrize(
    ("file", "nearest", "far"),
    [
        ("lensdoc/pipeline/keeping.py", "test_keeping.py", "test_saliency.py"),
        ("lensdoc/measures/attribution.py", "test_saliency.py", "test_runs.py"),
        ("lensdoc/explorables/elements.py", "test_display.py", "test_key.py"),
        ("tests/recorded.py", "test_key.py", "test_saliency.py"),
        ("docs/guide/models.md", "test_guide.py", "test_key.py"),
        ("lensdoc/explorables/web/src/text.js", "test_assets.py", "test_key.py"),
        (".github/workflows/tests.yml", "test_publishing.py", "test_key.py"),
    ],
)
def test_a_change_concerns_the_tests_that_reach_it(file, nearest, far):
    found = {path.name: distance for path, distance in check.concerned([file]).items()}
    assert nearest in found
    assert found.get(far, 99) > found[nearest]
    assert list(found.values()) == sorted(found.values())


def test_a_test_concerns_itself_and_what_nobody_reads_nothing():
    assert list(check.concerned(["tests/test_matrix.py"])) == [check.ROOT / "tests" / "test_matrix.py"]
    assert check.concerned(["LICENSE"]) == {}


def test_every_file_that_nothing_imports_has_a_test_that_exists():
    for tests in check.CONCERNED.values():
        assert all((check.ROOT / "tests" / name).is_file() for name in tests)


SLOW = """
import time
def test_a(): time.sleep(0.5)
def test_b(): pass
"""


@pytest.mark.parametrize(
    ("seconds", "source", "code", "said"),
    [
        (0.2, SLOW, 0, "after 0.2 s not run, wholly or in part: test_slow.py"),
        (60, SLOW, 0, "2 passed"),
        (60, "def test_a(): assert False", 1, "1 failed"),
    ],
)
def test_it_stops_in_time_says_what_was_not_run_and_fails_with_a_test(tmp_path, seconds, source, code, said):
    (tmp_path / "test_slow.py").write_text(source)
    script = f"import sys, check; from pathlib import Path; sys.exit(check.run_tests([Path('test_slow.py')], {seconds}))"
    path = str(check.ROOT / "tests")
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {path!r}); {script}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, said in done.stdout) == (code, True), done.stdout + done.stderr


def test_the_script_is_checked_where_it_has_changed_and_only_there(monkeypatch, tmp_path, capsys):
    web = tmp_path / "web"
    (web / "node_modules").mkdir(parents=True)
    monkeypatch.setattr(check, "WEB", web)
    npm = tmp_path / "npm"
    npm.write_text('#!/bin/sh\necho "$3" >> called; test "$3" != "$WRONG"\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert check.check_script(["lensdoc/explorables/heat.py", "docs/index.md"]) == 0
    assert not (web / "called").exists()
    assert check.check_script(["lensdoc/explorables/web/src/words.js"]) == 0
    assert (web / "called").read_text().split() == ["check", "lint", "test"]
    monkeypatch.setenv("WRONG", "lint")
    assert check.check_script(["lensdoc/explorables/shared.json"]) == 1
    (web / "node_modules").rmdir()
    assert check.check_script(["lensdoc/explorables/shared.json"]) == 1
    assert "make bundle, which needs Node 20, installs what checks it" in capsys.readouterr().out


def test_garbage_is_looked_for_among_what_tests_make_and_not_among_what_was_collected():
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
