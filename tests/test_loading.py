"""Loading what is right, however it was saved; its name, its revision, and its one line."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import site
import subprocess
import venv
from pathlib import Path

import folders
import pytest
import torch
import zoo
from families import TEXT, build, words
from tokenizers import AddedToken
from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    BartConfig,
    BartForCausalLM,
    BartForConditionalGeneration,
    BertConfig,
    BertForPreTraining,
    BertLMHeadModel,
)

from lensdoc import load_model
from lensdoc.core.errors import ModelError
from lensdoc.core.model_files import content_revision, lies_within, local_folder, local_source
from lensdoc.models.configs import build_config
from lensdoc.models.folder import Folder, read_folder

IDS = torch.arange(8)[None]
GEMMA3N = {
    **zoo.HEAD,
    "vocab_size_per_layer_input": 2_100,
    "hidden_size_per_layer_input": 8,
    "num_kv_shared_layers": 0,
    "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
    "activation_sparsity_pattern": [0.0] * zoo.LAYERS,
    "laurel_rank": 4,
}
BART = {
    "vocab_size": 60,
    "d_model": 24,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_ffn_dim": 40,
    "decoder_ffn_dim": 40,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "max_position_embeddings": 64,
}
BERT = {"vocab_size": 60, "hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 40}


@torch.no_grad()
def logits(model):
    return model.eval()(IDS).logits


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mine"


@pytest.mark.parametrize("family", ["llama", "gpt2", "gpt_neox", "gemma2", "mixtral", "qwen2"])
@pytest.mark.parametrize("tied", [False, True])
def test_all_weights_are_those_of_the_folder(folder, family, tied):
    model = folders.save(folder, family, tie_word_embeddings=tied)
    assert torch.equal(logits(load_model(str(folder)).model), logits(model))


@pytest.mark.parametrize(
    ("architecture", "sizes"),
    [
        ("gemma4_text", {"vocab_size_per_layer_input": 2_100, "hidden_size_per_layer_input": 8}),
        ("gemma3n_text", GEMMA3N),
        ("llama", {}),
        ("gpt2", {}),
        ("mixtral", {}),
        ("jamba", {}),
        ("qwen3_next", {}),
    ],
)
def test_an_architecture_is_loaded_as_it_was_saved(folder, architecture, sizes):
    model = zoo.build(architecture, **sizes)
    model.save_pretrained(folder)
    words().save_pretrained(folder)
    assert torch.equal(logits(load_model(str(folder)).model), logits(model))


@pytest.mark.long
def test_no_published_size_is_out_of_bounds():
    """The defaults of transformers are those of a published model of each kind; at least 150 kinds have them all."""
    read = 0
    for known in {config for config in CONFIG_MAPPING.values() if config in MODEL_FOR_CAUSAL_LM_MAPPING}:
        try:
            saved = json.loads(known().to_json_string(use_diff=False))
            known.from_dict(dict(saved))
        except Exception:  # noqa: BLE001, S112 - a kind whose defaults do not pass its own checks
            continue
        if not saved["is_encoder_decoder"]:
            build_config(Folder(Path(), known.model_type, saved, {}, {}, []))
            read += 1
    assert read >= 150


@pytest.mark.parametrize("family", ["qwen2", "gpt2", "llama"])
def test_a_tokenizer_of_its_own_reads_as_its_file_says(folder, tiny, family):
    """AutoTokenizer takes Qwen2Tokenizer for every Qwen 2, which reads "12" as two tokens."""
    build(family, vocab_size=3072).save_pretrained(folder)
    tiny.tokenizer.save_pretrained(folder)
    text = "The keys, 12 3\n a"
    assert load_model(str(folder)).tokenizer(text)["input_ids"] == tiny.tokenizer(text)["input_ids"]


@pytest.mark.long
def test_libraries_that_only_pythonpath_or_the_user_site_has_are_found(folder, tmp_path):
    """As after `pip install --user`: what is started to try the tokenizer finds what this process finds, and nothing else."""
    folders.save(folder)
    venv.create(tmp_path / "bare", with_pip=False, symlinks=os.name != "nt")
    bare = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin") / "python"
    places = os.pathsep.join([str(Path(__file__).parents[1]), *site.getsitepackages()])
    program = "import sys, lensdoc; print(lensdoc.load_model(sys.argv[1]).info.layers)"
    (tmp_path / "tokenizers.py").write_text("raise SystemExit('a file of the working folder was run')")
    done = subprocess.run(
        [bare, "-P", "-c", program, folder],
        env=os.environ | {"PYTHONPATH": places},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("3\n", 0), done.stderr


def test_a_tokenizer_that_reads_otherwise_than_its_file_is_told(folder, tiny):
    build("qwen2", vocab_size=3072).save_pretrained(folder)
    tiny.tokenizer.save_pretrained(folder)
    folders.change(folder, "tokenizer_config.json", tokenizer_class="Qwen2Tokenizer")
    with pytest.warns(UserWarning, match="Qwen2Tokenizer of transformers reads texts otherwise than tokenizer.json of .*; where"):
        load_model(str(folder))


def test_a_tied_head_is_in_no_file_and_is_the_embedding(folder):
    folders.save(folder, tie_word_embeddings=True)
    assert "lm_head.weight" not in folders.tensors(folder)
    model = load_model(str(folder)).model
    assert model.lm_head.weight is model.model.embed_tokens.weight


def test_a_model_that_was_saved_without_its_head_is_refused(folder):
    model = build("llama", tie_word_embeddings=False)
    model.model.save_pretrained(folder)
    words().save_pretrained(folder)
    with pytest.raises(ModelError, match="lacks weights of LlamaForCausalLM, which would be random: lm_head.weight"):
        load_model(str(folder))
    folders.change(folder, tie_word_embeddings=True)  # as the message says
    assert load_model(str(folder)).model.lm_head.weight.shape == (60, 24)


def test_shards_in_a_subfolder_are_loaded_and_hashed(folder):
    model = folders.save(folder)
    folders.split(folder, "parts/model-00002-of-00002.safetensors")
    before = load_model(str(folder))
    assert torch.equal(logits(before.model), logits(model))
    shard = folder / "parts" / "model-00002-of-00002.safetensors"
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    after = load_model(str(folder))
    assert not torch.equal(logits(after.model), logits(before.model))
    assert after.revision == content_revision(folder) != before.revision


def test_every_file_that_is_loaded_enters_the_revision(folder):
    folders.save(folder)
    folders.split(folder, "parts/model-00002-of-00002.safetensors")
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "tool.jinja").write_text("a")
    found = {content_revision(folder)}
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) >= 7
    for path in files:
        path.write_bytes(path.read_bytes() + b" ")
        found.add(content_revision(folder))
    assert len(found) == len(files) + 1


@pytest.mark.parametrize("name", [".x.model", "._tokenizer.model", "additional_chat_templates/.tool.jinja"])
def test_a_hidden_file_is_neither_loaded_nor_hashed(folder, name):
    """Such as those that macOS leaves beside each file on a disk of another kind."""
    folders.save(folder)
    before = content_revision(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("a")
    assert content_revision(folder) == before
    assert [path.name for path in read_folder(folder, "x").tokenizer] == ["tokenizer.json", "tokenizer_config.json"]


def test_what_lies_outside_is_never_hashed(folder):
    folders.save(folder)
    named = folders.split(folder)
    outside = folder.parent / "secret.safetensors"
    outside.write_bytes(b"1")
    folders.index(folder, dict.fromkeys(named, "../secret.safetensors"))
    before = content_revision(folder)
    outside.write_bytes(b"2")
    assert content_revision(folder) == before


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../../b", "a\\b", "C:a", "a\0", "link/x"])
def test_a_name_that_leads_out_of_the_folder(tmp_path, name):
    (tmp_path / "link").symlink_to(tmp_path.parent)
    assert not lies_within(tmp_path, name)
    assert lies_within(tmp_path, "a/b.safetensors")


def test_masks_of_old_checkpoints_and_rotary_tables_are_left_out(folder):
    model = folders.save(folder, "gpt2")
    mask = torch.ones(1, 1, 64, 64, dtype=torch.uint8)
    folders.extended(folder, **{"transformer.h.0.attn.bias": mask, "transformer.h.0.attn.masked_bias": torch.tensor(-1e4)})
    assert torch.equal(logits(load_model(str(folder)).model), logits(model))
    shutil.rmtree(folder)
    model = folders.save(folder)
    folders.extended(folder, **{"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(6)})
    assert torch.equal(logits(load_model(str(folder)).model), logits(model))


def test_a_bias_that_only_sounds_like_a_mask_is_refused(folder):
    folders.save(folder)
    folders.extended(folder, **{"model.layers.0.self_attn.attention.bias": torch.ones(24)})
    with pytest.raises(ModelError, match=r"does not have, so it is another model .*: model.layers.0.self_attn.attention.bias"):
        load_model(str(folder))


def test_what_only_an_encoder_needs_is_left_out_of_its_decoder(folder):
    torch.manual_seed(0)
    BertForPreTraining(BertConfig(is_decoder=True, **BERT)).save_pretrained(folder)
    words().save_pretrained(folder)
    held = folders.tensors(folder)
    assert {"bert.pooler.dense.weight", "cls.seq_relationship.weight"} < set(held)
    found = load_model(str(folder)).model
    assert isinstance(found, BertLMHeadModel)
    state = found.state_dict()
    assert all(torch.equal(state[name], value) for name, value in held.items() if name in state)


def test_an_encoder_decoder_is_no_decoder(folder):
    torch.manual_seed(0)
    BartForConditionalGeneration(BartConfig(**BART)).save_pretrained(folder)
    words().save_pretrained(folder)
    assert isinstance(load_model(str(folder)).model, BartForConditionalGeneration)
    folders.change(folder, is_encoder_decoder=False, is_decoder=True)  # a lie: the encoder is in the file
    with pytest.raises(ModelError, match="holds weights that BartForCausalLM does not have|lacks weights of BartForCausalLM"):
        load_model(str(folder))


@pytest.mark.parametrize("said", [1, "yes"])
def test_an_encoder_decoder_that_says_so_in_another_way_is_refused(folder, said):
    folders.save(folder)
    folders.change(folder, is_encoder_decoder=said)
    with pytest.raises(ModelError, match="model, which is no encoder-decoder that writes text"):
        load_model(str(folder))


def test_a_quantisation_that_is_null_is_none(folder):
    model = folders.save(folder)
    folders.change(folder, quantization_config=None, is_encoder_decoder=None)
    assert torch.equal(logits(load_model(str(folder)).model), logits(model))


def test_a_decoder_that_was_saved_as_one_is_right(folder):
    torch.manual_seed(0)
    model = BartForCausalLM(BartConfig(is_decoder=True, is_encoder_decoder=False, **BART))
    model.save_pretrained(folder)
    words().save_pretrained(folder)
    assert torch.equal(logits(load_model(str(folder)).model), logits(model))


def test_weights_of_16_bits_are_read_as_float32(folder):
    model = build("llama", tie_word_embeddings=False).to(torch.bfloat16)
    model.save_pretrained(folder)
    words().save_pretrained(folder)
    found = load_model(str(folder)).model
    assert found.dtype == torch.float32
    ours, theirs = found.state_dict(), model.state_dict()
    assert all(torch.equal(ours[name], theirs[name].float()) for name in theirs)
    assert load_model(str(folder), dtype="bfloat16").model.dtype == torch.bfloat16


def test_a_token_beyond_the_embedding_is_refused_only_where_a_text_holds_it(folder):
    folders.save(folder)
    tokenizer = words()
    tokenizer.add_tokens([AddedToken("[PAD]", special=True)])
    tokenizer.save_pretrained(folder)
    lm = load_model(str(folder))
    assert len(lm.score(TEXT).tokens) == 11
    with (
        pytest.warns(UserWarning, match=r"the prompt holds the text '\[PAD\]'"),
        pytest.raises(ModelError, match=r"has the token '\[PAD\]' \(60\), which was added to the tokenizer but not to mine"),
    ):
        lm.score("w1 [PAD] w2")


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ("{}/mine", None, "mine"),
        ("{}/mine/", None, "mine"),
        ("{}/mine/.", None, "mine"),
        ("{}/mine/../mine", None, "mine"),
        ("{}/other/..", None, None),
        ("{}/mine", "SmolLM2-135M (Q4_1)", "SmolLM2-135M (Q4_1)"),
        ("{}/mine", "org/model", "org/model"),
    ],
)
def test_readers_never_see_a_path(tmp_path, given, name, expected):
    folders.save(tmp_path / "mine")
    if expected is None:
        shutil.copytree(tmp_path / "mine", tmp_path, dirs_exist_ok=True)
        (tmp_path / "other").mkdir()
    lm = load_model(given.format(tmp_path), name=name)
    assert lm.id == (expected or tmp_path.name)
    assert lm.info.id == lm.id
    for said in (repr(lm), repr(lm.model.config), repr(lm.tokenizer), repr(lm.score(TEXT)), lm.model.name_or_path):
        assert str(tmp_path) not in said
        assert "lensdoc-tokenizer-" not in said


@pytest.mark.parametrize("name", ["", " ", "/a/b", "~/a", "./a", "a\\b", 3])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(ModelError, match="name must be what readers see, such as .*, and no path; it is"):
        load_model("lensdoc/tiny", name=name)


def test_a_relative_folder_is_called_by_its_last_part(tmp_path, monkeypatch):
    folders.save(tmp_path / "a" / "mine")
    monkeypatch.chdir(tmp_path / "a" / "mine")
    assert load_model(".").id == "mine"
    monkeypatch.chdir(tmp_path)
    assert load_model("a/mine").id == "mine"


@pytest.mark.parametrize("source", ["x" * 5000, "a\0b", "", 7, None, "../no", "no.gguf", "C:\\models\\mine"])
def test_a_source_that_cannot_be_is_refused_in_a_sentence(source):
    with pytest.raises(ModelError) as caught:
        load_model(source)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_is_here_is_told_from_what_is_not(tmp_path):
    (tmp_path / "a.gguf").touch()
    assert local_source(str(tmp_path / "a.gguf")) == tmp_path / "a.gguf"
    assert local_folder(str(tmp_path / "a.gguf")) is None
    assert local_source(str(tmp_path)) == local_folder(str(tmp_path)) == tmp_path
    assert local_source("org/model") is None
    assert local_source("a\0b") is None


def test_a_model_and_a_trace_are_one_line(tiny, count):
    weights = f"{tiny.model.num_parameters():,}"
    assert repr(tiny) == f"LanguageModel(lensdoc/tiny, 6 layers, width 128, {weights} weights, float32)"
    assert repr(count) == "Trace(5 input + 30 produced tokens, lensdoc/tiny: ' 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, …')"
    assert repr(tiny.score(" 1, 2", n_input=1)).endswith("lensdoc/tiny: ' 1, 2')")
    assert "'naïve 🙂'" in repr(tiny.score("naïve 🙂", n_input=1))
    for said in (repr(tiny), repr(count)):
        assert "\n" not in said
        assert len(said) < 120


def test_the_contract_of_load_model():
    named = inspect.signature(load_model).parameters
    assert list(named) == ["source", "revision", "device", "dtype", "name"]
    assert named["name"].default is None
