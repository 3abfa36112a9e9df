"""What a page costs a reader: nothing moves when fonts arrive, and pages that instant navigation left are let go."""

from __future__ import annotations

import re
import time

import pytest
from chromium import still, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
LATE = 0.7
"""Seconds by which fonts come late."""
MOST_SHIFT, MOST_LATE_SHIFT = 0.02, 0.025
"""As fonts come in their time, and where they come late: that was 0.0233 at 390 px on the article of the tests."""
MOST_ELEMENTS, MOST_STOPS = 4500, 250
"""Of the article, as it is loaded, and as the Tab key goes through it."""
MOST_DRAWN = 1000
"""Elements that are styled and laid out as the article is loaded; the rest is out of view."""
MOST_PARTS = 100
"""Parts of the article that browsers skip out of view: each move of the pointer asks all, of 232 it took a seventh longer."""
DRAWN = "[...document.querySelectorAll('*')].filter((one) => one.checkVisibility({contentVisibilityAuto: true})).length"
WIDTHS = [390, 768, 1024, 1440, 1920]
MOST_NODES = 200
"""Of ours, kept by all trips together; of listeners none."""

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const {value, hadRecentInput} of list.getEntries()) if (!hadRecentInput) window.shifts.push(value);
}).observe({type: "layout-shift", buffered: true});
"""


SWITCHING = """
window.switched = [];
new MutationObserver((all) => {
  for (const {oldValue} of all) window.switched.push(oldValue);
}).observe(document, {subtree: true, attributeFilter: ["data-md-color-switching"], attributeOldValue: true});
"""
"""What the theme's mark was before each time that it was set or taken off: where there was none all elements are styled anew."""


@pytest.fixture
def opened(browser, own_site):
    """Opens this repository's article as a reader does, at a width, and hands over what moved."""
    contexts = []

    def visit(width, path=""):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}))
        page = contexts[-1].new_page()
        page.add_init_script(SHIFTS + SWITCHING)
        page.goto(own_site + path, wait_until="networkidle")
        page.evaluate("document.fonts.ready.then(() => new Promise((resolve) => setTimeout(resolve, 300)))")
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [390, *(pytest.param(width, marks=pytest.mark.long) for width in (768, 1024, 1440)), 1920])
def test_the_article_is_light_and_stands_still(opened, figure, width):
    page = opened(width)
    elements, moved = page.evaluate("[document.querySelectorAll('*').length, window.shifts.reduce((a, b) => a + b, 0)]")
    drawn = page.evaluate(DRAWN)
    figure(
        f"article at {width} px: {elements} elements (at most {MOST_ELEMENTS}), of them {drawn} drawn at load (at most"
        f" {MOST_DRAWN}), layout shift {moved:.4f} (at most {MOST_SHIFT})"
    )
    assert elements <= MOST_ELEMENTS
    assert drawn <= MOST_DRAWN
    assert moved <= MOST_SHIFT
    parts = page.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).contentVisibility === 'auto').length"
    )
    figure(f"article at {width} px: {parts} parts that are laid out near the view (at most {MOST_PARTS})")
    assert 50 < parts <= MOST_PARTS


@pytest.mark.parametrize(
    ("path", "width"),
    [
        ("explorables/saliency/", 390),
        ("gallery/", 768),
        *(
            pytest.param(path, width, marks=pytest.mark.long)
            for path in ("paris/", "gallery/", "architectures/", "guide/tutorial/", "explorables/saliency/")
            for width in WIDTHS
        ),
    ],
)
def test_other_pages_stand_still(opened, figure, path, width):
    page = opened(width, path)
    elements, moved = page.evaluate("[document.querySelectorAll('*').length, window.shifts.reduce((a, b) => a + b, 0)]")
    figure(f"{path} at {width} px: {elements} elements, layout shift {moved:.4f} (at most {MOST_SHIFT})")
    assert moved <= MOST_SHIFT


NEXT = """(() => {
  const here = document.activeElement;
  if (here === document.body || here.wasHere) return false;
  return here.wasHere = true;
})()"""


@pytest.mark.long
@pytest.mark.parametrize("path", ["", "paris/"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_tab_key_goes_through_an_article(opened, figure, width, path):
    page, stops = opened(width, path), -1
    while stops <= 2 * MOST_STOPS and (stops < 0 or page.evaluate(NEXT)):
        page.keyboard.press("Tab")
        stops += 1
    figure(f"{path or 'article'} at {width} px: {stops} stops of the Tab key (at most {MOST_STOPS})")
    assert page.evaluate("scrollY") > page.evaluate("document.documentElement.scrollHeight / 2")  # it went through
    assert stops <= MOST_STOPS


def test_steps_of_a_figure_move_nothing_on_a_tablet(opened):
    page = opened(768, "gallery/")
    place = "document.querySelector('.ld-steps').getBoundingClientRect().top + scrollY"
    page.evaluate(f"scrollTo(0, {place} - 400)")
    until(page, "!document.querySelector('[data-waits]')")  # what is made after a jump moves, on a busy machine later
    page.evaluate(f"scrollTo(0, {place} - 400)")
    still(page)
    page.evaluate("window.shifts.length = 0")
    chosen = set()
    for _ in range(12):
        page.mouse.wheel(0, 200)
        page.wait_for_timeout(100)
        chosen |= set(
            page.locator(".ld-steps .ld-row[aria-pressed='true']").evaluate_all("all => all.map(e => e.dataset.factor)")
        )
    assert chosen  # steps have led the figure into their states
    assert sum(page.evaluate("window.shifts")) <= MOST_SHIFT / 4


def test_far_figures_wait_and_are_made_when_the_reader_does_something(opened):
    page = opened(1440)
    waits = page.locator("[data-waits] > .ld-waits")
    assert waits.count() >= 5
    page.keyboard.press("Shift")
    until(page, "!document.querySelector('[data-waits], .ld-waits')")


def test_the_keyboard_reaches_frames_of_drawings_that_wait(opened):
    page = opened(1440, "analyses/hidden-states/")
    stops = page.evaluate("[...document.querySelectorAll('[data-waits] .ld-frame')].map((frame) => frame.tabIndex)")
    assert set(stops) == {0}
    page.keyboard.press("Shift")
    until(page, "!document.querySelector('[data-waits]')")
    assert page.locator(".ld-frame[tabindex]").count() == 0  # cells are stops now


@pytest.mark.sample(width=[390])
@pytest.mark.parametrize(("width", "place"), [(390, "sec-attention"), (1440, "sec-fact")])
def test_a_link_leads_to_its_place_though_figures_before_it_are_made_then(opened, width, place):
    page = opened(width)
    page.evaluate("id => document.querySelector(`a[href$='#${id}']`).click()", place)
    until(page, "!document.querySelector('[data-waits]')")
    until(page, f"Math.abs(document.getElementById('{place}').getBoundingClientRect().top - 68) < 4")
    page.wait_for_timeout(300)
    assert abs(page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", place) - 68) < 4


BEFORE = """place => {
  const found = [];
  let part = document.getElementById(place), room = 2.5 * innerHeight;
  while (room > 0 && (part = part.previousElementSibling)) {
    const {height} = part.getBoundingClientRect();
    room -= height;
    found.push([`${part.localName} ${part.id} ${part.textContent.trim().slice(0, 20)}`, Math.round(height)]);
  }
  return found;
}"""
"""What stands in two and a half screens before a place, and how high it is or is taken to be."""


def led(page, place):
    """Let a link of the contents lead to a place, and the page come to rest there."""
    page.evaluate("id => document.querySelector(`a[href$='#${id}']`).click()", place)
    until(page, f"Math.abs(document.getElementById('{place}').getBoundingClientRect().top - 68) < 4")
    until(page, "!document.querySelector('[style*=content-visibility]')")  # the place is held no more
    still(page)


def test_the_contents_mark_the_section_to_which_they_led(opened):
    page = opened(1440)  # its band stands above the columns
    led(page, "sec-attention")
    expect(page.locator(".md-sidebar--secondary .md-nav__link--active")).to_have_attribute("href", re.compile("#sec-attention$"))


def test_what_stands_before_a_place_has_its_true_height_once_a_link_led_there(opened):
    page, place = opened(1440), "sec-ones"
    led(page, place)
    taken = page.evaluate(BEFORE, place)
    page.evaluate("""() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("figure, .ld-section { content-visibility: visible !important; }");
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }""")
    high = dict(map(tuple, page.evaluate(BEFORE, place)))
    assert len(taken) > 2
    wrong = [(name, height, high[name]) for name, height in taken if abs(height - high.get(name, height)) > 2]
    assert not wrong, wrong


IN_VIEW = """() => {
  const parts = [...document.querySelectorAll(".md-content__inner :is(h2, h3, .ld-section > p)")];
  const top = (part) => part.getBoundingClientRect().top;
  window.seen = parts.find((part) => top(part) > 70 && top(part) < innerHeight - 320);
  return window.seen ? top(window.seen) : null;
}"""


@pytest.mark.sample(width=[1440])
@pytest.mark.parametrize(("width", "place"), [(390, "sec-list"), (1440, "sec-ones")])
def test_text_stands_still_while_the_reader_goes_back_from_where_a_link_led(opened, width, place):
    page = opened(width)
    led(page, place)
    page.mouse.move(width / 2, 450)
    moves = []
    for _ in range(12):
        before = page.evaluate(IN_VIEW)
        page.mouse.wheel(0, -300)
        still(page, seconds=0.3)
        if before is not None:
            moves.append(round(page.evaluate("seen.getBoundingClientRect().top") - before))
    assert len(moves) > 4
    assert {move for move in moves if min(move % 300, -move % 300) > 2} == set(), moves  # a wheel may be late, or two come as one


LED = """(() => {
  const waits = (a) => document.getElementById(a.hash.slice(1).split(":")[0])?.querySelector("[data-waits] > .ld-waits");
  const link = [...document.querySelectorAll("a[data-state]")].find(waits);
  const id = link.hash.slice(1).split(":")[0];
  link.click();
  return [id, link.dataset.state];
})()"""


def test_a_figure_that_waits_is_made_where_an_address_or_a_link_leads(opened, own_site):
    page = opened(1440)
    name, state = page.evaluate(LED)
    expect(page.locator(f"#{name} [data-kept]")).to_be_in_viewport(timeout=20_000)
    expect(page.locator(f"#{name} .ld-waits")).to_have_count(0)
    page.goto("about:blank")
    page.goto(f"{own_site}#{name}:{state}")
    expect(page.locator(f"#{name} [data-kept]")).to_be_in_viewport(timeout=20_000)


@pytest.mark.sample(group=[".ld-choice"])
@pytest.mark.parametrize("group", ["p:has(.ld-cite ~ .ld-cite)", ".ld-choice", "lens-table thead"])
def test_what_stands_together_is_one_stop(opened, group):
    page = opened(1440)
    page.keyboard.press("Shift")  # figures that wait are made
    until(page, "!document.querySelector('[data-waits]')")
    parts = page.locator(f"article {group}").first.locator("a[href], button").filter(visible=True)
    assert parts.count() >= 2
    parts.first.focus()
    assert {part.get_attribute("tabindex") for part in parts.all()} == {None}  # without the Tab key nothing is gathered
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(parts.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(parts.nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    assert not parts.evaluate_all("all => all.includes(document.activeElement)")
    page.keyboard.press("Shift+Tab")
    expect(parts.nth(1)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(parts.first).to_be_focused()


def test_the_closed_drawer_has_no_stops_and_opens_by_keyboard(opened):
    page = opened(390)
    drawer, button = page.locator(".md-sidebar--primary"), page.get_by_role("button", name="Navigation")
    shown = drawer.locator("a[href]").filter(visible=True)
    expect(shown).to_have_count(0)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert drawer.evaluate("e => e.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(shown).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize("width", WIDTHS)
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
    assert sum(page.evaluate("window.shifts")) <= MOST_LATE_SHIFT
    context.close()


def counted(session):
    """Documents, nodes and listeners that a page holds, once what nothing refers to is collected."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    return session.send("Memory.getDOMCounters")


TRIPS = {"site": ("empty/", "h1#empty", "#fig-two"), "own_site": ("paris/", "#fig-map", "#fig-hero-factors")}
"""Of the tests' article and of this repository's own: where trips lead, and what stands there and at home."""


def kept(browser, address, trip, *, scripts, trips):
    """What trips to another page and back leave, with our script or without: the theme keeps pages that were left."""
    away, there, home = trip
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    if not scripts:
        page.route("**/lensdoc.*.js", lambda route: route.abort())
    page.goto(address)
    session = context.new_cdp_session(page)

    def travel():
        page.evaluate("end => [...document.querySelectorAll('a')].find((a) => a.pathname.endsWith(end)).click()", f"/{away}")
        page.wait_for_selector(there, state="attached")
        page.evaluate("document.querySelector('.md-header a.md-logo').click()")
        page.wait_for_selector(home, state="attached")
        page.wait_for_timeout(200)

    if scripts:  # it comes once for all pages, some seconds after the first that has a formula
        until(page, "'katex' in window || !document.querySelector('lens-math')")
    travel()
    travel()
    before = counted(session)
    for _ in range(trips):
        travel()
    after = counted(session)
    context.close()
    return {name: after[name] - before[name] for name in before}


@pytest.mark.parametrize("article", ["site", pytest.param("own_site", marks=pytest.mark.long)])
def test_pages_that_instant_navigation_left_are_let_go(browser, request, sized, figure, article):
    address, trips = request.getfixturevalue(article), sized(3, 20)
    own, theme = (kept(browser, address, TRIPS[article], scripts=scripts, trips=trips) for scripts in (True, False))
    more = {name: own[name] - theme[name] for name in own}
    figure(f"{trips} trips by instant navigation to {TRIPS[article][0]}: of ours {more} is kept")
    assert more["nodes"] <= MOST_NODES
    assert more["jsEventListeners"] <= 0


def test_the_mark_of_the_themes_switch_of_colours_is_there_from_the_first_byte_and_goes_once(opened):
    page = opened(390, "model-card/")
    until(page, "!document.body.hasAttribute('data-md-color-switching')")
    assert set(page.evaluate("window.switched")) == {""}
