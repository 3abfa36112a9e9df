"""The figure of kind `activations`: what a page carries before any script, and the image that holds its values."""

from __future__ import annotations

import base64
import io
import json
import re

import builders
import pytest
from lxml import html
from PIL import Image

from lensdoc.explorables import images
from lensdoc.explorables.activations import EXPLORABLE
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.options import read_options
from lensdoc.records.errors import PublishError

ROWS = [[0.5, 0, -0.1], [0, 1.27, 0], [0.75, 0, 0.004], [0, 0, 1]]


def draw(record, **options):
    return html.fromstring(to_html(EXPLORABLE.draw(record, read_options(EXPLORABLE.options, options))))


def image(figure, index=0):
    """The image as a decoder of others sees it."""
    address = figure.findall(".//img")[index].get("src")
    return Image.open(io.BytesIO(base64.b64decode(address.removeprefix("data:image/png;base64,"))))


def codes(figure, index=0):
    found = image(figure, index)
    signed = [value - 256 if value > 128 else value for value in found.tobytes()]
    return [signed[first : first + found.width] for first in range(0, len(signed), found.width)]


def data(figure):
    return json.loads(figure.find_class("ld-data")[0].text)


@pytest.mark.parametrize("encoded", [False, True])
def test_the_image_has_a_pixel_for_each_value_that_is_its_code(encoded):
    figure = draw(builders.activations(ROWS, encoded=encoded))
    assert codes(figure) == [[50, 0, -10], [0, 127, 0], [75, 0, 0], [0, 0, 100]]
    assert data(figure)["layers"][0]["scale"] == 1.27


def test_codes_of_a_record_are_those_of_its_image():
    every = [[code / 127 * 0.7] for code in range(-127, 128)]
    record = builders.activations(every, encoded=True, clusters=[1] * 255)
    assert sorted(code for row in codes(draw(record)) for code in row) == list(range(-127, 128))


def test_colours_tell_the_sign_and_their_depth_the_value():
    shown = image(draw(builders.activations(ROWS))).convert("RGBA")
    assert shown.getpixel((1, 0))[3] == 0
    assert shown.getpixel((1, 1)) == (*images.POSITIVE, 255)
    assert shown.getpixel((0, 0)) == (*images.POSITIVE, 100)
    assert shown.getpixel((2, 0)) == (*images.NEGATIVE, 20)


def test_the_legend_has_the_colours_of_the_image():
    below, above = (" ".join(map(str, colour)) for colour in (images.NEGATIVE, images.POSITIVE))
    styles = [ramp.get("style") for ramp in draw(builders.activations(ROWS)).find_class("ld-ramp")]
    assert styles == [f"background: linear-gradient(to right, rgb({below} / 0.07874), transparent 7.30%, rgb({above} / 1))"]


def test_the_legend_of_values_that_are_all_0_has_no_colour():
    ramp = draw(builders.activations([[0, 0]])).find_class("ld-ramp")[0].get("style")
    assert " / 0), transparent 0.00%, " in ramp
    assert ramp.endswith(" / 0))")


def test_where_nothing_is_negative_the_palette_is_half_as_long():
    assert len(image(draw(builders.activations([[0, 1]]))).getpalette()) == 3 * 128
    assert len(image(draw(builders.activations([[-1, 1]]))).getpalette()) == 3 * 256


def test_rows_are_sorted_by_cluster_and_then_by_their_strongest_token():
    figure = draw(builders.activations(ROWS, clusters=[2, 1, 2, 1]))
    layer = data(figure)["layers"][0]
    assert layer["neurons"] == [1, 3, 0, 2]
    assert layer["clusters"] == [[1, 2], [2, 2]]
    assert codes(figure) == [[0, 127, 0], [0, 0, 100], [50, 0, -10], [75, 0, 0]]


def test_bands_are_as_high_as_their_clusters_and_named():
    rows = [[1.0, n] for n in range(400)]
    figure = draw(builders.activations(rows, clusters=[1] * 300 + [2] * 80 + [3] * 10 + [4] * 6 + [5] * 4))
    bands = figure.find_class("ld-band")
    assert [band.get("style") for band in bands] == [f"--ld-size: {size}" for size in (300, 80, 10, 6, 4)]
    assert [band.text_content() for band in bands] == ["C1 300", "C2 80", "C3–5 20", "", ""]


def test_too_low_a_last_cluster_is_named_with_the_one_above():
    clusters = [1] * 200 + [2] * 195 + [3] * 5
    figure = draw(builders.activations([[1.0, n] for n in range(400)], clusters=clusters))
    assert [band.text_content() for band in figure.find_class("ld-band")] == ["C1 200", "C2–3 200", ""]


def test_one_token_fills_a_grid():
    figure = draw(builders.activations([[n] for n in range(205)]))
    assert image(figure).size == (20, 11)
    assert codes(figure)[10] == [round(n / 204 * 127) for n in range(200, 205)] + [0] * 15
    assert data(figure)["wrap"] == 20
    assert [band.text_content() for band in figure.find_class("ld-band")][:3] == ["0", "", "40"]


def test_one_token_in_clusters_is_a_strip():
    figure = draw(builders.activations([[1], [2], [3]], clusters=[1, 1, 2]))
    assert image(figure).size == (1, 3)
    assert data(figure)["wrap"] == 0


@pytest.mark.parametrize(("columns", "kind", "heads"), [(2, "ld-flat", 2), (9, "ld-turned", 9), (81, "ld-far", 0)])
def test_heads_are_turned_where_columns_are_narrow_and_left_out_where_they_are_many(columns, kind, heads):
    figure = draw(builders.activations([[1] * columns] * 2))
    assert len(figure.find_class(kind)) == 1
    assert len(figure.find_class("ld-head")) == heads
    assert data(figure)["columns"][-1] == f"token {columns - 1} ‘ {columns - 1}’"


@pytest.mark.parametrize(
    ("neurons", "height", "pixels", "across"),
    [(10, None, 80, 1), (200, None, 600, 1), (400, None, 400, 1), (720, None, 720, 1), (3072, None, 720, 8), (400, 300, 300, 8)],
)
def test_a_neuron_has_whole_pixels_unless_there_are_too_many(neurons, height, pixels, across):
    figure = draw(builders.activations([[0.0, n] for n in range(neurons)]), **({"height": height} if height else {}))
    assert f"--ld-height: {pixels}px" in figure.find_class("ld-heat")[0].get("style")
    assert image(figure).size == (2 * across, neurons)
    assert len(figure.find_class("ld-dense")) == (across > 1)


def test_a_layer_has_one_image_and_its_own_scale():
    record = builders.activations([[1, 2], [3, 4]])
    both = record.model_copy(update={"layers": (0, 1), "values": (*record.values, ((0.0, 0.0), (0.0, 0.0)))})
    figure = draw(both)
    assert len(figure.findall(".//img")) == 2
    assert codes(figure, 1) == [[0, 0], [0, 0]]
    assert [layer["layer"] for layer in data(figure)["layers"]] == [0, 1]
    assert [ramp.getparent().text_content() for ramp in figure.find_class("ld-ramp")] == ["04.00", "00"]
    assert "in steps of 0.031 in layer 0" in figure.find_class("ld-summary")[0].text


@pytest.mark.parametrize(
    ("largest", "decimals"), [(1.27, 2), (7.09, 2), (0.53, 3), (14.3, 1), (99.0, 1), (500.0, 0), (1e-5, None), (1e9, None)]
)
def test_numbers_have_three_digits_at_most(largest, decimals):
    assert data(draw(builders.activations([[0, largest]])))["layers"][0]["decimals"] == decimals


@pytest.mark.parametrize("size", [5e-324, 1e308])
def test_values_of_any_size_are_drawn(size):
    assert codes(draw(builders.activations([[0.0, size, -size]]))) == [[0, 127, -127]]


def test_the_table_of_clusters_says_what_they_do():
    figure = draw(builders.activations(ROWS, clusters=[2, 1, 2, 1], texts=[" a", "\n", " c"]))
    rows = [[cell.text_content() for cell in row] for row in figure.find_class("ld-table")[0].iter("tr")]
    assert rows == [
        ["Cluster", "Neurons", "Values above 0", "Strongest on average"],
        ["C1", "2", "33%", "‘⏎’ (token 1), 0.64, ‘ c’ (token 2), 0.50"],
        ["C2", "2", "50%", "‘ a’ (token 0), 0.62"],
    ]


def test_without_clusters_the_table_names_the_strongest_neurons():
    figure = draw(builders.activations(ROWS))
    rows = [[cell.text_content() for cell in row] for row in figure.find_class("ld-table")[0].iter("tr")]
    assert rows[:3] == [["Neuron", "Largest value", "On"], ["1", "1.27", "‘ 1’ (token 1)"], ["3", "1.00", "‘ 2’ (token 2)"]]
    assert len(draw(builders.activations([[n + 1] for n in range(30)])).findall(".//tbody/tr")) == 10


def test_the_legend_names_what_is_below_0_if_anything_is():
    assert draw(builders.activations(ROWS)).find_class("ld-legend")[0].text_content() == "−0.101.27 (0 is blank)"
    assert draw(builders.activations([[0, 2]])).find_class("ld-legend")[0].text_content() == "02.00"


def test_hostile_tokens_stay_text():
    texts = ["</template><img src=x>", "<script>x()</script>", '"><b>']
    figure = draw(builders.activations([[1, 2, 3], [3, 2, 1]], texts=texts))
    assert [head.text_content() for head in figure.find_class("ld-head")] == texts
    assert not list(figure.iter("script", "b"))
    assert len(list(figure.iter("img"))) == 1
    assert not re.search(r"[<>]", "".join(e.get("style", "") for e in figure.iter()))


def test_too_much_for_a_page_is_refused():
    record = builders.activations([[1.0] * 3] * 4).model_copy(update={"positions": tuple(range(1_500_000))})
    with pytest.raises(PublishError, match="at most 4,000,000 activations and this record has 6,000,000; choose fewer layers"):
        draw(record)


def test_a_height_that_will_not_do_is_refused():
    with pytest.raises(PublishError, match="option 'height' must be a number from 40 to 8000, it is 9"):
        draw(builders.activations(ROWS), height=9)
