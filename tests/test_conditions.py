"""Prose under a condition: `/// when` and `/// otherwise`; and the facts that notebooks add for it."""

from __future__ import annotations

import builders
import pytest
from markdown import Markdown
from states import page_state

from lensdoc.core.errors import LensdocError, RunError
from lensdoc.publish.values.conditions import holds
from lensdoc.records.writing import write_record

TWO = "/// when | run/plain.facts.share > 0.5\nMost, `{val} run/plain.facts.share:.0%`.\n///\n/// otherwise\nFew.\n///\n"


@pytest.fixture
def context(tmp_path):
    record = builders.sequence().with_facts(share=0.75, word="it's so", exact=3)
    write_record(record, tmp_path / "run" / "plain.json")
    found = []
    made = page_state(tmp_path, report=found.append)
    made.found = found
    return made


def render(text, context):
    context.found.clear()
    return Markdown(extensions=["lensdoc"], extension_configs={"lensdoc": {"page": context}}).convert(text)


@pytest.mark.parametrize(
    ("condition", "true"),
    [
        ("run/plain.facts.share > 0.5", True),
        ("run/plain.facts.share < 0.5", False),
        ("run/plain.facts.exact >= 3", True),
        ("run/plain.facts.exact != 3", False),
        ("run/plain.facts.exact <= -3", False),
        ("run/plain.facts.exact == run/plain.facts.tokens", True),
        ("run/plain.facts.share > run/plain.facts.exact", False),
        ('run/plain.facts.word == "it\'s so"', True),
        ('run/plain.model.id == "lensdoc/tiny" and run/plain.facts.exact == 3', False),
        ('run/plain.model.id != "lensdoc/tiny" and run/plain.facts.exact == 3', True),
        ('run/plain.tokens[1].text == ","', True),
        ("run/plain.facts.exact == 4 and run/plain.facts.of_four == 1", False),
    ],
)
def test_a_condition_is_a_comparison(context, condition, true):
    assert holds(condition, context) is true


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("run/plain.facts.share", "a condition is written RUN/NAME.field == 1"),
        ("run/plain.facts.share > 1 or run/plain.facts.share < 0", "a condition is written"),
        ("run/plain.facts.share > 1 and", "a condition is written"),
        ("run/plain.facts.shares > 1", "unknown field 'shares'; did you mean share"),
        ("run/plane.facts.share > 1", "no record 'run/plane' .*did you mean run/plain"),
        ("run/plain.facts.share > 1 + 1", "a condition is written"),
        ("run/plain.facts.share > __import__('os')", "a value is written"),
        ('run/plain.facts.share == "0.75"', "compares a text with a number; run/plain.facts.share is 0.75"),
        ("run/plain.facts == 3", "run/plain.facts is no number or text"),
    ],
)
def test_what_is_no_condition_is_an_error(context, condition, message):
    with pytest.raises(LensdocError, match=message):
        holds(condition, context)


def test_the_branch_that_holds_stays_without_a_trace_of_the_block(context):
    html = render(TWO, context)
    assert context.found == []
    assert "Few" not in html
    assert html.startswith(("<p>Most, <a", "<p>Most, <span"))
    assert "75%" in html
    assert "data-ld" not in html


def test_where_it_does_not_hold_the_other_is_shown(context):
    html = render(TWO.replace("> 0.5", "> 0.9"), context)
    assert (html, context.found) == ("<p>Few.</p>", [])


def test_blocks_nest_and_stand_in_captions(context):
    html = render(
        "//// explorable | run/plain\n    attrs: {id: fig-plain}\n**Caption.**\n\n"
        "/// when | run/plain.facts.exact == 3\nYes.\n///\n"
        "/// otherwise\nNo.\n///\n////\n\n//// when | run/plain.facts.exact > 2\nOuter.\n\n"
        "/// when | run/plain.facts.exact > 9\nInner.\n///\n////\n",
        context,
    )
    assert context.found == []
    assert "Yes." in html.partition("</figcaption>")[0]
    assert "No." not in html
    assert html.endswith("<p>Outer.</p>")


def test_what_is_dropped_may_ask_for_what_is_not_there(context):
    inner = "/// when | run/plain.facts.of_four > 0\n`{val} run/plain.facts.of_four`\n///\n"
    html = render(f"//// when | run/plain.facts.exact == 4\n{inner}////\n//// otherwise\nThree.\n////\n", context)
    assert (html, context.found) == ("<p>Three.</p>", [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"Text.\n\n{TWO.replace('share >', 'shares >')}", "page:3: run/plain.facts.shares: unknown field 'shares'"),
        ("Text.\n\n/// otherwise\nNo.\n///\n", "page:3: 'otherwise' belongs directly below the end of a block 'when'"),
        ("/// when\nNo.\n///\n", "page:1: the block 'when' is printed as text: it needs an argument"),
        (TWO.replace("Few.", "# Few"), "page:4: 'when' and 'otherwise' hold prose; figures and headings stand outside"),
        (TWO.replace("> 0.5", "> 0.9").replace("{val} run/plain", "{val} run/plane"), "page:2: no record 'run/plane'"),
    ],
)
def test_mistakes_are_told_with_their_line(context, text, message):
    html = render(text, context)
    assert len(context.found) == 1
    assert context.found[0].startswith(message)
    assert "data-ld" not in html


def test_a_mistaken_condition_shows_neither_branch(context):
    assert render(TWO.replace("share >", "shares >"), context) == ""


def test_facts_are_added_and_kept_as_facts_are():
    record = builders.sequence()
    more = record.with_facts(ratio=1 / 3, name="x", count=2)
    assert more.facts == record.facts | {"ratio": 0.3333, "name": "x", "count": 2}
    assert "ratio" not in record.facts


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"tokens": 1}, "the record has a fact 'tokens' already; give yours another name"),
        ({"x": float("nan")}, "the fact 'x' must be a finite number or a text, it is nan"),
        ({"x": [1]}, r"the fact 'x' must be a finite number or a text, it is \[1\]"),
        ({"x": True}, "the fact 'x' must be a finite number or a text, it is True"),
    ],
)
def test_what_is_no_fact_is_refused(facts, message):
    with pytest.raises(RunError, match=message):
        builders.sequence().with_facts(**facts)
