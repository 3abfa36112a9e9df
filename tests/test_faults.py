"""Faults at real processes: former results stay whole, the message is clear, and the next run makes what it would have made.

The list of 25 is completed by test_faults_disk.py (full disk, input/output error, read-only docs), test_faults_data.py
(damaged files, clock, leftovers), test_faults_cluster.py (worker node, scheduler), test_races.py (two runs of one key, a reader)
and, for images that are no base64, test_notebook_pages.py.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time
from dataclasses import dataclass

import pytest
from faulty import DISTURB, SAVE, WAIT, Article, changed_copy, ended, linux, parent, wait_until, with_long

pytestmark = linux


@dataclass
class Fault:
    """What a cell does, and what the author is told."""

    disturb: str
    says: str
    cells: str = "completed failed pending"
    """What the kept notebook says of the parameters, this cell and the next."""


HUB = """
os.environ |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_DOWNLOAD_TIMEOUT": "1"}
import lensdoc
lensdoc.load_model("somebody/some-model")"""
MEMORY = """
import resource
used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGESIZE")
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)
bytearray(1_000_000_000)"""
IN_CELL = r"small.ipynb, cell 2(, line 2)?:\n     import os\n  (->|  ) exec\(.*\)\n  "
FAULTS = {
    "cell raises": Fault("1 / 0", IN_CELL + "ZeroDivisionError: division by zero"),
    "cell raises in the manner of Ctrl-C": Fault("raise KeyboardInterrupt", IN_CELL + "KeyboardInterrupt"),
    "out of memory": Fault(MEMORY, IN_CELL + "MemoryError"),
    "timeout": Fault("import time; time.sleep(50)", IN_CELL + "the cell took longer than the 2 s that `timeout` in runs.yml"),
    "sys.exit(0)": Fault("import sys; sys.exit(0)", IN_CELL + r"sys.exit\(0\) ended the notebook here"),
    "kernel ends itself": Fault("os._exit(0)", IN_CELL + "the kernel died"),
    "no data": Fault(
        "from lensdoc.records.record import Record; Record.save = lambda *_: None",
        "small.ipynb ended without saving the declared record 'one'",
        "completed completed completed",
    ),
    "torn data": Fault(
        "from lensdoc.records.record import Record\n"
        "Record.save = lambda self, name: open(f\"{os.environ['LENSDOC_OUT']}/{name}.json\", 'w').write('{')",
        "small.ipynb saved a record that is not valid: .*one.json: not valid JSON",
        "completed completed completed",
    ),
    "unreachable hub": Fault(HUB, IN_CELL + "ModelError: 'somebody/some-model' is not on this machine: .*the hub cannot"),
}


def statuses(article):
    """What Papermill's metadata says of the cells of the notebook that was kept, but for the parameters that it put in."""
    cells = json.loads((article.project.private / "failed" / "small.ipynb").read_text())["cells"]
    written = [cell["metadata"] for cell in cells if "injected-parameters" not in cell["metadata"]["tags"]]
    told = [metadata["papermill"] for metadata in written]
    assert all(bool(cell["exception"]) is (cell["status"] == "failed") for cell in told)
    return " ".join(cell["status"] for cell in told)


def assert_clear(done, says):
    """One screen, without a traceback, that names the run and what happened; exit code 1."""
    assert done.code == 1, done.said
    assert re.search(f"^lensdoc: run 'small' failed: {says}", done.err, re.DOTALL | re.MULTILINE), done.said
    assert "Traceback" not in done.said
    assert done.said.count("\n") <= 20
    assert "former results are untouched" in done.err


@pytest.mark.parametrize(
    "name",
    with_long(
        FAULTS,
        "cell raises in the manner of Ctrl-C",
        "timeout",
        "out of memory",
        "sys.exit(0)",
        "torn data",
        "unreachable hub",
        "kernel ends itself",
        "no data",
    ),
)
def test_a_run_that_fails_by_itself(one, name):
    fault = FAULTS[name]
    one.article.set(n=2, timeout=2 if name == "timeout" else 100)
    assert_clear(one.article.run(disturb=fault.disturb), fault.says)
    one.assert_former()
    assert statuses(one.article) == fault.cells
    one.assert_converges()


def begin(article, *, warm=False, arguments=()):
    """A command whose kernels wait; with the numbers of all processes."""
    command = article.begin("run", *arguments, env=article.environment(WAIT, warm=warm))
    kernel = article.wait_for_kernel()
    return command, {"command": command.pid, "kernel": kernel, "worker": parent(kernel), "warm process": parent(parent(kernel))}


KILLED = {
    "kernel": IN_CELL + "the kernel died",
    "forked kernel": IN_CELL + "the kernel died",
    "worker": "its process was killed",
    "forked worker": "its process was killed",
    "warm process": "its process was killed",
}


@pytest.mark.long
@pytest.mark.parametrize("name", with_long(KILLED, "kernel", "forked kernel", "forked worker", "warm process"))
def test_a_process_is_killed(one, name):
    victim = name.removeprefix("forked ")
    command, processes = begin(one.article, warm=victim != name or victim == "warm process")
    os.kill(processes[victim], signal.SIGKILL)
    assert_clear(ended(command), KILLED[name])
    one.article.assert_no_orphans()
    one.assert_former()
    if victim == "kernel":
        assert statuses(one.article) == "completed failed pending"
    one.assert_converges()


@pytest.mark.long
@pytest.mark.parametrize("warm", [pytest.param(False, marks=pytest.mark.long), True])
def test_the_command_is_killed(one, warm):
    command, _ = begin(one.article, warm=warm)
    os.kill(command.pid, signal.SIGKILL)
    assert ended(command).code == -signal.SIGKILL
    one.article.assert_no_orphans()
    one.assert_former()
    one.assert_converges()


SLOW_WORKER = """
import sys, time
if "lensdoc.pipeline.worker" in sys.orig_argv:
    time.sleep(2)
"""
"""A `sitecustomize` for busy machines: the worker has its job before it runs its first line."""


def test_the_command_is_killed_before_its_worker_asks_to_die_with_it(tmp_path):
    """It waits in its first cell: before that it says nothing, and nothing shows it that nobody listens."""
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "sitecustomize.py").write_text(SLOW_WORKER)
    path = os.pathsep.join([str(tmp_path / "slow"), os.environ.get("PYTHONPATH", "")])
    article = Article(tmp_path / "article").make(("small",), f"n = 1\n{DISTURB}", SAVE)
    command = article.begin("run", env=article.environment(WAIT, PYTHONPATH=path))
    wait_until(lambda: len(article.processes()) > 1, "worker")
    time.sleep(0.5)
    os.kill(command.pid, signal.SIGKILL)
    ended(command)
    article.assert_no_orphans()
    assert not article.flag.exists()


INTERRUPTED = "lensdoc: interrupted; what was finished is kept, former results are untouched\n"


@pytest.mark.long
@pytest.mark.parametrize("name", with_long(["SIGINT", "SIGTERM", "SIGINT, forked"], "SIGTERM", "SIGINT, forked"))
def test_the_command_is_interrupted(told_of_three, tmp_path, name):
    """Ctrl-C, as a terminal sends it to the whole process group; two runs wait, and a third has not begun."""
    with changed_copy(told_of_three, tmp_path / "article") as mine:
        interrupt(mine, getattr(signal, name.split(",")[0]), warm="forked" in name)


def interrupt(three, signum, *, warm):
    command, _ = begin(three.article, warm=warm, arguments=("-j", "2"))
    (os.killpg if signum == signal.SIGINT else os.kill)(command.pid, signum)
    done = ended(command, 10)
    assert done.code == 1
    assert done.err.lstrip("\n") == INTERRUPTED
    three.article.assert_no_orphans()
    three.assert_former()
    three.assert_converges()


def test_the_command_is_ended_where_ctrl_c_is_ignored(one):
    """A shell script starts background commands so."""
    command = one.article.begin(
        "run", env=one.article.environment(WAIT), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)
    )
    one.article.wait_for_kernel()
    os.kill(command.pid, signal.SIGTERM)
    assert ended(command, 10).err.lstrip("\n") == INTERRUPTED
    one.article.assert_no_orphans()


def test_a_flood_of_output_is_cut(one, sized):
    done = one.article.run(disturb=f"for _ in range({sized(20, 300)}): print('x' * 1_000_000)")
    assert done.code == 0, done.said
    kept = (one.article.project.analyses / "executed" / "small.ipynb").read_text()
    assert 1_000_000 < len(kept) < 1_010_000
    assert "[only the first 1,000,000 characters are kept]" in kept
    for name, content in one.article.results().items():
        assert name.startswith(("executed", "runs.lock")) or content == one.new[name]
