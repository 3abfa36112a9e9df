"""Long texts: the list of places that matter, as a page carries it before any script."""

from __future__ import annotations

import builders
import pytest
from lxml import html

from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.explorables.passages import LONG

WORDS = [" <b>", *(f" w{i}" for i in range(1, 400))]


def draw(record, **options):
    drawing = explorable(record.KIND)
    found = to_html(drawing.draw(record, read_options(drawing.options, options)))
    return html.fromstring(found.replace("<wbr>", ""))


def saliency(large, length=400, *, signed=False):
    """A text whose last token is explained by the scores in `large`, and by its other tokens alike."""
    rest = 0.0 if signed else (1 - sum(large.values())) / (length - 1 - len(large))
    return builders.saliency([[large.get(i, rest) for i in range(length - 1)]], WORDS[:length], signed=signed)


def places(figure):
    return [
        (item.get("data-position"), item.find_class("ld-word")[0].text_content(), item.find_class("ld-said")[0].text)
        for item in figure.xpath("//ol/li[@data-position]")
    ]


SHARES = {0: 0.2, 7: 0.05, 100: 0.1, 200: 0.02, 300: 0.04, 350: 0.03, 398: 0.06}


def test_a_long_text_lists_its_target_and_the_tokens_that_matter_most():
    assert places(draw(saliency(SHARES))) == [
        ("399", "94 w395 w396 w397 w398 w399", "explained"),
        ("0", " <b> w1 w2 w3 w4 w", "20%"),
        ("100", "94 w95 w96 w97 w98 w99 w100 w101 w102 w10", "10%"),
        ("398", "93 w394 w395 w396 w397 w398 w399", "6%"),
        ("7", " <b> w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11", "5%"),
        ("300", "95 w296 w297 w298 w299 w300 w301 w302 w30", "4%"),
        ("350", "45 w346 w347 w348 w349 w350 w351 w352 w35", "3%"),
    ]


def test_what_is_not_listed_is_told_as_a_whole():
    figure = draw(saliency(SHARES))
    assert figure.find_class("ld-rest")[0].text == "The other 393 tokens together: 52%"


def test_signed_scores_are_listed_by_size_and_do_not_add_up():
    figure = draw(saliency({3: -1.5, 5: 0.5}, signed=True))
    assert [(position, said) for position, _, said in places(figure)] == [("399", "explained"), ("3", "−1.50"), ("5", "0.50")]
    assert not figure.find_class("ld-rest")


@pytest.mark.parametrize(("length", "listed"), [(LONG, 0), (LONG + 1, 1)])
def test_a_short_text_needs_no_list_and_no_window(length, listed):
    figure = draw(saliency({}, length))
    assert len(figure.find_class("ld-window")) == len(figure.find_class("ld-passages")) == listed


def test_the_place_in_a_passage_is_marked_and_its_text_is_text():
    figure = draw(saliency(SHARES))
    first = figure.xpath("//ol/li[@data-position='0']//b")
    assert [mark.text for mark in first] == [" <b>"]
    assert not figure.xpath("//li//script | //li//b//b")


def test_what_drives_a_factor_is_listed():
    strong = [1.0] * 300
    strong[200] = 9
    record = builders.factor_saliency([strong], WORDS[:300], 300)
    even = record.scores[0][200]
    scores = (0.5, *(0.5 / (len(even) - 1) for _ in even[1:]))
    rows = (*record.scores[0][:200], scores, *record.scores[0][201:])
    found = places(draw(record.model_copy(update={"scores": (rows,)})))
    assert [(position, said) for position, _, said in found[:2]] == [("200", "explained"), ("0", "50%")]


def test_a_long_sequence_lists_its_least_probable_tokens():
    record = builders.sequence(WORDS[:300])
    probs = [0.5] * 299
    for position, prob in {17: 0.001, 255: 0.0004, 3: 0.01, 100: 0.1, 200: 0.2, 201: 0.3, 202: 0.4}.items():
        probs[position - 1] = prob
    figure = draw(record.model_copy(update={"probs": tuple(probs)}))
    assert figure.find_class("ld-listed")[0].text == "The least probable tokens"
    assert [(position, said) for position, _, said in places(figure)] == [
        ("255", "0.04%"),
        ("17", "0.1%"),
        ("3", "1%"),
        ("100", "10%"),
        ("200", "20%"),
        ("201", "30%"),
    ]
