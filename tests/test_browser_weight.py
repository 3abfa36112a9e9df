"""What a page costs a reader: nothing moves when fonts arrive, and pages that instant navigation left are let go."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.browser
LATE = 0.7
"""Seconds by which fonts come late."""
MOST_SHIFT = 0.025
"""Measured at most 0.0233, at 390 px on the article of the tests; the aim is 0.02."""
TRIPS = 3
MOST_NODES, MOST_LISTENERS = 800, 40
"""Of ours, kept for each trip."""

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
    page.route("**/katex/**", lambda route: route.abort())  # a formula that is drawn is wider than its source
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


def kept(browser, site, *, scripts):
    """What each trip to another page and back leaves, with our script or without: the theme keeps pages that were left."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    if not scripts:
        page.route("**/lensdoc.*.js", lambda route: route.abort())
    page.goto(site)
    session = context.new_cdp_session(page)

    def trip():
        page.evaluate("[...document.querySelectorAll('article a')].find((a) => a.pathname.endsWith('/empty/')).click()")
        page.wait_for_selector("h1#empty", state="attached")
        page.evaluate("document.querySelector('.md-header a.md-logo').click()")
        page.wait_for_selector("#fig-two", state="attached")
        page.wait_for_timeout(200)

    trip()
    before = counted(session)
    for _ in range(TRIPS):
        trip()
    after = counted(session)
    context.close()
    return {name: (after[name] - before[name]) / TRIPS for name in before}


def test_pages_that_instant_navigation_left_are_let_go(browser, site):
    own, theme = kept(browser, site, scripts=True), kept(browser, site, scripts=False)
    assert own["nodes"] - theme["nodes"] <= MOST_NODES
    assert own["jsEventListeners"] - theme["jsEventListeners"] <= MOST_LISTENERS
