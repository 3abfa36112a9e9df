"""Specifications of Plotly and Vega-Lite that pages draw by their libraries: under the policy, offline, both palettes, paper."""

from __future__ import annotations

import json

import pytest
from authored import built, rendered
from chromium import serve
from engines import lensdoc as lensdoc_command
from engines import zensical
from playwright.sync_api import expect

import lensdoc
from lensdoc.core.errors import DataError
from lensdoc.own.plots import LARGEST, check_plot
from lensdoc.records.reading import read_record
from lensdoc.records.writing import write_record

altair = pytest.importorskip("altair", reason="tests/requirements.txt has it")
graphs = pytest.importorskip("plotly.graph_objects", reason="tests/requirements.txt has it")
pytest.importorskip("vl_convert", reason="tests/requirements.txt has it")

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200" fill="#eee"/></svg>'
WIDE = 1600
"""Pixels: more than a page has."""
PAGE = """# Plots

/// explorable | own/plotly
    attrs: {id: fig-plotly}
    interactive: true
**Points.** Drawn by Plotly.
///

/// explorable | own/vega
    attrs: {id: fig-vega}
    interactive: true
**Bars.** Drawn by Vega-Lite.
///
"""


def chart():
    """A chart with a filter and a computed column: both are expressions, which the policy keeps from becoming functions."""
    data = altair.Data(values=[{"a": name, "b": n, "url": "x"} for n, name in enumerate("klm", 1)])
    base = altair.Chart(data).mark_bar().encode(x="a:N", y="c:Q", tooltip="c:Q")
    return base.transform_calculate(c="datum.b * 2 + 1").transform_filter("datum.b > 1").properties(width=200, height=100)


def scatter(kind="Scatter"):
    points = getattr(graphs, kind)(x=[1, 2, 3], y=[2.5, 1, 4], mode="markers", name="points")
    return graphs.Figure(points, layout={"width": WIDE})


@pytest.fixture
def record(monkeypatch):
    """`record(figure)`: a record of it with its specification; Kaleido, which starts a browser, does not draw it here."""
    monkeypatch.setattr(graphs.Figure, "to_image", lambda *_, **__: SVG.encode())
    return lambda figure: lensdoc.figure(figure, alt="What it shows", interactive=True)


@pytest.fixture
def folder(record, tmp_path):
    """A project with both figures."""
    data = tmp_path / "docs" / "data" / "own"
    for name, figure in {"plotly": scatter(), "vega": chart()}.items():
        write_record(record(figure), data / f"{name}.json")
    return tmp_path


def test_a_record_keeps_the_specification_and_reads_it_again(folder):
    found = read_record(folder / "docs" / "data" / "own" / "vega.json")
    assert (found.plot, found.version) == ("plot.vega-lite", (1, 1))
    written = json.loads((folder / "docs" / "data" / "own" / "vega.plot.vega-lite").read_text())
    assert written["mark"] == {"type": "bar"}
    assert lensdoc.figure(SVG, alt="x").version == (1, 0)


def test_without_the_option_the_page_has_the_picture(folder):
    tree, problems = rendered(folder, PAGE.replace("    interactive: true\n", ""))
    assert problems == []
    assert not tree.xpath("//lens-plot")
    assert len(tree.xpath("//lens-image")) == 2


def test_what_has_no_specification_is_told_with_the_line(folder):
    write_record(lensdoc.figure(SVG, alt="x"), folder / "docs" / "data" / "own" / "plotly.json")
    _, problems = rendered(folder, PAGE)
    assert len(problems) == 1
    assert problems[0].startswith("index.md:3: interactive: the record has no specification to draw")
    _, problems = rendered(folder, PAGE.replace("interactive: true", "interactive: yes please"))
    assert "option 'interactive' must be true or false, it is 'yes please'" in problems[0]


@pytest.mark.parametrize(
    ("suffix", "specification", "message"),
    [
        ("plot.vega-lite", {"data": {"url": "https://example.org/a.csv"}}, "url: 'https://example.org/a.csv' would be loaded"),
        ("plot.vega-lite", {"layer": [{"usermeta": {"embedOptions": {"ast": False}}}]}, "usermeta"),
        ("plot.plotly", {"data": [{"type": "choropleth"}]}, "fetches the maps of choropleth from another host"),
        ("plot.plotly", {"layout": {"images": [{"source": "https://example.org/a.png"}]}}, "would be loaded by readers"),
        ("plot.plotly", {"data": "x" * LARGEST}, "at most 1,000,000; draw fewer"),
    ],
)
def test_what_would_load_something_is_refused(suffix, specification, message):
    with pytest.raises(DataError, match=message):
        check_plot(suffix, json.dumps(specification).encode(), "x")


def test_columns_may_have_any_name():
    check_plot("plot.vega-lite", json.dumps({"data": {"values": [{"url": "https://example.org"}]}}).encode(), "x")
    check_plot("plot.plotly", json.dumps({"data": [{"type": "sankey", "link": {"source": [0]}}]}).encode(), "x")


def test_figures_of_other_libraries_have_no_specification():
    with pytest.raises(DataError, match="interactive=True takes a figure of Plotly or Altair"):
        lensdoc.figure(SVG, alt="x", interactive=True)


def watched(browser, address, **options):
    """A page at an address, and what its console and the network had to say; another host or a broken policy is an error."""
    page, trouble = browser.new_page(**options), []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else trouble.append(r.url))
    page.goto(address)
    return page, trouble


def drawn(page):
    """Scroll to both figures, and wait until they are drawn."""
    for name, parts in (("plotly", ".scatterlayer .point"), ("vega", ".mark-rect path")):
        page.locator(f"#fig-{name}").scroll_into_view_if_needed()
        expect(page.locator(f"#fig-{name} .ld-drawn {parts}")).to_have_count(3 if name == "plotly" else 2, timeout=30_000)


@pytest.mark.browser
def test_both_are_drawn_under_the_policy_in_both_palettes_and_not_on_paper(folder, browser):
    site = built(folder, PAGE)
    assert "unsafe-eval" not in (site / "index.html").read_text()
    with serve(site) as address:
        page, trouble = watched(browser, address)
        drawn(page)
        expect(page.locator("#fig-plotly .ld-image")).to_be_hidden()
        room, wide = page.locator("#fig-plotly .ld-drawn").evaluate("place => [place.clientWidth, place.scrollWidth]")
        assert wide <= room < WIDE
        page.locator("#fig-vega .mark-rect path").first.hover()
        expect(page.locator("#vg-tooltip-element")).to_contain_text("5")
        label = page.locator("#fig-vega .role-axis-label text").first
        light = label.evaluate("text => getComputedStyle(text).fill")
        page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
        expect(label).not_to_have_css("fill", light)
        drawn(page)
        page.emulate_media(media="print")
        for name in ("plotly", "vega"):
            expect(page.locator(f"#fig-{name} .ld-drawn")).to_be_hidden()
            expect(page.locator(f"#fig-{name} img.ld-light")).to_be_visible()
        page.close()
        assert trouble == []
        silent, _ = watched(browser, address, java_script_enabled=False)
        expect(silent.locator("#fig-plotly img.ld-light")).to_be_visible()
        silent.close()


@pytest.mark.long
@pytest.mark.browser
def test_zensical_ships_the_libraries_too(folder, browser):
    built(folder, PAGE)
    for done in (zensical(folder, "--clean", "--strict"), lensdoc_command(folder, "assets", "site")):
        assert done.returncode == 0, done.stdout + done.stderr
    with serve(folder / "site") as address:
        page, trouble = watched(browser, address)
        drawn(page)
        page.close()
        assert trouble == []
