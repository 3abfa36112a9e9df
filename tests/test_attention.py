"""Attention: weights and scores against transformers' own, what is refused, and the figure."""

from __future__ import annotations

import builders
import families
import pytest
import torch
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError, PublishError
from lensdoc.explorables.arcs import MOST_TOKENS, shown_positions
from lensdoc.explorables.attention_codes import codes_of, weight_of
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.models.attention import attention_weights
from lensdoc.models.forward import some_tokens


@pytest.fixture(scope="module")
def record(tiny):
    return lensdoc.attention(tiny.score("The keys to the cabinet are old. The keys to the cabinet"))


def draw(record, **options):
    drawing = explorable("attention")
    return html.fromstring(to_html(drawing.draw(record, read_options(drawing.options, options))))


def test_a_record_has_the_weights_of_the_model(tiny, record):
    ids = tiny.score("The keys to the cabinet are old. The keys to the cabinet").ids
    own = attention_weights(tiny.model, ids, range(6))
    for layer, head in ((0, 0), (3, 1), (5, 3)):
        for query, row in enumerate(record.head(layer, head)):
            assert row == pytest.approx(own[layer, head, query, : query + 1].tolist(), rel=6e-4, abs=1e-7)
            assert sum(row) == pytest.approx(1, abs=2e-3)


def test_first_share_is_the_mean_over_heads_and_later_queries(record):
    rows = [record.head(layer, head) for layer in range(6) for head in range(4)]
    shares = [row[0] for head in rows for row in head[1:]]
    assert record.facts["first_share"] == pytest.approx(sum(shares) / len(shares), rel=1e-3)
    assert record.facts["even_share"] == pytest.approx(sum(1 / q for q in range(2, 14)) / 12, rel=1e-3)


def test_scores_of_heads_come_from_a_repeated_random_series(tiny, record):
    series = some_tokens(tiny.model, 25)[0]
    weights = attention_weights(tiny.model, torch.cat([series, series]), [3])[0, 0]
    assert record.head_scores.induction[3][0] == pytest.approx(
        sum(float(weights[25 + i, i + 1]) for i in range(25)) / 25, rel=1e-3
    )
    weights = attention_weights(tiny.model, torch.cat([series, series]), [1])[0, 1]
    assert record.head_scores.previous[1][1] == pytest.approx(sum(float(weights[q, q - 1]) for q in range(2, 50)) / 48, rel=1e-3)


def test_the_bundled_model_copies_by_previous_token_and_induction_heads_and_has_no_sink(record):
    assert record.facts["previous_score"] > 0.99
    assert record.facts["induction_score"] > 0.99
    assert record.facts["first_share"] < 1.5 * record.facts["even_share"]
    assert all(row[-1] > 0.99 for row in record.head(0, 0))  # the head that was planted reads its own token


def test_every_family_gives_a_record():
    for family in ("gpt2", "gpt_neox", "opt", "bloom", "llama", "gemma2"):
        found = lensdoc.attention(families.family_model(family).score(families.TEXT), layers=[0, 2], heads=1)
        assert (found.layers, found.heads) == ((0, 2), (1,))


def test_what_cannot_be_measured_is_refused(tiny):
    with pytest.raises(MeasureError, match="at least 3 tokens, this one has 2; take a longer one"):
        lensdoc.attention(tiny.score(" 1,"))
    with pytest.raises(MeasureError, match="heads must be indices from 0 to 3"):
        lensdoc.attention(tiny.score(" 1, 2"), heads=4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": (0,)}, r"weights\[0\] has 2 values, but there are 1 heads"),
        ({"weights": (("AAAA", "AAAA"), ("AAAA", "AAAA"))}, r"weights\[0\]\[0\] must hold 6 16-bit numbers"),
        ({"weights": (("?", "?"), ("?", "?"))}, r"weights\[0\]\[0\] must be base64"),
        ({"weights": ((16 * "A", 16 * "A"), (16 * "A", 16 * "A"))}, "those of query 0 sum to 0"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.attention()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(record.model_dump() | change, strict=False)


def test_the_figure_shows_the_head_with_the_highest_induction_score(record):
    figure = draw(record)
    best = record.facts["induction_head"]
    assert figure.find_class("ld-title")[1].text == f"Layer {best[1]}, head {best[3]}"
    assert len(figure.xpath("//td[@data-said]")) == 24
    assert figure.xpath("//table[contains(@class, 'ld-headgrid')]//th[@scope='col']/text()") == ["H0", "H1", "H2", "H3"]
    assert len(figure.xpath("//td[@data-chosen]")) == 1
    assert "Of the weights shown the first token has" in figure.find_class("ld-summary")[0].text_content()


def test_an_author_chooses_head_and_token():
    figure = draw(builders.attention(), layer=1, head=1, token=2)
    assert (
        "Layer 1, head 1, from token 2 ‘\xa0<c>’: ‘\xa0a’ (token\xa00) 63%, ‘\xa0b’ (token\xa01) 37%"
        in figure.find_class("ld-summary")[0].text_content()
    )
    assert len(figure.find_class("ld-arc")) == 2
    with pytest.raises(PublishError, match="option 'layer' must be one of those in the record, 0 to 1; it is 7"):
        draw(builders.attention(), layer=7)


def test_weights_beyond_what_a_page_holds_are_refused():
    record = builders.attention([" w"] * 300)
    with pytest.raises(PublishError, match="at most 150,000 attention weights and this record has 180,600"):
        draw(record)


def test_codes_keep_small_weights_apart():
    record = builders.attention()
    assert [[round(weight_of(code), 2) for code in row] for row in codes_of(record, 0, 0)] == [[1], [1, 0], [0.88, 0.12, 0]]


def test_a_long_text_shows_the_tokens_with_the_largest_weights():
    shown = shown_positions([0.0] * 50 + [0.5] + [0.0] * 10 + [0.5], 61)
    assert len(shown) == MOST_TOKENS
    assert {50, 61} < set(shown)
    assert shown == sorted(shown)
