"""Saliency of factors in a real Chromium: pointer, touch, keyboard, pin, links, print, no script."""

from __future__ import annotations

import pytest
from chromium import at_rest, figure, frame, settle, tool
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

NAME = "fig-factor-saliency"
"""Factors F1 and F2 at all of five tokens, of which four were given; scores are equal shares of what was read."""
AT_1 = ["50%", "50%", None, None, None]
AT_2 = ["33%", "33%", "33%", None, None]
AT_3 = ["25%", "25%", "25%", "25%", None]
NONE = [None] * 5


def shares(page, name=NAME):
    frame(page)
    return figure(page, name).locator(".ld-token").evaluate_all("all => all.map(t => t.dataset.share ?? null)")


def token(page, position, name=NAME):
    return figure(page, name).locator(".ld-token").nth(position)


def line(page, number, name=NAME):
    return figure(page, name).locator(f".ld-row[data-factor='{number}']")


def said(page, name=NAME):
    return figure(page, name).locator(".ld-live")


def test_the_first_state_is_the_strongest_target_of_the_first_factor(open_page):
    page = open_page("drives/")
    assert shares(page) == AT_1
    assert at_rest(page, NAME).startswith("F1 is 4 at token 1 ‘ keys’: driven by ‘ The’ (token 0) 50%, ‘ keys’ (token 1) 50%.")
    expect(line(page, 1)).to_have_attribute("data-chosen", "")


def test_hovering_a_token_previews_and_leaving_returns(open_page):
    page = open_page("drives/")
    token(page, 2).hover()
    assert shares(page) == AT_2
    expect(said(page)).to_contain_text("F1 is 2 at token 2 ‘,’: driven by ‘ The’ (token 0) 33%")
    cursors = figure(page, NAME).locator(".ld-cursor").evaluate_all("all => all.map(c => c.getAttribute('d'))")
    assert cursors == ["M2,0V100"] * 2
    page.mouse.move(5, 5)
    assert shares(page) == AT_1


def test_a_click_on_a_line_keeps_factor_and_token(open_page):
    page = open_page("drives/")
    line(page, 2).scroll_into_view_if_needed()
    box = line(page, 2).locator("svg").bounding_box()
    place = box["x"] + box["width"] * 3 / 4, box["y"] + box["height"] - 4
    page.mouse.move(*place)
    assert shares(page) == AT_3
    page.mouse.move(5, 5)
    assert shares(page) == AT_1
    page.mouse.click(*place)
    page.mouse.move(5, 5)
    assert shares(page) == AT_3
    expect(line(page, 1)).to_have_attribute("aria-pressed", "false")
    expect(line(page, 2)).to_have_attribute("aria-pressed", "true")
    expect(line(page, 2)).to_have_attribute("data-chosen", "")
    hues = figure(page, NAME).locator(".ld-token[data-level]").evaluate_all("all => all.map(t => t.dataset.hue)")
    assert hues == ["2"] * 4
    token(page, 1).click()
    page.mouse.move(5, 5)
    assert shares(page) == NONE
    expect(page.locator(f"#{NAME} .ld-summary")).to_contain_text("F2 is 0 at token 1 ‘ keys’: nothing drives it.")


def test_a_tap_keeps_a_token_and_a_tap_on_a_line_its_place(open_page):
    page = open_page("drives/", has_touch=True, viewport={"width": 360, "height": 800})
    token(page, 2).tap()
    assert shares(page) == AT_2
    line(page, 2).scroll_into_view_if_needed()
    box = line(page, 2).locator("svg").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 3 / 4, box["y"] + box["height"] - 4)
    assert shares(page) == AT_3
    expect(said(page)).to_contain_text("F2 is 5 at token 3")


def test_arrow_keys_move_between_targets_and_factors(open_page):
    page = open_page("drives/")
    line(page, 1).focus()
    settle(page)
    page.keyboard.press("ArrowDown")
    expect(line(page, 2)).to_be_focused()
    assert shares(page) == NONE
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert shares(page) == AT_3
    expect(said(page)).to_contain_text("F2 is 5 at token 3")
    page.keyboard.press("Escape")
    assert shares(page) == AT_1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    tool(page, "table", NAME).focus()
    assert shares(page) == AT_2  # kept
    expect(line(page, 1)).to_have_attribute("aria-pressed", "true")


def test_leaving_by_keys_returns_to_what_is_kept(open_page):
    page = open_page("drives/")
    line(page, 1).focus()
    settle(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert shares(page) != AT_1
    page.keyboard.press("Tab")
    assert shares(page) == AT_1


def test_it_is_one_stop_of_the_tab_key(open_page):
    page = open_page("drives/")
    tool(page, "labels", NAME).wait_for()
    assert figure(page, NAME).locator("lens-factor-saliency [tabindex='0']").count() == 1
    assert figure(page, NAME).locator("[tabindex='0']").count() == 2  # its buttons are the other


def test_labels_stand_below_the_tokens_on_request_and_always_in_the_detailed_style(open_page):
    page = open_page("drives/")
    label = "t => getComputedStyle(t, '::before').content"
    assert token(page, 1).evaluate(label) == "none"
    tool(page, "labels", NAME).click()
    settle(page)
    assert token(page, 1).evaluate(label) == '"50%"'
    assert token(page, 0, "fig-factor-detailed").evaluate(label) == '"10%"'
    assert token(page, 0, "fig-factor-signed").evaluate(label) == '"−0.50"'


@pytest.mark.parametrize(("name", "first", "other"), [(NAME, 1, 2), ("fig-factor-detailed", 2, 5), ("fig-factor-signed", 5, 2)])
def test_the_script_shows_what_the_first_state_shows(open_page, name, first, other):
    page = open_page("drives/")
    state = """f => [[...f.querySelector('.ld-summary').childNodes].find(node => node.nodeType === Node.TEXT_NODE).data,
        ...[...f.querySelectorAll('.ld-token')].map(t => [t.dataset.share, t.dataset.level, t.dataset.hue].join()),
        ...[...f.querySelectorAll('.ld-row path')].map(p => p.getAttribute('d'))]"""
    before = figure(page, name).evaluate(state)
    source = page.request.get(page.url).text().split(f'id="{name}"')[1].split("<figcaption>")[0]
    assert before[-1] in source
    for factor, same in ((other, False), (first, True)):
        line(page, factor, name).focus()
        page.keyboard.press("Enter")
        settle(page)
        assert (figure(page, name).evaluate(state) == before) is same


def test_a_link_of_a_caption_chooses_a_factor(open_page):
    page = open_page("explorables/factor-saliency/")
    page.locator("figcaption a[data-state='factor=2,token=15']").click()
    expect(line(page, 2, "fig-driven")).to_have_attribute("aria-pressed", "true")
    expect(line(page, 2, "fig-driven")).to_be_focused()
    expect(said(page, "fig-driven")).to_contain_text("F2 is")


def test_on_paper_what_is_kept_is_said_and_printed(open_page):
    page = open_page("drives/", color_scheme="dark")
    token(page, 2).click()
    page.mouse.move(5, 5)
    settle(page)
    page.emulate_media(media="print")
    assert page.locator(f"#{NAME} .ld-summary").inner_text().replace("\xa0", " ").startswith("F1 is 2 at token 2")
    assert not said(page).is_visible()
    assert token(page, 1).evaluate("t => getComputedStyle(t, '::before').content") == '"33%"'
    assert line(page, 1).locator(".ld-cursor").evaluate("e => getComputedStyle(e).display") == "inline"
    assert line(page, 1).locator(".ld-name").evaluate("e => getComputedStyle(e).fontWeight") == "700"


def test_without_scripts_the_first_state_is_there(open_page):
    page = open_page("drives/", java_script_enabled=False)
    summary = page.locator(f"#{NAME} .ld-summary").inner_text().replace("\xa0", " ")
    assert summary.startswith("F1 is 4 at token 1 ‘ keys’: driven by")
    assert page.locator(f"#{NAME} .ld-token[data-share]").count() == 2
    assert page.locator(f"#{NAME} .ld-cursor").first.get_attribute("d") == "M1,0V100"


def test_an_element_that_leaves_the_page_lets_go(open_page):
    page = open_page("drives/")
    line(page, 2).click()
    settle(page)
    page.evaluate("history.replaceState(null, '', location.pathname)")  # which would have the state again
    page.evaluate(
        f"const e = document.querySelector('#{NAME} lens-factor-saliency'); const p = e.parentNode; e.remove(); p.append(e)"
    )
    page.mouse.move(5, 5)
    settle(page)
    assert shares(page) == AT_1
    expect(line(page, 1)).to_have_attribute("aria-pressed", "true")
    token(page, 2).hover()
    assert shares(page) == AT_2
