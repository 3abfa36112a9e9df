"""How long a site takes to build: `python tests/benchmarks/building.py [--rounds 5] [--write]`.

A site of 50 pages with 500 citations of a bibliography of 900 works is built by Material alone, by Material with
mkdocs-bibtex and a CSL style, by Material with lensdoc and the same style, and by MyST. Then 100 explorables, values and
cross-references are added, and it is built by Material alone and with lensdoc. What a program does not know it reads as text.
Each build is a process of its own, from start to end, into an empty folder; the ways take turns. What is printed are medians of
the rounds: CPU seconds of a process and of those that it started, seconds, the largest memory, and what the site holds.
`--write` puts them into docs/benchmarks.md.

Of MyST it is `myst build --site`, which parses the pages and writes their citations, as JSON; a template, which it would fetch,
makes HTML of that when the site is started or exported. How many of the works that the pages cite stand in what is written is
counted: a build that leaves some out has done less.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import environments
import report

sys.path.insert(0, str(Path(__file__).parents[1]))
from large_site import LargeSite, Size

from lensdoc.publish.citations import styles

STYLE = Path(styles.__file__).parent / "styles" / "apa.csl"
BUILD = """
import atexit, pathlib, re

def told():
    print(re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])

atexit.register(told)
from mkdocs.__main__ import cli
cli()
"""
"""A build that says the largest memory it had; what `wait4` tells includes that of the process that forked it."""
MYST = """version: 1
project: {title: A large site, bibliography: [docs/references.bib]}
site: {template: ./template}
"""
TEMPLATE = "{jtex: v1, title: Nothing, version: 1.0.0, kind: site}\n"
"""A template of MyST that draws nothing; others would be fetched."""
_ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
Found = dict[str, dict[str, float]]
"""Medians of each way."""


def mkdocs(config: str, python: Callable[[], Path], folder: Path, site: Path) -> list[str]:
    """A build by MkDocs."""
    return [str(python()), "-c", BUILD, "build", "--quiet", "-f", str(folder / config), "--site-dir", str(site)]


def myst(folder: Path, site: Path) -> list[str]:
    """MyST's processing; it writes below its project, which is therefore copied."""
    shutil.copytree(folder / "docs", site / "docs")
    (site / "myst.yml").write_text(MYST)
    (site / "template").mkdir()
    (site / "template" / "template.yml").write_text(TEMPLATE)
    return ["node", str(environments.myst()), "build", "--site"]


@dataclass(frozen=True)
class Way:
    """What builds a site."""

    name: str
    command: Callable[[Path, Path], list[str]]
    """The command that builds the site of a folder into another."""


def ours() -> Path:
    """The interpreter with lensdoc."""
    return environments.python("lensdoc")


CITING = {
    "plain": Way("Material", partial(mkdocs, "plain.yml", ours)),
    "bibtex": Way(
        f"Material and {environments.BIBTEX.replace('==', ' ')}", partial(mkdocs, "bibtex.yml", environments.python_with_bibtex)
    ),
    "ours": Way("Material and lensdoc", partial(mkdocs, "apa.yml", ours)),
    "myst": Way(f"{environments.MYST.replace('@', ' ')}, as JSON", myst),
}
"""Ways to build the site without figures."""
DRAWING = {
    "plain": Way("Material", partial(mkdocs, "plain.yml", ours)),
    "ours": Way("Material and lensdoc", partial(mkdocs, "mkdocs.yml", ours)),
}
"""Ways to build the site with figures."""


def written(folder: Path, size: Size) -> Path:
    """A site with the configurations of all ways."""
    LargeSite(folder, size).write()
    plain, lensdoc = ((folder / name).read_text() for name in ("plain.yml", "mkdocs.yml"))
    bibtex = f"plugins:\n  - search\n  - bibtex: {{bib_file: docs/references.bib, csl_file: {STYLE}}}"
    (folder / "bibtex.yml").write_text(plain.replace("plugins: [search]", bibtex))
    (folder / "apa.yml").write_text(lensdoc.replace("references.bib}", "references.bib, csl: apa}"))
    return folder


def once(way: Way, folder: Path) -> dict[str, float]:
    """CPU seconds, seconds and megabytes of one build, with the files of the site and their size."""
    with tempfile.TemporaryDirectory() as name:
        site = Path(name)
        command = way.command(folder, site)
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=site, env=_ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        with process.stdout as stream:
            said = stream.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{way.name}: exit status {process.returncode}")
        found = {"cpu": used.ru_utime + used.ru_stime, "seconds": time.monotonic() - began}
        if said.strip().isdigit():
            found["memory"] = int(said) / 1000
        site = site / "_build" if (site / "_build").is_dir() else site
        sizes = [path.stat().st_size for path in site.rglob("*") if path.is_file()]
        return found | {"works": shown_works(folder, site), "files": len(sizes), "megabytes": sum(sizes) / 1e6}


def shown_works(folder: Path, site: Path) -> float:
    """The share of the works cited on pages whose DOI stands in what was written."""
    cited = {key for page in (folder / "docs").glob("*.md") for key in re.findall(r"@(work\d+)", page.read_text())}
    pages = [path for path in site.rglob("*") if path.suffix in {".html", ".json"} and path.name != "search_index.json"]
    shown = {key for path in pages for key in re.findall(r"10\.1000/(work\d+)", path.read_text())}
    return len(cited & shown) / len(cited)


def measured(ways: dict[str, Way], rounds: int, size: Size) -> Found:
    """Medians of each way."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as name:
        folder = written(Path(name) / "site", size)
        for number in range(rounds):
            for way in (ways, reversed(ways))[number % 2]:
                found[way].append(once(ways[way], folder))
                print(f"{way}: {json.dumps(found[way][-1])}", file=sys.stderr, flush=True)
    return {way: {key: statistics.median(one[key] for one in all_) for key in all_[0]} for way, all_ in found.items()}


def table(ways: dict[str, Way], found: Found) -> str:
    """A row for each way."""
    rows = [
        f"| {ways[way].name} | {one['cpu']:.2f} | {one['seconds']:.2f} | {_memory(one)} | {one['works']:.1%} "
        f"| {one['files']:.0f} | {one['megabytes']:.1f} |"
        for way, one in found.items()
    ]
    return "\n".join(
        ["| a build by | CPU seconds | seconds | memory, MB | works shown | files | MB |\n|---|--:|--:|--:|--:|--:|--:|", *rows]
    )


def _memory(one: dict[str, float]) -> str:
    return f"{one['memory']:,.0f}" if "memory" in one else "not measured"


def aims(citing: Found, drawing: Found) -> list[report.Aim]:
    """What was to be reached."""
    return [
        ("citations: with mkdocs-bibtex / with lensdoc, CPU seconds", citing["bibtex"]["cpu"] / citing["ours"]["cpu"], ">=", 3.0),
        ("citations: MyST / with lensdoc, CPU seconds", citing["myst"]["cpu"] / citing["ours"]["cpu"], ">=", 1.0),
        ("with figures: with lensdoc / Material, CPU seconds", drawing["ours"]["cpu"] / drawing["plain"]["cpu"], "<=", 1.25),
        ("with figures: the same, seconds", drawing["ours"]["seconds"] / drawing["plain"]["seconds"], "<=", 1.25),
        ("with figures: memory in MB", drawing["ours"]["memory"], "<=", 500.0),
    ]


def markdown(citing: Found, drawing: Found, rounds: int) -> str:
    """Tables of the ways, and of what was to be reached."""
    return "\n\n".join(
        [
            report.machine(rounds),
            "Citations alone:",
            table(CITING, citing),
            "Citations, explorables, values and cross-references:",
            table(DRAWING, drawing),
            "\n".join([report.AIMS_HEAD, *(report.aim(*each) for each in aims(citing, drawing))]),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    arguments = parser.parse_args()
    citing = measured(CITING, arguments.rounds, Size(explorables=0))
    drawing = measured(DRAWING, arguments.rounds, Size())
    text = markdown(citing, drawing, arguments.rounds)
    print(text)
    if arguments.write:
        report.write(text, "building")


if __name__ == "__main__":
    main()
