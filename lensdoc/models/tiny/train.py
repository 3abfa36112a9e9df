"""Train `lensdoc/tiny` from scratch: `python -m lensdoc.models.tiny.train [--steps 1500] [--out FOLDER]`.

Deterministic for one seed, thread count and machine; other processors round differently, so the weights are shipped and
never trained again by a build or a test. Matrices of the blocks are trained with Muon (Jordan et al. 2024), the rest with
AdamW (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import click
import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from lensdoc.models.tiny.corpus import MIXTURE, Generator, documents
from lensdoc.models.tiny.tokenizer import train_tokenizer

CONTEXT = 256
ROWS = 16
TOKENS_PER_STEP = CONTEXT * ROWS
CHECKPOINT = Path(__file__).parent / "checkpoint"
_LEARNING_RATE_MUON = 0.02
_LEARNING_RATE_ADAMW = 3e-3
_FLAT_SHARE = 0.4


def build_model(tokenizer: PreTrainedTokenizerFast) -> GPT2LMHeadModel:
    """A GPT-2 of six layers, 128 wide, with four heads and 512 neurons in each FFN."""
    end = tokenizer.eos_token_id
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=CONTEXT,
        n_embd=128,
        n_layer=6,
        n_head=4,
        n_inner=512,
        activation_function="gelu_pytorch_tanh",
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=end,
        eos_token_id=end,
    )
    return GPT2LMHeadModel(config)


def rows(seed: int, tokenizer: PreTrainedTokenizerFast) -> Iterator[list[int]]:
    """Rows of `CONTEXT + 1` ids; each starts where a document starts, so that prompts may stand at position 0."""
    random = Random(seed)
    sources = {generator: documents(random, generator) for generator in MIXTURE}
    given = dict.fromkeys(MIXTURE, 0)
    while True:
        row: list[int] = []
        while len(row) <= CONTEXT:
            kind = _most_wanting(given)
            ids = tokenizer(next(sources[kind]))["input_ids"]
            given[kind] += len(ids)
            row += [*ids, tokenizer.eos_token_id]
        yield row[: CONTEXT + 1]


def _most_wanting(given: dict[Generator, int]) -> Generator:
    total = sum(given.values()) or 1
    return max(MIXTURE, key=lambda kind: MIXTURE[kind] - given[kind] / total)


def train(model: GPT2LMHeadModel, batches: Iterator[Tensor], steps: int) -> None:
    """Minimise the next-token cross-entropy; learning rates are flat, then fall linearly to zero."""
    blocks = [p for p in model.transformer.h.parameters() if p.ndim == 2]
    chosen = {id(p) for p in blocks}
    others = [p for p in model.parameters() if id(p) not in chosen]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(blocks, lr=_LEARNING_RATE_MUON, weight_decay=0.01),
        torch.optim.AdamW(others, lr=_LEARNING_RATE_ADAMW, weight_decay=0.0),
    ]
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(o, lambda step: min(1.0, (1 - step / steps) / (1 - _FLAT_SHARE))) for o in optimizers
    ]
    started = time.monotonic()
    for step in range(steps):
        ids = next(batches)  # (ROWS, CONTEXT + 1)
        logits = model(ids[:, :-1]).logits  # (ROWS, CONTEXT, vocabulary)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        if step % 50 == 0 or step == steps - 1:
            click.echo(f"step {step:5d} of {steps}  loss {loss.item():.3f}  {time.monotonic() - started:6.0f} s")


@click.command()
@click.option("--steps", default=1500, show_default=True, help=f"Steps of {TOKENS_PER_STEP:,} tokens.")
@click.option("--seed", default=1, show_default=True)
@click.option("--threads", default=2, show_default=True, help="Another number rounds differently.")
@click.option("--out", default=CHECKPOINT, type=click.Path(path_type=Path), show_default="the package's checkpoint")
def main(steps: int, seed: int, threads: int, out: Path) -> None:
    """Train lensdoc/tiny and save it as 16-bit safetensors."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(mode=True)
    tokenizer = train_tokenizer(seed, CONTEXT)
    source = rows(seed, tokenizer)
    model = build_model(tokenizer).train()
    batches = iter(lambda: torch.tensor([next(source) for _ in range(ROWS)]), None)
    train(model, batches, steps)
    model.eval().half().save_pretrained(out)
    tokenizer.save_pretrained(out)
    click.echo(f"saved to {out}")


if __name__ == "__main__":
    main()
