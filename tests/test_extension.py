"""The authoring syntax, through Python-Markdown as an engine without plugins would run it."""

from __future__ import annotations

import re
from textwrap import dedent

import builders
import markdown
import pytest
from lxml import html
from states import page_state

from lensdoc.explorables.kinds import EXPLORABLES
from lensdoc.publish.extension import LensdocExtension
from lensdoc.records.writing import write_record


@pytest.fixture
def render(tmp_path):
    """Renders a page; returns its HTML and the mistakes that were reported."""
    write_record(builders.factors([[1, 2]], [" a", "</script>"]), tmp_path / "run" / "two-factors.json")
    write_record(builders.sequence(), tmp_path / "run" / "sequence.json")
    write_record(builders.rankings([[50, 7], [1, 2]], ["The", " <b>", " c"]), tmp_path / "run" / "rankings.json")

    def run(text):
        problems = []
        context = page_state(tmp_path, path="page.md", report=problems.append)
        others = ["attr_list", "fenced_code", "toc", "pymdownx.blocks.details", "pymdownx.blocks.caption"]
        extensions = [*others, LensdocExtension(page=context)]
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
    assert html.startswith('<figure class="ld wide ld-tooled" id="fig-two">')
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
    assert '<h1 id="of-3">Of <span class="ld-value">3</span></h1>' in html
    assert '<a href="x.md"><span class="ld-value">made/up</span></a>' in html


@pytest.mark.parametrize(
    "text",
    [
        "`` `{val} no/such.facts.x` ``",
        "```\n{val} no/such.facts.x\n`{val} no/such.facts.x`\n/// explorabel | no/such\n```",
        "~~~~\n```\n/// explorable | no/such\n~~~~",
        "`val no/such.facts.x`",
        "\\`{val} no/such.facts.x\\`",
        "text\n\n    `{val} no/such.facts.x`\n    /// explorabel | x\n    ## N {#a}\n\n# M {#a}",
        "<!--\n`{val} no/such.facts.x`\n/// explorabel\n-->",
        "<div>\n/// explorabel | x\n</div>",
    ],
)
def test_code_is_left_alone(render, text):
    html, problems = render(text)
    assert problems == []
    assert "??" not in html


def test_a_value_may_be_wrapped_and_a_caption_may_begin_with_a_word_and_colon(render):
    html, problems = render("`{val}\nrun/sequence.facts.tokens`\n\n/// explorable | run/two-factors\nnote: all is well.\n///")
    assert problems == []
    assert '<span class="ld-value">3</span>' in html


def test_values_are_text_and_not_markup(render, tmp_path):
    record = builders.sequence(["<b>*x*</b>", "y"])
    write_record(record, tmp_path / "run" / "hostile.json")
    html, _ = render("`{val} run/hostile.tokens[0].text`")
    assert html == '<p><span class="ld-value">&lt;b&gt;*x*&lt;/b&gt;</span></p>'


@pytest.mark.parametrize("text", ["\x02klzzwxh:0000\x03", "\x02wzxhzdk:0\x03", "\x02amp\x03"])
def test_the_placeholders_of_python_markdown_in_a_value_are_only_text(render, tmp_path, text):
    write_record(builders.sequence([text, "y"]), tmp_path / "run" / "hostile.json")
    html, _ = render("*a* `{val} run/hostile.tokens[0].text`\n\n" + dedent(FIGURE))
    assert "\x02" not in html
    assert html.count("<em>") == 1
    assert html.count("<lens-factors") == 1
    assert f"U+0002{text[1:-1]}U+0003" in html


FIG = "/// explorable | run/two-factors\n"
MISTAKES = {
    "no record": ("one\n\n/// explorable | run/two-factor\nA.\n///", "page.md:3: no record 'run/two-factor' .* did you mean"),
    "sparkline of another kind": (
        "`{spark} run/sequence[0]`",
        "page.md:1: run/sequence is of kind 'sequence'; a sparkline shows",
    ),
    "sparkline out of range": ("x\n`{spark} run/rankings[2]`", r"page.md:2: .*: \[2\] is out of range; the last target is \[1\]"),
    "sparkline that is none": ("`{spark} run/rankings`", r"page.md:1: a sparkline is written `\{spark\} RUN/NAME\[t\]`"),
    "mistyped sparkline": ("`{Spark} run/rankings[0]`", "page.md:1: {Spark} is no value"),
    "no name": ("/// explorable\n///", "page.md:1: the block 'explorable' is printed as text: it needs an argument"),
    "value without backticks": (
        "x\n\n*has* {val} run/sequence.facts.tokens (tokens)",
        "page.md:3: .* is printed as it is; a val stands in backticks",
    ),
    "sparkline without backticks": ("{spark} run/rankings[0]", "page.md:1: .* is printed as it is; a spark stands in backticks"),
    "option": (FIG + "    heigth: 9\nA.\n///", "page.md:1: unknown option 'heigth'; did you mean height"),
    "option that is no name": (FIG + "    1: 2\nA.\n///", "page.md:1: unknown option '1'; valid: attrs"),
    "option value": (FIG + "    overlap: much\nA.\n///", "page.md:1: option 'overlap' must be a number"),
    "option date": (FIG + "    height: 2020-13-45\n///", "page.md:1: .* its options are not YAML: month must be in"),
    "yaml": (FIG + "    attrs: {id\n///", "page.md:1: the block 'explorable' is printed as text: its options are not YAML"),
    "attrs": (FIG + "    attrs: fig\n///", "page.md:1: .* option 'attrs' is invalid, it is 'fig'"),
    "options": (FIG + "    - a\n///", "page.md:1: .* its options must be `name: value` lines"),
    "block": ("\n/// explorabel | run/two-factors\n///", "page.md:2: unknown block 'explorabel'; did you mean explorable"),
    "unclosed": (FIG + "text", "page.md:1: the block 'explorable' is not closed; end it with a line ///"),
    "closed twice": (FIG + "A.\n///\n\n///", "page.md:5: unmatched ///: it ends no block"),
    "id": (
        FIG + "    attrs: {id: a}\nA.\n///\n\n" + FIG + "    attrs: {id: a}\nA.\n///",
        "page.md:7: duplicate id 'a'; first on line 2",
    ),
    "heading id": ("# One {#a}\n\n# Two {#a}", "page.md:3: duplicate id 'a'; first on line 1"),
    "inline id": ("[x](y.md){#a} more\n\n# Two {#a}", "page.md:3: duplicate id 'a'; first on line 1"),
    "value": ("x\ny `{val} run/sequence.fact.x`", "page.md:2: run/sequence.fact.x: unknown field 'fact'; did you mean facts"),
    "value in caption": (FIG + "\nn `{val} run/two-factors.facts.neuron`\n///", "page.md:3: .*unknown field 'neuron'; did you"),
    "value over two lines": ("`{val} run/sequence.fact.x\n`", "page.md:1: run/sequence.fact.x: unknown field 'fact'"),
    "value after a fence": ("```\n`{val} no/x.y`\n```\n\n`{val} no/x.y`", "page.md:5: no record 'no/x'"),
    "after what is no fence": ("```x``` is code.\n\n`{val} no/x.y`", "page.md:3: no record 'no/x'"),
    "after an open fence": ("- ```\n\n`{val} no/x.y`", "page.md:3: no record 'no/x'"),
    "in a list": ("- one\n\n    /// explorable | run/no\n    A.\n    ///", "page.md:3: no record 'run/no'"),
    "in a quote": ("> /// explorable | run/no\n> A.\n> ///", "page.md:1: no record 'run/no'"),
    "unknown in a list": ("- one\n\n    /// explorabel | run/no\n    ///", "page.md:3: unknown block 'explorabel'"),
    "option of another block": (
        "/// details | Sum\n    opn: true\nx\n///",
        "page.md:1: .*: unknown option 'opn'; did you mean open",
    ),
    "argument of another block": ("/// figure-caption | Title\nx\n///", "page.md:1: .* its argument or its place is invalid"),
    "the second of two": (FIG + "A.\n///\n\n" + FIG + "    attrs: 1\n///", "page.md:5: .* option 'attrs' is invalid"),
    "footnotes that are not there": (
        "`[^x]` and $[^x]$, \\[^x] and\n\nwords.[^x]\n\n[^x]: A note.",
        r"page.md:3: \[\^x\] is printed as it is; add footnotes to markdown_extensions",
    ),
    "an option of the second": (FIG + "A.\n///\n\n" + FIG + "    heigth: 9\nA.\n///", "page.md:5: unknown option 'heigth'"),
    "an option of the second that became text": (
        FIG + "    height: 90\nA.\n///\n\nheight: what it is\n\n" + FIG + "height: 90\n///",
        "page.md:9: the option 'height' became text",
    ),
    "the second is unclosed": (FIG + "A.\n///\n\n" + FIG + "text", "page.md:5: the block 'explorable' is not closed"),
    "an outer one is unclosed": (
        "//// details | a\n" + FIG + "A.\n///\n",
        "page.md:1: the block 'details' is not closed; .* ////",
    ),
    "no bar": ("/// explorable run/two-factors\n///", "page.md:1: .* write /// explorable . run/two-factors"),
    "options not indented": (
        FIG + "height: 90\n///",
        "page.md:2: the option 'height' became text of the caption; indent it by four",
    ),
    "options after a blank line": (FIG + "\n    overlap: 0.1\n///", "page.md:3: the option 'overlap' became text"),
    "mistyped value": ("x\n`{Val} run/sequence.facts.x`", "page.md:2: {Val} is no value; write `{val} RUN/NAME.field:format`"),
    "spaced value": ("`{ val } run/sequence.facts.x`", "page.md:1: { val } is no value"),
    "empty value": ("`{val}`", "page.md:1: a value is written"),
    "state of no figure": (
        FIGURE + "\n    [x](#fig-tow:factor=1)",
        "page.md:11: no figure 'fig-tow' on this page; did you mean fig-two",
    ),
    "state out of range": (
        FIGURE + "\n    [x](#fig-two:factor=2)",
        "page.md:11: the figure 'fig-two' has no factor '2'; valid: 1",
    ),
    "state in its caption": (
        FIGURE.replace("A second", "A [second](#fig-two:factor=01)"),
        "page.md:6: the figure 'fig-two' has no factor '01'; valid: 1",
    ),
    "unknown state": (
        FIGURE + "\n    [x](#fig-two:fcator=1)",
        "page.md:11: the figure 'fig-two' of kind 'factors' has no state 'fcator'; did you mean factor",
    ),
    "state of a kind without": (
        "/// explorable | run/sequence\n    attrs: {id: a}\nA.\n///\n\n[x](#a:factor=1)",
        "page.md:6: the figure 'a' of kind 'sequence' has no state 'factor'",
    ),
    "state that begins as another": (
        FIGURE + "\n    [a](#fig-two:factor=1)\n\n    [b](#fig-two:factor=11)\n\n    [c](#fig-two:factor=1)",
        "page.md:13: the figure 'fig-two' has no factor '11'; valid: 1",
    ),
    "value that begins as another": (
        "`{val} run/sequence.tokens[0].id`\n\n`{val} run/sequence`",
        "page.md:3: a value is written",
    ),
    "heading id to which a link leads": (
        "[x](#a)\n\n# One {#a}\n\n# Two {#a}",
        "page.md:5: duplicate id 'a'; first on line 3",
    ),
    "windows lines": ("one\r\n\r\n`{val} no/x.y`\r\n", "page.md:3: no record 'no/x'"),
    "tabs": ("/// explorable | run/two-factors\n\theigth: 9\nA.\n///", "page.md:1: unknown option 'heigth'"),
}


ALIKE = {
    "all alike": ["Text", "Text", "Text"],
    "the first differs": ["Text", "More", "More"],
    "the second differs": ["Text", "More", "Text"],
    "nothing below the second": ["Text", "", "Text"],
}


@pytest.mark.parametrize("below", ALIKE.values(), ids=ALIKE)
def test_each_of_alike_unknown_blocks_is_told_on_its_line(render, below):
    _, problems = render("\n\n".join(f"/// nope | a\n{text}\n///" for text in below))
    assert [problem.partition(": ")[0] for problem in problems] == ["page.md:1", "page.md:5", "page.md:9"]


def test_a_kind_without_a_figure_is_named(render, monkeypatch):
    monkeypatch.delitem(EXPLORABLES, "sequence")
    _, problems = render("/// explorable | run/sequence\nA.\n///")
    assert [problem.partition(";")[0] for problem in problems] == ["page.md:1: records of kind 'sequence' have no figure"]


def test_a_sparkline_is_a_graphic_the_size_of_a_word(render):
    page, problems = render("It falls `{spark} run/rankings[0]` with depth.")
    assert problems == []
    shown = html.fromstring(page).find_class("ld-spark")[0]
    assert shown.find("svg").get("role") == "img"
    assert shown.find("svg/title").text == "Rank of ‘\xa0<b>’ after each layer: 50, 1"
    (_, first), (_, last) = (map(float, point.split(",")) for point in shown.find("svg/path").get("d")[1:].split("L"))
    assert last < first
    assert html.fromstring(page).text_content() == "It falls Rank of ‘\xa0<b>’ after each layer: 50, 1 with depth."


def test_a_link_may_put_a_figure_into_a_state(render):
    text = """
    [One](#fig-two:factor=1) before, and [elsewhere](x.md#a:b=c), [a heading](#after).

    /// explorable | run/two-factors
        attrs: {id: fig-two}
    See *[F1](#fig-two:factor=1 "alone")*.
    ///
    """
    page, problems = render(text)
    assert problems == []
    links = [(a.get("href"), a.get("data-state"), a.text) for a in html.fromstring(page).iter("a")]
    one = ("#fig-two", "factor=1", "One")
    assert links == [one, ("x.md#a", "b=c", "elsewhere"), ("#after", None, "a heading"), (*one[:2], "F1")]


def test_a_link_to_a_state_that_is_not_there_leads_nowhere(render):
    page, _ = render("[F1](#fig-none:factor=1)")
    assert page == '<p><a href="#">F1</a></p>'


def test_figures_of_another_page_are_forgotten(render):
    text = dedent(FIGURE) + "\n[F1](#fig-two:factor=1)"
    assert render(text)[1] == []
    _, problems = render("[F1](#fig-two:factor=1)")
    assert problems == ["page.md:1: no figure 'fig-two' on this page; there are none yet"]


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_reported_once_with_its_line(render, name):
    text, message = MISTAKES[name]
    _, problems = render(text)
    assert len(problems) == 1, problems
    assert re.match(message, problems[0]), problems[0]


def test_a_broken_data_file_is_named(render, tmp_path):
    (tmp_path / "run" / "bad.json").write_text("{")
    _, problems = render("/// explorable | run/bad\nA.\n///")
    assert len(problems) == 1
    assert "page.md:1: " in problems[0]
    assert "bad.json: not valid JSON" in problems[0]


def test_a_page_with_mistakes_is_still_a_page(render):
    html, _ = render("`{val} no/such.facts.x`\n\n/// explorable | run/none\nA caption.\n///")
    assert '<span class="ld-value">??</span>' in html
    assert "The figure run/none could not be drawn." in html
    assert "A caption.</p>" in html


def test_the_extension_stands_alone(tmp_path, monkeypatch):
    write_record(builders.sequence(), tmp_path / "docs" / "data" / "run" / "sequence.json")
    monkeypatch.chdir(tmp_path)
    assert "3" in markdown.markdown("`{val} run/sequence.facts.tokens`", extensions=["lensdoc"])
