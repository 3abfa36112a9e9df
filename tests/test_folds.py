"""Template tokens: folded in figures, named in tables and exports."""

from __future__ import annotations

import json

import builders
import chromium
import pytest
from lxml import html

from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.publish.figures.tables import csv_text
from lensdoc.records.kinds import KINDS
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps

SALIENCY = chromium.of(builders.saliency(chromium.CHAT_SCORES), builders.CHAT)
HEAT = chromium.of(builders.activations([[1, 0, 0, 0, 0, 0, 0, 0, 0, 0.5]]), builders.CHAT)
FACTORS = chromium.of(builders.factors([[4, 1, 0, 2, 0, 0, 1, 3, 3, 1]]), builders.CHAT)


def draw(record, **options):
    drawing = explorable(record.KIND)
    return html.fromstring(to_html(drawing.draw(record, read_options(drawing.options, options))).replace("<wbr>", ""))


def test_a_fold_holds_the_tokens_of_the_template_and_says_how_many_and_what_they_score_together():
    first, second = draw(SALIENCY).find_class("ld-fold")
    assert [fold.find("button").text_content() for fold in (first, second)] == [
        "⟨<s>user⏎ 3 template tokens 25%⟩",
        "⟨</s>bot⏎ 3 template tokens 30%⟩",
    ]
    assert [t.text_content() for t in first.find_class("ld-token")] == ["<s>", "user", "⏎"]
    assert [b.get("aria-expanded") for b in (first.find("button"), second.find("button"))] == ["false", "false"]


def test_tokens_keep_their_order_and_kinds_their_labels():
    figure = draw(SALIENCY)
    assert [t.text_content() for t in figure.find_class("ld-token")] == [
        "<s>", "user", "⏎", "Two", " <b>", "</s>", "bot", "⏎", "Two", "</s>",
    ]  # fmt: skip
    labels = [part.text_content() for part in figure.find_class("ld-part") if part.tag == "span"]
    assert labels == ["input", "output"]


def test_words_and_tables_say_what_comes_from_the_template_and_its_sum():
    summary = draw(SALIENCY).find_class("ld-summary")[0].text
    assert summary.startswith(
        "Token 8 ‘Two’: ‘\xa0<b>’ (token\xa04) 25%, ‘Two’ (token\xa03) 20%, ‘<s>’ (template token\xa00) 10%;"
    )
    assert "; 6 template tokens together 55%." in summary
    last = draw(SALIENCY).findall(".//tbody/tr")[-1]
    assert "6 template tokens together 25%" in last.text_content()


def test_a_record_without_a_template_says_nothing_of_one():
    figure = draw(builders.saliency([[0.25, 0.75]]))
    assert not figure.find_class("ld-fold")
    assert "template" not in figure.text_content()


@pytest.mark.parametrize(("record", "rows"), [(SALIENCY, 17), (HEAT, 10), (FACTORS, 10)])
def test_exports_say_which_tokens_are_the_templates(record, rows):
    head, *lines = csv_text(record).replace('\n"', "").splitlines()
    assert "token,kind," in head
    table = [
        dict(zip(explorable(record.KIND).table.heads(record), row, strict=True))
        for row in explorable(record.KIND).table.rows(record)
    ]
    assert len(table) == rows
    assert all(row["kind"] == record.tokens[row["position"]].kind for row in table)
    assert {"template", "input"} <= {row["kind"] for row in table}
    assert lines


def test_the_output_begins_behind_the_template():
    edges = draw(HEAT).find_class("ld-edge")
    assert [edge.get("style") for edge in edges] == ["--ld-at: 8"]
    assert draw(FACTORS).find_class("ld-boundary")[0].get("d") == "M7.5,0V100"
    given = chromium.of(builders.activations([[1, 0]]), builders.CHAT[2:4])
    assert not draw(given).find_class("ld-edge")


def test_titles_fold_the_template_and_count_words_of_the_messages():
    tokens = builders.chat(("template", ["<s>"]), ("input", [" a"] * 9), ("template", ["</s>"]))
    record = chromium.of(builders.predictions([[" is"]], [[0.5]]), tokens).model_copy(update={"positions": (11,)})
    title = draw(record).find_class("ld-title")[0]
    assert title.text_content() == f"…{' a' * 8}⟨</s> 1 template token⟩</s> ____"
    watch = chromium.of(builders.watch([[3, 4], [1, 2]], texts=[""] * 8), builders.CHAT[:8])
    assert len(draw(watch).find_class("ld-title")[0].find_class("ld-fold")) == 2


def test_a_long_text_is_not_parted_inside_a_fold_or_a_character():
    letters = builders.cut("中" * 90, *(place for place in range(270) if place % 3 != 1), n_input=500)[1:]
    tokens = builders.chat(("template", ["t\n"] * 100), ("input", ["a"] * 60))
    record = chromium.of(builders.factors([[1.0] * (len(tokens) + len(letters))]), (*tokens, *letters))
    figure = draw(record)
    assert len(figure.find_class("ld-fold")) == 1
    assert len(figure.find_class("ld-chunk")) > 2
    frames = figure.find_class("ld-character")
    assert sum(len(frame.find_class("ld-token")) > 1 for frame in frames) == len(frames) > 80
    assert len(figure.find_class("ld-token")) == len(record.tokens)


def test_two_texts_fold_each_for_itself():
    tokens = (*builders.CHAT, *builders.CHAT)
    record = chromium.of(builders.factors([[1.0] * 20]), tokens).model_copy(update={"starts": (0, 10)})
    one, two = draw(record).find_class("ld-one")
    assert [len(text.find_class("ld-fold")) for text in (one, two)] == [2, 2]
    assert one.text_content().startswith("text 1⟨<s>user⏎ 3 template tokens⟩")


@pytest.mark.parametrize("record", [SALIENCY, HEAT, FACTORS])
def test_kinds_of_tokens_survive_their_file(record):
    assert loads(dumps(record)) == record
    assert '"kind": "template"' in dumps(record)


def test_figures_of_texts_from_right_to_left_run_so():
    rtl = {name: record for name, (record, _) in chromium.KINDS.items() if name.startswith("rtl")}
    assert {record.KIND for record in rtl.values()} < set(KINDS)
    assert draw(rtl["rtl"]).find_class("ld-tokens")[0].get("dir") == "rtl"
    assert draw(rtl["rtl-rankings"]).find_class("ld-frame")[0].get("dir") == "rtl"
    assert draw(rtl["rtl-activations"]).find_class("ld-frame")[0].get("dir") == "rtl"
    figure = draw(rtl["rtl-factors"])
    assert figure.find_class("ld-sparklines")[0].get("dir") == "rtl"
    charts = figure.xpath("//div[@class='ld-row']/svg/g")
    assert {chart.get("transform") for chart in charts} == {"translate(5 0) scale(-1 1)"}
    assert not draw(builders.factors([[1, 2]])).xpath("//svg/g")


def test_data_for_the_script_are_those_of_every_token():
    data = json.loads(draw(SALIENCY).find_class("ld-data")[0].text_content())
    assert [len(row) for row in data["scores"]] == [8, 9]
