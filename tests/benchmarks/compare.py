"""How long lensdoc's measures take beside those of other libraries: `python tests/benchmarks/compare.py [--rounds 3] [--write]`.

Every piece of work runs in a process of its own, in an environment of its library's own, in float32 on two threads: on random
weights of DistilGPT2's shape with 32 given and 32 produced tokens, or with `--real` on SmolLM2-135M-Instruct with 24 and 24.
Libraries take turns. Printed are the medians over the rounds of CPU seconds and of the largest memory of the process; what the
libraries compute is held against what lensdoc computes. `--write` puts the tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environments
import report
import setting

HERE = Path(__file__).parent
QUIET = {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True)
class Work:
    """Something that several libraries do."""

    name: str
    function: str
    libraries: tuple[str, ...]
    """A library, or `library:function` where it has a second way."""
    same: float | None
    """How far results may lie apart: relative for scores, ranks for the lens; None where a library computes its own thing."""


WORKS = (
    Work("Gradient x input, 32 targets", "gradient_x_input", ("lensdoc", "captum", "inseq", "interpreto"), 1e-3),
    Work("Integrated gradients, 50 steps, four targets", "integrated_gradients", ("lensdoc", "captum"), 1e-3),
    Work("Logit lens: rank and probability, 63 positions x 6 layers", "lens", ("lensdoc", "transformer_lens", "nnsight"), 1),
)
REAL_WORKS = (
    Work("Gradient x input, 24 targets", "gradient_x_input", ("lensdoc", "captum", "interpreto"), 1e-3),
    Work(
        "Integrated gradients, 20 steps, two targets",
        "integrated_gradients",
        ("lensdoc", "captum", "captum:integrated_gradients_last"),
        2e-2,
    ),
    Work(
        "Logit lens: rank and probability, 47 positions x 30 layers",
        "lens",
        ("lensdoc", "transformer_lens", "nnsight:lens_vectorised"),
        1,
    ),
)
"""Integrated gradients do not converge on this model: the sums of float32 differ by more than elsewhere."""
OWN = {"interpreto": "takes the mean of absolute values where the others take a norm"}
"""Libraries whose numbers are their own."""
ALONE = ("matrix_rate", "three_measures", "many_targets")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument("--real", action="store_true", help="on SmolLM2-135M-Instruct, which `make real-model` fetches")
    arguments = parser.parse_args()
    works, write, part = (REAL_WORKS, setting.write_real, "real") if arguments.real else (WORKS, setting.write_random, "measures")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        tables = [(work, medians(work, folder, arguments.rounds)) for work in works]
        alone = {} if arguments.real else {function: run("lensdoc", function, folder) for function in ALONE}
    aims = report.real_aims(tables) if arguments.real else report.aims(tables, alone)
    text = report.markdown(tables, aims, arguments.rounds)
    print(text)
    if arguments.write:
        report.write(text, part)


def medians(work: Work, folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Library to medians of `cpu`, `wall` and `memory`."""
    found: dict[str, list[dict[str, Any]]] = {library: [] for library in work.libraries}
    for _ in range(rounds):
        for library in work.libraries:
            one = run(*_which(library, work), folder)
            found[library].append(one)
    for library in work.libraries:
        if library not in OWN:
            agree(work, found[library][0]["result"], found["lensdoc"][0]["result"], library)
    return {
        library: {key: statistics.median(one[key] for one in several) for key in ("cpu", "wall", "memory")}
        for library, several in found.items()
    }


def _which(library: str, work: Work) -> tuple[str, str]:
    name, _, function = library.partition(":")
    return name, function or work.function


def run(library: str, function: str, folder: Path) -> dict[str, Any]:
    """One piece of work in a new process."""
    module = "ours" if library == "lensdoc" else f"with_{library}"
    threads = {f"{name}_NUM_THREADS": str(setting.THREADS) for name in ("OMP", "OPENBLAS", "MKL")}
    command = [str(environments.python(library)), str(HERE / "one.py"), module, function, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | QUIET | threads)
    if done.returncode:
        raise SystemExit(f"{library}, {function}: {done.stderr.strip()}")
    one: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{function} {library}: {one['cpu']:.2f} s CPU, {one['memory']:.0f} MB", file=sys.stderr, flush=True)
    return one


def agree(work: Work, theirs: list[list[float]], ours: list[list[float]], library: str) -> None:
    """Exit when a library's numbers are not ours: then their times say nothing."""
    for one, other in zip(theirs, ours, strict=True):
        for a, b in zip(one, other, strict=True):
            if abs(a - b) > work.same * (max(abs(a), abs(b)) if work.same < 1 else 1):
                raise SystemExit(f"{library}, {work.function}: {a} where lensdoc has {b}")


if __name__ == "__main__":
    main()
