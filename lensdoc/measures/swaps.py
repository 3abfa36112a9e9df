"""Tokens that are put in place of others: what derivatives say that each changes, and what it does change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lensdoc.core.errors import MeasureError
from lensdoc.models.embeddings import embeddings_of
from lensdoc.models.trace import Trace
from lensdoc.models.vocabulary import single_token
from lensdoc.records.fields import Fact
from lensdoc.records.saliency import Swap
from lensdoc.records.tokens import Token

if TYPE_CHECKING:
    from lensdoc.measures.gradients import Group


@dataclass(frozen=True)
class Swaps:
    """Positions in ascending order, and the tokens that are put there."""

    positions: Sequence[int]
    tokens: Sequence[Token]

    @classmethod
    def of(cls, trace: Trace, to: Mapping[int, str] | None) -> Swaps:
        """From what an author asks for: positions (negative ones count back from the last token, -1) to texts of single tokens.

        Raises:
            MeasureError: Nothing is named, a position is not in the text, is named twice, has no explained token after it, or
                holds the token already.
            ModelError: A text is not one token.
        """
        if not isinstance(to, Mapping) or not to:
            raise MeasureError(
                f'method="exchange" needs `to`, positions and the tokens that are put there, such as to={{5: " Germany"}}; '
                f"it is {to!r}"
            )
        found: dict[int, Token] = {}
        for position, text in to.items():
            where = _place(trace, position)
            if where in found:
                raise MeasureError(f"`to` names token {where} twice; give it one other token")
            token = single_token(trace.lm, text)
            if token.id == int(trace.ids[where]):
                raise MeasureError(f"token {where} is {text!r} already; name another")
            found[where] = token
        order = sorted(found)
        return cls(order, [found[position] for position in order])

    @property
    def recorded(self) -> tuple[Swap, ...]:
        """As the record has them."""
        return tuple(Swap(position=p, id=t.id, text=t.text) for p, t in zip(self.positions, self.tokens, strict=True))

    def relevance(self, group: Group) -> Tensor:
        """`df/de . (e' - e)` at the positions of swaps, 0 elsewhere: (targets, seen, 1)."""
        places = [p for p in self.positions if p < len(group.ids)]
        gradients = group.gradients()[:, places]  # (targets, swaps, width)
        ways = self._embeddings(group, len(places)) - group.embeddings[places]
        found = gradients.new_zeros(len(gradients), len(group.ids), 1)
        found[:, places, 0] = (gradients * ways).sum(-1)
        return found

    def changes(self, group: Group) -> list[list[float]]:
        """For each target what it gains by each swap that stands before it, each made alone."""
        count = sum(p < len(group.ids) for p in self.positions)
        found = group.swapped(self.positions[:count], self._embeddings(group, count)).double().tolist()
        return [
            [change for position, change in zip(self.positions, row, strict=False) if position < target]
            for target, row in zip(group.targets, found, strict=True)
        ]

    def _embeddings(self, group: Group, count: int) -> Tensor:
        ids = torch.tensor([token.id for token in self.tokens[:count]], dtype=torch.long, device=group.ids.device)
        return embeddings_of(group.trace.lm.model, ids)


def agreement(positions: Sequence[int], scores: Sequence[Sequence[float]], changes: Sequence[Sequence[float]]) -> dict[str, Fact]:
    """Share of the estimates that have the sign of the change, and their median ratio to it; changes of 0 do not count."""
    pairs = [
        (row[position], change)
        for row, real in zip(scores, changes, strict=True)
        for position, change in zip(positions, real, strict=False)
        if change
    ]
    if not pairs:
        return {}
    right = sum(estimate * change > 0 for estimate, change in pairs)
    return {"sign_right": right / len(pairs), "median_ratio": median(estimate / change for estimate, change in pairs)}


def _place(trace: Trace, position: object) -> int:
    count, last = len(trace.tokens), trace.targets[-1]
    if not isinstance(position, int) or isinstance(position, bool) or not -count <= position < count:
        raise MeasureError(
            f"`to` names tokens by their index, from 0 to {count - 1} or from -1 back to {-count}; {position!r} is none"
        )
    if position % count >= last:
        raise MeasureError(
            f"token {position % count} stands before no token that is explained, of which the last is {last}; name an earlier one"
        )
    return position % count
