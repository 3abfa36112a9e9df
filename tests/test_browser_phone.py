"""Figures on a phone: what a tap changes is in view, targets are large enough, and no text is too small; many factors."""

from __future__ import annotations

import pytest
from chromium import figure, frame, row, settle, still
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
SMALLEST = 11
"""Pixels of letters, as they are seen."""
TARGET = 24
"""Pixels of what is tapped."""

SMALL = """least => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = new Set();
  for (let node; (node = walk.nextNode());) {
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility() || !parent.closest("figure")) continue;
    if (parent.closest("script, style, noscript, template, .ld-unseen")) continue;
    const matrix = parent.closest("svg") ? parent.getScreenCTM() : null;
    const size = parseFloat(getComputedStyle(parent).fontSize) * (matrix ? Math.hypot(matrix.a, matrix.b) : 1);
    const where = `${parent.closest("figure").id} ${parent.tagName}.${parent.getAttribute("class")}`;
    if (size < least) found.add(`${where} ${size.toFixed(2)}`);
  }
  return [...found];
}"""
LOW = """least => [
  ...document.querySelectorAll("figure :is(button, a, input, summary, [role=button], [role=slider])")
].filter((e) => {
  const {height, width} = e.getBoundingClientRect();
  // In the line of a text, and one of several that the arrow keys reach, a target may be smaller (WCAG 2.5.8).
  return e.checkVisibility() && height && Math.min(height, width) < least && !e.closest(".ld-tokens, figcaption, p, th, td, li");
}).map((e) => `${e.closest("figure").id} ${e.outerHTML.slice(0, 80)}`)"""


def strip(page, name):
    return figure(page, name).locator(".ld-strip")


def test_the_line_that_is_tapped_stays_above_the_text_that_it_tints(open_page):
    page = open_page("cases/", **PHONE)
    strip(page, "fig-f10").wait_for(state="attached")  # the script has taken the figure over
    expect(strip(page, "fig-f10")).to_be_hidden()
    row(page, 3, "fig-f10").scroll_into_view_if_needed()
    still(page)  # a tap lands where the line was when it was looked for
    row(page, 3, "fig-f10").tap()
    settle(page)
    expect(strip(page, "fig-f10")).to_be_in_viewport()
    expect(strip(page, "fig-f10").locator(".ld-name")).to_have_text("F3")
    assert figure(page, "fig-f10").locator(".ld-tokens").bounding_box()["y"] < 0.75 * 844
    page.evaluate("scrollBy({top: 700, behavior: 'instant'})")
    settle(page)
    box = strip(page, "fig-f10").bounding_box()
    assert 40 <= box["y"] <= 60  # directly below the header
    strip(page, "fig-f10").get_by_role("button", name="Next line").tap()
    expect(strip(page, "fig-f10").locator(".ld-name")).to_have_text("F4")
    expect(row(page, 4, "fig-f10")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(strip(page, "fig-f10")).to_be_hidden()


def test_beside_the_text_the_lines_themselves_are_in_view(open_page):
    page = open_page("cases/", viewport={"width": 1440, "height": 900})
    row(page, 3, "fig-f10").click()
    expect(row(page, 3, "fig-f10")).to_have_attribute("aria-pressed", "true")
    expect(strip(page, "fig-f10")).to_be_hidden()


@pytest.mark.sample(path=["kinds/"])
@pytest.mark.parametrize("path", ["", "kinds/", "drives/", "heatmaps/"])
def test_no_letters_in_figures_are_smaller_than_11_px(open_page, path):
    page = open_page(path, **PHONE)
    settle(page)
    assert page.evaluate(SMALL, SMALLEST - 0.05) == []


@pytest.mark.sample(path=["kinds/"])
@pytest.mark.parametrize("path", ["", "kinds/", "drives/"])
def test_targets_are_at_least_24_px_high(open_page, path):
    page = open_page(path, **PHONE)
    settle(page)
    assert page.evaluate(LOW, TARGET - 0.5) == []


def colours(page, number):
    frame(page)
    return row(page, number, "fig-eleven").locator(".ld-area").evaluate("e => getComputedStyle(e).stroke")


def test_of_more_factors_than_hues_one_has_its_hue_while_it_is_chosen(open_page):
    page = open_page("kinds/")
    assert all(colours(page, number).startswith("oklch(0.5 0 ") for number in range(1, 12))
    tokens = (
        figure(page, "fig-eleven").locator(".ld-token").evaluate_all("all => all.map(t => getComputedStyle(t).backgroundColor)")
    )
    assert all(" 0 " in colour or colour == "rgba(0, 0, 0, 0)" for colour in tokens), tokens
    grey = colours(page, 2)
    row(page, 2, "fig-eleven").click()
    settle(page)
    assert colours(page, 2) != grey
    assert colours(page, 3).startswith("oklch(0.5 0 ")
    tinted = (
        figure(page, "fig-eleven").locator(".ld-token").evaluate_all("all => all.map(t => getComputedStyle(t).backgroundColor)")
    )
    assert any("0.12" in colour for colour in tinted), tinted
    page.keyboard.press("Escape")
    settle(page)
    assert colours(page, 2) == grey


def test_the_factor_that_an_author_chose_is_alone_until_the_reader_takes_it_back(open_page):
    page = open_page("kinds/")
    frame(page)
    line, summary = row(page, 2, "fig-chosen"), figure(page, "fig-chosen").locator(".ld-summary")
    expect(line).to_have_attribute("aria-pressed", "true")
    expect(summary).to_contain_text("F2, pinned: strongest on token 1")
    assert "#" not in page.url
    expect(figure(page, "fig-chosen").locator(".ld-strip")).to_be_hidden()
    line.click()
    expect(line).to_have_attribute("aria-pressed", "false")
    expect(summary).to_contain_text("Tint: a token's strongest factor")
    row(page, 1, "fig-chosen").click()
    page.keyboard.press("Escape")
    expect(line).to_have_attribute("aria-pressed", "true")


ADDED = """html => {
  document.querySelector("article").insertAdjacentHTML("afterbegin", html);
  return document.querySelector("article").firstElementChild.scrollIntoView();
}"""


def test_the_button_that_copies_code_lies_on_no_line_until_the_code_is_used(open_page):
    page = open_page(viewport=PHONE["viewport"])
    page.evaluate(ADDED, "<pre><nav class='md-code__nav'><button>Copy</button></nav><code>code</code></pre>")
    shown = "getComputedStyle(document.querySelector('article nav')).opacity"
    page.mouse.move(0, 800)
    assert page.evaluate(shown) == "0"
    page.locator("article > pre").hover()
    assert page.evaluate(shown) == "1"
    page.mouse.move(0, 800)
    page.locator("article > pre button").focus()
    assert page.evaluate(shown) == "1"


def test_names_in_narrow_columns_of_a_table_are_not_broken_within(open_page):
    page = open_page(**PHONE)
    cells = "".join(f"<td><code>{name}</code></td>" for name in ("probabilities",) * 4)
    page.evaluate(ADDED, f"<table><tbody><tr>{cells}</tr></tbody></table>")
    assert page.locator("article > table code").evaluate_all("all => all.map((code) => code.getClientRects().length)") == [1] * 4
