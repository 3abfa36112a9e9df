"""The article's prose: numbers are looked up, works are cited, and what is said of the bundled model stands under a condition."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from prose import prose, stated_numbers, unused
from states import page_state

from lensdoc.publish.values.conditions import holds

ROOT = Path(__file__).parents[1]
ARTICLE = (ROOT / "docs" / "index.md").read_text()
EXCEPTIONS = yaml.safe_load((ROOT / "tests" / "prose_numbers.yml").read_text())
MOST_EXCEPTIONS = 40
FEWEST_WORKS = 45


def test_no_number_is_typed_that_a_run_could_compute():
    assert stated_numbers(ARTICLE, EXCEPTIONS) == []


def test_exceptions_are_few_and_needed_and_say_why():
    assert len(EXCEPTIONS) <= MOST_EXCEPTIONS
    assert all(set(exception) == {"text", "reason"} and exception["reason"] for exception in EXCEPTIONS)
    assert unused(ARTICLE, EXCEPTIONS) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The model has 6 layers.",
        "It reached 97% of them.",
        "Two factors are enough.",
        "It has one layer.",
        "Twelve of the tokens.",
        "The second factor is larger.",
        "Half of the neurons are quiet.",
        "A [link](a.md#x-2) with 7 in its text: [of 7](b.md).",
        "/// explorable | a/b-2\n    attrs: {id: fig-2}\nA caption with 30 tokens.\n///",
        "| head |\n|---|\n| 12 |",
        "A thousand `{val} a/b.facts.c:,` things",
    ],
)
def test_a_typed_number_is_found(sentence):
    assert len(stated_numbers(sentence, [])) >= 1


@pytest.mark.parametrize(
    "sentence",
    [
        "`{val} a/b.facts.x:.2f` of the tokens, and one of them is the first.",
        "As shown before [@vaswani2017attention, sec. 3.3; @b2019].",
        "$x_1 + 2$ and $$\ny = 3\n$$",
        "---\ndate: 2026-11-25\n---\nText.",
        "## Chapter 7\n\nText.",
        "/// explorable | a/b-2\n    attrs: {id: fig-2}\n    height: 160\nCaption.\n///",
        "[F2](#fig-two:factor=2) and [F10]{.swatch fig-two:factor=10}",
        "See @fig-2 and @alammar2018illustrated.",
        "```python\nx = 3\n```\nText.",
        "/// when | a/b.facts.c > 0.5 and a/b.facts.d == 2\nText.\n///",
    ],
)
def test_what_is_looked_up_or_no_prose_is_left_alone(sentence):
    assert stated_numbers(sentence, []) == []


def test_an_exception_that_is_not_needed_is_found():
    assert unused("Two of them.", [{"text": "two of them"}, {"text": "three of them"}, {"text": "of them"}]) == [
        "three of them",
        "of them",
    ]


def test_the_article_is_long_enough_to_be_one():
    assert 4_000 < len(prose(ARTICLE).split()) < 9_000


def test_works_are_cited_where_they_belong():
    body = ARTICLE.partition("## References")[0]
    known = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "docs" / "references.bib").read_text(), re.MULTILINE))
    cited = set(re.findall(r"@(\w+)", body)) & known
    assert len(cited) >= FEWEST_WORKS


def test_each_condition_can_be_decided_and_both_ways_are_written():
    """A condition that holds for every model would be none: without the bundled model's name some must turn."""
    context = page_state(ROOT / "docs" / "data")
    conditions = re.findall(r"^/{3,} when \| (.*)$", ARTICLE, re.MULTILINE)
    assert len(conditions) > 20
    assert {holds(condition, context) for condition in conditions} == {True, False}


def test_each_state_is_that_of_its_token_where_the_article_says_so():
    """A story that was given is read, token by token; the columns that are compared are states of their own."""
    context = page_state(ROOT / "docs" / "data")
    for name in ("prose-ten", "prose-eighteen"):
        assert {token.kind for token in context.record(f"factors/{name}").tokens} == {"input"}
    columns = context.record("neurons/five-tokens")
    assert {columns.tokens[position].kind for position in columns.positions} == {"output"}
