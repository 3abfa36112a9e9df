from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lensdoc.explorables.display import LONGEST, plain, token_element, visible
from lensdoc.explorables.elements import to_html
from lensdoc.records.tokens import Token


def token(text, raw=None):
    return Token(id=0, text=text, kind="output", bytes=raw)


class Reader(HTMLParser):
    """Collects what a browser would make of some HTML: tags, and text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def read(text):
    reader = Reader()
    reader.feed(to_html(token_element((token(text),), 0, {})))
    return reader


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" the", " the"),
        (" ", "␣"),
        ("  ", "␣␣"),
        ("\n", "⏎"),
        (".\n\n", ".⏎⏎"),
        ("\n  a\n", "⏎\n  a⏎"),
        ("\t", "⇥\t"),
        ("", "∅"),
        ("\x00", "U+0000"),
        ("\x1b[31m", "U+001B[31m"),
        ("\u202eabc", "U+202E right-to-left overrideabc"),
        ("\u200b", "U+200B zero width space"),
        ("\ufeff", "U+FEFF zero width no-break space"),
        ("\u2028", "U+2028 line separator"),
        ("\u00a0", "U+00A0 no-break space"),
        ("\u3000", "U+3000 ideographic space"),
        ("\u3164", "U+3164 hangul filler"),
        ("\u2800", "U+2800 braille pattern blank"),
        ("a\ufe0f", "aU+FE0F variation selector-16"),
    ],
)
def test_white_space_and_invisible_characters_are_shown(text, shown):
    assert read(text).text == shown


@pytest.mark.parametrize(("text", "shown"), [("", ""), (" ", "␣"), ("  ", "␣␣"), (" a ", " a "), ("\n", "⏎")])
def test_a_value_in_prose_is_never_a_blank(text, shown):
    assert visible(text) == shown


def test_bytes_are_shown_in_hexadecimal():
    assert plain(token("�", "f09f")) == "F0 9F"


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "&lt;b&gt;",
    "{{ 7*7 }}{% x %}${y}",
    "</template>",
    "$$x$$ **b** `c`",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    reader = read(text)
    assert reader.text == text
    assert [tag for tag, _ in reader.tags] == ["span"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_makes_only_spans_without_other_attributes(text):
    tags = read(text).tags
    assert {tag for tag, _ in tags} == {"span"}
    assert all(set(attributes) <= {"class", "data-said"} for _, attributes in tags)


def test_a_huge_token_is_shortened():
    assert len(read("x" * 1_000_000).text) == LONGEST + 1


def test_summaries_are_one_line():
    assert plain(token("a\nb")) == "a⏎b"


def test_a_value_of_spaces_alone_shows_their_marks():
    """A link without a text has no name."""
    assert [visible(text) for text in (" ", "  ", " the", "a b", "")] == ["␣", "␣␣", " the", "a b", ""]
