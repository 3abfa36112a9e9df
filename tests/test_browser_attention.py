"""Attention, flow, parts of logits, similarity, strategies, masks and graphs in a real Chromium: pointer, keys, phone, paper."""

from __future__ import annotations

import pytest
from chromium import figure, printed, settle, shown, still, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SAID = {
    "attention-flow": ("Tokens by attention flow", "Token 1 ‘ keys’: 25%."),
    "decoding": ("Tokens of greedy", "‘⏎’: probability 25%, rank 2, entropy 3.25 bits, one of 1 that could be drawn."),
    "logit-attribution": ("What each part adds to", "L0 attention: −1.25; up to here −0.75 of 4.50."),
    "mask": ("Tokens of a mask that keeps 2", "Token 1 ‘ keys’: kept."),
    "graph": ("Nodes of the graph", "‘The’ (token 1): to feature 12 ‘a <label>’ (layer 0, token 2) 75%."),
}
"""Of each list of items its name, and what its second item says."""


@pytest.fixture
def page(open_page):
    """The page of kinds, once the script of the family has taken over."""
    found = open_page("kinds/")
    until(found, "document.querySelectorAll('#fig-graph [role=listbox]').length === 1")
    return found


def test_pictures_of_heads_are_lighter_on_dark_pages_with_scripts_and_without(open_page):
    page = open_page("kinds/", color_scheme="dark")
    found = figure(page, "fig-attention")
    found.scroll_into_view_if_needed()
    until(page, "document.querySelector('#fig-attention .ld-plot canvas')")
    filters = found.locator(".ld-plot > canvas, .ld-headgrid tbody td").evaluate_all(
        "all => all.map(e => getComputedStyle(e).filter)"
    )
    assert set(filters) == {"brightness(2.2)"}


def middle(locator):
    """Where a token is. Chromium gives the content of padded inline boxes beside itself, where Playwright would point."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.sample(name=list(SAID)[::2])
@pytest.mark.parametrize("name", SAID)
def test_items_are_read_by_keys(page, name):
    title, said = SAID[name]
    items = figure(page, f"fig-{name}").get_by_role("listbox", name=title).get_by_role("option")
    items.first.focus()
    page.keyboard.press("ArrowRight")
    expect(items.nth(1)).to_be_focused()
    assert shown(page, f"fig-{name}") == said
    assert items.nth(1).get_attribute("aria-label").replace("\xa0", " ") == said
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("Home")
    expect(items.first).to_be_focused()
    page.keyboard.press("Escape")
    settle(page)
    expect(figure(page, f"fig-{name}").locator("[data-kept]")).to_have_count(0)


@pytest.mark.sample(name=list(SAID)[1::2])
@pytest.mark.parametrize("name", SAID)
def test_items_are_read_by_pointer_and_touch(open_page, name):
    page = open_page("kinds/", has_touch=True, viewport={"width": 390, "height": 844})
    until(page, "document.querySelectorAll('#fig-graph [role=listbox]').length === 1")
    item = figure(page, f"fig-{name}").get_by_role("listbox", name=SAID[name][0]).get_by_role("option").nth(1)
    item.scroll_into_view_if_needed()
    page.touchscreen.tap(*middle(item))
    assert shown(page, f"fig-{name}") == SAID[name][1].replace(":", ", pinned:", 1)


def test_a_head_is_chosen_and_enlarged(page):
    cells = figure(page, "fig-attention").locator(".ld-headgrid tbody td")
    cells.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(figure(page, "fig-attention").locator(".ld-headgrid [data-chosen]")).to_have_count(1)
    assert "layer 1" in shown(page, "fig-attention").lower() or "L1H0" in shown(page, "fig-attention")


def test_similarity_is_walked_by_keys(page):
    cells = figure(page, "fig-similarity").locator("tbody td")
    cells.first.focus()
    page.keyboard.press("ArrowRight")
    expect(cells.nth(1)).to_be_focused()
    assert "0.98" in shown(page, "fig-similarity")


def test_a_node_shows_all_of_its_links(page):
    nodes = figure(page, "fig-graph").get_by_role("option")
    drawn = figure(page, "fig-graph").locator("svg .ld-links").last.locator("path")
    expect(drawn).to_have_count(0)
    nodes.nth(5).hover()
    expect(drawn).to_have_count(4)  # two that lead to it, two that lead from it
    expect(figure(page, "fig-graph").locator(".ld-nodes > [data-faint]")).to_have_count(4)
    page.mouse.move(5, 5)
    expect(drawn).to_have_count(0)
    expect(figure(page, "fig-graph").locator("[data-faint]")).to_have_count(0)
    page.evaluate("location.hash = '#fig-graph:node=6'")
    expect(drawn).to_have_count(4)  # of the node that is pinned, also while nothing is pointed at
    still(page)
    page.keyboard.press("Escape")
    expect(drawn).to_have_count(0)


def test_nodes_are_large_enough_for_a_finger(page):
    boxes = [node.bounding_box() for node in figure(page, "fig-graph").get_by_role("option").all()]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24


def test_true_changes_follow_the_chosen_token(page):
    changes = figure(page, "fig-swaps").locator(".ld-swaps td")
    assert changes.all_inner_texts() == ["0.50", "−2.00", "0.00", "0.00"]
    figure(page, "fig-swaps").locator(".ld-token").nth(5).focus()
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert changes.all_inner_texts() == ["−1.25", "−8.50", "–", "–"]
    assert "True change: ‘ <b>’ → ‘ <i>’ −8.50." in shown(page, "fig-swaps")


@pytest.mark.parametrize("width", [390, 768])
def test_figures_fit_a_phone_and_a_tablet(open_page, width):
    page = open_page("kinds/", viewport={"width": width, "height": 844})
    until(page, "document.querySelectorAll('#fig-graph [role=listbox]').length === 1")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in (*SAID, "attention", "similarity", "swaps", "watch-lenses"):
        box = figure(page, f"fig-{name}").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_a_patching_map_of_the_articles_size_is_read_within_a_frame(open_page, sized):
    """30 layers by 12 tokens, in time of the processor for each cell that the pointer enters; machines of tests may be slow."""
    page = open_page("large/")
    until(page, "document.querySelectorAll('#fig-patching-large .ld-live[role]').length === 1")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent():
        return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    cells = figure(page, "fig-patching-large").locator("tbody td[data-level]")
    assert cells.count() == 30 * 12
    figure(page, "fig-patching-large").scroll_into_view_if_needed()
    boxes = [cells.nth(i).bounding_box() for i in range(0, 240, 8)]
    page.mouse.move(5, 5)
    settle(page)
    start = spent()
    for box in boxes:
        page.mouse.move(box["x"] + 4, box["y"] + 4)
    assert (spent() - start) / len(boxes) < sized(0.05, 0.016)


def test_paper_has_what_they_say(open_page, tmp_path):
    page = open_page("kinds/", java_script_enabled=False)
    text = printed(page, tmp_path / "page.pdf")
    for said in (
        "Thefirsttokenisleftout",
        "Partssumto4.50",
        "2of4tokenskept",
        "Thestartsfound2masks",
        "9nodes,7links",
        "Truechange:‘<b>’→‘<i>’−2.00",
        "ByJacobianlens",
    ):
        assert said in text
