"""Disks that take nothing: the message is clear, former results stay whole, and the next run makes up for it."""

from __future__ import annotations

import re

import pytest
from disks import fill, injecting, may_trace, needs_strace, read_only, small_disk
from faulty import linux, with_long

pytestmark = linux


def assert_clear(done, says):
    assert done.code == 1, done.said
    assert re.fullmatch(f"lensdoc: run 'small' failed: {says}; former results are untouched\n", done.err, re.DOTALL), done.said


def injected(article, calls, fault, *paths):
    """`lensdoc run`, in which system calls on the paths fail."""
    if not may_trace():
        pytest.skip("neither may disks be mounted here nor processes be traced")
    before = injecting(calls, fault, *paths)
    return article.call("run", within=before)


NO_SPACE = "No space left on device: .*"


@pytest.mark.parametrize("place", with_long(["docs", "analyses", "."], "analyses"))
def test_a_full_disk(one, place, figure):
    """Of the data, of the notebooks and the lock, of everything."""
    folder = one.article.root / place
    with small_disk(folder) as mounted:
        if mounted:
            filling = fill(folder)
            done = one.article.run()
            filling.unlink()
        elif place == "docs":
            done = injected(one.article, "openat", "error=ENOSPC", folder / "data" / "small")
        else:
            pytest.skip("no disk may be mounted here")
        figure(f"full disk ({place}): {'a small disk, filled' if mounted else 'injected by strace'}")
        assert_clear(done, NO_SPACE)
        one.assert_former()
        one.assert_converges()


@pytest.mark.parametrize("place", with_long(["docs", "analyses"], "analyses"))
def test_a_folder_that_is_read_only(one, place, figure):
    """Seen before anything is executed: a cell that ran would wait."""
    folder = one.article.root / place
    with read_only(folder) as mounted:
        where = folder / "data" / "small" if place == "docs" else folder / "executed"
        disturb = "__import__('time').sleep(100)"
        done = one.article.run(disturb=disturb) if mounted else injected(one.article, "openat", "error=EROFS", where)
        figure(f"read-only {place}: {'mounted so' if mounted else 'injected by strace'}")
        assert_clear(done, f"Read-only file system: {where}")
        one.assert_former()
    one.assert_converges()


BROKEN = {
    "the folder of the records cannot be flushed": ("fsync", "docs/data/small", ""),
    "the folder of the lock cannot be flushed": ("fsync", "analyses", ""),
    "a record cannot be read": ("openat", "docs/data/small/two.json", "lensdoc: Input/output error: .*two.json\n"),
    "the lock cannot be read": ("openat", "analyses/runs.lock", "lensdoc: Input/output error: .*runs.lock\n"),
}


@needs_strace
@pytest.mark.sample(name=["the folder of the lock cannot be flushed"])
@pytest.mark.parametrize("name", BROKEN)
def test_an_input_output_error(one, name):
    """Where files are in place already they go back."""
    calls, path, says = BROKEN[name]
    done = injected(one.article, calls, "error=EIO", one.article.root / path)
    if says:
        assert (done.code, bool(re.fullmatch(says, done.err))) == (1, True), done.said
    else:
        assert_clear(done, "Input/output error.*")
    one.assert_former()
    one.assert_converges()
