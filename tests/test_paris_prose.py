"""The prose of the second article: numbers are looked up, works are cited, and what is said in words holds of the records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from prose import running_text, stated_numbers, unused, word_count
from states import page_state

from lensdoc.publish.values.conditions import holds

ROOT = Path(__file__).parents[1]
ARTICLE = (ROOT / "docs" / "paris.md").read_text()
EXCEPTIONS = yaml.safe_load((ROOT / "tests" / "paris_numbers.yml").read_text())
CLAIMS = yaml.safe_load((ROOT / "tests" / "paris_claims.yml").read_text())
MOST_WORDS = 3_000
FEWEST_WORKS = 25


def test_no_number_is_typed_that_a_run_could_compute():
    assert stated_numbers(ARTICLE, EXCEPTIONS) == []


def test_exceptions_are_needed_and_say_why():
    assert all(set(exception) == {"text", "reason"} and exception["reason"] for exception in EXCEPTIONS)
    assert unused(ARTICLE, EXCEPTIONS) == []


def test_the_article_is_as_long_as_its_story():
    assert MOST_WORDS - 1_500 < word_count(running_text(ARTICLE)) <= MOST_WORDS


def test_works_are_cited_where_they_belong():
    known = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "docs" / "references.bib").read_text(), re.MULTILINE))
    assert len(set(re.findall(r"@(\w+)", ARTICLE)) & known) >= FEWEST_WORKS


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["says"])
def test_what_the_article_says_in_words_holds_of_its_records(claim):
    assert claim["says"] in " ".join(ARTICLE.split())
    assert holds(claim["holds"], page_state(ROOT / "docs" / "data"))
