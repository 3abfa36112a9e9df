"""Frames that scroll say so: what is cut off has a torn edge, in which nothing is paler than it is."""

from __future__ import annotations

import re

import pytest
from chromium import figure
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_frame_that_is_cut_is_torn_until_its_end_is_reached(open_page):
    sizes = {"viewport": {"width": 1000, "height": 900}}
    page, beside = open_page("large/", **sizes), open_page("kinds/", **sizes)
    cut, whole = figure(page, "fig-long").locator(".ld-frame").first, figure(beside, "fig-watch").locator(".ld-frame").first
    cut.scroll_into_view_if_needed()
    expect(cut).to_have_css("mask-image", re.compile("^conic-gradient"))
    cut.evaluate("f => f.scrollTo(f.scrollWidth, 0)")
    expect(cut).to_have_css("mask-image", "none")
    whole.scroll_into_view_if_needed()
    beside.wait_for_timeout(200)
    expect(whole).to_have_css("mask-image", "none")


def test_nothing_fades_on_paper(open_page):
    page = open_page("large/", viewport={"width": 1000, "height": 900})
    page.emulate_media(media="print")
    expect(figure(page, "fig-long").locator(".ld-frame").first).to_have_css("animation-name", "none")
