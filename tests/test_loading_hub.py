"""Models of a hub: what is fetched, what is refused as in a folder, and how soon a hub that says nothing is given up.

The hub is a server on this machine that answers as the real one does to the questions that are asked.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import folders
import pytest
import torch
from huggingface_hub import constants

from lensdoc import load_model
from lensdoc.core.errors import ModelError
from lensdoc.models import hub

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves `root` as the one revision of `org/model`."""

    daemon_threads = True

    def __init__(self, root):
        super().__init__(("127.0.0.1", 0), Answers)
        self.root = root
        self.asked = []
        self.status = 200

    @property
    def files(self):
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(body=True)

    def do_HEAD(self):
        self.answer(body=False)

    def answer(self, *, body):
        path = self.path.split("?")[0]
        self.server.asked.append(f"{self.command} {path}")
        if self.server.status != 200:
            self.reply(
                self.server.status, b"{}", {"X-Error-Code": "RepoNotFound"} if self.server.status == 401 else {}, body=body
            )
        elif path in ("/api/models/org/model", "/api/models/org/model/revision/v1"):
            files = [{"rfilename": name} for name in self.server.files]
            self.reply(200, json.dumps({"id": "org/model", "sha": COMMIT, "siblings": files}).encode(), {}, body=body)
        elif path.startswith("/api/models/org/model/revision/"):
            self.reply(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body=body)
        elif (file := re.sub(f"^/org/model/resolve/({COMMIT}|main|v1)/", "", path)) in self.server.files:
            content = (self.server.root / file).read_bytes()
            self.reply(200, content, {"ETag": f'"{hash(content) & 0xFFFFFFFF:x}"', "X-Repo-Commit": COMMIT}, body=body)
        else:
            self.reply(404, b"{}", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, body=body)

    def reply(self, status, content, headers, *, body):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)


@pytest.fixture
def server(tmp_path, monkeypatch):
    folders.save(tmp_path / "published")
    server = Hub(tmp_path / "published")
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", constants.ENDPOINT + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "PATIENCE", 30.0)  # this machine may be busy; one test sets it back
    yield server
    server.shutdown()
    server.server_close()


def test_a_model_is_fetched_and_called_by_its_id(server):
    lm = load_model("org/model")
    assert (lm.id, lm.revision) == ("org/model", COMMIT)
    assert load_model("org/model", revision="v1", name="Mine").id == "Mine"
    state = folders.tensors(server.root)
    assert all(torch.equal(value, state[name]) for name, value in lm.model.state_dict().items())


def test_only_what_is_loaded_is_fetched_and_only_once(server):
    folders.split(server.root, "parts/model-00002-of-00002.safetensors")
    for name in ("pytorch_model.bin", "tf_model.h5", "code.py", "extra.safetensors", "README.md"):
        (server.root / name).write_bytes(b"x")
    assert load_model("org/model").info.layers == 3
    got = {line.split("/")[-1] for line in server.asked if line.startswith("GET /org")}
    assert got == {
        "config.json",
        "generation_config.json",
        "model.safetensors.index.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    server.asked.clear()
    load_model("org/model")
    assert server.asked == ["GET /api/models/org/model", "HEAD /org/model/resolve/main/config.json"]


def test_a_hub_model_that_lacks_weights_is_refused_as_a_folder_is(server):
    folders.without(server.root, "lm_head.weight")
    with pytest.raises(ModelError, match="'org/model' lacks weights of LlamaForCausalLM, which would be random: lm_head.weight"):
        load_model("org/model")


def test_an_index_that_leads_elsewhere_fetches_nothing_more(server):
    named = folders.split(server.root)
    folders.index(server.root, dict.fromkeys(named, "../../secret.bin"))
    with pytest.raises(ModelError, match=r"names '\.\./\.\./secret.bin', but weights are loaded from .safetensors alone"):
        load_model("org/model")
    assert not any("secret" in line or line.endswith(".safetensors") for line in server.asked)


@pytest.mark.usefixtures("server")
def test_a_link_in_the_hubs_cache_to_another_place_is_refused(tmp_path):
    load_model("org/model")
    snapshot = tmp_path / "cache" / "models--org--model" / "snapshots" / COMMIT
    assert load_model(str(snapshot)).id == COMMIT  # as a folder of one's own it may be given too
    (tmp_path / "elsewhere").mkdir()
    shutil.copyfile(snapshot / "model.safetensors", tmp_path / "elsewhere" / "model.safetensors")
    (snapshot / "model.safetensors").unlink()
    (snapshot / "model.safetensors").symlink_to(tmp_path / "elsewhere" / "model.safetensors")
    with pytest.raises(ModelError, match="is a link to a place outside the folder"):
        load_model("org/model")


@pytest.mark.parametrize(
    ("status", "source", "revision", "message"),
    [
        (200, "org/model", "nope", "the hub's 'org/model' has no revision 'nope'; its page lists"),
        (401, "org/model", None, "the hub has no model 'org/model' that you may read"),
        (200, "org--/model..x", None, "is neither a folder or .gguf file here nor a hub id"),
    ],
)
def test_what_the_hub_does_not_have_is_told(server, status, source, revision, message):
    server.status = status
    with pytest.raises(ModelError, match=message):
        load_model(source, revision=revision)


@pytest.mark.parametrize("down", ["offline", "500", "closed"])
def test_the_copy_here_is_taken_where_the_hub_cannot_be_reached(server, monkeypatch, down):
    load_model("org/model")
    if down == "500":
        server.status = 500
    elif down == "closed":
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    else:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    server.asked.clear()
    assert load_model("org/model").revision == COMMIT
    assert not [line for line in server.asked if "resolve" in line]


HALF = {
    "one file": ("model.safetensors", "is not whole on this machine: the hub's cache lacks its weights, and"),
    "tokenizer": ("tokenizer*.json", "is not whole on this machine: the hub's cache lacks its tokenizer, and"),
    "index": ("model.safetensors.index.json", "is not whole on this machine: the hub's cache lacks its weights, and"),
    "shard": (
        "model-00002-of-00002.safetensors",
        "is not whole on this machine: the hub's cache lacks model-00002-of-00002.safetensors, and",
    ),
    "all": ("*", "is not on this machine: it is no folder here"),
}


@pytest.mark.parametrize("kind", HALF)
def test_half_a_download_is_told_as_one_where_the_hub_cannot_be_reached(server, tmp_path, monkeypatch, kind):
    """It is no mistake of the model, and what helps is to fetch the rest."""
    missing, said = HALF[kind]
    if kind in ("index", "shard"):
        folders.split(server.root)
    load_model("org/model")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert load_model("org/model").info.layers == 3
    for path in (tmp_path / "cache").rglob(f"snapshots/*/{missing}"):
        path.resolve().unlink()  # a link that leads nowhere, as a disk that was cleaned leaves it
    with pytest.raises(
        ModelError, match=rf"'org/model' {said} .*HF_HUB_OFFLINE is set\); fetch it once where there is a network"
    ):
        load_model("org/model")


def test_what_is_wrong_with_a_model_is_told_of_the_copy_here_too(server, monkeypatch):
    """A file that is never fetched is not missing."""
    named = folders.split(server.root)
    for index in (dict.fromkeys(named, "../../secret.bin"), dict.fromkeys(named, "../../x.safetensors"), {"a": 1}):
        folders.index(server.root, index)
        shutil.rmtree(constants.HF_HUB_CACHE, ignore_errors=True)
        said = []
        for offline in (False, True):
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
            with pytest.raises(ModelError) as caught:
                load_model("org/model")
            said.append(str(caught.value))
        assert said[0] == said[1]
        assert "index" in said[0]


def test_a_hub_that_does_not_answer_is_given_up_within_five_seconds(server, monkeypatch, capfd, recwarn):
    """It accepts the connection and says nothing, which is what a lost network looks like."""
    monkeypatch.setattr(hub, "PATIENCE", 4.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        before = time.monotonic()
        with pytest.raises(ModelError, match=r"'org/model' is not on this machine: .* cannot be reached \(.*\); fetch it once"):
            load_model("org/model")
        assert time.monotonic() - before < 5
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
    assert server.asked == []
