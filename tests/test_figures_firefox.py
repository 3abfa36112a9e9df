"""Figures in Firefox, by its keyboard: every kind, those that wait, steps of a text and tokens that are struck out."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from chromium import KINDS, PAGE_OF
from test_browser_every_state import CHOICES, FIRST

pytestmark = [pytest.mark.browser, pytest.mark.long]

AWAKE = "() => !document.querySelector('[data-waits]')"
FOCUSED = """([id, kind]) => {
  const stop = document.querySelector(`#${id} lens-${kind} [tabindex="0"]:not(.ld-window, .ld-frame)`);
  stop?.scrollIntoView({block: "center", behavior: "instant"});
  stop?.focus();
  return stop && document.activeElement === stop;
}"""
SAID = "(id) => document.querySelector(`#${id} .ld-live`).textContent"
KEPT = "(id) => document.querySelector(`#${id} [data-kept]`)?.dataset.kept"


def opened(firefox, address):
    """A page whose figures are made: the reader did something, so none waits any more."""
    firefox.goto("about:blank")
    firefox.goto(address)
    firefox.wait_for("() => customElements.get('lens-factors') !== undefined")
    firefox.evaluate("() => { window.dispatchEvent(new Event('scroll')); }")
    firefox.wait_for(AWAKE)


@pytest.mark.parametrize("kind", sorted(CHOICES))
def test_keys_go_through_each_kind(firefox, site, kind):
    name = FIRST[kind]
    opened(firefox, f"{site}{PAGE_OF[name]}/")
    firefox.wait_for(FOCUSED, [f"fig-{name}", kind])
    for key in ("ArrowRight", "ArrowDown"):
        firefox.press(key)
    said = firefox.wait_for(SAID, f"fig-{name}")
    firefox.press("Enter")
    kept = firefox.wait_for(KEPT, f"fig-{name}")
    firefox.wait_for("(end) => decodeURIComponent(location.hash).endsWith(end)", f"#fig-{name}:{kept}")
    firefox.wait_for("(id) => document.querySelector(`#${id} .ld-live`).textContent.includes(', pinned')", f"fig-{name}")
    firefox.press("Escape")
    firefox.wait_for("(id) => !document.querySelector(`#${id} [data-kept]`)", f"fig-{name}")
    assert said
    assert kind == KINDS[name][0].KIND


def test_figures_wait_until_the_reader_does_something(firefox, own_site):
    firefox.goto(own_site)
    firefox.wait_for("() => customElements.get('lens-factors') !== undefined")
    assert firefox.evaluate("() => document.querySelectorAll('[data-waits] > .ld-waits').length") >= 5
    firefox.press("Tab")
    firefox.wait_for(AWAKE)
    assert firefox.evaluate("() => document.querySelectorAll('.ld-waits').length") == 0


def test_an_address_leads_to_a_figure_that_waits(firefox, own_site):
    firefox.goto(own_site)
    firefox.wait_for("() => document.querySelector('[data-waits] > .ld-waits') !== null")
    name, state = firefox.evaluate(
        """() => {
        const waits = (a) => document.getElementById(a.hash.slice(1).split(":")[0])?.querySelector("[data-waits] > .ld-waits");
        const link = [...document.querySelectorAll("a[data-state]")].findLast(waits);
        return [link.hash.slice(1).split(":")[0], link.dataset.state];
    }"""
    )
    firefox.goto("about:blank")
    firefox.goto(f"{own_site}#{name}:{state}")
    firefox.wait_for(KEPT, name)
    shown = """(id) => {
      const {top, bottom} = document.querySelector(`#${id} [data-kept]`).getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    }"""
    firefox.wait_for(shown, name)


def test_keys_go_through_the_steps_of_a_text(firefox, site):
    opened(firefox, f"{site}steps/")
    firefox.wait_for("() => document.querySelectorAll('.ld-show').length === 3")
    firefox.evaluate("() => document.querySelector('.ld-show').focus()")
    firefox.press("Enter")
    firefox.wait_for("(state) => document.querySelector('#fig-stepped [data-kept]')?.dataset.kept === state", "factor=1")
    firefox.press("ArrowDown", "Enter")
    firefox.wait_for("(state) => document.querySelector('#fig-stepped [data-kept]')?.dataset.kept === state", "factor=2,token=1")
    assert firefox.evaluate("() => document.querySelector('.ld-stage[data-current]') !== null")
    assert firefox.evaluate("() => location.hash") == ""


def test_scrolling_goes_through_the_steps_of_a_text(firefox, site):
    opened(firefox, f"{site}steps/")
    firefox.wait_for("() => document.querySelectorAll('.ld-show').length === 3")
    for index, state in enumerate(("factor=1", "factor=2,token=1", "token=0")):
        firefox.evaluate(
            """(i) => { const {top} = document.querySelectorAll(".ld-stage")[i].getBoundingClientRect();
            scrollBy({top: top - innerHeight * 0.36, behavior: "instant"}); }""",
            index,
        )
        firefox.wait_for("(state) => document.querySelector('#fig-stepped [data-kept]')?.dataset.kept === state", state)


def test_the_delete_key_strikes_a_token_out(firefox, live_site):
    firefox.goto(f"{live_site}#fig-live:prompt={quote('The keys to the cabinet')}")
    firefox.wait_for("() => Boolean(document.querySelector('#fig-live .ld-ask button'))")
    firefox.evaluate("() => document.querySelector('#fig-live .ld-ask button').click()")
    firefox.wait_for("() => /^Done/.test(document.querySelector('#fig-live .ld-ask-note')?.textContent ?? '')")
    firefox.evaluate("() => document.querySelectorAll('#fig-live lens-sequence .ld-token')[2].focus()")
    firefox.press("Delete")
    firefox.wait_for("() => /^Without/.test(document.querySelector('#fig-live .ld-ask-note').textContent)")
    struck = "() => document.querySelectorAll('#fig-live lens-sequence .ld-token')[2].dataset.struck"
    assert firefox.evaluate(struck) == ""
    firefox.press("Delete")
    firefox.wait_for("() => document.querySelector('#fig-live .ld-ask-note').textContent === 'No token is struck out.'")
