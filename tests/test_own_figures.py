"""Figures of other libraries as records: taken, cleaned, shown for both palettes, refused where they load or run something."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import zlib

import builders
import pytest
from authored import built, links_of, rendered
from lxml import etree, html

import lensdoc
from lensdoc.core.errors import DataError
from lensdoc.own.dark import dark_svg
from lensdoc.own.png import clean_png
from lensdoc.own.svg import clean_svg
from lensdoc.publish.notebooks.outputs import output_html
from lensdoc.publish.state.build import Build
from lensdoc.records.reading import read_record
from lensdoc.records.saving import RUN
from lensdoc.records.writing import MIME, SAVED, write_record

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(content, more=""):
    return f'<svg xmlns="http://www.w3.org/2000/svg" {XLINK} width="20" height="10" {more}>{content}</svg>'.encode()


def clean(content, more=""):
    return clean_svg(svg(content, more), "x.svg").text


HOSTILE = {
    "script": ("<g>\n<script>alert(1)</script></g>", "x.svg: has an element <script>, in line 2; .* take it out"),
    "script of HTML": ('<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>', "an element <script>"),
    "handler": ('<rect onload="alert(1)"/>', "a script, onload='alert\\(1\\)', in <rect>, line 1"),
    "handler in capitals": ('<rect onClick="alert(1)"/>', "a script, onClick"),
    "foreign content": ("<foreignObject><body/></foreignObject>", "an element <foreignObject>"),
    "frame": ('<iframe src="x"/>', "an element <iframe>"),
    "animation": ('<rect><set attributeName="href" to="javascript:alert(1)"/></rect>', "an element <set>"),
    "image of another host": ('<image href="https://example.org/a.png"/>', "would be loaded, 'https://example.org/a.png'"),
    "image by another name": ('<image xlink:href="//example.org/a.png"/>', "would be loaded"),
    "image that is an SVG": ('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>', "would be loaded"),
    "use of a file": ('<use href="other.svg#a"/>', "would be loaded, 'other.svg#a'"),
    "filter image": ('<filter><feImage href="a.png"/></filter>', "an element <feImage>"),
    "address in a style": (
        '<rect style="fill: url(https://example.org/a)"/>',
        "a style that could load something, 'url\\(...\\)'",
    ),
    "address in an attribute": ('<rect fill="url(//example.org/a#b)"/>', "a style that could load something"),
    "import": ("<style>@import 'a.css';</style>", "a style that could load something"),
    "font": ("<style>@font-face {font-family: a; src: url(a.woff)}</style>", "a style that could load something"),
    "set of images": ("<rect style=\"mask: image-set('a.png' 1x)\"/>", "'image-set\\(...\\)'"),
    "escape": (r'<rect style="fill: \75rl(a)"/>', "a style that could load something"),
    "comment in a word": ("<style>rect {fill: u/**/rl(a)}</style>", "a style that could load something"),
    "style sheet": ('<link xmlns="http://www.w3.org/1999/xhtml" rel="stylesheet" href="a.css"/><script/>', "an element <script>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_svg_that_loads_or_runs_something_is_refused_with_its_line(name):
    content, message = HOSTILE[name]
    with pytest.raises(DataError, match=message):
        clean(content)


def test_entities_are_refused_and_not_expanded():
    laughs = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(DataError, match="has an entity, &b;"):
        clean_svg(laughs.encode() + svg("<text>&b;</text>"), "x.svg")
    with pytest.raises(DataError, match="entity|cannot be read|no SVG"):
        clean_svg(b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + svg("<text>&a;</text>"), "x.svg")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html/>", "is no SVG: its outermost element is <html>"),
        (b"<svg", "is no SVG that can be read"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "says no size that a page can show"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="0" height="9"/>', "says no size"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99999 9"/>', "says no size"),
    ],
)
def test_what_is_no_svg_or_has_no_size_is_refused(content, message):
    with pytest.raises(DataError, match=message):
        clean_svg(content, "x.svg")


def test_what_draws_stays_and_the_rest_goes():
    kept = clean(
        "<!-- c --><metadata><a/></metadata><defs><clipPath id='clip9f'><rect/></clipPath></defs>"
        "<a href='https://example.org'><text x='1' data-x='y'>a <tspan>b</tspan> c</text></a>"
        "<g clip-path='url(#clip9f)' transform='matrix(1 0 0 1 0 0)'><use xlink:href='#clip9f'/></g>"
        "<i:view xmlns:i='urn:i'/>",
    )
    assert etree.fromstring(kept).get("viewBox") == "0 0 20 10"
    assert re.search(r'<text x="1">a <tspan>b</tspan> c</text>', kept)
    assert kept.count("#s1") == 2
    assert 'id="s1"' in kept
    assert not re.search("metadata|:view|<view|data-x|clip9f|example|<!--|xlink", kept)


def test_random_names_change_no_file():
    """Plotly gives ids and classes at random."""
    made = [clean(f"<g class='t{n}'><clipPath id='c{n}'/><path clip-path='url(#c{n})'/></g>") for n in ("1a", "2b")]
    assert made[0] == made[1]


def test_sizes_are_css_pixels():
    assert clean_svg(b'<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="1in"/>', "x").width == 96
    found = clean_svg(b'<svg xmlns="http://www.w3.org/2000/svg" width="100%" viewBox="0 0 30 15"/>', "x")
    assert (found.width, found.height) == (30, 15)


def test_greys_change_places_and_colours_stay():
    dark = dark_svg(clean('<rect fill="#fff" stroke="black"/><g style="fill: rgb(31, 119, 180); color: #1f77b4"/><text>a</text>'))
    assert 'fill="#1e1e1e" stroke="#ebebeb"' in dark
    assert "rgb(31, 119, 180); color: #1f77b4" in dark
    assert etree.fromstring(dark).get("fill") == "#ebebeb"  # of text that says no colour
    assert "white-space: pre" in dark_svg(clean('<text style="white-space: pre">a</text>'))


def test_a_picture_with_pixels_is_not_made_dark():
    pixels = base64.b64encode(png()).decode()
    found = lensdoc.figure(svg(f'<image href="data:image/png;base64,{pixels}"/>').decode(), alt="a")
    assert (found.dark, set(found.files)) == ("none", {"light.svg"})


def png(width=3, height=2, *more):
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff\0\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + b"".join(part(*p) for p in [(b"IHDR", header), *more, (b"IDAT", rows), (b"IEND", b"")])


def test_a_png_loses_what_it_says_of_its_making():
    found = clean_png(png(3, 2, (b"tEXt", b"Author\0someone"), (b"tIME", b"1234567")), "x.png")
    assert (found.width, found.height) == (3, 2)
    assert found.content == png()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GIF89a", "x.png: is no PNG"),
        (png()[:-6], "is a damaged PNG"),
        (png()[:40] + b"\0" + png()[41:], "is a damaged PNG: its part 'I.*' is not whole"),
        (png(30_000, 1), "has 30,000 x 1 pixels"),
    ],
)
def test_a_png_that_cannot_be_shown_is_refused(content, message):
    with pytest.raises(DataError, match=message):
        clean_png(content, "x.png")


@pytest.mark.parametrize("alt", ["", "  ", "x" * 1001, None, 3])
def test_every_figure_says_what_it_shows(alt):
    with pytest.raises(DataError, match="alt must say in 1 to 1,000 characters what the figure shows"):
        lensdoc.figure(builders.SVG, alt=alt)


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (3, "lensdoc.figure takes a figure of matplotlib.*; it got builtins.int"),
        ("plot.pdf", "plot.pdf: lensdoc.figure takes"),
        ("no/plot.svg", "no/plot.svg: cannot be read .*under `inputs` in runs.yml"),
        ("<html><body><div></div></body></html>", "it got HTML: give the figure itself"),
        ("<svg><script/></svg>", "the SVG given as text: has an element <script>"),
    ],
)
def test_what_cannot_be_taken_is_told(drawing, message):
    with pytest.raises(DataError, match=message):
        lensdoc.figure(drawing, alt="a")


def test_a_dark_picture_has_the_shape_of_the_light_one():
    other = builders.SVG.replace("80", "40")
    with pytest.raises(DataError, match="the same shape; they have 200 x 80 and 200 x 40 pixels"):
        lensdoc.figure(builders.SVG, alt="a", dark=other)
    found = lensdoc.figure(builders.SVG, alt="a", dark=builders.SVG.replace("white", "navy"))
    assert found.dark == "given"
    assert b"navy" in found.held_files()["dark.svg"]


def test_the_model_is_that_of_what_was_drawn():
    assert lensdoc.figure(builders.SVG, alt="a").model.id == ""
    assert lensdoc.figure(builders.SVG, alt="a", of=builders.sequence()).model == builders.MODEL
    with pytest.raises(DataError, match="`of` must be a trace or a record, it is str"):
        lensdoc.figure(builders.SVG, alt="a", of="gpt2")


def test_a_record_names_its_pictures_and_no_other_files(tmp_path):
    write_record(builders.image(), tmp_path / "a.json")
    assert read_record(tmp_path / "a.json").picture("dark") == "dark.svg"
    data = json.loads((tmp_path / "a.json").read_text())
    (tmp_path / "a.json").write_text(json.dumps(data | {"dark": "none"}))
    with pytest.raises(DataError, match="files must be a picture light.svg or light.png and no other"):
        read_record(tmp_path / "a.json")


def test_matplotlib_gives_the_same_file_each_time():
    pytest.importorskip("matplotlib").use("agg")
    import matplotlib.pyplot as plt

    def drawn():
        figure, axes = plt.subplots()
        axes.plot([1, 2], [2, 1], label="<b>")
        axes.legend()
        plt.close(figure)
        return figure

    first, second = (lensdoc.figure(drawn(), alt="A line") for _ in range(2))
    assert first.files == second.files
    assert (first.made_with, first.dark) == ("matplotlib", "made")
    assert b"<!--" not in first.held_files()["light.svg"]
    axes = drawn().axes[0]
    assert lensdoc.figure(axes, alt="A line").files == first.files


def test_altair_gives_an_svg():
    altair = pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    chart = altair.Chart(altair.Data(values=[{"a": "x", "b": 1}])).mark_bar().encode(x="a:N", y="b:Q")
    found = lensdoc.figure(chart, alt="A bar")
    assert found.made_with == "altair"
    assert b"<path" in found.held_files()["light.svg"]


class Lacking:
    """A figure of a library without what draws SVG."""

    def to_image(self, **_):
        raise ValueError("Image export requires kaleido\nmore")

    def save(self, *_, **__):
        raise ImportError("vl-convert is missing")


@pytest.mark.parametrize(("library", "cure"), [("plotly", "pip install kaleido"), ("altair", "pip install vl-convert-python")])
def test_a_library_that_lacks_its_exporter_says_what_to_install(library, cure):
    figure = type("Figure", (Lacking,), {"__module__": f"{library}.graphs"})()
    with pytest.raises(DataError, match=f"{library} could not write the figure as SVG: .*{cure}"):
        lensdoc.figure(figure, alt="a")


def test_an_object_that_shows_itself_in_notebooks_is_taken():
    class Graph:
        def _repr_svg_(self):
            return builders.SVG

    class Photo:
        def _repr_png_(self):
            return png()

    assert set(lensdoc.figure(Graph(), alt="a").files) == {"light.svg", "dark.svg"}
    assert set(lensdoc.figure(Photo(), alt="a").files) == {"light.png"}


def test_in_a_notebook_the_picture_is_in_the_output(monkeypatch):
    shown = builders.image()._repr_mimebundle_()
    assert "data:image/svg+xml;base64," in shown["text/html"]
    monkeypatch.setenv(RUN, "x")
    kept = builders.image()._repr_mimebundle_()
    assert kept["image/svg+xml"].startswith("<svg")
    assert MIME in kept


def test_no_library_of_figures_is_imported():
    code = (
        "import sys, lensdoc; lensdoc.figure; print([m for m in ('matplotlib', 'plotly', 'altair', 'torch') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


PAGE = "# P\n\n/// explorable | own/plot\n    attrs: {id: fig-a}\nA caption.\n///\n"


@pytest.fixture
def project(tmp_path):
    """A folder with a figure."""
    write_record(builders.image(), tmp_path / "docs" / "data" / "own" / "plot.json")
    return tmp_path


def test_the_page_shows_a_picture_for_each_palette_from_its_own_files(project):
    site = built(project, PAGE)
    page = html.document_fromstring((site / "index.html").read_text())
    images = page.xpath('//figure[@id="fig-a"]//lens-image/img')
    assert [(i.get("class"), i.get("src"), i.get("alt")) for i in images] == [
        ("ld-light", "data/own/plot.light.svg", "A letter <b>"),
        ("ld-dark", "data/own/plot.dark.svg", "A letter <b>"),
    ]
    for image in images:
        assert (site / image.get("src")).read_bytes() == (project / "docs" / image.get("src")).read_bytes()
    (figure,) = page.xpath('//figure[@id="fig-a"]')
    assert links_of(figure) == ["Data (JSON)", "Figure (SVG)", "Dark (SVG)"]
    assert "Figure 1." in figure.text_content()


BROKEN = {
    "gone": (lambda path: path.unlink(), "plot.light.svg is not there"),
    "changed": (lambda path: path.write_text("<svg/>"), "plot.light.svg is not the file that the record names"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_picture_that_is_gone_or_changed_is_told_with_the_line(project, how):
    spoil, message = BROKEN[how]
    assert rendered(project, PAGE)[1] == []
    spoil(project / "docs" / "data" / "own" / "plot.light.svg")
    _, (problem,) = rendered(project, PAGE)
    assert re.match(f"index.md:3: .*{message}", problem)


def test_a_hostile_picture_is_not_shown_though_its_record_vouches_for_it(project):
    evil = svg("<script>alert(1)</script>")
    (project / "docs" / "data" / "own" / "plot.light.svg").write_bytes(evil)
    path = project / "docs" / "data" / "own" / "plot.json"
    data = json.loads(path.read_text())
    data["files"]["light.svg"] |= {"size": len(evil), "sha256": hashlib.sha256(evil).hexdigest()}
    path.write_text(json.dumps(data))
    page, (problem,) = rendered(project, PAGE)
    assert re.match("index.md:3: .*plot.light.svg: has an element <script>", problem)
    assert not page.xpath("//img")


def test_the_width_of_a_picture_keeps_its_shape(project):
    page, problems = rendered(
        project, PAGE.replace("A caption", "    width: 100\nA caption", 1).replace("}\n    width", "}\n    width")
    )
    assert problems == []
    assert [(i.get("width"), i.get("height")) for i in page.xpath("//img")] == [("100", "40")] * 2


def test_a_figure_without_a_model_names_none(tmp_path):
    write_record(lensdoc.figure(builders.SVG, alt="a"), tmp_path / "docs" / "data" / "own" / "plot.json")
    page, _ = rendered(tmp_path, PAGE)
    assert page.xpath('//span[@class="ld-imprint"]')[0].text == "imported"
    assert "Model" not in page.text_content()


def test_the_page_of_an_executed_notebook_shows_the_picture_that_was_saved(project):
    path = project / "docs" / "data" / "own" / "plot.json"
    build = Build(project / "docs" / "data", docs=project / "docs")
    named = {SAVED: {"record": "own/plot", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}}
    problems = []
    shown = output_html({"text/plain": "image"}, "label", problems.append, named, build.saved)
    assert problems == []
    content = (path.parent / "plot.light.svg").read_bytes()
    assert f'src="data:image/svg+xml;base64,{base64.b64encode(content).decode()}"' in shown
    (path.parent / "plot.light.svg").unlink()
    gone = output_html({"text/plain": "image"}, "label", problems.append, named, build.saved)
    assert 'class="ld-light" alt="A letter &lt;b&gt;"' in gone
    assert "plot.light" not in gone


@pytest.mark.long
@pytest.mark.browser
def test_plotly_gives_the_same_file_each_time(monkeypatch):
    graphs = pytest.importorskip("plotly.graph_objects")
    pytest.importorskip("kaleido")
    monkeypatch.setenv("BROWSER_PATH", os.environ.get("LENSDOC_CHROMIUM", ""))
    first, second = (lensdoc.figure(graphs.Figure(graphs.Bar(x=["a", "b"], y=[1, 2])), alt="Two bars") for _ in range(2))
    assert first.files == second.files
    assert (first.made_with, first.dark) == ("plotly", "made")
    assert b"<path" in first.held_files()["light.svg"]
