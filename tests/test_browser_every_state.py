"""States of every kind of figure, by addresses, links and the pointer: Back, Escape and what is said are the same in all."""

from __future__ import annotations

import json
from itertools import product

import pytest
from chromium import KINDS, PAGE_OF, SETTLED, awake, figure, frame, settle, tool, until
from playwright.sync_api import expect

from lensdoc.core.errors import PublishError
from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.explorables.options import read_options
from lensdoc.explorables.states import check_state

pytestmark = pytest.mark.browser

CHOICES = {
    "ablation": ".ld-bars tbody tr >> nth=-1",
    "activations": ".ld-plot >> nth=0",
    "attention": ".ld-headgrid tbody td:not([data-chosen]) >> nth=0",
    "attention-flow": "[data-told]:not([data-left-out]) >> nth=0",
    "decoding": "[data-told] >> nth=1",
    "exchange": ".ld-curve",
    "factor-saliency": ".ld-row:not([data-chosen]) >> nth=0",
    "factors": ".ld-row >> nth=-1",
    "faithfulness": ".ld-curve",
    "graph": ".ld-nodes > g >> nth=1",
    "logit-attribution": ".ld-step >> nth=0",
    "mask": "[data-told] >> nth=1",
    "patching": ".ld-grid tbody td:not([data-chosen]) >> nth=0",
    "predictions": ".ld-grid tbody td >> nth=1",
    "rankings": ".ld-grid tbody td >> nth=1",
    "saliency": "[data-target]:not([data-chosen]) >> nth=0",
    "sequence": ".ld-token >> nth=1",
    "similarity": ".ld-grid tbody td >> nth=1",
    "watch": ".ld-grid tbody td >> nth=1",
}
"""What a reader clicks to pin something, by kind."""
STATELESS = {"image", "live", "table"}
"""Kinds without states of their own."""
FIRST = {record.KIND: name for name, (record, _) in reversed(KINDS.items()) if "decomposition" not in name}
NAMES = [
    name
    if FIRST[record.KIND] == name or name.startswith(("watch-", "factor-signed"))
    else pytest.param(name, marks=pytest.mark.long)
    for name, (record, _) in KINDS.items()
    if "decomposition" not in name and record.KIND not in STATELESS
]
"""One figure of each kind, and the others where there is time."""
BY_ADDRESS, BY_HAND = list(FIRST.values()), ["predictions", "factor-saliency", "patching-large", "mask"]
"""What `make test` looks at; `make test-full` looks at all both ways."""


def options_of(name):
    """The options with which a figure is drawn, as its block gives them."""
    record, written = KINDS[name]
    given = dict(line.strip().split(": ", 1) for line in written.splitlines() if line.strip())
    given = {key: int(value) if value.isdigit() else value for key, value in given.items() if key != "layout"}
    return read_options(explorable(record.KIND).options, given)


def states_of(name):
    """Some states of a figure that the build accepts: of all names the last values, and then others."""
    record = KINDS[name][0]
    kind = explorable(record.KIND)
    values = {key: list(dict.fromkeys([*list(of(record))[::-1]]))[:3] for key, of in kind.states.items()}
    values = {key: found for key, found in values.items() if found}
    for chosen in product(*values.values()):
        written = ",".join(f"{key}={value}" for key, value in zip(values, chosen, strict=True))
        try:
            check_state(name, record, options_of(name), written)
        except PublishError:
            continue
        yield written


def kept(page, name):
    frame(page)
    return page.evaluate("id => document.querySelector(`#${id} [data-kept]`)?.dataset.kept ?? ''", f"fig-{name}")


def live(page, name):
    return figure(page, f"fig-{name}").locator(".ld-live")


def fragment(page):
    return page.evaluate("decodeURIComponent(location.hash)")


def press(page, place):
    """A click by the mouse in the middle of an element, wherever a line of text breaks it."""
    place.evaluate("e => e.closest('figure').scrollIntoView({block: 'center', behavior: 'instant'})")
    place.page.evaluate(SETTLED)
    for _ in range(2):  # figures that come into view for the first time get their heights, and move what is below them
        place.evaluate(
            """e => {
            const {top, height} = e.getClientRects()[0];
            scrollBy({top: top + (height - innerHeight) / 2, behavior: 'instant'});
        }"""
        )
        place.page.evaluate(SETTLED)
    box = place.evaluate(
        "e => { const {left, top, width, height} = e.getClientRects()[0]; return [left + width / 2, top + height / 2]; }"
    )
    page.mouse.click(*box)


def test_every_kind_has_states_and_a_place_here():
    assert set(CHOICES) == set(EXPLORABLES) - STATELESS
    assert {record.KIND for record, _ in KINDS.values()} == set(EXPLORABLES)
    assert {kind for kind in EXPLORABLES if not explorable(kind).states} == STATELESS


@pytest.fixture(scope="module")
def pages(browser, site):
    """The pages of all kinds, each opened once."""
    context, opened = browser.new_context(), {}

    def page_of(name):
        path = PAGE_OF[name]
        if path not in opened:
            opened[path] = context.new_page()
            opened[path].goto(f"{site}{path}/")
            until(opened[path], "customElements.get('lens-factors') !== undefined")
            awake(opened[path])
        opened[path].evaluate("location.hash = ''")
        return opened[path]

    yield page_of
    context.close()


@pytest.mark.sample(name=BY_ADDRESS)
@pytest.mark.parametrize("name", NAMES)
def test_an_address_pins_escape_and_back_release(pages, name):
    page, written = pages(name), list(states_of(name))
    assert written
    for state in written[:2]:
        page.evaluate(f"location.hash = '#fig-{name}:{state}'")
        settle(page)
        if not kept(page, name):
            continue  # the figure shows this one in any case
        assert kept(page, name) == state
        expect(live(page, name)).to_contain_text(", pinned")
        told = live(page, name).inner_text()
        page.evaluate("history.back()")
        expect(figure(page, f"fig-{name}").locator("[data-kept]")).to_have_count(0)
        expect(live(page, name)).not_to_contain_text("pinned")
        page.evaluate("history.forward()")
        expect(live(page, name)).to_have_text(told)
        expect(figure(page, f"fig-{name}").locator("[data-kept]").first).to_have_attribute("data-kept", state)
        page.keyboard.press("Escape")
        expect(figure(page, f"fig-{name}").locator("[data-kept]")).to_have_count(0)
        expect(live(page, name)).not_to_contain_text("pinned")
        assert fragment(page) == f"#fig-{name}"
        return
    pytest.fail(f"none of {written[:2]} was pinned")


@pytest.mark.sample(name=BY_HAND)
@pytest.mark.parametrize("name", NAMES)
def test_what_a_reader_pins_stands_in_the_address(pages, name):
    record = KINDS[name][0]
    page, choice = pages(name), CHOICES[record.KIND]
    if "chat" in name:
        choice = choice.replace(" >> nth", ":visible >> nth")  # tokens of the template are folded
    press(page, figure(page, f"fig-{name}").locator(choice))
    expect(figure(page, f"fig-{name}").locator("[data-kept]")).to_be_attached()
    state = kept(page, name)
    until(page, f"decodeURIComponent(location.hash) === '#fig-{name}:{state}'")
    if record.KIND != "factor-saliency":  # a reader may look at a factor where nothing drives it, and is told so
        check_state(name, record, options_of(name), state)
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(1, 1)
    expect(live(page, name)).to_contain_text(", pinned")  # it stays when the pointer and the focus leave
    page.keyboard.press("Escape")
    expect(figure(page, f"fig-{name}").locator("[data-kept]")).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "closed"), [("#fig-tabbed:token=1", "tabbed"), ("#fig-folded:factor=2", "folded"), ("#fig-tabbed", "tabbed")]
)
def test_an_address_opens_tabs_and_disclosures(open_page, path, closed):
    page = open_page("hidden/")
    expect(figure(page, f"fig-{closed}")).to_be_hidden()
    page = open_page(f"hidden/{path}")
    expect(figure(page, f"fig-{closed}")).to_be_in_viewport()
    assert kept(page, closed) == path.partition(":")[2]


@pytest.mark.parametrize(("link", "name", "state"), [("In a tab", "tabbed", ""), ("folded", "folded", "factor=2")])
def test_a_link_opens_tabs_and_disclosures(open_page, link, name, state):
    page = open_page("hidden/")
    page.get_by_role("link", name=link, exact=True).click()
    expect(figure(page, f"fig-{name}")).to_be_in_viewport()
    settle(page)
    assert kept(page, name) == state


def test_what_was_pinned_is_there_after_another_page(open_page):
    page = open_page("kinds/")
    until(page, "'location$' in window")
    figure(page, "fig-rankings").locator("tbody td").nth(1).click()
    settle(page)
    state = kept(page, "rankings")
    page.evaluate(
        """() => { const a = Object.assign(document.createElement("a"), {href: "../empty/"});
          document.querySelector("article").append(a); a.click(); }"""
    )
    expect(page.locator("h1")).to_contain_text("Empty")
    page.go_back()
    expect(figure(page, "fig-rankings").locator("[data-pinned]")).to_have_count(1)
    assert kept(page, "rankings") == state


def test_a_link_to_this_view_names_all_of_the_state(open_page, site):
    page = open_page("kinds/", permissions=["clipboard-read", "clipboard-write"])
    figure(page, "fig-rankings").locator("tbody td").nth(1).click()
    settle(page)
    tool(page, "link", "fig-rankings").click()
    address = f"{site}kinds/#fig-rankings:{kept(page, 'rankings')}"
    until(page, f"navigator.clipboard.readText().then((text) => text === {json.dumps(address)})")
