"""Kills at random moments, from a seed; and what Papermill's own engine would have recorded."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from faulty import DISTURB, PARAMETERS, SAVE, changed_copy, digests, ended, leftovers, linux, wait_until, write_notebook

pytestmark = linux


def kill_at_random(mine, chance, longest):
    """Kill the command, its worker or its kernel: somewhere, or when results are being put in place; false if it was too late."""
    command = mine.article.begin("run")
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, longest))
    else:
        wait_until(lambda: leftovers(mine.article.project.data) or command.poll() is not None, "temporary")
        time.sleep(chance.uniform(0, 0.01))
    alive = sorted(mine.article.processes()) or [command.pid]
    in_time = command.poll() is None
    with suppress(ProcessLookupError):
        os.kill(chance.choice(alive), signal.SIGKILL)
    ended(command)
    mine.article.assert_no_orphans()
    return in_time


@pytest.mark.long
def test_kills_at_random_moments_lose_nothing(told, tmp_path, sized, figure):
    kills, chance = sized(6, 200), random.Random(11)
    with changed_copy(told, tmp_path / "timed") as mine:
        started = time.monotonic()
        mine.article.assert_runs()
        longest = time.monotonic() - started
    ends = {"former": 0, "mixed": 0, "new": 0}
    late = 0
    for number in range(kills):
        with changed_copy(told, tmp_path / str(number)) as mine:
            late += not kill_at_random(mine, chance, longest)
            mine.assert_whole()
            now = digests(mine.article.results())
            word = mine.article.words()[0]
            assert (word == "fresh") == (now == digests(mine.new))
            ends["new" if word == "fresh" else "former" if now == digests(mine.former) else "mixed"] += 1
            if number % sized(3, 10) == 0:
                mine.assert_converges()
    figure(
        f"kill -9 at random: {kills} ({late} after the end); {ends['former']} left the former results, {ends['mixed']} some of "
        f"each, called stale, and {ends['new']} the new; 0 lost, 0 failed runs recorded as done"
    )
    assert ends["former"] > 0


STOCK = """
import sys, papermill
papermill.execute_notebook(sys.argv[1], sys.argv[2], progress_bar=False, kernel_name="python3", language="python")
"""
LIES = {"the kernel dies": "os._exit(9)", "sys.exit(0)": "import sys; sys.exit(0)"}


@pytest.mark.parametrize("name", LIES)
def test_the_stock_engine_records_what_is_not_so(tmp_path, name):
    """The negative control: the same assertions on Papermill's own engine are false."""
    write_notebook(tmp_path / "in.ipynb", PARAMETERS, DISTURB, SAVE)
    command = [sys.executable, "-P", "-c", STOCK, str(tmp_path / "in.ipynb"), str(tmp_path / "out.ipynb")]
    done = subprocess.run(command, env=os.environ | {"DISTURB": LIES[name]}, capture_output=True, check=False)
    cells = json.loads((tmp_path / "out.ipynb").read_text())["cells"]
    recorded = " ".join(cell["metadata"]["papermill"]["status"] for cell in cells)
    assert not cells[2]["outputs"]  # it has not run
    if name == "sys.exit(0)":
        assert done.returncode == 0  # and is called a success
    else:
        assert recorded == "completed completed completed"
