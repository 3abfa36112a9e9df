"""Folded templates, characters of several tokens, and texts from right to left, in a real Chromium."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from chromium import PAGE_OF, crosshair, figure, settle, shown, tool
from lxml import etree
from playwright.sync_api import expect
from test_browser_footers import saved

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"


def token(page, position, name):
    return figure(page, name).locator(".ld-token").nth(position)


def left(locator):
    return locator.bounding_box()["x"]


BOXES = """all => all.map(t => {
  const {left, right, top, width} = t.getClientRects()[0] ?? {};
  return {left, right, top, width};
})"""


def boxes(page, name, selector=".ld-token"):
    return figure(page, name).locator(selector).evaluate_all(BOXES)


def marks(page, name):
    return figure(page, name).locator(".ld-fold > button")


def test_a_fold_opens_and_closes_by_pointer_and_keys(open_page):
    page = open_page("tokens/")
    first = token(page, 0, "fig-chat")
    expect(first).to_be_hidden()
    marks(page, "fig-chat").first.click()
    expect(first).to_be_visible()
    expect(marks(page, "fig-chat").first).to_have_attribute("aria-expanded", "true")
    expect(token(page, 5, "fig-chat")).to_be_hidden()  # of the other fold
    marks(page, "fig-chat").first.press("Enter")
    expect(first).to_be_hidden()
    expect(marks(page, "fig-chat").first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Space")
    expect(first).to_be_visible()


@pytest.mark.sample(name=["fig-chat-factors"])
@pytest.mark.parametrize("name", ["fig-chat", "fig-chat-sequence", "fig-chat-factors", "fig-chat-watch"])
def test_every_figure_folds_the_template(open_page, name):
    page = open_page("tokens/")
    expect(marks(page, name)).to_have_count(2)
    hidden = figure(page, name).locator(".ld-folded")
    expect(hidden.first).to_be_hidden()
    marks(page, name).nth(1).click()
    expect(hidden.nth(1)).to_be_visible()
    expect(hidden.nth(0)).to_be_hidden()


def test_without_scripts_and_on_paper_the_template_stands_there(open_page):
    page = open_page("tokens/", java_script_enabled=False)
    expect(token(page, 0, "fig-chat")).to_be_visible()
    page = open_page("tokens/")
    page.emulate_media(media="print")
    expect(token(page, 0, "fig-chat")).to_be_visible()
    expect(marks(page, "fig-chat").first).to_have_text("⟨<s>user⏎ 3 template tokens 25%⟩")


def test_the_mark_says_the_sum_of_what_is_folded_for_each_target(open_page):
    page = open_page("tokens/")
    expect(marks(page, "fig-chat").nth(0)).to_contain_text("3 template tokens 25%")
    token(page, 9, "fig-chat").click()
    page.mouse.move(5, 5)
    settle(page)
    assert [mark.inner_text() for mark in marks(page, "fig-chat").all()] == [
        "⟨<s>user⏎ 3 template tokens 25%⟩",
        "⟨</s>bot⏎ 3 template tokens 0%⟩",
    ]
    assert shown(page, "fig-chat").startswith(
        "Token 9 ‘</s>’, pinned: ‘<s>’ (template token 0) 25%, ‘Two’ (token 3) 25%, ‘ <b>’ (token 4) 25%; "
        "6 template tokens together 25%."
    )
    token(page, 8, "fig-chat").click()
    page.mouse.move(5, 5)
    settle(page)
    expect(marks(page, "fig-chat").nth(1)).to_contain_text("3 template tokens 30%")


def test_keys_read_what_is_not_folded_and_tab_always_reaches_a_token(open_page):
    page = open_page("tokens/")
    tokens = figure(page, "fig-chat-sequence").locator(".ld-token")
    stop = figure(page, "fig-chat-sequence").locator(".ld-token[tabindex='0']")
    expect(stop).to_have_text("Two")
    stop.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tokens.nth(8)).to_be_focused()  # past the folded ones
    page.keyboard.press("Home")
    expect(tokens.nth(3)).to_be_focused()
    marks(page, "fig-chat-sequence").first.click()
    tokens.nth(3).focus()
    page.keyboard.press("ArrowLeft")
    expect(tokens.nth(2)).to_be_focused()
    assert "Template token 2 ‘⏎’" in shown(page, "fig-chat-sequence")
    marks(page, "fig-chat-sequence").first.click()
    expect(stop).to_have_count(1)
    expect(stop).to_be_visible()
    page.keyboard.press("End")
    assert marks(page, "fig-chat-sequence").first.get_attribute("aria-label").endswith(", folded")


def test_a_place_in_a_fold_is_read_out_and_its_mark_is_framed(open_page):
    page = open_page("tokens/")
    row = figure(page, "fig-chat-factors").locator(".ld-row svg")
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    assert "F1. Template token 0 ‘<s>’: activation 4." in shown(page, "fig-chat-factors")
    assert figure(page, "fig-chat-factors").locator(".ld-fold[data-current]").count() == 1


def test_a_character_of_several_tokens_stands_in_one_frame_and_says_its_parts(open_page):
    page = open_page("tokens/")
    frame = figure(page, "fig-parts").locator(".ld-character").first
    assert frame.evaluate("f => getComputedStyle(f).outlineStyle") == "solid"
    assert [t.inner_text() for t in frame.locator(".ld-token").all()] == ["हि", "·", "·"]
    token(page, 3, "fig-parts").click()
    page.mouse.move(5, 5)
    assert shown(page, "fig-parts").startswith("Token 3 ‘ \N{FAMILY}’ ") or "bytes" in shown(page, "fig-parts")
    assert "‘हि’ (bytes E0 A4, part 1 of 3) (token 0) 50%" in shown(page, "fig-parts")
    assert "U+202E right-to-left override" in figure(page, "fig-parts").locator(".ld-tokens").inner_text()


GAPS = """all => all.map(t => {
  const style = getComputedStyle(t);
  return [style.display, style.paddingInline, style.marginInline, style.borderInlineWidth];
})"""


def test_letters_of_joined_scripts_have_nothing_between_them(open_page):
    page = open_page("tokens/")
    assert figure(page, "fig-rtl").locator(".ld-token").evaluate_all(GAPS) == [["inline", "0px", "0px", "0px"]] * 5


@pytest.mark.parametrize("name", ["fig-rtl", "fig-rtl-factors", "fig-rtl-sequence"])
def test_tokens_run_from_right_to_left(open_page, name):
    page = open_page("tokens/")
    first, second, third = boxes(page, name)[:3]
    assert first["left"] >= second["right"] - 1 > second["left"] >= third["right"] - 1


def test_a_sparkline_runs_from_right_to_left_with_its_axis_and_keys(open_page):
    page = open_page("tokens/")
    name = "fig-rtl-factors"
    row = figure(page, name).locator(".ld-row").nth(1)
    row.scroll_into_view_if_needed()
    box = row.locator("svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2)
    assert "F2. Token 0 " in shown(page, name)
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    assert "F2. Token 1 ‘\u2068\N{HEBREW LETTER LAMED}\u2069’: activation 4" in shown(page, name)
    at = (
        figure(page, name)
        .locator(".ld-cursor")
        .evaluate("e => e.getBoundingClientRect().x + (e.offsetWidth - 1) * parseFloat(e.style.backgroundPositionX) / 100")
    )
    assert at == pytest.approx(box["x"] + 0.8 * box["width"], abs=2)
    peak, frame = row.locator(".ld-area").evaluate(
        "p => [p.getPointAtLength(0), p.ownerSVGElement.getBoundingClientRect()].map(o => ({x: o.x, width: o.width})) && "
        "[p.getScreenCTM().e, p.ownerSVGElement.getBoundingClientRect().right]"
    )
    assert peak == pytest.approx(frame, abs=1)  # the first token's place is the right end
    ends = boxes(page, name, ".ld-axis > span")
    assert ends[0]["left"] > ends[1]["right"]
    beyond = figure(page, name).locator(".ld-row").first.locator(".ld-beyond").bounding_box()
    assert beyond["x"] + beyond["width"] / 2 == pytest.approx(box["x"] + box["width"], abs=2)
    page.mouse.move(5, 5)
    row.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert "Token 1 " in shown(page, name)
    page.keyboard.press("ArrowRight")
    assert "Token 0 " in shown(page, name)


def test_columns_of_a_grid_run_from_right_to_left_with_their_keys(open_page):
    page = open_page("tokens/")
    cells = figure(page, "fig-rtl-rankings").locator("tbody tr").first.locator("th, td")
    places = [left(cell) for cell in cells.all()]
    assert places == sorted(places, reverse=True)
    cells.nth(1).focus()
    page.keyboard.press("ArrowLeft")
    assert "(token 2): rank 31" in shown(page, "fig-rtl-rankings")
    page.keyboard.press("ArrowRight")
    assert "(token 1): rank 900" in shown(page, "fig-rtl-rankings")


def test_a_heatmap_runs_from_right_to_left_and_reads_the_value_that_it_shows(open_page):
    page = open_page("heatmaps/")
    name = "fig-rtl-activations"
    plot = figure(page, name).locator(".ld-plot")
    box = plot.bounding_box()
    column = box["width"] / 6
    plot.hover(position={"x": box["width"] - column / 2, "y": box["height"] / 4})
    assert re.search(r"neuron 0: 1(\.0\d*)? on token 0 ", shown(page, name))
    plot.hover(position={"x": column / 2, "y": 3 * box["height"] / 4})
    assert re.search(r"neuron 1: 0\.25\d* on token 5 ", shown(page, name))
    assert crosshair(plot)[0] == pytest.approx([0, column - 1], abs=1)
    heads = boxes(page, name, ".ld-head")
    assert [head["left"] for head in heads] == sorted((head["left"] for head in heads), reverse=True)
    edge = figure(page, name).locator(".ld-edge").bounding_box()
    assert edge["x"] == pytest.approx(box["x"] + box["width"] - 3 * column, abs=3)
    plot.focus()
    page.mouse.move(5, 5)
    page.keyboard.press("ArrowLeft")
    assert "on token 1 " in shown(page, name)


LABELS = """all => all.map(t => {
  const label = getComputedStyle(t, "::before"), {paddingRight} = getComputedStyle(t);
  return [t.getClientRects()[0].right - parseFloat(paddingRight) - parseFloat(label.marginRight), parseFloat(label.width)];
})"""


def test_labels_of_tokens_from_right_to_left_do_not_cover_each_other(open_page):
    page = open_page("tokens/")
    tool(page, "labels", "fig-rtl").click()
    found = figure(page, "fig-rtl").locator(".ld-token[data-share]").evaluate_all(LABELS)
    for (right, width), (following, _) in pairwise(found):
        assert right - width >= following - 1


@pytest.mark.sample(name=["fig-rtl"])
@pytest.mark.parametrize("name", ["fig-chat", "fig-parts", "fig-rtl", "fig-rtl-factors", "fig-rtl-activations"])
def test_what_is_saved_says_what_the_page_shows(open_page, name):
    page = open_page(f"{PAGE_OF[name.removeprefix('fig-')]}/")
    tree = etree.fromstring(saved(page, name).encode())
    texts = [text for text in tree.itertext() if text.strip()]
    if name == "fig-chat":
        assert any("3 template tokens" in text for text in texts)
        assert "user" not in texts
    if name == "fig-parts":
        assert "हि" in texts
        assert texts.count("·") == 2
        assert any("\N{FAMILY}" in text for text in texts)
    if name == "fig-rtl":
        places = {text.text: float(text.get("x")) for text in tree.iter(f"{SVG}text")}
        page_places = dict(
            zip([t.inner_text() for t in figure(page, name).locator(".ld-token").all()], boxes(page, name), strict=True)
        )
        found = [places["\N{HEBREW LETTER SHIN}"], places["\N{HEBREW LETTER LAMED}"]]
        true = [page_places["\N{HEBREW LETTER SHIN}"]["left"], page_places["\N{HEBREW LETTER LAMED}"]["left"]]
        assert found[0] - found[1] == pytest.approx(true[0] - true[1], abs=1)
    if name == "fig-rtl-factors":
        assert len([g for g in tree.iter(f"{SVG}g") if "scale(-1 1)" in (g.get("transform") or "")]) == 2
    if name == "fig-rtl-activations":
        (image,) = tree.iter(f"{SVG}image")
        assert "scale(-1 1)" in image.get("transform")
