"""Saliency, grids and sequences in a real Chromium: pointer, touch, keyboard, print, no script, axe."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import A4, AXE, KINDS, MARGINS, PAGE_OF, PAGES, SCHEMES, awake, figure, frame, settle, tool, turning, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def shares(page, name="fig-saliency"):
    frame(page)
    return figure(page, name).locator(".ld-token").evaluate_all("all => all.map(t => t.dataset.share ?? null)")


def token(page, position, name="fig-saliency"):
    return figure(page, name).locator(".ld-token").nth(position)


def centre(locator):
    """Where a token is. Chromium gives the content of padded inline boxes beside itself, where Playwright would point."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def said(page, name):
    return figure(page, name).locator(".ld-live")


FIRST = ["25%", "50%", "20%", "5%", None, None, None]
SECOND = ["10%", None, "10%", "30%", "50%", None, None]
THIRD = ["5%", "5%", "5%", "5%", "50%", "30%", None]


def test_hovering_a_produced_token_shows_its_scores_and_leaving_returns(open_page):
    page = open_page("kinds/")
    assert shares(page) == FIRST
    token(page, 5).hover()
    settle(page)
    assert shares(page) == SECOND
    expect(said(page, "fig-saliency")).to_have_text("Token 5 ‘,’: ‘ 4’ (token 4) 50%, ‘⏎’ (token 3) 30%, ‘ The’ (token 0) 10%.")
    token(page, 1).hover()  # a given token explains nothing
    settle(page)
    assert shares(page) == FIRST
    page.mouse.move(5, 5)
    settle(page)
    assert shares(page) == FIRST


def test_scores_that_mean_nothing_say_so_when_their_token_is_pointed_at(open_page):
    page = open_page("kinds/")
    summary = figure(page, "fig-unreliable").locator(".ld-summary")
    expect(summary).not_to_contain_text("Unreliable")
    token(page, 5, "fig-unreliable").hover()
    expect(said(page, "fig-unreliable")).to_contain_text("Unreliable: integrated gradients miss 450% of the difference")
    token(page, 5, "fig-unreliable").click()
    expect(summary).to_contain_text("Unreliable: integrated gradients miss 450% of the difference")


def test_a_click_keeps_a_token(open_page):
    page = open_page("kinds/")
    token(page, 6).click()
    page.mouse.move(5, 5)
    settle(page)
    assert shares(page) == THIRD
    expect(token(page, 6)).to_have_attribute("aria-pressed", "true")
    token(page, 5).hover()
    settle(page)
    assert shares(page) == SECOND


def test_a_tap_keeps_a_token(open_page):
    page = open_page("kinds/", has_touch=True, viewport={"width": 360, "height": 800})
    token(page, 5).tap()
    settle(page)
    assert shares(page) == SECOND


def test_arrow_keys_move_along_the_produced_tokens(open_page):
    page = open_page("kinds/")
    token(page, 4).focus()
    settle(page)
    page.keyboard.press("ArrowRight")
    settle(page)
    assert shares(page) == SECOND
    page.keyboard.press("End")
    settle(page)
    assert shares(page) == THIRD
    page.keyboard.press("Enter")
    tool(page, "table", "fig-saliency").focus()
    settle(page)
    assert shares(page) == THIRD
    token(page, 6).focus()
    page.keyboard.press("Home")
    expect(token(page, 4)).to_be_focused()
    page.keyboard.press("ArrowDown")  # all stand on one line
    expect(token(page, 4)).to_be_focused()


def test_a_saliency_is_one_stop_of_the_tab_key(open_page):
    page = open_page("kinds/")
    assert figure(page, "fig-saliency").locator(".ld-token[tabindex='0']").count() == 1
    assert figure(page, "fig-saliency").locator(".ld-token:not([data-target])[tabindex]").count() == 0


def test_what_can_be_chosen_is_underlined_on_screens_alone(open_page):
    page = open_page("kinds/")  # on paper the line would run through the numbers below tokens
    lines = "all => all.map(t => getComputedStyle(t).textDecorationLine)"
    for media, line in (("screen", "underline"), ("print", "none")):
        page.emulate_media(media=media)
        assert set(figure(page, "fig-saliency").locator(".ld-token[data-target]").evaluate_all(lines)) == {line}


def test_the_script_shows_what_the_first_state_shows(open_page):
    """The numbers of the page and those of the script are written alike."""
    page = open_page("kinds/")
    for name in ("fig-saliency", "fig-detailed", "fig-signed", "fig-shared"):
        state = "all => all.map(t => [t.dataset.share, t.dataset.level, t.dataset.hue, t.hasAttribute('data-chosen')])"
        before = figure(page, name).locator(".ld-token").evaluate_all(state)
        targets = figure(page, name).locator(".ld-token[data-target]")
        page.mouse.click(*centre(targets.last))
        settle(page)
        page.mouse.click(*centre(targets.first))
        page.mouse.move(5, 5)
        settle(page)
        assert figure(page, name).locator(".ld-token").evaluate_all(state) == before


def test_the_kept_token_is_the_pressed_one_while_another_is_previewed(open_page):
    page = open_page("kinds/")
    token(page, 5).click()
    token(page, 6).hover()
    settle(page)
    assert shares(page) == THIRD
    expect(token(page, 5)).to_have_attribute("aria-pressed", "true")
    expect(token(page, 6)).to_have_attribute("aria-pressed", "false")
    token(page, 5).focus()
    page.keyboard.press("ArrowRight")
    page.mouse.move(5, 5)
    page.keyboard.press("Escape")
    settle(page)
    assert shares(page) == FIRST


def test_what_is_kept_is_what_paper_says(open_page):
    page = open_page("kinds/")
    token(page, 6).click()
    page.mouse.move(5, 5)
    settle(page)
    page.emulate_media(media="print")
    expect(page.locator("#fig-saliency .ld-summary")).to_contain_text("Token 6 ‘ <b>’: ‘ 4’ (token 4) 50%")
    assert not said(page, "fig-saliency").is_visible()
    assert shares(page) == THIRD


def test_a_tap_reads_a_cell_and_a_token(open_page):
    page = open_page("kinds/", has_touch=True, viewport={"width": 360, "height": 800})
    figure(page, "fig-rankings").locator("tbody td").nth(1).tap()
    expect(said(page, "fig-rankings")).to_contain_text("rank 31")
    for position in (2, 1, 1):
        token(page, position, "fig-sequence").scroll_into_view_if_needed()
        page.touchscreen.tap(*centre(token(page, position, "fig-sequence")))
        expect(said(page, "fig-sequence")).to_contain_text(f"Token {position} ")


def test_labels_stand_below_the_tokens_on_request(open_page):
    page = open_page("kinds/")
    label = "t => getComputedStyle(t, '::before').content"
    assert token(page, 1).evaluate(label) == "none"
    tool(page, "labels", "fig-saliency").click()
    settle(page)
    assert token(page, 1).evaluate(label) == '"50%"'
    assert token(page, 1, "fig-detailed").evaluate(label) == '"40%"'
    assert token(page, 0, "fig-signed").evaluate(label) == '"−1.50"'


LABEL = """t => {
  const style = getComputedStyle(t, "::before"), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const box = t.getBoundingClientRect(), word = document.createRange();
  const node = document.createTreeWalker(t, NodeFilter.SHOW_TEXT).nextNode();
  word.setStart(node, node.data.search(/\\S/));
  word.setEnd(node, node.length);
  const wide = pen.measureText(style.content.slice(1, -1)).width, middle = style.textAlign === "center";
  const at = box.left + parseFloat(getComputedStyle(t).paddingLeft) + parseFloat(style.marginLeft);
  const start = middle ? at + (parseFloat(style.width) - wide) / 2 : at, {left, width} = word.getBoundingClientRect();
  return {line: box.top, off: middle ? start + wide / 2 - left - width / 2 : start - left, start, end: start + wide, middle};
}"""
"""A token's line, its label's ends, and how far that is from where its word begins, or from the middle of a sign."""


def test_labels_stand_below_their_words_and_do_not_touch(open_page):
    page = open_page("kinds/")
    tool(page, "labels", "fig-saliency").click()
    for name in ("saliency", "detailed", "signed", "probable"):
        labels = figure(page, f"fig-{name}").locator(".ld-token[data-share]").evaluate_all(f"all => all.map({LABEL})")
        assert len(labels) > 1, name
        assert all(abs(label["off"]) < (2 if label["middle"] else 1) for label in labels), (
            name,
            labels,
        )  # signs are of many widths
        for label, following in pairwise(labels):
            assert label["line"] != following["line"] or label["end"] < following["start"] - 3, (name, labels)


BAR = """t => {
  const boxes = t.getClientRects(), sign = t.firstElementChild.getBoundingClientRect(), style = getComputedStyle(t);
  const [, up, wide] = /px (-?[\\d.]+)px 0px (-?[\\d.]+)px$/.exec(style.boxShadow).map(parseFloat);
  return {
    lines: boxes.length, short: -2 * wide, height: (wide - up) / parseFloat(style.fontSize),
    room: [sign.left - boxes[0].left, boxes[0].right - sign.right]
  };
}"""
"""Of a token that is one sign: its boxes, how much shorter its bar is, how high that is, the room on both sides of the sign."""


@pytest.mark.parametrize(("path", "name", "position"), [("kinds/", "fig-detailed", 3), ("tokens/", "fig-rtl-breaks", 4)])
def test_a_line_break_has_its_bar_and_room_on_both_sides(open_page, path, name, position):
    """Its bar stands over its sign, as high as its score asks for."""
    page = open_page(path)
    if name == "fig-detailed":
        token(page, 5, name).click()
        page.mouse.move(5, 5)
        settle(page)
    shown = token(page, position, name)
    expect(shown).to_have_text("⏎")
    assert shown.get_attribute("data-level") == "15"
    bar = shown.evaluate(BAR)
    assert bar["lines"] == 1
    assert bar["short"] == 2
    assert bar["height"] == pytest.approx(0.9, abs=0.05)
    assert min(bar["room"]) > 8, bar
    following = token(page, position + 1, name)
    assert following.bounding_box()["y"] > shown.bounding_box()["y"] + 20  # the break is still one


def test_hovering_a_cell_reads_it_out(open_page):
    page = open_page("kinds/")
    figure(page, "fig-rankings").locator("tbody td").nth(1).hover()
    expect(said(page, "fig-rankings")).to_have_text("Layer 0, ‘,’ (token 2): rank 31, probability 3.23%.")
    page.mouse.move(5, 5)
    expect(said(page, "fig-rankings")).to_have_text("")
    figure(page, "fig-predictions").locator("tbody td").nth(5).hover()
    expect(said(page, "fig-predictions")).to_have_text("Layer 1, rank 3: ‘,’, probability <0.01%.")
    figure(page, "fig-watch").locator("tbody td").nth(3).hover()
    expect(said(page, "fig-watch")).to_have_text("Layer 1, ‘ are’: rank 12, probability 7.69%.")
    figure(page, "fig-watch-two").locator("tbody td").nth(8).hover()
    expect(said(page, "fig-watch-two")).to_have_text("Layer 1, ‘ is’ in text 2: rank 3, probability 25%.")


@pytest.mark.parametrize(("width", "beside"), [("auto", False), ("900px", True)])
def test_texts_stand_side_by_side_where_there_is_room(open_page, width, beside):
    page = open_page("kinds/", viewport={"width": 1440, "height": 900})
    figure(page, "fig-watch-two").evaluate("(figure, width) => { figure.style.width = width; }", width)
    first, second = (figure(page, "fig-watch-two").locator(".ld-text").nth(i).bounding_box() for i in (0, 1))
    assert (second["x"] > first["x"] + first["width"] - 1) is beside
    assert (second["y"] > first["y"] + first["height"] - 1) is not beside


def test_arrow_keys_walk_the_grid(open_page):
    page = open_page("large/")
    cells = figure(page, "fig-long").locator("tbody td")
    cells.first.focus()
    for key, index in (("ArrowRight", 1), ("ArrowDown", 61), ("End", 119), ("PageDown", 719), ("Home", 660), ("ArrowUp", 600)):
        page.keyboard.press(key)
        expect(cells.nth(index)).to_be_focused()
    page.keyboard.press("Control+End")
    expect(cells.last).to_be_focused()
    assert figure(page, "fig-long").locator("td[tabindex='0']").count() == 1
    page.keyboard.press("Control+End")
    expect(said(page, "fig-long")).to_contain_text("Layer 47, ‘ 60’ (token 60): rank")


def test_layers_stay_in_view_while_a_wide_grid_scrolls(open_page):
    page = open_page("large/", viewport={"width": 768, "height": 700})
    frame = figure(page, "fig-long").locator(".ld-frame")
    frame.evaluate("f => f.scrollTo(900, 0)")
    box, layer = frame.bounding_box(), figure(page, "fig-long").locator("tbody th").nth(30).bounding_box()
    assert abs(layer["x"] - box["x"]) < 2


def test_a_sequence_is_read_token_by_token(open_page):
    page = open_page("kinds/")
    page.mouse.move(*centre(token(page, 2, "fig-sequence")))
    expect(said(page, "fig-sequence")).to_contain_text("Token 2 ‘ 2’, id 2: probability")
    page.mouse.move(*centre(token(page, 0, "fig-sequence")))
    expect(said(page, "fig-sequence")).to_have_text("Token 0 ‘ 1’, id 0: given.")
    page.mouse.move(5, 5)
    token(page, 0, "fig-sequence").focus()
    page.keyboard.press("ArrowRight")
    expect(said(page, "fig-sequence")).to_contain_text("Token 1 ‘,’, id 1")


@pytest.mark.long
@pytest.mark.parametrize("width", [360, pytest.param(768, marks=pytest.mark.long), pytest.param(1440, marks=pytest.mark.long)])
def test_no_figure_is_wider_than_the_page(open_page, width):
    """As it was loaded, and once the window is wide."""
    pages = {name: open_page(f"{name}/", viewport={"width": width, "height": 900}) for name in ("kinds", *PAGES)}
    for wide in (width, 1440):
        for page in pages.values():
            page.set_viewport_size({"width": wide, "height": 900})
            until(page, f"innerWidth === {wide}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for name in KINDS:
            page = pages[PAGE_OF[name]]
            box = figure(page, f"fig-{name}").bounding_box()
            assert box["width"] > 200
            assert box["x"] + box["width"] <= wide


WIDE = 1280
LOOKED_AT = [("kinds", WIDE), *((name, WIDE) for name in PAGES), ("masked", 390), ("paired", 390)]
"""Pages and widths: figures of two streams and of masks on a phone too."""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("name", "width"), [case if case[0] == "kinds" else pytest.param(*case, marks=pytest.mark.long) for case in LOOKED_AT]
)
def test_axe_finds_nothing_in_any_kind(open_page, name, width, scheme):
    page = open_page(f"{name}/", color_scheme=scheme, viewport={"width": width, "height": 720})
    for shown in page.locator("figure.ld").all():
        shown.locator(".ld-tools").scroll_into_view_if_needed()
        expect(shown.locator(".ld-toolbar")).to_be_visible()
        if (table := shown.locator("[data-tool='table']")).count():
            table.click()
    if name == "kinds":
        token(page, 5).click()
        figure(page, "fig-rankings").locator("tbody td").nth(4).focus()
    settle(page)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate(f"axe.run('figure.ld', {AXE}).then(r => r.violations)")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]][:3]) for v in found] == []


def test_without_scripts_everything_is_there(open_page):
    page = open_page("kinds/", java_script_enabled=False)
    assert page.locator("#fig-rankings tbody td").count() == 12
    summary = page.locator("#fig-saliency .ld-summary").inner_text()
    assert summary == "Token 4 ‘\xa04’: ‘\xa0keys’ (token\xa01) 50%, ‘\xa0The’ (token\xa00) 25%, ‘,’ (token\xa02) 20%."
    assert page.locator("#fig-watch .ld-series").count() == 2
    cell = page.locator("#fig-predictions tbody td").first
    cell.scroll_into_view_if_needed()
    expect(cell).to_have_text(re.compile(r"is\s*50%"), use_inner_text=True)  # once it is in view


def test_on_paper_scores_are_printed(open_page):
    page = open_page("kinds/")
    page.emulate_media(media="print")
    label = "t => getComputedStyle(t, '::before').content"
    assert token(page, 1).evaluate(label) == '"50%"'


def test_a_wide_grid_is_whole_on_paper(open_page):
    page = open_page("large/")
    page.emulate_media(media="print")
    assert figure(page, "fig-long").locator(".ld-frame").evaluate("f => getComputedStyle(f).overflow") == "visible"
    assert figure(page, "fig-long").locator("thead th").first.evaluate("t => getComputedStyle(t).position") == "static"


@pytest.mark.long
def test_a_grid_of_sixty_columns_fits_on_paper(open_page):
    page = open_page("large/", viewport={"width": A4 - MARGINS, "height": 1000})
    page.emulate_media(media="print")
    table = figure(page, "fig-long").locator(".ld-grid").bounding_box()
    assert table["x"] >= 0
    assert table["x"] + table["width"] <= A4 - MARGINS


def test_kinds_work_after_instant_navigation(open_page):
    page = open_page()
    until(page, "'location$' in window")
    page.evaluate("window.stayed = true")
    with turning(page, "**/kinds/"):
        page.get_by_role("link", name="kinds", exact=True).press("Enter")
    awake(page)
    for name in ("rankings", "watch", "predictions"):
        figure(page, f"fig-{name}").locator("tbody td").first.focus()
        page.keyboard.press("ArrowDown")
        expect(said(page, f"fig-{name}")).to_contain_text("Layer 1")
    page.mouse.move(*centre(token(page, 5)))
    assert shares(page) == SECOND
    assert page.evaluate("window.stayed") is True


def test_text_from_data_stays_text(open_page):
    page = open_page("kinds/")
    assert not page.locator("figure.ld b, figure.ld script").count()
    token(page, 6).hover()
    expect(said(page, "fig-saliency")).to_contain_text("‘ <b>’")
    assert not page.locator("figure.ld b").count()
