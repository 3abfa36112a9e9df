"""The article itself, as it is built: every figure of the plan is there, is told about, and answers to the keyboard."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chromium import visits
from lxml import html as lxml_html
from playwright.sync_api import expect

ROOT = Path(__file__).parents[1]
WEIGHT = 280_000
"""Bytes, compressed, of page, styles and scripts, without images, fonts, KaTeX and data that load later."""
FIGURES = {
    "fig-hero-factors": "factors",
    "fig-hero-saliency": "saliency",
    "fig-ask": "live",
    "fig-fact": "saliency",
    "fig-fact-control": "saliency",
    "fig-integrated": "saliency",
    "fig-eu": "saliency",
    "fig-ones": "saliency",
    "fig-answer": "saliency",
    "fig-contrast": "saliency",
    "fig-swaps": "saliency",
    "fig-path": "exchange",
    "fig-top": "predictions",
    "fig-eu-ranks": "rankings",
    "fig-agreement": "watch",
    "fig-no-attractor": "watch",
    "fig-bias": "watch",
    "fig-count": "sequence",
    "fig-count-ranks": "rankings",
    "fig-one-token": "activations",
    "fig-five-tokens": "activations",
    "fig-clustered": "activations",
    "fig-two": "factors",
    "fig-five": "factors",
    "fig-eu-six": "factors",
    "fig-xml": "factors",
    "fig-prose-ten": "factors",
    "fig-prose-eighteen": "factors",
    "fig-driven": "factor-saliency",
    "fig-attention": "attention",
    "fig-paths": "attention-flow",
    "fig-heads": "ablation",
    "fig-similarity": "similarity",
    "fig-similarity-control": "similarity",
    "fig-decoding": "decoding",
}
"""Explorables in the order of the page, and their kinds."""
PATIENCE = 30
"""Seconds that a figure may take on a busy machine until its script answers."""
REAL = ROOT / "analyses" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
DRAWINGS = ["fig-architecture", "fig-steps", "fig-lens", "fig-ffn"]
SIZES = {
    "fig-hero-factors": 4,
    "fig-two": 2,
    "fig-five": 5,
    "fig-eu-six": 6,
    "fig-xml": 10,
    "fig-prose-ten": 10,
    "fig-prose-eighteen": 18,
}
SECTIONS = [
    "Introduction",
    "Input saliency",
    "The evolution of hidden states",
    "Neuron activations",
    "Attention",
    "Layers that are alike",
    "Choosing the next word",
    "Conclusion",
    "Acknowledgements",
    "Appendix: methods",
    "References",
    "Cite this article",
]


@pytest.fixture(scope="module")
def page(own_built):
    return lxml_html.document_fromstring((own_built / "index.html").read_text())


def figure(page, name):
    [found] = page.xpath(f'//figure[@id="{name}"]')
    return found


def drawings(figure):
    """The figures that a block shows at first: one, or those beside each other; not what leads to others."""
    inside = figure.xpath(".//*[starts-with(name(), 'lens-')]")
    return [element for element in inside if element.tag not in {"lens-choice", "lens-beside"}]


def words(element):
    return " ".join(element.text_content().split())


def test_the_sections_are_those_of_the_plan(page):
    assert [words(heading).rstrip("¶") for heading in page.xpath("//article//h2")] == SECTIONS


def test_every_explorable_of_the_plan_is_there_in_order(page):
    kinds = {name: {drawn.tag.removeprefix("lens-") for drawn in drawings(figure(page, name))} for name in FIGURES}
    live = kinds.pop("fig-ask")
    assert live >= {"live", "sequence", "saliency"}
    assert kinds == {name: {kind} for name, kind in FIGURES.items() if kind != "live"}
    ids = [found.get("id") for found in page.xpath("//figure[.//*[starts-with(name(), 'lens-')]]")]
    assert [name for name in ids if name in FIGURES] == list(FIGURES)
    assert page.xpath('//div[contains(@class, "ld-hero")]//figure/@id') == ["fig-hero-factors"]
    assert page.xpath('//figure[@id="fig-decomposition"]//*[contains(@class, "ld-decomposition")]')


@pytest.mark.parametrize("name", FIGURES)
def test_an_explorable_says_what_it_is_without_scripts(page, name):
    found = figure(page, name)
    caption = words(found.findall(".//figcaption")[-1])
    assert re.match(r"Figure \d+\. ", caption)
    assert len(caption) > 80
    assert found.xpath('.//details[contains(@class, "ld-about")]')
    for drawn in drawings(found):
        assert drawn.xpath('.//*[contains(@class, "ld-token")] | .//table//td | .//img[@alt]')
    for imprint in found.find_class("ld-imprint"):
        model, decoding, _ = words(imprint).split(" · ")
        assert model.startswith(("SmolLM2-135M", "lensdoc/tiny"))
        assert decoding in {"no sampling", "given text"} or decoding.startswith("sampled")


@pytest.mark.parametrize(("name", "count"), SIZES.items())
def test_factors_are_as_many_as_the_plan_says(page, name, count):
    rows = figure(page, name).xpath('.//*[contains(@class, "ld-row")]/@data-hue | .//*[@data-row]/@data-row')
    assert len(rows) == count


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_has_words_and_knows_the_palette(own_built, page, name):
    [image] = figure(page, name).xpath(".//img")
    assert len(image.get("alt")) > 100
    assert "schematic" in words(figure(page, name).find(".//figcaption"))
    drawn = (own_built / image.get("src")).read_text()
    assert "prefers-color-scheme: dark" in drawn
    sizes = [float(size) for size in re.findall(r"font(?:-size=\"|-size: |: (?:italic )?)([\d.]+)", drawn)]
    width = float(re.search(r'viewBox="0 0 (\d+)', drawn)[1])
    assert min(sizes) * 328 / width >= 11  # pixels, on a telephone of 360


def test_no_value_is_missing(page):
    assert "??" not in words(page.find(".//article"))
    assert not page.xpath('//article//*[contains(text(), "{val}")]')


def test_sparklines_stand_in_the_prose(page):
    assert len(page.xpath('//article//p//*[contains(@class, "ld-spark")]')) >= 2


def test_works_are_listed_and_cited(page):
    assert len(page.xpath('//li[starts-with(@id, "ref-")]')) >= 45
    assert page.xpath('//*[@id="cite-this-article"]')


def test_the_page_is_light(own_built, page, figure):
    parts = page.xpath('//link[@rel="stylesheet"]/@href | //script/@src')
    loaded = [own_built / "index.html", *(own_built / part.partition("?")[0] for part in parts if "katex" not in part)]
    weight = {path.relative_to(own_built).as_posix(): len(gzip.compress(path.read_bytes())) for path in loaded}
    ours = [name for name in weight if name.startswith("assets/lensdoc/")]
    figure(f"article page: {sum(weight.values())} bytes gzipped (at most {WEIGHT}), of which {weight['index.html']} are its text")
    assert [name.rpartition(".")[2] for name in ours] == ["css", "js"]
    assert sum(weight.values()) <= WEIGHT


@pytest.fixture
def open_article(browser, own_site):
    yield from visits(browser, own_site)


@pytest.mark.long
@pytest.mark.browser
def test_every_explorable_answers_to_the_keyboard(open_article):
    shown = open_article()
    for name in FIGURES:
        found = shown.locator(f"#{name}")
        found.scroll_into_view_if_needed()
        stop, live = found.locator("[tabindex='0']").first, found.locator(".ld-live").first
        expect(stop, name).to_be_attached(timeout=1000 * PATIENCE)
        expect(live, name).to_have_text("")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:  # a figure of several records answers once their script is there
            stop.focus()
            for key in ("ArrowDown", "ArrowRight", "End"):
                shown.keyboard.press(key)
            if live.text_content():
                break
            shown.wait_for_timeout(50)
        expect(live, name).to_have_text(re.compile(r"\w"))


@pytest.mark.browser
def test_citations_stay_in_their_line(open_article):
    shown = open_article()
    displays = shown.locator("p .ld-citation").evaluate_all("all => all.map(one => getComputedStyle(one).display)")
    assert set(displays) == {"inline"}


@pytest.mark.browser
@pytest.mark.sample(width=[360])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_is_wider_than_the_window(open_article, width):
    shown = open_article(viewport={"width": width, "height": 900})
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.long
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.skipif(not REAL.exists(), reason="the real model is not at hand; `make real-model` brings it")
def test_the_whole_article_is_computed_within_twenty_minutes(tmp_path, jobs):
    for name in ("docs", "analyses"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("data", "executed", "runs.lock"))
    shutil.copyfile(ROOT / "mkdocs.yml", tmp_path / "mkdocs.yml")
    start = time.monotonic()
    command = "from lensdoc.cli import main; main()"
    subprocess.run([sys.executable, "-c", command, "run", "-j", jobs], cwd=tmp_path, check=True)
    taken = time.monotonic() - start
    print(f"all runs with -j {jobs}: {taken:.0f} s")
    assert taken < 1_200
