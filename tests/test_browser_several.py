"""Several records in one figure, in a real Chromium: a reader's choice, and two beside each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import SCHEMES, figure, printed, settle, tool, until
from drawn import DRAWN
from playwright.sync_api import expect
from several_site import MANY, ready

pytestmark = pytest.mark.browser

FEW = ("attention", "factors", "rankings", "saliency")
"""Kinds that are looked at where there is little time."""


def some(kinds):
    """Parameters of a test: a few of these kinds, and all where there is time."""
    return [kind if kind in FEW else pytest.param(kind, marks=pytest.mark.long) for kind in sorted(kinds)]


def words(page, name):
    return figure(page, name).locator(".ld-tokens").inner_text()


def test_a_number_is_chosen_on_a_slider(open_several):
    page = open_several("choice/")
    ready(page, "fig-seeds")
    slider = figure(page, "fig-seeds").locator("input[type=range]")
    expect(slider).to_have_attribute("aria-valuetext", "1")
    assert "prompt1" in words(page, "fig-seeds")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt2")
    expect(slider).to_have_attribute("aria-valuetext", "2")
    expect(figure(page, "fig-seeds").locator("[role=status]").first).to_have_text("2 is shown.")
    assert page.url.endswith("#fig-seeds:seed=2")
    page.keyboard.press("End")
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt10")
    page.go_back()
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt2")
    slider.focus()
    page.keyboard.press("Escape")
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt1")
    assert page.url.endswith("#fig-seeds")


def test_names_are_chosen_with_buttons_and_by_links(open_several):
    page = open_several("choice/")
    ready(page, "fig-list")
    buttons = figure(page, "fig-list").get_by_role("group", name="Choice").get_by_role("button")
    assert buttons.all_inner_texts() == ["Tiny", "Large"]
    page.get_by_role("link", name="the second").click()
    expect(buttons.nth(1)).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("#fig-list:choice=2")
    buttons.nth(0).click()
    expect(buttons.nth(0)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="seed 2").click()
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt2")


def test_what_is_pinned_stays_pinned_in_the_next_one(open_several):
    page = open_several("every/")
    ready(page, "fig-rankings")
    buttons = figure(page, "fig-rankings").get_by_role("group", name="Choice").get_by_role("button")
    figure(page, "fig-rankings").locator("tbody td").nth(1).click()
    until(page, "location.hash.startsWith('#fig-rankings:')")
    pinned = page.url.partition(":")[2].partition("#fig-rankings:")[2]
    buttons.nth(1).click()
    expect(figure(page, "fig-rankings").locator("lens-choice [role=status]")).to_have_text("right is shown.")
    expect(figure(page, "fig-rankings").locator("[data-pinned]")).to_have_count(1)
    assert page.url.endswith(f"#fig-rankings:choice=2,{pinned}")
    buttons.nth(0).click()
    expect(figure(page, "fig-rankings").locator("lens-choice [role=status]")).to_have_text("left is shown.")
    assert page.url.endswith(f"#fig-rankings:{pinned}")


def test_an_address_opens_the_figure_with_its_choice(open_several):
    page = open_several("choice/#fig-seeds:seed=10")
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt10")
    assert page.url.endswith("#fig-seeds:seed=10")
    expect(figure(page, "fig-list").locator("lens-choice [aria-pressed=true]")).to_have_text("Tiny")


def test_what_is_chosen_is_a_whole_figure_with_its_own_data(open_several):
    """Its tokens can be chosen, its line names its parameters and leads to its file."""
    page = open_several("choice/#fig-seeds:seed=2")
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt2")
    token = figure(page, "fig-seeds").locator(".ld-token").nth(4)
    token.click()
    expect(token).to_have_attribute("data-chosen", "")
    tool(page, "about", "fig-seeds").click()
    expect(figure(page, "fig-seeds").locator(".ld-panel")).to_contain_text("seed 2")
    tool(page, "download", "fig-seeds").click()
    assert "data/seeds/seed-2/saliency.json" in (
        figure(page, "fig-seeds").locator(".ld-panel a").first.get_attribute("href") or ""
    )
    tool(page, "cite", "fig-seeds").click()
    expect(figure(page, "fig-seeds").locator(".ld-panel")).to_contain_text("choice/#fig-seeds:seed=2")


@pytest.mark.parametrize("kind", some(MANY))
def test_figures_of_every_kind_can_be_chosen(all_kinds, kind):
    page = all_kinds("every/")
    ready(page, f"fig-{kind}")
    page.mouse.move(0, 0)  # from where the test before pressed: a figure that comes below the pointer says what lies there
    figure(page, f"fig-{kind}").scroll_into_view_if_needed()
    settle(page)
    figure(page, f"fig-{kind}").evaluate("found => found.querySelector('.ld-hint')?.remove()")  # of the first alone
    before = figure(page, f"fig-{kind}").locator("> div").first.inner_text()
    button = figure(page, f"fig-{kind}").get_by_role("button", name="right")
    button.click()
    expect(figure(page, f"fig-{kind}").locator("lens-choice [role=status]")).to_have_text("right is shown.")
    assert figure(page, f"fig-{kind}").locator(f"lens-{kind}").count() == 1
    settle(page)
    figure(page, f"fig-{kind}").evaluate("found => found.querySelector('.ld-hint')?.remove()")
    after = figure(page, f"fig-{kind}").locator("> div").first.inner_text()
    assert after.replace("right is shown.", "").split() == before.split()
    expect(tool(page, "about", f"fig-{kind}")).to_have_count(1)


def test_without_scripts_the_first_is_shown_and_the_others_are_pages(open_several):
    page = open_several("choice/", java_script_enabled=False)
    choice = figure(page, "fig-seeds").locator("lens-choice")
    assert choice.inner_text() == "Seed: 1 (shown), 2, 10"
    choice.get_by_role("link", name="10").click()
    expect(page.locator("figure .ld-tokens")).to_contain_text("prompt10")
    expect(page.locator("figcaption")).to_contain_text("The caption of seeds.")


def test_on_paper_the_choice_is_named(open_several, tmp_path):
    page = open_several("choice/")
    ready(page, "fig-seeds")
    assert "Seed:1(shown),2,10" in printed(page, tmp_path / "first.pdf")
    figure(page, "fig-seeds").locator("input[type=range]").press("End")
    expect(figure(page, "fig-seeds").locator(".ld-tokens")).to_contain_text("prompt10")
    text = printed(page, tmp_path / "chosen.pdf")
    assert "Seed:1,2,10(shown)" in text
    assert "prompt10" in text


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", ["choice/", "matrix/"])
def test_axe_finds_nothing_in_a_choice(open_several, scheme, path):
    page = open_several(path, color_scheme=scheme)
    until(page, "document.querySelectorAll('lens-choice:not([data-ready])').length === 0")
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_what_is_touched_is_large_enough(open_several):
    page = open_several("choice/", viewport={"width": 390, "height": 800}, has_touch=True)
    ready(page, "fig-list")
    for box in page.locator("lens-choice :is(button, input)").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().toJSON())"
    ):
        assert box["height"] >= 24
        assert 0 <= box["left"] < box["right"] <= 390
    figure(page, "fig-list").get_by_role("button", name="Large").tap()
    expect(figure(page, "fig-list").locator("lens-choice [aria-pressed=true]")).to_have_text("Large")


def test_two_records_stand_beside_each_other_with_one_caption(open_several):
    page = open_several("beside/")
    parts = figure(page, "fig-seeds").locator("lens-beside > figure")
    assert parts.locator("figcaption").all_inner_texts() == ["seed-1", "seed-10"]
    assert figure(page, "fig-seeds").locator("> figcaption").inner_text() == "Figure 1. The caption of seeds."
    left, right = parts.nth(0).bounding_box(), parts.nth(1).bounding_box()
    assert left["x"] + left["width"] < right["x"]
    assert left["y"] == right["y"]
    page.get_by_role("link", name="the second").click()
    expect(parts.nth(1).locator(".ld-token").nth(4)).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith("#fig-seeds-2:token=4")


def test_on_a_phone_they_stand_below_each_other(open_several):
    page = open_several("beside/", viewport={"width": 390, "height": 800})
    for name in ("fig-seeds", "fig-rankings"):
        first, second = (part.bounding_box() for part in figure(page, name).locator("lens-beside > figure").all())
        assert first["y"] + first["height"] <= second["y"]
        assert first["x"] == second["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_they_are_drawn_to_one_scale_and_stay_on_it(open_several):
    """The largest score is 0.5 in both; a share of 0.25 is as dark in the one as in the other, whatever is chosen."""
    page = open_several("beside/")
    parts = figure(page, "fig-seeds").locator("lens-beside > figure").all()
    shades = "all => all.slice(0, 2).map(token => [token.dataset.share, token.dataset.level])"
    assert [part.locator(".ld-token").evaluate_all(shades) for part in parts] == [[["50%", "15"], ["25%", "8"]]] * 2
    data = [json.loads(part.locator(".ld-data").evaluate("data => data.content.textContent")) for part in parts]
    assert [found["largest"] for found in data] == [0.5, 0.5]


def test_what_is_pointed_at_is_marked_in_both(open_several):
    page = open_several("beside/")
    parts = figure(page, "fig-seeds").locator("lens-beside > figure")
    linked = figure(page, "fig-seeds").locator("[data-linked]")
    until(page, "customElements.get('lens-beside') !== undefined")
    settle(page)
    parts.nth(0).locator(".ld-token").nth(1).hover()
    expect(parts.nth(1).locator("[data-linked]")).to_have_count(1)
    assert linked.all_inner_texts() == [" has"]
    page.mouse.move(0, 0)
    expect(linked).to_have_count(0)
    cells = figure(page, "fig-rankings").locator("lens-beside > figure").nth(1).locator("td[data-p]")
    cells.nth(3).focus()
    marked = figure(page, "fig-rankings").locator("lens-beside > figure").nth(0).locator("[data-linked]")
    expect(marked).to_have_text("1")
    page.keyboard.press("ArrowRight")
    expect(marked).to_have_text("2")


def test_on_phones_no_buttons_stand_between_the_parts_and_their_caption(open_several):
    page = open_several("beside/", viewport={"width": 390, "height": 800})
    for part in figure(page, "fig-seeds").locator("lens-beside > figure").all():
        title, tools, drawing = (part.locator(name).bounding_box() for name in ("figcaption", ".ld-tools", ".ld-tokens"))
        assert title["y"] + title["height"] <= tools["y"]
        assert tools["y"] + tools["height"] <= drawing["y"]


@pytest.mark.parametrize("kind", some(MANY.keys() - {"image", "live", "table"}))
def test_figures_of_every_kind_stand_beside_each_other(all_kinds, kind):
    page = all_kinds("besides/")
    parts = figure(page, f"fig-{kind}").locator("lens-beside > figure")
    assert parts.count() == 2
    # Only the first of a kind says how it is used.
    text = "drawn => [...drawn.querySelectorAll(':scope :not(.ld-hint)')].map(e => e.tagName + e.getAttribute('data-level'))"
    first, second = (part.locator(f"lens-{kind}").evaluate(text) for part in parts.all())
    assert first == second
    assert len(first) > 10
    assert parts.locator(".ld-tools").count() == 2


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_beside(open_several, scheme):
    page = open_several("beside/", color_scheme=scheme)
    page.wait_for_timeout(500)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_on_paper_and_without_scripts_both_are_there(open_several, tmp_path):
    page = open_several("beside/", java_script_enabled=False)
    assert page.get_by_text("prompt10", exact=False).count()
    text = printed(page, tmp_path / "beside.pdf")
    for word in ("prompt1", "prompt10", "seed-1", "<b>High</b>"):
        assert word in text


DRAW = """async (address) => {
  const record = await (await fetch(address)).json();
  const {draw} = await window.lensdoc.shared.loaded("draw");
  document.querySelector("#drawn")?.remove();
  const figure = Object.assign(document.createElement("figure"), {id: "drawn", className: "ld"});
  figure.append(draw(record));
  document.querySelector("article").append(figure);
}"""


@pytest.mark.parametrize("kind", some(DRAWN))
def test_what_the_page_draws_is_taken_over_as_what_python_wrote(all_kinds, kind):
    """In a real browser, under the policy of the site: the drawing looks as that of the page and answers the same keys."""
    page = all_kinds("besides/")
    page.evaluate(DRAW, f"../data/left/{kind}.json")
    settle(page)
    drawn, built = page.locator(f"#drawn lens-{kind}"), figure(page, f"fig-{kind}").locator(f"lens-{kind}").first
    # What a page sets aside until it is opened stands in the drawing itself.
    parts = ".ld-title, .ld-token, td, .ld-row, .ld-step, text"
    texts = f"drawn => [...drawn.querySelectorAll('{parts}')].filter(p => !p.closest('details')).map(p => p.textContent)"
    assert drawn.evaluate(texts) == built.evaluate(texts)
    assert drawn.evaluate(texts)
    stop = drawn.locator("[tabindex='0']").first
    stop.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert drawn.locator(".ld-live").inner_text().strip()
