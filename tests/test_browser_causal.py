"""Figures of experiments in a real Chromium: their script loads when they are there; pointer, keys, states, paper."""

from __future__ import annotations

import pytest
from chromium import figure, printed, settle, shown, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page):
    """The page of kinds, once the script of the family has taken over."""
    found = open_page("kinds/")
    until(found, "document.querySelectorAll('#fig-patching .ld-live[role]').length === 1")
    return found


def test_the_script_is_loaded_once_and_only_where_it_is_needed(open_page):
    asked = []
    page = open_page("empty/")
    page.on("request", lambda request: asked.append(request.url))
    settle(page)
    assert not [url for url in asked if "causal.js" in url]
    page.get_by_role("link", name="The third").click()  # by instant navigation
    until(page, "document.querySelectorAll('#fig-patching .ld-live[role]').length === 1")
    assert len([url for url in asked if "causal.js?" in url]) == 1


def test_where_it_cannot_be_loaded_the_first_state_stays(open_page):
    page = open_page("empty/")
    page.route("**/causal.js*", lambda route: route.abort("aborted"))
    page.get_by_role("link", name="The third").click()
    expect(figure(page, "fig-patching").locator(".ld-summary")).to_contain_text("in place of ‘ key’, 101%")
    expect(figure(page, "fig-patching").locator(".ld-tops th").nth(1)).to_contain_text("With layer 1")
    open_page.trouble[:] = [line for line in open_page.trouble if "ERR_ABORTED" not in line]


def test_a_cell_is_read_and_chosen(page):
    cell = figure(page, "fig-patching").locator("tbody td[data-level]").nth(1)
    cell.hover()
    assert shown(page, "fig-patching").startswith("Layer 0, ‘ keys’ (token 1) in place of ‘ key’: 101% restored.")
    expect(figure(page, "fig-patching").locator(".ld-tops tbody td").nth(1)).to_have_text("‘ is’ 75%")
    cell.click()
    expect(figure(page, "fig-patching").locator(".ld-tops th").nth(1)).to_have_text(
        "With layer 0, ‘ keys’ (token 1) in place of ‘ key’"
    )
    expect(figure(page, "fig-patching").locator(".ld-tops tbody td").nth(1)).to_have_text("‘ is’ 75%")
    figure(page, "fig-patching").locator("tbody td[data-level]").nth(0).click()
    expect(figure(page, "fig-patching").locator(".ld-tops tbody td").nth(1)).to_have_text("‘ are’ 50%")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(cell).to_have_attribute("data-chosen", "")
    page.keyboard.press("Escape")
    expect(figure(page, "fig-patching").locator("tbody td[data-chosen]")).to_have_text("62")
    figure(page, "fig-patching-estimate").locator("tbody td[data-level]").nth(1).hover()
    assert "to first order 66% restored" in shown(page, "fig-patching-estimate")


def test_addresses_lead_to_states(open_page):
    page = open_page("kinds/#fig-patching:layer=0,token=1")
    expect(figure(page, "fig-patching").locator("tbody td[data-chosen]")).to_have_text("101")
    page.goto("about:blank")
    page = open_page("kinds/#fig-ablation:part=3")
    expect(figure(page, "fig-ablation").locator("tr[data-chosen] [role=button]")).to_have_attribute("aria-pressed", "true")
    page = open_page("kinds/#fig-exchange:step=2")
    assert "67% of the way, pinned: −5.00" in shown(page, "fig-exchange")


@pytest.mark.parametrize(
    ("name", "text"),
    [("exchange", "33% of the way: 3.25; to first order 3.25."), ("faithfulness", "1 token deleted, last ‘ <b>’")],
)
def test_curves_are_read_by_keys_and_pointer(page, name, text):
    slider, cursor = figure(page, f"fig-{name}").get_by_role("slider"), figure(page, f"fig-{name}").locator(".ld-cursor")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert shown(page, f"fig-{name}").replace(", pinned", "").startswith(text)
    assert ", pinned" in shown(page, f"fig-{name}")
    assert slider.get_attribute("aria-valuetext").replace("\xa0", " ").startswith(text)
    expect(cursor).to_be_visible()
    page.keyboard.press("Escape")
    settle(page)
    expect(cursor).to_be_hidden()
    slider.hover(position={"x": 60, "y": 60})
    settle(page)
    expect(cursor).to_be_visible()


def test_parts_are_read_by_keys_and_pointer(page):
    buttons = figure(page, "fig-ablation").locator("th [role=button]")
    buttons.first.focus()
    page.keyboard.press("ArrowDown")
    assert shown(page, "fig-ablation") == "Without block <b> (block 1): 0.02; there are no others of its size."
    page.keyboard.press("Enter")
    expect(buttons.nth(1)).to_have_attribute("aria-pressed", "true")
    figure(page, "fig-ablation").locator("tbody tr").first.hover()
    assert shown(page, "fig-ablation").startswith(
        "Without L0H1 (head 1 of layer 0): −4.5; without 2 random ones of its size: −0.1 to 0.05."
    )


def test_hovering_a_cell_takes_less_than_a_frame(page):
    """Of a map of the article's size, in time of the processor; the read-out waits for a moment of rest."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent():
        return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    cells = figure(page, "fig-patching").locator("tbody td[data-level]")
    boxes = [cells.nth(i).bounding_box() for i in range(6)]
    page.mouse.move(5, 5)
    settle(page)
    start = spent()
    for _ in range(5):
        for box in boxes:
            page.mouse.move(box["x"] + 4, box["y"] + 4)
    assert (spent() - start) / 30 < 0.016


def test_paper_has_what_they_say(open_page, tmp_path):
    page = open_page("kinds/", java_script_enabled=False)
    text = printed(page, tmp_path / "page.pdf")
    for said in (
        "Strongest:layer0",
        "‘is’75%",
        "Truechange",
        "liesbelowallrandomorders",
        "1,500neuronsin2layers",
    ):
        assert said in text
