"""Figures in the HTML of an executed notebook, opened from the disk in a real Chromium, with every other request refused."""

from __future__ import annotations

import re

import nbformat
import pytest
from chromium import awake, settle
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LOAD = """import torch, lensdoc
torch.set_num_threads(1)
trace = lensdoc.load_model("lensdoc/tiny").generate(" 1, 2, 3", max_new_tokens=6)"""
SHOWN = {
    "lens-sequence": "lensdoc.sequence(trace)",
    "lens-saliency": "lensdoc.saliency(trace)",
    "lens-rankings": "lensdoc.rankings(trace)",
    "lens-watch": "lensdoc.watch([trace, trace], [' 4', ' 5'])",
    "lens-predictions": "lensdoc.predictions(trace)",
    "lens-factors": "lensdoc.factors(trace, 2)",
    "lens-activations": "lensdoc.activations(trace, layers=[0, 4], clusters=5)",
    "lens-factor-saliency": "lensdoc.factor_saliency(trace, lensdoc.factors(trace, 2), targets=slice(trace.n_input, None))",
}


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The page of a notebook that a real kernel executed, one figure a cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in (LOAD, *SHOWN.values())])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    links = dict.fromkeys(("require_js_url", "mathjax_url", "jquery_url", "mermaid_js_url"), "")
    body, _ = HTMLExporter(**links).from_notebook_node(notebook)
    path = tmp_path_factory.mktemp("notebook") / "notebook.html"
    path.write_text(body)
    return path.as_uri()


@pytest.fixture
def page(browser, html):
    """The page; no error and no request to anywhere is allowed."""
    context, trouble = browser.new_context(), []
    page = context.new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda r: None if r.url == html or r.url.startswith("data:") else trouble.append(r.url))
    page.goto(html)
    yield page
    context.close()
    assert trouble == []


def said(page, name):
    return page.locator(f"{name} .ld-live")


def test_every_kind_is_defined_and_drawn(page):
    for name in SHOWN:
        expect(page.locator(name)).to_have_count(1)
        assert page.evaluate(f"customElements.get('{name}') !== undefined")


@pytest.mark.parametrize("name", ["lens-rankings", "lens-watch", "lens-predictions"])
def test_grids_are_read_out(page, name):
    cell = page.locator(f"{name} tbody td").first
    cell.hover()
    expect(said(page, name)).to_contain_text("Layer 0")
    cell.focus()
    page.keyboard.press("ArrowDown")
    expect(said(page, name)).to_contain_text("Layer 1")


@pytest.mark.parametrize(("name", "text"), [("lens-sequence", "Token 1 ‘,’"), ("lens-saliency", "Token 6")])
def test_tokens_are_walked_through_by_keys(page, name, text):
    page.locator(f"{name} .ld-token[tabindex='0']").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{name} .ld-readout")).to_contain_text(text)


def test_a_factor_is_isolated_by_hovering(page):
    awake(page)
    tints = "all => all.map(t => getComputedStyle(t).backgroundColor)"
    tokens = page.locator("lens-factors .ld-token")
    before = tokens.evaluate_all(tints)
    page.locator("lens-factors .ld-row").nth(1).hover()
    settle(page)
    assert tokens.evaluate_all(tints) != before


def test_a_heatmap_is_read_by_keys(page):
    awake(page)
    page.locator("lens-activations .ld-plot").nth(1).focus()
    page.keyboard.press("PageDown")
    expect(said(page, "lens-activations")).to_contain_text(
        re.compile(r"^Layer 4, neuron \d+ \(cluster 2\): \S+ on token\s0 ‘\s1’\.$")
    )


def test_a_factor_and_a_token_are_chosen(page):
    name = "lens-factor-saliency"
    shares = "all => all.map(t => t.dataset.share ?? null)"
    before = page.locator(f"{name} .ld-token").evaluate_all(shares)
    page.locator(f"{name} .ld-token[data-target]").first.hover()
    expect(said(page, name)).to_contain_text("F1 is")
    assert page.locator(f"{name} .ld-token").evaluate_all(shares) != before
    page.locator(f"{name} .ld-row").nth(1).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    expect(said(page, name)).to_contain_text("F2 is")
