"""How long eight small runs take: `python tests/benchmarks/small_runs.py [--rounds 3] [--write]`.

Each run executes a notebook that loads the bundled model, lets it continue a text and saves the tokens. Stock Papermill, called
eight times in one process with its own engine, starts a kernel for each; `lensdoc run` forks them from a process that imported
the libraries once, which is on the clock too, as is all else that it does: locks, keys, checks, publication. The ways take turns;
what is printed are medians of the rounds, with CPU seconds of all processes. `--write` puts them into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report

sys.path.insert(0, str(Path(__file__).parents[1]))
from projects import LENSDOC, MODEL, eight

STOCK = """
import sys
import papermill
for i in range(1, 9):
    parameters = {"n": i, "side": ""}
    papermill.execute_notebook("small.ipynb", f"{sys.argv[1]}/{i}.ipynb", parameters, kernel_name="python3", progress_bar=False)
"""
WAYS = {
    "stock": "Papermill, its own engine, one after another",
    "one": "`lensdoc run`",
    "two": "`lensdoc run -j 2`",
}
RUNS = 8
MOST = 1 / 3
"""Of the time of stock Papermill that warm kernels may take."""
_ENVIRONMENT = os.environ | {
    "HF_HUB_OFFLINE": "1",
    "PYTHONPATH": str(Path(__file__).parents[2]),
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    # As in lensdoc's kernels: with more threads the small model is slower.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}


def once(way: str) -> dict[str, float]:
    """Seconds and CPU seconds of one way, in a new project."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = eight(folder / "project", folder / "side", [MODEL])
        outputs = folder / "outputs"
        outputs.mkdir()
        # A notebook by itself saves drafts, below the folder that holds mkdocs.yml.
        stock = [sys.executable, "-c", STOCK, str(outputs)]
        command = stock if way == "stock" else [*LENSDOC, "run", *(["-j", "2"] if way == "two" else [])]
        before, began = _cpu(), time.monotonic()
        folder = project.analyses if way == "stock" else project.root
        subprocess.run(command, cwd=folder, env=_ENVIRONMENT, check=True, capture_output=True)
        took = {"seconds": time.monotonic() - began, "cpu": _cpu() - before}
        made = list(outputs.iterdir()) if way == "stock" else list(project.data.rglob("*.json"))
        if len(made) != RUNS:
            raise SystemExit(f"{WAYS[way]}: {len(made)} of {RUNS} runs")
        return took


def measured(rounds: int) -> dict[str, dict[str, float]]:
    """Medians of each way."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            found[way].append(once(way))
            print(f"{way}: {json.dumps(found[way][-1])}", file=sys.stderr, flush=True)
    return {way: {key: statistics.median(one[key] for one in all_) for key in ("seconds", "cpu")} for way, all_ in found.items()}


def ratio(found: dict[str, dict[str, float]], way: str, key: str = "seconds") -> float:
    """Time of a way, as a part of that of stock Papermill."""
    return found[way][key] / found["stock"][key]


def markdown(found: dict[str, dict[str, float]], rounds: int) -> str:
    """A table of the ways, and of what was to be reached."""
    rows = [f"| {name} | {found[way]['seconds']:.1f} | {found[way]['cpu']:.1f} |" for way, name in WAYS.items()]
    aims = (
        ("eight runs, `lensdoc run` / Papermill, seconds", ratio(found, "one"), "<=", MOST),
        ("eight runs, `lensdoc run -j 2` / Papermill, seconds", ratio(found, "two"), "<=", MOST),
        ("eight runs, `lensdoc run` / Papermill, CPU seconds", ratio(found, "one", "cpu"), "<=", MOST),
    )
    return "\n".join(
        [
            f"{report.machine(rounds)}\n",
            "| eight small runs | seconds | CPU seconds |\n|---|--:|--:|",
            *rows,
            f"\n{report.AIMS_HEAD}",
            *(report.aim(*each) for each in aims),
        ]
    )


def _cpu() -> float:
    """CPU seconds of all processes that were started and have ended, and of those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    arguments = parser.parse_args()
    text = markdown(measured(arguments.rounds), arguments.rounds)
    print(text)
    if arguments.write:
        report.write(text, "kernels")


if __name__ == "__main__":
    main()
