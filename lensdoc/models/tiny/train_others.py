"""Train `lensdoc/tiny-masked` or `lensdoc/tiny-seq2seq`: `python -m lensdoc.models.tiny.train_others MODEL [--steps N]`.

The second comes with lensdoc. The first does not: after 400 steps it filled too few masks rightly to be of use, and it has not
been trained for longer yet. Both have the vocabulary of `lensdoc/tiny` and a token more. The optimizers are those of `train`, and
what is said there of seeds, threads and machines holds here too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click
import torch
from tokenizers import AddedToken
from tokenizers.processors import TemplateProcessing
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import (
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from lensdoc.models.tiny.masked_rows import masked_batches
from lensdoc.models.tiny.pair_rows import pair_batches
from lensdoc.models.tiny.rows import UNKNOWN
from lensdoc.models.tiny.tokenizer import END_OF_TEXT
from lensdoc.models.tiny.train import CHECKPOINT, TRAINING

_CONTEXT = 128
_LEARNING_RATE_MUON = 0.02
_LEARNING_RATE_ADAMW = 5e-3
_WARM_STEPS = 50
_FLAT_SHARE = 0.5

Batches = Iterator[tuple[Tensor, Tensor]]


def masked_tokenizer() -> PreTrainedTokenizerFast:
    """The vocabulary of `lensdoc/tiny` and a mask, which takes the space before it."""
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(CHECKPOINT)
    tokenizer.add_special_tokens({"mask_token": AddedToken("<mask>", lstrip=True, special=True)})
    tokenizer.model_max_length = _CONTEXT
    return tokenizer


def paired_tokenizer() -> PreTrainedTokenizerFast:
    """The vocabulary of `lensdoc/tiny` and padding, with the end-of-text token after every text, as T5's has it."""
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(CHECKPOINT)
    tokenizer.add_special_tokens({"pad_token": "<pad>"})
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"$A {END_OF_TEXT}", special_tokens=[(END_OF_TEXT, tokenizer.eos_token_id)]
    )
    tokenizer.model_max_length = _CONTEXT
    return tokenizer


def build_masked(tokenizer: PreTrainedTokenizerFast) -> ModernBertForMaskedLM:
    """A ModernBERT of four layers, 128 wide, with four heads and 320 gated neurons in each FFN; all layers see the whole text."""
    end = tokenizer.eos_token_id
    config = ModernBertConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=320,
        num_hidden_layers=4,
        num_attention_heads=4,
        layer_types=["full_attention"] * 4,
        max_position_embeddings=_CONTEXT,
        pad_token_id=end,
        eos_token_id=end,
        bos_token_id=end,
        cls_token_id=end,
        sep_token_id=end,
    )
    return ModernBertForMaskedLM(config)


def build_paired(tokenizer: PreTrainedTokenizerFast) -> T5ForConditionalGeneration:
    """A T5 of three and three layers, 128 wide, with four heads and 256 neurons in each FFN; its head is the embedding."""
    settings: dict[str, Any] = {"tie_word_embeddings": True, "decoder_start_token_id": tokenizer.pad_token_id}
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=128,
        d_kv=32,
        d_ff=256,
        num_layers=3,
        num_decoder_layers=3,
        num_heads=4,
        dropout_rate=0.0,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **settings,
    )
    return T5ForConditionalGeneration(config)


def masked_logits(model: PreTrainedModel, ids: Tensor, targets: Tensor) -> Tensor:
    """Logits (masked, vocabulary) at the masks alone."""
    made: Any = model
    states = made.model(ids).last_hidden_state[targets != UNKNOWN]
    logits: Tensor = made.decoder(made.head(states))
    return logits


def paired_logits(model: PreTrainedModel, sources: Tensor, targets: Tensor) -> Tensor:
    """Logits (tokens, vocabulary) of all tokens of the targets."""
    seen = (sources != model.config.pad_token_id).long()
    logits: Tensor = model(input_ids=sources, attention_mask=seen, labels=targets).logits[targets != UNKNOWN]
    return logits


@dataclass(frozen=True)
class Kind:
    """How one of the models is made."""

    tokenizer: Callable[[], PreTrainedTokenizerFast]
    build: Callable[[PreTrainedTokenizerFast], PreTrainedModel]
    batches: Callable[[int, PreTrainedTokenizerFast], Batches]
    logits: Callable[[PreTrainedModel, Tensor, Tensor], Tensor]
    steps: int
    folder: str


KINDS = {
    "tiny-masked": Kind(masked_tokenizer, build_masked, masked_batches, masked_logits, 4000, "checkpoint_masked"),
    "tiny-seq2seq": Kind(paired_tokenizer, build_paired, pair_batches, paired_logits, 400, "checkpoint_seq2seq"),
}


def train(model: PreTrainedModel, kind: Kind, batches: Batches, steps: int) -> int:
    """Minimise the cross-entropy of what is masked, or of the target; how many tokens were predicted."""
    inner = [p for name, p in model.named_parameters() if p.ndim == 2 and (".layers." in name or ".block." in name)]
    chosen = {id(p) for p in inner}
    others = [p for p in model.parameters() if id(p) not in chosen]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(inner, lr=_LEARNING_RATE_MUON, weight_decay=0.01),
        torch.optim.AdamW(others, lr=_LEARNING_RATE_ADAMW, weight_decay=0.0),
    ]
    schedules = [torch.optim.lr_scheduler.LambdaLR(optimizer, _falling(steps)) for optimizer in optimizers]
    predicted, started = 0, time.process_time()
    for step, (ids, targets) in enumerate(islice(batches, steps)):
        wanted = targets[targets != UNKNOWN]
        logits = kind.logits(model, ids, targets)
        loss = cross_entropy(logits, wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        predicted += len(wanted)
        if step % 50 == 0:
            right = float((logits.argmax(-1) == wanted).float().mean())
            click.echo(f"step {step:5d}  loss {loss.item():.3f}  right {right:.2f}  {time.process_time() - started:6.0f} CPU s")
    return predicted


def _falling(steps: int) -> Callable[[int], float]:
    """Rising for some steps, flat, then falling to zero in a straight line."""

    def rate(step: int) -> float:
        return min(1.0, (step + 1) / _WARM_STEPS, (1 - step / steps) / (1 - _FLAT_SHARE))

    return rate


@click.command()
@click.argument("name", metavar="MODEL", type=click.Choice(list(KINDS)))
@click.option("--steps", type=click.IntRange(min=1), show_default="4000 for tiny-masked, 400 for tiny-seq2seq")
@click.option("--seed", default=1, show_default=True)
@click.option("--threads", default=1, show_default=True, help="Another number rounds differently.")
@click.option("--out", type=click.Path(path_type=Path), show_default="the package's checkpoint")
def main(name: str, steps: int | None, seed: int, threads: int, out: Path | None) -> None:
    """Train a masked or an encoder-decoder version of lensdoc/tiny and save it as 16-bit safetensors."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(mode=True)
    kind = KINDS[name]
    folder, count = out or CHECKPOINT.with_name(kind.folder), steps or kind.steps
    tokenizer = kind.tokenizer()
    model = kind.build(tokenizer).train()
    predicted = train(model, kind, kind.batches(seed, tokenizer), count)
    model.eval().half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    said = {"steps": count, "predicted tokens": predicted, "seed": seed, "threads": threads, "torch": torch.__version__}
    (folder / TRAINING).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    click.echo(f"saved to {folder}")


if __name__ == "__main__":
    main()
