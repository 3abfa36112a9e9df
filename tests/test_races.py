"""Several processes that want one key, and a reader meanwhile."""

from __future__ import annotations

import json
import threading

import pytest
from faulty import changed_copy, digests, ended, linux, story

pytestmark = linux

COUNT = "open(os.environ['FLAG'], 'a').write('x'); import time; time.sleep(0.5)"
"""A disturbance: note that the notebook is executed."""
NO_LOCK = """
class Timeout(Exception):
    pass

class FileLock:
    def __init__(self, path): ...
    def acquire(self, timeout=-1): ...
    def release(self): ...
"""
"""A filelock that locks nothing."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return story(tmp_path_factory.mktemp("story"))


def race(article, processes, **variables):
    """Start so many commands at once; what they ended with, and how often the notebook was executed."""
    environment = article.environment(COUNT, **variables)
    commands = [article.begin("run", env=environment) for _ in range(processes)]
    done = [ended(command) for command in commands]
    return done, len(article.flag.read_text())


class Reader(threading.Thread):
    """Reads all results again and again, and keeps what is neither former nor new."""

    def __init__(self, mine):
        super().__init__()
        self.mine, self.reads, self.torn, self.over = mine, 0, [], threading.Event()

    def run(self):
        while not self.over.is_set():
            for name, content in self.mine.article.results().items():
                json.loads(content)
                self.reads += 1
                if content not in (self.mine.former[name], self.mine.new[name]):
                    self.torn.append(name)


def test_processes_that_race_for_one_key_compute_once(told, tmp_path, sized, figure):
    racing = sized(4, 8)
    with changed_copy(told, tmp_path / "article") as mine:
        reader = Reader(mine)
        reader.start()
        done, computed = race(mine.article, racing)
        reader.over.set()
        reader.join()
        assert [each.code for each in done] == [0] * racing, done
        assert computed == 1
        told_so = [each.out for each in done]
        assert sum("small: 2 records in" in out for out in told_so) == 1
        fresh = ("fresh: another process has executed it", "nothing to execute")
        assert sum(any(words in out for words in fresh) for out in told_so) == racing - 1
        assert digests(mine.article.results()) == digests(mine.new)
        assert reader.reads > 100
        assert reader.torn == []
        mine.assert_converges()
        figure(f"race: {racing} processes, {computed} computed; {reader.reads} reads meanwhile, 0 torn")


def test_without_the_lock_they_compute_more_than_once(told, tmp_path, figure):
    (tmp_path / "unlocked").mkdir()
    (tmp_path / "unlocked" / "filelock.py").write_text(NO_LOCK)
    import os

    path = os.pathsep.join([str(tmp_path / "unlocked"), os.environ.get("PYTHONPATH", "")])
    with changed_copy(told, tmp_path / "article") as mine:
        _, computed = race(mine.article, 3, PYTHONPATH=path)
        assert computed > 1
        figure(f"race without the lock: 3 processes, {computed} computed")


def test_two_commands_that_run_different_runs_both_enter_the_lock(tmp_path):
    two = story(tmp_path, ("a", "b"))
    commands = [two.article.begin("run", name) for name in ("a", "b")]
    assert [ended(command).code for command in commands] == [0, 0]
    assert digests(two.article.results()) == digests(two.new)
