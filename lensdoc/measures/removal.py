"""The measure `ablation`: what a model loses without parts of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_changes
from typing import get_args

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.core.names import nearest
from lensdoc.core.progress import each
from lensdoc.measures.layers import answered, check_finite, one_model, one_stack_only, read_once
from lensdoc.measures.outcome import Outcome, log_probs
from lensdoc.measures.parts import Named, Parts, read_parts
from lensdoc.measures.removing import Means, without
from lensdoc.measures.states import Chosen, chosen_indices
from lensdoc.models.lens import precise
from lensdoc.models.restart import last_states
from lensdoc.models.trace import Trace
from lensdoc.records.ablation import Ablation, OutcomeOf, Replace
from lensdoc.records.fields import Fact


def ablation(  # noqa: PLR0913 - options of one measure, by name
    trace: Trace | Sequence[Trace],
    parts: Mapping[str, Named],
    *,
    replace: Replace = "mean",
    answer: str | None = None,
    wrong: str | None = None,
    target: OutcomeOf = "log_prob",
    positions: Chosen = None,
    position: int = -1,
    controls: int = 8,
    skip: int = 1,
    seed: int = 0,
) -> Ablation:
    """What a model loses with parts of it put out of action, and what it loses with random ones of the same size.

    A part is a block, one or several heads, or FFN neurons (those of a factor). In its place stands its mean over the positions
    of the texts, or 0, and everything after it is computed anew:

        block    its output becomes its input plus the mean (or 0) of what it adds
        head     what it found, the input of the attention's output projection, becomes its mean (or 0)
        neuron   its activation, the input of the FFN's down-projection, becomes its mean (or 0)

    The outcome is the mean log-probability of the produced tokens (with `target="prob"` their mean probability), or, with
    `answer`, its logit after the last token (less that of `wrong`), as a mean over texts. `changes` are outcomes without the part
    less the outcome of the whole model. Zero is often far from anything that a part ever gives, so it may break what has nothing
    to do with it; the mean is milder. `controls` are as many others of the same kind, drawn at random: of heads and neurons in
    each layer as many as the part has there, of blocks any. A part matters as far as its change goes beyond theirs. What a part
    did others may do in its place (McGrath et al. 2023), so a small change does not show that it does nothing.

    Of a masked model texts are those that `fill` was given: means are of what it read, with masks, and the outcome is that of the
    tokens that were filled in, or of `answer` at a mask.

    First tokens of a text often have states hundreds of times larger than others (Sun et al. 2024), which would be most of a
    mean: it leaves them out (`skip`).

    Facts: `whole` (the outcome of the whole model), `largest` (the part without which it falls most), `part_1_change` and
    `part_1_controls` (the mean of its controls), and so on.

    Args:
        trace: A text, or several of one model.
        parts: Names and parts: `5` is a block, `(23, 4)` head 4 of layer 23, `[(11, 1229), (11, 1487)]` are neurons, as
            `factors_record.neurons_of(3)` gives them; `{"heads": [(26, 0), (27, 8)]}` are several heads, likewise `blocks`.
        replace: `mean` or `zero`.
        answer: Text of a token; None to look at produced tokens.
        wrong: Text of a token that it is compared with.
        target: `log_prob` or `prob`, of produced tokens.
        positions: At which positions of each text parts are replaced; None for all.
        position: Where the answer stands; -1 is the place after the last token, or in a masked model the last mask. Texts are
            read up to it, in a masked model whole.
        controls: How many random sets for each part; fewer where there are not as many different ones.
        skip: First positions of each text that do not count for the mean.
        seed: Of the choice of controls.

    Raises:
        MeasureError: Texts are of several models, nothing was produced and no answer is named, an option is out of range, a part
            is none, or the states are not finite.
        ModelError: A text is not one token, or a layer has no heads or neurons that could be told.
    """
    traces = one_model([trace] if isinstance(trace, Trace) else trace)
    lm = traces[0].lm
    _check_names(replace=replace, target=target)
    traces, masks = _answered(traces, answer, position)
    _check(traces, answer, wrong, controls=controls, skip=skip)
    named = read_parts(lm, parts)
    shortest = min(len(one.tokens) for one in traces)
    where = None if positions is None else chosen_indices("positions", positions, shortest, "the shortest text's last token")
    judge = _Judge(traces, None if answer is None else Outcome.of(lm, answer, wrong), masks or (-1,) * len(traces), target)
    means = Means(traces, skip) if replace == "mean" else None
    whole = judge.score([last[None] for last in (last_states(lm.model, one.read_ids)[0] for one in traces)])[0]
    changes, beside = [], []
    for index, part in enumerate(each("ablation", list(named.values()))):
        sets = [part, *part.controls(lm, controls, seed + index)]
        scores = judge.without(sets, means, where)
        changes.append(scores[0] - whole)
        beside.append(tuple(score - whole for score in scores[1:]))
    logit: OutcomeOf = "logit" if wrong is None else "logit_difference"
    first = traces[0].provenance
    starts = tuple(sum(len(one.tokens) for one in traces[:index]) for index in range(len(traces)))
    return Ablation(
        tokens=tuple(token for one in traces for token in one.tokens),
        facts=_facts(whole, list(named), changes, beside),
        model=lm.info,
        provenance=first if all(one.seed == first.seed for one in traces) else first.model_copy(update={"seed": None}),
        starts=starts,
        masks=tuple(start + mask for start, mask in zip(starts, masks, strict=True)) if masks else None,
        outcome=target if answer is None else logit,
        answer=answer,
        wrong=wrong,
        replace=replace,
        positions=None if where is None else tuple(where),
        skip=skip,
        seed=seed,
        whole=whole,
        parts=tuple(part.described(name) for name, part in named.items()),
        changes=tuple(changes),
        controls=tuple(beside),
    )


@dataclass(frozen=True)
class _Judge:
    """What is looked at."""

    traces: Sequence[Trace]
    outcome: Outcome | None
    states: Sequence[int]
    """Of each text the state that an answer is read from."""
    target: OutcomeOf

    def without(self, sets: Sequence[Parts], means: Means | None, where: Sequence[int] | None) -> list[float]:
        """The outcome without each of these sets."""
        if means is not None:
            means.read(sets[0].place, sorted({layer for one in sets for layer in one.layers}))
        return self.score([torch.stack(list(without(trace, sets, means, where))) for trace in self.traces])

    @torch.no_grad()
    def score(self, states: Sequence[Tensor]) -> list[float]:
        """From the last block's states of each text, (sets, T, width), to one number for each set."""
        every = zip(self.traces, states, self.states, strict=True)
        found = [self._of(trace, some, at).double() for trace, some, at in every]
        for trace, values in zip(self.traces, found, strict=True):
            check_finite(values, trace, "logits")
        means: list[float] = torch.cat(found, 1).mean(1).tolist()
        return means

    def _of(self, trace: Trace, states: Tensor, at: int) -> Tensor:
        """One number for each produced token, or for the text: (sets, numbers)."""
        if self.outcome is not None:
            return self.outcome.values(with_changes(self.outcome, state=at).normed(states))[:, None].cpu()
        targets = list(trace.targets)
        read = targets if trace.readings else [t - 1 for t in targets]
        normed = precise(trace.lm.unembedding.normed(states[:, read]))  # (sets, targets, width)
        ids = trace.ids[targets].to(normed.device).repeat(len(states))
        logs = log_probs(trace.lm.unembedding, normed.flatten(0, 1), ids).view(len(states), -1).cpu()
        return logs if self.target == "log_prob" else logs.exp()


def _facts(whole: float, names: Sequence[str], changes: Sequence[float], controls: Sequence[Sequence[float]]) -> dict[str, Fact]:
    least = min(range(len(changes)), key=changes.__getitem__)
    facts: dict[str, Fact] = {"whole": whole, "largest": names[least]}
    for number, (change, some) in enumerate(zip(changes, controls, strict=True), 1):
        facts[f"part_{number}_change"] = change
        if some:
            facts[f"part_{number}_controls"] = sum(some) / len(some)
    return facts


def _check_names(**named: str) -> None:
    valid = {"replace": get_args(Replace), "target": ("log_prob", "prob")}
    for option, value in named.items():
        if value not in valid[option]:
            close = nearest(str(value), valid[option])
            raise MeasureError(f"{option} must be one of {', '.join(valid[option])}, it is {value!r}; {close}")


def _answered(traces: Sequence[Trace], answer: str | None, position: int) -> tuple[Sequence[Trace], tuple[int, ...]]:
    """The texts as they are read for an answer, and of masked ones the mask at which it stands."""
    one_stack_only(traces[0].lm, "ablation")
    for trace in traces:
        read_once(trace, "ablation")
    if answer is None:
        if position != -1:
            raise MeasureError(f"position says where an answer stands, and none is named; leave it out, it is {position!r}")
        return traces, ()
    found = [answered(trace, position, "ablation") for trace in traces]
    return [trace for trace, _ in found], tuple(mask for _, mask in found if mask is not None)


def _check(traces: Sequence[Trace], answer: str | None, wrong: str | None, *, controls: int, skip: int) -> None:
    if answer is None and wrong is not None:
        raise MeasureError(f"wrong={wrong!r} is compared with an answer, and none is named; name it, or leave wrong out")
    if answer is None and any(not len(trace.targets) for trace in traces):
        raise MeasureError(
            "without an answer the produced tokens are looked at, and a text has none; generate some, or name an answer"
        )
    for option, number in (("controls", controls), ("skip", skip)):
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise MeasureError(f"{option} must be an integer from 0, it is {number!r}")
    if skip >= (shortest := min(len(trace.tokens) for trace in traces)):
        raise MeasureError(f"skip leaves nothing to take a mean of: the shortest text has {shortest} tokens, skip is {skip}")
