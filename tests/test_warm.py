"""A warm kernel is as a cold one, and runs at a time are as runs one by one."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from pathlib import Path

import pytest
from projects import LENSDOC, MARK, MODEL, SAVE, alive, call, eight, make, noted, results, until
from running import WORKERS

from lensdoc.pipeline import threads
from lensdoc.pipeline.job import Job
from lensdoc.pipeline.workers import KERNELS, Workers

BENCHMARKS = Path(__file__).parent / "benchmarks"
RUNS = ["run-1", "run-2", "run-3"]

ABOUT = """
import os, pathlib, signal, socket, sys
_modules = {m.split(".")[0] for m in sys.modules}
_links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
_files = sorted(os.readlink(link).split(":")[0] for link in _links if os.path.exists(link))
_parents = {os.readlink(file) for file in pathlib.Path(f"/proc/{os.getppid()}/fd").iterdir() if file.is_symlink()}
_inherited = sorted(os.readlink(link) for link in _links if os.path.islink(link) and os.readlink(link).startswith("socket"))
_inherited = [link for link in _inherited if link in _parents]
def _refused():
    try:
        input()
    except Exception as error:
        return type(error).__name__
_magic = %sx echo said by a magic
about = {
    "name": __name__,
    "main": sorted(k for k in vars(sys.modules["__main__"]) if k.startswith("__")),
    "path": sys.path,
    "folder": os.path.basename(os.getcwd()),
    "argv": [len(sys.argv), os.path.basename(sys.argv[0])],
    "environment": {k: "" if os.environ["LENSDOC_OUT"][:-4] in v else v for k, v in os.environ.items()},
    "signals": {s.name: str(signal.getsignal(s)).split(" at ")[0] for s in signal.valid_signals() if hasattr(s, "name")},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "lensdoc": sorted(m for m in sys.modules if m.startswith(("lensdoc.measures", "lensdoc.models", "lensdoc.records"))),
    "input": _refused(),
    "magic": list(_magic),
    "group": os.getpgid(0) == os.getsid(0) == os.getpid(),
    "mask": oct(os.umask(0o22)),
    "executable": sys.executable,
    "flags": str(sys.flags),
    "flush": sys.stdout.__class__.__name__,
    "limit": sys.getrecursionlimit(),
}
"""
DRAW = """
import random
import numpy as np
import torch
draws = [random.random(), np.random.rand(), np.random.default_rng().random(), os.urandom(2).hex()]
torch.manual_seed(0)
weights = torch.nn.Linear(300, 300)
computed = torch.nn.functional.gelu(weights(torch.randn(50, 300)) @ torch.randn(300, 77)).softmax(-1)
computed.sum().backward()
about["threads"] = [torch.get_num_threads(), os.environ["OMP_NUM_THREADS"]]
about["computed"] = [computed.detach().numpy().tobytes().hex()[:4000], weights.weight.grad.numpy().tobytes().hex()[:4000]]
about["set"] = torch.are_deterministic_algorithms_enabled(), str(torch.get_default_dtype()), torch.is_grad_enabled()
"""
TELL = """
import json
with open(side, "a") as file:
    tells = {"about": about, "draws": draws, "files": _files, "inherited": _inherited, "warm": "torch" in _modules}
    print(json.dumps(tells), file=file)
"""


def told(side):
    return [json.loads(line) for line in side.read_text().splitlines()]


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """What two warm kernels and a cold one say of themselves."""
    folder = tmp_path_factory.mktemp("kernels")
    entry = {"notebook": "small.ipynb"}
    project = make(
        folder / "project", {"small": [ABOUT, DRAW, TELL, SAVE]}, {"a": entry, "b": entry, "c": entry}, folder / "side"
    )
    with Workers() as workers, pytest.MonkeyPatch.context() as patch:  # started now, from the same environment
        for run in ("a", "b"):
            workers.do(Job(str(project.root), run), lambda _: None)
        patch.setenv(KERNELS, "start")
        workers.do(Job(str(project.root), "c"), lambda _: None)
    return told(folder / "side")


SETS_THEM_ITSELF = {
    "TORCHINDUCTOR_CACHE_DIR": "torch, when it is imported",
    "KMP_DUPLICATE_LIB_OK": "scikit-learn, when it is imported",
    "KMP_INIT_AT_FORK": "scikit-learn, when it is imported",
    "JPY_PARENT_PID": "jupyter_client, for a kernel to end with its parent; Linux ends a warm one",
    "LINES": "readline, in the process of the tests",
    "COLUMNS": "readline, in the process of the tests",
    KERNELS: "this test",
    "LENSDOC_RUN": "the pipeline, for each run",
}
"""Variables that differ, and who sets them."""


def test_a_warm_kernel_is_as_a_cold_one(kernels):
    warm, other, cold = [json.loads(json.dumps(one["about"])) for one in kernels]
    assert [one["warm"] for one in kernels] == [True, True, False]
    for one in (warm, other, cold):
        for name in SETS_THEM_ITSELF:
            one["environment"].pop(name, None)
    assert warm == cold
    assert other == cold
    assert (cold["lensdoc"], cold["input"], cold["magic"]) == ([], "StdinNotImplementedError", ["said by a magic"])
    assert cold["threads"] == [1, "1"]
    assert [one["about"]["environment"]["LENSDOC_RUN"] for one in kernels] == ["a", "b", "c"]


def test_threads_of_a_kernel_sleep_while_they_wait(kernels):
    """20 tokens of SmolLM2 on two busy cores: 89 s with two threads that spin, 7 s with two that sleep, 5 s with one."""
    for one in kernels:
        environment = one["about"]["environment"]
        assert [environment[name] for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")] == ["PASSIVE", "0", "0"]
    assert threads.environment(4)["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.mark.parametrize(
    ("first", "given", "expected"),
    [
        ("import lensdoc.models", {}, "PASSIVE"),
        ("import lensdoc.models", {"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE"),
        ("", {}, "None"),
    ],
)
def test_a_process_that_loads_models_lets_threads_sleep_unless_it_says_otherwise(first, given, expected):
    environment = {name: value for name, value in os.environ.items() if name not in threads.environment(1)} | given
    code = f"{first}\nimport os; print(os.environ.get('OMP_WAIT_POLICY'))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def test_kernels_draw_random_numbers_of_their_own(kernels):
    assert all(len(set(drawn)) == 3 for drawn in zip(*(one["draws"] for one in kernels), strict=True))


def test_a_warm_kernel_inherits_no_file(kernels):
    """Beside sockets and events of its own it has standard input, and the two that it logs to.

    How many sockets are its own depends on the moment: those who speak to it connect one by one.
    """
    warm, _, cold = (Counter("log" if file.startswith("/") else file for file in one["files"]) for one in kernels)
    assert warm["log"] == cold["log"] == 2
    assert warm["pipe"] <= cold["pipe"] == 1
    assert [one["inherited"] for one in kernels] == [[], [], []]
    assert warm["anon_inode"] <= cold["anon_inode"]


def test_what_a_cell_starts_ends_with_its_kernel(tmp_path):
    sleeper = "import subprocess; subprocess.Popen(['sleep', '300'])"
    project, mark = make(tmp_path, {"small": [sleeper, SAVE]}, {"small": {}}), uuid.uuid4().hex
    with pytest.MonkeyPatch.context() as patch, Workers() as workers:
        patch.setenv(MARK, mark)  # inherited by all that is started from here
        workers.do(Job(str(project.root), "small"), lambda _: None)
        until(lambda: not any("sleep 300" in line for line in alive(mark)), "the end of what the cell started", 5)
    until(lambda: not alive(mark), "the end of all", 5)


WARM_AND_WAIT = "from lensdoc.pipeline.workers import Workers; w = Workers(); w.warm(); print('warm', flush=True); input()"


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")
def test_a_killed_command_leaves_no_folder_behind():
    with tempfile.TemporaryDirectory(prefix="t") as place:  # short: it holds a socket
        command = [sys.executable, "-c", WARM_AND_WAIT]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"TMPDIR": place}
        ) as killed:
            assert killed.stdout.readline() == b"warm\n"
            assert list(Path(place).glob("lensdoc-*"))
            killed.kill()
        until(lambda: not list(Path(place).glob("lensdoc-*")), "the end of the folder of a killed command")


@pytest.mark.long
def test_a_run_with_more_threads_has_a_kernel_of_its_own(tmp_path):
    entry = {"notebook": "small.ipynb"}
    cells = ["import os, sys\n_modules = set(sys.modules)\n_files, _inherited, about = [], [], {}", DRAW, TELL, SAVE]
    project = make(tmp_path, {"small": cells}, {"one": entry, "two": entry | {"threads": 2}})
    for run in ("one", "two"):
        WORKERS.do(Job(str(project.root), run), lambda _: None)
    one, two = told(tmp_path / "side")
    assert (one["warm"], one["about"]["threads"]) == (True, [1, "1"])
    assert (two["warm"], two["about"]["threads"]) == (False, [2, "2"])


@pytest.mark.alone
@pytest.mark.long
def test_a_second_run_takes_less_than_half_of_a_cold_one(tmp_path):
    """The stock way costs as much for each run; tests/benchmarks/small_runs.py measures it."""
    project = eight(tmp_path, tmp_path / "side", [MODEL])
    with Workers() as workers:
        seconds = {run: workers.do(Job(str(project.root), run), lambda _: None).seconds for run in ("run-1", "run-2")}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(KERNELS, "start")
            cold = workers.do(Job(str(project.root), "run-3"), lambda _: None).seconds
    print(f"a cold run {cold:.1f} s, a second warm one {seconds['run-2']:.1f} s")
    assert seconds["run-2"] < cold / 2


@pytest.mark.alone
@pytest.mark.usefixtures("full")
def test_eight_runs_take_at_most_a_third_of_stock_papermill(monkeypatch):
    """The least of three rounds, since the machine may do other things too."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import kernels

    found = {way: [kernels.once(way) for _ in range(3)] for way in kernels.WAYS}
    least = {way: {key: min(one[key] for one in all_) for key in ("seconds", "cpu")} for way, all_ in found.items()}
    print(kernels.markdown(least, 3))
    assert kernels.ratio(least, "one") <= kernels.MOST
    assert kernels.ratio(least, "two") <= kernels.MOST


BESIDE = """
import time
from pathlib import Path
with open(side, "a") as file:
    print(os.environ["LENSDOC_RUN"], "begins", file=file)
time.sleep(1)
with open(side, "a") as file:
    print(os.environ["LENSDOC_RUN"], "ends", file=file)
"""


def most_at_once(side):
    running, most = set(), 0
    for run, what in noted(side):
        (running.add if what == "begins" else running.discard)(run)
        most = max(most, len(running))
    return most


@pytest.mark.long
def test_two_runs_at_a_time_give_what_one_at_a_time_gives_and_what_started_kernels_give(tmp_path):
    ways = {"one": (["-j", "1"], {}, 1), "two": (["-j", "2"], {}, 2), "started": (["-j", "2"], {KERNELS: "start"}, 2)}
    found = {}
    for name, (options, environment, most) in ways.items():
        side = tmp_path / "side"
        side.unlink(missing_ok=True)
        project = eight(tmp_path / name, side, ["import os", BESIDE, MODEL])
        code, output, errors = call(project, "run", *RUNS, *options, environment=environment, mark=name)
        assert (code, errors) == (0, "")
        assert output.splitlines()[0] == f"executing {', '.join(RUNS)}"
        assert sorted(line.split(" in ")[0] for line in output.splitlines()[1:]) == [f"{run}: 1 record" for run in RUNS]
        assert most_at_once(side) == most
        assert not alive(name)
        executed = {path.name: path.read_bytes() for path in project.analyses.glob("executed/*.ipynb")}
        assert len(executed) == len(RUNS)
        found[name] = results(project), executed
    assert found["one"] == found["two"] == found["started"]


def test_a_run_that_fails_stops_no_other(tmp_path):
    notebooks = {"bad": ["1 / 0", SAVE], "good": [SAVE]}
    project = make(tmp_path, notebooks, {"bad": {}, "good": {}, "other": {"notebook": "good.ipynb"}})
    code, output, errors = call(project, "run", "-j", "2", environment={KERNELS: "start"})
    assert code == 1
    assert errors.startswith("lensdoc: run 'bad' failed: bad.ipynb, cell 2, line 1:")
    assert "Traceback" not in errors
    assert "bad: failed\n" in output
    assert set(results(project)[1]) == {"good", "other"}


@pytest.mark.long
def test_a_run_that_fails_unforeseen_stops_no_other(tmp_path):
    project = make(tmp_path, {"bad": [SAVE], "good": [SAVE]}, {"bad": {}, "good": {}})
    path = project.analyses / "bad.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["author"] = "\ud800"  # Papermill cannot write it, and does not say why
    path.write_text(json.dumps(notebook))
    code, output, errors = call(project, "run", environment={KERNELS: "start"})
    assert code == 1
    assert errors.startswith("lensdoc: run 'bad' failed where lensdoc did not expect it; please report this:\n    Traceback")
    assert "\n    UnicodeEncodeError: " in errors
    assert "bad: failed\n" in output
    assert set(results(project)[1]) == {"good"}


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")
def test_a_library_that_cannot_be_imported_is_named(tmp_path):
    (tmp_path / "broken" / "sklearn").mkdir(parents=True)
    (tmp_path / "broken" / "sklearn" / "__init__.py").write_text("raise ImportError('libgomp.so.1: cannot open it')\n")
    entry = {"notebook": "small.ipynb"}
    project = make(tmp_path / "project", {"small": [SAVE]}, {"a": entry, "b": entry})
    code, output, errors = call(project, "run", "-j", "2", environment={"PYTHONPATH": str(tmp_path / "broken")})
    assert code == 1
    assert {"a: failed", "b: failed"} <= set(output.splitlines())
    for name in ("a", "b"):
        assert f"run '{name}' failed: the process that imports the libraries ended; former results are untouched\n" in errors
    assert errors.count("ImportError: libgomp.so.1: cannot open it\n") == 2


def test_on_a_terminal_bars_move_and_lines_stay(tmp_path):
    project = make(tmp_path, {"small": ["import time", "time.sleep(0.5)", SAVE]}, {"small": {}})
    code, screen = on_terminal(project, "run")
    assert code == 0
    assert re.search(r"runs\s+━+", screen)
    assert re.search(r"small\s+━+.*3/5", screen)
    last = screen.rpartition("small: 1 record in")
    assert re.match(r"\d+\.\d s\s", last[0] and last[2].strip())
    assert "Traceback" not in screen


def on_terminal(project, *arguments):
    """Exit code, and all that was written to a terminal of 80 columns, without its colours."""
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(project.root)
        os.environ.update({KERNELS: "start", "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"})
        os.execv(LENSDOC[0], [*LENSDOC, *arguments])  # noqa: S606 - no shell is wanted
    said = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end closes
        while piece := os.read(terminal, 4096):
            said += piece
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
