from __future__ import annotations

import gc
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import real_model as real_model_file
from hypothesis import settings
from running import call_fresh

from lensdoc.pipeline.project import Project

pytest_plugins = [
    "chromium",
    "citing",
    "executed",
    "faulty",
    "firefox",
    "live_models",
    "live_site",
    "serving",
    "several_site",
    "sharing",
]

ROOT = Path(__file__).parents[1]

settings.register_profile("lensdoc", deadline=None)  # on a busy machine an example may take long for no fault of its own
settings.load_profile("lensdoc")

signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell lets what it starts in the background ignore Ctrl-C, and what tests start would inherit that."""


def pytest_addoption(parser):
    parser.addoption("--write-golden", action="store_true", help="write golden sites anew, to be read in the diff")
    parser.addoption("--full", action="store_true", help="run the long checks at full size too")


@pytest.fixture
def full(request):
    """Skip a long check unless it is asked for."""
    if not request.config.getoption("--full"):
        pytest.skip("a long check: make test-full runs it")


# fmt: off
LONGEST = [
    "serve", "site", "live", "browser_several", "browser_kinds", "browser_footers", "browser_article", "drawing",
    "browser_weight", "warm", "browser_live", "pipeline", "browser_every_state", "browser_citations", "browser_states", "guide",
    "loading_gguf", "browser_attention", "engines", "saliency", "browser_figure", "browser_activations", "live_engine",
    "building", "notebook_pages", "factor_saliency", "faults", "browser_references", "browser_notebook", "paired",
    "browser_page", "own_kinds", "browser_deep", "browser_passages", "browser_causal", "faults_disk", "tiny_behaviour",
    "masked", "browser_factor_saliency", "mask", "extension", "crash_points", "browser_tokens", "loading", "watching", "forked",
    "loading_hub", "loading_hostile",
]
# fmt: on
"""Files of tests that take longest, measured: they begin first, so that no process waits long for the last one of another.

The first four make different things that others share.
"""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))  # within a file the order stays


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    """Look for no garbage while tests are collected, and later not in what was made so: a million objects, which all stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def left_to_full(item):
    """Whether a test is long, or has other parameters than those that its marker `sample` names."""
    sample = item.get_closest_marker("sample")
    given = item.callspec.params if hasattr(item, "callspec") else {}
    others = sample and any(given.get(name, values[0]) not in values for name, values in sample.kwargs.items())
    return bool(item.get_closest_marker("long") or others)


def pytest_runtest_setup(item):
    if left_to_full(item) and not item.config.getoption("--full"):
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


def pytest_sessionfinish(session):
    """A process of pytest-xdist hands on what its tests measured."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = session.config.stash.get(FIGURES, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash.setdefault(FIGURES, []).extend(getattr(node, "workeroutput", {}).get("figures", []))


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
def real_model():
    """The file of SmolLM2-135M-Instruct; without it the test is skipped, and `make test-full` fetches it first."""
    if not real_model_file.PLACE.is_file():
        pytest.skip(f"no {real_model_file.NAME} in analyses/models/: make real-model fetches it")
    return real_model_file.PLACE


@pytest.fixture(scope="session")
def count(tiny):
    """The trace behind the article's figures."""
    return tiny.generate(" 1, 2, 3", max_new_tokens=30)


def fresh_copy(origin, folder):
    """What a build of an article needs; the lock says that every run is fresh, whatever of lensdoc's code changed since."""
    for name in ("docs", "analyses"):
        shutil.copytree(origin / name, folder / name, ignore=shutil.ignore_patterns("models"))  # 98 MB, for one run
    shutil.copyfile(origin / "mkdocs.yml", folder / "mkdocs.yml")
    call_fresh(Project(folder))
    return folder


@pytest.fixture(scope="session")
def fresh_article(tmp_path_factory):
    """The article of the tests. It stays as it is while this repository's own is rewritten; copy it to change it."""
    return fresh_copy(ROOT / "tests" / "article", tmp_path_factory.mktemp("article"))


@pytest.fixture(scope="session")
def own_article(tmp_path_factory):
    """This repository's own article, for tests of what its readers get."""
    return fresh_copy(ROOT, tmp_path_factory.mktemp("own"))


@pytest.fixture
def project(fresh_article, tmp_path):
    """A copy of the tests' article, to be changed at will."""
    return shutil.copytree(fresh_article, tmp_path, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def wheel(shared):
    """The wheel of this working tree."""

    def make(folder):
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    (path,) = shared("wheel", make).glob("lensdoc-*.whl")
    return path
