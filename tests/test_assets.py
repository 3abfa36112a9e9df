"""The bundle that pages load."""

from __future__ import annotations

import gzip
import hashlib
import re

from lensdoc.explorables import assets


def test_names_change_with_the_content():
    assert re.fullmatch(r"lensdoc\.[0-9a-f]{8}\.js", assets.hashed(assets.SCRIPT))


def test_the_script_names_the_drawing_script_by_its_content():
    """Browsers may keep what has an address for good."""
    digest = hashlib.sha256((assets.FOLDER / assets.DRAWING).read_bytes()).hexdigest()[:8]
    assert f"{assets.DRAWING}?{digest}" in assets.read(assets.SCRIPT)
    assert assets.of_sites()[assets.DRAWING] == assets.FOLDER / assets.DRAWING


def test_nothing_in_the_bundle_names_another_host_or_evaluates_text():
    for name in (assets.SCRIPT, assets.DRAWING, assets.STYLE, assets.EMBED_STYLE):
        text = assets.read(name)
        # Namespaces are names, not addresses.
        assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}
        assert not re.findall(r"\beval\(|new Function|document\.write|@import", text)
        assert name == assets.DRAWING or "url(" not in text  # it writes that into drawings that are saved


READS_MARKUP = "later.js"
"""What a page carries as text until it is opened was written, and escaped, with the rest of the page."""
PLACES_MARKUP = "widget.js"
"""Puts a figure's first state into a widget: HTML that Python made as it makes that of pages, in which no script runs."""


def test_our_script_writes_text_and_never_markup():
    sources = list((assets.FOLDER.parent / "web" / "src").rglob("*.js"))
    assert sources
    for source in sources:
        if source.name == PLACES_MARKUP:
            continue
        parser = "" if source.name == READS_MARKUP else "|DOMParser"
        assert not re.findall(rf"innerHTML|outerHTML|insertAdjacentHTML|\.html\({parser}", source.read_text()), source


def test_the_bundle_can_stand_inline_in_a_notebook():
    assert "</script" not in assets.read(assets.SCRIPT)
    assert "</style" not in assets.read(assets.STYLE)


def test_katex_is_whole_and_names_no_other_host():
    """Every font that its style sheet asks for is there, in one format, and its licence."""
    style = (assets.MATH / "katex.min.css").read_text()
    asked = set(re.findall(r"url\(([^)]*)\)", style))
    there = {path.relative_to(assets.MATH).as_posix() for path in assets.math()}
    assert len(asked) == 20
    assert asked == {name for name in there if name.startswith("fonts/")}
    assert there - asked == {"LICENSE", "katex.min.css", "katex.min.js"}
    script = (assets.MATH / "katex.min.js").read_text()
    assert not re.findall(r"\beval\(|new Function|document\.write|innerHTML", script)
    assert set(re.findall(r"https?://[\w.]+", script + style)) <= {"http://www.w3.org", "https://katex.org"}
    assert sum(path.stat().st_size for path in assets.math()) <= 620_600


def test_the_runtime_is_small(figure):
    """A page loads one style sheet, of figures or of articles, which includes it; the drawing script when it is used."""
    names = (assets.SCRIPT, assets.DRAWING, assets.STYLE, assets.ARTICLE_STYLE)
    script, drawing, style, article = (len(gzip.compress(assets.read(name).encode(), 9)) for name in names)
    fonts = sum(path.stat().st_size for path in (assets.FOLDER / "fonts").glob("*.woff2"))
    figure(f"runtime: {script} bytes of script, {style} of style (both gzipped; at most 40,000 and 8,192), {fonts} of fonts")
    assert script <= 40_000
    assert drawing <= 8_000
    assert style <= 8_192
    assert article <= 10_500
    assert fonts <= 120_000


def test_browsers_need_not_try_a_rule_at_every_element():
    """Rules are found by what their selectors end with; what ends with `:is` of several is tried at each token that is tinted."""
    ends = r"(?:^|[,{] )(?:\.(?:ld|md-typeset|md-content)(?:\.ld)* )?:is\([.[][^()]*,[^()]*\)(?::not\([^()]*\))* \{"
    sources = [path for path in (assets.FOLDER.parent / "web" / "src").rglob("*.css") if path.name != "print.css"]
    assert [f"{path.name}: {rule}" for path in sources for rule in re.findall(ends, path.read_text(), re.MULTILINE)] == []


def test_a_live_figure_costs_little_before_its_button_is_pressed(figure):
    """Then alone the engine is loaded, and what draws the answers."""
    size = len(gzip.compress((assets.FOLDER / "live.js").read_bytes(), 9))
    figure(f"script of live figures before the button is pressed: {size} bytes, gzipped (at most 6,000)")
    assert size <= 6_000


def test_a_figure_alone_in_the_dark_has_the_colours_of_a_dark_page():
    sources = assets.FOLDER.parent / "web" / "src"
    page, alone = (
        re.findall(rf"{re.escape(selector)} \{{(.*?)\}}", (sources / name).read_text(), re.DOTALL)[-1].split()
        for name, selector in (("palette.css", ".ld-night"), ("embed.css", ".ld-embed"))
    )
    assert alone == page
