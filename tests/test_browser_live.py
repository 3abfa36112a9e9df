"""A live figure on a page: pressed, typed into, stopped, offline, without files, by keyboard, on paper, without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import SCHEMES, build, visits
from live_models import PROMPT
from live_site import CONFIG
from playwright.sync_api import expect
from states import page_state

import lensdoc
from lensdoc.explorables.live import NOT_HERE

pytestmark = pytest.mark.browser
LONG = 60_000
"""Milliseconds that a busy machine may take to start the model."""


@pytest.fixture
def open_live(browser, live_site):
    yield from visits(browser, live_site)


def figure(page, name="fig-live"):
    return page.locator(f"#{name}")


def note(page):
    return figure(page).locator(".ld-ask-note")  # the drawings have read-outs of their own


def field(page):
    return figure(page).get_by_role("textbox")


def started(page):
    """Press the button and wait for the first answer."""
    figure(page).get_by_role("button", name=re.compile("^Ask it yourself")).click()
    expect(note(page)).to_have_text("Done: 14 tokens written.", timeout=LONG)
    return page


def text_of(page):
    tokens = figure(page).locator("lens-sequence .ld-token")
    return "".join(tokens.evaluate_all("all => all.map(token => token.dataset.said ?? token.textContent)"))


def answered(page, text):
    field(page).fill(text)
    expect(figure(page).locator("lens-sequence")).to_contain_text(text.strip(), timeout=LONG)
    expect(note(page)).to_have_text(re.compile(r"Done: (1 token|\d+ tokens) written\."), timeout=LONG)


def test_nothing_is_loaded_until_the_button_that_names_the_size_is_pressed(open_live, live_tiny):
    page = open_live()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(500)
    assert not [url for url in asked if url.endswith((".gz", "worker.js")) or "/data/" in url]
    button = figure(page).get_by_role("button", name=re.compile("^Ask it yourself"))
    size = float(re.search(r"loads ([\d.]+) MB, once", button.inner_text())[1])
    started(page)
    loaded = [url.split("?")[0].rpartition("/")[2] for url in asked]
    assert {"worker.js", "runtime.wasm.gz", "model.json", *(f"model.{suffix}" for suffix in live_tiny.files)} <= set(loaded)
    assert size == pytest.approx((live_tiny.facts["bytes"] + 3_687_160) / 1e6, abs=0.06)


def test_figures_answer_as_one_types_and_say_that_they_were_computed_here(open_live, tiny):
    page = started(open_live())
    origin = figure(page).locator(".ld-origin")
    answered(page, "The keys to the cabinet")
    expect(origin).to_have_text("Computed in your browser from your text; not part of the verified data.")
    trace = tiny.generate("The keys to the cabinet", max_new_tokens=14)
    ranks = figure(page).locator("lens-rankings tbody td").all_inner_texts()
    assert [int(rank.replace(",", "")) for rank in ranks] == [rank for row in lensdoc.rankings(trace).ranks for rank in row]
    assert page.url.endswith(f"#fig-live:prompt={quote('The keys to the cabinet')}")
    explained = figure(page).locator("lens-saliency .ld-token[data-target]")
    expect(explained).to_have_count(14, timeout=LONG)  # the others are explained after the first


@pytest.mark.long
def test_the_address_with_a_prompt_opens_with_it(open_live):
    page = open_live(f"#fig-live:prompt={quote('A house & <b>')}")
    figure(page).get_by_role("button", name=re.compile("^Ask it yourself")).click()
    expect(field(page)).to_have_value("A house & <b>", timeout=LONG)
    expect(figure(page).locator("lens-sequence")).to_contain_text("house", timeout=LONG)


@pytest.mark.long
def test_what_cannot_be_answered_is_told_and_the_former_state_kept(open_live):
    page = started(open_live())
    before = figure(page).locator("lens-sequence").inner_html()
    for text, said in (("", "Type a text"), ("a " * 600, "shorten it")):
        field(page).fill(text)
        expect(note(page)).to_contain_text(said, timeout=LONG)
        assert figure(page).locator("lens-sequence").inner_html() == before
    answered(page, "The keys")


def token(page, position, kind="sequence"):
    return figure(page).locator(f"lens-{kind} .ld-token").nth(position)


def test_a_click_strikes_a_token_out_and_undo_puts_it_back(open_live, tiny):
    page = started(open_live())
    undo = figure(page).get_by_role("button", name=re.compile(r"^Undo: put ‘\s3’ back$"))
    before = figure(page).locator("lens-rankings tbody td").all_inner_texts()
    expect(figure(page).locator("lens-saliency .ld-token[data-target]")).to_have_count(14, timeout=LONG)
    token(page, 6, "saliency").click()  # the token that is explained
    token(page, 4).click()
    expect(undo).to_be_visible(timeout=LONG)
    expect(token(page, 4)).to_be_focused()
    trace = tiny.generate(PROMPT, max_new_tokens=14)
    occluded = lensdoc.saliency(trace, method="occlusion", target="log_prob", signed=True).scores[1][4]
    words = note(page).inner_text()
    said = re.search(r"^Without ‘ 3’ \(token 4\): ‘ 4’ \(token 6\) goes from .* its log-probability by (.\d[\d.]*);", words)
    assert said, words
    assert float(said[1].replace("−", "-")) == pytest.approx(-occluded, rel=1e-2)
    expect(token(page, 4)).to_have_attribute("data-struck", "")
    expect(token(page, 4, "saliency")).to_have_attribute("data-struck", "")
    expect(figure(page).locator(".ld-origin")).to_contain_text("without the tokens that are struck out")
    assert figure(page).locator("lens-rankings tbody td").all_inner_texts() != before
    undo.click()
    expect(note(page)).to_have_text("No token is struck out.", timeout=LONG)
    assert figure(page).locator("lens-rankings tbody td").all_inner_texts() == before
    expect(undo).to_be_hidden()
    expect(field(page)).to_be_focused()
    expect(token(page, 6, "saliency")).to_have_attribute("aria-pressed", "true")


@pytest.mark.long
def test_the_delete_key_strikes_a_token_out_and_the_focus_stays_there(open_live):
    page = started(open_live())
    token(page, 2).focus()
    page.keyboard.press("Delete")
    expect(note(page)).to_contain_text("Without ‘ 2’ (token 2):", timeout=LONG)
    expect(token(page, 2)).to_be_focused()
    assert "(struck out)" in token(page, 2).get_attribute("aria-label")
    page.keyboard.press("Delete")
    expect(note(page)).to_have_text("No token is struck out.", timeout=LONG)


def test_before_the_model_is_loaded_a_click_pins_a_token(open_live):
    page = open_live()
    token(page, 4).click()
    expect(figure(page).locator("lens-sequence .ld-readout").first).to_contain_text("pinned")
    expect(figure(page).locator("[data-struck]")).to_have_count(0)


def test_markup_in_a_prompt_stays_text(open_live):
    page = started(open_live())
    answered(page, "</script><img src=x onerror=alert(1)><b>x</b>")
    assert figure(page).locator("lens-live img[src=x], lens-live b").count() == 0


def test_by_keyboard_alone(open_live):
    page = open_live()
    figure(page).get_by_role("button", name=re.compile("^Ask it yourself")).focus()
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused(timeout=LONG)
    expect(note(page)).to_have_text("Done: 14 tokens written.", timeout=LONG)
    page.keyboard.press("Control+a")
    page.keyboard.type("The keys")
    page.keyboard.press("Control+Enter")
    expect(figure(page).locator("lens-sequence")).to_contain_text("The keys", timeout=LONG)


@pytest.mark.long
def test_stop_while_loading_gives_the_button_back(open_live):
    page = open_live()
    page.route("**/runtime.wasm.gz*", lambda _: None)  # it never comes
    figure(page).get_by_role("button", name=re.compile("^Ask it yourself")).click()
    expect(figure(page).get_by_role("progressbar")).to_be_visible()
    figure(page).get_by_role("button", name="Stop").click()
    expect(note(page)).to_have_text("Loading was stopped.")
    expect(figure(page).get_by_role("button", name=re.compile("^Ask it yourself"))).to_be_focused()
    page.unroute("**/runtime.wasm.gz*")
    started(page)


@pytest.mark.long
def test_a_lost_connection_is_told_and_the_button_tries_again(browser, live_site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(live_site)
    page.route("**/*.json", lambda route: route.abort())
    figure(page).get_by_role("button", name=re.compile("^Ask it yourself")).click()
    expect(note(page)).to_contain_text("is there a connection? Press the button to try again.")
    page.unroute("**/*.json")
    started(page)
    context.set_offline(True)
    answered(page, "The keys")
    context.close()


def test_without_its_files_a_figure_shows_its_first_state_and_says_so(open_live):
    page = open_live()
    absent = figure(page, "fig-absent")
    expect(absent.locator(".ld-ask")).to_have_text(NOT_HERE)
    expect(absent.get_by_role("button", name=re.compile("^Ask it"))).to_have_count(0)
    expect(absent.locator("lens-sequence")).to_contain_text("1, 2, 3")


def test_from_a_folder_it_says_how_the_folder_is_served(browser, live_folder):
    page = browser.new_page()
    page.goto((live_folder / "index.html").as_uri())
    expect(figure(page).locator(".ld-ask")).to_contain_text("python3 -m http.server")
    expect(figure(page).locator("lens-sequence")).to_contain_text("1, 2, 3")
    page.close()


def test_without_scripts_and_on_paper_the_first_state_stands(browser, live_site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_site)
    expect(figure(page).locator("lens-sequence")).to_contain_text("1, 2, 3")
    expect(figure(page).get_by_role("button")).to_have_count(0)
    context.close()
    page = browser.new_page()
    page.goto(live_site)
    page.emulate_media(media="print")
    expect(figure(page).locator(".ld-ask")).to_be_hidden()
    expect(figure(page).locator("lens-rankings")).to_be_visible()
    page.close()


@pytest.mark.long
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_before_and_after(open_live, scheme):
    page = open_live(color_scheme=scheme, viewport={"width": 390, "height": 900})
    for state in ("before", "after"):
        if state == "after":
            started(page)
            answered(page, "The keys")
        page.evaluate(Path(AXE_FILE_PATH).read_text())
        found = page.evaluate("axe.run('figure')")["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == [], state
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.long
def test_one_row_of_buttons_stands_below_the_figure_whatever_was_answered(open_live):
    page = started(open_live())
    answered(page, "The keys")
    field(page).focus()
    expect(figure(page).locator(".ld-toolbar")).to_have_count(1)


@pytest.mark.long
def test_memory_goes_with_the_figure(open_live):
    page = started(open_live())
    engines = [worker for worker in page.workers if "/live/worker.js" in worker.url]
    assert len(engines) == 1
    page.evaluate("document.querySelector('#fig-live').remove()")
    page.wait_for_timeout(1000)
    assert not [worker for worker in page.workers if "/live/worker.js" in worker.url]


def test_only_a_site_with_a_live_figure_has_the_engine(live_folder, tmp_path):
    assert (live_folder / "assets" / "lensdoc" / "live" / "runtime.wasm.gz").is_file()
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    (tmp_path / "docs" / "index.md").write_text("# Plain\n")
    build(tmp_path, tmp_path / "site")
    assert not (tmp_path / "site" / "assets" / "lensdoc" / "live").exists()


@pytest.mark.parametrize("change", ["kind", "damaged"])
def test_a_block_that_cannot_be_live_is_reported_with_its_line(tmp_path, live_tiny, change):
    from markdown import Markdown

    from lensdoc.publish.extension import LensdocExtension
    from lensdoc.records.writing import write_record

    path = tmp_path / "docs" / "data" / "asked" / "model.json"
    write_record(live_tiny.record_of("sequence") if change == "kind" else live_tiny, path)
    if change == "damaged":
        (path.parent / "model.graph.onnx.gz").write_bytes(b"other")
    told = []
    page = page_state(tmp_path / "docs" / "data", docs=tmp_path / "docs", path="page.md", report=told.append)
    Markdown(extensions=["attr_list", LensdocExtension(page=page)]).convert("# A\n\n/// live | asked/model\nA caption.\n///\n")
    (said,) = told
    assert said.startswith("page.md:3: ")
    expected = (
        "draws records of kind 'live'; write /// explorable" if change == "kind" else "is not the file that the record names"
    )
    assert expected in said
