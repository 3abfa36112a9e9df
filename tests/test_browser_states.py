"""Addresses that lead to a figure in a state: on load, from another page, with Back, and on request."""

from __future__ import annotations

import pytest
from chromium import figure, row, tool, until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def pressed(page, name):
    return figure(page, name).locator("[aria-pressed='true']")


@pytest.mark.parametrize(
    ("path", "name", "text"),
    [
        ("#fig-two:factor=2", "fig-two", "F2"),
        ("kinds/#fig-spikes:factor=2", "fig-spikes", "F2"),
        ("kinds/#fig-saliency:token=6", "fig-saliency", "<b>"),
        ("drives/#fig-factor-detailed:factor=5", "fig-factor-detailed", "F5"),
        ("embed/counting/two-factors.html#fig-two:factor=2", "fig-two", "F2"),
    ],
)
def test_an_address_opens_the_figure_in_its_state(open_page, path, name, text):
    page = open_page(path)
    expect(pressed(page, name)).to_have_count(1)
    expect(pressed(page, name)).to_contain_text(text)
    expect(figure(page, name)).to_be_in_viewport()


@pytest.mark.sample(fragment=["#fig-spikes:token=1"])
@pytest.mark.parametrize("fragment", ["#fig-spikes:factor=9", "#fig-spikes:token=1", "#fig-none:factor=1", "#%E0%A4%A:factor=1"])
def test_an_address_of_no_state_changes_nothing(open_page, fragment):
    page = open_page(f"kinds/{fragment}")
    expect(figure(page, "fig-spikes").locator("[aria-pressed]").first).to_be_attached()
    expect(pressed(page, "fig-spikes")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        *(("fig-spikes", state) for state in ("foo=1",)),
        ("fig-sequence", "factor=99"),
        *(pytest.param("fig-spikes", state, marks=pytest.mark.long) for state in ("factor=", "", "factor=1x", "factor=99")),
        *(pytest.param("fig-sequence", state, marks=pytest.mark.long) for state in ("foo=1", "factor=", "factor=1x", "")),
    ],
)
def test_an_address_of_no_state_leads_to_the_figure(open_page, name, state):
    page = open_page(f"kinds/#{name}:{state}")
    expect(figure(page, name)).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(f"location.hash = '#{name}:other={state}'")
    expect(figure(page, name)).to_be_in_viewport()


def test_back_and_forward_go_through_the_states(open_page):
    page = open_page("kinds/")
    expect(row(page, 1, "fig-spikes")).to_have_attribute("aria-pressed", "false")
    for number in (2, 3):
        page.evaluate(f"location.hash = '#fig-spikes:factor={number}'")
        expect(row(page, number, "fig-spikes")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(row(page, 2, "fig-spikes")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(pressed(page, "fig-spikes")).to_have_count(0)
    page.go_forward()
    expect(row(page, 2, "fig-spikes")).to_have_attribute("aria-pressed", "true")


def test_a_link_of_the_page_is_an_address_too(open_page, site):
    page = open_page("explorables/factors/")
    figure(page, "fig-factors").locator("figcaption a[data-state='factor=2']").click()
    expect(row(page, 2, "fig-factors")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(f"{site}explorables/factors/#fig-factors:factor=2")
    page.go_back()
    expect(page).to_have_url(f"{site}explorables/factors/")
    expect(pressed(page, "fig-factors")).to_have_count(0)


def test_a_link_from_another_page_leads_into_the_state_without_a_load(open_page):
    page = open_page("empty/")
    until(page, "'location$' in window")
    page.evaluate(
        """() => { window.stayed = true; const a = document.createElement("a"); a.href = "../kinds/#fig-spikes:factor=3";
          a.textContent = "There"; document.querySelector("article").append(a); }"""
    )
    page.get_by_role("link", name="There").click()
    expect(row(page, 3, "fig-spikes")).to_have_attribute("aria-pressed", "true")
    expect(figure(page, "fig-spikes")).to_be_in_viewport()
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Empty")


def test_a_link_names_its_state_to_who_copies_it_or_opens_it_elsewhere(open_page, site):
    page = open_page("explorables/factors/")
    link = figure(page, "fig-factors").locator("figcaption a[data-state='factor=2']")
    expect(link).to_have_js_property("href", f"{site}explorables/factors/#fig-factors:factor=2")
    with page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    expect(pressed(opened.value, "fig-factors")).to_contain_text("F2")
    expect(pressed(page, "fig-factors")).to_have_count(0)


def test_links_to_other_pages_name_their_states_after_instant_navigation_too(open_page, site):
    page = open_page()
    until(page, "'location$' in window")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="empty").press("Enter")
    expect(page.get_by_role("link", name="The third")).to_have_js_property("href", f"{site}kinds/#fig-spikes:factor=3")
    reference = page.locator("a.ld-ref[data-state='factor=2']")
    reference.hover()
    expect(page.locator(".ld-card")).to_contain_text("A caption.")
    reference.click()
    expect(row(page, 2, "fig-spikes")).to_have_attribute("aria-pressed", "true")
    expect(figure(page, "fig-spikes")).to_be_in_viewport()
    assert page.evaluate("window.stayed") is True


def test_a_link_to_another_page_is_not_taken_for_one_to_a_figure_of_this_page(open_page):
    page = open_page("kinds/")
    page.evaluate(
        """() => { const a = document.createElement("a"); a.href = "../letters/#fig-spikes"; a.dataset.state = "factor=2";
          a.textContent = "Away"; document.querySelector("article").prepend(a); }"""
    )
    page.get_by_role("link", name="Away").click()
    expect(page.locator("h1")).to_contain_text("Letters")


@pytest.mark.parametrize(
    ("name", "choose", "fragment"),
    [
        ("fig-spikes", ".ld-row[data-factor='2']", "#fig-spikes:factor=2"),
        ("fig-saliency", ".ld-token[data-target] >> nth=2", "#fig-saliency:token=6"),
        ("fig-spikes", None, "#fig-spikes"),
    ],
)
def test_the_address_bar_has_what_was_pinned_and_a_link_copies_it(open_page, site, name, choose, fragment):
    page = open_page("kinds/", permissions=["clipboard-read", "clipboard-write"])
    shown = figure(page, name)
    expect(shown.locator("[aria-pressed]").first).to_be_attached()
    expect(page).to_have_url(f"{site}kinds/")
    if choose:
        shown.locator(choose).click()
        expect(page).to_have_url(f"{site}kinds/{fragment}")
    tool(page, "link", name).click()
    expect(page).to_have_url(f"{site}kinds/{fragment}")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}kinds/{fragment}"
    page.reload()
    expect(pressed(page, name)).to_have_count(0 if name == "fig-spikes" and not choose else 1)


@pytest.mark.parametrize(
    ("address", "choose", "then"),
    [
        ("fig-spikes:factor=2", ".ld-row[data-factor='1']", ":factor=1"),
        ("fig-spikes:factor=2", None, ""),
        ("fig-saliency:token=6", ".ld-token[data-target] >> nth=1", ":token=5"),
        ("fig-saliency:token=6", ".ld-token[data-target] >> nth=0", ""),
    ],
)
def test_an_address_that_names_a_state_follows_what_the_reader_does(open_page, site, address, choose, then):
    page, name = open_page(f"kinds/#{address}"), address.split(":")[0]
    expect(figure(page, name).locator("[data-kept]")).to_have_count(1)
    before = page.evaluate("history.length")
    if choose:
        figure(page, name).locator(choose).click()
    else:
        page.keyboard.press("Escape")
    expect(page).to_have_url(f"{site}kinds/#{name}{then}")
    assert page.evaluate("history.length") == before


def test_an_address_keeps_what_is_shown_until_something_else_is_pinned(open_page, site):
    page = open_page("kinds/#fig-saliency:token=4")  # it shows this one in any case
    expect(figure(page, "fig-saliency").locator("[aria-pressed='true']")).to_contain_text("4")
    expect(page).to_have_url(f"{site}kinds/#fig-saliency:token=4")
    row(page, 1, "fig-spikes").click()
    expect(page).to_have_url(f"{site}kinds/#fig-spikes:factor=1")
    figure(page, "fig-saliency").locator(".ld-token[data-target]").nth(1).click()
    expect(page).to_have_url(f"{site}kinds/#fig-saliency:token=5")


def test_an_id_may_have_letters_beyond_ascii(open_page):
    page = open_page("letters/#fig-größe:factor=1")
    expect(row(page, 1, "fig-größe")).to_have_attribute("aria-pressed", "true")
    figure(page, "fig-größe").locator("figcaption a[data-state='factor=2']").click()
    expect(row(page, 2, "fig-größe")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("decodeURIComponent(location.hash)") == "#fig-größe:factor=2"
    row(page, 1, "fig-größe").click()  # the address follows the figure that it names
    until(page, "decodeURIComponent(location.hash) === '#fig-größe:factor=1'")
