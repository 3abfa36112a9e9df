"""Figures of the kinds `rankings`, `watch` and `predictions`, and the word-sized one: what a page carries before any script."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import builders
import pytest
from lxml import html

from lensdoc.explorables.charts import apart
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.grids import rank_level
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.numbers import percent
from lensdoc.explorables.options import read_options
from lensdoc.publish.values.sparks import read_spark, turning_points


def draw(record):
    drawing = explorable(record.KIND)
    return html.fromstring(to_html(drawing.draw(record, read_options(drawing.options, {}))))


def cells(figure):
    return [[cell.text_content() for cell in row] for row in figure.findall(".//tbody/tr")]


def test_ranks_stand_in_a_table_with_layers_down_and_tokens_across():
    figure = draw(builders.rankings([[1234, 7], [1, 2]], ["The", " a", "\n"]))
    assert cells(figure) == [["0", "1234", "7"], ["1", "1", "2"]]
    assert [th.get("data-name") for th in figure.findall(".//thead//th")] == ["‘\xa0a’ (token\xa01)", "‘⏎’ (token\xa02)"]
    assert [th.get("scope") for th in figure.findall(".//tbody//th")] == ["row", "row"]
    assert figure.find_class("ld-corner")[0].text == "Layer"


def test_rank_1_has_a_mark_of_its_own():
    figure = draw(builders.rankings([[2, 1]]))
    assert [td.get("data-first") for td in figure.findall(".//tbody//td")] == [None, ""]


@pytest.mark.parametrize(
    ("rank", "vocabulary", "step"),
    [(1, 49_152, 15), (10, 49_152, 12), (1000, 49_152, 5), (10_000, 49_152, 2), (49_152, 49_152, 0), (1000, 1000, 0), (1, 1, 15)],
)
def test_colour_falls_with_the_logarithm_of_the_rank_down_to_the_vocabulary(rank, vocabulary, step):
    assert rank_level(rank, vocabulary) == step


def of_a_large_vocabulary(record, vocabulary=49_152):
    return record.model_copy(update={"model": record.model.model_copy(update={"vocabulary": vocabulary})})


def test_the_legend_goes_down_to_the_vocabulary():
    legend = draw(of_a_large_vocabulary(builders.rankings([[1]]))).find_class("ld-legend")[0]
    swatches = legend.find_class("ld-swatch")
    assert [swatch.text for swatch in swatches] == ["1", "10", "100", "1,000", "10,000", "49,152"]
    assert [swatch.get("data-level") for swatch in swatches] == ["15", "12", "9", "5", "2", "0"]
    assert [swatch.get("data-first") for swatch in swatches] == ["", None, None, None, None, None]


def test_a_large_rank_is_written_in_thousands_and_kept_whole():
    figure = draw(of_a_large_vocabulary(builders.rankings([[9999, 10_000, 48_651]])))
    assert cells(figure) == [["0", "9999", "10k", "48k"]]
    assert [td.get("data-rank") for td in figure.findall(".//tbody//td")] == [None, "10000", "48651"]


@pytest.mark.parametrize(
    ("layers", "deep", "pitch"), [(12, False, 20), (13, True, 20), (30, True, 20), (48, True, 14), (126, True, 14)]
)
def test_many_layers_stand_in_low_rows(layers, deep, pitch):
    (grid,) = draw(builders.rankings([[5]] * layers)).find_class("ld-grid")
    assert ("ld-deep" in grid.get("class")) is deep
    assert f"--ld-pitch: {pitch}px" in grid.get("style")


def test_heads_stand_once_more_below_what_no_screen_holds():
    figure = draw(builders.rankings([[5, 1]] * 49, ["The", " a", " <b>"]))
    (foot,) = figure.findall(".//tfoot")
    assert foot.get("aria-hidden") == "true"
    assert [cell.text_content() for cell in foot.find("tr")] == ["Layer", " a", " <b>"]
    assert len(figure.findall(".//tbody/tr")) == 49
    assert draw(builders.rankings([[5, 1]] * 48)).find(".//tfoot") is None


def test_heads_of_many_columns_run_upwards():
    few, many = (draw(builders.rankings([[5] * n], [" word"] * (n + 1))).find_class("ld-grid")[0] for n in (7, 8))
    assert "ld-turned" not in few.get("class")
    assert "ld-turned" in many.get("class")


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
    assert cells(figure) == [["0", " is50%", " was25%"], ["1", " are90%", "⏎\n<0.01%"]]
    assert figure.findall(".//tbody//td")[1].get("style") == "--ld-bar: 0.2500"
    assert figure.find_class("ld-title")[0].text_content() == "The keys ____"


def test_a_predicted_token_that_cannot_be_seen_is_as_short_as_its_cell():
    (word,) = draw(builders.predictions([["\u00a0"]], [[0.5]])).xpath("//tbody//td/span[1]")
    assert word.text_content() == "U+00A0"
    assert word.get("data-said") == "‘U+00A0 no-break space’"


def test_what_paper_leaves_out_of_predictions_is_said_there_alone():
    (summary,) = draw(builders.predictions([[" a"] * 6], [[0.1] * 6])).find_class("ld-summary")
    (printed,) = summary.find_class("ld-printed")
    assert printed.text == " On paper: the first 5 of 6."
    assert not draw(builders.predictions([[" a"] * 5], [[0.1] * 5])).find_class("ld-printed")


def test_heads_that_are_no_wider_than_their_cells_do_not_run_upwards():
    (grid,) = draw(builders.rankings([[1234] * 30], [" 10"] * 31)).find_class("ld-grid")
    assert "ld-turned" not in grid.get("class")


def test_watched_tokens_are_lines_with_their_names_and_a_table():
    figure = draw(builders.watch([[100, 3], [10, 1]]))
    assert cells(figure) == [["0", "100", "3"], ["1", "10", "1"]]
    lines = figure.find_class("ld-series")
    assert len(lines) == 2
    assert len({line.get("stroke-dasharray") for line in lines}) == 2  # told apart without colour
    assert [text.text for text in figure.find_class("ld-end")] == ["‘\xa0is’", "‘\xa0are’"]
    assert figure.find_class("ld-summary")[0].text == "After the last layer: ‘\xa0are’ rank 1 (50%), ‘\xa0is’ rank 10 (9.09%)."


def test_texts_that_are_watched_together_share_one_scale():
    figure = draw(builders.watch([[100, 3], [10, 1]], beside=[(("A", " key"), [[10000, 3], [1, 2]])]))
    assert [title.text_content() for title in figure.find_class("ld-title")] == ["The keys ____", "A key ____"]
    alone = draw(builders.watch([[10000, 3], [1, 2]])).find_class("ld-series")
    assert [line.get("d") for line in figure.find_class("ld-series")[2:]] == [line.get("d") for line in alone]
    assert [head.get("data-name") for head in figure.findall(".//thead//th")][2:] == ["‘\xa0is’ in text 2", "‘\xa0are’ in text 2"]
    assert "; in text 2 ‘\xa0is’ rank 1 (50%), ‘\xa0are’ rank 2 (33.3%)." in figure.find_class("ld-summary")[0].text


def test_a_predicted_token_that_is_not_whole_text_shows_its_bytes():
    record = builders.predictions([["�", " a"]], [[0.5, 0.25]])
    figure = draw(record.model_copy(update={"bytes": ((("ff", None),),)}))
    assert cells(figure) == [["0", "FF50%", " a25%"]]


def test_a_better_rank_stands_higher_on_a_logarithmic_axis():
    first, second = draw(builders.watch([[1000, 1], [10, 100]])).find_class("ld-series")
    (_, y1000), (_, y10) = (map(float, point.split(",")) for point in first.get("d")[1:].split("L"))
    (_, y1), (_, y100) = (map(float, point.split(",")) for point in second.get("d")[1:].split("L"))
    assert y1 < y10 < y100 < y1000
    assert y10 - y1 == pytest.approx(y100 - y10, abs=0.11)


def test_labels_of_lines_do_not_cover_each_other():
    assert apart([50, 50, 20], least=14, lowest=200) == [50, 64, 20]
    assert apart([190, 195, 20, 198], least=14, lowest=200) == [172, 186, 20, 200]


def ticks(figure):
    return [tick.text for tick in figure.find_class("ld-tick")]


@pytest.mark.parametrize(
    ("rank", "found"),
    [
        (3, ["1", "10"]),
        (10, ["1", "10"]),
        (270, ["1", "10", "100", "500"]),
        (10_641, ["1", "10", "100", "1,000", "20,000"]),  # 10,000 would touch
        (49_152, ["1", "10", "100", "1,000", "10,000", "50,000"]),
    ],
)
def test_the_axis_of_ranks_and_its_tints_end_at_a_round_number_beyond_all(rank, found):
    figure = draw(of_a_large_vocabulary(builders.watch([[3, 2], [1, 2]], beside=[(("A", " key"), [[rank, 3], [1, 2]])])))
    down = [tick.text for tick in figure.find_class("ld-chart")[0].find_class("ld-tick") if tick.get("text-anchor") == "end"]
    assert down == found
    swatches = figure.find_class("ld-swatch")
    assert (swatches[0].text, swatches[-1].text, swatches[-1].get("data-level")) == ("1", found[-1], "0")
    assert cells(figure)[2][1] == f"{rank:,}"


def test_layers_on_the_axis_do_not_touch_and_the_last_is_there():
    found = [tick for tick in draw(builders.watch([[3, 2]] * 48)).find_class("ld-tick") if tick.get("text-anchor") == "middle"]
    layers, places = [tick.text for tick in found[:-1]], [float(tick.get("x")) for tick in found[:-1]]
    assert (layers[0], layers[-1]) == ("0", "47")
    assert min(b - a for a, b in pairwise(places)) >= 24


def test_layers_that_were_left_out_leave_a_gap():
    record = builders.watch([[100, 3], [50, 2], [10, 1]])
    kept = record.model_copy(update={"layers": (0, 1, 4), "model": record.model.model_copy(update={"layers": 6})})
    figure = draw(kept)
    x = [float(point.split(",")[0]) for point in figure.find_class("ld-series")[0].get("d")[1:].split("L")]
    assert x[2] - x[1] == pytest.approx(3 * (x[1] - x[0]), abs=0.3)
    assert figure.find_class("ld-summary")[0].text.startswith("After layer 4, the last of those shown: ‘\xa0are’ rank 1")


@pytest.mark.parametrize(
    ("ranks", "found"),
    [
        ([7], [0]),
        ([100, 50, 20, 10], [0, 3]),
        ([2678, 3068, 3640, 3396, 3241, 2818, 2079, 396, 92, 113, 34, 7, 3, 1], [0, 6, 8, 9, 11, 13]),
        ([1] * 30, [0, 29]),
    ],
)
def test_a_line_is_told_by_its_ends_and_its_turns(ranks, found):
    assert turning_points(ranks, 6) == found


@pytest.mark.parametrize("text", ["</td><script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
def test_text_from_data_is_text(text):
    records = (
        builders.rankings([[1]], [text, text]),
        builders.predictions([[text]], [[1.0]]),
        builders.watch([[1, 1]], [text, text], [text, text]),
    )
    for record in records:
        assert not draw(record).xpath("//script | //img")


def spark(ranks):
    record = of_a_large_vocabulary(builders.rankings([[rank] for rank in ranks]))
    return read_spark("run/ranks[0]", SimpleNamespace(record=lambda _: record)).find("svg")


def test_a_sparkline_is_as_wide_for_many_layers_as_for_few():
    few, many = spark([50, 1]), spark([*range(40_000, 0, -1000), 30, 2, 1])
    assert few.get("style") == many.get("style") == "width: 4.5em"
    assert few.get("viewBox") == many.get("viewBox") == "0 0 72 16"
    for drawn in (few, many):
        x = [float(point.split(",")[0]) for point in drawn.find("path").get("d")[1:].split("L")]
        assert (x[0], x[-1], float(drawn.find("circle").get("cx"))) == (2, 70, 70)


def test_a_sparkline_of_many_layers_tells_its_ends_and_turns_alone():
    drawn = spark([2678, 3068, 3640, 3396, 3241, 2818, 2079, 396, 92, 113, 34, 7, 3, 1])
    assert drawn.find("title").text == (
        "Rank of ‘\xa01’: 2,678 after layer 0, 2,079 after layer 6, 92 after layer 8, 113 after layer 9, 7 after layer 11, "
        "1 after layer 13"
    )
