"""Folders that someone made to harm or deceive: each is refused in one sentence, soon, and nothing outside it is read."""

from __future__ import annotations

import json
import pickle
import re
import resource
import shutil
import struct
import time

import folders
import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import GPT2Config

from lensdoc import load_model
from lensdoc.core.errors import ModelError
from lensdoc.models.configs import clean

SECOND = "model-00002-of-00002.safetensors"
HUGE = 2**30


def pickled(folder, name):
    class Run:
        def __reduce__(self):
            return (open, (str(folder.parent / "ran"), "w"))

    (folder / name).write_bytes(pickle.dumps(Run()))


def index_names_pickle(folder):
    named = folders.split(folder)
    pickled(folder, "x.bin")
    folders.index(folder, dict.fromkeys(named, "x.bin"))


def index_leads(place):
    def mutate(folder):
        named = folders.split(folder)
        shutil.copyfile(folder / SECOND, folder.parent / SECOND)
        wanted = place.format(folder=folder.parent)
        folders.index(folder, {name: wanted if file == SECOND else file for name, file in named.items()})

    return mutate


def link_in_subfolder(folder):
    folders.split(folder, f"parts/{SECOND}")
    shutil.move(folder / "parts", folder.parent / "elsewhere")
    (folder / "parts").symlink_to(folder.parent / "elsewhere")


def missing_shard(folder):
    folders.split(folder)
    (folder / SECOND).unlink()


def shard_lacks_a_tensor(folder):
    named = folders.split(folder)
    folders.index(folder, dict.fromkeys(named, SECOND))


def text(name, content):
    return lambda folder: (folder / name).write_text(content)


def remove(*names):
    return lambda folder: [(folder / name).unlink() for name in names]


def cut(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def config(**values):
    return lambda folder: folders.change(folder, **values)


def overlapping(folder):
    entry = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
    folders.header(folder, json.dumps({"a": entry, "b": entry}).encode())


def tokenizer_of_another(folder):
    inner = Tokenizer(models.WordLevel({f"x{i}": i for i in range(90)}, unk_token="x0"))  # noqa: S106 - a token of text
    inner.save(str(folder / "tokenizer.json"))


def laughs(part, steps=30):
    step = {"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaa"}
    names = {"normalizer": "normalizers", "decoder": "decoders"}
    return lambda folder: folders.tokenizer(folder, **{part: {"type": "Sequence", names[part]: [step] * steps}})


def slow_pattern(folder):
    split = {"type": "Split", "pattern": {"Regex": r"^(([a-z])+.)+[A-Z]([a-z])+$"}, "behavior": "Isolated", "invert": False}
    folders.tokenizer(folder, pre_tokenizer=split)


def many_added_tokens(folder):
    token = {"content": "x" * 400, "single_word": False, "lstrip": False, "rstrip": False, "normalized": True, "special": False}
    added = [token | {"id": 100 + i, "content": f"{token['content']}{i}"} for i in range(200_000)]
    folders.tokenizer(folder, added_tokens=added)


HOSTILE = {
    "index-names-pickle": (index_names_pickle, "names 'x.bin', but weights are loaded from .safetensors alone"),
    "index-leads-out": (
        index_leads(f"../{SECOND}"),
        r"names '\.\./model.*', which lies outside the folder; copy",
    ),
    "index-leads-out-and-in": (index_leads(f"a/../../{SECOND}"), "which lies outside the folder"),
    "index-is-absolute": (index_leads("{folder}/" + SECOND), "which lies outside the folder; copy"),
    "link-to-weights": (
        lambda f: folders.elsewhere(f, "model.safetensors"),
        "is a link to a place outside the folder; put",
    ),
    "link-to-config": (lambda f: folders.elsewhere(f, "config.json"), "config.json of .* is a link to a place outside"),
    "link-to-tokenizer": (lambda f: folders.elsewhere(f, "tokenizer.json"), "tokenizer.json of .* is a link to a place outside"),
    "link-to-subfolder": (link_in_subfolder, "which lies outside the folder"),
    "missing-shard": (missing_shard, f"names '{SECOND}', which is missing; copy it"),
    "shard-lacks-tensor": (shard_lacks_a_tensor, "lacks 'lm_head.weight', which the index places there; fetch it again"),
    "index-is-a-list": (
        lambda f: (folders.split(f), text("model.safetensors.index.json", "[1]")(f)),
        "has no weight_map of names of tensors to names of files; write it anew",
    ),
    "index-of-numbers": (lambda f: folders.index(f, {"a": 1}) or remove("model.safetensors")(f), "has no weight_map"),
    "missing-head": (
        lambda f: folders.without(f, "lm_head.weight"),
        "lacks weights of LlamaForCausalLM, which would be random: lm_head.weight. Save the whole model",
    ),
    "missing-layer": (
        lambda f: folders.without(f, "model.layers.1.mlp.up_proj.weight", "model.norm.weight"),
        "which would be random: model.layers.1.mlp.up_proj.weight, model.norm.weight. Save",
    ),
    "unexpected-weights": (
        lambda f: folders.extended(f, **{"model.layers.0.mlp.extra.weight": torch.ones(2, 2)}),
        "holds weights that LlamaForCausalLM does not have.*: model.layers.0.mlp.extra.weight. Save",
    ),
    "fewer-layers": (config(num_hidden_layers=2), "holds weights that .* does not have.*: model.layers.2.* and 6 more"),
    "other-shape": (
        lambda f: folders.replaced(f, "model.norm.weight", lambda v: v[:-1]),
        r"model.norm.weight is \(23,\) in the file and \(24,\) in LlamaForCausalLM; is it the configuration of another",
    ),
    "quantised-weights": (
        lambda f: folders.replaced(f, "model.layers.0.mlp.up_proj.weight", folders.as_integers),
        "are of type I8; measures need floats",
    ),
    "quantised-by-config": (config(quantization_config={"quant_method": "gptq", "bits": 4}), r"are quantised \(gptq\); .*Take"),
    "truncated": (cut, "model.safetensors of .* is damaged, or no safetensors: .*. Copy or fetch it anew"),
    "header-too-long": (lambda f: folders.header(f, b"{}", 2**62), "is damaged, or no safetensors"),
    "header-no-json": (lambda f: folders.header(f, b"[" * 4096), "is damaged, or no safetensors"),
    "header-overlapping": (overlapping, "is damaged, or no safetensors"),
    "empty-weights": (text("model.safetensors", ""), "is damaged, or no safetensors"),
    "layers-1e8": (
        config(num_hidden_layers=10**8),
        "says num_hidden_layers = 100000000; .* at most 2,000. Write",
    ),
    "layers-by-another-name": (
        config(model_type="xlstm", num_blocks=10**8),
        "says num_blocks = 100000000; .* at most 2,000. Write",
    ),
    "layers-2000": (config(num_hidden_layers=2000), "describes a model far larger than its files, which hold .* weights; is it"),
    "width-huge": (config(hidden_size=HUGE, intermediate_size=HUGE), "describes a model far larger than its files|make no Llama"),
    "vocabulary-huge": (config(vocab_size=2**36), "describes a model far larger than its files"),
    "integer-huge": (config(intermediate_size=10**30), "says intermediate_size = 10+; lensdoc reads at most"),
    "layer-types-many": (config(layer_types=["full_attention"] * 50_000), "has 50,000 entries in layer_types"),
    "vocabulary-of-another": (
        config(vocab_size=59),
        "have another shape than config.json says, 2 of them: lm_head",
    ),
    "tokenizer-of-another": (tokenizer_of_another, r"has a token 89 \('x89'\), but the model has only 60; are its files those"),
    "laughing-normalizer": (laughs("normalizer"), r"the normalizer of tokenizer.json of .* may make 1e\+30 bytes of one byte"),
    "laughing-decoder": (laughs("decoder"), r"the decoder of tokenizer.json of .* may make 1e\+30 bytes of one byte"),
    "slow-pattern": (slow_pattern, "took more than|fails on a few short texts"),
    "added-tokens-many": (many_added_tokens, "the tokenizer's files of .* may have|fails on a few short texts|took more than"),
    "tokenizer-deep": (text("tokenizer.json", "[" * 200_000), "tokenizer.json of .* is no JSON"),
    "tokenizer-list": (text("tokenizer.json", "[]"), "tokenizer.json of .* must be a JSON object, it is a list"),
    "tokenizer-empty": (
        text("tokenizer.json", "{}"),
        "fails on a few short texts: .*. Take the tokenizer's files",
    ),
    "tokenizer-config-list": (
        text("tokenizer_config.json", "[1]"),
        "tokenizer_config.json of .* must be a JSON object",
    ),
    "tokenizer-class-number": (
        text("tokenizer_config.json", '{"tokenizer_class": 5}'),
        "tokenizer_class 5, which is no name",
    ),
    "no-tokenizer": (remove("tokenizer.json", "tokenizer_config.json"), "has no tokenizer; `save_pretrained`"),
    "no-vocabulary": (remove("tokenizer.json"), "the tokenizer of .* has no vocabulary: there is no tokenizer.json"),
    "no-config": (remove("config.json"), "has no config.json; `save_pretrained` of the model writes it"),
    "config-malformed": (text("config.json", '{"model_type": "llama",'), "config.json of .* is no JSON .*; write it anew"),
    "config-list": (text("config.json", "[]"), "config.json of .* must be an object, it is a list"),
    "config-deep": (text("config.json", '{"a":' * 100_000), "config.json of .* is no JSON"),
    "config-large": (text("config.json", " " * 9_000_000), "config.json of .* may have 8 MB, it has more"),
    "config-latin1": (lambda f: (f / "config.json").write_bytes(b'{"\xe9": 1}'), "config.json of .* is no JSON"),
    "config-nan": (config(rms_norm_eps=float("nan")), "config.json of .* has NaN at rms_norm_eps, which is no number; write"),
    "type-text-for-number": (config(hidden_size="many"), "config.json of .* is no configuration of a llama model: .*hidden_size"),
    "type-float-for-number": (config(num_attention_heads=1.5), "config.json of .* is no configuration of a llama model"),
    "type-list-for-number": (config(intermediate_size=[40]), "config.json of .* is no configuration of a llama model"),
    "no-heads": (config(num_attention_heads=0, head_dim=None), "no configuration of a llama model|make no LlamaForCausalLM"),
    "negative": (config(intermediate_size=-40), "no configuration of a llama model|make no LlamaForCausalLM"),
    "activation-unknown": (config(hidden_act="explode"), "make no LlamaForCausalLM: 'explode' is unknown. Write"),
    "rope-unknown": (config(rope_parameters={"rope_type": "bend"}), "no configuration of a llama model|make no LlamaForCausalLM"),
    "type-unknown": (
        config(model_type="lama"),
        "says model_type 'lama', which .*; did you mean .*llama",
    ),
    "type-with-own-code": (
        config(model_type="mine", auto_map={"AutoModelForCausalLM": "code.Model"}),
        "model_type 'mine', which this transformers does not know; .* Code that comes with a model is never executed",
    ),
    "type-missing": (config(model_type=None), "says model_type None, which this transformers does not know"),
    "generation-list": (text("generation_config.json", "[]"), "generation_config.json of .* must be an object, it is a list"),
    "generation-end": (
        text("generation_config.json", '{"eos_token_id": "stop"}'),
        "says eos_token_id 'stop'; it must be the id",
    ),
    "generation-wrong": (
        text("generation_config.json", '{"cache_implementation": 7}'),
        "generation_config.json of .* will not do: ",
    ),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    folders.save(folder)
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "model")


def test_the_folder_before_it_is_changed_is_loaded(folder):
    assert load_model(str(folder)).info.layers == 3


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_folder_is_refused_in_one_sentence_and_soon(folder, kind):
    mutate, message = HOSTILE[kind]
    mutate(folder)
    before, memory = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError) as caught:
        load_model(str(folder))
    said = str(caught.value)
    assert re.search(message, said), said
    assert "\n" not in said
    assert len(said) < 800
    assert "Traceback" not in said
    assert time.monotonic() - before < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 2**20  # KiB: a GiB
    assert not (folder.parent / "ran").exists()


def harmless(**files):
    def mutate(folder):
        for name, content in files.items():
            (folder / name.replace("__", ".")).write_text(content)

    return mutate


IGNORED = {
    "attention": config(attn_implementation="kernels-community/evil", _attn_implementation="flash_attention_2"),
    "experts": config(experts_implementation="evil", _experts_implementation="evil"),
    "own-code": config(auto_map={"AutoModelForCausalLM": "code.Model", "AutoConfig": "code.Config"}),
    "other-file": config(transformers_weights="x.bin", extra_files=["../x"]),
    "kernels": config(use_kernels=True, kernel_config={"a": "evil/kernel"}, fusion_config={"a": True}),
    "methods": config(to_dict=1, get_text_config="x", _commit_hash=3),
    "tuples": config(return_dict=False, torchscript=True, output_hidden_states=True),
    "dtype": config(dtype="float8", torch_dtype="nonsense"),
    "adapter": harmless(adapter_config__json='{"base_model_name_or_path": "/etc", "peft_type": "LORA"}'),
    "generate": harmless(generate__py="raise SystemExit"),
    "tokenizer-paths": lambda f: folders.change(
        f,
        "tokenizer_config.json",
        vocab_file="/etc/passwd",
        tokenizer_file="../../x",
        auto_map={"AutoTokenizer": ["code.T", None]},
    ),
}


@pytest.mark.parametrize("kind", IGNORED)
def test_what_a_folder_may_not_decide_changes_nothing(whole, folder, kind):
    (folder / "code.py").write_text(
        f"open({str(folder.parent / 'ran')!r}, 'w')\nclass Model: pass\nclass Config: pass\nclass T: pass\n"
    )
    IGNORED[kind](folder)
    expected, found = load_model(str(whole)), load_model(str(folder))
    ids = torch.arange(8)[None]
    with torch.no_grad():
        assert torch.equal(found.model(ids).logits, expected.model(ids).logits)
    assert found.model.config._attn_implementation == expected.model.config._attn_implementation == "sdpa"
    assert found.tokenizer("w1 w2")["input_ids"] == [1, 2]
    assert not (folder.parent / "ran").exists()


def test_a_file_that_changes_while_it_is_loaded_is_noticed(folder, monkeypatch):
    from lensdoc.models import loading

    def load(*args):
        model = real(*args)
        (folder / "model.safetensors").touch()
        return model

    real = loading.load_weights
    monkeypatch.setattr(loading, "load_weights", load)
    with pytest.raises(ModelError, match="changed while they were loaded; load it again once they are whole"):
        load_model(str(folder))


def test_a_later_change_of_the_file_changes_no_weight(folder):
    model = load_model(str(folder)).model
    before = model.lm_head.weight.clone()
    with (folder / "model.safetensors").open("r+b") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        file.seek(8 + size)
        file.write(b"\0" * 50_000)
    assert torch.equal(model.lm_head.weight, before)


def test_what_a_configuration_may_not_decide_is_left_out_at_any_depth():
    deep = {"text_config": {"_attn_implementation": "x", "attn_implementation": "x", "hidden_size": 3}, "a": [{"auto_map": {}}]}
    assert clean(deep) == {"text_config": {"hidden_size": 3}, "a": [{}]}


def test_more_weights_than_the_memory_holds_are_refused_before_they_are_read(folder, monkeypatch):
    from lensdoc.models import weights

    monkeypatch.setattr(weights, "_read", lambda *_: pytest.fail("the weights were read"))
    monkeypatch.setattr(weights.psutil, "virtual_memory", lambda: type("M", (), {"available": 1000}))
    with pytest.raises(ModelError, match=r"needs 0.0 GB of memory .* ask for dtype='bfloat16', or take a smaller model"):
        load_model(str(folder))


def test_the_bound_on_modules_is_lifted_after_loading(folder):
    load_model(str(folder))
    torch.nn.Embedding(10_000, 3_000, device="meta")  # far larger than the folder's files
    assert GPT2Config().n_layer == 12
