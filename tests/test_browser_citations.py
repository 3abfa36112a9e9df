"""Citations in a real Chromium: cards, the list of references, no scripts, print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import SCHEMES, printed, still, turning, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LENS = "a.ld-cite[href$='#ref-nostalgebraist2020']"
TITLE = "Interpreting GPT: The logit lens"


def card(page):
    return page.locator(".ld-card")


def test_a_card_shows_the_reference_while_the_pointer_is_on_the_citation_or_in_the_card(open_page):
    page = open_page()
    page.locator(LENS).hover()
    expect(card(page)).to_contain_text(TITLE)
    expect(card(page)).not_to_contain_text("Cited in")
    assert page.locator(LENS).get_attribute("aria-describedby") == card(page).get_attribute("id")
    link = card(page).get_by_role("link")
    link.hover()
    page.wait_for_timeout(600)
    expect(link).to_have_attribute("href", "https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens")
    page.mouse.move(5, 5)
    expect(card(page)).to_have_count(0)
    assert page.locator(LENS).get_attribute("aria-describedby") is None
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == page.locator("[id]").count()


def test_formulas_of_titles_are_drawn_in_the_list_and_in_the_card_on_a_page_without_others(open_page):
    page = open_page("cited-math/")
    expect(page.locator("#ref-norms .ld-work lens-math .katex-mathml annotation")).to_have_text(r"\ell_2")
    page.locator("a.ld-cite").hover()
    expect(card(page).locator("lens-math .katex")).to_have_count(1)
    expect(card(page)).to_contain_text("The LaTeX of ")


@pytest.mark.long
def test_no_id_stands_twice_while_a_card_is_shown(open_page):
    page = open_page()
    page.locator(LENS).hover()
    expect(card(page)).to_be_visible()
    ids = page.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_the_keyboard_shows_a_card_and_escape_closes_it(open_page):
    page = open_page()
    until(page, "'location$' in window")  # the theme listens to links once its script has run
    page.keyboard.press("Tab")
    page.locator(LENS).focus()
    expect(card(page)).to_contain_text(TITLE)
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    expect(page.locator(LENS)).to_be_focused()
    page.wait_for_timeout(400)  # the theme notes where a page was scrolled to, and would go back there
    page.keyboard.press("Enter")
    expect(page.locator("#ref-nostalgebraist2020")).to_be_in_viewport()
    assert page.evaluate("location.hash") == "#ref-nostalgebraist2020"


def test_the_first_tap_shows_a_card_and_the_second_leads_to_the_reference(open_page):
    page = open_page(has_touch=True, viewport={"width": 360, "height": 800})
    page.locator(LENS).scroll_into_view_if_needed()
    still(page)
    page.locator(LENS).tap()
    expect(card(page)).to_contain_text(TITLE)
    box = card(page).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.evaluate("location.hash") == ""
    page.wait_for_timeout(400)  # the theme notes where a page was scrolled to, and would go back there
    page.locator(LENS).tap()
    expect(page.locator("#ref-nostalgebraist2020")).to_be_in_viewport()
    expect(card(page)).to_have_count(0)
    page.locator("#ref-nostalgebraist2020 .ld-places a").first.tap()
    expect(page.locator(LENS)).to_be_in_viewport()


def test_links_and_back_within_a_page_fetch_nothing_and_keep_it(open_page):
    """The theme alone would fetch the page anew, and figures that grow again would move what the reader goes to."""
    page, asked = open_page(), []
    page.locator(LENS).scroll_into_view_if_needed()
    still(page)
    page.wait_for_timeout(400)  # the theme notes where a page was scrolled to
    page.evaluate("window.heading = document.querySelector('article h1')")
    page.on("request", lambda request: asked.append(request.url))
    page.locator(LENS).click()
    expect(page.locator("#ref-nostalgebraist2020")).to_be_in_viewport()
    page.go_back()
    expect(page.locator(LENS)).to_be_in_viewport()
    assert page.evaluate("heading.isConnected") is True
    assert [url for url in asked if not url.endswith(".png")] == []  # browsers may look for the icon


def test_cards_live_on_after_instant_navigation(open_page):
    page = open_page()
    until(page, "'location$' in window")
    page.evaluate("window.stayed = true")
    with turning(page, "**/empty/"):
        page.get_by_role("link", name="empty").press("Enter")
    with turning(page, "**/project/"):
        page.go_back()
    until(page, "document.querySelector('.ld-cite')")
    page.locator(LENS).scroll_into_view_if_needed()
    until(page, "!document.querySelector('[data-waits]')")
    still(page)  # the theme goes back to where the reader was: what moves away under the pointer has no card
    page.locator(LENS).hover()
    expect(card(page)).to_contain_text(TITLE)
    assert page.evaluate("window.stayed") is True


def test_without_scripts_a_citation_is_a_link_to_its_reference(open_page):
    page = open_page(java_script_enabled=False)
    page.locator(LENS).click()
    expect(page.locator("#ref-nostalgebraist2020")).to_be_in_viewport()
    page.locator("#ref-nostalgebraist2020 .ld-places a").click()
    expect(page.locator(LENS)).to_be_in_viewport()


def test_paper_has_the_list_with_whole_addresses_and_no_card(open_page):
    page = open_page("cited/")
    page.locator("a.ld-cite").first.hover()
    expect(card(page)).to_be_visible()
    page.emulate_media(media="print")
    assert not card(page).is_visible()
    assert not page.locator(".ld-places").first.is_visible()
    expect(page.locator("#ref-cammarata2020thread")).to_contain_text("doi: 10.23915/distill.00024")
    number = page.locator("#ref-cammarata2020thread .ld-order")
    assert number.evaluate("e => getComputedStyle(e).position") == "static"  # or the columns of an article would end unequal


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_reference_is_wider_than_the_page(open_page, width):
    page = open_page("cited/", viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = page.locator(".ld-works > li").evaluate_all("all => all.map(e => e.scrollWidth - e.clientWidth)")
    assert len(boxes) == 72
    assert max(boxes) <= 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_citations_references_and_a_card(open_page, scheme):
    page = open_page("cited/", color_scheme=scheme)
    page.locator("a.ld-cite").first.hover()
    expect(card(page)).to_be_visible()
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate(
        "axe.run('.ld-citation, .ld-references, .ld-card', {resultTypes: ['violations']}).then(r => r.violations)"
    )
    assert [(v["id"], [(n["html"][:150], n["any"] and n["any"][0]["message"]) for n in v["nodes"]]) for v in found] == []


def test_paper_has_numbered_figures_in_light_colours_and_the_references_with_their_addresses(open_page, tmp_path):
    page = open_page(color_scheme="dark")
    figures = page.locator("figure[id] .ld-number").all_inner_texts()
    addresses = page.locator(".ld-work a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    works = page.locator(".ld-work").all_inner_texts()
    text = printed(page, tmp_path / "article.pdf")
    assert len(figures) > 5
    assert [number for number in figures if "".join(number.split()) not in text] == []
    assert len(addresses) > 3
    assert [address for address in addresses if address not in text] == []
    assert [work for work in works if "".join(work.split())[:25] not in text] == []
    page.emulate_media(media="print", color_scheme="dark")
    ground = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", ground)[:3])) > 700
