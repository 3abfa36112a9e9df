"""What every library is given, in a folder: a model, a tokenizer, the ids of a text, and how much of it is measured.

There are two settings. `random`: random weights of DistilGPT2's shape and 64 random tokens. `real`: SmolLM2-135M-Instruct, as
`make real-model` brings it, and 48 tokens of the lighthouse text of this repository's article.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

THREADS = 2
_VOCABULARY = 50_257
_ROOT = Path(__file__).parents[2]
REAL_MODEL = _ROOT / "analyses" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
REAL_TEXT = _ROOT / "analyses" / "texts" / "lighthouse.txt"
logging.disable_progress_bar()


@dataclass(frozen=True)
class Sizes:
    """How much of the text is measured."""

    given: int
    produced: int
    steps: int
    """Of integrated gradients."""
    ig_first: int
    ig_last: int
    """Positions of the targets of integrated gradients, the last left out."""
    many: int
    """Produced tokens of the long text, after `given` ones; 0 for none."""

    @property
    def whole(self) -> int:
        """Tokens of the text."""
        return self.given + self.produced


RANDOM = Sizes(given=32, produced=32, steps=50, ig_first=46, ig_last=50, many=256)
"""The targets of integrated gradients see as many tokens as the 32 do on average."""
REAL = Sizes(given=24, produced=24, steps=20, ig_first=35, ig_last=37, many=0)


def write_random(folder: Path) -> None:
    """Random weights, a tokenizer whose tokens are `w0`, `w1`..., and the ids of a text."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = GPT2Config(n_layer=6, attn_pdrop=0, embd_pdrop=0, resid_pdrop=0)
    GPT2LMHeadModel(config).save_pretrained(folder)
    inner = Tokenizer(models.WordLevel({f"w{i}": i for i in range(_VOCABULARY)}, unk_token="w0"))  # noqa: S106 - a token of text
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    last = f"w{_VOCABULARY - 1}"
    PreTrainedTokenizerFast(tokenizer_object=inner, bos_token=last, eos_token=last, pad_token=last).save_pretrained(folder)
    _write(folder, torch.randint(1, _VOCABULARY - 1, (RANDOM.given + RANDOM.many,)).tolist(), RANDOM)


def write_real(folder: Path) -> None:
    """SmolLM2-135M-Instruct in float32, and the first tokens of a text."""
    import lensdoc

    if not REAL_MODEL.is_file():
        raise SystemExit(f"{REAL_MODEL.relative_to(_ROOT)} is not there; `make real-model` fetches it")
    lm = lensdoc.load_model(str(REAL_MODEL))
    lm.model.save_pretrained(folder)
    lm.tokenizer.save_pretrained(folder)
    found = lm.tokenizer(REAL_TEXT.read_text(encoding="utf-8"), add_special_tokens=False)["input_ids"]
    _write(folder, found[: REAL.whole], REAL)


def _write(folder: Path, ids: list[int], sizes: Sizes) -> None:
    (folder / "setting.json").write_text(json.dumps({"ids": ids, "sizes": asdict(sizes)}))


def _read(folder: Path) -> dict:
    return json.loads((folder / "setting.json").read_text())


def sizes(folder: Path) -> Sizes:
    """How much is measured."""
    return Sizes(**_read(folder)["sizes"])


def ids(folder: Path, first: int = 0, last: int | None = None) -> torch.Tensor:
    """The ids of the text, (tokens,), or of a part of the long one."""
    return torch.tensor(_read(folder)["ids"][first : sizes(folder).whole if last is None else last])


def text(folder: Path, first: int = 0, last: int | None = None) -> str:
    """The same as one string."""
    part = ids(folder, first, last).tolist()
    return tokenizer(folder).decode(part) if sizes(folder) == REAL else " ".join(f"w{i}" for i in part)


def model(folder: Path) -> PreTrainedModel:
    """The model as transformers loads it."""
    return AutoModelForCausalLM.from_pretrained(folder).eval()


def blocks(whole: PreTrainedModel) -> nn.ModuleList:
    """Its transformer blocks."""
    base = whole.base_model
    return base.h if hasattr(base, "h") else base.layers


def final_norm(whole: PreTrainedModel) -> nn.Module:
    """What stands between the last block and the unembedding."""
    base = whole.base_model
    return base.ln_f if hasattr(base, "ln_f") else base.norm


def tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Its tokenizer."""
    return AutoTokenizer.from_pretrained(folder)
