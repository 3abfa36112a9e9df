"""Figures in Firefox, by its keyboard: every kind, and those that wait."""

from __future__ import annotations

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
