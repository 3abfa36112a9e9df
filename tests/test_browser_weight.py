"""What a page costs a reader: nothing moves when fonts arrive, and pages that instant navigation left are let go."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.browser
LATE = 0.7
"""Seconds by which fonts come late."""
MOST_SHIFT = 0.02
TRIPS = 20
MOST_NODES = 200

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const {value, hadRecentInput} of list.getEntries()) if (!hadRecentInput) window.shifts.push(value);
}).observe({type: "layout-shift", buffered: true});
"""


@pytest.mark.parametrize("width", [390, 768, 1024, 1440, 1920])
def test_nothing_moves_when_fonts_come_late(browser, site, width):
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(SHIFTS)
    late = []

    def wait(route):
        late.append(route.request.url)
        time.sleep(LATE / 3)  # they are asked for one by one
        route.continue_()

    page.route("**/assets/lensdoc/fonts/*.woff2", wait)
    page.goto(site)
    page.evaluate("document.fonts.ready.then(() => new Promise((resolve) => setTimeout(resolve, 300)))")
    assert len(late) >= 2
    assert sum(page.evaluate("window.shifts")) <= MOST_SHIFT
    context.close()


def counted(session):
    """Documents, nodes and listeners that a page holds, once what nothing refers to is collected."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    return session.send("Memory.getDOMCounters")


def test_pages_that_instant_navigation_left_are_let_go(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(site)
    session = context.new_cdp_session(page)

    def trip():
        page.evaluate("[...document.querySelectorAll('article a')].find((a) => a.pathname.endsWith('/empty/')).click()")
        page.wait_for_selector("h1#empty", state="attached")
        page.evaluate("document.querySelector('.md-header a.md-logo').click()")
        page.wait_for_selector("#fig-two .ld-row[role]", state="attached")

    for _ in range(3):
        trip()
    before = counted(session)
    for _ in range(TRIPS):
        trip()
    after = counted(session)
    kept = {name: after[name] - before[name] for name in before}
    print(kept)
    assert kept["nodes"] <= MOST_NODES
    assert kept["jsEventListeners"] <= TRIPS
    context.close()
