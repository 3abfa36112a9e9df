"""Small encoders with decoders with random weights and their tokenizers; nothing is downloaded."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForSeq2SeqLM, PreTrainedTokenizerFast

from lensdoc.models.language_model import LanguageModel

VOCABULARY = 60
PAD, END, BEGIN = 0, 1, 2
_BART = {
    "vocab_size": VOCABULARY,
    "d_model": 24,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 40,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 64,
    "pad_token_id": PAD,
    "bos_token_id": BEGIN,
    "eos_token_id": END,
    "decoder_start_token_id": END,
}
_T5 = {
    "vocab_size": VOCABULARY,
    "d_model": 24,
    "d_kv": 12,
    "d_ff": 40,
    "num_layers": 2,
    "num_decoder_layers": 3,
    "num_heads": 2,
    "relative_attention_num_buckets": 8,
    "pad_token_id": PAD,
    "eos_token_id": END,
    "decoder_start_token_id": PAD,
}
FAMILIES = {
    "t5": _T5,
    "mt5": _T5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
    "umt5": _T5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
    "bart": _BART,
    "mbart": _BART | {"scale_embedding": True},
    "marian": _BART | {"scale_embedding": True, "decoder_start_token_id": PAD},
    "pegasus": _BART | {"scale_embedding": True, "decoder_start_token_id": PAD},
}
"""T5's own head is its embedding, scaled; its positions are relative. Stacks have different numbers of layers and neurons."""


def tokenizer():
    """Words `w3` to `w59`, with the end after every text."""
    words = {"<pad>": PAD, "</s>": END, "<s>": BEGIN, **{f"w{i}": i for i in range(3, VOCABULARY)}}
    inner = Tokenizer(models.WordLevel(words, unk_token="w3"))  # noqa: S106 - a token of text
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", END)])
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="</s>", pad_token="<pad>")  # noqa: S106 - tokens of text


def build(family, **sizes):
    """A model whose weights are large enough that its logits differ and its norms matter; Marian adds to its logits."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = AutoModelForSeq2SeqLM.from_config(AutoConfig.for_model(family, **FAMILIES[family] | sizes)).eval()
    for name, parameter in model.named_parameters():
        if "embed_positions" in name and family in {"marian", "pegasus"}:
            continue  # sinusoids, which are made and not loaded
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=1.0 if "norm" in name.lower() and "weight" in name else 0.0, std=0.2)
        else:
            torch.nn.init.normal_(parameter, std=0.3)
    model.generation_config.forced_bos_token_id = {"bart": BEGIN, "mbart": 7}.get(family)
    if family == "marian":
        model.generation_config.bad_words_ids = [[PAD]]
        torch.nn.init.normal_(model.final_logits_bias, std=0.5)
    return model


def paired_model(family, dtype=torch.float32, **sizes):
    """The model as lensdoc loads one."""
    return LanguageModel(build(family, **sizes).to(dtype), tokenizer(), family, "none")


SOURCE = "w3 w14 w15 w9 w26 w5"
TARGET = "w8 w9 w7 w40"
