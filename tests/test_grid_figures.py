"""Figures of the kinds `rankings`, `watch` and `predictions`, and the word-sized one: what a page carries before any script."""

from __future__ import annotations

import builders
import pytest
from lxml import html

from lensdoc.explorables.elements import to_html
from lensdoc.explorables.grids import rank_level
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.options import read_options
from lensdoc.explorables.watch import _apart


def draw(record):
    drawing = explorable(record.KIND)
    return html.fromstring(to_html(drawing.draw(record, read_options(drawing.options, {}))))


def cells(figure):
    return [[cell.text_content() for cell in row] for row in figure.findall(".//tbody/tr")]


def test_ranks_stand_in_a_table_with_layers_down_and_tokens_across():
    figure = draw(builders.rankings([[1234, 7], [1, 2]], ["The", " a", "\n"]))
    assert cells(figure) == [["Layer 0", "1234", "7"], ["Layer 1", "1", "2"]]
    assert [th.get("data-name") for th in figure.findall(".//thead//th")] == ["‘ a’ (token 1)", "‘⏎’ (token 2)"]
    assert [th.get("scope") for th in figure.findall(".//tbody//th")] == ["row", "row"]


def test_rank_1_has_a_mark_of_its_own():
    figure = draw(builders.rankings([[2, 1]]))
    assert [td.get("data-first") for td in figure.findall(".//tbody//td")] == [None, ""]


@pytest.mark.parametrize(("rank", "step"), [(1, 15), (2, 13), (10, 10), (100, 5), (999, 0), (1000, 0), (50_000, 0)])
def test_colour_falls_with_the_logarithm_of_the_rank(rank, step):
    assert rank_level(rank) == step


@pytest.mark.parametrize(
    ("prob", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (1e-7, "<0.01%"),
        (0.00012, "0.012%"),
        (0.0337, "3.37%"),
        (0.5, "50%"),
        (0.9995, ">99.9%"),
        (0.999, "99.9%"),
    ],
)
def test_probabilities_are_never_nothing_nor_all_unless_they_are(prob, text):
    assert percent(prob) == text


def test_predictions_have_a_bar_as_long_as_they_are_probable():
    figure = draw(builders.predictions([[" is", " was"], [" are", "\n"]], [[0.5, 0.25], [0.9, 0.00001]]))
    assert cells(figure) == [["Layer 0", " is50%", " was25%"], ["Layer 1", " are90%", "⏎\n<0.01%"]]
    assert figure.findall(".//tbody//td")[1].get("style") == "--ld-bar: 0.2500"
    assert figure.find_class("ld-title")[0].text_content() == "The keys ____"


def test_watched_tokens_are_lines_with_their_names_and_a_table():
    figure = draw(builders.watch([[100, 3], [10, 1]]))
    assert cells(figure) == [["Layer 0", "100", "3"], ["Layer 1", "10", "1"]]
    lines = figure.find_class("ld-series")
    assert len(lines) == 2
    assert len({line.get("stroke-dasharray") for line in lines}) == 2  # told apart without colour
    assert [text.text for text in figure.find_class("ld-end")] == ["‘ is’", "‘ are’"]
    assert figure.find_class("ld-summary")[0].text == "After the last layer: ‘ are’ rank 1 (50%), ‘ is’ rank 10 (9.09%)."


def test_texts_that_are_watched_together_share_one_scale():
    figure = draw(builders.watch([[100, 3], [10, 1]], beside=[(("A", " key"), [[10000, 3], [1, 2]])]))
    assert [title.text_content() for title in figure.find_class("ld-title")] == ["The keys ____", "A key ____"]
    alone = draw(builders.watch([[10000, 3], [1, 2]])).find_class("ld-series")
    assert [line.get("d") for line in figure.find_class("ld-series")[2:]] == [line.get("d") for line in alone]
    assert [head.get("data-name") for head in figure.findall(".//thead//th")][2:] == ["‘ is’ in text 2", "‘ are’ in text 2"]
    assert "; in text 2 ‘ is’ rank 1 (50%), ‘ are’ rank 2 (33.3%)." in figure.find_class("ld-summary")[0].text


def test_a_predicted_token_that_is_not_whole_text_shows_its_bytes():
    record = builders.predictions([["�", " a"]], [[0.5, 0.25]])
    figure = draw(record.model_copy(update={"bytes": ((("ff", None),),)}))
    assert cells(figure) == [["Layer 0", "⟨ff⟩50%", " a25%"]]


def test_a_better_rank_stands_higher_on_a_logarithmic_axis():
    first, second = draw(builders.watch([[1000, 1], [10, 100]])).find_class("ld-series")
    (_, y1000), (_, y10) = (map(float, point.split(",")) for point in first.get("d")[1:].split("L"))
    (_, y1), (_, y100) = (map(float, point.split(",")) for point in second.get("d")[1:].split("L"))
    assert y1 < y10 < y100 < y1000
    assert y10 - y1 == pytest.approx(y100 - y10, abs=0.11)


def test_labels_of_lines_do_not_cover_each_other():
    assert _apart([50, 50, 20], least=14) == [50, 64, 20]


@pytest.mark.parametrize("text", ["</td><script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
def test_text_from_data_is_text(text):
    records = (
        builders.rankings([[1]], [text, text]),
        builders.predictions([[text]], [[1.0]]),
        builders.watch([[1, 1]], [text, text], [text, text]),
    )
    for record in records:
        assert not draw(record).xpath("//script | //img")
