"""Figures of masked models: the first state that a page carries, and how they are in a real Chromium."""

from __future__ import annotations

import json

import masked_records
import pytest
from chromium import figure, until
from lxml import html
from masked_records import COUNT, FILLED

from lensdoc.explorables.blanks import blank_title
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.explorables.tints import LEVELS


def draw(record, **options):
    drawing = explorable(record.KIND)
    markup = to_html(drawing.draw(record, read_options(drawing.options, options)))
    return html.fromstring(markup.replace("<wbr>", ""))


@pytest.mark.parametrize(
    "made", [masked_records.saliency, masked_records.sequence, masked_records.factors], ids=lambda m: m.__name__
)
def test_filled_masks_stand_in_boxes_where_they_were(made):
    root = draw(made())
    boxed = [p for p, token in enumerate(root.find_class("ld-token")) if token.get("data-filled") is not None]
    assert boxed == list(FILLED)
    assert {root.find_class("ld-token")[p].get("title") for p in boxed} == {"a mask that the model filled"}
    assert [part.text_content() for part in root.find_class("ld-tokens")[0].find_class("ld-part")] == [
        "input, filled masks in boxes"
    ]


def test_scored_tokens_are_input_and_in_no_box():
    root = draw(masked_records.saliency(scored=True))
    assert not root.xpath("//*[@data-filled]")
    assert [part.text_content() for part in root.find_class("ld-part")] == ["input"]


def test_scores_stand_on_both_sides_of_the_mask_and_not_on_it():
    tokens = draw(masked_records.saliency()).find_class("ld-token")
    shown = [token.get("data-share") is not None for token in tokens]
    assert shown == [p != FILLED[0] for p in range(COUNT)]
    assert [p for p, token in enumerate(tokens) if token.get("data-chosen") is not None] == [FILLED[0]]


def test_the_notch_of_bars_leaves_the_mask_out_of_an_even_share():
    row = masked_records.saliency(scored=True).scores[0]
    root = draw(masked_records.saliency(scored=True), style="detailed")
    assert root.get("style") == f"--ld-even: {(LEVELS - 1) / (COUNT - 1) / max(row):.2f}"


def test_the_rest_of_a_long_text_counts_no_mask():
    said = draw(masked_records.long()).find_class("ld-rest")[0].text_content()
    listed = len(draw(masked_records.long()).find_class("ld-passages")[0]) - 2  # the target and the rest
    assert said.startswith(f"The other {300 - 1 - listed:,} tokens together")


@pytest.mark.parametrize(
    ("position", "title"),
    [
        (2, "[CLS]The ____ of France is [mask].[SEP]"),
        (6, "[CLS]The [mask] of France is ____.[SEP]"),
    ],
)
def test_a_place_is_shown_with_both_sides_and_other_masks_as_masks(position, title):
    assert "".join(blank_title(masked_records.TOKENS, position, both_sides=True).itertext()) == title


def test_long_texts_are_cut_on_both_sides_of_a_place():
    tokens = masked_records.long().tokens
    text = "".join(blank_title(tokens, 150, both_sides=True, most=2).itertext())
    assert text == "… word word ____ word word…"


def test_a_head_of_a_masked_model_is_drawn_whole():
    root = draw(masked_records.attention(), layer=0, head=0, token=4)
    paths = root.find_class("ld-arc")
    assert len(paths) == 1  # to the token after the query
    assert [text.text_content() for text in root.iterfind(".//text[@font-weight]")] == ["France"]
    assert "‘\xa0is’ (token\xa05) 100%" in root.find_class("ld-summary")[0].text_content()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "masked",
            "The mask in a token's place has no score. The text was read once: each mask was filled with its most probable",
        ),
        ("masked-scored", "The text was read once for each token, with this one masked."),
        ("masked-sequence", "at a mask in its place, from the tokens on both sides"),
        ("masked-rankings", "read by all that stands between the model's last layer and its logits"),
        ("masked-watch", "the state at the mask after each layer"),
        ("masked-predictions", "the state at the mask after each layer"),
        ("masked-attention", "shares out 1 among all tokens"),
    ],
)
def test_how_it_was_measured_is_said_of_masks(name, said):
    record, _ = masked_records.KINDS[name]
    assert said in explorable(record.KIND).method(record)


# In a browser


def shares_of(found):
    return found.locator(".ld-token").evaluate_all("tokens => tokens.map(t => t.dataset.share ?? null)")


def test_the_keyboard_goes_from_mask_to_mask_and_back(open_page):
    page = open_page("masked/")
    found = figure(page, "fig-masked")
    before = shares_of(found)
    assert [p for p, share in enumerate(before) if share is None] == [FILLED[0]]
    found.locator(".ld-token[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelectorAll('#fig-masked .ld-token')[6].hasAttribute('data-chosen')")
    assert [p for p, share in enumerate(shares_of(found)) if share is None] == [FILLED[1]]
    until(page, "document.querySelector('#fig-masked .ld-live').textContent.startsWith('Token\xa06 ‘\xa0paris’: ')")
    page.keyboard.press("ArrowLeft")
    until(page, "document.querySelectorAll('#fig-masked .ld-token')[2].hasAttribute('data-chosen')")
    assert shares_of(found) == before


def test_the_script_draws_a_chosen_row_of_a_whole_head_as_the_page_does(open_page):
    page = open_page("masked/")
    found = figure(page, "fig-masked-attention")
    found.scroll_into_view_if_needed()
    page.wait_for_selector("#fig-masked-attention .ld-plot canvas")
    plot = found.locator(".ld-plot")
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 8.5 / COUNT, "y": box["height"] * 0.5 / COUNT})
    said = "Layer 0, head 0: from token 0 ‘[CLS]’ to token 8 ‘[SEP]’ 0%."
    until(page, f"document.querySelector('#fig-masked-attention .ld-live').textContent === {json.dumps(said)}")
    plot.click(position={"x": box["width"] * 0.5 / COUNT, "y": box["height"] * 0.5 / COUNT})
    expected = draw(masked_records.attention(), layer=0, head=0, token=0)
    drawn = found.locator(".ld-arc").evaluate_all("paths => paths.map(p => p.getAttribute('d'))")
    assert drawn == [path.get("d") for path in expected.find_class("ld-arc")]


@pytest.mark.parametrize("width", [390, 1440])
def test_boxes_are_seen_and_nothing_runs_out_of_the_page(open_page, width):
    page = open_page("masked/", viewport={"width": width, "height": 900})
    outlines = page.locator("#fig-masked .ld-token[data-filled]:not([data-chosen])").evaluate_all(
        "tokens => tokens.map(t => getComputedStyle(t).outlineStyle)"
    )
    assert outlines == ["dashed"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_data_of_the_page_is_that_of_the_record(open_page):
    page = open_page("masked/")
    data = json.loads(page.locator("#fig-masked template.ld-data").evaluate("t => t.innerHTML || t.content.textContent"))
    assert [len(row) for row in data["scores"]] == [COUNT, COUNT]
