"""Layouts, margin notes, bands, columns and swatches, as Markdown makes them."""

from __future__ import annotations

import re

import builders
import pytest
from markdown import Markdown
from states import page_state

from lensdoc.publish.engines.theme.opening_band import LINE, lift_hero
from lensdoc.records.writing import write_record

FIGURE = "/// explorable | run/two\n    attrs: {id: fig-two}\n"
FACTORS = [[1, 2, 0], [0, 3, 1]]


@pytest.fixture
def render(tmp_path):
    """HTML of a text, and the mistakes that were reported."""
    write_record(builders.factors(FACTORS), tmp_path / "run" / "two.json")
    write_record(builders.sequence(), tmp_path / "run" / "plain.json")
    write_record(builders.saliency([[0.5, 0.5]], [" a", " b", " c"]), tmp_path / "run" / "scores.json")

    def render(text, *, first="lensdoc"):
        found = []
        names = {"lensdoc": ["lensdoc", "pymdownx.blocks.caption"], "caption": ["pymdownx.blocks.caption", "lensdoc"]}[first]
        context = page_state(data=tmp_path, report=found.append)
        md = Markdown(extensions=["attr_list", *names], extension_configs={"lensdoc": {"page": context}})
        return md.convert(text), found

    return render


@pytest.mark.parametrize(
    ("layout", "name"),
    [
        ("body", "ld ld-tooled"),
        ("page", "ld ld-page ld-tooled"),
        ("screen", "ld ld-screen ld-tooled"),
        ("aside", "ld ld-aside ld-tooled"),
    ],
)
def test_a_figure_says_its_layout(render, layout, name):
    html, found = render(f"{FIGURE}    layout: {layout}\nCaption.\n///\n")
    assert found == []
    assert f'<figure class="{name}" id="fig-two">' in html
    assert "<lens-factors" in html


def test_without_a_layout_a_figure_is_as_wide_as_the_text(render):
    assert '<figure class="ld ld-tooled" id="fig-two">' in render(f"{FIGURE}Caption.\n///\n")[0]


@pytest.mark.parametrize("first", ["lensdoc", "caption"])
def test_images_and_tables_with_captions_have_layouts_too(render, first):
    html, found = render("![A](a.png)\n\n/// figure-caption\n    layout: screen\nText.\n///\n", first=first)
    assert found == []
    assert re.search(r'<figure class="ld-screen ld"[^>]*>\s*<p><img alt="A"', html)


def test_an_unknown_layout_is_reported_with_its_line_and_the_nearest(render):
    _, found = render(f"Text.\n\n{FIGURE}    layout: pages\nCaption.\n///\n")
    assert found == ["page:3: unknown layout 'pages'; did you mean page? (valid: aside, body, page, screen)"]
    _, found = render("![A](a.png)\n\n/// figure-caption\n    layout: scren\nText.\n///\n")
    assert len(found) == 1
    assert found[0].startswith("page:3: the block 'figure-caption' is printed as text: option 'layout' is invalid, it is 'scren'")
    assert "did you mean screen" in found[0]


def test_notes_bands_and_columns(render):
    html, found = render(
        "//// hero\n# Title\n\nLead.\n////\n\n/// aside\nA *note*.\n///\n\n"
        "//// columns\n![A](a.png)\n\n/// figure-caption\nC.\n///\n////\n"
    )
    assert found == []
    assert '<div class="ld-hero">\n<div class="ld-hero-inner">\n<h1>Title</h1>\n<p>Lead.</p>\n</div>\n</div>' in html
    assert '<aside class="ld-aside" role="note">\n<p>A <em>note</em>.</p>\n</aside>' in html
    assert re.search(r'<div class="ld-columns">\s*<figure', html)


ONE = "//// hero\n# Title\n////\n\n"
MISPLACED = {
    "Text.\n\n" + ONE: "page:3: a hero opens its page, and something stands before or around it; put it directly below",
    "# Title\n\n" + ONE: "page:3: a hero opens its page",
    "/// aside\n" + ONE + "///\n": "page:2: a hero opens its page",
    ONE + "Text.\n\n" + ONE: "page:7: a page has one hero, and this one has another on line 1; leave one out",
    "> " + ONE.replace("\n", "\n> "): "page:1: a hero opens its page",
    "Text.\n\n" + ONE.replace("\n", "\n    attrs: {class: big, id: top}\n", 1): "page:3: a hero opens its page",
}


@pytest.mark.parametrize("text", MISPLACED)
def test_a_band_that_opens_nothing_is_reported_and_stays_in_its_place(render, text):
    html, found = render(text)
    assert len(found) == 1
    assert found[0].startswith(MISPLACED[text])
    assert len(re.findall('<div class="ld-hero(?: big)? ld-misplaced"', html)) == 1
    page = f'<main><div class="md-main__inner md-grid">{html}</div></main>'
    assert lift_hero(lift_hero(page)) == lift_hero(page)


def test_two_bands_after_something_are_two_mistakes(render):
    _, found = render("Text.\n\n" + ONE * 2)
    assert [problem.partition(" hero")[0] for problem in found] == ["page:3: a", "page:7: a page has one"]


def test_comments_are_nothing_that_a_band_follows(render):
    assert render("<!-- a draft\n\nof two lines -->\n\n<!-- -->\n\n" + ONE + "Write `/// hero`.\n")[1] == []


def test_a_second_time_no_other_band_moves():
    bands = '<div class="ld-hero"><h1>One</h1></div><p>Text</p><div class="ld-hero"><p>Two</p></div>'
    lifted = lift_hero(f'<main><div class="md-main__inner md-grid"><article>{bands}</article></div></main>')
    assert lift_hero(lifted) == lifted


def test_the_band_moves_above_the_columns_of_the_theme():
    band = '<div class="ld-hero"><div class="ld-hero-inner"><h1>T</h1><div>x</div></div></div>'
    page = f'<main><div class="md-main__inner md-grid" data-md-component="c"><article>{band}<p>Text</p></article></div></main>'
    lifted = lift_hero(page)
    assert lifted.index("<h1>T</h1><div>x</div>") < lifted.index("md-main__inner") < lifted.index("<p>Text</p>")
    assert lifted.count("ld-hero md-typeset") == lifted.count("<h1>") == 1
    assert lifted.count("<div") == lifted.count("</div>") == page.count("<div") + LINE.count("<div")
    assert "<article><p>Text</p></article>" in lifted


@pytest.mark.parametrize(
    "held", ["<!-- <div> -->", "<!-- </div> -->", '<img alt="<div>" src="x">', "<img alt='</div>' src='x'>", "a < b"]
)
def test_the_band_is_whole_whatever_it_holds(held):
    band = f'<div class="ld-hero big" id="top"><div class="ld-hero-inner"><h1>T {held}</h1></div></div>'
    lifted = lift_hero(f'<main><div class="md-main__inner md-grid"><article>{band}<p>Text</p></article></div></main>')
    assert lifted == (
        f'<main>{LINE}<div class="ld-hero md-typeset big" id="top">'
        f'<div class="ld-hero-inner md-grid"><h1>T {held}</h1></div></div>'
        '<div class="md-main__inner md-grid"><article><p>Text</p></article></div></main>'
    )


def test_a_page_without_a_band_or_of_another_theme_stays_as_it_is():
    for page in ('<div class="md-main__inner md-grid"><p>x</p></div>', '<body><div class="ld-hero"></div></body>'):
        assert lift_hero(page) == page


@pytest.mark.parametrize("number", [1, 2])
def test_a_swatch_takes_hue_and_label_from_the_figure(render, number):
    html, found = render(f"[the *ones*]{{.swatch fig-two:factor={number}}}\n\n{FIGURE}Caption.\n///\n")
    assert found == []
    hue = re.search(rf'class="ld-row"[^>]*data-factor="{number}"[^>]*data-hue="(\d+)"', html)[1]
    expected = f'<span class="ld-phrase" data-hue="{hue}">the <em>ones</em><span class="ld-mark">F{number}</span></span>'
    assert f'<a class="ld ld-named" data-state="factor={number}" href="#fig-two">{expected}</a>' in re.sub(
        r'<a class="([^"]*)" href="([^"]*)" data-state="([^"]*)">', r'<a class="\1" data-state="\3" href="\2">', html
    )


def test_a_swatch_that_is_the_label_does_not_repeat_it(render):
    html, _ = render(f"[F1]{{.swatch fig-two:factor=1}}\n\n{FIGURE}Caption.\n///\n")
    assert '<span class="ld-phrase" data-hue="1">F1</span></a>' in html


@pytest.mark.parametrize(
    ("swatch", "message"),
    [
        ("{.swatch fig-two:factor=3}", "page:3: the figure 'fig-two' has no factor '3'; valid: 1, 2"),
        ("{.swatch fig-tow:factor=1}", "page:3: no figure 'fig-tow' on this page; did you mean fig-two?"),
        ("{.swatch}", "page:3: a swatch is written [text]{.swatch fig-id:factor=1}, not '[x]{.swatch}'"),
        ("{.swatch fig-two}", "page:3: a swatch is written [text]{.swatch fig-id:factor=1}"),
    ],
)
def test_a_swatch_that_will_not_do_is_reported(render, swatch, message):
    html, found = render(f"Text.\n\n[x]{swatch}\n\n{FIGURE}Caption.\n///\n")
    assert len(found) == 1
    assert found[0].startswith(message)
    assert "ld-phrase" not in html


def test_a_swatch_of_what_has_no_colour_is_reported_where_it_stands(render):
    figures = "".join(f"/// explorable | run/scores\n    attrs: {{id: fig-{name}}}\nCaption.\n///\n\n" for name in "ab")
    _, found = render(f"[x](#fig-a:token=2)\n\n[x]{{.swatch fig-b:token=2}}\n\n[x]{{.swatch fig-a:token=2}}\n\n{figures}")
    assert found == [
        "page:3: the figure 'fig-b' has no colour for its token; link to it instead",
        "page:5: the figure 'fig-a' has no colour for its token; link to it instead",
    ]


def test_swatches_in_code_stay_code(render):
    html, found = render(f"`[x]{{.swatch fig-two:factor=1}}`\n\n{FIGURE}Caption.\n///\n")
    assert found == []
    assert "<code>[x]{.swatch fig-two:factor=1}</code>" in html


def test_paper_does_not_write_an_address_twice(render):
    html, found = render("<https://example.org/x> and [it](https://example.org/x)")
    assert found == []
    assert [link.partition(">")[2] for link in html.split("<a ")[1:] if "external" in link] == ["it</a></p>"]
