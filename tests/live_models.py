"""A live record of the bundled model, and a page without any figure that talks to its engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from chromium import serve

from lensdoc.explorables import assets
from lensdoc.records.own_files import beside
from lensdoc.records.reading import read_record
from lensdoc.records.writing import write_record

PROMPT = " 1, 2, 3"
PROMPTS = (
    PROMPT,
    "The keys to the cabinet",
    "Countries of the European Union:\n1. Austria\n2. Belgium\n",
    " 1, 1, 1",
    "\nThe capital of France is",
    "x",
    "<p>a &amp; b</p>\n",
    "Zoë drinks 咖啡 \N{SMILING FACE WITH OPEN MOUTH} at 10:45.",
    "   two   spaces\n\n\n",
    "Once upon a time there was a lighthouse at the end of the land, and in it lived",
)
MEASURES = {
    "saliency": {}, "rankings": {}, "predictions": {}, "attention": {}, "activations": {"layers": 2}, "factors": {"n_factors": 4}
}  # fmt: skip
PAGE = """<!doctype html><html lang="en"><head><title>Engine</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self'">
<link rel="icon" href="icon.png"><script src="page.js"></script></head><body><input aria-label="A field"></body></html>"""
SCRIPT = """
window.start = () => {
  window.messages = [];
  window.worker = new Worker("worker.js", {type: "module"});
  worker.addEventListener("message", ({data}) => messages.push(data));
  worker.addEventListener("error", (event) => messages.push({type: "broken", message: event.message}));
};
window.next = async (...types) => {
  for (;;) {
    const at = messages.findIndex((message) => types.includes(message.type) || message.type === "broken");
    if (at >= 0) return messages.splice(0, at + 1).pop();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
start();
"""


@pytest.fixture(scope="session")
def live_tiny(request, shared):
    """The bundled model as a live record, exported by one process for all."""

    def make(folder):
        import lensdoc

        tiny = request.getfixturevalue("tiny")
        write_record(lensdoc.live(tiny, MEASURES, prompt=PROMPT, max_new_tokens=14), folder / "model.json")

    path = shared("live-tiny", make) / "model.json"
    record = read_record(path)
    return record.with_held({suffix: beside(path, suffix).read_bytes() for suffix in record.files})


def engine_folder(folder: Path, record) -> Path:
    """A folder with the engine, a page that starts it, and the files of a record."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "page.js").write_text(SCRIPT)
    (folder / "icon.png").write_bytes(b"")
    for name in ("worker.js", "runtime.wasm.gz"):
        shutil.copyfile(assets.FOLDER / "live" / name, folder / name)
    write_record(record, folder / "live.json")
    return folder


def load_message(record, address: str) -> dict:
    """What a page sends to have the record's model loaded."""
    from hashlib import sha256

    runtime = (assets.FOLDER / "live" / "runtime.wasm.gz").read_bytes()
    files = [{"url": f"{address}runtime.wasm.gz", "size": len(runtime), "sha256": sha256(runtime).hexdigest()}]
    for suffix in (record.graph, record.tokenizer, *record.parts):
        said = record.files[suffix]
        files.append({"url": f"{address}live.{suffix}", "size": said.size, "sha256": said.sha256})
    return {"type": "load", "files": files, "manifest": record.manifest()}


class Engine:
    """The engine in a page of a browser."""

    def __init__(self, page, record, address):
        self.page, self.record, self.address = page, record, address
        self.number = 0
        page.goto(address)

    def send(self, **message):
        self.page.evaluate("(message) => worker.postMessage(message)", message)

    def wait(self, *types):
        return self.page.evaluate("(types) => next(...types)", list(types))

    def load(self, message=None):
        self.send(**(message or load_message(self.record, self.address)))
        return self.wait("ready", "refused", "stopped")

    def ask(self, text, **more):
        self.number += 1
        self.send(type="answer", id=self.number, text=text, **more)
        return self.wait("answer", "refused", "stopped")

    def explain(self, target):
        self.number += 1
        self.send(type="explain", id=self.number, target=target)
        return self.wait("explained", "refused", "stopped")

    def strike(self, *struck, target=-1):
        self.number += 1
        self.send(type="strike", id=self.number, struck=list(struck), target=target)
        return self.wait("struck", "refused", "stopped")


@pytest.fixture(scope="session")
def engine_site(live_tiny, tmp_path_factory):
    """The folder of the engine's page, and its address."""
    folder = engine_folder(tmp_path_factory.mktemp("engine"), live_tiny)
    with serve(folder) as address:
        yield folder, address


def records_of(answer) -> dict[str, dict]:
    """The records of an answer by kind."""
    return {record["format"].removeprefix("lensdoc/"): record for record in answer["records"]}
