"""Small projects whose notebooks note in a side file that they were executed, and processes found by their environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat

from lensdoc.pipeline.lock import read_lock
from lensdoc.pipeline.project import Project

LENSDOC = [sys.executable, "-c", "from lensdoc.cli import main; main()"]
NODE = "LENSDOC_TEST_NODE"
"""Environment variable: the name of the node, noted beside the run."""
MARK = "LENSDOC_TEST_MARK"
"""Environment variable: marks all processes of a test."""
NOTE = """
import os
with open(side, "a") as file:
    print(os.environ["LENSDOC_RUN"], os.environ.get("LENSDOC_TEST_NODE", "-"), file=file)
"""
SAVE = """
from lensdoc.records.record import ModelInfo, Provenance
from lensdoc.records.sequence import Sequence
model = ModelInfo(id="m", revision="sha256:0", layers=1, width=1, neurons=1, vocabulary=1, parameters=1)
record = Sequence(tokens=(), facts={"n": n}, model=model, provenance=Provenance(dtype="float32"), targets=(), probs=(), ranks=())
record.save("sequence")
"""
MODEL = """
import lensdoc
trace = lensdoc.load_model("lensdoc/tiny").generate(f" {n}, 2, 3", max_new_tokens=8)
lensdoc.sequence(trace).save("sequence")
"""


def make(root: Path, notebooks: dict[str, list[str]], runs: dict[str, dict], side: Path | None = None) -> Project:
    """A project with notebooks of these cells; a run whose entry names no notebook has that of its own name."""
    project = Project(root)
    project.analyses.mkdir(parents=True)
    (root / "docs").mkdir()
    (root / "mkdocs.yml").write_text("site_name: small\n")
    for name, cells in notebooks.items():
        made = nbformat.v4.new_notebook()
        made.cells = [nbformat.v4.new_code_cell(source) for source in ("n = 1\nside = ''", *cells)]
        made.cells[0].metadata["tags"] = ["parameters"]
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, project.analyses / f"{name}.ipynb")
    entries = {name: {"notebook": f"{name}.ipynb", "records": ["sequence"]} | entry for name, entry in runs.items()}
    project.runs_file.write_text(json.dumps({"defaults": {"parameters": {"side": str(side or root / "side")}}, "runs": entries}))
    return project


def eight(root: Path, side: Path, cells: list[str]) -> Project:
    """Eight runs of one notebook."""
    runs = {f"run-{i}": {"notebook": "small.ipynb", "parameters": {"n": i}} for i in range(1, 9)}
    return make(root, {"small": cells}, runs, side)


def start(project: Project, *arguments: str, mark: str = "", environment: dict[str, str] | None = None) -> subprocess.Popen:
    """The command `lensdoc` in a project's folder."""
    return subprocess.Popen(
        [*LENSDOC, *arguments],
        cwd=project.root,
        env=os.environ | {MARK: mark} | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def line(process: subprocess.Popen, seconds: float = 120) -> str:
    """The next line that a process says; one that says nothing more is killed, and the line is empty."""
    watch = threading.Timer(seconds, process.kill)
    watch.start()
    try:
        return process.stdout.readline()
    finally:
        watch.cancel()


def call(project: Project, *arguments: str, seconds: float = 120, **options) -> tuple[int, str, str]:
    """Exit code, output and errors of `lensdoc`; one that does not end fails the test."""
    return end(start(project, *arguments, **options), seconds)


def end(process: subprocess.Popen, seconds: float = 120) -> tuple[int, str, str]:
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        raise AssertionError(f"lensdoc did not end in {seconds} s; it said:\n{output}\n{errors}") from None
    return process.returncode, output, errors


def noted(side: Path) -> list[tuple[str, str]]:
    """Run and node of each execution so far."""
    return [tuple(line.split()) for line in side.read_text().splitlines()] if side.exists() else []


def until(condition, what: str, seconds: float = 60):
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not in {seconds} s"
        time.sleep(0.02)
    return found


def results(project: Project) -> tuple[dict[str, bytes], dict]:
    """Bytes of all records, and the entries of the lock."""
    return {str(p.relative_to(project.data)): p.read_bytes() for p in project.data.rglob("*.json")}, read_lock(project.lock_file)


def alive(mark: str) -> list[str]:
    """Command lines of the processes with this mark in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}\0".encode() in (folder / "environ").read_bytes() and (folder / "cmdline").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found
