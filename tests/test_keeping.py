"""Executed notebooks as they are kept: nothing of the machine or the hour, the same bytes every time."""

from __future__ import annotations

import getpass
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from executed import read

from lensdoc.pipeline.keeping import kept

PIXEL = "iVBORw0KGgo="
SCRATCH = Path("/somewhere/project/.lensdoc/scratch/run--x/abc")


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def data(**kinds):
    return {"output_type": "display_data", "metadata": {"image/png": {"width": 3}}, "data": kinds | kinds.pop("also", {})}


def cell(*outputs, source="x", **metadata):
    return {
        "cell_type": "code",
        "execution_count": 7,
        "id": "0f3a",
        "metadata": {"papermill": {"start_time": "2026-01-02T03:04:05.678"}, "execution": {"iopub": "now"}} | metadata,
        "outputs": list(outputs),
        "source": source,
    }


def notebook(*cells):
    return {
        "cells": list(cells),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3", "env": {"A": "b"}},
            "language_info": {"name": "python", "version": "3.11.2", "pygments_lexer": "ipython3", "codemirror_mode": {}},
            "papermill": {"duration": 1.5, "input_path": str(SCRATCH / "x.ipynb"), "version": "2.7.0"},
            "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
        },
        "nbformat": 4,
        "nbformat_minor": 4,
    }


def only_output(output, *folders):
    (found,) = json.loads(kept(notebook(cell(output)), *folders))["cells"][0]["outputs"]
    return found


def test_metadata_are_reduced_and_cells_numbered():
    injected = cell(source="# Parameters\nseed = 3\n", tags=["injected-parameters"])
    found = json.loads(kept(notebook({"cell_type": "markdown", "source": "# A", "metadata": {"a": 1}}, injected)))
    assert found["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    assert [c["id"] for c in found["cells"]] == ["cell-1", "cell-2"]
    assert found["cells"][0] == {"cell_type": "markdown", "id": "cell-1", "metadata": {}, "source": ["# A"]}
    assert found["cells"][1] == {
        "cell_type": "code",
        "execution_count": 7,
        "id": "cell-2",
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": ["# Parameters\n", "seed = 3"],
    }


def test_noise_goes_and_pieces_of_one_text_are_joined():
    widget = data(also={"application/vnd.jupyter.widget-view+json": {"model_id": "9"}, "text/plain": "100%| 3/3 [00:01<00:00]"})
    outputs = [
        stream("a\nb"),
        stream("/x: warning", "stderr"),
        stream("c\n"),
        widget,
        stream("d"),
        data(also={"text/plain": "e"}),
    ]
    found = json.loads(kept(notebook(cell(*outputs))))["cells"][0]["outputs"]
    assert found == [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "bc\n", "d"]},
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": ["e"]}},
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{SCRATCH}/texts/a.txt", "./texts/a.txt"),
        (f"in {SCRATCH}.", "in .."),
        ("/somewhere/project/docs and /somewhere/projects", "./docs and /somewhere/projects"),
        (f"{Path.home()}/x '{Path.home()}'", "~/x '~'"),
        (f"{tempfile.gettempdir()}/x", "…/x"),
        (f"file://{SCRATCH}/a", "file://./a"),
        (f"/srv{Path.home()}/x", f"/srv{Path.home()}/x"),
        ('File "/opt/python/lib/python3.11/site-packages/torch/nn.py", line 3', 'File "site-packages/torch/nn.py", line 3'),
        (f"{tempfile.gettempdir()}/ipykernel_4242/99.py:1", "cell:1"),
        ("<object at 0x7f3a5c0>", "<object at 0x…>"),
        ("a colour 0x7f3a5c0", "a colour 0x7f3a5c0"),
    ],
)
def test_what_tells_of_the_machine_is_replaced(text, expected):
    folders = (SCRATCH, Path("/somewhere/project"))
    assert "".join(only_output(stream(text), *folders)["text"]) == expected
    found = only_output(data(also={"text/html": [text], "application/json": {"a": [text, 1]}}), *folders)
    assert found["data"] == {"text/html": [expected], "application/json": {"a": [expected, 1]}}
    error = {"output_type": "error", "ename": "E", "evalue": text, "traceback": [text]}
    assert only_output(error, *folders) == {"output_type": "error", "ename": "E", "evalue": expected, "traceback": [expected]}


def test_a_model_of_runs_yml_is_called_by_its_name_and_not_by_its_place():
    printed = "/data/models/mine/model.safetensors of '/data/models/mine', not /data/models/mine-too"
    made = {"cells": [cell(stream(printed))], "metadata": {}}
    text = json.loads(kept(made, SCRATCH, named={Path("/data/models/mine"): "mine"}))["cells"][0]["outputs"][0]["text"]
    assert text == ["mine/model.safetensors of 'mine', not /data/models/mine-too"]


def test_records_and_images_stay_byte_for_byte():
    home = str(Path.home())
    kinds = {"text/vnd.lensdoc.record": f'"{home}/x at 0x12"\n', "image/png": PIXEL}
    found = only_output(data(also=kinds))["data"]
    assert {kind: "".join(value) for kind, value in found.items()} == kinds


def test_the_size_of_an_image_stays_and_no_other_metadata():
    size = {"width": 300, "height": 200}
    png = {"output_type": "display_data", "data": {"image/png": PIXEL, "image/jpeg": PIXEL, "text/plain": "x"}}
    metadata = {
        "image/png": size | {"unconfined": True},
        "image/jpeg": {"width": "50%"},
        "image/gif": size,
        "text/plain": size,
        "needs_background": "light",
    }
    assert only_output(png | {"metadata": metadata})["metadata"] == {"image/png": size}
    assert only_output(png | {"metadata": {"image/png": None, "image/jpeg": {"height": True}}})["metadata"] == {}


def test_keeping_twice_changes_nothing_and_changes_no_argument():
    given = notebook(cell(stream(f"{SCRATCH}\x1b[31m\u2028 \udcff"), data(also={"text/plain": "é"}), source=["a\n", "b"]))
    before = json.dumps(given)
    once = kept(given, SCRATCH)
    assert json.dumps(given) == before
    assert kept(json.loads(once), SCRATCH) == once
    assert once.endswith("}\n")
    assert "é" in once
    once.encode()
    nbformat.validate(nbformat.reads(once, as_version=4))


@pytest.mark.long
def test_two_executions_give_the_same_bytes_without_host_and_time(article):
    path = article / "analyses" / "executed" / "count" / "first.ipynb"
    before = path.read_bytes()
    run = "from lensdoc.cli import main; main()"
    subprocess.run([sys.executable, "-c", run, "run", "--force", "count/first"], check=True, cwd=article)
    assert path.read_bytes() == before
    text = before.decode()
    for word in (tempfile.gettempdir(), str(Path.home()), str(article), "papermill", "<style", "<script", "UserWarning"):
        assert word not in text
    assert not re.search(r"\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|0x[0-9a-f]{4}", text)
    assert getpass.getuser() not in text
    cells = read(path)["cells"]
    assert [c["execution_count"] for c in cells if c["cell_type"] == "code"] == list(range(1, 8))
    assert cells[2]["metadata"] == {"tags": ["injected-parameters"]}
    assert cells[2]["source"] == ["# Parameters\n", 'model = "lensdoc/tiny"\n', 'prompt = " 1, 2, 3 <b>"']
    assert cells[3]["outputs"][0]["text"] == ["./analyses <object object at 0x…>\n"]
    assert list(cells[4]["outputs"][0]["data"]) == ["image/svg+xml", "text/plain"]  # its record is saved
    assert list(cells[5]["outputs"][0]["data"]) == ["image/svg+xml", "text/plain", "text/vnd.lensdoc.record"]
