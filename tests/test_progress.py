"""What a run does now, from the measure to the bar on the terminal; and nothing of it outside of a run."""

from __future__ import annotations

import io

import pytest
from projects import MODEL, make
from running import WORKERS

import lensdoc
from lensdoc.cli.progress import Bars
from lensdoc.core import progress
from lensdoc.core.progress import DOING, OUT, doing
from lensdoc.pipeline.doing import told
from lensdoc.pipeline.run import Lines, execute_runs, raise_failures
from lensdoc.pipeline.runs import read_runs


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.setenv(OUT, str(tmp_path))
    monkeypatch.setattr(progress, "_last", [0.0])
    return tmp_path


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("tracing",), "tracing"),
        (("saliency", 12, 40), "saliency 12 of 40"),
        (("saliency", 0, 40), "saliency 0 of 40"),
        (("x" * 200,), "x" * 60),
    ],
)
def test_it_is_noted_in_one_small_file(out, given, said):
    doing(*given)
    assert (out / DOING).read_text() == said


def test_it_is_noted_now_and_then_alone(out, monkeypatch):
    moments = iter([1.0, 1.0, 1.1, 1.15, 1.3, 1.3])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(moments))
    written = []
    for done in (1, 2, 3, 4):
        doing("saliency", done, 4)
        written.append((out / DOING).read_text())
    assert written == ["saliency 1 of 4"] * 3 + ["saliency 4 of 4"]


def test_outside_of_a_run_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.delenv(OUT, raising=False)
    monkeypatch.chdir(tmp_path)
    doing("saliency", 1, 2)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_ends_no_run(monkeypatch, tmp_path):
    monkeypatch.setenv(OUT, str(tmp_path / "gone"))
    doing("saliency", 0, 2)


LONG_MEASURES = {
    "patching": lambda trace: lensdoc.patching(trace, trace.lm.score(" 1, 2, 5"), answer=",", wrong=" 4", layers=[0, 5]),
    "ablation": lambda trace: lensdoc.ablation(trace, {"head": (0, 1)}, controls=1),
    "faithfulness": lambda trace: lensdoc.faithfulness(trace, lensdoc.saliency(trace, method="gradient"), orders=1),
    "exchange": lambda trace: lensdoc.exchange(trace, 4, " 5", answer=",", steps=3),
    "attention flow": lensdoc.attention_flow,
    "decoding": lambda trace: lensdoc.decoding(trace.lm, " 1, 2", {"greedy": {}}, max_new_tokens=1),
}


@pytest.mark.parametrize("name", LONG_MEASURES)
def test_long_measures_tell_what_they_do(tiny, monkeypatch, name):
    told_parts = []
    monkeypatch.setattr(progress, "doing", lambda what, done, total: told_parts.append((what, done, total)))
    LONG_MEASURES[name](tiny.score(" 1, 2, 3", n_input=3))
    assert told_parts[0][:2] == (name, 0)
    assert [done for what, done, _ in told_parts if what == name][-1] == told_parts[0][2] - 1


def test_each_change_is_told_once(tmp_path, monkeypatch):
    monkeypatch.setattr("lensdoc.pipeline.doing._LOOKS", 0.001)
    said = []
    (tmp_path / DOING).write_text("loading")
    import time

    with told(tmp_path, said.append):
        end = time.monotonic() + 20
        while not said and time.monotonic() < end:
            time.sleep(0.002)
        time.sleep(0.01)
    assert said == ["loading"]


class Kept(Lines):
    """Plain lines, and all events."""

    def happened(self, run, event):
        events.append((run, dict(event)))
        super().happened(run, event)


events = []


@pytest.mark.long
def test_a_run_tells_what_it_does_and_plain_lines_do_not(tmp_path):
    events.clear()
    slow = MODEL + "\nimport time\nfrom lensdoc.core.progress import doing\ndoing('saliency', 0, 40)\ntime.sleep(1)"
    project = make(tmp_path, {"a": [slow]}, {"a": {}})
    said = []
    raise_failures(execute_runs(read_runs(project), project, Kept(said.append), workers=WORKERS))
    assert ("a", {"doing": "saliency 0 of 40"}) in events
    assert [line.split(" in ")[0] for line in said] == ["executing a", "a: 1 record"]


def test_a_bar_says_what_its_run_does():
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with Progress(TextColumn("{task.description}", markup=False), console=console, auto_refresh=False) as bars:
        report = Bars(bars)
        report.begin(["a"])
        report.happened("a", {"cells": 4, "done": 1})
        report.happened("a", {"doing": "saliency 12 of 40 [b]"})
        bars.refresh()
    assert "a: saliency 12 of 40 [b]" in screen.getvalue()
