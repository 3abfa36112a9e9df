"""Pictures of records for viewers of notebooks: every kind has one, small, of a few elements, and says what it leaves out."""

from __future__ import annotations

import hashlib
import json

import builders
import pytest
from chromium import HOSTILE, KINDS
from lxml import etree
from states import page_state

from lensdoc.explorables.kinds import EXPLORABLES
from lensdoc.explorables.notebook import PICTURE, mimebundle
from lensdoc.explorables.picture import _DRAWN, WITHOUT, Grid, _drawn, _grid, picture
from lensdoc.pipeline.keeping import kept
from lensdoc.publish.notebooks.body import notebook_body
from lensdoc.publish.notebooks.look import Look
from lensdoc.publish.notebooks.notebook import read_notebook
from lensdoc.records.saving import RUN
from lensdoc.records.writing import MIME, SAVED, dumps

ALLOWED = {"svg", "title", "rect", "g", "path", "text"}


NUMBERS = [name for name, (record, _) in KINDS.items() if record.KIND not in WITHOUT]


def read(record):
    return etree.fromstring(picture(record))


@pytest.mark.parametrize("name", NUMBERS)
def test_every_record_has_a_small_picture(name):
    record = KINDS[name][0]
    drawn = picture(record)
    tree = etree.fromstring(drawn)
    assert {etree.QName(part).localname for part in tree.iter()} <= ALLOWED
    assert len(drawn) < 20_000
    assert tree.findtext(".//{*}title").startswith(f"{record.KIND}, {record.model.id}")


NAMES = {
    "ablation": ["L0H1", "block <b>", "factor 3", "change", "control 1", "control 2", "control 3"],
    "attention": ["layer 0", "layer 1", "head 0", "head 1"],
    "attention-flow": ["flow", "rollout", " The", " keys"],
    "decoding": ["greedy", "top-k", "beam", "token 1", "token 2", "token 3"],
    "exchange": ["curve", "0.0"],
    "faithfulness": ["curve", "random 1", "random 2", "0", "1", "2"],
    "logit-attribution": ["values", "L1 FFN", "L0 FFN", "L0 attention", "embedding", "L1 attention"],
    "mask": ["mask 1", "mask 2", "mask 3", " The"],
    "patching": ["layer 0", "layer 1", " The"],
    "similarity": ["layer 0", "layer 1", "layer 2", "layer 0", "layer 1", "layer 2"],
    "similarity-other": ["layer 0", "layer 0", "layer 1", "layer 2"],
}


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_columns_have_the_names_that_the_figure_gives_them(name):
    grid = _grid(KINDS[name][0])
    assert [*grid.row_names, *grid.column_names][: len(NAMES[name])] == NAMES[name]


def test_every_kind_with_a_figure_has_names_of_its_own():
    assert _DRAWN.keys() == EXPLORABLES.keys() - WITHOUT
    assert {"image", "table"} == WITHOUT  # a picture of its own, and a text


@pytest.mark.parametrize("name", NUMBERS)
def test_each_row_and_column_has_one_name(name):
    grid = _grid(KINDS[name][0])
    assert len(grid.row_names) == len(grid.rows)
    assert len(grid.column_names) >= max(map(len, grid.rows))


def test_the_depth_of_a_cell_is_that_of_its_number():
    tree = read(builders.factors([[0, 4, 2, -4]], ["a", "b", "c", "d"], method="pca"))
    paths = {path.get("fill"): path.get("d") for path in tree.iter("{*}path")}
    assert paths == {
        "#f3f3f3": "M0 0h4v1h-4z",
        "#b04600": "M3 0h1v1h-1z",
        "#8aa8de": "M2 0h1v1h-1z",
        "#1450be": "M1 0h1v1h-1z",
    }


def test_cells_of_one_depth_beside_each_other_are_one_piece():
    assert "M1 0h2v1h-2z" in picture(builders.factors([[0, 4, 4]], ["a", "b", "c"]))


def test_it_says_what_it_leaves_out():
    drawn = _drawn(Grid([[1.0] * 100] * 50, ["r"] * 50, ["c"] * 100), "x")
    assert drawn.findtext("title") == "x; first 24 of 50 rows; first 60 of 100 columns"


def test_all_layers_of_a_deep_model_are_drawn_and_what_is_said_has_room():
    assert _drawn(Grid([[1.0]] * 30, ["r"] * 30, ["c"]), "x").findtext("title") == "x"
    drawn = _drawn(Grid([[1.0]] * 50, ["r"] * 50, ["c"]), "watch")
    assert float(drawn.get("width")) > 7 * len("watch; first 24 of 50 rows")


def test_texts_are_text():
    words = [text.text for text in read(builders.factors([[1.0] * len(HOSTILE)], HOSTILE)).iter("{*}text")]
    assert words[1] == "</script>…"
    assert not any("\u202e" in word for word in words)


def test_a_kind_that_is_not_known_is_drawn_without_names():
    class Other(type(builders.watch([[1, 2], [3, 4]]))):
        KIND = "other"

    record = Other.model_validate(builders.watch([[1, 2], [3, 4]]).model_dump(), strict=False)
    assert [text.text for text in read(record).iter("{*}text")] == ["0", "1", "0", "1", f"other, {record.model.id}"]


def executed(*records, monkeypatch):
    """The outputs of a kept notebook that shows records, after a run that saved the first of them."""
    monkeypatch.setenv(RUN, "a/b")
    outputs = [{"output_type": "display_data", "metadata": {}, "data": mimebundle(record)} for record in records]
    cell = {"cell_type": "code", "source": "show()", "metadata": {}, "execution_count": 1, "outputs": outputs}
    said = records[0].provenance.model_copy(update={"run": "a/b", "notebook": "analyses/b.ipynb", "parameters": {"n": 1}})
    saved = dumps(records[0].model_copy(update={"provenance": said})).encode()
    text = kept({"cells": [cell], "metadata": {}}, saved={"a/b/one": saved})
    return text, saved


def test_a_kept_notebook_names_the_record_that_the_run_saved_and_holds_one_that_it_did_not(monkeypatch):
    first, second = builders.factors([[1, 2]]), builders.factors([[2, 1]])
    text, saved = executed(first, second, monkeypatch=monkeypatch)
    one, other = json.loads(text)["cells"][0]["outputs"]
    assert one["metadata"] == {SAVED: {"record": "a/b/one", "sha256": hashlib.sha256(saved).hexdigest()}}
    assert one["data"].keys() == {"text/plain", PICTURE}
    assert other["metadata"] == {}
    assert "".join(other["data"][MIME]) == dumps(second)


def test_nbconvert_shows_the_picture(monkeypatch):
    import nbformat
    from nbconvert import HTMLExporter

    text, _ = executed(builders.factors([[1, 2]]), monkeypatch=monkeypatch)
    html, _ = HTMLExporter().from_notebook_node(nbformat.reads(text, as_version=4))
    assert "image/svg+xml" in html or "<svg" in html
    assert "M1 0h1v1h-1z" in html or "data:image/svg+xml;base64" in html


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """The output of a notebook's page, and what was complained of; a function of what is done to the record's file."""

    def show(change=lambda _: None):
        text, saved = executed(builders.factors([[1, 2]], [" a", " b"]), monkeypatch=monkeypatch)
        path = tmp_path / "a" / "b" / "one.json"
        path.parent.mkdir(parents=True)
        path.write_bytes(saved)
        change(path)
        said = []
        body = notebook_body(read_notebook(text), Look(lambda *_: "", str), said.append, saved=page_state(tmp_path).build.saved)
        return body.html, said

    return show


def test_the_page_of_a_notebook_shows_the_figure_from_the_record_s_file(shown):
    html, said = shown()
    assert "<lens-factors" in html
    assert "image/svg+xml" not in html
    assert said == []


def test_line_endings_of_windows_make_no_other_record(shown):
    html, said = shown(lambda path: path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n")))
    assert "<lens-factors" in html
    assert said == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda path: path.write_text(dumps(builders.factors([[2, 1]]))), "is not the one that it showed when it was executed"),
        (lambda path: path.unlink(), "no record 'a/b/one'"),
    ],
)
def test_of_another_record_the_picture_is_shown_and_it_is_told(shown, change, why):
    html, (said,) = shown(change)
    assert "<lens-factors" not in html
    assert "data:image/svg+xml;base64," in html
    assert why in said
