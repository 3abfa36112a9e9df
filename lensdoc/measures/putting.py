"""Two texts, and parts of one that are put into the computation of the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from lensdoc.measures.gradients import TOKENS_AT_ONCE
from lensdoc.measures.outcome import Outcome
from lensdoc.models.blocks import blocks
from lensdoc.models.embeddings import embeddings_leaf
from lensdoc.models.heads import heads_in
from lensdoc.models.places import Change, Place, changed, read
from lensdoc.models.restart import batches, last_states
from lensdoc.models.streams import Stack
from lensdoc.models.trace import Trace
from lensdoc.records.patching import PatchedPart


@dataclass(frozen=True)
class Pair:
    """A clean and a corrupt text of as many tokens, and the part that is exchanged."""

    clean: Trace
    corrupt: Trace
    outcome: Outcome
    part: PatchedPart
    stack: Stack = "decoder"
    """Whose layers they are, in a model with two streams."""

    @property
    def tokens(self) -> range:
        """Positions of the tokens that these layers are given."""
        split, count = self.clean.split, len(self.clean.tokens)
        return range(split) if self.stack == "encoder" else range(split, count)

    @property
    def place(self) -> Place:
        """Where the part stands in the model."""
        return "heads" if self.part == "head" else self.part

    @torch.no_grad()
    def ends(self) -> Tensor:
        """What the head gets after the clean and the corrupt text, (2, width)."""
        model = self.clean.lm.model
        both = (self.clean, self.corrupt)
        return torch.cat([self.outcome.normed(last_states(model, trace.read_ids, split=trace.split)) for trace in both])

    @cached_property
    def _taken(self) -> dict[int, Tensor]:
        """Values (1, T, size) of the clean text at the place, in every layer that has been asked for."""
        return {}

    def _clean_values(self, layers: Sequence[int]) -> dict[int, Tensor]:
        """Values (1, T, size) of the clean text."""
        if missing := [layer for layer in layers if layer not in self._taken]:
            model, texts = self.clean.lm.model, (1, len(self.tokens))
            with torch.no_grad(), read(model, self.place, missing, texts, self.stack) as kept:
                last_states(model, self.clean.read_ids, split=self.clean.split)
            self._taken.update(kept)
        return self._taken

    @torch.no_grad()
    def patched(self, layer: int, columns: Sequence[int]) -> Tensor:
        """What the head gets where the part of each column is exchanged in this layer, (columns, width).

        Blocks before the exchanged part are not computed: their states are those of the corrupt text.
        """
        every = range(len(blocks(self.clean.lm.model, self.stack)))
        taken = self._clean_values(every if self.part == "residual" else [layer])[layer]
        found = []
        for rows in batches(len(columns), len(self.corrupt.tokens), TOKENS_AT_ONCE):
            some = [columns[row] for row in rows]
            found.append(self.outcome.normed(self._run(layer, some, taken)))
        return torch.cat(found)

    def _run(self, layer: int, columns: list[int], taken: Tensor) -> Tensor:
        """States (columns, T, width) after the last block."""
        model, ids = self.corrupt.lm.model, self.corrupt.read_ids
        change, texts = self._exchange(layer, columns, taken), (len(columns), len(self.tokens))
        if self.corrupt.split:
            with changed(model, self.place, {layer: change}, texts, self.stack):
                return last_states(model, ids.expand(len(columns), -1), split=self.corrupt.split)
        stream = self.corrupt.residual_stream
        if self.part == "residual":
            return last_states(model, ids, change(stream[layer].expand(len(columns), -1, -1)), layer + 1)
        with changed(model, self.place, {layer: change}, texts):
            if not layer:
                return last_states(model, ids.expand(len(columns), -1))
            return last_states(model, ids, stream[layer - 1].expand(len(columns), -1, -1), layer)

    def _exchange(self, layer: int, columns: list[int], taken: Tensor) -> Change:
        """In text `i` of several, the column `i` is that of the clean text."""
        if self.part == "head":
            of = heads_in(self.clean.lm.model, layer).of
            return lambda values: _put(of(values), of(taken), lambda i: (i, slice(None), columns[i])).flatten(-2)
        first = self.tokens.start
        return lambda values: _put(values, taken, lambda i: (i, columns[i] - first))

    @torch.enable_grad()
    def estimates(self, layers: Sequence[int], columns: Sequence[int]) -> Tensor:
        """How much each exchange changes the outcome to first order, (layers, columns), by one derivative."""
        model, texts = self.corrupt.lm.model, (1, len(self.tokens))
        with embeddings_leaf(model), read(model, self.place, layers, texts, self.stack) as kept:
            last = last_states(model, self.corrupt.read_ids, split=self.corrupt.split)
            value = self.outcome.values(self.outcome.normed(last))[0]
        slopes = torch.autograd.grad(value, [kept[layer] for layer in layers])
        taken, rows = self._clean_values(layers), []
        for layer, slope in zip(layers, slopes, strict=True):
            change = slope * (taken[layer] - kept[layer].detach())  # (1, T, size)
            if self.part == "head":
                rows.append(heads_in(model, layer).of(change).sum((0, 1, 3)).detach())
            else:
                rows.append(change.sum((0, 2))[[column - self.tokens.start for column in columns]].detach())
        return torch.stack([row.to(rows[0].device) for row in rows])


def _put(values: Tensor, taken: Tensor, where: Callable[[int], tuple[int | slice, ...]]) -> Tensor:
    """A copy of values (texts, T, ...) in which each text has one column of `taken` (1, T, ...)."""
    new = values.clone()
    for text in range(len(new)):
        new[where(text)] = taken[(0, *where(text)[1:])].to(new)
    return new
