"""The prose of both articles: numbers are looked up, works are cited, and what is said in words holds of the records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml
from prose import running_text, stated_numbers, unused, word_count
from states import page_state

from lensdoc.publish.values.conditions import holds

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Article:
    """A page, the numbers that may stand in it as they are, what it says in words, and its bounds."""

    text: str
    exceptions: list[dict[str, str]]
    claims: list[dict[str, str]]
    words: tuple[int, int]
    works: int


def article(page, numbers, claims, *, words, works):
    read = [yaml.safe_load((ROOT / "tests" / name).read_text()) for name in (numbers, claims)]
    return Article((ROOT / "docs" / page).read_text(), *read, words, works)


FIRST = article("index.md", "prose_numbers.yml", "article_claims.yml", words=(3_500, 4_500), works=60)
ARTICLES = {"index": FIRST, "paris": article("paris.md", "paris_numbers.yml", "paris_claims.yml", words=(1_500, 3_000), works=25)}
MOST_EXCEPTIONS = 40

of_both = pytest.mark.parametrize("page", ARTICLES.values(), ids=ARTICLES)


@of_both
def test_no_number_is_typed_that_a_run_could_compute(page):
    assert stated_numbers(page.text, page.exceptions) == []


@of_both
def test_exceptions_are_few_and_needed_and_say_why(page):
    assert len(page.exceptions) <= MOST_EXCEPTIONS
    assert all(set(exception) == {"text", "reason"} and exception["reason"] for exception in page.exceptions)
    assert unused(page.text, page.exceptions) == []


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


@of_both
def test_an_article_is_an_article_and_no_book(page):
    least, most = page.words
    assert least < word_count(running_text(page.text)) <= most


def test_running_text_is_what_stands_between_figures():
    table = "//// columns\n/// table | a/b\n    attrs: {id: a}\nA caption.\n///\n////"
    page = f"One two.\n\n{table}\n\n![A picture](a.svg)\n\n| a |\n\nThree."
    assert running_text(page) == "One two. Three."


@of_both
def test_works_are_cited_where_they_belong(page):
    body = page.text.partition("## References")[0]
    known = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "docs" / "references.bib").read_text(), re.MULTILINE))
    cited = set(re.findall(r"@(\w+)", body)) & known
    assert len(cited) >= page.works


@pytest.mark.parametrize(
    ("page", "claim"),
    [pytest.param(page, claim, id=claim["says"]) for page in ARTICLES.values() for claim in page.claims],
)
def test_what_an_article_says_in_words_holds_of_its_records(page, claim):
    assert claim["says"] in " ".join(page.text.split())
    assert holds(claim["holds"], page_state(ROOT / "docs" / "data"))


def test_every_figure_of_a_model_has_the_control_beside_it():
    blocks = re.findall(r"^/{3,} explorable \| (.*)\n    attrs: \{id: ([\w-]+)\}", FIRST.text, re.MULTILINE)
    models = {name: {"-real/" in record for record in records.split(", ")} for records, name in blocks}
    alone = {name for name, kinds in models.items() if kinds != {True, False}}
    assert alone == {"fig-hero-factors", "fig-fact", "fig-fact-control", "fig-similarity", "fig-similarity-control"}


def test_each_state_is_that_of_its_token_where_the_article_says_so():
    """A story that was given is read, token by token; the columns that are compared are states of their own."""
    context = page_state(ROOT / "docs" / "data")
    for end in ("", "-real"):
        for name in ("eu-four", "prose-ten", "prose-eighteen"):
            assert {token.kind for token in context.record(f"factors{end}/{name}").tokens} == {"input"}
        columns = context.record(f"neurons{end}/five-tokens")
        assert {columns.tokens[position].kind for position in columns.positions} == {"output"}


def test_what_an_article_says_of_parts_of_records_holds():
    """What no comparison of two values can hold: sums over tokens, and which of many is closest."""
    context = page_state(ROOT / "docs" / "data")
    text = " ".join(FIRST.text.split())

    assert "less than its part of the tokens" in text
    reply = context.record("saliency-real/answer")
    kinds = [token.kind for token in reply.tokens]
    parts = [kinds[:target].count("template") / target for target in reply.targets]
    assert reply.facts["template_share"] < sum(parts) / len(parts)

    assert "must spell many of the words in pieces" in text
    story = [token.text for token in context.record("factors/prose-ten").tokens]
    begins = [sum(map(len, story[:at])) for at in range(len(story))]
    words = [found.span() for found in re.finditer(r"[A-Za-z]+", "".join(story))]
    pieces = [sum(b < end and b + len(t.rstrip()) > start for b, t in zip(begins, story, strict=True)) for start, end in words]
    assert 0.2 < sum(count > 1 for count in pieces) / len(words) < 0.5

    assert "come back nearly unchanged except F1, whose nearest match" in text
    few, many = (context.record(f"factors-real/prose-{name}") for name in ("ten", "eighteen"))
    alike = np.corrcoef(np.array([*few.activations, *many.activations]))[: len(few.activations), len(few.activations) :]
    assert (alike.max(1) < 0.9).tolist() == [True] + [False] * (len(few.activations) - 1)
    closest = many.activations[int(alike[0].argmax())]
    peaks = [{few.tokens[at].text for at in np.argsort(row)[-5:]} for row in (few.activations[0], closest)]
    assert not peaks[0] & peaks[1]


def test_what_other_pages_say_of_their_figures_holds():
    context = page_state(ROOT / "docs" / "data")
    page, gallery = (" ".join((ROOT / "docs" / name).read_text().split()) for name in ("architectures.md", "gallery.md"))

    assert "the most in the source" in page
    assert "the largest of all lies on the target so far" in page
    pair = context.record("architectures/source-and-target")
    shares, split = pair.scores[1], next(at for at, token in enumerate(pair.tokens) if token.stream == "target")
    assert pair.tokens[pair.targets[1]].text == " keys"
    assert (pair.tokens[5].text, max(shares[:split])) == (" key", shares[5])
    assert (pair.tokens[14].text, max(shares)) == (" The", shares[14])

    assert "it reads at one token near the beginning of the source" in page
    turned = context.record("architectures/cross-attention")
    texts = [token.text for token in turned.tokens]
    split = texts.index("<pad>")
    read = [row.index(max(row)) for row in turned.head(1, 0)]
    assert all(texts[read[at]] == texts[split + at + 1] for at in range(0, len(read) - 1, 2))
    assert {read[at] for at in range(1, len(read), 2)} == {1}

    assert "The third factor is active where a name is written" in gallery
    listed = context.record("gallery-real/factors")
    kinds = ("a digit", "a line break", "a name", "a dot")
    for row, kind in zip(listed.activations, kinds, strict=True):
        assert f"active where {kind} is written" in gallery
        active = {
            token.text
            for token, value in zip(listed.tokens, row, strict=True)
            if value > 0.5 * max(row) and token.kind == "output"
        }
        assert {_kind(text) for text in active - {" Republic"}} == {kind}


def test_what_pages_of_kinds_say_of_their_figures_holds():
    context = page_state(ROOT / "docs" / "data")
    rankings, decoding, similarity = (
        (ROOT / "docs" / "explorables" / f"{name}.md").read_text() for name in ("rankings", "decoding", "similarity")
    )

    raw, normed = (context.record(f"hidden-states/eu-list{end}").facts["median_first"] for end in ("-raw", ""))
    assert raw < normed  # so without the norm ranks are not worse
    assert "ranks are others" in rankings

    assert "attention-real/decoding.strategies[3].kept[7]" in decoding
    top_p = context.record("attention-real/decoding").strategies[3]
    assert (min(top_p.kept), max(top_p.kept)) == (1, top_p.kept[7])

    assert "becomes far longer than any other" in similarity
    lengths = next(row for row in context.record("circuit/lengths").rows if row[0] == 11)
    assert lengths[1] > 100 * lengths[2]
    assert lengths[1] < lengths[2] * context.record("attention-real/similarity").facts["positions"]


def _kind(text):
    return "a line break" if "\n" in text else "a dot" if text == "." else "a digit" if text.strip().isdigit() else "a name"
