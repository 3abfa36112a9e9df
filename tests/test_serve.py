"""`mkdocs serve` on real processes: one build for each edit, none besides, nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import builders
import mkdocs_jupyter.plugin as mkdocs_jupyter
import pytest
from faulty import with_long
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer
from recorded import lock
from serving import MEASURE, PAGE, Served, alive, replace, small_article, tokens, write_notebook, write_runs

from lensdoc.pipeline.project import Project
from lensdoc.publish.engines.mkdocs.watching import Contents, ContentServer
from lensdoc.records.writing import write_record

QUIET = 1.5
"""Seconds without a word after which no build comes any more: MkDocs looks for edits each half second."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_article(tmp_path_factory.mktemp("served") / "article")


@pytest.fixture(scope="module")
def served(folder):
    process = Served(folder)
    process.wait("Serving on")
    process.rest(QUIET)
    yield process
    process.close()


@pytest.fixture
def quiet(request):
    """Seconds to wait for a build that must not come."""
    return 5.0 if request.config.getoption("--full") else QUIET


def append(path, text="\n"):
    path.write_text(path.read_text() + text)


def edited_record(folder):
    """A record that no run makes, as an import leaves it."""
    record = json.loads((folder / "docs" / "data" / "words" / "sequence.json").read_text())
    target = folder / "docs" / "data" / "imported" / "sequence.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(record | {"facts": {"edits": time.time_ns()}}))


EDITS = {
    "page": lambda folder: append(folder / "docs" / "index.md", "More.\n"),
    "page, renamed into place": lambda folder: replace(folder / "docs" / "index.md", PAGE + "Less.\n"),
    "new page": lambda folder: (folder / "docs" / "new.md").write_text("# New\n"),
    "page gone": lambda folder: (folder / "docs" / "new.md").unlink(),
    "code of a notebook": lambda folder: write_notebook(folder, MEASURE + "1 + 1\n"),
    "prose of a notebook": lambda folder: write_notebook(folder, MEASURE + "1 + 1\n", "Other words."),
    "runs.yml": lambda folder: write_runs(folder, prompt=" 7, 8"),
    "input": lambda folder: (folder / "analyses" / "extra.txt").write_text("better"),
    "data file": edited_record,
    "data file of a run": lambda folder: append(folder / "docs" / "data" / "words" / "sequence.json", " "),
    ".bib": lambda folder: append(folder / "docs" / "references.bib"),
    ".bib elsewhere": lambda folder: append(folder / "works.bib"),
    "mkdocs.yml": lambda folder: append(folder / "mkdocs.yml", "site_description: Words\n"),
}
EXECUTED = {"code of a notebook", "runs.yml", "input", "data file of a run"}


LONG_EDITS = (
    *("page, renamed into place", "new page", "page gone", "data file", ".bib", ".bib elsewhere", "prose of a notebook"),
    *("data file of a run", "input", "mkdocs.yml"),
)


@pytest.mark.parametrize("edit", with_long(EDITS, *LONG_EDITS))
def test_an_edit_is_built_once_and_executes_what_it_makes_stale(served, folder, edit, quiet):
    executed = served.count("executing words")
    assert served.builds_after(lambda: EDITS[edit](folder), quiet) == 1, served.said
    assert served.count("executing words") - executed == (edit in EXECUTED), served.said


def beside(folder):
    """What editors leave beside a page."""
    for name in (".#index.md", "index.md~", "#index.md#", ".index.md.swp", "4913"):
        (folder / "docs" / name).write_text("x")


UNCHANGED = {
    "touched": lambda folder: (folder / "docs" / "index.md").touch(),
    "saved as it was": lambda folder: replace(folder / "docs" / "index.md", (folder / "docs" / "index.md").read_text()),
    "files of editors": beside,
    "scratch": lambda folder: (folder / ".lensdoc" / "x").write_text("x"),
}


@pytest.mark.parametrize("event", UNCHANGED)
def test_what_changes_no_content_is_not_built(served, folder, event, quiet):
    before = served.count()
    UNCHANGED[event](folder)
    time.sleep(quiet)
    assert served.count() == before, served.said


def test_quick_edits_are_built_together(served, folder):
    def change():
        for number in range(5):
            (folder / "docs" / "index.md").write_text(f"{PAGE}\nEdit {number}.\n")
            time.sleep(0.02)

    assert served.builds_after(change, QUIET) <= 2  # the look for edits may fall between two of them
    assert "Edit 4." in served.page()


@pytest.mark.long
def test_edits_while_a_run_executes_are_built(served, folder):
    def change():
        executing = served.count("executing words")
        write_runs(folder, prompt=" 3, 4", seconds=2)
        served.wait("executing words", executing + 1)
        time.sleep(0.5)
        append(folder / "docs" / "index.md", "\nWritten meanwhile.\n")
        write_runs(folder, prompt=" 5, 6", seconds=0)

    assert served.builds_after(change, QUIET + 1) == 2, served.said
    html = served.page()
    assert "Written meanwhile." in html
    assert " 5" in tokens(html)


def test_a_run_that_fails_leaves_the_page_and_is_tried_again_when_it_changes(served, folder):
    write_runs(folder, prompt=" 1, 2")
    served.builds_after(lambda: append(folder / "docs" / "index.md", "\nBefore.\n"), QUIET)
    before = served.lines[-1][0]
    assert served.builds_after(lambda: write_notebook(folder, "lensdoc = 1 / 0\n" + MEASURE), QUIET) == 1
    said = [line for when, line in served.lines if when > before]
    shown = "\n".join(said)
    assert "run 'words' failed: words.ipynb, cell 3, line 1:" in shown
    assert "ZeroDivisionError: division by zero" in shown
    assert len(said) <= 24  # one screen
    assert " 2" in tokens(served.page())

    executed = served.count("executing words")
    assert served.builds_after(lambda: append(folder / "docs" / "index.md", "\nAfter.\n"), QUIET) == 1
    assert served.count("executing words") == executed
    assert (
        "it failed, and is executed again when its notebook, parameters or inputs change, or by lensdoc run words" in served.said
    )
    assert "After." in served.page()

    before = served.lines[-1][0]
    assert served.builds_after(lambda: write_notebook(folder, MEASURE + "2 + 2\n"), QUIET) == 1
    assert served.count("executing words") == executed + 1
    assert "is stale" not in "\n".join(line for when, line in served.lines if when > before)


def test_a_mistake_in_runs_yml_ends_nothing(served, folder):
    runs = folder / "analyses" / "runs.yml"
    good = runs.read_text()
    errors = served.count("An error happened during the rebuild")
    runs.write_text(good.replace("records:", "record:"))
    served.wait("An error happened during the rebuild", errors + 1)
    assert "runs.yml:4: unknown field 'record'; did you mean records" in served.said
    assert served.builds_after(lambda: append(runs, "#\n") or runs.write_text(good), QUIET) <= 2
    assert "fig-words" in served.page()


def test_ctrl_c_ends_all_processes_with_a_word(serve, folder, tmp_path):
    served = serve(shutil.copytree(folder, tmp_path / "article"))
    served.wait("Serving on")
    children = served.children()
    assert children  # the warm process
    began = time.monotonic()
    assert served.interrupt() == 0
    assert time.monotonic() - began < 5
    assert alive(children) == []
    assert "Shutting down..." in served.said
    assert "Traceback" not in served.said


def test_ctrl_c_while_a_run_executes_ends_all_processes_and_leaves_no_part(serve, tmp_path):
    folder = small_article(tmp_path)
    write_runs(folder, seconds=60)
    served = serve(folder)
    served.wait("executing words")
    end = time.monotonic() + 60
    while len(children := served.children()) < 3 and time.monotonic() < end:  # the warm process, its worker, its kernel
        time.sleep(0.1)
    assert len(children) >= 3
    time.sleep(2)
    assert served.interrupt() == 1
    time.sleep(1)
    assert alive(children) == []
    assert "Traceback" not in served.said
    assert list((folder / "docs").rglob("*.json")) == []
    assert list(folder.rglob("*.part")) == []


@pytest.mark.long
def test_what_kills_the_server_ends_all_processes(serve, folder, tmp_path):
    served = serve(shutil.copytree(folder, tmp_path / "article"))
    served.wait("Serving on")
    children = served.children()
    assert children
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()
    end = time.monotonic() + 60
    while alive(children) and time.monotonic() < end:
        time.sleep(0.1)
    assert alive(children) == []


def test_never_starts_no_process(serve, tmp_path):
    folder = small_article(tmp_path)
    config = folder / "mkdocs.yml"
    config.write_text(config.read_text().replace("auto", "never"))
    (folder / "docs" / "index.md").write_text("# Words\n")
    served = serve(folder)
    served.wait("Serving on")
    assert served.children() == []
    assert "run words is missing: no record sequence; execute it: lensdoc run words" in served.said


@pytest.fixture
def server(tmp_path):
    (tmp_path / "page.md").write_text("one")
    made = LiveReloadServer(lambda: None, "127.0.0.1", 0, str(tmp_path))
    made.watch(str(tmp_path))
    yield made
    made.server_close()


def test_mkdocs_keeps_the_attributes_that_are_used(server):
    assert vars(server)["_want_rebuild"] is False
    assert list(server._watched_paths) == [server.root]
    assert set(LiveReloadServer._build_loop.__code__.co_names) >= {"_want_rebuild", "_rebuild_cond", "builder"}


def test_an_edit_during_the_first_build_is_built(server):
    contents = Contents()
    contents.add([server.root])
    (Path(server.root) / "page.md").write_text("two")
    assert ContentServer.adopt(server, contents)._want_rebuild


def test_no_edit_during_the_first_build_is_no_build(server):
    contents = Contents()
    contents.add([server.root])
    assert not ContentServer.adopt(server, contents)._want_rebuild


class SlowToStart(threading.Thread):
    """A thread that takes a while from `start` to `run`, as on a busy machine."""

    def _bootstrap(self):
        time.sleep(0.3)
        super()._bootstrap()


def test_an_interrupt_while_the_thread_that_serves_starts_ends_it_without_a_traceback(server, monkeypatch):
    failed = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    adopted = ContentServer.adopt(server, Contents())
    adopted.server_bind()
    adopted.server_activate()
    adopted.serve_thread = SlowToStart(target=lambda: adopted.serve_forever(0.1), daemon=True)
    threading.Thread(target=adopted.serve_thread.start).start()
    while adopted.serve_thread not in threading.enumerate():
        time.sleep(0.01)
    assert not adopted.serve_thread.is_alive()
    adopted.observer.start()
    adopted.shutdown(wait=True)
    assert failed == []
    assert not adopted.serve_thread.is_alive()


def test_what_a_build_writes_asks_for_no_build_and_what_an_author_writes_then_does(server):
    root = Path(server.root)
    page, written = root / "page.md", root / "out.json"
    adopted = ContentServer.adopt(server, contents := Contents())
    adopted._want_rebuild = False  # as a build begins
    written.write_text("made by the build")
    page.write_text("edited meanwhile")
    contents.written([written])
    adopted._want_rebuild = True
    assert adopted._want_rebuild
    adopted._want_rebuild = False
    adopted._want_rebuild = True
    assert not adopted._want_rebuild


@pytest.mark.parametrize("change", ["same size", "deleted", "moved"])
def test_contents_see(server, change):
    root = Path(server.root)
    contents = Contents()
    contents.add([root])
    facts = (root / "page.md").stat()
    if change == "same size":  # and the same time, as a clock set back may make it
        (root / "page.md").write_text("two")
        os.utime(root / "page.md", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    elif change == "deleted":
        (root / "page.md").unlink()
    else:
        (root / "page.md").rename(root / "other.md")
    assert contents.changed()


def executed(folder, prose):
    """The notebook as a run leaves it, and its record, written without a kernel."""
    write_notebook(folder, prose=prose)
    project = Project(folder)
    kept = project.analyses / "executed" / "words.ipynb"
    kept.parent.mkdir(exist_ok=True)
    notebook = json.loads((project.analyses / "words.ipynb").read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, 1):
        cell["execution_count"] = number
    kept.write_text(json.dumps(notebook))
    write_record(builders.sequence(), project.data / "words" / "sequence.json")
    lock(project, {"words.ipynb": ()})


def test_the_page_of_a_notebook_is_the_same_until_the_notebook_changes(tmp_path, monkeypatch):
    folder = small_article(tmp_path / "article")
    config = folder / "mkdocs.yml"
    config.write_text(config.read_text().replace("plugins:\n", "plugins:\n  - mkdocs-jupyter: {execute: false, cache: false}\n"))
    pages = []
    monkeypatch.setattr(mkdocs_jupyter.convert, "nb2html", lambda *_, **__: pytest.fail("mkdocs-jupyter renders it too"))
    for prose in ("One.", "One.", "Two."):
        executed(folder, prose)
        mkdocs_build(load_config(str(config), site_dir=str(tmp_path / "site")))
        pages.append((tmp_path / "site" / "analyses" / "words" / "index.html").read_text())
    assert pages[0] == pages[1]
    assert "Two." in pages[2]
    assert "One." not in pages[2]
