"""A small article of one run, and `mkdocs serve` as a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import nbformat.v4 as nb
import pytest

CONFIG = """
site_name: Small
theme: {name: mkdocs, highlightjs: false}
use_directory_urls: true
markdown_extensions:
  - lensdoc
watch: [works.bib]
plugins:
  - lensdoc: {execute: auto}
"""
PAGE = "# Words\n\n/// explorable | words/sequence\n    attrs: {id: fig-words}\nTokens.\n///\n"
RUNS = """
runs:
  words:
    notebook: words.ipynb
    records: [sequence]
    inputs: [extra.txt]
    parameters: {prompt: ' 1, 2'}
""".lstrip()
MEASURE = """import lensdoc, time
from pathlib import Path
assert Path("extra.txt").read_text() != "bad", "the input is bad"
time.sleep(seconds)
lensdoc.sequence(lensdoc.load_model("lensdoc/tiny").generate(prompt, max_new_tokens=4)).save("sequence")
"""
BUILDING = "Building documentation"
LONGEST = 90
"""Seconds for which a test waits on a busy machine."""


def small_article(folder):
    """Write the article; its run has not been executed."""
    (folder / "docs").mkdir(parents=True)
    (folder / "analyses").mkdir()
    (folder / "mkdocs.yml").write_text(CONFIG)
    (folder / "docs" / "index.md").write_text(PAGE)
    (folder / "docs" / "references.bib").write_text("@misc{a, title = {A}}\n")
    (folder / "works.bib").write_text("@misc{b, title = {B}}\n")
    (folder / "analyses" / "runs.yml").write_text(RUNS)
    (folder / "analyses" / "extra.txt").write_text("good")
    write_notebook(folder)
    return folder


def write_notebook(folder, code=MEASURE, prose="Words."):
    parameters = nb.new_code_cell("prompt = ' 1'\nseconds = 0", metadata={"tags": ["parameters"]}, id="a")
    cells = [nb.new_markdown_cell(prose, id="b"), parameters, nb.new_code_cell(code, id="c")]
    replace(folder / "analyses" / "words.ipynb", json.dumps(nb.new_notebook(cells=cells)))


def write_runs(folder, **parameters):
    (folder / "analyses" / "runs.yml").write_text(RUNS.replace("{prompt: ' 1, 2'}", json.dumps(parameters)))


def replace(path, text):
    """Save as most editors do: beside the file, then in its place."""
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text)
    beside.replace(path)


class Served:
    """`mkdocs serve` in a folder, at a free port."""

    def __init__(self, folder, **environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}/"
        command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", self.address.split("/")[2]]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment,
            start_new_session=True,
        )
        self.lines = []
        """What it said, with the time."""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stderr:
            self.lines.append((time.monotonic(), line.rstrip()))

    @property
    def said(self):
        return "\n".join(line for _, line in self.lines)

    def count(self, words=BUILDING):
        return self.said.count(words)

    def wait(self, words, times=1):
        """Wait until it has said these words so many times."""
        end = time.monotonic() + LONGEST
        while self.count(words) < times:
            assert time.monotonic() < end, f"{words!r} not said {times} times:\n{self.said}"
            assert self.process.poll() is None, f"it ended:\n{self.said}"
            time.sleep(0.02)

    def builds_after(self, change, quiet):
        """How many builds follow a change, until there is none for so many seconds."""
        before = self.count()
        change()
        self.wait("Reloading browsers", self.count("Reloading browsers") + 1)
        self.rest(quiet)
        return self.count() - before

    def rest(self, quiet):
        """Wait until it has said nothing for so many seconds."""
        last = time.monotonic()
        while time.monotonic() - max(last, self.lines[-1][0]) < quiet:
            time.sleep(0.05)

    def page(self, path=""):
        with urllib.request.urlopen(self.address + path, timeout=LONGEST) as answer:  # noqa: S310 - an address of ours
            return answer.read().decode()

    def children(self):
        """All processes that come from it."""
        found, ahead = [], [self.process.pid]
        while ahead:
            pid = ahead.pop()
            try:
                tasks = list(Path(f"/proc/{pid}/task").iterdir())
                new = [int(child) for task in tasks for child in (task / "children").read_text().split()]
            except OSError:
                continue
            found += new
            ahead += new
        return found

    def interrupt(self):
        """Ctrl-C: a signal to the whole group that the terminal knows."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(LONGEST)

    def close(self):
        if self.process.poll() is None:
            self.interrupt()
        self.process.stderr.close()


@pytest.fixture
def serve():
    """Starts `mkdocs serve` in a folder; it ends with the test, however that ends."""
    started = []

    def start(folder):
        started.append(Served(folder))
        return started[-1]

    yield start
    for served in started:
        served.close()


def tokens(html):
    """The tokens of the figure on a page."""
    return re.findall(r'class="ld-token[^"]*"[^>]*>([^<]*)<', html)


def alive(pids):
    """Those that have not ended."""
    return [pid for pid in pids if shutil.os.path.exists(f"/proc/{pid}") and " Z " not in Path(f"/proc/{pid}/stat").read_text()]
