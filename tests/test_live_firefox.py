"""Live figures in Firefox: the engine answers as Python does, and the figure on a page redraws itself."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from live_models import PROMPT, PROMPTS, Engine, records_of

import lensdoc

pytestmark = pytest.mark.browser
SHOWN = """(id) => {
  const figure = document.getElementById(id), note = figure.querySelector(".ld-ask-note");
  return /^Done|could|cannot|again/.test(note?.textContent ?? "") && {
    note: note.textContent,
    origin: figure.querySelector(".ld-origin").textContent,
    ranks: [...figure.querySelectorAll("lens-rankings tbody td")].map((cell) => Number(cell.innerText.replaceAll(",", ""))),
  };
}"""


@pytest.fixture(scope="module")
def engine(firefox, live_tiny, engine_site):
    started = Engine(firefox, live_tiny, engine_site[1])
    assert started.load()["type"] == "ready"
    return started


def answers_as_python(engine, tiny, prompt):
    answer = engine.ask(prompt)
    assert answer["type"] == "answer", answer
    found, trace = records_of(answer), tiny.generate(prompt, max_new_tokens=14)
    assert [token["id"] for token in found["sequence"]["tokens"]] == trace.ids.tolist()
    assert [tuple(row) for row in found["rankings"]["ranks"]] == list(lensdoc.rankings(trace).ranks)
    assert found["sequence"]["probs"] == pytest.approx(lensdoc.sequence(trace).probs, abs=1e-3)
    assert found["saliency"]["scores"][0] == pytest.approx(lensdoc.saliency(trace).scores[0], abs=1e-3)


@pytest.mark.long
def test_firefox_answers_as_python_does_and_strikes_tokens_out(engine, tiny):
    answers_as_python(engine, tiny, PROMPT)
    struck = engine.strike(4)
    assert struck["type"] == "struck", struck
    occluded = lensdoc.saliency(tiny.generate(PROMPT, max_new_tokens=14), method="occlusion", target="prob", signed=True)
    changes = [one["before"] - one["after"] for one in struck["changes"]]
    assert changes == pytest.approx([row[4] for row in occluded.scores], abs=1e-3)


@pytest.mark.long
@pytest.mark.parametrize("prompt", PROMPTS[1:])
def test_firefox_answers_every_prompt_as_python_does(engine, tiny, prompt):
    answers_as_python(engine, tiny, prompt)


@pytest.mark.long
def test_a_figure_on_a_page_answers_in_firefox(firefox, live_site, tiny, figure):
    prompt = "The keys to the cabinet"
    firefox.goto(f"{live_site}#fig-live:prompt={quote(prompt)}")
    firefox.wait_for("() => Boolean(document.querySelector('#fig-live .ld-ask button'))")
    firefox.evaluate("() => document.querySelector('#fig-live .ld-ask button').click()")
    shown = firefox.wait_for(SHOWN, "fig-live")
    assert shown["note"] == "Done: 14 tokens written."
    assert shown["origin"] == "Computed in your browser from your text; not part of the verified data."
    trace = tiny.generate(prompt, max_new_tokens=14)
    assert shown["ranks"] == [rank for row in lensdoc.rankings(trace).ranks for rank in row]
    figure(f"live figure in Firefox {firefox.version}: answers as Python does")
