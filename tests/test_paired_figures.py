"""Figures of encoders with decoders: the first state that a page carries, and how they are in a real Chromium."""

from __future__ import annotations

import base64
import struct

import paired_records
import pytest
from chromium import figure, until
from lxml import html
from paired_records import COUNT, SPLIT, TARGETS

from lensdoc.explorables.blanks import blank_title
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options


def draw(record, **options):
    drawing = explorable(record.KIND)
    markup = to_html(drawing.draw(record, read_options(drawing.options, options)))
    return html.fromstring(markup.replace("<wbr>", ""))


@pytest.mark.parametrize("made", [paired_records.saliency, paired_records.sequence], ids=lambda made: made.__name__)
def test_the_source_stands_above_the_target_and_both_are_named(made):
    streams = draw(made()).find_class("ld-one")
    assert [len(stream.find_class("ld-token")) for stream in streams] == [SPLIT, COUNT - SPLIT]
    assert [[part.text_content() for part in stream.find_class("ld-part")] for stream in streams] == [
        ["source: input"],
        ["target: input", "output"],
    ]


def test_what_is_read_out_names_the_stream_of_each_token():
    said = draw(paired_records.saliency()).find_class("ld-summary")[0].text_content()
    assert said.removeprefix("Choose an underlined token. ").startswith(
        f"Target token {SPLIT + 1} ‘\xa0The’: ‘The’ (source token\xa00) 62%, ‘\xa0key’ (source token\xa01)"
    )


def test_columns_of_a_grid_name_the_stream():
    names = [th.get("data-name") for th in draw(paired_records.rankings()).iterfind(".//th[@data-name]")]
    assert names[0] == f"‘\xa0The’ (target token\xa0{SPLIT + 1})"


def test_one_stream_alone_is_named():
    record = paired_records.sequence()
    tokens = tuple(token for token in record.tokens if token.stream == "target")
    alone = record.model_copy(update={"tokens": tokens, "targets": (1, 2, 3)})
    assert [part.text_content() for part in draw(alone).find_class("ld-part")] == ["target: input", "output"]


def test_scores_stand_on_the_source_and_the_target_before():
    tokens = draw(paired_records.saliency(), token=TARGETS[1]).find_class("ld-token")
    assert [token.get("data-share") is not None for token in tokens] == [p < TARGETS[1] for p in range(COUNT)]


def test_a_place_is_shown_after_the_source_and_the_target_so_far():
    title = "".join(blank_title(paired_records.TOKENS, SPLIT + 2, both_sides=False).itertext())
    assert title == "The key is old</s> → target <pad> The ____"


def test_cross_attention_is_drawn_from_the_target_to_the_source_alone():
    root = draw(paired_records.cross(), layer=0, head=0, token=SPLIT + 1)
    assert len(root.find_class("ld-arc")) == 1
    assert "‘\xa0key’ (token\xa01) 100%" in root.find_class("ld-summary")[0].text_content()
    ends = [text.text_content() for text in root.find_class("ld-arcs")[0].find_class("ld-end")]
    assert ends == ["The", "key", "is", "old", "</s>", "The"]  # of the target the query alone, which no arc could reach
    assert len(root.find_class("ld-arcs")[0].find_class("ld-tick")) == 1  # where there is an arc
    rows = list(explorable("attention").table.rows(paired_records.cross()))
    assert {(row[2] >= SPLIT, row[3] < SPLIT) for row in rows} == {(True, True)}


def test_a_picture_of_cross_attention_has_no_half_that_is_always_empty():
    heat = draw(paired_records.cross(), layer=0, head=0).find_class("ld-heat")[0]
    assert f"--ld-columns: {SPLIT}; --ld-lines: {COUNT - SPLIT};" in heat.get("style")
    assert [head.text_content() for head in heat.find_class("ld-head")] == ["The", " key", " is", " old", "</s>"]
    assert heat.find_class("ld-band")[0].text_content() == "<pad>"
    image = base64.b64decode(heat.find(".//img").get("src").partition(",")[2])
    assert struct.unpack(">II", image[16:24]) == (SPLIT, COUNT - SPLIT)


def test_data_say_in_which_stream_a_token_is():
    rows = list(explorable("saliency").table.rows(paired_records.saliency()))
    assert [row[4] for row in rows[: SPLIT + 1]] == ["source input"] * SPLIT + ["target input"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (paired_records.saliency, "by the embedding of each token of the source and of the target before it"),
        (paired_records.cross, "Cross attention: how each head of the decoder shares out 1 among the tokens of the source"),
    ],
    ids=["saliency", "cross"],
)
def test_how_it_was_measured_is_said_of_two_streams(made, said):
    record = made()
    assert said in explorable(record.KIND).method(record)


# In a browser


def test_the_keyboard_goes_along_the_target_and_scores_follow(open_page):
    page = open_page("paired/")
    found = figure(page, "fig-paired")
    found.locator(".ld-token[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    until(page, f"document.querySelectorAll('#fig-paired .ld-token')[{TARGETS[1]}].hasAttribute('data-chosen')")
    shares = found.locator(".ld-token").evaluate_all("tokens => tokens.map(t => t.dataset.share ?? null)")
    assert [share is not None for share in shares] == [p < TARGETS[1] for p in range(COUNT)]
    told = f"Target token\xa0{TARGETS[1]} ‘\xa0keys’: ‘\xa0key’ (source token\xa01) "
    until(page, f"document.querySelector('#fig-paired .ld-live').textContent.startsWith('{told}')")


def test_rows_of_a_picture_of_cross_attention_are_tokens_of_the_target(open_page):
    page = open_page("paired/")
    found = figure(page, "fig-paired-cross")
    found.scroll_into_view_if_needed()
    page.wait_for_selector("#fig-paired-cross .ld-plot canvas")
    plot = found.locator(".ld-plot")
    box = plot.bounding_box()
    title = "document.querySelector('#fig-paired-cross .ld-arcpanel .ld-title').textContent"
    for query in (COUNT - 1, SPLIT):
        plot.click(position={"x": box["width"] * 0.5 / SPLIT, "y": box["height"] * (query - SPLIT + 0.5) / (COUNT - SPLIT)})
        until(page, f"{title}.startsWith('From token {query} ')")
        expected = draw(paired_records.cross(), layer=0, head=0, token=query)
        drawn = found.locator(".ld-arc").evaluate_all("paths => paths.map(p => p.getAttribute('d'))")
        assert drawn == [path.get("d") for path in expected.find_class("ld-arc")]
    plot.press("End")
    told = f"from token {SPLIT} ‘<pad>’ to token {SPLIT - 1} ‘</s>’ 0%."
    until(page, f"document.querySelector('#fig-paired-cross .ld-live').textContent.endsWith('{told}')")
    plot.press("ArrowUp")  # no row is of the source
    page.wait_for_timeout(200)
    assert found.locator(".ld-live").text_content().endswith(told)
    sizes = found.locator("canvas").evaluate("canvas => [canvas.width, canvas.height]")
    assert sizes == [SPLIT, COUNT - SPLIT]


@pytest.mark.parametrize("width", [390, 1440])
def test_both_streams_fit_the_page_one_above_the_other(open_page, width):
    page = open_page("paired/", viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tops = page.locator("#fig-paired .ld-one").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert tops[0] < tops[1]
