"""The figure of kind `activations`: what a page carries before any script, and the image that holds its values."""

from __future__ import annotations

import base64
import io
import json
import re

import builders
import numpy as np
import pytest
from lxml import html
from PIL import Image

from lensdoc.core.errors import PublishError
from lensdoc.explorables import images
from lensdoc.explorables.activations import EXPLORABLE
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.options import read_options

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


def values(figure, index=0):
    """What the script reads, as a decoder of others sees it."""
    layer = data(figure)["layers"][index]
    return np.frombuffer(base64.b64decode(layer["values"]), "<f2").astype(float) * layer["unit"]


def data(figure):
    return json.loads(figure.find_class("ld-data")[0].text)


@pytest.mark.parametrize("encoded", [None, "int8", "float16"])
def test_the_image_has_a_pixel_for_each_value_that_is_its_code(encoded):
    figure = draw(builders.activations(ROWS, encoded=encoded))
    small = 0 if encoded == "int8" else 1  # less than half a step, which 8 bits do not keep; what is not 0 is not blank
    assert codes(figure) == [[50, 0, -10], [0, 127, 0], [75, 0, small], [0, 0, 100]]
    layer = data(figure)["layers"][0]
    assert (layer["limit"], layer["coded"]) == (pytest.approx(1.27, rel=1e-3), encoded == "int8")
    shown = np.array(ROWS) if encoded != "int8" else np.rint(np.array(ROWS) * 100) / 100
    assert values(figure) == pytest.approx(shown.ravel(), rel=1e-3)


def test_codes_of_a_record_are_those_of_its_image():
    every = [[code / 127 * 0.7] for code in range(-127, 128)]
    record = builders.activations(every, encoded="int8", clusters=[1] * 255)
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
    assert layer["clusters"] == [[1, 2, 1], [2, 2, 1]]
    assert values(figure) == pytest.approx(np.array([ROWS[n] for n in (1, 3, 0, 2)]).ravel(), rel=1e-3)
    assert codes(figure) == [[0, 127, 0], [0, 0, 100], [50, 0, -10], [75, 0, 1]]


def test_small_clusters_are_as_high_as_their_labels_and_their_sizes_told():
    rows = [[1.0, n] for n in range(400)]
    figure = draw(builders.activations(rows, clusters=[1] * 300 + [2] * 80 + [3] * 10 + [4] * 6 + [5] * 4))
    bands = figure.find_class("ld-band")
    assert [band.get("style") for band in bands] == [f"--ld-size: {lines}" for lines in (300, 80, 20, 18, 16)]
    assert [band.text_content() for band in bands] == ["C1 300", "C2 80", "C3 10", "C4 6", "C5 4"]
    assert data(figure)["layers"][0]["clusters"] == [[1, 300, 1], [2, 80, 1], [3, 10, 2], [4, 6, 3], [5, 4, 4]]
    assert image(figure).size == (2, 434)
    assert "--ld-lines: 434; --ld-height: 434px" in figure.find_class("ld-heat")[0].get("style")
    assert "Rows of small clusters are drawn higher" in figure.find_class("ld-summary")[0].text


def test_a_cluster_of_one_beside_one_of_1400_can_be_seen():
    figure = draw(builders.activations([[1.0, n] for n in range(1401)], clusters=[1] * 1400 + [2]))
    lines = data(figure)["layers"][0]["clusters"][1][2]
    height = float(re.search(r"--ld-height: ([\d.]+)px", figure.find_class("ld-heat")[0].get("style"))[1])
    assert lines / (1400 + lines) * height >= 15
    assert image(figure).size[1] == 1400 + lines
    assert [band.text_content() for band in figure.find_class("ld-band")] == ["C1 1,400", "C2 1"]
    assert len({bytes(row) for row in np.array(codes(figure), np.int8)[-lines:]}) == 1  # its one neuron


def test_more_clusters_than_have_room_share_labels():
    clusters = [1] * 200 + [2] * 195 + [3] * 5
    figure = draw(builders.activations([[1.0, n] for n in range(400)], clusters=clusters), height=40)
    assert [band.text_content() for band in figure.find_class("ld-band")] == ["C1 200", "C2–3 200", ""]
    assert "Rows of small" not in figure.find_class("ld-summary")[0].text


def far(largest, count=400):
    """Values of which one in 400 is far away, at the first token."""
    rows = [[(n % 20 + 1) / 10 * (-1) ** n, 0.0] for n in range(count // 2)]
    rows[7][0] = largest
    return rows


def test_colours_end_where_all_but_a_hundredth_of_the_values_do():
    rows = [[(n + 1) / 100, 0.0] for n in range(198)] + [[-480.0, 0.0], [90.0, 0.0]]  # 200 that are not 0; 198 of them up to 1.98
    figure = draw(builders.activations(rows))
    assert data(figure)["layers"][0]["limit"] == pytest.approx(1.98)
    assert codes(figure)[197:] == [[127, 0], [-127, 0], [127, 0]]
    assert codes(figure)[98] == [64, 0]  # 0.99 of 1.98
    assert values(figure)[-4:].tolist() == [-480, 0, 90, 0]
    said = figure.find_class("ld-legend")[0].text_content()
    assert said == (
        "≤ −1.98≥ 1.98 (0 is blank)Colours end at 1.98: 2 values (0.5%) lie beyond, the largest −480, "
        "of neuron 198 on token 0 ‘\xa00’."
    )


@pytest.mark.parametrize(("largest", "clipped"), [(3.9, False), (4.1, True)])
def test_colours_end_before_the_largest_only_where_it_is_far(largest, clipped):
    figure = draw(builders.activations(far(largest)))  # the others reach 2
    assert data(figure)["layers"][0]["limit"] == pytest.approx(2.0 if clipped else largest)
    assert ("Colours end" in figure.find_class("ld-legend")[0].text_content()) is clipped


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
    assert data(figure)["columns"][-1] == f"token\xa0{columns - 1} ‘\xa0{columns - 1}’"


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
    assert [ramp.getparent().text_content() for ramp in figure.find_class("ld-ramp")] == ["04", "00"]
    assert "read to three digits" in figure.find_class("ld-summary")[0].text


@pytest.mark.parametrize(
    ("largest", "decimals"), [(1.27, 2), (7.09, 2), (0.53, 3), (14.3, 1), (99.0, 1), (500.0, 0), (1e-5, None), (1e9, None)]
)
def test_numbers_of_codes_have_three_digits_at_most(largest, decimals):
    assert data(draw(builders.activations([[0, largest]], encoded="int8")))["layers"][0]["decimals"] == decimals


@pytest.mark.parametrize("size", [5e-324, 1e308])
def test_values_of_any_size_are_drawn(size):
    assert codes(draw(builders.activations([[0.0, size, -size]]))) == [[0, 127, -127]]


def test_the_table_of_clusters_says_what_they_do():
    figure = draw(builders.activations(ROWS, clusters=[2, 1, 2, 1], texts=[" a", "\n", " c"]))
    rows = [[cell.text_content() for cell in row] for row in figure.find_class("ld-table")[0].iter("tr")]
    assert rows == [
        ["Cluster", "Neurons", "Values above 0", "Strongest on average"],
        ["C1", "2", "33%", "‘⏎’ (token\xa01), 0.635, ‘\xa0c’ (token\xa02), 0.5"],
        ["C2", "2", "50%", "‘\xa0a’ (token\xa00), 0.625"],
    ]


def test_without_clusters_the_table_names_the_strongest_neurons():
    figure = draw(builders.activations(ROWS))
    rows = [[cell.text_content() for cell in row] for row in figure.find_class("ld-table")[0].iter("tr")]
    assert rows[:3] == [
        ["Neuron", "Largest value", "On"],
        ["1", "1.27", "‘\xa01’ (token\xa01)"],
        ["3", "1", "‘\xa02’ (token\xa02)"],
    ]
    assert len(draw(builders.activations([[n + 1] for n in range(30)])).findall(".//tbody/tr")) == 10


def test_the_legend_names_what_is_below_0_if_anything_is():
    assert draw(builders.activations(ROWS)).find_class("ld-legend")[0].text_content() == "−0.11.27 (0 is blank)"
    assert draw(builders.activations([[0, 2]])).find_class("ld-legend")[0].text_content() == "02"


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
