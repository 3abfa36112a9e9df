"""Train `lensdoc/tiny` from scratch: `python -m lensdoc.models.tiny.train [--steps 1500] [--out FOLDER]`.

Deterministic for one seed, thread count and machine; other processors round differently, so the weights are shipped and
never trained again by a build or a test. Matrices of the blocks are trained with Muon (Jordan et al. 2024), the rest with
AdamW (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from itertools import chain, islice
from pathlib import Path

import click
import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, PreTrainedTokenizerFast

from lensdoc.models.tiny.rows import (
    CONTEXT,
    TOKENS_PER_STEP,
    UNKNOWN,
    WARM_UP_STEPS,
    WARM_UP_TOKENS_PER_STEP,
    Batch,
    batches,
    warm_up,
)
from lensdoc.models.tiny.tokenizer import train_tokenizer

TRAINING = "training.json"
"""Beside the weights: how they were made."""

CHECKPOINT = Path(__file__).parent / "checkpoint"
_LEARNING_RATE_MUON = 0.03
_LEARNING_RATE_ADAMW = 1e-2
_LOWER = 0.5
"""Factor of both rates after the warm-up."""
_FLAT_SHARE = 0.4
_PREVIOUS_TOKEN_BIAS = 5.0


def build_model(tokenizer: PreTrainedTokenizerFast) -> GPTNeoXForCausalLM:
    """A GPT-NeoX of six layers, 128 wide, with four heads and 512 neurons in each FFN.

    Its positions are rotary: with learned ones a model of this size needs many times the text until it copies.
    """
    end = tokenizer.eos_token_id
    config = GPTNeoXConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=CONTEXT,
        hidden_size=128,
        num_hidden_layers=6,
        num_attention_heads=4,
        intermediate_size=512,
        hidden_act="gelu_pytorch_tanh",
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0, "partial_rotary_factor": 1.0},
        use_parallel_residual=False,
        tie_word_embeddings=True,
        bos_token_id=end,
        eos_token_id=end,
    )
    model = GPTNeoXForCausalLM(config)
    _attend_to_the_previous_token(model)
    return model


@torch.no_grad()
def _attend_to_the_previous_token(model: GPTNeoXForCausalLM) -> None:
    """Let the first head of the first layer begin as one that attends to the token before.

    Copying takes two layers, one to know what stood before each token, one to look for it (Olsson et al. 2022), and neither is
    of use before the other is there: begun at random, a model of this size did not find both in the time of this training.
    A query bias of angle 0 and a key bias of angle `f` in every rotary pair of frequency `f` have the largest product one
    position apart.
    """
    size = model.config.hidden_size // model.config.num_attention_heads
    angles = model.gpt_neox.rotary_emb.inv_freq  # (size / 2,)
    query, key = (torch.cat([angle.cos(), angle.sin()]) for angle in (torch.zeros_like(angles), angles))
    # Rows: query, key and value of the first head, then of the next.
    name = "gpt_neox.layers.0.attention.query_key_value"
    model.get_parameter(f"{name}.weight")[: 2 * size] = 0
    model.get_parameter(f"{name}.bias")[: 2 * size] = _PREVIOUS_TOKEN_BIAS * torch.cat([query, key])


def train(model: GPTNeoXForCausalLM, batches: Iterable[Batch], rate: Callable[[int], float]) -> None:
    """Minimise the next-token cross-entropy; `rate` is the factor of the learning rates at a step."""
    blocks = [p for p in model.gpt_neox.layers.parameters() if p.ndim == 2]
    chosen = {id(p) for p in blocks}
    others = [p for p in model.parameters() if id(p) not in chosen]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(blocks, lr=_LEARNING_RATE_MUON, weight_decay=0.01),
        torch.optim.AdamW(others, lr=_LEARNING_RATE_ADAMW, weight_decay=0.0),
    ]
    schedules = [torch.optim.lr_scheduler.LambdaLR(optimizer, rate) for optimizer in optimizers]
    started = time.monotonic()
    for step, (ids, targets) in enumerate(batches):
        logits = model(ids).logits  # (rows, length, vocabulary)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=UNKNOWN)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        if step % 50 == 0:
            copied = float((logits.argmax(-1) == targets)[: len(ids) // 8].sum() / (targets[: len(ids) // 8] != UNKNOWN).sum())
            click.echo(f"step {step:5d}  loss {loss.item():.3f}  copied {copied:.2f}  {time.monotonic() - started:6.0f} s")


def falling(steps: int) -> Callable[[int], float]:
    """Full in the warm-up, then lower and flat, then falling to zero in a straight line."""

    def rate(step: int) -> float:
        done = (step - WARM_UP_STEPS) / steps
        return 1.0 if done < 0 else _LOWER * min(1.0, (1 - done) / (1 - _FLAT_SHARE))

    return rate


@click.command()
@click.option("--steps", default=1500, show_default=True, help=f"Steps of {TOKENS_PER_STEP:,} tokens.")
@click.option("--seed", default=1, show_default=True)
@click.option("--threads", default=1, show_default=True, help="Another number rounds differently.")
@click.option("--out", default=CHECKPOINT, type=click.Path(path_type=Path), show_default="the package's checkpoint")
def main(steps: int, seed: int, threads: int, out: Path) -> None:
    """Train lensdoc/tiny and save it as 16-bit safetensors."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(mode=True)
    tokenizer = train_tokenizer(seed, CONTEXT)
    model = build_model(tokenizer).train()
    train(model, chain(warm_up(seed, len(tokenizer)), islice(batches(seed, tokenizer), steps)), falling(steps))
    model.eval().half().save_pretrained(out)
    tokenizer.save_pretrained(out)
    tokens = WARM_UP_STEPS * WARM_UP_TOKENS_PER_STEP + steps * TOKENS_PER_STEP
    said = {
        "warm-up steps": WARM_UP_STEPS,
        "steps": steps,
        "tokens": tokens,
        "seed": seed,
        "threads": threads,
        "torch": torch.__version__,
    }
    (out / TRAINING).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    click.echo(f"saved to {out}")


if __name__ == "__main__":
    main()
