"""Several processes that want one key, and a reader meanwhile."""

from __future__ import annotations

import json
import os
import threading

import pytest
from faulty import changed_copy, digests, ended, linux, wait_until

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


@pytest.mark.long
def test_without_the_lock_they_compute_more_than_once(told, tmp_path, figure):
    """The negative control; the second begins while the first computes."""
    (tmp_path / "unlocked").mkdir()
    (tmp_path / "unlocked" / "filelock.py").write_text(NO_LOCK)
    path = os.pathsep.join([str(tmp_path / "unlocked"), os.environ.get("PYTHONPATH", "")])
    with changed_copy(told, tmp_path / "article") as mine:
        environment = mine.article.environment(COUNT.replace("0.5", "8"), PYTHONPATH=path)
        first = mine.article.begin("run", env=environment)
        wait_until(mine.article.flag.is_file, "first execution")
        second = mine.article.begin("run", env=environment, keep_flag=True)
        wait_until(lambda: mine.article.flag.read_text() == "xx", "second execution")
        for command in (first, second):
            command.kill()
            ended(command)
        figure("race without the lock: 2 processes, 2 computed")


@pytest.mark.long
def test_commands_that_execute_different_runs_all_enter_the_lock(told_of_three, tmp_path):
    with changed_copy(told_of_three, tmp_path / "article") as mine:
        commands = [mine.article.begin("run", name) for name in ("a", "b", "c")]
        assert [ended(command).code for command in commands] == [0, 0, 0]
        assert digests(mine.article.results()) == digests(mine.new)
