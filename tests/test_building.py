"""`mkdocs build` of articles with runs: what executes, what is written, and what a build does where nothing can be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import forked
import pytest
from serving import MEASURE, small_article, tokens, write_notebook, write_runs

from lensdoc.pipeline.workers import KERNELS

READ_ONLY = 'for f in docs analyses; do mount --bind -o ro "$f" "$f" || exit 99; done; exec "$@"'


def build(folder, site, *arguments, before="", wrapped=(), kernels="fork"):
    """`kernels="start"` spares a run that computes nothing the process that imports what computes."""
    command = [*wrapped, sys.executable, "-c", before + forked.MKDOCS, "build", "--site-dir", str(site), *arguments]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", KERNELS: kernels}
    return forked.run(command, cwd=folder, env=environment)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The small article after a build that executed its run."""
    folder = small_article(tmp_path_factory.mktemp("building") / "article")
    done = build(folder, folder / "site", "--strict")
    assert done.returncode == 0, done.stderr
    assert "executing words" in done.stderr
    assert " 2" in tokens((folder / "site" / "index.html").read_text())
    shutil.rmtree(folder / "site")
    return folder


@pytest.fixture
def article(executed, tmp_path):
    return shutil.copytree(executed, tmp_path / "article")


def snapshot(folder):
    paths = [path for name in ("docs", "analyses") for path in sorted((folder / name).rglob("*"))]
    facts = [(path, path.stat()) for path in [folder / "docs", folder / "analyses", *paths]]
    return [(path, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size) for path, stat in facts]


def test_a_fresh_article_executes_nothing_and_nothing_of_it_is_touched(article, tmp_path):
    before = snapshot(article)
    done = build(article, tmp_path / "site", "--strict")
    assert done.returncode == 0, done.stderr
    assert "executing" not in done.stderr
    assert snapshot(article) == before


@pytest.mark.long
def test_data_of_a_run_that_is_gone_are_stale_and_named_where_they_are_shown(article, tmp_path):
    path = article / "analyses" / "runs.yml"
    path.write_text(path.read_text().replace("  words:", "  renamed:"))
    done = build(article, tmp_path / "site", kernels="start")
    assert "'words/sequence' was made by a run that analyses/runs.yml no longer has; give the run its name back" in done.stderr
    (told,) = [line for line in done.stderr.splitlines() if "no longer has" in line]
    assert "index.md:" in told
    assert "no longer part of this article" in (tmp_path / "site" / "index.html").read_text()


LAST_WRITES = """
import atexit, os, sys
from lensdoc.publish.engines.mkdocs.plugin import LensdocPlugin

real = LensdocPlugin.on_pre_build

def on_pre_build(self, **arguments):
    real(self, **arguments)
    print("DONE EXECUTING", file=sys.stderr)
    LensdocPlugin.after = facts()

def facts():
    return {(d, n): os.stat(os.path.join(d, n)).st_ctime_ns for f in ("docs", "analyses") for d, _, ns in os.walk(f) for n in ns}

LensdocPlugin.on_pre_build = on_pre_build
atexit.register(lambda: print("UNTOUCHED" if facts() == LensdocPlugin.after else "TOUCHED", file=sys.stderr))
"""


@pytest.mark.long
def test_what_a_build_executes_is_written_before_pages_are_collected(article, tmp_path):
    write_runs(article, prompt=" 7, 8")
    done = build(article, tmp_path / "site", "--strict", before=LAST_WRITES)
    assert done.returncode == 0, done.stderr
    assert done.stderr.index("words: 1 record") < done.stderr.index("DONE EXECUTING")
    assert "UNTOUCHED" in done.stderr
    assert " 8" in tokens((tmp_path / "site" / "index.html").read_text())


def test_a_run_that_fails_is_a_warning_and_the_former_data_are_published(article, tmp_path):
    write_notebook(article, "1 / 0\n" + MEASURE)
    done = build(article, tmp_path / "site", kernels="start")
    assert done.returncode == 0, done.stderr
    assert "WARNING -  run 'words' failed: words.ipynb, cell 3, line 1:" in done.stderr
    assert "analyses/runs.yml: run words is stale" in done.stderr
    assert " 2" in tokens((tmp_path / "site" / "index.html").read_text())


def read_only():
    """What begins a command that finds docs/ and analyses/ read-only, for root too: a bind mount of its own."""
    return ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)), "sh", "-c", READ_ONLY, "sh")


@pytest.fixture
def mounts(article):
    if not shutil.which("unshare") or subprocess.run([*read_only(), "true"], cwd=article, check=False).returncode:
        pytest.skip("no bind mounts here, and modes do not stop root")
    done = subprocess.run([*read_only(), "touch", "docs/x"], cwd=article, capture_output=True, text=True, check=False)
    assert "Read-only file system" in done.stderr
    return read_only()


def test_a_fresh_article_is_built_where_nothing_can_be_written(article, tmp_path, mounts):
    done = build(article, tmp_path / "site", "--strict", wrapped=mounts)
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_a_stale_run_where_nothing_can_be_written_is_a_warning(article, tmp_path, mounts):
    write_runs(article, prompt=" 7, 8")
    before = snapshot(article)
    done = build(article, tmp_path / "site", "--strict", wrapped=mounts)
    assert done.returncode == 1  # as every warning makes it; the site is there
    assert "WARNING -  run 'words' failed: Read-only file system: " in done.stderr
    assert "former results are untouched" in done.stderr
    assert "Traceback" not in done.stderr
    assert " 2" in tokens((tmp_path / "site" / "index.html").read_text())
    assert snapshot(article) == before


def test_a_project_that_cannot_be_written_is_a_warning(article, tmp_path, mounts):
    write_runs(article, prompt=" 7, 8")
    shutil.rmtree(article / ".lensdoc")
    wrapped = [part.replace("docs analyses", ".") for part in mounts]
    done = build(article, tmp_path / "site", wrapped=wrapped, kernels="start")
    assert done.returncode == 0, done.stderr
    assert "WARNING -  run 'words' failed: Read-only file system: " in done.stderr


LOADED = "import atexit, sys; atexit.register(lambda: print('LOADED', *sorted(sys.modules), file=sys.stderr));"
HEAVY = {"filelock", "rich", "torch", "transformers", "papermill", "sklearn", "dask", "distributed"}


def test_a_build_of_a_fresh_article_imports_nothing_that_executes(article, tmp_path):
    done = build(article, tmp_path / "site", "--strict", before=LOADED)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.split("LOADED", 1)[1].split())
    assert "lensdoc.publish.engines.mkdocs.plugin" in loaded
    assert loaded & HEAVY == set()


def test_a_build_that_executes_shows_what_is_looked_for(article, tmp_path):
    done = build(article, tmp_path / "site", before=LOADED + "import filelock;")
    assert set(done.stderr.split("LOADED", 1)[1].split()) & HEAVY == {"filelock"}


def test_what_executes_notebooks_is_not_installed(article, tmp_path):
    write_runs(article, prompt=" 7, 8")
    absent = "import lensdoc.pipeline.run as run; run._NEEDED = ('no_such_module',);"
    done = build(article, tmp_path / "site", before=absent)
    assert done.returncode == 0, done.stderr
    assert 'run words is stale: parameter prompt: " 1, 2" -> " 7, 8"; execute it: lensdoc run words' in done.stderr
    assert "executing" not in done.stderr
