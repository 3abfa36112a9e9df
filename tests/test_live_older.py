"""Graphs that earlier editions of the export made of the bundled model, in the engine of today: records of older runs answer too.

`first` strikes no tokens out and has no neurons, `whole` has both; neither goes on from keys and values.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import serve
from live_models import PROMPT, Engine, engine_folder, load_message, records_of

import lensdoc

pytestmark = pytest.mark.browser
FOLDER = Path(__file__).parent / "older_graphs"
SHOWN = {"first": ("saliency", "rankings", "predictions"), "whole": ("saliency", "rankings", "predictions", "factors")}


def older(live_tiny, name):
    """The record with the graph of an earlier edition; tokenizer and weights are those that it had."""
    held = live_tiny.held_files()
    files = {suffix: (file.media_type, held[suffix]) for suffix, file in live_tiny.files.items()}
    files[live_tiny.graph] = (files[live_tiny.graph][0], (FOLDER / f"{name}.onnx.gz").read_bytes())
    return live_tiny.with_files(files)


@pytest.fixture(params=["whole", pytest.param("first", marks=pytest.mark.long)])
def engine(request, browser, live_tiny, tmp_path):
    record = older(live_tiny, request.param)
    with serve(engine_folder(tmp_path / "engine", record)) as address:
        page = browser.new_page()
        engine = Engine(page, record, address)
        message = load_message(record, address)
        first = {kind: message["manifest"]["first"][kind] for kind in SHOWN[request.param]}
        assert engine.load({**message, "manifest": {**message["manifest"], "first": first}})["type"] == "ready"
        yield engine
        page.close()


def test_the_graph_of_an_older_run_answers_as_python_does(engine, tiny):
    for prompt in (PROMPT, PROMPT, "The keys to the cabinet"):  # the second time the text is known
        found = records_of(engine.ask(prompt))
        trace = tiny.generate(prompt, max_new_tokens=14)
        assert [token["id"] for token in found["sequence"]["tokens"]] == trace.ids.tolist()
        assert [tuple(row) for row in found["rankings"]["ranks"]] == list(lensdoc.rankings(trace).ranks)
        assert found["saliency"]["scores"][0] == pytest.approx(lensdoc.saliency(trace).scores[0], abs=1e-3)


def test_what_an_older_graph_cannot_is_told(engine):
    engine.ask(PROMPT)
    message = engine.strike(1)
    if engine.record.held_files()[engine.record.graph] == (FOLDER / "first.onnx.gz").read_bytes():
        assert message["type"] == "refused"
        assert "cannot strike tokens out. Execute the run again" in message["message"]
    else:
        assert message["type"] == "struck"
        assert message["struck"] == [1]
    assert engine.ask(PROMPT)["type"] == "answer"
