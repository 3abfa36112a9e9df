from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from families import FAMILIES, SIZES, build
from tokenizers import Tokenizer, decoders, models
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    BertConfig,
    BertLMHeadModel,
    GenerationConfig,
    PreTrainedTokenizerFast,
)

from lensdoc import load_model
from lensdoc.core.errors import ModelError
from lensdoc.core.model_files import BUNDLED, content_revision
from lensdoc.models.ffn import down_projections, record_activations
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.tokens import read_text, read_tokens

ENCODER = {
    "vocab_size": 3072,
    "d_model": 24,
    "d_kv": 12,
    "d_ff": 30,
    "num_heads": 2,
    "num_attention_heads": 2,
    "decoder_start_token_id": 0,
}
BLOOM_NEURONS = 96  # Bloom's FFN is always four times as wide as its hidden state


def test_the_bundled_model_is_loaded_like_any_folder(tiny):
    folder = BUNDLED["lensdoc/tiny"]
    other = load_model(str(folder))
    assert other.id == "checkpoint"
    assert tiny.id == "lensdoc/tiny"
    assert other.revision == tiny.revision == content_revision(folder)
    for ours, theirs in zip(tiny.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_what_a_record_says_of_the_model(tiny):
    info = tiny.info
    assert (info.layers, info.width, info.neurons, info.vocabulary) == (6, 128, 512, 3072)
    assert info.parameters == sum(p.numel() for p in tiny.model.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "float33"}, "dtype 'float33' is unknown; did you mean float32"),
        ({}, "there is no folder '/no/such/model' here; give one that exists, a hub id or lensdoc/tiny"),
    ],
)
def test_a_model_that_cannot_be_had_is_explained(options, message):
    with pytest.raises(ModelError, match=message):
        load_model("/no/such/model", **options)


@pytest.mark.long
def test_a_hub_that_cannot_be_reached_is_named():
    """A process of its own: the hub's client reads the variable when it is imported."""
    script = (
        "import lensdoc\ntry: lensdoc.load_model('some/model')\nexcept Exception as error: print(type(error).__name__, error)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith(
        "ModelError 'some/model' is not on this machine: it is no folder here (a run looks in analyses/), and the hub cannot "
        "be reached (HF_HUB_OFFLINE is set); "
    )


@pytest.mark.parametrize(
    ("build_other", "message"),
    [
        (
            lambda: BertLMHeadModel(BertConfig(num_hidden_layers=1, hidden_size=24, **ENCODER)),
            "depends on those that follow",
        ),
    ],
)
def test_a_model_that_is_not_causal_is_refused(tiny, tmp_path, build_other, message):
    build_other().save_pretrained(tmp_path)
    tiny.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=message):
        load_model(str(tmp_path))


def test_a_revision_of_a_folder_and_a_device_that_is_none_are_refused():
    with pytest.raises(ModelError, match="revision 'v2' was asked for, but 'lensdoc/tiny' is a folder"):
        load_model("lensdoc/tiny", revision="v2")
    with pytest.raises(ModelError, match="device 'gpu' will not do; name one as torch does"):
        load_model("lensdoc/tiny", device="gpu")


def test_pickled_weights_are_refused(tiny, tmp_path):
    tiny.model.config.save_pretrained(tmp_path)
    tiny.tokenizer.save_pretrained(tmp_path)
    torch.save(tiny.model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="has no weights in the format safetensors .*; .* Pickled weights are never loaded"):
        load_model(str(tmp_path))


def test_greedy_generation_takes_the_most_probable_token_each_time(tiny):
    trace = tiny.generate(" 5, 6", max_new_tokens=6)
    ids = tiny.tokenizer(" 5, 6", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        for _ in range(6):  # without a cache
            ids = torch.cat([ids, tiny.model(ids).logits[:, -1:].argmax(-1)], dim=1)
    assert torch.equal(trace.ids, ids[0])
    assert [t.kind for t in trace.tokens] == ["input"] * 3 + ["output"] * 6
    assert trace.targets == range(3, 9)


@pytest.mark.parametrize(
    "settings", [{"repetition_penalty": 1.9}, {"num_beams": 3}, {"do_sample": True}, {"eos_token_id": [0, 5]}]
)
def test_settings_that_come_with_a_model_change_nothing(tiny, settings):
    expected = tiny.generate(" 1, 2", max_new_tokens=8).ids
    own = tiny.model.generation_config
    try:
        tiny.model.generation_config = GenerationConfig(**{"eos_token_id": 0, **settings})
        assert torch.equal(tiny.generate(" 1, 2", max_new_tokens=8).ids, expected)
    finally:
        tiny.model.generation_config = own


def test_generation_stops_at_the_end_of_the_text(tiny):
    trace = tiny.generate("The days of the week are:\n1. Monday", max_new_tokens=100)
    assert trace.tokens[-1].id == tiny.tokenizer.eos_token_id
    assert len(trace.tokens) < 60


def test_token_type_ids_of_a_tokenizer_change_nothing(tiny):
    class Typed:
        """A tokenizer that emits token_type_ids; GPT-2 would add an embedding for them at every position."""

        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def __call__(self, *args, **kwargs):
            encoded = self.inner(*args, **kwargs)
            return encoded | {"token_type_ids": [0] * len(encoded["input_ids"])}

    gpt2 = build("gpt2", vocab_size=tiny.model.config.vocab_size)
    plain, typed = (LanguageModel(gpt2, tokenizer, "gpt2", "none") for tokenizer in (tiny.tokenizer, Typed(tiny.tokenizer)))
    expected = plain.generate(" 1, 2", max_new_tokens=4)
    found = typed.generate(" 1, 2", max_new_tokens=4)
    assert torch.equal(found.ids, expected.ids)
    assert torch.equal(found.residual_stream, expected.residual_stream)


def test_a_bundled_model_that_is_none_names_the_nearest():
    with pytest.raises(ModelError, match="no bundled model 'lensdoc/tyni'; did you mean lensdoc/tiny"):
        load_model("lensdoc/tyni")


@pytest.mark.parametrize(
    ("prompt", "new", "message"),
    [
        (["a"], 3, "message 0 must have a role and a content; it is 'a'"),
        (7, 3, "a prompt is"),
        ("a", "3", "max_new_tokens must be an integer from 1, it is '3'"),
        ("", 3, "the prompt has no tokens"),
        (" 1", 0, "max_new_tokens must be an integer from 1, it is 0"),
        (" 1", 512, "ask for at most 511"),
    ],
)
def test_generation_that_cannot_be_is_refused(tiny, prompt, new, message):
    with pytest.raises(ModelError, match=message):
        tiny.generate(prompt, max_new_tokens=new)


@pytest.mark.parametrize("text", ["naïve 東京 🙂 ok", " 1, 2\n\t3", "<a>&</a>"])
def test_token_text_is_exact(tiny, text):
    ids = tiny.tokenizer(text)["input_ids"]
    tokens = read_tokens(tiny.tokenizer, ids, n_input=len(ids))
    raw = b"".join(bytes.fromhex(t.bytes) if t.bytes else t.text.encode() for t in tokens)
    assert raw.decode() == text
    assert [t.id for t in tokens] == ids


def test_tokens_that_are_not_whole_utf8_keep_their_bytes(tiny):
    ids = tiny.tokenizer("🙂")["input_ids"]
    tokens = read_tokens(tiny.tokenizer, ids, n_input=0)
    assert len(tokens) > 1
    assert all(t.bytes and "�" in t.text for t in tokens)
    assert "".join(t.bytes for t in tokens) == "🙂".encode().hex()


def test_a_vocabulary_of_characters_is_not_read_as_bytes():
    inner = Tokenizer(models.WordLevel({"é": 0, "▁ab": 1}, unk_token="é"))  # noqa: S106 - a token of text
    inner.decoder = decoders.Metaspace()
    tokens = read_tokens(PreTrainedTokenizerFast(tokenizer_object=inner), [0, 1], n_input=2)
    assert [(t.text, t.bytes) for t in tokens] == [("é", None), (" ab", None)]


def marked():
    """A vocabulary as SentencePiece writes it: a mark for spaces, pieces for bytes, a space of its own before a text."""
    pieces = ["<unk>", "▁The", "▁keys", "s", "<0xE6>", "<0x9D>", "<0xB1>", "▁"]
    inner = Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, [], unk_token="<unk>", byte_fallback=True))  # noqa: S106 - a token of text
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    inner.decoder = decoders.Sequence(steps)
    return PreTrainedTokenizerFast(tokenizer_object=inner)


def test_marked_pieces_keep_their_spaces_and_bytes():
    tokens = read_tokens(marked(), [1, 2, 3, 4], n_input=4)
    assert [(t.text, t.bytes) for t in tokens] == [(" The", None), (" keys", None), ("s", None), ("�", "e6")]


@pytest.mark.parametrize("ids", [[1, 2, 3], [2, 7, 1], [1, 4, 5, 6, 2]])
def test_tokens_of_a_text_joined_are_the_decoded_text(ids):
    tokens = read_text(marked(), ids, n_input=1)
    raw = b"".join(bytes.fromhex(t.bytes) if t.bytes else t.text.encode() for t in tokens)
    assert raw.decode() == marked().decode(ids)


def test_an_id_beyond_the_vocabulary_is_shown_as_unused(tiny):
    assert read_tokens(tiny.tokenizer, [100_000], n_input=0)[0].text == "<unused 100000>"


def test_an_added_token_with_a_space_is_shown_as_it_is():
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(load_model("lensdoc/tiny").tokenizer.backend_tokenizer.to_str())
    )
    tokenizer.add_tokens(["two words"])
    assert read_tokens(tokenizer, [len(tokenizer) - 1], n_input=0)[0].text == "two words"


def test_a_special_token_is_shown_as_it_is(tiny):
    end = tiny.tokenizer.eos_token_id
    assert read_tokens(tiny.tokenizer, [end], n_input=1)[0].text == "<|endoftext|>"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_ffn_is_found_without_a_table_of_models(family):
    model = build(family)
    neurons = BLOOM_NEURONS if family == "bloom" else 40
    ids = torch.arange(5) + 3
    found = record_activations(model, ids, [0, 2])
    assert found.shape == (2, 5, neurons)
    # Read the other way: what the projection gives must be the FFN's own output for these activations.
    seen = {}
    projection = down_projections(model)[2]
    handle = projection.register_forward_hook(lambda _, args, out: seen.update(given=args[0], made=out))
    with torch.no_grad():
        model(ids[None])
        assert torch.equal(seen["given"].reshape(5, neurons), found[1])
        assert torch.equal(projection(found[1]).reshape(seen["made"].shape), seen["made"])
    handle.remove()


def test_neurons_are_the_values_after_the_activation_function(tiny, count):
    block = tiny.model.gpt_neox.layers[4].mlp
    seen = []
    handle = block.act.register_forward_hook(lambda _, __, out: seen.append(out[0]))
    with torch.no_grad():
        tiny.model(count.ids[None])
    handle.remove()
    assert torch.equal(count.ffn_activations([4])[0], seen[0])


def test_hooks_are_removed_even_when_the_model_fails(tiny):
    with pytest.raises(ModelError, match="cannot read this text: its own code raises IndexError"):
        record_activations(tiny.model, torch.tensor([10**6]), [0])
    assert not any(module._forward_pre_hooks for module in tiny.model.modules())


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_an_ffn_as_wide_as_the_hidden_state_is_read_at_its_end(family):
    config = AutoConfig.for_model(family, **{**SIZES, "n_inner": 24, "intermediate_size": 24})
    model = AutoModelForCausalLM.from_config(config)
    names = {module: name for name, module in model.named_modules()}
    assert {names[p].rsplit(".", 1)[1] for p in down_projections(model)} == {"c_proj" if family == "gpt2" else "down_proj"}


def test_a_mixture_of_experts_is_named():
    model = build("mixtral", num_local_experts=2, num_experts_per_tok=1)
    with pytest.raises(
        ModelError, match=r"layer 0 of MixtralForCausalLM has no FFN neurons: it has a mixture of experts \(mlp\)"
    ):
        down_projections(model)
