"""The figure in a real Chromium: pointer, touch, keyboard."""

from __future__ import annotations

import re

import pytest
from chromium import at_rest, figure, frame, row, settle, shown, text_at, tints, tool
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_hovering_a_sparkline_isolates_its_factor_and_leaving_returns(open_page):
    page = open_page("two/")
    first = tints(page)
    row(page, 1).hover()
    one = tints(page)
    assert one != first
    row(page, 2).hover()
    two = tints(page)
    assert two not in (one, first)
    page.mouse.move(5, 5)
    assert tints(page) == first
    assert not figure(page).locator("[data-isolated]").count()


def test_an_isolated_factor_tints_by_its_own_activation_only(open_page):
    page = open_page("two/")
    row(page, 1).hover()
    settle(page)
    levels = figure(page).locator(".ld-token").evaluate_all("all => all.map(t => Number(t.dataset.shown))")
    activations = page.evaluate("JSON.parse(document.querySelector('#fig-two .ld-data').content.textContent).activations")
    assert levels == [int(15 * v / max(activations[0]) + 0.5) for v in activations[0]]


def test_the_browser_draws_the_sparklines_of_the_first_state(open_page):
    page = open_page("two/")
    for name in ("fig-two", "fig-five"):
        drawn = figure(page, name).locator(".ld-area").evaluate_all("all => all.map(path => path.getAttribute('d'))")
        source = page.request.get(page.url).text().split(f'id="{name}"')[1].split("<figcaption>")[0]
        assert drawn == re.findall(r'class="ld-area" d="([^"]+)"', source)


def test_a_click_pins_and_a_second_releases(open_page):
    page = open_page("two/")
    first = tints(page)
    row(page, 2).click()
    page.mouse.move(5, 5)
    pinned = tints(page)
    assert pinned != first
    expect(row(page, 2)).to_have_attribute("aria-pressed", "true")
    expect(figure(page).locator(".ld-live")).to_contain_text("F2, pinned")
    row(page, 1).hover()
    assert tints(page) not in (pinned, first)  # a preview goes before the pin
    page.mouse.move(5, 5)
    assert tints(page) == pinned
    row(page, 2).click()
    page.mouse.move(5, 5)
    assert tints(page) == first
    expect(row(page, 2)).to_have_attribute("aria-pressed", "false")


def test_escape_releases_the_pin_wherever_the_focus_is(open_page):
    page = open_page("two/")
    first = tints(page)
    row(page, 2).click()
    figure(page).locator(".ld-token").nth(3).click()
    page.mouse.move(5, 5)
    page.keyboard.press("Escape")
    assert tints(page) == first


def test_a_press_elsewhere_releases_the_pin(open_page):
    page = open_page("two/")
    first = tints(page)
    row(page, 2).click()
    page.locator("h1").click()
    assert tints(page) == first


def test_a_tap_pins_and_a_second_tap_releases(open_page):
    page = open_page("two/", has_touch=True, viewport={"width": 360, "height": 740})
    first = tints(page)
    row(page, 1).tap()
    assert tints(page) != first
    expect(row(page, 1)).to_have_attribute("aria-pressed", "true")
    row(page, 1).tap()
    assert tints(page) == first


def test_arrow_keys_isolate_read_and_leave(open_page):
    page = open_page("two/")
    first = tints(page)
    readout = figure(page).locator(".ld-live")
    summary = at_rest(page)
    figure(page).locator(".ld-row").first.focus()
    page.keyboard.press("ArrowDown")
    isolated = tints(page)
    assert isolated != first
    expect(row(page, 2)).to_be_focused()
    expect(readout).to_have_text(re.compile(r"^F2: strongest on token\s\d+ ‘.+’, activation [\d.]+\.$"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(readout).to_have_text(re.compile(rf"^F2\. Token\s1 ‘{text_at(page, 1)}’: activation [\d.]+\.$"))
    assert figure(page).locator(".ld-token[data-current]").count() == 1
    page.keyboard.press("Enter")
    expect(row(page, 2)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    assert tints(page) == isolated  # pinned: leaving keeps it
    page.keyboard.press("Shift+Tab")
    expect(row(page, 2)).to_be_focused()
    page.keyboard.press("Escape")
    assert tints(page) == first
    page.keyboard.press("Home")
    assert tints(page) not in (first, isolated)
    page.keyboard.press("Tab")
    assert tints(page) == first  # not pinned: leaving returns
    expect(readout).to_be_empty()
    assert shown(page) == summary


def test_the_mouse_and_the_keyboard_keep_apart(open_page):
    page = open_page("two/")
    figure(page).locator(".ld-row").first.focus()
    settle(page)
    page.keyboard.press("ArrowDown")
    by_keys = tints(page)
    row(page, 1).hover()
    assert tints(page) != by_keys
    page.mouse.move(5, 5)
    assert tints(page) == by_keys
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")  # held, it repeats
    page.keyboard.up("Enter")
    expect(row(page, 2)).to_have_attribute("aria-pressed", "true")


def test_a_tap_reads_a_token_and_scrolling_keeps_the_pin(open_page):
    page = open_page("two/", has_touch=True, viewport={"width": 360, "height": 740})
    row(page, 2).tap()
    figure(page).locator(".ld-token").nth(6).tap()
    settle(page)
    expect(figure(page).locator(".ld-token").nth(6)).to_have_attribute("data-current", "")
    expect(figure(page).locator(".ld-live")).to_contain_text("F2, pinned. Token 6")
    page.locator("h1").dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    expect(row(page, 2)).to_have_attribute("aria-pressed", "true")
    page.locator("h1").tap()
    expect(row(page, 2)).to_have_attribute("aria-pressed", "false")


def test_a_figure_is_one_stop_of_the_tab_key_before_its_buttons(open_page):
    page = open_page("two/")
    figure(page).locator(".ld-row").first.focus()
    settle(page)
    page.keyboard.press("Tab")
    expect(tool(page, "labels")).to_be_focused()


def test_hovering_a_token_reads_it_and_marks_it_on_every_sparkline(open_page):
    page = open_page("two/")
    figure(page).locator(".ld-token").nth(6).hover()
    text = text_at(page, 6).replace(" ", "\xa0")
    expect(figure(page).locator(".ld-live")).to_have_text(
        re.compile(rf"^Token\s6 ‘{text}’: strongest in F\d, activation [\d.]+\.$")
    )
    cursor, last = figure(page).locator(".ld-cursor"), figure(page).locator(".ld-token").count() - 1
    assert cursor.evaluate("e => parseFloat(e.style.backgroundPositionX)") == pytest.approx(100 * 6 / last, abs=0.01)
    line, charts = cursor.bounding_box(), figure(page).locator(".ld-row svg")
    first, second = charts.first.bounding_box(), charts.last.bounding_box()
    for box in (first, second):  # it stands over all of them
        assert line["x"] == pytest.approx(box["x"], abs=1)
        assert line["width"] == pytest.approx(box["width"], abs=1)
    assert line["y"] == pytest.approx(first["y"], abs=1)
    assert line["y"] + line["height"] == pytest.approx(second["y"] + second["height"], abs=1)


def test_pointing_along_a_sparkline_marks_the_token_below(open_page):
    page = open_page("two/")
    row(page, 1).scroll_into_view_if_needed()
    box = row(page, 1).locator("svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] - 5)
    expect(figure(page).locator(".ld-token").last).to_have_attribute("data-current", "")


def test_labels_say_which_factor_is_strongest(open_page):
    page = open_page("two/")
    label = "t => getComputedStyle(t, '::before').content"
    token = figure(page).locator(".ld-token").nth(6)
    assert token.evaluate(label) == "none"
    tool(page, "labels").click()
    settle(page)
    assert token.evaluate(label) in {'"1"', '"2"'}


def test_an_element_that_leaves_the_page_lets_go(open_page):
    page = open_page("two/")
    summary = at_rest(page)
    row(page, 1).click()
    settle(page)
    assert shown(page) != summary
    page.evaluate("history.replaceState(null, '', location.pathname)")  # which would have the state again
    page.evaluate("const e = document.querySelector('#fig-two lens-factors'); const p = e.parentNode; e.remove(); p.append(e)")
    settle(page)
    assert not figure(page).locator("[data-isolated]").count()
    assert shown(page) == summary
    row(page, 2).hover()
    expect(figure(page).locator("lens-factors")).to_have_attribute("data-lit", "")
    page.mouse.move(5, 5)
    settle(page)
    assert shown(page) == summary


def levels(page, name):
    frame(page)
    return figure(page, name).locator(".ld-token").evaluate_all("all => all.map(t => t.dataset.shown)")


def areas(page, name):
    return figure(page, name).locator(".ld-area").evaluate_all("all => all.map(path => path.getAttribute('d'))")


@pytest.mark.sample(name=["fig-spikes"])
@pytest.mark.parametrize("name", ["fig-spikes", "fig-spikes-shared", "fig-components", "fig-texts"])
def test_the_browser_draws_every_scale_as_the_page_does(open_page, name):
    page = open_page("kinds/")
    source = page.request.get(page.url).text().split(f'id="{name}"')[1].split("<figcaption>")[0]
    assert areas(page, name) == re.findall(r'class="ld-area" d="([^"]+)"', source)


def test_a_first_token_that_dwarfs_the_rest_flattens_nothing(open_page):
    page = open_page("kinds/")
    row(page, 1, "fig-spikes").hover()
    assert levels(page, "fig-spikes") == ["15", "4", "11", "8", "15"]
    figure(page, "fig-spikes").locator(".ld-token").first.hover()
    said = figure(page, "fig-spikes").locator(".ld-live")
    expect(said).to_have_text("Token 0 ‘ The’: strongest in F1, activation 48, beyond the scale: first token 12 times the next.")
    mark, chart = (row(page, 1, "fig-spikes").locator(e).bounding_box() for e in (".ld-beyond", "svg"))
    assert abs(mark["x"] + mark["width"] / 2 - chart["x"]) < 2
    assert abs(mark["y"] + mark["height"] / 2 - chart["y"]) < 8
    assert not row(page, 2, "fig-spikes").locator(".ld-beyond").count()


def test_one_scale_for_all_makes_a_weak_factor_pale(open_page):
    page = open_page("kinds/")
    row(page, 3, "fig-spikes").hover()
    assert levels(page, "fig-spikes") == ["0", "8", "0", "15", "0"]
    row(page, 3, "fig-spikes-shared").hover()
    assert levels(page, "fig-spikes-shared") == ["0", "3", "0", "6", "0"]


def test_negative_activations_are_underlined_while_isolated_and_in_the_first_state(open_page):
    page = open_page("kinds/")
    line = "all => all.map(t => getComputedStyle(t).textDecorationLine)"
    tokens = figure(page, "fig-components").locator(".ld-token")
    assert tokens.evaluate_all(line) == ["none", "underline", "underline", "none"]
    row(page, 2, "fig-components").hover()
    assert levels(page, "fig-components") == ["8", "0", "-15", "4"]
    assert tokens.evaluate_all(line) == ["none", "none", "underline", "none"]
    tokens.nth(1).hover()
    expect(figure(page, "fig-components").locator(".ld-live")).to_contain_text("strongest in F1, activation −4")
    page.emulate_media(media="print")
    assert tokens.evaluate_all(line) == ["none", "underline", "underline", "none"]


def test_a_link_in_a_caption_pins_a_factor(open_page):
    page = open_page("explorables/factors/")
    first = tints(page, "fig-factors")
    link = page.locator("#fig-factors figcaption a[data-state='factor=2']")
    link.click()
    assert tints(page, "fig-factors") != first
    expect(row(page, 2, "fig-factors")).to_have_attribute("aria-pressed", "true")
    expect(row(page, 2, "fig-factors")).to_be_focused()
    expect(figure(page, "fig-factors").locator(".ld-live")).to_contain_text("F2, pinned: strongest on token")
    assert not page.url.endswith("#fig-factors")
    page.keyboard.press("Escape")
    assert tints(page, "fig-factors") == first
    link.focus()
    page.keyboard.press("Enter")
    expect(row(page, 2, "fig-factors")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowUp")
    expect(figure(page, "fig-factors").locator(".ld-live")).to_contain_text("F1: strongest")
    page.locator("h1").click()
    assert tints(page, "fig-factors") == first


def test_without_scripts_a_link_in_a_caption_leads_to_its_figure(open_page):
    page = open_page("explorables/factors/", java_script_enabled=False)
    page.locator("#fig-factors figcaption a[data-state='factor=2']").click()
    assert page.url.endswith("explorables/factors/#fig-factors")


def test_a_drawing_of_a_factorization_reads_at_every_width(open_page):
    for width, beside in ((360, False), (1440, True)):
        page = open_page("kinds/", viewport={"width": width, "height": 900})
        parts = figure(page, "fig-decomposition").locator(".ld-matrix")
        boxes = [parts.nth(i).bounding_box() for i in range(3)]
        assert (boxes[1]["x"] > boxes[0]["x"]) is beside
        assert all(box["x"] + box["width"] <= width for box in boxes)
        cells = parts.locator("rect").evaluate_all("all => all.map(r => r.getBoundingClientRect().width)")
        assert min(cells) > 3  # drawn, whatever other figures call their cells
        sizes = parts.locator("p").evaluate_all("all => all.map(p => parseFloat(getComputedStyle(p).fontSize))")
        assert min(sizes) >= 11
