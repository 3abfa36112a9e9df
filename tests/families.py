"""Small models of the usual families, built from their configs with random weights; nothing is downloaded."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

from lensdoc.models.language_model import LanguageModel

VOCABULARY = 60
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "intermediate_size": 40,
    "ffn_dim": 40,
    "word_embed_proj_dim": 24,
    "n_inner": 40,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
FAMILIES = ["gpt2", "gpt_neox", "opt", "bloom", "llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "phi"]
SOME = ["gpt2", "bloom", "qwen3", "gemma2"]
"""Those that differ most: learned positions and transposed weights; ALiBi and a norm of the embeddings; RMS norms, norms of heads
and shared keys; scaled embeddings and soft caps. Each file has tests with all families too."""


def build(family, **sizes):
    """A model whose weights are large enough that its logits differ and its norms matter."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **SIZES | sizes)).eval()
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=1.0 if "norm" in name or "ln_" in name else 0.0, std=0.2)
        else:
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def words():
    """A tokenizer whose tokens are `w0` to `w59`, parted by spaces."""
    inner = Tokenizer(models.WordLevel({f"w{i}": i for i in range(VOCABULARY)}, unk_token="w0"))  # noqa: S106 - a token of text
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=inner)


def family_model(family, dtype=torch.float32, **sizes):
    """The model as lensdoc loads one."""
    return LanguageModel(build(family, **sizes).to(dtype), words(), family, "none")


TEXT = "w3 w14 w15 w9 w26 w5 w35 w8 w9 w7 w3"
