"""Tests with the lowest versions that pyproject.toml allows: `python tests/lowest.py`; `make test-full` does it.

`tests/lowest.txt` has them, with what they need in turn at its newest; `make lock` makes it (`python tests/lowest.py lock`). They
are installed into an environment of their own, `.lensdoc/lowest`. PyTorch is the one of this environment: builds without CUDA are
not found by every installer, and it is large.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "tests" / "lowest.txt"
PLACE = ROOT / ".lensdoc" / "lowest"
EXTRAS = ("site", "run", "cluster", "crate", "gguf", "live", "widget", "interactive")
TOOLS = ("axe-playwright-python", "hypothesis", "mkdocs-static-i18n", "pillow", "playwright", "pypdf", "pytest", "pytest-xdist")
"""What the tests themselves need, at the versions of constraints.txt."""
LENT = ("torch", "torchgen", "functorch", "triton", "nvidia", "cuda")
"""Packages of PyTorch, as far as they are installed here."""
LENT_METADATA = ("torch", "triton", "nvidia_*", "cuda_*", "lensdoc")
_NOT_LOCKED = re.compile(r"(torch|triton|nvidia-.*|cuda-.*)==")
_RUN = "pipeline.py::test_a_code_cell_makes_its_run_stale_and_a_markdown_cell_does_not"
PART = (
    *("records", "extension", "block_parser", "references", "conditions", "layouts", "bibliography", "citations"),
    *("token_figures", "grid_figures", "runs", "lens", "factors", "nmf", "generation", "other_sites", _RUN),
)
"""Test files: reading, pages, figures, runs, measures, models, sites, a run from its notebook to its record."""
_STAR = "before Markdown 3.11.1 emphasis begins at a lone star"
_TITLES = "references.py::test_a_title_reads_the_same_here_and_on_other_pages"
_PREVIEWS = "references.py::test_a_preview_of_another_page_has_no_marks"
NOT_MEANT = {
    f"{_TITLES}[A* search, foo_ and *two*<br>lines]": _STAR,
    f"{_PREVIEWS}[A* of 2 * 3, foo_ and a _ or ***x***, **a *b* c**, _d_]": _STAR,
}
"""Tests that hold with the newest versions only, with the reason."""


def lock() -> None:
    """Write the lowest versions of what lensdoc names, and versions that fit them of all else."""
    pinned = {re.split("==", line)[0].lower(): line for line in (ROOT / "constraints.txt").read_text().splitlines()}
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    command = [
        "uv",
        "pip",
        "compile",
        "pyproject.toml",
        "-",
        *extras,
        "--resolution",
        "lowest-direct",
        "--python-version",
        "3.11",
    ]
    tools = "\n".join(pinned[name] for name in TOOLS)
    uv = _uv()
    if uv is None:
        sys.exit("uv is not installed; make lock installs it")
    options = ["--no-annotate", "--no-header", "--quiet"]
    done = subprocess.run([uv, *command[1:], *options], cwd=ROOT, input=tools, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    lines = [line for line in done.stdout.splitlines() if not _NOT_LOCKED.match(line)]
    LOCK.write_text(
        "# The lowest versions that pyproject.toml allows, without PyTorch. Made by: make lock\n" + "\n".join(lines) + "\n"
    )


def install() -> Path:
    """The Python of an environment with these versions, made unless it is there."""
    python, stamp = PLACE / "bin" / "python", PLACE / "made-from"
    made_from = hashlib.sha256(LOCK.read_bytes() + importlib.metadata.version("torch").encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != made_from:
        venv.create(PLACE, clear=True, symlinks=True)
        uv = _uv()  # takes seconds where pip takes minutes
        program = (
            [uv, "pip", "install", "--python", python] if uv else [sys.executable, "-m", "pip", "--python", python, "install"]
        )
        subprocess.run([*program, "--quiet", "--no-deps", "-r", LOCK], cwd=ROOT, check=True)
        (packages,) = PLACE.glob("lib/python*/site-packages")
        lend(Path(sysconfig.get_path("purelib")), packages)
        stamp.write_text(made_from)
    return python


def _uv() -> str | None:
    return shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def lend(here: Path, there: Path) -> None:
    """Link PyTorch and the metadata of lensdoc, by which MkDocs finds the plugin, into another environment."""
    names = [*LENT, *(path.name for pattern in LENT_METADATA for path in here.glob(f"{pattern}-*.dist-info"))]
    for name in names:
        if (here / name).exists():
            (there / name).symlink_to(here / name)
    (there / "lensdoc.pth").write_text(f"{ROOT}\n")


def main() -> None:
    """Install and test, or lock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("test", "lock"), default="test")
    if parser.parse_args().what == "lock":
        lock()
        return
    python = install()
    files = [f"tests/test_{name}" if "::" in name else f"tests/test_{name}.py" for name in PART]
    # Old libraries warn of what newer ones changed; that is no fault of lensdoc.
    options = ["-q", "-o", "filterwarnings=default", "-W", "ignore::DeprecationWarning", "-p", "no:cacheprovider"]
    marks = ["-m", "not browser and not alone and not long", *(f"--deselect=tests/test_{name}" for name in NOT_MEANT)]
    sys.exit(subprocess.run([python, "-m", "pytest", *options, *marks, *files], cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
