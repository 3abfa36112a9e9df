"""References, formulas and values in a real Chromium: cards, KaTeX, navigation, print, no scripts, accessibility."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import SAMPLE, SCHEMES, build, figure, printed, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CASE = Path(__file__).parent / "golden" / "site" / "references" / "docs"
FAR = "## Far {#sec-far}\n\n- A list.\n\nIts *first* paragraph.\n\nIts second.\n\n## Next\n\nOther.\n"
CONFIG = re.sub(
    r"\n  - lensdoc: {bib.*\n", "\n  - tables\n  - fenced_code\n  - footnotes\n  - lensdoc\n", (SAMPLE / "mkdocs.yml").read_text()
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("references")
    shutil.copytree(CASE, folder / "docs")
    (folder / "docs" / "plain.md").write_text(
        "# Plain\n\nNothing to draw, [back](index.md), and [one factor](index.md#fig-factors:factor=1).\n"
    )
    (folder / "docs" / "titles.md").write_text("# Titles\n\n## The map $W_U$ and $x^2$\n\nText.\n\n## `y`\n\nText.\n")
    (folder / "docs" / "long.md").write_text("# Long\n\nAs @sec-far has it.\n\n" + "More.\n\n" * 12 + FAR)
    (folder / "mkdocs.yml").write_text(CONFIG)
    return folder


@pytest.fixture(scope="module")
def site(folder, tmp_path_factory):
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


def reference(page, name):
    return page.locator(f".md-content a.ld-ref[href$='#{name}']").first


def card(page):
    return page.locator(".ld-card")


def formulas(page):
    return page.locator(".md-content lens-math .katex")


SHOWN = {
    "fig-factors": ("Figure 1. A caption", "svg path.ld-area"),
    "fig-grid": ("Figure 2. Two cells, as in Table 1.", "img[src*='grid.svg']"),
    "tbl-sizes": ("Table 1. Sizes.", "td"),
    "eq-lens": ("(1)", ".katex-html"),
    "sec-shape": ("The first paragraph of the section.", "p em"),
}


def far_from(page, name):
    """Room between the references and what they lead to, so that the one is seen without the other."""
    target = page.locator(f"[id='{name}']")
    target.evaluate("e => { e.style.marginTop = '200vh'; e.style.marginBottom = '200vh'; }")
    return reference(page, name)


@pytest.mark.sample(name=[*SHOWN][::2])
@pytest.mark.parametrize("how", ["hover", "focus"])
@pytest.mark.parametrize("name", SHOWN)
def test_a_reference_shows_what_it_leads_to(open_page, name, how):
    page = open_page()
    expect(formulas(page).first).to_be_visible()
    link = far_from(page, name)
    if how == "hover":
        link.hover()
    else:
        page.keyboard.press("Tab")  # the focus is the keyboard's
        link.focus()
    text, part = SHOWN[name]
    expect(card(page)).to_contain_text(text)
    expect(card(page).locator(part).first).to_be_visible()
    assert card(page).locator("[id], input, button, a[href]").count() == 0
    # A link may be broken over lines; the card keeps clear of the one that was pointed at.
    lines = link.evaluate("e => [...e.getClientRects()].map(r => ({x: r.x, y: r.y, width: r.width, height: r.height}))")
    box = card(page).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    assert any(box["y"] + box["height"] <= at["y"] + 0.5 or box["y"] >= at["y"] + at["height"] - 0.5 for at in lines)
    assert link.get_attribute("aria-describedby") == card(page).get_attribute("id")


def test_the_card_of_a_section_out_of_view_has_its_first_paragraph(open_page):
    page = open_page("long/")
    assert page.locator(".ld-section").count() == 2
    far_from(page, "sec-far").hover()
    expect(card(page).locator("p").nth(1)).to_have_text("Its first paragraph.")
    expect(card(page).locator("p")).to_have_count(2)


def test_there_is_no_card_for_what_is_in_view(open_page):
    page = open_page()
    link = reference(page, "fig-factors")
    page.locator("[id='fig-factors']").scroll_into_view_if_needed()
    link.hover()
    page.wait_for_timeout(500)
    expect(page.locator("[id='fig-factors']")).to_be_in_viewport(ratio=0.5)
    expect(card(page)).to_have_count(0)
    page.mouse.move(2, 2)
    far_from(page, "fig-factors").hover()
    expect(card(page)).to_be_visible()


def test_a_card_can_be_entered_and_dismissed_and_stays(open_page):
    page = open_page()
    reference(page, "fig-grid").hover()
    expect(card(page)).to_be_visible()
    card(page).hover()
    page.wait_for_timeout(800)
    expect(card(page)).to_contain_text("Two cells")  # and is not that of a link below it
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    reference(page, "tbl-sizes").hover()
    expect(card(page)).to_contain_text("Sizes")
    page.mouse.move(2, 2)
    expect(card(page)).to_have_count(0)


def test_a_value_says_where_it_comes_from_and_leads_to_its_data(open_page):
    page = open_page()
    value = page.locator("a.ld-value").first
    page.keyboard.press("Tab")
    value.focus()
    expect(card(page)).to_contain_text("Run: run")
    expect(card(page)).to_contain_text("Model: made/up, revision 00")
    expect(card(page)).to_contain_text("Data: run/factors.json, facts.neurons")
    assert page.request.get(value.evaluate("a => a.href")).json()["facts"]["neurons"] == 64
    other = page.locator("a.ld-value[data-from*='…']").first
    other.focus()
    expect(card(page)).to_contain_text(re.compile("Run: run.*Model: made/up, revision 00.*Data: run/", re.DOTALL))
    expect(card(page)).not_to_contain_text("…")


def test_a_reference_to_another_page_shows_its_caption_and_leads_there(open_page):
    page = open_page()
    link = page.locator("a.ld-ref[href$='other/#fig-other']").first
    link.hover()
    expect(card(page)).to_contain_text("Figure 2 of “The other* page”In a list, 64 neurons.")
    page.locator("a.ld-ref[href$='sub/deep/#eq-other']").hover()
    expect(card(page).locator(".katex-html")).to_have_text("2")
    link.click()
    page.wait_for_url("**/other/#fig-other")
    expect(page.locator("#fig-other figcaption")).to_contain_text("Figure 2.")


def test_a_preview_of_another_page_draws_its_formulas(open_page):
    page = open_page("sub/deep/")
    page.locator("a.ld-ref[href$='#fig-factors']").hover()
    expect(card(page).locator("p .katex-mathml annotation")).to_have_text("x_1")
    expect(card(page)).to_contain_text("A caption with Equation 1, ")
    expect(card(page)).to_contain_text(" and 64.")


def test_formulas_are_drawn_on_first_load_after_instant_navigation_and_back(open_page):
    page = open_page("plain/")
    until(page, "'location$' in window")
    assert page.evaluate("performance.getEntriesByType('resource').filter(e => e.name.includes('katex')).length") == 0
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="back").click()
    expect(formulas(page)).to_have_count(5)
    page.locator(".md-content").get_by_role("link", name="Equation 2 of “Deep”").click()
    page.wait_for_url("**/sub/deep/**")
    expect(formulas(page)).to_have_count(2)
    page.mouse.move(5, 5)  # off the link, whose card would show a formula more
    page.go_back()
    page.wait_for_url("**/project/")
    expect(formulas(page)).to_have_count(5)
    assert page.evaluate("window.stayed") is True
    assert "KaTeX_Main" in formulas(page).first.evaluate("e => getComputedStyle(e).fontFamily")
    assert page.locator("script[src*='katex']").count() == 1


def test_formulas_of_titles_are_drawn_in_the_table_of_contents(open_page):
    page = open_page("titles/")
    title = page.locator("nav.md-nav--secondary").locator("visible=true").get_by_role("link", name="The map")
    expect(title.locator(".katex-html")).to_have_text(["WU\u200b", "x2"])
    expect(title).not_to_contain_text("\\(")
    assert title.locator("lens-math").first.bounding_box()["height"] < 30


def test_a_broken_formula_says_why_in_its_place(open_page):
    page = open_page()
    source = page.locator("lens-math", has_text=r"\frac{1}{\)")
    source.scroll_into_view_if_needed()  # formulas are drawn near the view
    wrong = page.locator("lens-math.ld-wrong")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text(re.compile(r"\\\(\\frac\{1\}\{\\\) \(KaTeX parse error: .*\)"))


def test_screen_readers_get_mathml(open_page):
    page = open_page()
    math = page.locator("#eq-lens math annotation")
    assert math.text_content() == r"z^\ell = W_U \, \mathrm{norm}(h^\ell) < 1"
    assert page.locator("#eq-lens .katex-html").get_attribute("aria-hidden") == "true"


def test_the_number_of_an_equation_stands_at_the_right(open_page):
    for width in (360, 768, 1440):
        page = open_page(viewport={"width": width, "height": 800})
        expect(formulas(page).first).to_be_visible()
        number, line = page.locator("#eq-lens > .ld-number").bounding_box(), page.locator("#eq-lens").bounding_box()
        assert number["x"] + number["width"] == pytest.approx(line["x"] + line["width"], abs=1)
        assert number["width"] < 40
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_the_source_is_readable_and_numbers_are_there(open_page):
    page = open_page(java_script_enabled=False)
    expect(page.locator("#eq-lens")).to_have_text(re.compile(r"\\\[ z\^\\ell = W_U .* \\\]\(1\)"))
    expect(page.locator("#fig-grid figcaption")).to_have_text("Figure 2. Two cells, as in Table 1.")
    expect(reference(page, "fig-factors")).to_have_text("Figure 1")


def test_paper_has_numbers_and_formulas(open_page, tmp_path):
    page = open_page()
    expect(formulas(page)).to_have_count(5)
    reference(page, "fig-grid").hover()
    expect(card(page)).to_be_visible()
    page.emulate_media(media="print")
    assert not card(page).is_visible()
    text = printed(page, tmp_path / "page.pdf")
    for words in ("Figure 2. Two cells", "Table 1. Sizes", "Figures 1 and 2", "Figure 2 of “The other* page”", "(2)"):
        assert words.replace(" ", "") in text
    assert "W_U" not in text  # what the eye gets is the formula


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_with_a_card_open(open_page, scheme):
    page = open_page(color_scheme=scheme)
    expect(formulas(page)).to_have_count(5)
    far_from(page, "fig-factors").hover()
    expect(card(page)).to_be_visible()
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('.md-content', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]]) for v in found] == []


@pytest.mark.long
def test_formulas_and_cards_work_from_files(browser, folder, tmp_path):
    config = folder / "mkdocs.yml"
    config.write_text(CONFIG.replace("use_directory_urls: true", "use_directory_urls: false"))
    build(folder, tmp_path)
    config.write_text(CONFIG)
    page = browser.new_page()
    page.goto(f"file://{tmp_path}/index.html")
    expect(formulas(page)).to_have_count(5)
    reference(page, "fig-grid").hover()
    expect(card(page)).to_contain_text("Two cells")
    page.locator("a.ld-ref", has_text="Equation 2 of “Deep”").click()
    page.wait_for_url("**/sub/deep.html#eq-other")
    expect(formulas(page)).to_have_count(2)
    page.goto(f"file://{tmp_path}/plain.html")
    page.get_by_role("link", name="one factor").click()
    page.wait_for_url("**/index.html#fig-factors:factor=1")
    expect(figure(page, "fig-factors").locator("[aria-pressed='true']")).to_have_count(1)
    expect(page.locator("#fig-factors")).to_be_in_viewport()
    page.close()
