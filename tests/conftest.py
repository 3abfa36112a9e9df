from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["chromium", "citing", "executed", "faulty", "serving"]

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser):
    parser.addoption("--write-golden", action="store_true", help="write golden sites anew, to be read in the diff")
    parser.addoption("--full", action="store_true", help="run the long checks at full size too")


@pytest.fixture
def full(request):
    """Skip a long check unless it is asked for."""
    if not request.config.getoption("--full"):
        pytest.skip("a long check: make test-full runs it")


def pytest_runtest_setup(item):
    if item.get_closest_marker("long") and not item.config.getoption("--full"):
        pytest.skip("a long check: make test-full runs it")


@pytest.fixture(scope="session")
def sized(request):
    """`sized(few, many)`: many where the long checks are asked for."""
    return lambda few, many: many if request.config.getoption("--full") else few


FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def figure(request):
    """`figure(text)`: what a test measured, and at which size; shown at the end."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter, config):
    if figures := config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        for text in figures:
            terminalreporter.write_line(text)


@pytest.fixture(scope="session")
def tiny():
    import torch

    from lensdoc import load_model

    torch.set_num_threads(1)  # for a small model threads are slower than none, and much slower on a busy machine
    return load_model("lensdoc/tiny")


@pytest.fixture(scope="session")
def count(tiny):
    """The trace behind the article's figures."""
    return tiny.generate(" 1, 2, 3", max_new_tokens=30)


@pytest.fixture
def project(tmp_path):
    """A copy of this repository's article, to be changed at will."""
    for name in ("docs", "analyses"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copyfile(ROOT / "mkdocs.yml", tmp_path / "mkdocs.yml")
    return tmp_path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of this working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("lensdoc-*.whl")
    return path
