"""The frame around the cell of a table that is pointed at, in a real Chromium."""

from __future__ import annotations

import pytest
from chromium import figure, settle
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


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
    box = cell.bounding_box()
    assert marker.bounding_box() == pytest.approx(box, abs=0.6)
    # With a style of its own at the cell browsers would paint the whole table again.
    assert cell.evaluate("cell => getComputedStyle(cell).outlineStyle") == "none"
    page.mouse.move(2, 2)
    expect(marker).to_be_hidden()


def test_the_frame_follows_its_cell_as_the_window_becomes_narrower(open_page):
    page = open_page("kinds/", viewport={"width": 768, "height": 900})
    cell, marker = figure(page, "fig-watch").locator("tbody td").nth(3), figure(page, "fig-watch").locator(".ld-marker")
    cell.focus()
    before = marker.bounding_box()
    page.set_viewport_size({"width": 400, "height": 900})
    settle(page)
    assert marker.bounding_box() == pytest.approx(cell.bounding_box(), abs=0.6)
    assert marker.bounding_box()["width"] != pytest.approx(before["width"], abs=2)
