"""GGUF files: what they hold is what is measured, they are converted once, and damaged ones are refused in a sentence."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import time
from importlib import util
from pathlib import Path

import folders
import gguf_files
import pytest
import torch
from filelock import FileLock
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from lensdoc import load_model
from lensdoc.core.errors import ModelError
from lensdoc.core.model_files import content_revision
from lensdoc.models import gguf as conversion
from lensdoc.models.gguf_header import read_header

REAL = Path(__file__).parents[1] / "analyses" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
RUN = conversion._run
QUANTISED = ("blk.0.ffn_up.weight", "blk.1.attn_q.weight", "token_embd.weight")


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny):
    """The file, and the model that was written to it."""
    folder = tmp_path_factory.mktemp("gguf")
    model = gguf_files.known()
    gguf_files.write(folder / "small.gguf", model, tiny.tokenizer)
    gguf_files.write(folder / "small.Q8_0.gguf", model, tiny.tokenizer, quantised=QUANTISED)
    return folder, model


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _in_a_cache_of_its_own(cache, monkeypatch):
    monkeypatch.setenv("LENSDOC_CACHE", str(cache))


@pytest.fixture
def quick(made, monkeypatch):
    """What a real conversion of this file made is taken by all others: for tests of what happens around it.

    The sources that were given.
    """
    folder, _ = conversion.converted(made[0] / "small.gguf", "x")
    given = []

    def take(command, *_):
        given.append(Path(command[-2]))
        shutil.copytree(folder, command[-1], dirs_exist_ok=True, ignore=shutil.ignore_patterns(conversion._DONE))

    monkeypatch.setattr(conversion, "_run", take)
    return given


@torch.no_grad()
def logits(model):
    return model.eval()(torch.arange(20)[None]).logits


@pytest.mark.long
def test_the_weights_are_those_that_were_written(made):
    folder, model = made
    lm = load_model(str(folder / "small.gguf"))
    assert torch.equal(logits(lm.model), logits(model))
    assert lm.id == "small.gguf"
    assert lm.revision == "sha256:" + hashlib.sha256((folder / "small.gguf").read_bytes()).hexdigest()
    assert lm.revision == content_revision(folder / "small.gguf")
    assert str(folder) not in repr(lm) + repr(lm.model.config) + repr(lm.tokenizer)
    assert load_model(str(folder / "small.gguf"), name="Small (F32)").id == "Small (F32)"


def test_quantised_weights_are_those_that_transformers_reads(made):
    folder, model = made
    lm = load_model(str(folder / "small.Q8_0.gguf"))
    place = {"pretrained_model_name_or_path": folder, "gguf_file": "small.Q8_0.gguf"}
    theirs = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True))
    ours, expected = lm.model.state_dict(), theirs.state_dict()
    assert ours.keys() == expected.keys()
    assert all(torch.equal(ours[name], expected[name]) for name in ours)
    for name, theirs_of in (("model.layers.0.mlp.up_proj.weight", None), ("model.layers.1.self_attn.q_proj.weight", 4)):
        values = gguf_files.rounded(model.state_dict()[name].numpy(), theirs_of)
        assert not torch.equal(ours[name], model.state_dict()[name])
        assert torch.equal(ours[name], torch.tensor(values))
    ids = AutoTokenizer.from_pretrained(**place)("The keys, 12 3\n to")["input_ids"]
    assert lm.tokenizer("The keys, 12 3\n to")["input_ids"] == ids
    given = torch.tensor([ids])
    generated = theirs.generate(given, attention_mask=torch.ones_like(given), max_new_tokens=12, do_sample=False)
    assert lm.generate("The keys, 12 3\n to", max_new_tokens=12).ids.tolist() == generated[0].tolist()


@pytest.mark.long
@pytest.mark.parametrize("name", ["small.gguf", pytest.param("-renamed é.gguf", marks=pytest.mark.long)])
def test_nothing_beside_the_file_enters_its_conversion(made, tmp_path, monkeypatch, name):
    """The cache is named by the file's content, so no neighbour and no name may change what lies there."""
    beside = tmp_path / "beside"
    folders.save(beside)
    shutil.copyfile(made[0] / "small.gguf", beside / name)
    folders.change(beside, "tokenizer_config.json", chat_template="another model's", model_max_length=7)
    (beside / "additional_chat_templates").mkdir()
    (beside / "additional_chat_templates" / "tool.jinja").write_text("another model's")
    (beside / "adapter_config.json").write_text('{"peft_type": "LORA", "base_model_name_or_path": "x"}')
    (beside / "generation_config.json").write_text('{"eos_token_id": 59}')
    alone, _ = conversion.converted(made[0] / "small.gguf", "x")
    held = {path.relative_to(alone): path.read_bytes() for path in alone.rglob("*") if path.is_file()}
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path / "cache"))
    again, _ = conversion.converted(beside / name, "x")
    assert {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()} == held
    assert [path for path in again.parent.iterdir() if path.is_dir()] == [again]
    assert len(load_model(str(beside / name)).tokenizer) == 3072


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("links", [False, True])
def test_a_file_is_copied_where_no_link_can_be_made(made, tmp_path, monkeypatch, links):
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path))
    seen = []
    take = conversion._run
    monkeypatch.setattr(conversion, "_run", lambda command, *rest: (seen.append(told(command[-2])), take(command, *rest)))

    def told(source):
        return Path(source).is_symlink(), Path(source).read_bytes() == (made[0] / "small.gguf").read_bytes()

    def refused(*_):
        raise OSError("a required privilege is not held by the client")

    if not links:
        monkeypatch.setattr(Path, "symlink_to", refused)
    conversion.converted(made[0] / "small.gguf", "x")
    assert seen == [(links, True)]


def test_a_file_is_converted_once(made, monkeypatch):
    path = str(made[0] / "small.gguf")
    load_model(path)
    monkeypatch.setattr(conversion, "_run", lambda *_: pytest.fail("converted again"))
    assert load_model(path).info.layers == 2


def test_a_damaged_copy_in_the_cache_is_made_anew(made, tmp_path, monkeypatch, quick):
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path))
    path = made[0] / "small.gguf"
    before = logits(load_model(str(path)).model)
    folder, _ = conversion.converted(path, "small.gguf")
    assert folder.is_relative_to(tmp_path)
    assert len(quick) == 1
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1000:] = bytes(1000)
    weights.write_bytes(data)
    assert torch.equal(logits(load_model(str(path)).model), before)
    assert len(quick) == 2


@pytest.mark.usefixtures("quick")
def test_a_conversion_that_was_ended_leaves_nothing_that_is_taken(made, tmp_path, monkeypatch):
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path))

    def end(command, *_):
        (Path(command[-1]) / "model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    take = conversion._run
    monkeypatch.setattr(conversion, "_run", end)
    with pytest.raises(KeyboardInterrupt):
        load_model(str(made[0] / "small.gguf"))
    assert [path.name for path in (tmp_path / "gguf").iterdir() if path.is_dir()] == []
    monkeypatch.setattr(conversion, "_run", take)
    assert torch.equal(logits(load_model(str(made[0] / "small.gguf")).model), logits(made[1]))


@pytest.mark.long
def test_two_processes_convert_a_file_once(made, tmp_path):
    """Each prints whether it converted; the second waits for the first and takes what it made."""
    script = (
        "import sys; from pathlib import Path; from lensdoc.models import gguf\n"
        "run = gguf._run\n"
        "def told(*args):\n    print('converts'); run(*args)\n"
        "gguf._run = told\n"
        "folder, _ = gguf.converted(Path(sys.argv[1]), 'x'); print(sorted(path.name for path in folder.iterdir()))"
    )
    command = [sys.executable, "-c", script, str(made[0] / "small.gguf")]
    environment = os.environ | {"LENSDOC_CACHE": str(tmp_path)}
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "".join(said).count("converts") == 1
    assert {text.splitlines()[-1] for text in said} == {said[0].splitlines()[-1]}


def without_end(data):
    return data[: len(data) // 2]


def with_count(place, value):
    return lambda data: data[:place] + struct.pack("<Q", value) + data[place + 8 :]


DAMAGED = {
    "empty": (lambda _: b"", "does not begin with the letters GGUF; fetch it anew"),
    "other": (lambda _: b"PK\3\4" * 100, "does not begin with the letters GGUF"),
    "version": (lambda data: data[:4] + struct.pack("<I", 99) + data[8:], "its version is 99, only 2 and 3 are read"),
    "cut-in-header": (lambda data: data[:200], "is no GGUF file that can be read: it is cut off in its header"),
    "cut-in-weights": (without_end, "it is cut off, for its header places tensors after its end"),
    "last-byte-cut": (lambda data: data[:-60_000], "is cut off|cannot be converted"),
    "tensors-2**60": (with_count(8, 2**60), "it has 1,152,921,504,606,846,976 tensors; at most 100,000 are read"),
    "settings-2**60": (with_count(16, 2**60), "settings; at most 10,000 are read"),
    "name-2**60": (with_count(24, 2**60), "bytes of a text; at most"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_refused_in_one_sentence_and_soon(made, tmp_path, kind):
    damage, message = DAMAGED[kind]
    path = tmp_path / "small.gguf"
    path.write_bytes(damage((made[0] / "small.gguf").read_bytes()))
    before = time.monotonic()
    with pytest.raises(ModelError, match=message) as caught:
        load_model(str(path))
    assert "\n" not in str(caught.value)
    assert time.monotonic() - before < 60


@pytest.mark.long
def test_what_transformers_cannot_convert_is_refused_with_its_reason(made, tiny, tmp_path):
    path = tmp_path / "other.gguf"
    gguf_files.write(path, made[1], tiny.tokenizer, architecture="unheard-of")
    with pytest.raises(ModelError, match=r"'.*other.gguf' cannot be converted: .*unheard-of"):
        load_model(str(path))


@pytest.mark.long
def test_a_file_without_its_head_or_a_layer_is_refused(made, tiny, tmp_path):
    path = tmp_path / "less.gguf"
    gguf_files.write(path, made[1], tiny.tokenizer, leave_out=("blk.1.ffn_up.weight",))
    with pytest.raises(ModelError, match="cannot be converted: .*missing keys.*model.layers.1.mlp.up_proj.weight"):
        load_model(str(path))


def test_one_of_several_parts_is_refused_with_the_command_that_joins_them(made, tiny, tmp_path):
    path = tmp_path / "small-00001-of-00003.gguf"
    gguf_files.write(path, made[1], tiny.tokenizer, parts=3)
    with pytest.raises(ModelError, match="it is one of 3 parts; join them with `gguf-split --merge`"):
        load_model(str(path))


def test_libraries_that_are_missing_are_named_with_the_command(made, monkeypatch, tmp_path):
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path))
    real = util.find_spec
    monkeypatch.setattr(conversion, "find_spec", lambda name: None if name in ("gguf", "accelerate") else real(name))
    with pytest.raises(ModelError, match=r"takes gguf and accelerate, not installed here: pip install 'lensdoc\[gguf\]'"):
        load_model(str(made[0] / "small.gguf"))


def test_memory_and_disk_are_asked_before_a_conversion(made, monkeypatch, tmp_path):
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path))
    monkeypatch.setattr(conversion, "_run", lambda *_: pytest.fail("converted"))
    path = str(made[0] / "small.gguf")
    with monkeypatch.context() as patch:
        patch.setattr(conversion.shutil, "disk_usage", lambda _: type("D", (), {"free": 1000}))
        with pytest.raises(ModelError, match="as float32, and the cache's disk has 0.0 GB left; name a folder on another disk"):
            load_model(path)
    monkeypatch.setattr(conversion.psutil, "virtual_memory", lambda: type("M", (), {"available": 1000}))
    with pytest.raises(ModelError, match="weights; converting them takes 0.0 GB of memory, of which 0.0 GB are free"):
        load_model(path)


def test_a_cache_that_cannot_be_written_is_named(made, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="the cache of converted models cannot be written .*; name another folder"):
        load_model(str(made[0] / "small.gguf"))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("subprocess.run", r"'x' cannot be converted: Python cannot be started \(no such device\)"),
        ("content_revision", "'x' changed while it was converted; load it again"),
        ("mkdtemp", r"the cache of converted models cannot be written \(no such device\); name another folder"),
        ("shutil.disk_usage", r"the cache of converted models cannot be written \(no such device\); name another folder"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_an_error_of_the_system_is_told_of_what_it_came_from(made, monkeypatch, tmp_path, part, message):
    if part == "subprocess.run":
        monkeypatch.setattr(conversion, "_run", RUN)
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path))
    path = made[0] / "small.gguf"
    asked = []

    def fail(*args, **_):
        asked.extend(args)
        if part == "content_revision" and (args[0] != path or asked.count(path) == 1):  # the file can be read at first
            return content_revision(args[0])
        raise OSError("no such device")

    monkeypatch.setattr(f"lensdoc.models.gguf.{part}", fail)
    with pytest.raises(ModelError, match=message):
        conversion.converted(path, "x")
    monkeypatch.undo()
    assert [place.name for place in (tmp_path / "gguf").iterdir() if place.is_dir()] == []
    with FileLock(next((tmp_path / "gguf").glob("*.lock")), timeout=0):
        pass


def test_what_fails_while_the_lock_is_held_is_not_told_of_the_cache(tmp_path):
    with pytest.raises(OSError, match="something else"), conversion._lock(tmp_path / "model"):
        raise OSError("something else")


def test_the_cache_lies_where_the_user_keeps_caches(monkeypatch, tmp_path):
    monkeypatch.delenv("LENSDOC_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert conversion.cache_folder() == tmp_path / "lensdoc"


def test_a_revision_of_a_file_is_refused(made):
    with pytest.raises(ModelError, match="revision 'v1' was asked for, but .* is a file, which has only the one it holds"):
        load_model(str(made[0] / "small.gguf"), revision="v1")


def test_the_number_of_weights_is_told_from_the_header(made):
    header = read_header(made[0] / "small.Q8_0.gguf", "x")
    assert (header.architecture, header.weights) == ("llama", made[1].num_parameters())


def test_no_path_is_kept_in_the_cache(made):
    folder, _ = conversion.converted(made[0] / "small.gguf", "x")
    for path in folder.glob("*.json"):
        assert str(made[0]) not in path.read_text()
    assert "quantization_config" not in json.loads((folder / "config.json").read_text())


@pytest.mark.long
@pytest.mark.skipif(not REAL.is_file(), reason="no real model here: `make real-model` fetches it")
def test_greedy_text_of_the_real_model_is_that_of_transformers():
    lm = load_model(str(REAL))
    theirs = AutoModelForCausalLM.from_pretrained(REAL.parent, gguf_file=REAL.name, dtype=torch.float32)
    for prompt in ("The capital of France is", "1, 2, 3, 4,", "The keys to the cabinet"):
        given = lm.tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
        expected = theirs.generate(**given, max_new_tokens=24, do_sample=False)
        assert lm.generate(prompt, max_new_tokens=24).ids.tolist() == expected[0].tolist()
