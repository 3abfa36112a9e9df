"""Long texts in a real Chromium: the target and what matters for it are beside each other, and places lead into the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import SCHEMES, figure, printed, settle
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SCREENS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def window(page, name="fig-far"):
    return figure(page, name).locator(".ld-window")


def places(page, name="fig-far"):
    return figure(page, name).locator(".ld-passages > li")


def token(page, position, name="fig-far"):
    return figure(page, name).locator(".ld-token").nth(position)


SEEN = """token => {
  const {x, y, width, height} = token.getClientRects()[0];
  return document.elementFromPoint(x + width / 2, y + height / 2)?.closest(".ld-token") === token;
}"""
"""Whether the reader sees a token: nothing cuts it off or covers it."""


@pytest.mark.parametrize("screen", SCREENS)
def test_the_target_and_what_matters_for_it_are_on_one_screen(open_page, screen):
    page = open_page("passages/", viewport=SCREENS[screen])
    window(page).evaluate("w => w.scrollIntoView({block: 'start', behavior: 'instant'})")
    settle(page)
    assert token(page, 1500).evaluate(SEEN)
    text, last = window(page).bounding_box(), places(page).last.bounding_box()
    assert last["y"] + last["height"] - text["y"] < SCREENS[screen]["height"]
    assert window(page).evaluate("w => w.scrollHeight") > 5000  # what the reader would have to scroll else
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("screen", SCREENS)
def test_each_place_leads_into_the_text_and_the_first_leads_back(open_page, screen):
    page = open_page("passages/", viewport=SCREENS[screen])
    positions = [1500, 0, 1499, 700, 20]
    assert places(page).evaluate_all("all => all.map(p => p.dataset.position)")[:5] == list(map(str, positions))
    for place in (1, 3, 4, 2, 0):
        places(page).nth(place).get_by_role("button").click()
        settle(page)
        assert token(page, positions[place]).evaluate(SEEN)
        assert figure(page, "fig-far").locator(".ld-token[data-visited]").count() == 1
        expect(token(page, positions[place])).to_have_attribute("data-visited", "")
        assert token(page, positions[place]).evaluate("t => getComputedStyle(t).outlineStyle") == "solid"


def test_places_are_reached_by_keys(open_page):
    page = open_page("passages/")
    token(page, 1500).focus()
    settle(page)
    page.keyboard.press("Tab")
    expect(places(page).first.get_by_role("button")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    settle(page)
    expect(figure(page, "fig-far").locator(".ld-live")).to_have_text(f"Token 700 ‘{token(page, 700).text_content()}’ is in view.")
    expect(token(page, 700)).to_have_attribute("data-visited", "")
    assert token(page, 700).evaluate(SEEN)
    expect(places(page).nth(3).get_by_role("button")).to_be_focused()
    page.keyboard.press("Shift+Tab+Shift+Tab+Shift+Tab")
    page.keyboard.press("Enter")
    settle(page)
    assert token(page, 1500).evaluate(SEEN) or token(page, 1499).evaluate(SEEN)


def test_a_target_that_the_keys_chose_keeps_its_list(open_page):
    page = open_page("passages/")
    token(page, 1500).focus()
    settle(page)  # the figure is made as it comes into view
    page.keyboard.press("ArrowRight")
    expect(places(page).first).to_contain_text("2999")
    page.keyboard.press("Tab")
    expect(places(page).first.get_by_role("button")).to_be_focused()
    settle(page)
    expect(places(page).first).to_contain_text("2999")
    expect(token(page, 2999)).to_have_attribute("aria-pressed", "true")


def said(page, name):
    return places(page, name).evaluate_all("all => all.map(p => p.textContent)")


@pytest.mark.parametrize(("name", "other"), [("fig-far", 2999), ("fig-far-factor", 200)])
def test_the_script_lists_what_the_first_state_lists(open_page, name, other):
    first = said(open_page("passages/", java_script_enabled=False), name)
    page = open_page("passages/")
    chosen = int(first[0][:4]) if name == "fig-far" else int(first[0][:2])
    assert said(page, name) == first
    token(page, other, name).evaluate("t => t.click()")
    settle(page)
    assert said(page, name) != first
    token(page, chosen, name).evaluate("t => t.click()")
    settle(page)
    assert said(page, name) == first


def test_the_least_probable_tokens_lead_into_the_text(open_page):
    page = open_page("passages/")
    places(page, "fig-far-sequence").nth(3).get_by_role("button").focus()
    settle(page)
    page.keyboard.press("Enter")
    settle(page)
    position = int(places(page, "fig-far-sequence").nth(3).get_attribute("data-position"))
    assert token(page, position, "fig-far-sequence").evaluate(SEEN)
    expect(figure(page, "fig-far-sequence").locator(".ld-live")).to_contain_text(f"Token {position} ")


def test_without_scripts_the_text_is_whole_and_the_list_is_text(open_page):
    page = open_page("passages/", java_script_enabled=False)
    assert window(page).evaluate("w => w.scrollHeight - w.clientHeight") == 0
    assert window(page).bounding_box()["height"] > 5000
    assert places(page).count() == 8
    assert places(page).get_by_role("button").count() == 0


@pytest.mark.long
def test_on_paper_the_list_is_printed_below_the_whole_text(open_page, tmp_path):
    page = open_page("passages/")
    page.emulate_media(media="print")
    expect(window(page)).to_have_css("overflow", "visible")
    expect(window(page)).to_have_css("max-height", "none")
    text = printed(page, tmp_path / "passages.pdf")
    assert "Thetokenswiththelargestscores" in text
    assert "explained0" in text
    assert "Theother1,494tokenstogether:66%" in text
    assert token(page, 0).evaluate("t => getComputedStyle(t, '::before').content") == "none"  # the list has the figures


@pytest.mark.long
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_long_texts(open_page, scheme):
    page = open_page("passages/", color_scheme=scheme, viewport=SCREENS["phone"])
    places(page).nth(3).get_by_role("button").click()
    settle(page)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure.ld', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]][:3]) for v in found] == []
    assert min(places(page).get_by_role("button").evaluate_all("all => all.map(b => b.getBoundingClientRect().height)")) >= 24
