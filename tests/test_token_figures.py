"""Figures of the kinds `saliency` and `sequence`: the first state that a page carries."""

from __future__ import annotations

import json

import builders
import pytest
from lxml import html

from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.numbers import score, share
from lensdoc.explorables.options import read_options
from lensdoc.records.kinds import KINDS


def markup(record, **options):
    drawing = explorable(record.KIND)
    return to_html(drawing.draw(record, read_options(drawing.options, options)))


def draw(record, **options):
    return html.fromstring(markup(record, **options).replace("<wbr>", ""))  # libxml2 does not know that wbr is empty


TWO = builders.saliency([[0.25, 0.75], [0.5, 0.0, 0.5]], [" a", " b", " c", " d"])


def test_line_breaks_stand_behind_their_tokens_but_for_that_of_the_first():
    """A token is one box; what is copied has the breaks."""
    record = builders.saliency([[0.5, 0.25, 0.25]], ["\n", " a.\n\n", "b\n c", " d"])
    (text,) = draw(record).find_class("ld-tokens")
    assert [t.text_content() for t in text.find_class("ld-token")] == ["⏎", " a.⏎⏎", "b⏎\n c", " d"]
    assert text.text_content() == "input⏎ a.⏎⏎\n\nb⏎\n coutput d"


def test_every_kind_of_record_has_a_figure():
    assert all(explorable(kind) for kind in KINDS)


def test_the_first_target_is_chosen_and_its_scores_stand_on_the_tokens_before_it():
    tokens = draw(TWO).find_class("ld-token")
    assert [t.get("data-share") for t in tokens] == ["25%", "75%", None, None]
    assert [t.get("data-level") for t in tokens] == ["5", "15", None, None]
    assert [t.get("data-chosen") is not None for t in tokens] == [False, False, True, False]
    assert [t.get("data-target") is not None for t in tokens] == [False, False, True, True]


def test_an_author_may_choose_another_target():
    tokens = draw(TWO, token=3).find_class("ld-token")
    assert [t.get("data-share") for t in tokens] == ["50%", None, "50%", None]
    with pytest.raises(PublishError, match="option 'token' must be the position of an explained token, 2 to 3, it is 1"):
        draw(TWO, token=1)


def test_a_shared_scale_spans_the_scores_of_all_targets():
    tokens = draw(TWO, token=3, scale="shared").find_class("ld-token")
    assert [t.get("data-level") for t in tokens] == ["10", None, "10", None]


def test_scores_that_mean_nothing_say_so_beside_the_token_in_the_table_and_in_the_footer():
    record = builders.integrated([[0.25, 0.75], [0.5, 0.0, 0.5]], [0.1, -9.0], [" a", " b", " c", " d"])
    first, second = (draw(record, token=t).find_class("ld-summary")[0].text_content() for t in (2, 3))
    assert "Unreliable" not in first
    assert "Unreliable: integrated gradients miss 450% of the difference they should add up to." in second
    assert "; unreliable" in markup(record)
    method = explorable("saliency").method(record)
    assert "For 1 of 2 tokens the integrated gradients miss more than a tenth" in method
    right = builders.integrated([[0.25, 0.75], [0.5, 0.0, 0.5]], [0.1, -0.2], [" a", " b", " c", " d"])
    assert "nreliable" not in markup(right)
    assert "mean nothing" not in explorable("saliency").method(right)
    far = builders.integrated([[1.0]], [6000.0], [" a", " b"])
    assert "miss 3,000 times of" not in markup(far)
    assert "miss 3,000 times the difference" in markup(far)


def test_signed_scores_differ_by_hue_and_by_a_minus():
    figure = draw(builders.saliency([[-0.5, 0.251]], signed=True))
    tokens = figure.find_class("ld-token")
    assert [t.get("data-hue") for t in tokens] == ["2", "1", None]
    assert [t.get("data-share") for t in tokens] == ["−0.50", "0.25", None]
    assert figure.get("data-signed") is not None


def test_the_detailed_style_has_its_labels_always_and_the_minimal_one_a_switch():
    assert draw(TWO).find_class("ld-labels")
    assert not draw(TWO, style="detailed").find_class("ld-labels")
    assert "ld-detailed" in draw(TWO, style="detailed").get("class")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style": "big"}, "option 'style' must be one of minimal, detailed, it is 'big'"),
        ({"scal": "step"}, "unknown option 'scal'; did you mean scale"),
        ({"token": "first"}, "option 'token' must be a number"),
    ],
)
def test_options_that_will_not_do_are_refused(options, message):
    with pytest.raises(PublishError, match=message):
        draw(TWO, **options)


def test_the_summary_and_the_table_say_it_in_words():
    figure = draw(TWO)
    assert figure.find_class("ld-summary")[0].text.startswith(
        "Token 2 ‘\xa0c’: ‘\xa0b’ (token\xa01) 75%, ‘\xa0a’ (token\xa00) 25%."
    )
    rows = [[cell.text_content() for cell in row] for row in figure.findall(".//tbody/tr")]
    assert rows[1] == ["3 ‘\xa0d’", "‘\xa0a’ (token\xa00) 50%, ‘\xa0c’ (token\xa02) 50%", "1"]


def test_the_page_carries_the_numbers_for_the_script():
    data = json.loads(draw(TWO).find_class("ld-data")[0].text_content())
    assert data == {"targets": [2, 3], "scores": [[0.25, 0.75], [0.5, 0.0, 0.5]], "signed": False, "levels": 16, "chosen": 0}


def test_a_record_that_explains_nothing_has_no_figure():
    with pytest.raises(PublishError, match="this record explains no token"):
        draw(TWO.model_copy(update={"targets": (), "scores": (), "totals": ()}))


@pytest.mark.parametrize("text", ["</template><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>x</b>'])
def test_text_from_data_is_text(text):
    for record in (builders.saliency([[1.0]], [text, text]), builders.sequence([text, text])):
        page = markup(record)
        assert text not in page
        assert not html.fromstring(page).xpath("//script | //img | //b")


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0, "0%"),
        (1e-9, "<0.1%"),
        (0.001, "0.1%"),
        (0.0123, "1%"),
        (0.00949, "0.9%"),
        (0.125, "13%"),
        (0.999, "100%"),
        (1, "100%"),
    ],
)
def test_shares_as_labels(value, label):
    assert share(value) == label


@pytest.mark.parametrize(
    ("value", "label"), [(-0.001, "0.00"), (-0.25, "−0.25"), (0.125, "0.13"), (12.3456, "12.35"), (0, "0.00")]
)
def test_scores_as_labels(value, label):
    assert score(value) == label


def test_produced_tokens_are_tinted_by_their_probability():
    record = builders.sequence()
    tokens = draw(record).find_class("ld-token")
    assert [t.get("data-level") is None for t in tokens] == [t.kind == "input" for t in record.tokens]


@pytest.mark.parametrize(("labels", "shown"), [("none", [None] * 3), ("positions", ["0", "1", "2"]), ("ids", ["0", "1", "2"])])
def test_labels_below_tokens_are_the_authors_choice(labels, shown):
    assert [t.get("data-share") for t in draw(builders.sequence(), labels=labels).find_class("ld-token")] == shown


def test_probabilities_stand_below_produced_tokens_only():
    record = builders.sequence()
    shown = [t.get("data-share") for t in draw(record, labels="probabilities").find_class("ld-token")]
    assert [text is not None for text in shown] == [t.kind == "output" for t in record.tokens]


def test_beside_bars_shares_below_one_percent_have_no_number():
    """They keep tint and bar, and the figure says so; in the minimal style, and where scores have signs, each has its number."""
    row = [0.98, 0.01, 0.0099, 0.0001]

    def shown(*, style="detailed", signed=False):
        figure = draw(builders.saliency([row], signed=signed), style=style)
        tokens, said = figure.find_class("ld-token"), figure.find_class("ld-readout")[0].text_content()
        assert [t.get("data-level") is not None for t in tokens] == [True] * 4 + [False]
        return [t.get("data-share") for t in tokens][:4], "below 1% no number" in said

    assert shown() == (["98%", "1%", None, None], True)
    assert shown(style="minimal") == (["98%", "1%", "1.0%", "<0.1%"], False)
    assert shown(signed=True) == (["0.98", "0.01", "0.01", "0.00"], False)


def test_bars_have_a_notch_at_an_even_share():
    """Of four tokens each would have a quarter, which is half of the highest bar, as high as 15 levels."""
    record = builders.saliency([[0.5, 0.25, 0.25, 0.0], [0.2] * 5])
    options = read_options(explorable("saliency").options, {"style": "detailed"})
    assert explorable("saliency").draw(record, options).get("style") == "--ld-even: 7.50"
    assert explorable("saliency").draw(record, options | {"scale": "shared", "token": 5}).get("style") == "--ld-even: 6.00"
    assert explorable("saliency").draw(record, options | {"style": "minimal"}).get("style") is None
