"""Tokens that were left out of a factorization, in a real Chromium."""

from __future__ import annotations

import pytest
from chromium import figure
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_token_that_was_left_out_says_so_and_shows_no_value(open_page):
    page = open_page("kinds/")
    shown = figure(page, "fig-left-out")
    said, token = shown.locator(".ld-live"), shown.locator(".ld-token").nth(3)
    token.hover()
    expect(said).to_contain_text("Token 3 ‘")
    expect(said).to_contain_text("’: left out of the factorization.")
    shown.locator(".ld-token").nth(4).hover()
    expect(said).to_contain_text("strongest in F1, activation 3.")
    page.mouse.move(5, 5)
    shown.locator(".ld-row").first.press("ArrowRight")
    expect(said).to_contain_text("Token 0 ‘")
    expect(said).to_contain_text("left out of the factorization.")
    assert "gradient" in token.evaluate("e => getComputedStyle(e).backgroundImage")


def test_sparklines_have_the_gap_that_the_page_had_without_scripts(open_page):
    paths = [
        [
            row.get_attribute("d")
            for row in figure(open_page("kinds/", java_script_enabled=on), "fig-left-out").locator(".ld-area").all()
        ]
        for on in (True, False)
    ]
    assert paths[0] == paths[1]
    assert paths[0][0].count("M") == 2
