"""Articles whose runs can be disturbed, and the processes of `lensdoc run` that do it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import FRESH, status

COMMAND = [sys.executable, "-P", "-c", "from lensdoc.cli import main; main()"]
MARK = "LENSDOC_TEST_MARK"
"""Environment variable by which all processes that a test has started are found."""
PATIENCE = 60
"""Seconds after which something that should have happened has not."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc, and kernels are forked on Linux alone")


def with_long(cases, *long):
    """Cases for `parametrize`, of which these are left to `make test-full`."""
    assert set(long) <= set(cases)
    return [pytest.param(case, marks=pytest.mark.long) if case in long else case for case in cases]


PARAMETERS = "n = 1"
DISTURB = "import os\nexec(os.environ.get('DISTURB', ''))"
"""The cell in which a fault happens: the notebook, and so the key, is the same with and without it."""
SAVE = """
from lensdoc.records.record import ModelInfo, Provenance
from lensdoc.records.sequence import Sequence
from lensdoc.records.tokens import Token
model = ModelInfo(id="m", revision="sha256:0", layers=1, width=1, neurons=1, vocabulary=1, parameters=1)
tokens = tuple(Token(id=i, text=f" {i * n}", kind="input") for i in range(200))
common = {"model": model, "provenance": Provenance(dtype="float32"), "targets": (), "probs": (), "ranks": ()}
for name in ("one", "two"):
    Sequence(tokens=tokens, facts={"n": n, "name": name}, **common).save(name)
print(n)
"""
WAIT = "import pathlib, time; pathlib.Path(os.environ['FLAG']).write_text(str(os.getpid())); time.sleep(100)"
"""A disturbance: say which process the kernel is, and wait to be disturbed."""


def write_notebook(path, *cells):
    """A notebook whose first cell holds the parameters."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    made.cells[0].metadata["tags"] = ["parameters"]
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    nbformat.write(made, path)


def files(folder):
    """Content of each file below a folder, but for temporaries; for those see `leftovers`."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".part")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def digests(content):
    """What is short enough to be shown when it differs."""
    return {name: hashlib.sha256(data).hexdigest()[:12] for name, data in content.items()}


@dataclass
class Done:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def said(self):
        return self.out + self.err


@dataclass
class Article:
    """A project with light runs, each of two records, that take a `DISTURB` from the environment."""

    root: Path
    mark: str = ""

    def __post_init__(self):
        self.mark = uuid.uuid4().hex
        self.flag = self.root.parent / f"{self.root.name}.flag"

    @property
    def project(self):
        return Project(self.root)

    def make(self, runs=("small",), *cells):
        """Write everything but results."""
        self.project.analyses.mkdir(parents=True)
        (self.root / "mkdocs.yml").write_text("site_name: small\n")
        write_notebook(self.project.analyses / "small.ipynb", *(cells or (PARAMETERS, DISTURB, SAVE)))
        self.set(runs=runs)
        return self

    def set(self, runs=("small",), n=1, **entry):
        """Write runs.yml: all runs with this parameter."""
        one = {"notebook": "small.ipynb", "records": ["one", "two"], "parameters": {"n": n}, **entry}
        self.project.runs_file.write_text(json.dumps({"runs": dict.fromkeys(runs, one)}))

    def copy(self, root):
        """The same article elsewhere."""
        shutil.copytree(self.root, root)
        return Article(root)

    def results(self):
        """Everything that is published: records, executed notebooks, lock."""
        found = {f"data/{name}": content for name, content in files(self.project.data).items()}
        found |= {f"executed/{name}": content for name, content in files(self.project.analyses / "executed").items()}
        lock = self.project.lock_file
        return found | ({"runs.lock": lock.read_bytes()} if lock.is_file() else {})

    def words(self):
        """State of each run."""
        return [found.word for found in status(self.project)]

    def environment(self, disturb="", *, warm=False, **more):
        """Variables of a command."""
        kernels = {} if warm else {"LENSDOC_KERNELS": "start"}
        here = os.environ | {MARK: self.mark, "DISTURB": disturb, "FLAG": str(self.flag)}
        return here | kernels | {name: str(value) for name, value in more.items()}

    def begin(self, *arguments, env=None, within=(), keep_flag=False, **options):
        """Start `lensdoc` in a process group of its own, as a terminal does; `within` begins the command line."""
        if not keep_flag:
            self.flag.unlink(missing_ok=True)
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        options = {"cwd": self.root, "env": env or self.environment(), "text": True, "start_new_session": True} | options
        return subprocess.Popen([*within, *COMMAND, *arguments], **streams, **options)

    def call(self, *arguments, env=None, **options):
        """Call `lensdoc` and wait for it."""
        return ended(self.begin(*arguments, env=env, **options))

    def run(self, *arguments, **variables):
        """`lensdoc run`, by default with started kernels."""
        return self.call("run", *arguments, env=self.environment(**variables))

    def assert_runs(self, *arguments):
        """An undisturbed run does its work."""
        done = self.run(*arguments)
        assert done.code == 0, done.said

    def wait_for_kernel(self):
        """Process number of the kernel that waits to be disturbed."""
        wait_until(lambda: self.flag.is_file() and self.flag.read_text(), "a kernel that waits")
        return int(self.flag.read_text())

    def processes(self):
        """Processes that this article's commands have started, and that live: number to command line."""
        wanted = f"{MARK}={self.mark}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
            except OSError:  # it has ended, or is another user's
                continue
        return found

    def assert_no_orphans(self, seconds=5):
        """All processes have ended a few seconds later."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, f"still there after {seconds} s: {left}"


def ended(process, seconds=PATIENCE):
    """What a process ended with; one that hangs is killed, and the test fails."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"did not end within {seconds} s; it said:\n{out}{err}")
    return Done(process.returncode, out, err)


def wait_until(happened, what, seconds=PATIENCE):
    """Poll until something has happened."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"no {what} within {seconds} s"
        time.sleep(0.002)


def parent(pid):
    """The parent's process number."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@dataclass
class Story:
    """An article with former results that has become stale, and the results that an undisturbed run makes of it."""

    article: Article
    former: dict[str, bytes]
    new: dict[str, bytes]

    def assert_whole(self):
        """Each file is the former or the new one; what the lock calls fresh is all new."""
        now = self.article.results()
        for name in now.keys() | self.former.keys():
            assert now.get(name) in (self.former.get(name), self.new[name]), f"{name} is torn"
        if FRESH in self.article.words():
            assert digests(now) == digests(self.new)

    def assert_former(self):
        """Nothing has changed, and nothing is called fresh."""
        assert digests(self.article.results()) == digests(self.former)
        assert FRESH not in self.article.words()

    def assert_converges(self):
        """The next run, undisturbed, makes what one makes that was never disturbed, and leaves nothing behind."""
        self.article.assert_runs("-j", "2")
        assert digests(self.article.results()) == digests(self.new)
        assert set(self.article.words()) == {FRESH}
        assert leftovers(self.article.root) == []
        self.article.assert_no_orphans()


def leftovers(root):
    """Temporaries and scratch folders."""
    found = root.rglob("*.part")
    return sorted(str(path) for path in [*found, *(root / ".lensdoc").glob("scratch/*")])


def tell(folder, runs=("small",)):
    """Make a story in a folder."""
    article = Article(folder / "former").make(runs)
    article.assert_runs("-j", "2")
    article.set(runs, n=2)
    article.copy(folder / "new").assert_runs("-j", "2")


def story(folder):
    """The story that was told in a folder; tests take copies."""
    article = Article(folder / "former")
    return Story(article, article.results(), Article(folder / "new").results())


@pytest.fixture(scope="session")
def told(shared):
    """A story of one run."""
    return story(shared("story", tell))


@pytest.fixture(scope="session")
def told_of_three(shared):
    """A story of three runs."""
    return story(shared("story-of-three", lambda folder: tell(folder, ("a", "b", "c"))))


@pytest.fixture
def one(told, tmp_path):
    """A story of one run, to be disturbed."""
    with changed_copy(told, tmp_path / "article") as mine:
        yield mine


@contextmanager
def changed_copy(told, root):
    """A story of one's own."""
    article = told.article.copy(root)
    try:
        yield Story(article, told.former, told.new)
    finally:
        for pid in article.processes():
            os.kill(pid, signal.SIGKILL)
