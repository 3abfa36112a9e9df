"""Steps of a text in a real Chromium: by scrolling, by keys, on phones, without scripts and on paper."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import SCHEMES, figure, printed, settle, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
STATES = ["factor=1", "factor=2,token=1", "token=0"]


def opened(open_page, **options):
    page = open_page("steps/", **options)
    until(page, "document.querySelectorAll('.ld-show').length === 3")
    return page


def kept(page):
    settle(page)
    return page.evaluate("document.querySelector('#fig-stepped [data-kept]')?.dataset.kept ?? ''")


def reach(page, index):
    """Scroll until a step is where it is read."""
    page.evaluate(
        """i => { const {top} = document.querySelectorAll(".ld-stage")[i].getBoundingClientRect();
          scrollBy({top: top - innerHeight * 0.36, behavior: "instant"}); }""",
        index,
    )


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_step_that_is_reached_puts_the_figure_into_its_state(open_page, size):
    page = opened(open_page, viewport=size)
    assert kept(page) == ""
    for index, state in enumerate(STATES):
        reach(page, index) if size is WIDE else page.locator(".ld-stage").nth(index).evaluate(
            "e => e.scrollIntoView({block: 'end', behavior: 'instant'})"
        )
        assert kept(page) == state
        expect(figure(page, "fig-stepped").locator(".ld-tokens")).to_be_in_viewport()
        expect(page.locator(".ld-stage[data-current]")).to_have_count(1)
    page.evaluate("scrollTo({top: document.querySelector('.ld-steps').offsetTop - innerHeight * 0.9, behavior: 'instant'})")
    assert kept(page) == ""
    assert page.evaluate("location.hash") == ""  # who scrolls has asked for no address


def test_the_text_is_beside_the_figure_or_below_it_and_never_under_it(open_page):
    for size in (WIDE, PHONE):
        page = opened(open_page, viewport=size)
        reach(page, 1)
        settle(page)
        box = figure(page, "fig-stepped").bounding_box()
        text = page.locator(".ld-stage[data-current] p").bounding_box()
        beside = box["x"] + box["width"] <= text["x"]
        assert beside == (size is WIDE)
        assert beside or box["height"] <= 0.56 * size["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_figure_higher_than_its_room_shows_what_a_step_changes(open_page):
    page = opened(open_page, viewport=PHONE)
    figure(page, "fig-stepped").evaluate("figure => { figure.style.maxHeight = '64px'; }")
    page.locator(".ld-stage").nth(1).evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    assert kept(page) == STATES[1]
    assert figure(page, "fig-stepped").evaluate(
        """figure => { const {top, bottom} = figure.querySelector(".ld-row[aria-pressed='true']").getBoundingClientRect();
          const room = figure.getBoundingClientRect(), middle = (top + bottom) / 2;
          return room.top <= middle && middle <= room.bottom; }"""
    )


def test_keys_go_through_the_steps_which_are_one_stop_of_tab(open_page):
    page = opened(open_page, viewport=WIDE, reduced_motion="reduce")
    buttons = page.locator(".ld-show")
    assert buttons.evaluate_all("all => all.map(b => b.tabIndex)") == [0, -1, -1]
    buttons.first.focus()
    page.keyboard.press("Enter")
    assert kept(page) == STATES[0]
    expect(buttons.first).to_have_attribute("aria-pressed", "true")
    expect(figure(page, "fig-stepped").locator(".ld-live")).to_contain_text("F1, pinned")
    page.keyboard.press("ArrowDown")
    expect(buttons.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    assert kept(page) == STATES[1]
    expect(page.locator(".ld-stage").nth(1)).to_be_in_viewport()


def test_what_a_reader_pins_in_the_figure_is_the_readers_own(open_page):
    page = opened(open_page, viewport=WIDE)
    reach(page, 0)
    assert kept(page) == STATES[0]
    figure(page, "fig-stepped").locator(".ld-row").nth(2).click()
    assert kept(page) == "factor=3"
    assert page.evaluate("location.hash") == "#fig-stepped:factor=3"


def test_without_scripts_and_on_paper_there_is_a_figure_and_a_text(browser, site, tmp_path):
    context = browser.new_context(java_script_enabled=False, viewport=WIDE)
    page = context.new_page()
    page.goto(f"{site}steps/")
    assert page.locator(".ld-show").count() == 0
    assert page.locator("#fig-stepped").evaluate("e => getComputedStyle(e).position") != "sticky"
    context.close()
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(f"{site}steps/")
    until(page, "document.querySelectorAll('.ld-show').length === 3")
    text = printed(page, tmp_path / "steps.pdf")
    assert text.count("Astepofthetext.") == 36
    page.emulate_media(media="print")
    assert page.locator(".ld-show").first.is_hidden()
    assert page.locator("#fig-stepped").evaluate("e => getComputedStyle(e).position") != "sticky"
    context.close()


@pytest.mark.long
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_in_steps(open_page, scheme, size):
    page = opened(open_page, viewport=size, color_scheme=scheme)
    reach(page, 1)
    settle(page)
    page.evaluate(AXE_FILE_PATH.read_text())
    found = page.evaluate("axe.run('.ld-steps', {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"]] == []
