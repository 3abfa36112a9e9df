"""Small masked language models with random weights and their tokenizers; nothing is downloaded."""

from __future__ import annotations

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForMaskedLM, PreTrainedTokenizerFast

from lensdoc.models.language_model import LanguageModel

WORDS = ["the", "capital", "of", "france", "is", "paris", "##s", ".", "a", "city", "big", "and", "old", "town", "river", "seine"]
_WORD_PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *WORDS,
    *"abcdefghij"[1:],
    *(f"##{c}" for c in "abcdefghijklmnopqrt"),
]
_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
_BYTE_PIECES = ["<s>", "<pad>", "</s>", "<unk>", *_BYTES, "<mask>"]
SIZES = {
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 64,
}
_BERT = {**SIZES, "vocab_size": len(_WORD_PIECES), "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3}
_ROBERTA = {**SIZES, "vocab_size": len(_BYTE_PIECES), "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
FAMILIES = {
    "bert": _BERT,
    "roberta": _ROBERTA,
    "distilbert": {
        "vocab_size": len(_WORD_PIECES),
        "dim": 24,
        "n_layers": 3,
        "n_heads": 2,
        "hidden_dim": 40,
        "max_position_embeddings": 64,
    },
    "electra": {**_BERT, "embedding_size": 16},
    "modernbert": {**_ROBERTA, "cls_token_id": 0, "sep_token_id": 2, "global_attn_every_n_layers": 2, "local_attention": 6},
    "deberta-v2": {
        **_BERT,
        "relative_attention": True,
        "pos_att_type": ["c2p", "p2c"],
        "position_biased_input": False,
        "position_buckets": 4,
        "max_relative_positions": 8,
        "norm_rel_ebd": "layer_norm",
    },
}
SOME = ["bert", "modernbert"]
"""Those that differ most: post-norm, learned positions, word pieces; pre-norm, rotary and partly local attention, bytes."""
OTHERS = {
    "albert": {**_BERT, "embedding_size": 16},
    "mobilebert": {**_BERT, "true_hidden_size": 24, "intra_bottleneck_size": 24, "embedding_size": 16},
    "ibert": _BERT,
    "esm": {**_BERT, "mask_token_id": 4},
    "fnet": {key: value for key, value in _BERT.items() if key != "num_attention_heads"},
}
"""Families of which something is refused."""
BYTES = {"roberta", "modernbert"}


def tokenizer(family):
    """Word pieces that lower the case, or bytes with a mask that takes the space before it, as the families have."""
    if family in BYTES:
        inner = Tokenizer(models.BPE({piece: index for index, piece in enumerate(_BYTE_PIECES)}, [], unk_token="<unk>"))  # noqa: S106
        inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        names = {"cls_token": "<s>", "sep_token": "</s>", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
        mask, ends = AddedToken("<mask>", lstrip=True, special=True), ("<s>", 0, "</s>", 2)
        names |= {"unk_token": "<unk>", "mask_token": mask}
    else:
        inner = Tokenizer(models.WordPiece({piece: index for index, piece in enumerate(_WORD_PIECES)}, unk_token="[UNK]"))  # noqa: S106
        inner.normalizer, inner.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
        inner.decoder, ends = decoders.WordPiece(), ("[CLS]", 2, "[SEP]", 3)
        names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]"}
    first, first_id, last, last_id = ends
    inner.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, first_id), (last, last_id)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=inner, **names)


def build(family, **sizes):
    """A model whose weights are large enough that its logits differ and its norms matter."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = AutoModelForMaskedLM.from_config(AutoConfig.for_model(family, **(FAMILIES | OTHERS)[family] | sizes)).eval()
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=1.0 if "norm" in name.lower() and "weight" in name else 0.0, std=0.2)
        else:
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def masked_model(family, dtype=torch.float32, **sizes):
    """The model as lensdoc loads one."""
    return LanguageModel(build(family, **sizes).to(dtype), tokenizer(family), family, "none")


def masked_text(family, text):
    """A text whose masks, written `_`, are spelled as the family's tokenizer spells them."""
    return text.replace("_", "<mask>" if family in BYTES else "[MASK]")


TWO = "The capital _ France is _."
WHOLE = "The city of Paris is old."
