from __future__ import annotations

import gzip
import json
import re

import builders
import pytest
from chromium import long_text
from lxml import html

from lensdoc.core.errors import PublishError
from lensdoc.explorables import assets
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.factor_table import strongest
from lensdoc.explorables.factors import EXPLORABLE
from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.explorables.options import read_options
from lensdoc.explorables.shared import SPARKLINE_POINTS
from lensdoc.explorables.sparklines import points, sparkline
from lensdoc.explorables.tints import HUES, LEVELS, level
from lensdoc.records.factors import TopNeuron
from lensdoc.records.kinds import KINDS


def markup(record, **options):
    return to_html(EXPLORABLE.draw(record, read_options(EXPLORABLE.options, options)))


def draw(record, **options):
    return html.fromstring(markup(record, **options).replace("<wbr>", ""))  # libxml2 does not know that wbr is empty


TWO = builders.factors([[0, 4, 2, 0], [1, 0, 0, 0]], [" a", "b", "b", "c"], n_input=2)


def test_each_token_is_tinted_by_its_strongest_factor():
    tokens = draw(TWO).find_class("ld-token")
    assert [t.get("data-factor") for t in tokens] == ["2", "1", "1", None]
    assert [t.get("data-level") for t in tokens] == ["15", "15", "8", None]


def test_input_and_output_are_told_apart_in_words():
    figure = draw(TWO)
    sequence = figure.find_class("ld-tokens")[0]
    assert [p.text for p in figure.find_class("ld-part")] == ["input", "output"]
    assert sequence.text_content() == "input aboutputbc"


def test_a_line_may_break_before_a_space_only():
    assert markup(TWO).count("<wbr>") == 1
    assert re.search(r"<wbr><span [^>]*> a</span>", markup(TWO))


@pytest.mark.parametrize(("value", "step"), [(0, 0), (1, LEVELS - 1), (0.5, 8), (0.0333, 0), (0.0334, 1)])
def test_levels_round_halves_up(value, step):
    assert level(value, 1) == step


def test_a_sparkline_is_scaled_to_its_own_largest_value():
    assert sparkline([0, 5, 10]) == "M0,100L1,50L2,0V100H0Z"
    assert sparkline([0, 0]) == "M0,100L1,100V100H0Z"


def test_a_long_text_keeps_the_largest_of_each_stretch():
    values = [float(x == 1234 or (x % 7) / 10) for x in range(2000)]
    found = points(values)
    assert len(found) <= SPARKLINE_POINTS + 2
    assert {0, 1234, 1999} <= set(found)
    assert points(values[:SPARKLINE_POINTS]) == list(range(SPARKLINE_POINTS))
    assert len(sparkline(values)) < 10 * SPARKLINE_POINTS


SPIKE = [[36, 1, 3, 2], [4, 0, 5, 5]]


def test_a_first_token_that_dwarfs_the_rest_is_clipped_and_marked_and_told():
    figure = draw(builders.factors(SPIKE, n_input=4))
    areas = [path.get("d") for path in figure.find_class("ld-area")]
    assert areas == ["M0,0L1,67L2,0L3,33V100H0Z", "M0,20L1,100L2,0L3,0V100H0Z"]
    marks = [row.find_class("ld-beyond") for row in figure.find_class("ld-row")]
    assert [[(m.text, m.get("style")) for m in found] for found in marks] == [[("▲", "--ld-at: 0")], []]
    assert [t.get("data-level") for t in figure.find_class("ld-token")] == ["15", "5", "15", "15"]
    assert "▲ marks a first token that goes beyond the scale: F1 is 12 times the next there." in figure.text_content()
    assert figure.xpath("string(.//tbody/tr[1])").startswith("F150.0%10 (12%)12 times the next")
    data = json.loads(figure.find_class("ld-data")[0].text)
    assert (data["limits"], data["clipped"]) == ([3, 5], [[0], []])
    assert data["firsts"] == ["12 times the next", None]


def test_the_record_says_how_much_a_first_token_dwarfs_the_rest():
    record = builders.factors(SPIKE, n_input=4)
    told = record.model_copy(update={"facts": record.facts | {"factor_1_first_ratio": 2.4}})
    assert "F1 is 2.4 times the next there" in draw(told).text_content()
    told = record.model_copy(update={"facts": record.facts | {"factor_1_first_ratio": 2}})
    assert not draw(told).find_class("ld-beyond")


def test_a_token_produced_from_the_first_alone_shows_its_state_too():
    figure = draw(builders.factors([[36, 36, 3, 2]], n_input=1))
    assert [m.get("style") for m in figure.find_class("ld-beyond")] == ["--ld-at: 0", "--ld-at: 0.3333"]
    assert not draw(builders.factors([[9, 0, 0]])).find_class("ld-beyond")  # there is nothing that it would flatten


def test_factors_may_share_one_scale():
    figure = draw(builders.factors(SPIKE, n_input=4), scale="shared")
    assert [path.get("d") for path in figure.find_class("ld-area")] == [
        "M0,0L1,80L2,40L3,60V100H0Z",
        "M0,20L1,100L2,0L3,0V100H0Z",
    ]
    assert json.loads(figure.find_class("ld-data")[0].text)["limits"] == [5, 5]
    assert "All lines have one scale" in figure.text_content()


SIGNED = builders.factors([[2, -4, 1], [1, 0, -2]], n_input=3, method="pca")


def test_negative_activations_are_drawn_around_a_zero_line_and_underlined():
    figure = draw(SIGNED)
    assert [path.get("d") for path in figure.find_class("ld-area")] == ["M0,25L1,100L2,38V50H0Z", "M0,25L1,50L2,100V50H0Z"]
    assert [path.get("d") for path in figure.find_class("ld-zero")] == ["M0,50H2"] * 2
    tokens = figure.find_class("ld-token")
    assert [t.get("data-factor") for t in tokens] == ["1", "−1", "−2"]
    assert [t.get("data-level") for t in tokens] == ["8", "15", "15"]
    assert [t.get("data-negative") is not None for t in tokens] == [False, True, True]
    assert "Below the middle line, and underlined: negative." in figure.text_content()


def test_several_texts_stand_apart():
    record = builders.factors([[1, 2, 3, 4, 5]], [" a", " b", " c", " d", " e"], n_input=5)
    texts = (*record.tokens[:1], record.tokens[1].model_copy(update={"kind": "output"}), *record.tokens[2:])
    figure = draw(record.model_copy(update={"starts": (0, 2), "tokens": texts}))
    assert [one.text_content() for one in figure.find_class("ld-one")] == ["text 1: input aoutput b", "text 2: input c d e"]
    assert figure.find_class("ld-border")[0].get("d") == "M1.5,0V100"
    assert figure.find_class("ld-boundary")[0].get("d") == "M0.5,0V100"


def test_a_long_text_is_parted_into_chunks():
    figure = draw(builders.factors([[1] * 200], n_input=150))
    assert [len(chunk.find_class("ld-token")) for chunk in figure.find_class("ld-chunk")] == [64, 64, 64, 8]
    assert len(figure.find_class("ld-lines")) == 1
    assert [part.text for part in figure.find_class("ld-part")] == ["input", "output"]
    assert not draw(TWO).find_class("ld-chunk")


def test_blocks_of_a_long_text_end_where_its_lines_end():
    texts = [" word\n" if t % 50 == 49 else " word" for t in range(220)]
    figure = draw(builders.factors([[1] * 220], texts, n_input=220))
    blocks = figure.find_class("ld-lines")
    assert [len(block.find_class("ld-token")) for block in blocks] == [100, 100, 20]
    assert [block.get("style") for block in blocks] == ["--ld-lines: 10", "--ld-lines: 10", "--ld-lines: 2"]
    assert figure.find_class("ld-tokens")[0].text_content() == "input" + "".join(texts).replace("\n", "⏎\n")


def test_the_table_shows_what_the_record_has():
    neurons = (TopNeuron(layer=1, neuron=7, loading=0.5, tokens=(0,)), TopNeuron(layer=0, neuron=3, loading=0.25, tokens=()))
    split = (TopNeuron(layer=0, neuron=2, loading=0.1234, sign="negative", tokens=()),)
    figure = draw(TWO.model_copy(update={"stability": (0.987, -0.1), "neurons": (neurons, split)}))
    rows = [[cell.text_content() for cell in row] for row in figure.find_class("ld-table")[0].iter("tr")]
    assert rows[0][3:] == ["Stability", "First token", "Strongest on", "Top neurons: layer.neuron (loading)"]
    assert [row[3] for row in rows[1:]] == ["● 0.99", "○ −0.10"]
    assert [row[-1] for row in rows[1:]] == ["1.7 (0.5), 0.3 (0.25)", "0.2 where negative (0.12)"]


def test_each_factor_has_a_mark_of_its_stability_where_it_was_measured():
    steady = TWO.model_copy(update={"stability": (0.699, 0.694)})
    figure = draw(steady)
    assert [name.text_content() for name in figure.find_class("ld-name")] == ["F1◐ 0.70", "F2○ 0.69"]
    told = json.loads(figure.find_class("ld-data")[0].text_content())["steady"]
    assert told[0] == "found again in part from other starts, stability 0.70"
    assert "● alike from other starts" in figure.find_class("ld-summary")[0].text_content()
    assert EXPLORABLE.table.heads(steady)[-1] == "stability"
    assert [row[-1] for row in EXPLORABLE.table.rows(steady)] == [0.699] * 4 + [0.694] * 4


def test_what_factors_explain_stands_beside_what_their_controls_do():
    measured = TWO.model_copy(update={"explained": (0.5, 0.25), "controls": (0.2, 0.4)})
    summary = draw(measured).find_class("ld-summary")[0].text_content()
    assert "account for 75%; for 30% (mean of 2)" in summary
    assert "chance" not in markup(TWO)


def test_nothing_is_said_of_stability_where_it_was_not_measured():
    assert "stab" not in markup(TWO)
    assert "ld-steady" not in markup(TWO)
    assert "stability" not in EXPLORABLE.table.heads(TWO)


def test_options_reach_the_style():
    style = draw(TWO, overlap=0.5, height=90).get("style")
    assert style == "--ld-height: 90px; --ld-overlap: 0.5; --ld-count: 2"
    assert "--ld-height: 160px; --ld-overlap: 0;" in draw(TWO).get("style")


def test_lines_rise_into_each_other_only_where_there_are_many():
    few, many = (draw(builders.factors([[1, 2]] * count)).get("style") for count in (6, 7))
    assert ["--ld-overlap: 0;" in style for style in (few, many)] == [True, False]


def test_lines_of_a_long_text_are_fine_and_stand_beside_it():
    figures = [draw(builders.factors([[1] * count], [" word"] * count, 1)) for count in (40, 80, 151)]
    assert ["--ld-stroke" in figure.get("style") for figure in figures] == [False, False, True]
    assert [figure.find_class("ld-panels")[0].get("data-beside") for figure in figures] == [None, "", "wide"]


def test_where_the_output_begins_is_said_where_it_is_drawn():
    assert "The output begins at a dotted line." in draw(TWO).find_class("ld-summary")[0].text_content()
    read = draw(builders.factors([[1, 2]], [" a", "b"], 2))
    assert "dotted" not in read.find_class("ld-summary")[0].text_content()


def test_the_factor_that_an_author_chose_is_told_to_the_script():
    assert json.loads(draw(TWO, factor=2).find_class("ld-data")[0].text)["chosen"] == 1
    for wrong in (3, 1.5):
        with pytest.raises(PublishError, match=f"a whole number from 1 to 2, it is {wrong}"):
            draw(TWO, factor=wrong)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overlapp": 0.5}, "unknown option 'overlapp'; did you mean overlap"),
        ({"overlap": 2}, "option 'overlap' must be a number from 0 to 0.9, it is 2"),
        ({"height": "big"}, "option 'height' must be a number from 40 to 2000, it is 'big'"),
        ({"height": True}, "it is True"),
        ({"height": float("nan")}, "it is nan"),
    ],
)
def test_options_that_will_not_do_are_refused(options, message):
    with pytest.raises(PublishError, match=message):
        draw(TWO, **options)


@pytest.mark.parametrize("count", [0, 1, 10, 23])
@pytest.mark.parametrize("length", [1, 2, 355])
def test_any_number_of_factors_and_tokens_is_drawn(count, length):
    values = [[(f * 7 + t * 3) % 11 for t in range(length)] for f in range(count)]
    figure = draw(builders.factors(values, [f" {t}" for t in range(length)]))
    assert len(figure.find_class("ld-row")) == count
    assert len(figure.find_class("ld-token")) == length
    assert [r.find_class("ld-name")[0].text for r in figure.find_class("ld-row")] == [f"F{i + 1}" for i in range(count)]
    data = json.loads(figure.find_class("ld-data")[0].text)
    assert data["activations"] == values
    assert ("This record has no factors." in figure.text_content()) == (count == 0)


def test_a_factor_that_never_fires_tints_nothing():
    figure = draw(builders.factors([[0, 0, 0]]))
    assert all(t.get("data-factor") is None for t in figure.find_class("ld-token"))
    assert "no token" in figure.find_class("ld-table")[0].text_content()


def test_the_table_says_what_the_figure_shows():
    rows = [[cell.text_content() for cell in row] for row in draw(TWO).find_class("ld-table")[0].iter("tr")]
    assert rows == [
        ["Factor", "Explains", "Neurons", "First token", "Strongest on"],
        ["F1", "50.0%", "10 (12%)", "no", "‘b’ at 1, 2"],
        ["F2", "25.0%", "11 (12%)", "1,000 times the next or more", "‘\xa0a’ at 0"],
    ]


def test_strongest_tokens_are_distinct_and_in_order():
    record = builders.factors([[5, 9, 1, 8, 7, 6, 2]], ["a", "b", "c", "b", "d", "e", "f"])
    assert strongest(record, 0) == [("‘b’", [1, 3]), ("‘d’", [4]), ("‘e’", [5]), ("‘a’", [0])]
    assert strongest(builders.factors([[5, 10, 4.9]], ["a", "b", "c"]), 0) == [("‘b’", [1]), ("‘a’", [0])]


def test_hostile_tokens_stay_text():
    texts = ["</script><script>x()</script>", "</template><img src=x>", '"><b>', "&amp;"]
    figure = draw(builders.factors([[1, 2, 3, 4]], texts))
    assert [t.text_content() for t in figure.find_class("ld-token")] == texts
    assert not list(figure.iter("script", "img", "b"))


def test_a_notebook_shows_the_same_figure_offline():
    bundle = TWO._repr_mimebundle_()
    assert bundle["text/plain"].startswith("factors: 4 tokens, made/up; factors 2, neurons 64")
    page = bundle["text/html"]
    assert markup(TWO) in page
    assert page.count("<script>") == page.count("</script>") == 1
    assert page.count("<style>") == page.count("</style>") == 1


def test_the_palette_has_as_many_hues_and_steps_as_the_figure_uses():
    style = assets.read(assets.STYLE)
    assert {int(n) for n in re.findall(r'\[data-hue="?(\d+)', style)} == set(range(1, HUES + 1))
    assert {int(n) for n in re.findall(r'\[data-level="?(\d+)', style)} == set(range(LEVELS))  # at step 0 the ink is muted


def test_a_figure_of_166_tokens_and_ten_factors_is_light():
    """Its data is included; half of the activations are 0, as they are by NMF of real texts."""
    weight = len(gzip.compress(markup(long_text(166)).encode()))
    print(weight)
    assert weight <= 15_000


@pytest.mark.parametrize("size", [5e-324, 1e308])
def test_numbers_of_any_size_are_drawn(size):
    figure = draw(builders.factors([[0.0, size / 2, size]]))
    assert figure.find_class("ld-token")[2].get("data-level") == "15"
    assert figure.find_class("ld-area")[0].get("d").endswith("L2,0V100H0Z")


def test_a_kind_without_a_figure_shows_itself_as_text(monkeypatch):
    monkeypatch.delitem(EXPLORABLES, "sequence")
    assert set(builders.sequence()._repr_mimebundle_()) == {"text/plain"}
    with pytest.raises(
        PublishError, match="records of kind 'sequence' have no figure; these have: ablation, .*, factors, .*, predictions"
    ):
        explorable("sequence")


def test_every_figure_has_a_kind_of_record():
    assert set(EXPLORABLES) <= set(KINDS)


def left_out(**changes):
    record = builders.factors([[0, 4, 2, 0, 0, 3]], ["a", "b", "c", "d", "e", "f"], 6)
    return record.model_copy(update={"starts": (0, 3), "scale": "state", "skip": 1, "left_out": (0, 3)} | changes)


def test_tokens_that_were_left_out_are_a_gap_and_hatched_and_said_to_be():
    figure = draw(left_out())
    path = figure.find_class("ld-area")[0].get("d")
    assert path == "M1,0L2,50V100H1ZM4,100L5,25V100H4Z"
    assert figure.find_class("ld-gap")[0].get("d") == "M0,0V100M3,0V100"
    tokens = figure.find_class("ld-token")
    assert [token.get("data-left-out") is not None for token in tokens] == [True, False, False, True, False, False]
    assert tokens[0].get("data-factor") == "out"
    assert "Hatched and dotted: the first token of each text, left out." in figure.find_class("ld-summary")[0].text
    assert json.loads(figure.find_class("ld-data")[0].text)["left"] == [0, 3]


def test_without_anything_left_out_nothing_is_said_of_it():
    figure = draw(left_out(skip=0, left_out=()))
    assert figure.find_class("ld-area")[0].get("d").startswith("M0,100L1,0")
    assert not figure.find_class("ld-gap")
    assert "left out" not in figure.text_content()


def test_numbers_and_method_say_what_was_left_out():
    rows = list(EXPLORABLE.table.rows(left_out()))
    assert [row[-1] for row in rows] == ["left out", 4, 2, "left out", 0, 3]
    assert "scaled to length 1, without the first position of a text, by non-negative" in EXPLORABLE.method(left_out())
    assert "scaled" not in EXPLORABLE.method(builders.factors([[1, 2]]))
    drawn = draw(left_out(), style="decomposition").text_content()
    assert "those of each layer scaled to length 1 at each position" in drawn
    assert "The first position of each text was left out." in drawn
    assert "4 positions" in drawn
