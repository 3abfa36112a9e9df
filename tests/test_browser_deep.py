"""Figures of deep models in a real Chromium: every layer is on the screen at once, on paper, and in what is saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import A4, DEEP, MARGINS, SCHEMES, figure, printed, tool
from lxml import etree
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SCREENS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
ROWS_OF = {"deep-30": (30, 27), "deep-48": (48, 44)}
"""Layers of a record, and the first of them at which its first token has rank 1."""

ROWS = """frame => {
  frame.scrollIntoView({block: "end", behavior: "instant"});
  const cells = [...frame.querySelectorAll("tbody td:nth-child(2)")];
  return {
    inner: frame.scrollHeight - frame.clientHeight,
    ranks: cells.map((cell) => cell.textContent),
    sizes: cells.map((cell) => parseFloat(getComputedStyle(cell).fontSize)),
    heights: cells.map((cell) => cell.getBoundingClientRect().height),
    seen: cells.map((cell) => {
      const {x, y, width, height} = cell.getBoundingClientRect();
      return cell.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    })
  };
}"""


@pytest.mark.sample(screen=list(SCREENS)[:1])
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ROWS_OF)
def test_the_row_of_rank_1_is_on_the_screen_with_all_others(open_page, name, screen):
    page = open_page("deep/", viewport=SCREENS[screen])
    layers, first = ROWS_OF[name]
    found = figure(page, f"fig-{name}").locator(".ld-frame").evaluate(ROWS)
    assert found["inner"] == 0  # nothing is hidden in a box that scrolls
    assert found["ranks"].index("1") == first
    assert found["seen"] == [True] * layers
    assert min(found["sizes"]) >= 11
    assert 13 <= min(found["heights"]) <= max(found["heights"]) <= 20
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.sample(screen=list(SCREENS)[:1])
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(("name", "layers"), [("deep-watch", 48), ("deep-predictions", 30)])
def test_watched_and_predicted_tokens_of_all_layers_are_on_the_screen(open_page, name, layers, screen):
    page = open_page("deep/", viewport=SCREENS[screen])
    found = figure(page, f"fig-{name}").locator(".ld-frame").evaluate(ROWS)
    assert found["inner"] == 0
    assert found["seen"] == [True] * layers
    assert max(found["heights"]) <= 20


LABELS = """svg => [...svg.querySelectorAll("text")].map((text) => {
  const {x, y, width, height} = text.getBoundingClientRect();
  return [text.textContent, x, y + 2, x + width, y + height - 2];
})"""


@pytest.mark.parametrize("screen", SCREENS)
def test_labels_of_a_deep_chart_do_not_overprint(open_page, screen):
    page = open_page("deep/", viewport=SCREENS[screen])
    chart = figure(page, "fig-deep-watch").locator(".ld-chart")
    labels = chart.evaluate(LABELS)
    assert [text for text, *_ in labels if text in ("0", "47", "1", "100", "‘\xa0is’")]
    for i, (one, left, top, right, bottom) in enumerate(labels):
        assert 0 <= left < right <= SCREENS[screen]["width"], one
        for other, left2, top2, right2, bottom2 in labels[:i]:
            apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
            assert apart, (one, other)


def test_a_large_rank_is_read_out_whole(open_page):
    page = open_page("deep/")
    cell = figure(page, "fig-deep-30").locator("tbody td").first
    expect(cell).to_have_text("49k")
    cell.focus()
    expect(figure(page, "fig-deep-30").locator(".ld-live")).to_contain_text("Layer 0, ‘ 1’ (token 1): rank 49000, probability")


def test_in_forced_colours_ranks_keep_their_magnitudes(open_page):
    page = open_page("deep/", forced_colors="active")
    cells = figure(page, "fig-deep-30").locator("tbody tr td:nth-child(2)")
    wide = cells.evaluate_all("all => all.map(cell => parseFloat(getComputedStyle(cell).borderBottomWidth))")
    assert wide[0] == 0
    assert wide == sorted(wide)
    assert wide[-1] == 4
    outlined = cells.evaluate_all("all => all.map(cell => getComputedStyle(cell).outlineStyle)")
    assert outlined == ["none"] * 27 + ["solid"] * 3


def test_all_layers_are_on_paper(open_page, tmp_path):
    page = open_page("deep/")
    text = printed(page, tmp_path / "deep.pdf")
    grid, _, _ = text.partition("Rank1101001,00010,00049,152Rankofeachtokenamong49,152")
    rows = "".join(f"{layer}{''.join(cell_text(layer, 27 + t) for t in range(3))}" for layer in range(30))
    assert grid.endswith(f"Layer123{rows}")


def cell_text(layer, first):
    rank = 1 if layer >= first else 49_000 // (1 + layer)
    return str(rank) if rank < 10_000 else f"{rank // 1000}k"


def test_all_layers_are_in_what_is_saved(open_page):
    page = open_page("deep/", viewport=SCREENS["phone"])
    tool(page, "download", "fig-deep-48").click()
    with page.expect_download() as download:
        figure(page, "fig-deep-48").get_by_role("button", name="Figure (SVG)").click()
    texts = list(etree.fromstring(download.value.path().read_bytes()).iter("{http://www.w3.org/2000/svg}text"))
    left = min(float(text.get("x")) for text in texts if text.text == "Layer") + 30
    layers = [text.text for text in texts if float(text.get("x")) < left and (text.text or "").isdigit()]
    assert layers == [str(layer) for layer in range(48)]
    assert sum(text.text == "1" and text.get("font-weight") == "700" for text in texts) == 4 + 3 + 2 + 1


def test_a_word_that_a_cell_cuts_is_cut_where_it_is_saved(open_page):
    page = open_page("deep/")
    tool(page, "download", "fig-deep-predictions").click()
    with page.expect_download() as download:
        figure(page, "fig-deep-predictions").get_by_role("button", name="Figure (SVG)").click()
    said = [text.text for text in etree.fromstring(download.value.path().read_bytes()).iter("{http://www.w3.org/2000/svg}text")]
    words = [(text or "").strip() for text in said]
    assert sum(word == "word3" for word in words) > 10, sorted(set(words))[:40]
    cut = [word for word in words if word.startswith("intern")]
    assert len(cut) == 10
    assert max(map(len, cut)) < len("internationalisation")


@pytest.mark.sample(name=["deep-48"])
@pytest.mark.parametrize("name", DEEP)
def test_deep_grids_fit_on_paper(open_page, name):
    page = open_page("deep/", viewport={"width": A4 - MARGINS, "height": 1000})
    page.emulate_media(media="print")
    table = figure(page, f"fig-{name}").locator(".ld-grid").bounding_box()
    assert table["x"] >= 0
    assert table["x"] + table["width"] <= A4 - MARGINS


@pytest.mark.long
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_deep_grids(open_page, scheme):
    page = open_page("deep/", color_scheme=scheme)
    figure(page, "fig-deep-30").locator("tbody td").nth(4).focus()
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("axe.run('figure.ld', {resultTypes: ['violations']}).then(r => r.violations)")
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]][:3]) for v in found] == []
