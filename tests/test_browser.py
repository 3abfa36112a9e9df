"""The figure in a real Chromium: pointer, touch, keyboard, print, no scripts, other hosts."""

from __future__ import annotations

import functools
import http.server
import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import builders
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import expect, sync_playwright

from lensdoc.records.writing import write_record

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[1]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</template>",
    '"><b>x</b>',
    " ",
    "\n",
    "\u202eab",
]
MANY = {f"f{count}": count for count in (0, 1, 3, 10)}


def build(folder, site, **environment):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("LENSDOC_CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: make test installs one or says how to"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The article with a page of hard cases beside it, built once; served below a sub-path."""
    folder = tmp_path_factory.mktemp("article")
    for name in ("docs", "analyses"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    data = folder / "docs" / "data" / "cases"
    write_record(builders.factors([[i % 3 + 1 for i in range(len(HOSTILE))]], HOSTILE, n_input=3), data / "hostile.json")
    pages = ["# Cases\n\n[Article](index.md)\n", "/// explorable | cases/hostile\n    attrs: {id: fig-hostile}\nHostile.\n///\n"]
    for name, count in MANY.items():
        values = [[(t * (f + 3)) % 17 for t in range(355)] for f in range(count)]
        write_record(builders.factors(values, [f" word{t}" for t in range(355)], n_input=350), data / f"{name}.json")
        pages.append(f"/// explorable | cases/{name}\n    attrs: {{id: fig-{name}}}\nMany.\n///\n")
    (folder / "docs" / "cases.md").write_text("\n".join(pages))
    index = folder / "docs" / "index.md"
    index.write_text(index.read_text() + "\n[Cases](cases.md)\n")
    served = tmp_path_factory.mktemp("served")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served))
    address = f"http://127.0.0.1:{server.server_port}/project/"
    build(folder, served / "project", SITE_URL=address)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield address
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(browser, site):
    """Opens a page of the site; at the end no console message, no error and no request to another host is allowed."""
    contexts, trouble = [], []

    def visit(path="", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", lambda request: trouble.append(f"failed: {request.url}"))
        page.on("response", lambda r: trouble.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        page.on("request", lambda r: None if r.url.startswith(site) else trouble.append(f"another host: {r.url}"))
        page.goto(site + path)
        return page

    visit.trouble = trouble
    yield visit
    for context in contexts:
        context.close()
    assert trouble == []


def figure(page, name="fig-two"):
    return page.locator(f"#{name}")


def row(page, number, name="fig-two"):
    return figure(page, name).locator(f".ld-row[data-factor='{number}']")


def tints(page, name="fig-two"):
    """The colour behind every token, once transitions are over."""
    page.wait_for_timeout(200)
    return figure(page, name).locator(".ld-token").evaluate_all("all => all.map(t => getComputedStyle(t).backgroundColor)")


def text_at(page, position, name="fig-two"):
    return figure(page, name).locator(".ld-token").nth(position).text_content()


def test_hovering_a_sparkline_isolates_its_factor_and_leaving_returns(open_page):
    page = open_page()
    first = tints(page)
    row(page, 1).hover()
    one = tints(page)
    assert one != first
    row(page, 2).hover()
    two = tints(page)
    assert two not in (one, first)
    page.mouse.move(5, 5)
    assert tints(page) == first
    assert not figure(page).locator("[data-isolated]").count()


def test_an_isolated_factor_tints_by_its_own_activation_only(open_page):
    page = open_page()
    row(page, 1).hover()
    page.wait_for_timeout(200)
    levels = figure(page).locator(".ld-token").evaluate_all("all => all.map(t => Number(t.dataset.shown))")
    activations = page.evaluate("JSON.parse(document.querySelector('#fig-two .ld-data').content.textContent).activations")
    assert levels == [int(15 * v / max(activations[0]) + 0.5) for v in activations[0]]


def test_the_browser_draws_the_sparklines_of_the_first_state(open_page):
    page = open_page()
    for name in ("fig-two", "fig-five"):
        drawn = figure(page, name).locator(".ld-area").evaluate_all("all => all.map(path => path.getAttribute('d'))")
        source = page.request.get(page.url).text().split(f'id="{name}"')[1].split("<figcaption>")[0]
        assert drawn == re.findall(r'class="ld-area" d="([^"]+)"', source)


def test_a_click_pins_and_a_second_releases(open_page):
    page = open_page()
    first = tints(page)
    row(page, 2).click()
    page.mouse.move(5, 5)
    pinned = tints(page)
    assert pinned != first
    expect(row(page, 2)).to_have_attribute("aria-pressed", "true")
    expect(figure(page).locator(".ld-readout")).to_contain_text("F2, pinned")
    row(page, 1).hover()
    assert tints(page) not in (pinned, first)  # a preview goes before the pin
    page.mouse.move(5, 5)
    assert tints(page) == pinned
    row(page, 2).click()
    page.mouse.move(5, 5)
    assert tints(page) == first
    expect(row(page, 2)).to_have_attribute("aria-pressed", "false")


def test_a_press_elsewhere_releases_the_pin(open_page):
    page = open_page()
    first = tints(page)
    row(page, 2).click()
    page.locator("h1").click()
    assert tints(page) == first


def test_a_tap_pins_and_a_second_tap_releases(open_page):
    page = open_page(has_touch=True, viewport={"width": 360, "height": 740})
    first = tints(page)
    row(page, 1).tap()
    assert tints(page) != first
    expect(row(page, 1)).to_have_attribute("aria-pressed", "true")
    row(page, 1).tap()
    assert tints(page) == first


def test_arrow_keys_isolate_read_and_leave(open_page):
    page = open_page()
    first = tints(page)
    readout = figure(page).locator(".ld-readout")
    hint = readout.text_content()
    figure(page).locator(".ld-row").first.focus()
    page.keyboard.press("ArrowDown")
    isolated = tints(page)
    assert isolated != first
    expect(row(page, 2)).to_be_focused()
    expect(readout).to_have_text(re.compile(r"^F2: strongest on token \d+ ‘.+’, activation [\d.]+\.$"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(readout).to_have_text(re.compile(rf"^F2\. Token 1 ‘{text_at(page, 1)}’: activation [\d.]+\.$"))
    assert figure(page).locator(".ld-token[data-current]").count() == 1
    page.keyboard.press("Enter")
    expect(row(page, 2)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    assert tints(page) == isolated  # pinned: leaving keeps it
    page.keyboard.press("Shift+Tab")
    expect(row(page, 2)).to_be_focused()
    page.keyboard.press("Escape")
    assert tints(page) == first
    page.keyboard.press("Home")
    assert tints(page) not in (first, isolated)
    page.keyboard.press("Tab")
    assert tints(page) == first  # not pinned: leaving returns
    expect(readout).to_have_text(hint)


def test_a_figure_is_one_stop_of_the_tab_key_before_its_switch(open_page):
    page = open_page()
    figure(page).locator(".ld-row").first.focus()
    page.keyboard.press("Tab")
    expect(figure(page).locator(".ld-labels")).to_be_focused()


def test_hovering_a_token_reads_it_and_marks_it_on_every_sparkline(open_page):
    page = open_page()
    figure(page).locator(".ld-token").nth(6).hover()
    expect(figure(page).locator(".ld-readout")).to_have_text(
        re.compile(rf"^Token 6 ‘{text_at(page, 6)}’: strongest in F\d, activation [\d.]+\.$")
    )
    cursors = figure(page).locator(".ld-cursor").evaluate_all("all => all.map(c => c.getAttribute('d'))")
    assert cursors == ["M6,0V100"] * 2


def test_pointing_along_a_sparkline_marks_the_token_below(open_page):
    page = open_page()
    box = row(page, 1).locator("svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] - 5)
    expect(figure(page).locator(".ld-token").last).to_have_attribute("data-current", "")


def test_labels_say_which_factor_is_strongest(open_page):
    page = open_page()
    label = "t => getComputedStyle(t, '::after').content"
    token = figure(page).locator(".ld-token").nth(6)
    assert token.evaluate(label) == "none"
    figure(page).locator(".ld-labels").check()
    assert token.evaluate(label) in {'"1"', '"2"'}


def test_the_figures_work_after_instant_navigation_and_back(open_page):
    page = open_page()
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="Cases").click()
    page.wait_for_url("**/cases/")
    first = tints(page, "fig-f3")
    row(page, 2, "fig-f3").hover()
    assert tints(page, "fig-f3") != first
    page.go_back()
    page.wait_for_url("**/project/")
    first = tints(page)
    row(page, 1).hover()
    assert tints(page) != first
    assert page.evaluate("window.stayed") is True  # no page was loaded anew


def test_without_scripts_the_default_state_is_shown(open_page):
    with_scripts = tints(open_page())
    page = open_page(java_script_enabled=False, reduced_motion="reduce")
    colours = [
        page.locator("#fig-two .ld-token").nth(i).evaluate("t => getComputedStyle(t).backgroundColor")
        for i in range(len(with_scripts))
    ]
    assert colours == with_scripts
    assert not page.locator("#fig-two .ld-hint").is_visible()
    expect(page.locator("#fig-two .ld-details summary")).to_be_visible()


def test_print_shows_the_default_state_in_light_colours(open_page):
    page = open_page(color_scheme="dark")
    light = open_page(color_scheme="light")
    row(page, 1).click()
    page.emulate_media(media="print")
    light.emulate_media(media="print")
    assert tints(page) == tints(light)
    label = "t => getComputedStyle(t, '::after').content"
    assert page.locator("#fig-two .ld-token").nth(6).evaluate(label) in {'"1"', '"2"'}
    assert not page.locator("#fig-two .ld-switch").is_visible()


def test_light_and_dark_differ(open_page):
    assert tints(open_page(color_scheme="light")) != tints(open_page(color_scheme="dark"))


def test_reduced_motion_is_respected(open_page):
    moving = "t => getComputedStyle(t).transitionDuration"
    assert open_page(reduced_motion="reduce").locator(".ld-token").first.evaluate(moving) == "0s"
    assert open_page().locator(".ld-token").first.evaluate(moving) == "0.1s"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["default", "isolated", "labelled"])
def test_axe_finds_nothing_inside_the_figures(open_page, scheme, state):
    page = open_page(color_scheme=scheme)
    page.locator(".ld-details summary").first.click()
    if state == "isolated":
        row(page, 1).click()
        page.keyboard.press("ArrowRight")
    if state == "labelled":
        figure(page).locator(".ld-labels").check()
    page.wait_for_timeout(300)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure.ld', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]]) for v in found] == []


def test_axe_would_find_something(open_page):
    page = open_page()
    page.evaluate("document.querySelector('.ld-row').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('.ld-readout').style.color = '#ddd'")
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure.ld', {resultTypes: ['violations']}).then(r => r.violations)")
    assert "color-contrast" in {v["id"] for v in found}


def test_hostile_tokens_stay_text(open_page):
    page = open_page("cases/")
    shown = figure(page, "fig-hostile").locator(".ld-token").evaluate_all("all => all.map(t => t.textContent)")
    assert shown == [*HOSTILE[:4], "␣", "⏎\n", "U+202E right-to-left overrideab"]
    assert not figure(page, "fig-hostile").locator("script, img, b").count()
    row(page, 1, "fig-hostile").hover()
    for position in range(len(HOSTILE)):
        figure(page, "fig-hostile").locator(".ld-token").nth(position).dispatch_event("pointerover")
        page.wait_for_timeout(150)
    assert not figure(page, "fig-hostile").locator("script, img, b").count()


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_any_number_of_factors_reads_over_355_tokens(open_page, name, width):
    page = open_page("cases/", viewport={"width": width, "height": 900})
    rows = figure(page, name=f"fig-{name}").locator(".ld-row")
    assert rows.count() == MANY[name]
    boxes = [rows.nth(i).bounding_box() for i in range(rows.count())]
    assert all(box["height"] >= 24 and box["width"] >= 100 for box in boxes)
    assert all(above["y"] + above["height"] <= below["y"] + 0.5 for above, below in itertools.pairwise(boxes))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    last = figure(page, f"fig-{name}").locator(".ld-token").last
    assert last.text_content() == " word354"
    if boxes:
        row(page, 1, f"fig-{name}").hover()
        expect(figure(page, f"fig-{name}").locator("lens-factors")).to_have_attribute("data-isolated", "1")


def test_an_element_that_leaves_the_page_lets_go(open_page):
    page = open_page()
    row(page, 1).click()
    page.evaluate("const e = document.querySelector('#fig-two lens-factors'); const p = e.parentNode; e.remove(); p.append(e)")
    assert not figure(page).locator("[data-isolated]").count()
    row(page, 2).hover()
    expect(figure(page).locator("lens-factors")).to_have_attribute("data-isolated", "2")


def test_the_page_works_from_a_file(browser, tmp_path):
    build(ROOT, tmp_path)
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
    assert any("another host: http://127.0.0.1:9/x" in t for t in open_page.trouble)
    open_page.trouble.clear()
    page.wait_for_timeout(100)
    open_page.trouble.clear()
