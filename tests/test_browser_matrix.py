"""A matrix of twelve prompts, and two models of different sizes, in one figure of a real Chromium; both in Firefox too."""

from __future__ import annotations

import gzip

import pytest
from chromium import figure, printed, settle, until
from playwright.sync_api import expect
from several_site import PROMPTS, SIZES, ready

pytestmark = pytest.mark.browser


def words(page, name):
    return figure(page, name).locator(".ld-tokens").inner_text()


def test_many_names_are_a_list_and_the_page_weighs_what_one_figure_weighs(open_several, several):
    page = open_several("matrix/")
    ready(page, "fig-prompts")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    select = figure(page, "fig-prompts").get_by_label("Prompt")
    assert select.locator("option").all_inner_texts() == PROMPTS
    select.select_option("p12")
    expect(figure(page, "fig-prompts").locator(".ld-tokens")).to_contain_text("p12w0")
    assert [url.rsplit("/", 1)[1] for url in asked if not url.endswith("favicon.png")] == ["p12.js"]
    pages = [(several[1] / name / "index.html").read_bytes() for name in ("matrix", "single")]
    matrix, single = (len(gzip.compress(text)) for text in pages)
    assert matrix < single + 600
    assert b"p12w0" not in pages[0]


def test_a_matrix_of_twelve_loads_what_one_figure_loads(open_several):
    """In the browser: the same requests, and of elements hardly more than its list of names."""

    def loaded(path, name):
        asked = []
        page = open_several(path)
        page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
        page.reload()
        until(page, f"document.querySelector('#{name} .ld-live[role]') !== null")
        settle(page)
        return page.evaluate("document.querySelectorAll('figure *').length"), {end.split(".")[0] for end in asked}

    matrix, single = loaded("matrix/", "fig-prompts"), loaded("single/", "fig-prompts")
    assert matrix[0] <= single[0] + 3 * len(PROMPTS) + 10  # an option, a link and a template of each
    assert matrix[1] - single[1] <= {"several"}, "only the script of figures with a choice is more"


def test_a_matrix_of_twelve_is_chosen_by_keys_and_an_address(open_several):
    page = open_several("matrix/#fig-prompts:prompt=p11")
    shown = figure(page, "fig-prompts").locator(".ld-tokens")
    expect(shown).to_contain_text("p11w0")
    select = figure(page, "fig-prompts").get_by_label("Prompt")
    expect(select).to_have_value("10")
    select.focus()
    page.keyboard.press("ArrowDown")
    expect(shown).to_contain_text("p12w0")
    assert page.url.endswith("#fig-prompts:prompt=p12")
    page.keyboard.press("Home")
    expect(shown).to_contain_text("p1w0")
    page.go_back()
    expect(shown).to_contain_text("p12w0")


def test_a_matrix_of_twelve_without_scripts_and_on_paper(open_several, tmp_path):
    page = open_several("matrix/", java_script_enabled=False)
    choice = figure(page, "fig-prompts").locator("lens-choice")
    assert choice.inner_text() == f"Prompt: p1 (shown), {', '.join(PROMPTS[1:])}"
    assert f"Prompt:p1(shown),{','.join(PROMPTS[1:])}" in printed(page, tmp_path / "page.pdf")
    choice.get_by_role("link", name="p9", exact=True).click()
    expect(page.locator("figure .ld-tokens")).to_contain_text("p9w0")
    page = open_several("matrix/#fig-prompts:prompt=p9")
    expect(figure(page, "fig-prompts").locator(".ld-tokens")).to_contain_text("p9w0")
    text = printed(page, tmp_path / "chosen.pdf")
    assert "p9(shown)" in text
    assert "p9w0" in text
    assert "p1w0" not in text


def test_a_choice_that_cannot_be_loaded_leaves_the_figure_as_it_was(open_several):
    page = open_several("matrix/")
    ready(page, "fig-prompts")
    page.route("**/p3.js", lambda route: route.abort())
    select = figure(page, "fig-prompts").get_by_label("Prompt")
    select.select_option("p3")
    status = figure(page, "fig-prompts").locator("lens-choice [role=status]")
    expect(status).to_have_text("p3 could not be loaded; p1 is still shown.")
    assert select.input_value() == "0"
    assert "p1w0" in words(page, "fig-prompts")
    open_several.trouble.clear()


def test_a_choice_works_in_a_page_opened_from_a_file(browser, several):
    page = browser.new_page()
    page.goto((several[1] / "matrix" / "index.html").as_uri())
    ready(page, "fig-prompts")
    figure(page, "fig-prompts").get_by_label("Prompt").select_option("p7")
    expect(figure(page, "fig-prompts").locator(".ld-tokens")).to_contain_text("p7w0")
    page.close()


def test_a_list_is_touched_and_fits_a_phone(open_several):
    page = open_several("matrix/", viewport={"width": 390, "height": 800}, has_touch=True)
    ready(page, "fig-prompts")
    select = figure(page, "fig-prompts").get_by_label("Prompt")
    box = select.bounding_box()
    assert box["height"] >= 24
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    select.tap()
    expect(select).to_be_focused()
    select.select_option("p5")  # the phone's own list
    expect(figure(page, "fig-prompts").locator(".ld-tokens")).to_contain_text("p5w0")
    figure(page, "fig-prompts").locator(".ld-token[data-target]").first.tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("kind", SIZES)
def test_a_small_and_a_large_model_stand_beside_each_other(all_kinds, kind):
    """Each figure has its own rows and columns, its line names its model, and what has no counterpart marks nothing."""
    page = all_kinds("models/")
    parts = figure(page, f"fig-{kind}").locator("lens-beside > figure")
    figure(page, f"fig-{kind}").scroll_into_view_if_needed()
    settle(page)
    assert [" ".join(part.locator(".ld-tools > p").inner_text().split())[:11] for part in parts.all()] == [
        "small model",
        "large model",
    ]
    pointed = ".ld-row" if kind == "factors" else ".ld-token" if kind == "saliency" else ".ld-grid tbody td"
    small, large = (part.locator(pointed) for part in parts.all())
    assert small.count() < large.count()
    linked = figure(page, f"fig-{kind}").locator("[data-linked]")
    large.last.dispatch_event("pointerover", {"pointerType": "mouse"})
    expect(linked).to_have_count(0)
    large.first.dispatch_event("pointerover", {"pointerType": "mouse"})
    expect(linked).to_have_count(1)
    small.last.dispatch_event("pointerover", {"pointerType": "mouse"})
    expect(parts.nth(1).locator("[data-linked]")).to_have_count(1)


@pytest.mark.long
def test_firefox_chooses_by_keys_and_links_what_is_pointed_at(firefox, several):
    shows = "([id, text]) => document.querySelector(`#${id} .ld-tokens`)?.textContent.includes(text)"
    firefox.goto(f"{several[0]}choice/")
    firefox.wait_for("() => document.querySelector('#fig-seeds lens-choice[data-ready] input') !== null")
    firefox.evaluate("() => document.querySelector('#fig-seeds lens-choice input').focus()")
    firefox.press("ArrowRight")
    firefox.wait_for(shows, ["fig-seeds", "prompt2"])
    firefox.wait_for("() => location.hash === '#fig-seeds:seed=2'")
    firefox.press("Escape")
    firefox.wait_for(shows, ["fig-seeds", "prompt1"])
    firefox.evaluate("() => document.querySelectorAll('#fig-list lens-choice button')[1].focus()")
    firefox.press("Enter")
    firefox.wait_for("() => document.querySelectorAll('#fig-list lens-choice button')[1].ariaPressed === 'true'")
    firefox.goto(f"{several[0]}matrix/#fig-prompts:prompt=p12")
    firefox.wait_for(shows, ["fig-prompts", "p12w0"])
    firefox.evaluate("() => document.querySelector('#fig-prompts lens-choice select').focus()")
    firefox.press("ArrowUp")
    firefox.wait_for(shows, ["fig-prompts", "p11w0"])
    firefox.goto(f"{several[0]}beside/")
    firefox.wait_for("() => document.querySelector('#fig-rankings lens-rankings .ld-live[role]') !== null")
    firefox.evaluate("() => document.querySelectorAll('#fig-rankings td[data-p]')[3].focus()")
    firefox.wait_for("() => document.querySelector('#fig-rankings [data-linked]')?.textContent === '2'")
