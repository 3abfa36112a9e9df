"""The drawing of a factorization: its numbers are those of the record."""

from __future__ import annotations

import builders
import pytest
from lxml import html

from lensdoc.explorables.decomposition import in_words, positions
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.factors import EXPLORABLE
from lensdoc.explorables.options import read_options

RECORD = builders.factors([[0, 4, 2, 0], [1, 0, 0, 0]], n_input=2)


def draw(record):
    return html.fromstring(to_html(EXPLORABLE.draw(record, read_options(EXPLORABLE.options, {"style": "decomposition"}))))


def test_every_size_is_told():
    assert [part.text for part in draw(RECORD).find_class("ld-size")] == [
        "3 positions × 64 neurons",
        "3 positions × 2 factors",
        "2 factors × 64 neurons",
    ]
    assert in_words(RECORD) == (
        "The activations of 2 layers are nearly the product of the two tables; it accounts for 75% of their squares. "
        "The text has 4 tokens. Sizes are not to scale."
    )


def test_it_is_told_what_a_cell_means():
    split = RECORD.model_copy(update={"negative": "split", "layers": (1,)})
    assert [part.text for part in draw(split).find_class("ld-meaning")] == [
        "a cell: how strongly a neuron fires at a position, its negative part apart from the positive",
        "a cell: how active a factor is at a position",
        "a cell: how much a neuron takes part in a factor",
    ]
    assert in_words(split).startswith("The activations of layer 1 are nearly")


@pytest.mark.parametrize(("n_input", "starts", "count"), [(4, (0,), 4), (1, (0,), 3), (2, (0,), 3), (4, (0, 2), 4)])
def test_states_are_counted_once(n_input, starts, count):
    record = builders.factors([[1, 2, 3, 4]], n_input=n_input).model_copy(update={"starts": starts})
    assert positions(record) == count


def test_the_drawing_holds_the_factors_own_activations():
    parts = draw(RECORD).find_class("ld-matrix")
    cells = [cell.get("data-level") for cell in parts[1].find_class("ld-cell")]
    assert cells == ["0", "15", "0", "15", "0", "0"]  # F1 at the first, a middle and the last token, then F2


@pytest.mark.parametrize(("count", "length"), [(1, 1), (30, 400)])
def test_any_size_is_drawn(count, length):
    figure = draw(builders.factors([[1] * length] * count))
    assert len(figure.findall(".//svg")) == 3
    assert len(figure.find_class("ld-cell")) < 400


def test_a_record_without_factors_says_so():
    assert "This record has no factors." in draw(builders.factors([], ["a", "b"])).text_content()


def test_what_is_not_known_of_an_imported_record_is_not_made_up():
    record = RECORD.model_copy(update={"facts": {}, "layers": (), "explained": None})
    assert in_words(record).startswith("The activations are nearly")
    assert "%" not in in_words(record)
