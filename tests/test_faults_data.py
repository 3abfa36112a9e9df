"""Damaged results, leftovers of the dead, and clocks that lie."""

from __future__ import annotations

import json
import os
import time

import pytest
from faulty import digests, files, leftovers, linux, with_long

pytestmark = linux

DAY = 86400
CLOCK = """
import time
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() - 86400
time.time_ns = lambda: _time_ns() - 86400 * 10**9
"""
"""A `sitecustomize` that sets the clock of every process back a day."""


DAMAGES = {
    "truncated": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "bit-flipped": lambda content: content.replace(b'"n": 1', b'"n": 3'),
    "of another version": lambda content: content.replace(b'"version": [1,', b'"version": [9,'),
    "not text": lambda content: b"\xff\xfe" + content,
}


@pytest.mark.parametrize("name", with_long(DAMAGES, "empty", "of another version", "not text"))
def test_a_record_is_damaged(one, name):
    """Seen by its hash, and made again."""
    one.article.set(n=1)
    path = one.article.project.data / "small" / "one.json"
    path.write_bytes(DAMAGES[name](path.read_bytes()))
    assert path.read_bytes() != one.former["data/small/one.json"]
    done = one.article.call("status", "--why")
    assert done.code == 1
    assert done.out.startswith("small  stale\n       record one: not the file that the run made\n")
    one.article.assert_runs()
    assert digests(one.article.results()) == digests(one.former)


LOCKS = {
    "truncated": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "of another version": lambda content: content.replace(b'"version": 1', b'"version": 2'),
    "in conflict": lambda content: b"<<<<<<< ours\n" + content,
    "not text": lambda _: b"\xff\xfe",
}


@pytest.mark.parametrize("name", with_long(LOCKS, "empty", "of another version", "in conflict", "not text"))
def test_the_lock_is_damaged(one, name):
    """Nothing is executed or written until the author has decided."""
    one.article.set(n=1)
    lock = one.article.project.lock_file
    lock.write_bytes(LOCKS[name](lock.read_bytes()))
    before = one.article.results()
    for command in ("status", "run"):
        done = one.article.call(command)
        assert done.code == 1
        assert "runs.lock: not a lock of this lensdoc" in done.err
        assert "take it from version control, or delete it and run again" in done.err
        assert done.err.count("\n") == 1
    assert one.article.results() == before
    lock.unlink()
    one.article.assert_runs()
    assert digests(one.article.results()) == digests(one.former)


def test_a_hash_in_the_lock_is_damaged(one):
    one.article.set(n=1)
    lock = one.article.project.lock_file
    text = lock.read_text()
    place = text.index('"one": "') + 8
    lock.write_text(text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :])
    assert one.article.words() == ["stale"]
    one.article.assert_runs()
    assert digests(one.article.results()) == digests(one.former)


def test_what_the_dead_left_behind_is_removed(one):
    project = one.article.project
    for path in (
        project.data / "small" / ".one.json.a1b2.part",
        project.analyses / "executed" / ".small.ipynb.a1b2.part",
        project.analyses / ".runs.lock.a1b2.part",
        project.private / "scratch" / "small" / "old" / "out" / "one.json",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{")
    assert len(leftovers(one.article.root)) == 4
    one.assert_former()
    one.assert_converges()


def test_the_clock_is_set_back_a_day(one, tmp_path):
    """And so all files are from tomorrow."""
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    for path in one.article.root.rglob("*"):
        os.utime(path, (time.time() + DAY,) * 2)
    before = os.environ.get("PYTHONPATH", "")
    yesterday = {"PYTHONPATH": os.pathsep.join([str(tmp_path / "clock"), before])}
    says = "open(os.environ['FLAG'], 'w').write(str(__import__('time').time()))"
    done = one.article.run(disturb=says, **yesterday)
    assert done.code == 0, done.said
    assert float(one.article.flag.read_text()) < time.time() - DAY + 600
    results, told = one.article.results(), dict(one.new)
    lock, new = (json.loads(found.pop("runs.lock")) for found in (results, told))
    new["runs"]["small"]["not_watched"] += ["module outside analyses/: sitecustomize"]  # which is our clock
    assert (lock, digests(results)) == (new, digests(told))
    assert one.article.call("status", env=one.article.environment(**yesterday)).out == "small  fresh\n"
    one.article.set(n=1)
    assert one.article.call("status", env=one.article.environment(**yesterday)).out == "small  stale\n"
    assert files(one.article.project.data)
