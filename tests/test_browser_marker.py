"""The frame around the cell of a table that is pointed at, in a real Chromium."""

from __future__ import annotations

import pytest
from chromium import figure, settle
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

FRAMED = """marker => {
  const {left, top} = marker.getBoundingClientRect(), {backgroundPosition, backgroundSize} = getComputedStyle(marker);
  const lengths = (all) => all.split(", ").map((one) => one.split(" ").map(parseFloat));
  const at = lengths(backgroundPosition), sizes = lengths(backgroundSize);
  return {x: left + at[0][0] + 2, y: top + at[0][1] + 2, width: sizes[0][0] - 4, height: sizes[2][1] - 4};
}"""
"""What the frame stands around, from two pixels beyond."""
OUTLINE = "cell => getComputedStyle(cell).outlineStyle"


@pytest.mark.parametrize(
    ("place", "name", "index"),
    [("kinds/", "fig-rankings", 1), ("large/", "fig-long", 719), ("tokens/", "fig-rtl-rankings", 0)],
    ids=["first", "scrolled", "rtl"],
)
def test_the_cell_that_is_pointed_at_is_framed_and_keeps_its_style(open_page, place, name, index):
    page = open_page(place, viewport={"width": 768, "height": 900})
    cell, marker = figure(page, name).locator("tbody td").nth(index), figure(page, name).locator(".ld-marker")
    expect(marker).to_be_hidden()
    cell.scroll_into_view_if_needed()
    cell.hover()
    expect(marker).to_be_visible()
    assert marker.evaluate(FRAMED) == pytest.approx(cell.bounding_box(), abs=1.1)
    # With a style of its own at the cell browsers would paint the whole table again.
    assert cell.evaluate(OUTLINE) == "none"
    page.mouse.move(2, 2)
    expect(marker).to_be_hidden()


def test_the_frame_follows_its_cell_as_the_window_becomes_narrower(open_page):
    page = open_page("kinds/", viewport={"width": 768, "height": 900})
    cell, marker = figure(page, "fig-watch").locator("tbody td").nth(3), figure(page, "fig-watch").locator(".ld-marker")
    cell.focus()
    before = marker.evaluate(FRAMED)
    page.set_viewport_size({"width": 400, "height": 900})
    settle(page)
    assert marker.evaluate(FRAMED) == pytest.approx(cell.bounding_box(), abs=1.1)
    assert marker.evaluate(FRAMED)["width"] != pytest.approx(before["width"], abs=2)


def test_a_cell_that_has_the_focus_stays_framed_while_another_is_pointed_at(open_page):
    page = open_page("kinds/", viewport={"width": 768, "height": 900})
    cells, marker = figure(page, "fig-rankings").locator("tbody td"), figure(page, "fig-rankings").locator(".ld-marker")
    page.keyboard.press("Tab")  # the reader uses keys
    cells.nth(0).focus()
    page.keyboard.press("ArrowRight")
    assert marker.evaluate(FRAMED) == pytest.approx(cells.nth(1).bounding_box(), abs=1.1)
    assert [cells.nth(i).evaluate(OUTLINE) for i in (0, 1)] == ["none", "none"]
    cells.nth(3).hover()
    assert marker.evaluate(FRAMED) == pytest.approx(cells.nth(3).bounding_box(), abs=1.1)
    assert [cells.nth(i).evaluate(OUTLINE) for i in (1, 3)] == ["solid", "none"]
    page.mouse.move(2, 2)
    assert marker.evaluate(FRAMED) == pytest.approx(cells.nth(1).bounding_box(), abs=1.1)
    assert cells.nth(1).evaluate(OUTLINE) == "none"


def test_the_frame_goes_below_the_heads_of_rows_as_the_table_scrolls(open_page):
    page = open_page("large/", viewport={"width": 768, "height": 900})
    cell, marker = figure(page, "fig-long").locator("tbody td").first, figure(page, "fig-long").locator(".ld-marker")
    head = figure(page, "fig-long").locator("tbody th").first
    cell.focus()
    figure(page, "fig-long").locator(".ld-frame").evaluate("frame => (frame.scrollLeft = 9)")
    settle(page)
    assert marker.evaluate(FRAMED) == pytest.approx(cell.bounding_box(), abs=1.1)
    box = head.bounding_box()
    assert marker.bounding_box()["x"] == pytest.approx(box["x"] + box["width"], abs=0.1)
