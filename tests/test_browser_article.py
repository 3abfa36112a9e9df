"""Layouts, typography, front matter, policy and paper in a real Chromium."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import AXE, SAMPLE, build, printed, serve, settle, turning, until, visits
from playwright.sync_api import expect
from pypdf import PdfReader

pytestmark = pytest.mark.browser

WIDTHS = [360, 768, 1024, 1220, 1280, 1440, 1920]
MARGIN = 34
"""Points above and below what is printed."""
TEXT = "The text goes on beside what stands in the margin for as long as it takes, and so does the next paragraph, " * 5
ARTICLE = """---
title: What a counting model keeps in mind
description: A test
{hide}
authors:
  - {{name: Łucja Example, affiliation: [University of Nowhere, Institute of Samples], orcid: 0000-0002-1825-0097}}
  - {{name: Ben Sample, affiliation: University of Nowhere}}
date: 2026-01-31
doi: 10.5281/zenodo.1234
license: CC-BY-4.0
---

//// hero
# What a counting model keeps in mind

The lead says what comes.
////

{text} [The numbers]{{.swatch fig-body:factor=1}} and *italics*, [a link](https://example.org/paper), [another page](other.md).

/// aside
A note in the margin.
///

{text}

/// explorable | counting/two-factors
    attrs: {{id: fig-body}}
Body.
///

/// explorable | counting/two-factors
    attrs: {{id: fig-page}}
    layout: page
Page.
///

/// explorable | counting/sequence
    attrs: {{id: fig-aside}}
    layout: aside
Aside.
///

{text}

/// explorable | counting/two-factors
    attrs: {{id: fig-screen}}
    layout: screen
Screen.
///

//// columns
![A picture](picture.svg)

/// figure-caption
    attrs: {{id: fig-columns}}
Beside the picture.
///
////

| layer | share |
|------:|------:|
|     1 |  0.11 |
|   111 |  1.00 |

`code`, and [data](data/counting/sequence.json).
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#888"/></svg>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three pages: without navigation, with it, and bare of both sidebars."""
    folder = tmp_path_factory.mktemp("layouts")
    shutil.copytree(SAMPLE / "docs" / "data", folder / "docs" / "data")
    shutil.copyfile(SAMPLE / "docs" / "references.bib", folder / "docs" / "references.bib")
    pages = {"index": "hide: [navigation]", "full": "tags: []", "bare": "hide: [navigation, toc]"}
    for name, hide in pages.items():
        (folder / "docs" / f"{name}.md").write_text(ARTICLE.format(hide=hide, text=TEXT))
    (folder / "docs" / "other.md").write_text("# Other\n\nText.\n")
    (folder / "docs" / "picture.svg").write_text(PICTURE)
    config = (SAMPLE / "mkdocs.yml").read_text().replace("execute: auto", "execute: never")
    (folder / "mkdocs.yml").write_text(
        config.replace("  - attr_list\n", "  - attr_list\n  - tables\n  - pymdownx.blocks.caption\n")
    )
    return folder


@pytest.fixture(scope="module")
def article(folder, tmp_path_factory):
    """The address of the built pages, below a sub-path."""
    served = tmp_path_factory.mktemp("served")
    with serve(served) as address:
        build(folder, served / "project", SITE_URL=f"{address}project/")
        yield f"{address}project/"


@pytest.fixture
def visit(browser, article):
    """Opens a page; console messages, errors, refused and foreign requests fail the test, breaches of the policy among them."""
    yield from visits(browser, article)


@pytest.fixture(scope="module")
def at_width(browser, article, request):
    """Opens a page at a width. But with --full one that is open gets another size, which costs much less than opening it."""
    visiting, opened = visits(browser, article), {}
    visit = next(visiting)

    def page_at(path, width):
        size = {"width": width, "height": 900}
        if path in opened and request.config.getoption("--full"):
            opened.pop(path).context.close()
        if path not in opened:
            opened[path] = visit(path, viewport=size)
            until(opened[path], "document.fonts.status === 'loaded'")
        opened[path].set_viewport_size(size)
        until(opened[path], f"innerWidth === {width}")
        opened[path].evaluate(LAID_OUT)
        return opened[path]

    yield page_at
    next(visiting, None)  # closes them, and fails if there was trouble


LAID_OUT = """() => new Promise((done) => {
  let [before, calm] = ["", 0];
  const look = () => {
    const now = [...document.querySelectorAll(".md-sidebar, figure")].map((e) => e.getBoundingClientRect().left).join();
    calm = now === before ? calm + 1 : 0;
    before = now;
    if (calm > 5) done();
    else requestAnimationFrame(look);
  };
  look();
})"""
"""Waits until sidebars and figures have not moved for some frames: they answer to another width one after the other."""


def boxes(page, *selectors):
    """Left and right edges of the first element of each selector."""
    find = "s => { const r = document.querySelector(s).getBoundingClientRect(); return [r.left, r.right]; }"
    return [page.evaluate(find, selector) for selector in selectors]


@pytest.mark.sample(width=WIDTHS[::3])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["", "full/", "bare/"])
def test_nothing_lies_on_a_sidebar_and_nothing_scrolls_sideways(at_width, path, width):
    page = at_width(path, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    sidebars = page.evaluate(
        """() => [...document.querySelectorAll(".md-sidebar")].filter(s => getComputedStyle(s).display !== "none"
          && getComputedStyle(s).position === "sticky").map(s => s.getBoundingClientRect()).map(r => [r.left, r.right])"""
    )
    for left, right in boxes(page, "#fig-body", "#fig-page", "#fig-screen", "#fig-aside", "aside.ld-aside", "#fig-columns"):
        assert left >= -0.5
        assert right <= width + 0.5
        for start, end in sidebars:
            assert right <= start + 0.5 or left >= end - 0.5
    (text, body, wide, screen) = boxes(page, ".md-content__inner > p", "#fig-body > :first-child", "#fig-page", "#fig-screen")
    assert body == text
    assert wide[1] - wide[0] >= body[1] - body[0]
    assert screen[1] - screen[0] >= wide[1] - wide[0]


@pytest.mark.parametrize(("width", "beside"), [(1024, False), (1220, True), (1440, True), (1920, True)])
def test_the_text_stands_in_the_middle_and_captions_beside_it_where_there_is_room(at_width, width, beside):
    page = at_width("", width)
    text, picture, caption, rail = boxes(
        page, ".md-content__inner > p", "#fig-body > :first-child", "#fig-body figcaption", ".md-sidebar--secondary"
    )
    assert 650 <= text[1] - text[0] <= 700
    assert abs((text[0] + text[1]) / 2 - width / 2) < (60 if beside else 100)
    assert rail[1] <= text[0]
    assert rail[1] - rail[0] <= 230
    assert picture == text
    assert caption == ([text[1] + 40, text[1] + 300] if beside else text)


@pytest.mark.parametrize(("path", "width"), [("", 1440), ("", 1220), ("", 1920), ("bare/", 1440)])
def test_asides_stand_beside_the_text_where_there_is_room(at_width, path, width):
    page = at_width(path, width)
    text, note, figure = boxes(page, ".md-content__inner > p", "aside.ld-aside", "#fig-aside")
    assert note[0] > text[1]
    assert figure[0] > text[1]


@pytest.mark.parametrize(("path", "width"), [("", 360), ("", 1024), ("full/", 1440)])
def test_asides_stand_in_the_text_where_there_is_none(at_width, path, width):
    page = at_width(path, width)
    text, note, figure = boxes(page, ".md-content__inner > p", "aside.ld-aside", "#fig-aside")
    assert note == figure == text


def test_page_and_screen_are_wider_than_the_text(at_width):
    page = at_width("bare/", 1440)
    body, wide, screen = boxes(page, "#fig-body > :first-child", "#fig-page", "#fig-screen")
    assert wide[1] - wide[0] > 1.4 * (body[1] - body[0])
    assert screen[0] <= 0.5
    assert screen[1] >= 1439.5


@pytest.mark.parametrize(("width", "beside"), [(360, False), (768, True), (1440, True)])
def test_columns_stack_on_phones(at_width, width, beside):
    page = at_width("", width)
    picture, caption = boxes(page, "#fig-columns img", "#fig-columns figcaption")
    assert (caption[0] >= picture[1]) == beside


@pytest.mark.parametrize(("width", "beside"), [(360, False), (768, True), (1440, True), (1920, True)])
def test_two_columns_of_text_fit_into_the_body(at_width, width, beside):
    page = at_width("", width)
    page.evaluate(
        """() => { document.querySelector("#left")?.parentElement.remove();
        const made = document.createElement("div"), words = ["left", "right"];
        made.append(...words.map((id) => Object.assign(document.createElement("p"), {id, textContent: "Words."})));
        made.className = "ld-columns";
        document.querySelector(".md-content__inner").append(made); }"""
    )
    left, right = boxes(page, "#left", "#right")
    assert (right[0] >= left[1]) == beside


@pytest.mark.parametrize("width", [768, 1440, 1920])
def test_the_measure_is_65_to_75_characters(at_width, width):
    page = at_width("", width)
    page.reload()  # a font that came too late is not taken; now it is there from the first byte
    page.locator(".md-content__inner > p").nth(-2).scroll_into_view_if_needed()  # it is laid out as it comes into view
    page.evaluate("document.fonts.ready.then(() => true)")
    settle(page)
    lines = page.evaluate(
        """() => { const text = [...document.querySelectorAll(".md-content__inner > p")].at(-2).firstChild;
          const range = document.createRange(), lines = {};
          for (let i = 0; i < text.length; i++) {
            range.setStart(text, i); range.setEnd(text, i + 1);
            const line = Math.round(range.getBoundingClientRect().top); lines[line] = (lines[line] ?? 0) + 1;
          }
          return Object.values(lines); }"""
    )
    assert len(lines) > 4
    assert 65 <= sum(lines[:-1]) / len(lines[:-1]) <= 75


def test_the_fonts_are_ours_and_numerals_align(visit):
    page = visit()
    until(page, "document.fonts.status === 'loaded'")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => `${f.family} ${f.style}`)")
    assert {"Lensdoc Serif normal", "Lensdoc Serif italic", "Lensdoc Sans normal"} <= {name.replace('"', "") for name in loaded}
    widths = page.evaluate(
        """() => ["1111", "0000", "8888"].map(text => { const cell = document.querySelector("article td").cloneNode();
          const span = document.createElement("span"); span.textContent = text; cell.append(span);
          document.querySelector("article tbody tr").append(cell); return span.getBoundingClientRect().width; })"""
    )
    assert max(widths) - min(widths) < 0.1


def test_the_band_spans_the_page_and_the_contents_begin_below(visit):
    page = visit(viewport={"width": 1440, "height": 900})
    (band,) = boxes(page, ".ld-hero")
    assert band == [0, 1440]
    assert page.locator("h1").count() == 1
    edges = "s => { const r = document.querySelector(s).getBoundingClientRect(); return [r.top, r.bottom]; }"
    assert page.evaluate(edges, ".md-sidebar--secondary")[0] >= page.evaluate(edges, ".ld-hero")[1]


@pytest.mark.parametrize("width", [390, 768, 940])
def test_the_band_begins_where_the_text_does_while_its_figure_stands_below(visit, width):
    page = visit(viewport={"width": width, "height": 900})
    lefts = page.evaluate("['h1', 'article p'].map((one) => document.querySelector(one).getBoundingClientRect().left)")
    assert lefts[0] == pytest.approx(lefts[1], abs=1)


def test_a_swatch_has_the_figures_colour_and_leads_it_into_the_state(visit):
    page = visit()
    mark = page.locator(".ld-named").first
    hue = "e => getComputedStyle(e).getPropertyValue('--ld-h')"
    assert mark.locator(".ld-phrase").evaluate(hue) == page.locator("#fig-body .ld-row[data-factor='1']").evaluate(hue)
    assert mark.inner_text() == "The numbersF1"
    mark.click()
    expect(page.locator("#fig-body .ld-row[data-factor='1']")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [
        ("", 360, "light"),
        ("", 1440, "dark"),
        ("404.html", 360, "dark"),
        *(pytest.param(*case, marks=pytest.mark.long) for case in [("", 360, "dark"), ("", 1440, "light")]),
        *(pytest.param("404.html", *case, marks=pytest.mark.long) for case in [(360, "light"), (1440, "light"), (1440, "dark")]),
    ],
)
def test_axe_finds_nothing_on_the_whole_page(visit, scheme, width, path):
    page = visit(path, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert axe(page) == []


OWN = ("benchmarks/", "analyses/counting/", "guide/publishing/")
"""More pages with wide tables and long lines of code."""
KINDS_OF_PAGE = (
    "guide/kinds/",
    "explorables/factors/",
    "analyses/factors-real/",
    "choices/index/fig-eu-ranks/2.html",
    "embed/factors-real/prose-ten.html",
)
"""Of code, of a kind of figure, of a notebook, of one of several records, and of a figure alone."""


@pytest.fixture
def visit_own(browser, own_site):
    """Opens a page of this repository's own site, as `visit` does."""
    yield from visits(browser, own_site)


@pytest.mark.long
@pytest.mark.parametrize("path", ["", "gallery/"])
def test_names_of_figures_parts_hold_what_is_seen_of_them(visit_own, path):
    page = visit_own(path, viewport={"width": 1440, "height": 900})
    only = "{runOnly: ['label-content-name-mismatch'], rules: {'label-content-name-mismatch': {enabled: true}}}"
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate(f"axe.run('lens-factors, lens-saliency, lens-attention', {only})")
    assert [node["html"][:150] for rule in found["violations"] for node in rule["nodes"]] == []


@pytest.mark.long
@pytest.mark.parametrize("path", ["model-card/", *(pytest.param(path, marks=pytest.mark.long) for path in OWN)])
def test_axe_finds_nothing_on_phones_where_tables_are_wide_and_code_is_long(visit_own, path):
    assert axe(visit_own(path, viewport={"width": 360, "height": 900})) == []


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["", "paris/", "architectures/", "gallery/", *KINDS_OF_PAGE])
def test_axe_finds_nothing_in_our_articles_and_pages_of_each_kind(visit_own, path, width, scheme):
    assert axe(visit_own(path, color_scheme=scheme, viewport={"width": width, "height": 900})) == []


def axe(page):
    """What axe finds, by rule. Lines of long texts that are not laid out would seem to lie on black."""
    page.evaluate("""() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(".ld .ld-lines { content-visibility: visible !important; }");
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }""")
    page.wait_for_timeout(300)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate(f"axe.run(document, {AXE}).then(r => r.violations)")
    return [(v["id"], [n["html"][:150] for n in v["nodes"]]) for v in found]


def test_only_tables_that_scroll_are_stops_of_the_keyboard(visit_own):
    page = visit_own("model-card/", viewport={"width": 1440, "height": 900})
    stops = "document.querySelectorAll('.md-typeset__scrollwrap[tabindex]').length"
    until(page, "document.querySelectorAll('.md-typeset__scrollwrap').length > 2")
    wide = page.evaluate(
        "[...document.querySelectorAll('.md-typeset__scrollwrap')].filter(e => e.scrollWidth > e.clientWidth).length"
    )
    until(page, f"{stops} === {wide}")
    page.set_viewport_size({"width": 360, "height": 900})
    until(page, f"{stops} > {wide}")
    assert page.locator(".md-typeset__scrollwrap[tabindex='0'][role='group'][aria-label]").count() == page.evaluate(stops)
    page.evaluate("window.stayed = true")
    with turning(page, "**/benchmarks/"):
        page.evaluate("document.querySelector('.md-nav__link[href*=\"benchmarks\"]').click()")
    until(page, f"{stops} > 0")
    assert page.evaluate("window.stayed") is True
    page.set_viewport_size({"width": 1440, "height": 900})
    until(page, f"{stops} === 0")


def test_search_and_instant_navigation_obey_the_policy(visit):
    page = visit()
    until(page, "'location$' in window")
    page.evaluate("window.stayed = true")
    policies = "document.querySelectorAll('meta[http-equiv=Content-Security-Policy]').length"
    tags = "document.querySelectorAll('meta[name=citation_title], script[type=\"application/ld+json\"]').length"
    assert (page.evaluate(policies), page.evaluate(tags)) == (1, 2)
    page.get_by_role("link", name="another page").click()
    page.wait_for_url("**/other/")
    until(page, f"{tags} == 0")
    assert page.evaluate(policies) == 1
    page.go_back()
    until(page, "document.title.startsWith('What')")
    page.wait_for_selector("lens-factors")
    assert (page.evaluate(policies), page.evaluate(tags)) == (1, 2)
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("Łucja", delay=30)  # the theme listens to keys, once its worker is ready
    until(page, "document.querySelectorAll('.md-search-result__item').length > 0")
    assert page.evaluate("window.stayed") is True


def test_the_policy_stops_scripts_of_the_content(folder, browser, tmp_path):
    shutil.copytree(folder, tmp_path / "hostile")
    page = tmp_path / "hostile" / "docs" / "other.md"
    page.write_text("# Other\n\n<script>window.ran = 1</script>\n\n<img src=x onerror='window.ran = 2' alt=''>\n")
    build(tmp_path / "hostile", tmp_path / "site", SITE_URL="", strict=False)
    with serve(tmp_path / "site") as address:
        page = browser.new_page()
        refused = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(f"{address}other/")
        page.wait_for_timeout(300)
        assert page.evaluate("window.ran") is None
        assert sum("Content Security Policy" in text for text in refused) >= 2
        page.close()


def test_the_whole_site_asks_no_other_host_and_breaks_no_rule(browser, own_site, sized):
    """Every page of this repository's own site, or eight of them spread over it, with every other host refused."""
    context, trouble, pages = browser.new_context(), [], {"", "404.html"}
    context.route(re.compile(f"^(?!{re.escape(own_site)})"), lambda route: (trouble.append(route.request.url), route.abort()))
    page = context.new_page()
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.add_init_script("document.addEventListener('securitypolicyviolation', e => console.log('refused', e.blockedURI))")
    seen = set()
    while pages - seen and len(seen) < sized(8, 1000):
        left = sorted(pages - seen)
        path = left[len(left) // 2]
        seen.add(path)
        page.goto(own_site + path)
        page.wait_for_timeout(200)
        links = page.locator("a[href]").evaluate_all("all => all.map(a => a.href.split('#')[0])")
        pages |= {link.removeprefix(own_site) for link in links if link.startswith(own_site) and link.endswith("/")} - {"/"}
    context.close()
    assert len(seen) >= 8
    assert trouble == []


@pytest.mark.long
def test_an_offline_build_opens_as_files(folder, browser, tmp_path):
    shutil.copytree(folder, tmp_path / "offline")
    config = tmp_path / "offline" / "mkdocs.yml"
    config.write_text(config.read_text().replace("use_directory_urls: true", "use_directory_urls: false"))
    build(tmp_path / "offline", tmp_path / "site", SITE_URL="")
    page, trouble = browser.new_page(), []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto((tmp_path / "site" / "index.html").as_uri())
    until(page, "document.fonts.status === 'loaded'")
    page.locator("#fig-body").scroll_into_view_if_needed()
    page.wait_for_selector("#fig-body .ld-row[tabindex]")
    page.locator("#fig-body .ld-row").first.click()
    expect(page.locator("#fig-body .ld-row").first).to_have_attribute("aria-pressed", "true")
    assert "Content-Security-Policy" in page.content()
    assert trouble == []
    page.close()


def test_paper_shows_light_colours_whole_addresses_and_no_navigation(visit, tmp_path):
    page = visit(color_scheme="dark")
    plain = printed(page, tmp_path / "article.pdf")
    assert "alink(https://example.org/paper)" in plain
    assert "10.5281/zenodo.1234" in plain
    assert "Tableofcontents" not in plain
    assert "MadewithMaterial" not in plain
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('article p')).color]"
    )
    light = visit(color_scheme="light")
    light.emulate_media(media="print", color_scheme="light")
    assert colours == light.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('article p')).color]"
    )
    for name in ("#fig-body", "#fig-body .ld-sparklines"):
        assert page.locator(name).evaluate("e => getComputedStyle(e).breakInside") == "avoid"


@pytest.mark.parametrize(
    "path", ["paris/", *(pytest.param(path, marks=pytest.mark.long) for path in ("", "model-card/", "guide/kinds/"))]
)
def test_no_sheet_is_half_empty_where_rows_or_text_could_stand_on_it(visit_own, tmp_path, figure, path):
    """Tall figures and tables break between their rows, code between its lines; the last sheet ends where the article ends."""
    visit_own(path).pdf(path=tmp_path / "article.pdf", format="A4")
    empty = [empty_part(sheet) for sheet in PdfReader(tmp_path / "article.pdf").pages]
    figure(f"{path or 'article'} on paper: {len(empty)} sheets (at most 30), the emptiest but the last {max(empty[:-1]):.0%}")
    assert len(empty) <= 30
    assert max(empty[:-1]) <= 0.4


def empty_part(sheet):
    """Of a sheet, how much lies below its last text."""
    heights = []

    def see(text, cm, tm, *_):
        if text.strip():
            heights.append(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

    sheet.extract_text(visitor_text=see)
    return max(0, (min(heights) - MARGIN) / (float(sheet.mediabox.height) - 2 * MARGIN))


def test_without_scripts_the_article_is_readable(visit):
    page = visit(java_script_enabled=False)
    assert page.locator(".ld-authors").inner_text().startswith("Łucja Example")
    assert page.locator("#fig-aside").is_visible()
    assert not page.locator(".ld-citation button").first.is_visible()
    assert page.locator(".ld-citation code").last.inner_text().startswith("@misc{example2026what")


def test_forced_colours_keep_the_marks(visit):
    page = visit(forced_colors="active")
    assert page.locator(".ld-mark").first.evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
