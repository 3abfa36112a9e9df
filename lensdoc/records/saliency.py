"""The record of kind `saliency`: how much each earlier token mattered for each produced one."""

from __future__ import annotations

import sys
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.core.tolerances import RELATIVE, ROW, Data, Limit, LimitCount, Tolerances, residue_of
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import Record
from lensdoc.records.shapes import check_ascending, check_length, check_shares, check_targets

Method = Literal["gradient_x_input", "gradient", "integrated_gradients", "occlusion", "exchange", "unknown"]
Target = Literal["logit", "prob", "log_prob", "unknown"]
"""`unknown` stands where a record was imported."""

UNRELIABLE = 0.1
"""Share of the difference between text and baseline by which integrated gradients may miss it."""


def _of_changes(number: float, _largest: float, record: Data) -> float:
    """As other numbers, but a small change beside large ones is the difference of logits that are not small."""
    return RELATIVE * abs(number) + ROW * max((abs(value) for row in record["changes"] for value in row), default=0)


class Swap(StrictData):
    """A token that is put in place of another."""

    position: Annotated[Integer, Field(ge=0)]
    id: Annotated[Integer, Field(ge=0)]
    text: str


class Saliency(Record):
    """Input saliency; `t` counts the targets, `i` the positions before a target.

    Facts: `targets`; with integrated gradients `unreliable`, of how many targets the scores mean nothing; with exchange
    `sign_right` and `median_ratio`, the share of estimates that have the sign of the true change, and the median of their ratio.
    """

    KIND: ClassVar[str] = "saliency"
    VERSION: ClassVar[tuple[int, int]] = (1, 2)
    MASKED: ClassVar[tuple[int, int]] = (1, 3)
    STREAMS: ClassVar[tuple[int, int]] = (1, 4)
    TOLERANCES: ClassVar[Tolerances] = {
        "convergence": residue_of("totals"),
        "unreliable": Limit("convergence", UNRELIABLE, "differences"),
        "changes": _of_changes,
        "facts.unreliable": LimitCount(flags="unreliable"),
    }

    method: Method
    target: Target
    """What the method explains: the logit, the probability or the log-probability of the token."""
    signed: bool
    contrast: str | None
    """A token whose own figure was taken away: why the target rather than this one."""
    targets: tuple[Integer, ...]
    """`targets[t]`: position of the explained token."""
    scores: tuple[tuple[Real, ...], ...]
    """`scores[t][i]` for every position before the target; unsigned scores are shares and sum to 1. Of a masked model for every
    position, with 0 at the target."""
    totals: tuple[Real, ...]
    """`totals[t]`: sum of the scores before they were made shares."""
    steps: Annotated[Integer, Field(ge=1)] | None = None
    """Points on the way of integrated gradients."""
    baseline: str | None = None
    """What embeddings are compared with: `zero`, or a token."""
    convergence: tuple[Real, ...] | None = None
    """`convergence[t]`: what integrated gradients add up to, less what they should: the difference between text and baseline."""
    differences: tuple[Real, ...] | None = None
    """`differences[t]`: that difference between text and baseline, of what `target` names; None in records before 1.1."""
    unreliable: tuple[bool, ...] | None = None
    """`unreliable[t]`: whether integrated gradients miss it by more than a tenth, so that their scores mean nothing."""
    to: Annotated[tuple[Swap, ...], Field(min_length=1)] | None = None
    """With exchange: the tokens that are put in place of others, in the order of their positions. The score of such a position
    is what the exchange changes to first order; scores of all others are 0."""
    changes: tuple[tuple[Real, ...], ...] | None = None
    """`changes[t]`: for each of `to` that stands before the target what the exchange does change, of what `target` names."""

    own: tuple[Real, ...] | None = None
    """`own[t]`: what the mask that stood in the target's place scored itself, before scores were made shares, in which it has no
    part; in records of masked models alone."""

    @model_serializer(mode="wrap")
    def _without_what_masked_models_have(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Records of causal models keep their bytes."""
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None or name != "own"}

    @model_validator(mode="after")
    def _shapes_fit(self) -> Saliency:
        check_targets(self.targets, self.tokens)
        check_length("scores", self.scores, "targets", len(self.targets))
        check_length("totals", self.totals, "targets", len(self.targets))
        for index, (row, target) in enumerate(zip(self.scores, self.targets, strict=True)):
            self._check_seen(f"scores[{index}]", row, target)
            if not self.signed:
                check_shares(f"scores[{index}]", row)
        if self.stack == "encoder":
            raise ValueError("an encoder alone predicts nothing, so nothing of it is explained; saliency is of the decoder")
        if (self.own is not None) is not self.sees_all:
            raise ValueError("own must be there where the model sees all tokens, and only there")
        for field in ("convergence", "differences", "unreliable", "own"):
            values = getattr(self, field)
            if values is not None:
                check_length(field, values, "targets", len(self.targets))
        self._check_exchange()
        return self

    def _check_exchange(self) -> None:
        """Estimates and true changes go with the method, and with each other."""
        given = {self.method == "exchange", self.to is not None, self.changes is not None}
        if len(given) > 1:
            raise ValueError("to and changes go with the method exchange, and with each other")
        if self.to is None or self.changes is None:
            return
        if not self.signed:
            raise ValueError("scores of exchange have a sign: signed must be true")
        positions = [swap.position for swap in self.to]
        check_ascending("positions of to", positions, len(self.tokens), "the number of tokens")
        check_length("changes", self.changes, "targets", len(self.targets))
        for index, (row, target) in enumerate(zip(self.changes, self.targets, strict=True)):
            before = sum(position < target for position in positions)
            check_length(f"changes[{index}]", row, "exchanges before the target", before)

    def _check_seen(self, field: str, row: tuple[float, ...], target: int) -> None:
        if not self.sees_all:
            check_length(field, row, "positions before the target", target)
            return
        check_length(field, row, "tokens", len(self.tokens))
        if row[target]:
            raise ValueError(f"{field}[{target}] must be 0: it is the target's own place; it is {row[target]:.4g}")

    def gap(self, target: int) -> float | None:
        """Share of the difference that integrated gradients of one of the targets miss; None where it is not known."""
        if self.convergence is None or self.differences is None:
            return None
        return abs(self.convergence[target]) / max(abs(self.differences[target]), sys.float_info.min)
