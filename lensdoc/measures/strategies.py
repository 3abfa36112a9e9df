"""The measure `decoding`: what several strategies make of one prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.names import nearest
from lensdoc.core.progress import each
from lensdoc.measures.layers import one_stack_only
from lensdoc.models.decoding import Sampling
from lensdoc.models.forward import in_words, supported
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.prompts import Prompt
from lensdoc.models.tokens import read_text
from lensdoc.models.trace import Trace
from lensdoc.records.decoding import Decoding, Hypothesis, Strategy
from lensdoc.records.fields import Fact
from lensdoc.records.tokens import Token

_DRAWN = ("do_sample", "temperature", "top_k", "top_p")
_BEAMS = ("num_beams", "length_penalty")


def decoding(
    lm: LanguageModel,
    prompt: Prompt,
    strategies: Mapping[str, Mapping[str, Any]],
    *,
    max_new_tokens: int = 40,
    seed: int = 0,
) -> Decoding:
    """What several strategies make of one prompt, token by token.

    Of each produced token, with the model's own logits `z` before it, at temperature 1 and uncut:

        prob = softmax(z)[token]        rank = 1 + #{v: z[v] > z[token]}        entropy = -sum_v p[v] log2 p[v], in bits
        kept = how many tokens the strategy could have drawn: 1 greedily, else those that `top_k` and `top_p` leave

    Greedy decoding and drawing are those of `generate`; every strategy that draws begins with the same seed. A beam search is
    transformers' own: of the `num_beams` texts that it kept to the end all are in the record, ordered by the sum of
    log-probabilities over the length to the power of `length_penalty`. Those that it gave up on the way are not.

    Facts: `strategies`, and of each, counted from 1: `strategy_1` (its name), `strategy_1_mean_prob`, `strategy_1_median_rank`,
    `strategy_1_log_prob` (natural logarithm, of the whole text), and where tokens were drawn `strategy_1_median_kept`.

    Args:
        lm: The model.
        prompt: The given text, or a chat; see `LanguageModel.generate`.
        strategies: Names to settings: `{}` for greedy decoding; `do_sample=True` with `temperature`, `top_k`, `top_p`;
            `num_beams` from 2 with `length_penalty` (1 unless said).
        max_new_tokens: How many tokens each produces at most.
        seed: With which each strategy that draws begins.

    Raises:
        MeasureError: There are no strategies, or one has an unknown setting.
        ModelError: The prompt or a setting will not do; see `LanguageModel.generate`.
    """
    one_stack_only(lm, "decoding")
    if not isinstance(strategies, Mapping) or not strategies:
        raise MeasureError(
            f"decoding takes names of strategies with their settings, such as {{'greedy': {{}}}}; not {strategies!r}"
        )
    for name, settings in strategies.items():
        _check(name, settings)
    found = [
        _strategy(lm, prompt, name, dict(strategies[name]), max_new_tokens, seed) for name in each("decoding", list(strategies))
    ]
    traces, made = zip(*found, strict=True)
    given: Trace = traces[0]
    return Decoding(
        tokens=given.tokens[: given.n_input],
        facts={"strategies": len(made), **_facts(made)},
        model=lm.info,
        provenance=given.provenance.model_copy(update={"seed": None}),
        seed=seed,
        strategies=tuple(made),
    )


def _check(name: str, settings: Mapping[str, Any]) -> None:
    valid = _BEAMS if "num_beams" in settings else _DRAWN
    for setting in settings:
        if setting not in valid:
            raise MeasureError(f"strategy {name!r} has an unknown setting {setting!r}; {nearest(setting, valid)}")
    if "num_beams" not in settings and settings and not settings.get("do_sample"):
        raise MeasureError(f"strategy {name!r} sets {', '.join(settings)} and draws no token; add do_sample=True")
    beams = settings.get("num_beams", 2)
    if not isinstance(beams, int) or beams < 2:  # noqa: PLR2004 - one beam is greedy decoding
        raise MeasureError(f"strategy {name!r} needs num_beams from 2, it is {beams!r}; {{}} is greedy decoding")


def _strategy(  # noqa: PLR0913, PLR0917 - what one strategy is made of
    lm: LanguageModel, prompt: Prompt, name: str, settings: dict[str, Any], most: int, seed: int
) -> tuple[Trace, Strategy]:
    beams: tuple[Hypothesis, ...] | None = None
    if "num_beams" in settings:
        trace, beams = _searched(lm, prompt, settings, most)
    else:
        trace = lm.generate(prompt, max_new_tokens=most, seed=seed, **settings)
    logits = _logits(trace)  # (t, vocabulary)
    ids = trace.ids[trace.n_input :]
    own = logits.gather(1, ids[:, None])
    log_probs = logits.log_softmax(-1)
    chosen = log_probs.gather(1, ids[:, None])[:, 0]
    entropies = torch.special.entr(log_probs.exp()).sum(-1) / torch.log(torch.tensor(2.0, dtype=logits.dtype))
    return trace, Strategy(
        name=name,
        settings=settings,
        tokens=trace.tokens[trace.n_input :],
        probs=tuple(chosen.exp().clamp(max=1).tolist()),
        ranks=tuple((1 + (logits > own).sum(1)).tolist()),
        entropies=tuple(entropies.clamp(min=0).tolist()),
        kept=None if beams else _kept(logits, settings, seed),
        log_prob=float(chosen.sum()),
        beams=beams,
    )


@torch.no_grad()
def _logits(trace: Trace) -> Tensor:
    """The model's logits before each produced token, (t, vocabulary), in float64 on the CPU."""
    model = trace.lm.model
    with in_words(model, "read this text"):
        logits: Tensor = model(trace.ids[None, :-1], **supported(model, use_cache=False)).logits[0, trace.n_input - 1 :]
    return logits.double().cpu()


def _kept(logits: Tensor, settings: Mapping[str, Any], seed: int) -> tuple[int, ...]:
    if not settings.get("do_sample"):
        return (1,) * len(logits)
    values = {name: value for name, value in settings.items() if name != "do_sample"}
    cut = Sampling(**values, seed=seed).cut(logits.float())
    return tuple(cut.isfinite().sum(1).tolist())


@torch.no_grad()
def _searched(lm: LanguageModel, prompt: Prompt, settings: Mapping[str, Any], most: int) -> tuple[Trace, tuple[Hypothesis, ...]]:
    """The best text of a beam search, and all that it kept to the end."""
    greedy = lm.generate(prompt, max_new_tokens=most)  # which also finds out whether the model's cache holds
    given = greedy.ids[None, : greedy.n_input]
    ends = lm.model.generation_config.eos_token_id
    end = ends[0] if isinstance(ends, list) else ends
    config = type(lm.model.generation_config)(
        **settings,
        do_sample=False,
        max_new_tokens=most,
        num_return_sequences=settings["num_beams"],
        eos_token_id=ends,
        pad_token_id=0 if end is None else end,
        use_cache=lm.continuation.ways[0] == "cache",
        return_dict_in_generate=True,
        output_scores=True,
    )
    search: Any = lm.model.generate
    with in_words(lm.model, "search with beams"):
        found = search(given, attention_mask=torch.ones_like(given), generation_config=config)
    stops = set(ends if isinstance(ends, list) else [ends])
    rows = [_until(row, greedy.n_input, stops) for row in found.sequences.tolist()]
    best = torch.tensor(rows[0], device=greedy.ids.device)
    beams = tuple(
        Hypothesis(tokens=_produced(lm, row, greedy.n_input), score=score)
        for row, score in zip(rows, found.sequences_scores.tolist(), strict=True)
    )
    return Trace(lm, best, (*greedy.tokens[: greedy.n_input], *beams[0].tokens), greedy.n_input), beams


def _until(row: Sequence[int], n_input: int, ends: set[int | None]) -> list[int]:
    """A row of ids without the padding behind its end."""
    stop = next((i + 1 for i, token in enumerate(row) if i >= n_input and token in ends), len(row))
    return list(row[:stop])


def _produced(lm: LanguageModel, row: Sequence[int], n_input: int) -> tuple[Token, ...]:
    return read_text(lm.tokenizer, list(row), n_input=n_input)[n_input:]


def _facts(made: Sequence[Strategy]) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for index, one in enumerate(made, 1):
        name = f"strategy_{index}"
        facts |= {name: one.name, f"{name}_mean_prob": sum(one.probs) / len(one.probs)}
        facts |= {f"{name}_median_rank": median(one.ranks), f"{name}_log_prob": one.log_prob}
        if one.kept is not None and one.settings.get("do_sample"):
            facts[f"{name}_median_kept"] = median(one.kept)
    return facts
