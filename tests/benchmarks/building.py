"""What lensdoc adds to the time of a build: `python tests/benchmarks/building.py [--rounds 5] [--write]`.

A site of 50 pages with 100 explorables and 500 citations of a bibliography of 900 works is built by Material alone and by
Material with lensdoc: from the same Markdown, which Material alone reads as text, and with the same options otherwise. Each build
is a process of its own, from start to end, into an empty folder; the two take turns. What is printed are medians of the rounds:
CPU seconds, seconds, the largest memory, and what the site holds. `--write` puts them into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report

sys.path.insert(0, str(Path(__file__).parents[1]))
from large_site import LargeSite, Size

WAYS = {"plain": ("Material", "plain.yml"), "ours": ("Material and lensdoc", "mkdocs.yml")}
MOST, MOST_MEGABYTES = 1.25, 500
BUILD = """
import atexit, pathlib, re

def told():
    print(re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])

atexit.register(told)
from mkdocs.__main__ import cli
cli()
"""
"""A build that says the largest memory it had; what `wait4` tells includes that of the process that forked it."""
_ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(Path(__file__).parents[2])}


def once(way: str, folder: Path) -> dict[str, float]:
    """CPU seconds, seconds and megabytes of one build, with the files of the site and their size."""
    with tempfile.TemporaryDirectory() as site:
        command = [sys.executable, "-c", BUILD, "build", "--quiet", "-f", WAYS[way][1], "--site-dir", site]
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=_ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        with process.stdout as stream:
            said = stream.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{way}: exit status {process.returncode}")
        found = {"cpu": used.ru_utime + used.ru_stime, "seconds": time.monotonic() - began, "memory": int(said) / 1000}
        sizes = [path.stat().st_size for path in Path(site).rglob("*") if path.is_file()]
        return found | {"files": len(sizes), "megabytes": sum(sizes) / 1e6}


def measured(rounds: int, size: Size | None = None) -> dict[str, dict[str, float]]:
    """Medians of each way."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as name:
        folder = LargeSite(Path(name) / "site", size or Size()).write()
        for number in range(rounds):
            for way in (WAYS, reversed(WAYS))[number % 2]:
                found[way].append(once(way, folder))
                print(f"{way}: {json.dumps(found[way][-1])}", file=sys.stderr, flush=True)
    return {way: {key: statistics.median(one[key] for one in all_) for key in all_[0]} for way, all_ in found.items()}


def markdown(found: dict[str, dict[str, float]], rounds: int) -> str:
    """A table of the ways, and of what was to be reached."""
    rows = [
        f"| {WAYS[way][0]} | {one['cpu']:.2f} | {one['seconds']:.2f} | {one['memory']:,.0f} | {one['files']:.0f} "
        f"| {one['megabytes']:.1f} |"
        for way, one in found.items()
    ]
    aims = (
        ("a build: with lensdoc / Material, CPU seconds", found["ours"]["cpu"] / found["plain"]["cpu"], "<=", MOST),
        ("the same, seconds", found["ours"]["seconds"] / found["plain"]["seconds"], "<=", MOST),
        ("memory in MB", found["ours"]["memory"], "<=", MOST_MEGABYTES),
    )
    return "\n".join(
        [
            f"{report.machine(rounds)}\n",
            "| a build by | CPU seconds | seconds | memory, MB | files | MB |\n|---|--:|--:|--:|--:|--:|",
            *rows,
            f"\n{report.AIMS_HEAD}",
            *(report.aim(*each) for each in aims),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    arguments = parser.parse_args()
    text = markdown(measured(arguments.rounds), arguments.rounds)
    print(text)
    if arguments.write:
        report.write(text, "building")


if __name__ == "__main__":
    main()
