"""A warm kernel is as a cold one, and runs at a time are as runs one by one."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from projects import MODEL, NOTE, SAVE, call, eight, make, noted, results
from running import WORKERS

from lensdoc.pipeline.job import Job
from lensdoc.pipeline.run import Lines, execute_runs
from lensdoc.pipeline.runs import read_runs
from lensdoc.pipeline.workers import KERNELS, Workers, forks

ABOUT = """
import os, signal, socket, sys
_modules = {m.split(".")[0] for m in sys.modules}
_files = sorted(os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}"))
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
    "lensdoc": "lensdoc" in _modules,
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
    print(json.dumps({"about": about, "draws": draws, "files": _files, "warm": "torch" in _modules}), file=file)
"""


def told(side):
    return [json.loads(line) for line in side.read_text().splitlines()]


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """What two warm kernels and a cold one say of themselves."""
    folder = tmp_path_factory.mktemp("kernels")
    entry = {"notebook": "small.ipynb"}
    project = make(folder / "project", {"small": [ABOUT, DRAW, TELL, SAVE]}, {"a": entry, "b": entry, "c": entry}, folder / "side")
    for run in ("a", "b"):
        WORKERS.do(Job(str(project.root), run), lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KERNELS, "start")
        WORKERS.do(Job(str(project.root), "c"), lambda _: None)
    return told(folder / "side")


def test_a_warm_kernel_is_as_a_cold_one(kernels):
    warm, other, cold = kernels
    assert [one["warm"] for one in kernels] == [True, True, False]
    for one in kernels:
        assert one["about"]["environment"].pop("LENSDOC_RUN") in {"a", "b", "c"}
        assert one["about"].pop("magic") == ["said by a magic"]
        one["about"]["environment"].pop(KERNELS, None)
    assert warm["about"] == cold["about"]
    assert other["about"] == cold["about"]
    assert cold["about"]["lensdoc"] is False
    assert cold["about"]["input"] == "StdinNotImplementedError"
    assert cold["about"]["threads"] == [1, "1"]


def test_kernels_draw_random_numbers_of_their_own(kernels):
    assert all(len(set(drawn)) == 3 for drawn in zip(*(one["draws"] for one in kernels), strict=True))


def test_a_warm_kernel_inherits_no_file_but_what_it_logs_to(kernels):
    warm, _, cold = kernels
    print(warm["files"], cold["files"])
    assert warm["files"] == cold["files"]
