"""A fault at each system call of publishing: no file is torn, the lock claims what is there, and the next one converges."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest
from crashes import CALLS, FAILED, FAULTS, KILLED, TRACING, UNHURT, crash
from faulty import PARAMETERS, SAVE, Article, files, leftovers

from lensdoc.pipeline.job import Execution, publish
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import read_runs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills processes as POSIX does")

TOOL = "strace" if TRACING else "Python's own functions, as strace may not trace here"
RECORDS = ("one", "two", "three")


def execution(version):
    """What an execution makes, large enough that it is written in pieces."""
    text = f"{version} " * 5000
    components = {"cells": {"0": version}, "parameters": {}}
    return Execution(components, "cpu", {name: f"{name} {text}".encode() for name in RECORDS}, text.encode())


def put(root, version):
    """Publish a version."""
    project = Project(Path(root))
    publish(read_runs(project)[0], project, execution(version))


def put_plainly(root, version):
    """The same with a plain writer: the negative control."""
    project, made = Project(Path(root)), execution(version)
    project.analyses.joinpath("executed").mkdir(exist_ok=True)
    for path, content in [
        *((project.data / "small" / f"{name}.json", content) for name, content in made.records.items()),
        (project.analyses / "executed" / "small.ipynb", made.notebook),
    ]:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)


@pytest.fixture
def article(tmp_path):
    made = Article(tmp_path / "article").make(("small",), PARAMETERS, SAVE)
    made.set(records=list(RECORDS))
    put(made.root, "former")
    return made


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The files of each version, by name."""
    found = {"nothing": {}}
    for version in ("former", "new"):
        made = Article(tmp_path_factory.mktemp(version) / "article").make(("small",), PARAMETERS, SAVE)
        made.set(records=list(RECORDS))
        put(made.root, version)
        found[version] = made.results()
    return found


def torn(article, results, before="former"):
    """Names of files that are of neither version."""
    now = article.results()
    names = now.keys() | results[before].keys()
    return [name for name in names if now.get(name) not in (results[before].get(name), results["new"].get(name))]


def assert_the_lock_claims_what_is_there(article, results):
    now = article.results()
    if now.get("runs.lock") == results["new"]["runs.lock"]:
        claimed = json.loads(now["runs.lock"])["runs"]["small"]["outputs"]
        assert {name: hashlib.sha256(now[f"data/small/{name}.json"]).hexdigest() for name in RECORDS} == claimed


def points(root, article, fault, write, *, calls=CALLS, step=1):  # noqa: PLR0913 - what happens where
    """Copies of the article in which the first such call failed, the second, and so on until there is none."""
    for call in calls:
        for when in range(1, 300, step):
            mine = article.copy(root / f"{call}-{when}")
            ended = crash(call, fault, when, write, mine.root, "new")
            if not ended.fired:
                assert ended.code == UNHURT, (call, when, ended)
                break
            yield mine, ended, f"{call} {when}: {ended}"


@pytest.mark.sample(fault=["SIGKILL"])
@pytest.mark.parametrize("before", ["former", pytest.param("nothing", marks=pytest.mark.long)])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_each_system_call_tears_nothing(tmp_path, fault, before, request):
    sized, figure, article, results = map(request.getfixturevalue, ("sized", "figure", "article", "results"))
    fired = harmless = 0
    if before == "nothing":
        shutil.rmtree(article.project.data)
        shutil.rmtree(article.project.analyses / "executed")
        article.project.lock_file.unlink()
    step = sized(3 if fault == "SIGKILL" else 9, 1)
    for mine, ended, place in points(tmp_path, article, fault, put, step=step):
        fired += 1
        harmless += ended.code == UNHURT
        assert ended.code in ((KILLED,) if fault == "SIGKILL" else (FAILED, UNHURT)), place
        assert torn(mine, results, before) == [], place
        assert_the_lock_claims_what_is_there(mine, results)
        if ended.code == FAILED:
            assert mine.results() == results[before], place
        if ended.code == UNHURT:
            assert mine.results() == results["new"], place
        put(mine.root, "new")
        assert mine.results() == results["new"], place
        assert leftovers(mine.root) == [], place
        shutil.rmtree(mine.root)
    assert fired >= sized(5, 40 if TRACING else 15)
    figure(f"crash points, {fault} over {before} results: {fired} fired, {harmless} without effect, 0 torn; by {TOOL}")


@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_disk_that_takes_nothing_any_more_is_told_with_what_it_holds(article, results, fault):
    """From the second rename on all fail: what is in place cannot be put back, and the error says so."""
    ended = crash("rename", fault, "2+", put, article.root, "new")
    assert (ended.code, ended.fired) == (FAILED, True)
    assert f"could not be put back as it was: {article.project.data / 'small' / 'one.json'}" in ended.said
    assert torn(article, results) == []
    one, *others = [files(article.project.data)[f"small/{name}.json"] for name in RECORDS]
    assert one == results["new"]["data/small/one.json"]
    assert others == [results["former"][f"data/small/{name}.json"] for name in RECORDS[1:]]
    assert article.project.lock_file.read_bytes() == results["former"]["runs.lock"]


def test_the_same_sweep_finds_that_a_plain_writer_tears(tmp_path, article, results, figure):
    found = fired = 0
    for fault in FAULTS:
        for mine, _, _ in points(tmp_path / fault, article, fault, put_plainly, calls=("openat", "write", "close")):
            fired += 1
            found += bool(torn(mine, results))
    assert found > 0
    figure(f"crash points, plain open('w'): {found} of {fired} torn; by {TOOL}")
