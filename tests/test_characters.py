"""Characters that several tokens write together, and the directions of texts."""

from __future__ import annotations

import builders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lensdoc.explorables.characters import direction, groups, pieces, raw_bytes
from lensdoc.explorables.display import line, plain, quoted, token_element, word_element
from lensdoc.records.tokens import Token

FAMILY = "👨\u200d👩\u200d👧"
DEVANAGARI = "हि"  # two code points of three bytes each


def shown(tokens):
    return ["".join(token_element(tokens, position, {}).itertext()) for position in range(len(tokens))]


def said(tokens):
    return [quoted(tokens, position) for position in range(len(tokens))]


def test_a_character_stands_at_the_first_token_that_writes_it_and_the_others_have_a_mark():
    tokens = builders.cut(f"a{DEVANAGARI}b", 1, 3, 4, 7)
    assert shown(tokens) == ["a", "हि", "·", "·", "b"]
    assert groups(tokens) == [range(1, 4)]
    assert said(tokens)[1:4] == [
        "‘हि’ (bytes E0 A4, part 1 of 3)",
        "‘हि’ (bytes B9, part 2 of 3)",
        "‘हि’ (bytes E0 A4 BF, part 3 of 3)",
    ]
    assert line(tokens) == f"a{DEVANAGARI}b"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("中", [2]),
        (FAMILY, [4, 7]),
        ("e\u0301", [1]),
        ("🇫🇷", [4]),
        ("❤\ufe0f", [3]),
        ("👋🏽", [4]),
        ("क\u200cख", [3]),
        ("\u1100\u1161\u11a8", [3]),
    ],
)
def test_characters_of_several_code_points_are_one(text, places):
    tokens = builders.cut(text, *places)
    assert line(tokens) == text
    assert len(groups(tokens)) == 1
    assert [found[0].number for found in pieces(tokens)] == list(range(1, len(tokens) + 1))


def test_a_token_of_several_parts_says_which_characters_they_are_of():
    tokens = builders.cut("中 a中", 2, 6)
    assert shown(tokens) == ["中", "· a中", "·"]
    assert said(tokens)[1] == "‘中 a中’ (bytes AD 20 61 E4, part 2 of 2 of 中, part 1 of 2 of 中)"
    assert groups(tokens) == [range(3)]


def test_bytes_of_no_character_are_shown_as_bytes():
    tokens = builders.cut("x中", 3)[:1]
    assert shown(tokens) == ["xE4 B8"]
    assert said(tokens) == ["‘xE4 B8’ (bytes that are a part of a character)"]
    assert tokens[0].spelled == "<bytes 78 E4 B8>"
    assert Token(id=0, text=" a", kind="input").spelled == " a"


def test_white_space_and_controls_are_no_character_that_tokens_share():
    assert groups(builders.tokens(["a\r", "\n", "\n"])) == []
    assert shown(builders.tokens(["\r", "\n"])) == ["U+000D", "⏎"]


def test_a_template_and_a_message_share_no_character():
    tokens = builders.chat(("template", ["e"]), ("input", ["\u0301", "e", "\u0301"]), ("output", ["\u0301"]))
    assert groups(tokens) == [range(2, 5)]


def test_the_next_text_begins_anew():
    tokens = builders.chat(("input", ["a"]), ("output", ["e"]), ("input", ["\u0301"]))
    assert groups(tokens) == []


def test_a_head_shows_the_whole_character_and_which_part_it_is():
    tokens = builders.cut("中", 2)
    heads = [word_element(tokens, position) for position in (0, 1)]
    assert ["".join(head.itertext()) for head in heads] == ["中1/2", "中2/2"]
    assert heads[1].get("data-said") == "‘中’ (bytes AD, part 2 of 2)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200d", "aU+200D zero width joiner"),
        ("\u200d\u200d", "U+200D zero width joinerU+200D zero width joiner"),
        ("中\ufe00", "中U+FE00 variation selector-1"),
        ("中\U000e0100", "中U+E0100 variation selector-17"),
        ("ㅎ\u3164", "ㅎU+3164 hangul filler"),
        ("א\u202eb", "אU+202E right-to-left overrideb"),
        ("❤\ufe0f\ufe0f", "❤U+FE0F variation selector-16U+FE0F variation selector-16"),
        (f"{FAMILY}❤\ufe0f🇫🇷1\ufe0f\u20e3", f"{FAMILY}❤\ufe0f🇫🇷1\ufe0f\u20e3"),
        ("می\u200cخ", "می\u200cخ"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_joiners_and_selectors_are_hidden_only_where_they_make_a_character(text, shown):
    assert plain(Token(id=0, text=text, kind="input")) == shown


def test_arabic_letters_stay_joined_where_a_mark_stands_between_them():
    arabic = builders.cut("كتب", 1, 2, n_input=3)  # the first letter in two tokens; it joins with the second one
    assert shown(arabic)[:2] == ["ك" + 4 * "ـ", 5 * "ـ"]
    assert [token_element(arabic, p, {}).get("class") for p in range(3)] == [
        "ld-token ld-joins",
        "ld-token ld-joined ld-joins",
        "ld-token ld-joined",
    ]
    parted = builders.cut("دتب", 1, 2, n_input=3)  # this letter joins with none after it
    assert shown(parted)[:2] == ["د", "·"]
    assert "ld-joins" not in token_element(parted, 1, {}).get("class")


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (builders.tokens(["(1) ", "שלום", " a"]), "rtl"),
        (builders.tokens(["a", "שלום"]), "ltr"),
        (builders.tokens(["1, 2", "\u202e"]), "ltr"),
        (builders.cut("كa", 1), "rtl"),
        (builders.chat(("template", ["<s>", "user"]), ("input", ["שלום"])), "rtl"),
        (builders.chat(("template", ["שלום"]), ("input", ["1"])), "ltr"),
        ((), "ltr"),
    ],
)
def test_a_text_runs_as_its_first_letter_does(tokens, expected):
    assert direction(tokens) == expected


def test_text_from_right_to_left_is_isolated_in_a_sentence():
    assert quoted(builders.tokens([" ו"]), 0) == "‘\u2068\xa0ו\u2069’"
    assert quoted(builders.tokens([" a"]), 0) == "‘\xa0a’"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.lists(st.integers(1, 40), max_size=8))
def test_however_a_text_is_cut_each_character_is_shown_once(text, places):
    whole = builders.cut(text or "a")
    tokens = builders.cut(text or "a", *sorted({place for place in places if place < len((text or "a").encode())}))
    assert line(tokens).count("·") == line(whole).count("·")
    spaces = {ord("␣"): " "}
    assert line(tokens).translate(spaces) == line(whole).translate(spaces)
    for token, found in zip(tokens, pieces(tokens), strict=True):
        assert b"".join(piece.raw for piece in found) == raw_bytes(token)


def test_hostile_tokens_take_no_time(figure):
    import time

    began = time.process_time()
    tokens = (Token(id=0, text="a" + "\u0301" * 1_000_000, kind="input"), *builders.tokens(["\u0301"] * 3000))
    assert len("".join(shown(tokens[:1]))) < 5000
    said(tokens)
    seconds = time.process_time() - began
    figure(f"a token of two megabytes and 3,000 marks of one letter: {seconds:.1f} s of CPU")
    assert seconds < 20
