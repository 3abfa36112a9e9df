"""The figure of kind `factor-saliency`: the first state that a page carries."""

from __future__ import annotations

import json

import builders
import pytest
from lxml import html

from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.factor_saliency import EXPLORABLE
from lensdoc.explorables.numbers import exact
from lensdoc.explorables.options import read_options

RECORD = builders.driven()


def markup(record, **options):
    return to_html(EXPLORABLE.draw(record, read_options(EXPLORABLE.options, options)))


def draw(record, **options):
    return html.fromstring(markup(record, **options).replace("<wbr>", ""))  # libxml2 does not know that wbr is empty


def summary(figure):
    return figure.find_class("ld-summary")[0].text


def test_bars_have_a_notch_at_an_even_share():
    assert draw(RECORD, style="detailed").get("style").endswith("; --ld-even: 8.33")
    assert "--ld-even" not in draw(RECORD).get("style")
    assert "--ld-even" not in draw(builders.driven(signed=True), style="detailed").get("style")
    said = draw(RECORD, style="detailed").find_class("ld-readout")[0].text_content()
    assert "Notch: an even share; below 1% no number." in said


def test_the_first_factor_is_shown_at_its_strongest_target():
    figure = draw(RECORD)
    assert (
        summary(figure)
        == "F2 is 1.5 at token\xa03 ‘⏎’: driven by ‘,’ (token\xa02) 60%, ‘\xa0<b>’ (token\xa01) 30%, ‘\xa0a’ (token\xa00) 10%."
    )
    tokens = figure.find_class("ld-token")
    assert [t.get("data-share") for t in tokens] == ["10%", "30%", "60%", None]
    assert [t.get("data-level") for t in tokens] == ["3", "8", "15", None]
    assert [t.get("data-hue") for t in tokens] == ["2", "2", "2", None]  # that of F2
    assert [t.get("data-chosen") is not None for t in tokens] == [False, False, False, True]
    assert [t.get("data-target") is not None for t in tokens] == [False, True, True, True]


def test_there_is_a_line_for_each_factor_over_the_targets():
    figure = draw(RECORD)
    rows = figure.find_class("ld-row")
    assert [row.find_class("ld-name")[0].text for row in rows] == ["F2", "F5"]
    assert [row.get("data-chosen") is not None for row in rows] == [True, False]
    assert [p.get("d") for p in figure.find_class("ld-area")] == ["M0,45L1,83L2,0V100H0Z", "M0,100L1,0L2,100V100H0Z"]
    assert [p.get("d") for p in figure.find_class("ld-cursor")] == ["M2,0V100"] * 2
    assert [p.get("d") for p in figure.find_class("ld-boundary")] == ["M1.5,0V100"] * 2
    assert [end.text for end in figure.find_class("ld-axis")[0]] == ["token\xa01", "3"]


def test_an_author_may_choose_factor_and_target():
    figure = draw(RECORD, factor=5, token=1)
    assert summary(figure) == "F5 is 3 at token\xa01 ‘\xa0<b>’: driven by ‘\xa0<b>’ (token\xa01) 60%, ‘\xa0a’ (token\xa00) 40%."
    tokens = figure.find_class("ld-token")
    assert [t.get("data-share") for t in tokens] == ["40%", "60%", None, None]
    assert tokens[1].get("data-chosen") is not None  # an input token has a score itself


def test_where_a_factor_does_not_fire_nothing_drives_it():
    figure = draw(RECORD, factor=5, token=3)
    assert summary(figure) == "F5 is 0 at token\xa03 ‘⏎’: nothing drives it."
    assert not any(t.get("data-level") for t in figure.find_class("ld-token"))


def test_signed_scores_differ_by_hue_and_by_a_minus():
    figure = draw(builders.driven(signed=True), factor=5, token=2)
    assert summary(figure) == (
        "F5 is 12340 at token\xa02 ‘,’: scores ‘\xa0a’ (token\xa00) −0.50, ‘\xa0<b>’ (token\xa01) 0.50, ‘,’ (token\xa02) 0.25."
    )
    assert [t.get("data-hue") for t in figure.find_class("ld-token")] == ["2", "1", "1", None]
    assert figure.get("data-signed") is not None


def test_the_table_has_what_drives_each_factor_where_it_fires():
    rows = [[cell.text_content() for cell in row] for row in draw(RECORD).findall(".//tbody/tr")]
    assert len(rows) == 5
    assert rows[0] == ["F2 at 1 ‘\xa0<b>’", "0.82", "‘\xa0a’ (token\xa00) 75%, ‘\xa0<b>’ (token\xa01) 25%", "1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": 1}, "option 'factor' must be one of 2, 5, it is 1"),
        ({"token": 0}, "option 'token' must be the position of an explained token, 1 to 3, it is 0"),
        ({"style": "big"}, "option 'style' must be one of minimal, detailed, it is 'big'"),
        ({"facto": 2}, "unknown option 'facto'; did you mean factor"),
    ],
)
def test_options_that_will_not_do_are_refused(options, message):
    with pytest.raises(PublishError, match=message):
        draw(RECORD, **options)


def test_a_record_that_explains_nothing_has_no_figure():
    empty = RECORD.model_copy(update={"factor": (), "activations": (), "scores": (), "totals": ()})
    with pytest.raises(PublishError, match="this record explains no factor at any token"):
        draw(empty)


def test_the_page_carries_the_numbers_for_the_script():
    data = json.loads(draw(RECORD).find_class("ld-data")[0].text_content())
    assert data["chosen"] == [0, 2]
    assert data["limits"] == [1.5, 12340]
    assert data["scores"] == [[list(row) for row in rows] for rows in RECORD.scores]


def test_links_may_name_its_factors():
    assert list(EXPLORABLE.states["factor"](RECORD)) == [2, 5]


def test_hostile_tokens_stay_text():
    texts = ["</template><script>alert(1)</script>", "<img src=x>", '"><b>x</b>']
    figure = draw(builders.factor_saliency([[1, 2, 3]], texts, 3))
    assert [t.text_content() for t in figure.find_class("ld-token")] == texts
    assert not list(figure.iter("script", "img", "b"))


@pytest.mark.parametrize(
    ("value", "text"), [(0.82, "0.82"), (3.0, "3"), (1e-05, "0.00001"), (1.234e6, "1234000"), (-2.5, "−2.5")]
)
def test_numbers_are_written_without_exponents(value, text):
    assert exact(value) == text
