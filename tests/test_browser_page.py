"""Pages in a real Chromium: navigation, no scripts, print, accessibility, hostile text, other hosts, small screens."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import HOSTILE, MANY, build, figure, row, settle, shown, tints, tool, turning, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_figures_work_after_instant_navigation_and_back(open_page):
    page = open_page()
    until(page, "'location$' in window")  # the theme listens to links once its script has run
    page.evaluate("window.stayed = true")
    with turning(page, "**/cases/"):
        page.get_by_role("link", name="Cases").press("Enter")
    figure(page, "fig-f3").scroll_into_view_if_needed()
    page.wait_for_selector("#fig-f3 .ld-row[tabindex]")  # figures wake as they come near
    first = tints(page, "fig-f3")
    row(page, 2, "fig-f3").hover()
    assert tints(page, "fig-f3") != first
    with turning(page, "**/project/"):
        page.go_back()
    figure(page).scroll_into_view_if_needed()
    page.wait_for_selector("#fig-two .ld-row[tabindex]")
    first = tints(page)
    row(page, 1).hover()
    assert tints(page) != first
    assert page.evaluate("window.stayed") is True  # no page was loaded anew


def test_without_scripts_the_default_state_is_shown(open_page):
    with_scripts = tints(open_page("two/"))
    page = open_page("two/", java_script_enabled=False, reduced_motion="reduce")
    colours = [
        page.locator("#fig-two .ld-token").nth(i).evaluate("t => getComputedStyle(t).backgroundColor")
        for i in range(len(with_scripts))
    ]
    assert colours == with_scripts
    assert not page.locator("#fig-two .ld-hint").is_visible()
    figure(page).locator(".ld-labels").check()
    label = "t => getComputedStyle(t, '::before').content"
    assert figure(page).locator(".ld-token").nth(6).evaluate(label) in {'"1"', '"2"'}
    expect(page.locator("#fig-two lens-factors summary")).to_be_visible()


def test_print_shows_the_default_state_in_light_colours(open_page):
    page = open_page("two/", color_scheme="dark")
    light = open_page("two/", color_scheme="light")
    row(page, 1).click()
    page.mouse.move(5, 5)
    page.keyboard.press("ArrowRight")
    settle(page)
    page.emulate_media(media="print")
    light.emulate_media(media="print")
    assert tints(page) == tints(light)
    assert shown(page) == shown(light)
    assert "pinned" not in shown(page)
    for other, name in (("outlineStyle", ".ld-token[data-current]"), ("fontWeight", ".ld-row[aria-pressed='true'] .ld-name")):
        style = f"e => getComputedStyle(e).{other}"
        assert figure(page).locator(name).evaluate(style) == figure(light).locator(name.split("[")[0]).first.evaluate(style)
    assert figure(page).locator(".ld-cursor").first.evaluate("e => getComputedStyle(e).display") == "none"
    label = "t => getComputedStyle(t, '::before').content"
    assert page.locator("#fig-two .ld-token").nth(6).evaluate(label) in {'"1"', '"2"'}
    assert not page.locator("#fig-two .ld-switch").is_visible()


def test_light_and_dark_differ(open_page):
    assert tints(open_page("two/", color_scheme="light")) != tints(open_page("two/", color_scheme="dark"))


LABELS = """all => all.map((token) => {
    const label = getComputedStyle(token, "::before"), box = token.getClientRects()[0];
    const line = parseFloat(getComputedStyle(token.closest(".ld-tokens")).lineHeight);
    const top = (box.top + box.bottom - parseFloat(getComputedStyle(token).borderBottomWidth) - line) / 2;
    return [box.top, box.bottom, top + parseFloat(label.marginTop), parseFloat(label.fontSize)];
})"""
"""Of tokens their upper and lower edges, where their labels begin and how high those are, a little more than their figures."""


@pytest.mark.parametrize("forced", ["none", "active"])
def test_labels_of_factors_stand_between_the_lines(open_page, forced):
    page = open_page("long/", forced_colors=forced)
    if forced == "none":
        tool(page, "labels", "fig-long").click()
    tokens = figure(page, "fig-long").locator(".ld-lines").first.locator(".ld-token[data-factor]")
    settle(page)
    found = tokens.evaluate_all(LABELS)
    lines = sorted({top for top, *_ in found})
    assert lines[-1] - lines[0] > 50
    for top, bottom, label, height in found:
        assert label + 0.1 * height > bottom
        assert label + 0.85 * height < min((line for line in lines if line > top + 5), default=bottom + 20)


def test_nothing_moves(open_page):
    """Fades would cost a frame for every token; there is no motion to reduce."""
    page = open_page("two/", reduced_motion="no-preference")
    row(page, 1).hover()
    moving = "all => all.filter(e => getComputedStyle(e).transitionDuration !== '0s').map(e => e.className)"
    assert page.locator("lens-factors *").evaluate_all(moving) == []
    page.add_style_tag(content=".ld-token { transition: background-color 1s }")
    assert "ld-token" in page.locator("lens-factors *").evaluate_all(moving)


@pytest.mark.parametrize(
    ("state", "scheme"),
    [
        ("default", "light"),
        ("isolated", "dark"),
        *(pytest.param(*case, marks=pytest.mark.long) for case in [("default", "dark"), ("isolated", "light")]),
        *(pytest.param("labelled", scheme, marks=pytest.mark.long) for scheme in ("light", "dark")),
    ],
)
def test_axe_finds_nothing_inside_the_figures(open_page, scheme, state, sized):
    page = open_page(sized("two/", ""), color_scheme=scheme)
    tool(page, "table").click()
    if state == "isolated":
        row(page, 1).click()
        page.keyboard.press("ArrowRight")
    if state == "labelled":
        tool(page, "labels").click()
    settle(page)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure.ld', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]]) for v in found] == []


def test_axe_would_find_something(open_page):
    page = open_page("two/")
    page.evaluate("document.querySelector('.ld-tools').append(document.querySelector('.ld-labels'))")
    page.evaluate("document.querySelector('.ld-readout').style.color = '#ddd'")
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure.ld', {resultTypes: ['violations']}).then(r => r.violations)")
    assert {"color-contrast", "label"} <= {v["id"] for v in found}


def test_hostile_tokens_stay_text(open_page):
    page = open_page("cases/")
    shown = figure(page, "fig-hostile").locator(".ld-token").evaluate_all("all => all.map(t => t.textContent)")
    assert shown == [*HOSTILE[:4], "␣", "⏎", "U+202E right-to-left overrideab"]
    assert not figure(page, "fig-hostile").locator("script, img, b").count()
    row(page, 1, "fig-hostile").hover()
    for position in range(len(HOSTILE)):
        figure(page, "fig-hostile").locator(".ld-token").nth(position).dispatch_event("pointerover")
        settle(page)
    assert not figure(page, "fig-hostile").locator("script, img, b").count()


@pytest.mark.sample(width=[360])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_any_number_of_factors_reads_over_355_tokens(open_page, width):
    page = open_page("cases/", viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name, count in MANY.items():
        rows = figure(page, name=f"fig-{name}").locator(".ld-row")
        assert rows.count() == count
        boxes = [rows.nth(i).bounding_box() for i in range(count)]
        assert all(box["height"] >= 24 and box["width"] >= 100 for box in boxes), name
        assert all(above["y"] + above["height"] <= below["y"] + 0.5 for above, below in itertools.pairwise(boxes)), name
        last = figure(page, f"fig-{name}").locator(".ld-token").last
        assert last.text_content() == " word354"
        if boxes:
            row(page, 1, f"fig-{name}").scroll_into_view_if_needed()
            settle(page)  # lines of the texts above are laid out now that they are near, and move what is below
            row(page, 1, f"fig-{name}").hover()
            expect(figure(page, f"fig-{name}").locator("lens-factors")).to_have_attribute("data-lit", "")


@pytest.mark.long
def test_the_page_works_from_a_file(browser, fresh_article, tmp_path):
    build(fresh_article, tmp_path)
    page = browser.new_page()
    page.goto(f"file://{tmp_path}/index.html")
    first = tints(page)
    row(page, 1).hover()
    assert tints(page) != first
    page.close()


def test_the_watch_sees_other_hosts_and_errors(open_page):
    page = open_page()
    page.evaluate("console.error('seen')")
    page.evaluate("fetch('http://127.0.0.1:9/x').catch(() => 0)")
    assert any("console error: seen" in t for t in open_page.trouble)
    assert any("127.0.0.1:9/x" in t and "Content Security Policy" in t for t in open_page.trouble)
    open_page.trouble.clear()
    page.wait_for_timeout(100)
    open_page.trouble.clear()


def test_the_browser_loads_nothing_but_the_page(open_page, browser):
    """What it makes for its own windows costs each test as much as the page."""
    open_page("empty/")
    session = browser.new_browser_cdp_session()
    everything = {"filter": [{}]}
    found = {target["url"] for target in session.send("Target.getTargets", everything)["targetInfos"]}
    assert any(address.endswith("/empty/") for address in found)
    assert [address for address in found if address.startswith("chrome")] == []
