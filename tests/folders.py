"""Model folders of the tests, as `save_pretrained` writes them, and what an attacker makes of them."""

from __future__ import annotations

import json
import shutil
import struct

import torch
from families import build, words
from safetensors.torch import load_file, save_file


def save(folder, family="llama", **sizes):
    """A small model with random weights, its head not tied, and its tokenizer."""
    model = build(family, **{"tie_word_embeddings": False, **sizes})
    model.save_pretrained(folder)
    words().save_pretrained(folder)
    return model


def change(folder, name="config.json", **values):
    path = folder / name
    content = json.loads(path.read_text()) | values
    path.write_text(json.dumps(content))


def tensors(folder):
    return load_file(folder / "model.safetensors")


def store(folder, state):
    save_file(
        {name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors", metadata={"format": "pt"}
    )


def split(folder, second="model-00002-of-00002.safetensors"):
    """Two shards with an index, in place of one file; the second lies where it is told."""
    state = tensors(folder)
    names = sorted(state)
    parts = {"model-00001-of-00002.safetensors": names[:5], second: names[5:]}
    for file, some in parts.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        save_file({name: state[name] for name in some}, folder / file, metadata={"format": "pt"})
    (folder / "model.safetensors").unlink()
    named = {name: file for file, some in parts.items() for name in some}
    index(folder, named)
    return named


def index(folder, named):
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": named}))


def tokenizer(folder, **parts):
    change(folder, "tokenizer.json", **parts)


def header(folder, text, length=None):
    """Another header before the weights."""
    path = folder / "model.safetensors"
    data = path.read_bytes()
    (old,) = struct.unpack("<Q", data[:8])
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data[8 + old :])


def elsewhere(folder, name):
    """A file of the folder becomes a link to one outside."""
    outside = folder.parent / "outside"
    outside.mkdir(exist_ok=True)
    shutil.move(folder / name, outside / name)
    (folder / name).symlink_to(outside / name)


def without(folder, *names):
    state = tensors(folder)
    store(folder, {name: value for name, value in state.items() if name not in names})


def extended(folder, **more):
    store(folder, tensors(folder) | more)


def replaced(folder, name, make):
    state = tensors(folder)
    store(folder, state | {name: make(state[name])})


def as_integers(value):
    return (value * 10).to(torch.int8)
