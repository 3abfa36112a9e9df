"""Figures use the room that they have: lines beside a text, panels, charts and tables beside each other, heads, and paper."""

from __future__ import annotations

import pytest
from chromium import figure, frame, row
from test_browser_phone import PHONE, SMALL, SMALLEST

pytestmark = pytest.mark.browser
WIDE = {"viewport": {"width": 1440, "height": 900}}
RIGHT = "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
PRINTED = "all => all.filter(e => e.checkVisibility()).map(e => e.textContent)"


def box(page, name, part):
    return figure(page, name).locator(part).first.bounding_box()


def test_a_short_text_stands_below_its_lines_which_have_the_whole_width(open_page):
    page = open_page("kinds/", **WIDE)
    lines, text = box(page, "fig-spikes", ".ld-sparklines"), box(page, "fig-spikes", ".ld-panels > :last-child")
    assert text["y"] >= lines["y"] + lines["height"]
    assert lines["width"] == figure(page, "fig-spikes").bounding_box()["width"]


@pytest.mark.parametrize(("path", "name"), [("cases/", "fig-f10"), ("long/", "fig-long")])
def test_a_long_text_leaves_room_for_the_lines_and_stays_in_its_figure(open_page, path, name):
    page = open_page(path, **WIDE)
    whole, lines = figure(page, name).bounding_box(), box(page, name, ".ld-sparklines")
    text = figure(page, name).locator(".ld-tokens").bounding_box()
    assert lines["width"] >= 0.3 * whole["width"]
    assert text["x"] + text["width"] <= whole["x"] + whole["width"] + 3  # as far as outlines of tokens reach
    right = (
        figure(page, name).locator(".ld-token").evaluate_all("all => Math.max(...all.map(t => t.getBoundingClientRect().right))")
    )
    assert right <= whole["x"] + whole["width"] + 3


@pytest.mark.parametrize("width", [600, 768])
def test_charts_of_two_texts_stand_below_each_other_before_their_letters_are_small(open_page, width):
    page = open_page("kinds/", viewport={"width": width, "height": 900})
    frame(page)
    assert [found for found in page.evaluate(SMALL, SMALLEST - 0.05) if "watch" in found] == []


def test_heads_of_one_character_stay_upright_where_words_run_upwards(open_page):
    page = open_page("heatmaps/", **WIDE)
    heads = page.locator(".ld-turned .ld-word")
    found = heads.evaluate_all("all => all.map(e => [e.textContent.trim(), getComputedStyle(e).writingMode.slice(0, 10)])")
    assert {len(text) == 1 for text, _ in found} == {True, False}
    assert all((mode == "horizontal") == (len(text) == 1) for text, mode in found), found


def test_on_phones_the_words_of_a_factorization_stand_beside_its_tables(open_page):
    page = open_page("kinds/", **PHONE)
    parts = figure(page, "fig-decomposition").locator(".ld-matrix")
    places = parts.evaluate_all(
        """all => all.map(e => [e.querySelector("svg").getBoundingClientRect().right,
                                 e.querySelector(".ld-what").getBoundingClientRect().left, e.getBoundingClientRect().width])"""
    )
    assert len(places) == 3
    assert all(picture < words < 200 for picture, words, _ in places), places


def test_what_is_cut_off_at_the_edge_of_a_table_fades(open_page):
    page = open_page("kinds/")
    assert figure(page, "fig-table").locator(".ld-scroll").evaluate("e => getComputedStyle(e).animationName") == "ld-more"


def test_predictions_are_legible_on_paper(open_page):
    page = open_page("deep/")
    page.emulate_media(media="print")
    first = figure(page, "fig-deep-predictions").locator("tbody tr").first.locator("td")
    assert len(first.evaluate_all(PRINTED)) == 5
    assert first.first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 12
    assert "On paper: the first 5 of " in figure(page, "fig-deep-predictions").locator(".ld-summary").inner_text()


def test_paper_invites_nobody_to_press(open_page):
    page = open_page()
    name = row(page, 1).locator(".ld-name")
    name.evaluate("e => { e.dataset.invites = ''; e.closest('figure').classList.add('ld-hero'); }")
    assert name.evaluate("e => getComputedStyle(e).outlineStyle") == "dashed"
    page.emulate_media(media="print")
    assert name.evaluate("e => getComputedStyle(e).outlineStyle") == "none"
