"""Pages of executed notebooks in a real Chromium: figures alive, nothing that an output brings runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import SCHEMES, frame, settle, until, visits
from executed import VECTORS
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

FIRST = "analyses/count/first/"


@pytest.fixture
def open_executed(browser, executed_site):
    """Opens a page of the article; console messages, dialogs and other hosts fail the test."""
    yield from visits(browser, executed_site)


def tints(page):
    frame(page)
    return page.locator("lens-factors .ld-token").evaluate_all("all => all.map(t => getComputedStyle(t).backgroundColor)")


def alive(page):
    before = tints(page)
    page.locator("lens-factors .ld-row").nth(1).hover()
    settle(page)
    assert tints(page) != before
    page.mouse.move(0, 0)


def test_figures_are_alive(open_executed):
    page = open_executed(FIRST)
    alive(page)
    page.locator("lens-sequence .ld-token[tabindex='0']").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("lens-sequence .ld-readout")).to_contain_text("Token 1")
    page.locator("lens-rankings tbody td").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("lens-rankings .ld-live")).to_contain_text("Layer 1")
    page.locator("lens-factors .ld-token").last.hover()
    ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_instant_navigation_and_back_keep_figures_alive(open_executed):
    page = open_executed()
    until(page, "'location$' in window")  # the theme listens to links once its script has run
    page.evaluate("window.stayed = true")
    alive(page)
    page.get_by_role("link", name="an analysis").click()
    page.wait_for_url(f"**/{FIRST}")
    expect(page.locator(".ld-cell")).to_have_count(7)
    alive(page)
    assert page.locator(".ld-output").first.evaluate("e => getComputedStyle(e).borderInlineStartStyle") == "solid"
    page.locator(".ld-run a", has_text="Article").click()
    until(page, "location.hash === '#fig-first'")
    alive(page)
    page.go_back()
    page.wait_for_url(f"**/{FIRST}")
    expect(page.locator(".ld-cell")).to_have_count(7)
    alive(page)
    assert page.evaluate("window.stayed") is True


@pytest.mark.parametrize("javascript", [True, False])
def test_nothing_that_an_output_brings_runs(open_executed, javascript):
    page = open_executed("analyses/hostile/", java_script_enabled=javascript)
    article = page.locator("article")
    assert article.locator("script, style, iframe, form, button, input, svg, math, lens-factors, figure").count() == 0
    if javascript:
        handlers = "all => all.flatMap(e => [...e.attributes].filter(a => /^on|^style$/.test(a.name)).map(a => a.name))"
        assert article.locator("*").evaluate_all(handlers) == []
    # What is never closed takes the rest of its own cell or output with it, and of no other.
    unclosed = [vector for vector in VECTORS if vector.startswith(("<math", "<noscript", "<!--", "<plaintext"))]
    assert article.locator("b", has_text="shown").count() == 3 * (len(VECTORS) - len(unclosed))
    assert article.get_by_text("red", exact=True).count() == 1
    for link in article.locator("a:not(.headerlink)").all():
        link.hover()
    for image in article.locator("img").all():
        assert image.get_attribute("alt") == "Output of cell 1"


def test_the_check_sees_what_runs(open_executed):
    page = open_executed("analyses/hostile/")
    page.evaluate("setTimeout(() => alert(1))")
    page.wait_for_timeout(300)
    assert any("dialog: 1" in trouble for trouble in open_executed.trouble)
    open_executed.trouble.clear()


@pytest.mark.sample(scheme=["light"])
@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_long_lines_scroll_in_their_box(open_executed, width, scheme):
    page = open_executed(FIRST, viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    long = page.locator(".ld-output pre > code", has_text="xxxxx")
    assert long.evaluate("e => e.scrollWidth > e.clientWidth")
    assert page.evaluate(
        "document.querySelector('.ld-cell .kn') && getComputedStyle(document.querySelector('.ld-cell .kn')).color"
    ) != (page.locator(".ld-cell code").first.evaluate("e => getComputedStyle(e).color"))


def test_paper_shows_whole_lines(open_executed):
    page = open_executed(FIRST, color_scheme="dark")
    page.emulate_media(media="print")
    long = page.locator(".ld-output pre > code", has_text="xxxxx")
    assert long.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.long
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", [FIRST, "analyses/hostile/"])
def test_axe_finds_nothing_in_the_cells(open_executed, scheme, path):
    page = open_executed(path, color_scheme=scheme)
    page.wait_for_timeout(300)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('.ld-notebook', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]]) for v in found] == []
