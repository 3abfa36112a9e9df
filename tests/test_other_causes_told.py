"""Patching and ablation of other models than causal ones: what is refused, which records fit, and what figures say."""

from __future__ import annotations

import masked_records
import paired_records
import pytest
from lxml import html
from masked_zoo import masked_model
from paired_zoo import TARGET, paired_model
from test_other_causes import ENDS, WORDS

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options

# What is refused


@pytest.fixture(scope="module")
def bert():
    return masked_model("bert")


@pytest.fixture(scope="module")
def t5():
    return paired_model("t5")


def patched(clean, corrupt, **options):
    return lensdoc.patching(clean, corrupt, **(WORDS if clean.split else ENDS) | options)


MASKED = [
    (
        lambda lm: patched(lm.score("The city is old."), lm.score("The city is big.")),
        "was scored, each of its tokens masked in turn",
    ),
    (lambda lm: patched(lm.fill("a [MASK] city"), lm.fill("[MASK] a city")), "clean has them at 2 and corrupt at 1"),
    (lambda lm: patched(lm.fill("a [MASK]"), lm.fill("the [MASK]"), position=1), "predicts at masks, here positions 2, or"),
    (lambda lm: patched(lm.fill("a [MASK]"), lm.fill("the [MASK]"), stack="encoder"), "and bert has one alone; leave it out"),
    (
        lambda lm: lensdoc.ablation(lm.score("The city is old."), {"b": 1}),
        "ablation looks at masks, and this text of bert was scored",
    ),
    (
        lambda lm: lensdoc.ablation(lm.fill("a [MASK]"), {"b": 1}, position=2),
        "position says where an answer stands, and none is named",
    ),
]
PAIRS = [
    (
        lambda lm: patched(lm.score("w3 w4", TARGET), lm.score("w3", TARGET)),
        "both sources have as many tokens; clean has 3 and corrupt 2",
    ),
    (
        lambda lm: patched(lm.score("w3", TARGET), lm.score("w4", "w8")),
        "both texts have as many tokens; clean has 8 and corrupt 5",
    ),
    (
        lambda lm: patched(lm.score("w3", TARGET), lm.score("w4", TARGET), part="head"),
        "attend to two streams, so part 'head' is not",
    ),
    (
        lambda lm: patched(lm.score("w3", TARGET), lm.score("w4", TARGET), positions=[1]),
        "reads the target, from token 2 on; positions",
    ),
    (
        lambda lm: patched(lm.score("w3", TARGET), lm.score("w4", TARGET), stack="encoder", positions=[2]),
        "indices from 0 to 1, the source's last",
    ),
    (lambda lm: lensdoc.ablation(lm.score("w3", TARGET), {"b": 1}), "ablation is of models with one stack"),
]


@pytest.mark.parametrize(("model", "ask", "message"), [*(("bert", *c) for c in MASKED), *(("t5", *c) for c in PAIRS)])
def test_what_does_not_fit_is_told(bert, t5, model, ask, message):
    with pytest.raises(MeasureError, match=message):
        ask({"bert": bert, "t5": t5}[model])


@pytest.mark.parametrize(
    ("made", "change", "message"),
    [
        (masked_records.patching, {"position": None}, "position must be there where the model is a masked one"),
        (masked_records.patching, {"position": 1}, "position must be that of a mask that was filled; token 1 is none"),
        (paired_records.patching, {"position": 6}, "position must be there where the model is a masked one, and only there"),
        (masked_records.ablation, {"masks": None}, "masks must be there where a masked model is asked for an answer"),
        (masked_records.ablation, {"masks": (1,)}, "masks must be those that were filled; token 1 is none"),
    ],
)
def test_records_that_do_not_fit_are_refused(made, change, message):
    record = made()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(dict(record) | change)


# Figures


def draw(record):
    drawing = explorable(record.KIND)
    return html.fromstring(to_html(drawing.draw(record, read_options(drawing.options, {}))).replace("<wbr>", ""))


def test_a_map_of_masks_names_them_and_says_where_the_answer_stands():
    root = draw(masked_records.patching())
    heads = [th.get("data-name") for th in root.findall(".//thead")[0].iterfind(".//th")]
    assert (heads[2], heads[6]) == ("the mask at token 2", "the mask at token 6")
    assert heads[4].endswith("in place of ‘\xa0Italy’")
    boxed = [th.get("data-at") for th in root.iterfind(".//th[@data-at]") if th.xpath(".//*[@data-filled]")]
    assert boxed == ["2", "6"]
    assert "at the mask at token 6: 3.50; in the other text −5.00" in root.find_class("ld-summary")[0].text_content()
    assert [th.text for th in root.find_class("ld-tops")[0].iterfind(".//th")][::2] == ["In the other text", "In the text itself"]
    chosen = root.xpath("//td[@data-chosen]")
    assert [td.text for td in chosen] == ["90"]  # the mask carries half of the answer from this layer on


def test_a_map_of_two_streams_has_the_tokens_of_one():
    record = paired_records.patching()
    heads = [th.get("data-name") for th in draw(record).findall(".//thead")[0].iterfind(".//th")]
    assert heads[-4:] == [
        "‘\xa0key’ (source token\xa01) in place of ‘\xa0dog’",
        *(f"‘{word}’ (source token\xa0{p})" for p, word in enumerate(["\xa0is", "\xa0old", "</s>"], 2)),
    ]
    assert "Layers of the encoder, tokens of the source." in draw(record).find_class("ld-legend")[0].text_content()
    assert "the state after one layer of the encoder at one token" in explorable("patching").method(record)


def test_bars_of_masked_models_say_what_was_filled_or_answered():
    assert "at the mask" in draw(masked_records.ablation()).find_class("ld-summary")[0].text_content()
    filled = masked_records.ablation(answer=None)
    assert "mean log-probability of the filled tokens" in draw(filled).find_class("ld-summary")[0].text_content()
