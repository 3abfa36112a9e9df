"""Every text ends: what pymdownx alone reads for ever, and what costs more than its length."""

from __future__ import annotations

import random
import signal
from contextlib import contextmanager

import pytest
from lxml import html as lxml_html
from markdown import Markdown
from states import page_state

from lensdoc.publish.extension import LensdocExtension

_SECONDS = 60
"""A text of a few lines takes milliseconds; a busy machine may take its time."""
PIECES = [
    "> ",
    "- ",
    "1. ",
    "    ",
    "/// aside\n",
    "/// hero\n",
    "//// aside\n",
    "///\n",
    "////\n",
    "text\n",
    "\n",
    "    attrs: {id: a}\n",
]


@contextmanager
def ends():
    def give_up(*_):
        raise AssertionError("the text is read for ever")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def convert(tmp_path):
    def run(text):
        problems = []
        page = page_state(tmp_path, path="page.md", report=problems.append, freshness={})
        with ends():
            made = Markdown(extensions=["footnotes", "pymdownx.superfences", LensdocExtension(page=page)]).convert(text)
        return lxml_html.fragment_fromstring(made, create_parent="div"), problems

    return run


def test_a_quoted_block_that_ends_outside_of_the_quote_is_read_once(convert):
    made, problems = convert("> /// aside\n///\n/// aside\n")
    assert [len(made.findall(path)) for path in ("blockquote", "blockquote/aside", "aside", ".//aside")] == [1, 1, 1, 2]
    assert problems == ["page.md:3: the block 'aside' is not closed; end it with a line ///"]


def test_what_stands_above_a_block_is_shown_once(convert):
    made, problems = convert("> One\n> /// aside\n> Two\n> ///\n/// aside\nThree\n///\n\nFour\n")
    assert " ".join(made.text_content().split()) == "One Two Three Four"
    assert len(made.findall(".//aside")) == 2
    assert problems == []


@pytest.mark.parametrize("seed", range(60))
def test_every_nesting_ends(convert, seed):
    chosen = random.Random(seed)
    convert("".join(chosen.choices(PIECES, k=12)))
