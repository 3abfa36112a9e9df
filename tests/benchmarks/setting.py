"""What every library is given: the same weights of DistilGPT2's shape, and the same 64 tokens, in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
from transformers.utils import logging

GIVEN, PRODUCED = 32, 32
WHOLE = GIVEN + PRODUCED
MANY = 256
"""Produced tokens of the long text, after as many given ones."""
STEPS = 50
IG_TARGETS = range(46, 50)
"""Positions of the four targets of integrated gradients: they see as many tokens as the 32 do on average."""
THREADS = 2
_VOCABULARY = 50_257
logging.disable_progress_bar()


def write(folder: Path) -> None:
    """Random weights, a tokenizer whose tokens are `w0`, `w1`..., and the ids of a text."""
    torch.manual_seed(0)
    config = GPT2Config(n_layer=6, attn_pdrop=0, embd_pdrop=0, resid_pdrop=0)
    GPT2LMHeadModel(config).save_pretrained(folder)
    inner = Tokenizer(models.WordLevel({f"w{i}": i for i in range(_VOCABULARY)}, unk_token="w0"))  # noqa: S106 - a token of text
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    last = f"w{_VOCABULARY - 1}"
    PreTrainedTokenizerFast(tokenizer_object=inner, bos_token=last, eos_token=last, pad_token=last).save_pretrained(folder)
    ids = torch.randint(1, _VOCABULARY - 1, (GIVEN + MANY,)).tolist()
    (folder / "ids.json").write_text(json.dumps(ids))


def ids(folder: Path, first: int = 0, last: int = WHOLE) -> torch.Tensor:
    """The ids of the text, (64,), or of a part of the long one."""
    return torch.tensor(json.loads((folder / "ids.json").read_text())[first:last])


def text(folder: Path, first: int = 0, last: int = WHOLE) -> str:
    """The same as one string."""
    return " ".join(f"w{i}" for i in ids(folder, first, last).tolist())


def model(folder: Path) -> GPT2LMHeadModel:
    """The model as transformers loads it."""
    return GPT2LMHeadModel.from_pretrained(folder).eval()


def tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Its tokenizer."""
    return PreTrainedTokenizerFast.from_pretrained(folder)
