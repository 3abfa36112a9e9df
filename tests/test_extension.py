"""The authoring syntax, through Python-Markdown as an engine without plugins would run it."""

from __future__ import annotations

from textwrap import dedent

import builders
import markdown
import pytest

from lensdoc.publish.context import Context
from lensdoc.publish.extension import LensdocExtension
from lensdoc.records.writing import write_record


@pytest.fixture
def render(tmp_path):
    """Renders a page; returns its HTML and the mistakes that were reported."""
    write_record(builders.factors([[1, 2]], [" a", "</script>"]), tmp_path / "run" / "two-factors.json")
    write_record(builders.sequence(), tmp_path / "run" / "sequence.json")

    def run(text):
        problems = []
        context = Context(tmp_path, page="page.md", report=problems.append)
        extensions = ["attr_list", "fenced_code", LensdocExtension(context=context)]
        return markdown.markdown(dedent(text), extensions=extensions), problems

    return run


FIGURE = """\
    /// explorable | run/two-factors
        attrs: {id: fig-two, class: wide}
        height: 90
    **Two** of `{val} run/two-factors.facts.neurons`.

    A second paragraph.
    ///

    After.
    """


def test_a_figure_holds_the_explorable_and_a_caption_in_markdown(render):
    html, problems = render(FIGURE)
    assert problems == []
    assert html.startswith('<figure class="ld wide" id="fig-two">')
    assert "--ld-height: 90px" in html
    caption = html.split("<figcaption>")[1].split("</figcaption>")[0]
    assert '<strong>Two</strong> of <span class="ld-value">64</span>.</p>' in caption
    assert "<p>A second paragraph.</p>" in caption
    assert html.endswith("<p>After.</p>")


def test_token_text_is_not_read_as_markup(render):
    html, _ = render(FIGURE)
    assert "<script" not in html
    assert "&lt;/script&gt;" in html


def test_values_stand_in_prose_headings_and_links(render):
    html, problems = render("# Of `{val} run/sequence.facts.tokens`\n\n[`{val} run/sequence.model.id`](x.md)")
    assert problems == []
    assert '<h1>Of <span class="ld-value">3</span></h1>' in html
    assert '<a href="x.md"><span class="ld-value">made/up</span></a>' in html


@pytest.mark.parametrize(
    "text",
    [
        "`` `{val} no/such.facts.x` ``",
        "```\n{val} no/such.facts.x\n`{val} no/such.facts.x`\n/// explorabel | no/such\n```",
        "~~~~\n```\n/// explorable | no/such\n~~~~",
        "`val no/such.facts.x`",
        "\\`{val} no/such.facts.x\\`",
    ],
)
def test_code_is_left_alone(render, text):
    html, problems = render(text)
    assert problems == []
    assert "??" not in html


def test_values_are_text_and_not_markup(render, tmp_path):
    record = builders.sequence(["<b>*x*</b>", "y"])
    write_record(record, tmp_path / "run" / "hostile.json")
    html, _ = render("`{val} run/hostile.tokens[0].text`")
    assert html == '<p><span class="ld-value">&lt;b&gt;*x*&lt;/b&gt;</span></p>'


MISTAKES = {
    "no record": (
        "one\n\n/// explorable | run/two-factor\n///",
        "page.md:3: no record 'run/two-factor' .* did you mean",
    ),
    "no figure": ("/// explorable | run/sequence\n///", "page.md:1: records of kind 'sequence' have no figure"),
    "no name": ("/// explorable\n///", "page.md:1: an explorable names its record"),
    "option": (
        "/// explorable | run/two-factors\n    heigth: 9\n///",
        "page.md:1: unknown option 'heigth'; did you mean height",
    ),
    "option value": ("/// explorable | run/two-factors\n    overlap: much\n///", "page.md:1: option 'overlap' must be a number"),
    "yaml": (
        "/// explorable | run/two-factors\n    attrs: {id\n///",
        "page.md:1: the options of .* are not YAML",
    ),
    "attrs": ("/// explorable | run/two-factors\n    attrs: fig\n///", "page.md:1: attrs of the block 'explorable' must be like"),
    "options": ("/// explorable | run/two-factors\n    - a\n///", "page.md:1: the options .* must be `name: value` lines"),
    "block": ("\n/// explorabel | run/two-factors\n///", "page.md:2: unknown block 'explorabel'; did you mean explorable"),
    "unclosed": (
        "/// explorable | run/two-factors\ntext",
        "page.md:1: the block 'explorable' is not closed; end it with",
    ),
    "closed twice": ("/// explorable | run/two-factors\n///\n\n///", "page.md:4: /// closes no block"),
    "id": (
        "/// explorable | run/two-factors\n    attrs: {id: a}\n///\n\n/// explorable | run/two-factors\n    attrs: {id: a}\n///",
        "page.md:5: the id 'a' stands twice; first on line 1",
    ),
    "heading id": ("# One {#a}\n\n# Two {#a}", "page.md:3: the id 'a' stands twice; first on line 1"),
    "value": ("x\ny `{val} run/sequence.fact.x`", "page.md:2: run/sequence.fact.x: unknown field 'fact'; did you mean facts"),
    "value in caption": (
        "/// explorable | run/two-factors\n\nn `{val} run/two-factors.facts.neuron`\n///",
        "page.md:3: .*unknown field 'neuron'; did you mean neurons",
    ),
    "value over two lines": ("`{val} run/sequence.fact.x\n`", "page.md: run/sequence.fact.x: unknown field 'fact'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_reported_once_with_its_line(render, name):
    import re

    text, message = MISTAKES[name]
    _, problems = render(text)
    assert len(problems) == 1
    assert re.match(message, problems[0]), problems[0]


def test_a_broken_data_file_is_named(render, tmp_path):
    (tmp_path / "run" / "bad.json").write_text("{")
    _, problems = render("/// explorable | run/bad\n///")
    assert len(problems) == 1
    assert "page.md:1: " in problems[0]
    assert "bad.json: not valid JSON" in problems[0]


def test_a_page_with_mistakes_is_still_a_page(render):
    html, _ = render("`{val} no/such.facts.x`\n\n/// explorable | run/none\nA caption.\n///")
    assert '<span class="ld-value">??</span>' in html
    assert "The figure run/none could not be drawn." in html
    assert "<p>A caption.</p>" in html


def test_the_extension_stands_alone(tmp_path, monkeypatch):
    write_record(builders.sequence(), tmp_path / "docs" / "data" / "run" / "sequence.json")
    monkeypatch.chdir(tmp_path)
    assert "3" in markdown.markdown("`{val} run/sequence.facts.tokens`", extensions=["lensdoc"])
