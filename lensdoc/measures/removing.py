"""A text read with parts of the model put out of action, several sets of parts at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from lensdoc.measures.gradients import TOKENS_AT_ONCE
from lensdoc.measures.parts import Parts
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.heads import heads_in
from lensdoc.models.places import Change, Place, changed, read
from lensdoc.models.restart import batches, last_states, restarts
from lensdoc.models.trace import Trace


@dataclass
class Means:
    """Mean values of parts over the positions of texts, read when they are first asked for."""

    traces: Sequence[Trace]
    skip: int
    """First positions of each text that do not count."""
    _known: dict[tuple[Place, int], Tensor] = field(default_factory=dict)

    @torch.no_grad()
    def read(self, place: Place, layers: Sequence[int]) -> None:
        """Read the values of these layers, in one pass for each text."""
        if not (missing := [layer for layer in layers if (place, layer) not in self._known]):
            return
        model, rows = self.traces[0].lm.model, dict[int, list[Tensor]]()
        for trace in self.traces:
            if place == "residual":
                found = _additions(trace, missing)
            else:
                with read(model, place, missing, (1, len(trace.tokens))) as found:
                    last_states(model, trace.read_ids)
            for layer in missing:
                rows.setdefault(layer, []).append(found[layer][0, self.skip :])
        self._known |= {(place, layer): torch.cat(some).mean(0) for layer, some in rows.items()}

    def of(self, place: Place, layer: int) -> Tensor:
        """The mean of what was read, (size,)."""
        return self._known[place, layer]


def _additions(trace: Trace, layers: Sequence[int]) -> dict[int, Tensor]:
    """What blocks add to their input, (1, T, width)."""
    found: dict[int, Tensor] = {}
    with ExitStack() as hooks:
        for layer in layers:

            def note(_: nn.Module, args: tuple[Tensor, ...], others: dict[str, Tensor], output: object, at: int = layer) -> None:
                found[at] = (state_of(output) - _first(args, others)).reshape(1, len(trace.tokens), -1)

            hooks.callback(blocks(trace.lm.model)[layer].register_forward_hook(note, with_kwargs=True).remove)
        last_states(trace.lm.model, trace.read_ids)
    return found


def _first(args: tuple[Tensor, ...], others: dict[str, Tensor]) -> Tensor:
    return args[0] if args else next(value for value in others.values() if isinstance(value, Tensor))


@torch.no_grad()
def without(trace: Trace, sets: Sequence[Parts], means: Means | None, positions: Sequence[int] | None) -> Iterator[Tensor]:
    """For each set of parts of one kind the states (T, width) after the last block without it.

    Args:
        trace: The text.
        sets: What is replaced, one set a run.
        means: What it is replaced by, with all their layers read; None for 0.
        positions: Where; None for everywhere.
    """
    model, count = trace.lm.model, len(trace.tokens)
    restarts(model)
    stream = trace.residual_stream  # read before anything is replaced
    first = min(layer for one in sets for layer in one.layers)
    for rows in batches(len(sets), count, TOKENS_AT_ONCE):
        some = [sets[row] for row in rows]
        with _replaced(trace, some, means, list(range(count)) if positions is None else list(positions)):
            if first:
                states = stream[first - 1].expand(len(some), -1, -1)
                yield from last_states(model, trace.read_ids, states, first)
            else:
                yield from last_states(model, trace.read_ids.expand(len(some), -1))


@contextmanager
def _replaced(trace: Trace, sets: Sequence[Parts], means: Means | None, where: list[int]) -> Iterator[None]:
    """While it lasts, text `i` is read without set `i`."""
    model, place = trace.lm.model, sets[0].place
    layers = sorted({layer for one in sets for layer in one.layers})
    fills = {layer: None if means is None else means.of(place, layer) for layer in layers}
    with ExitStack() as hooks:
        if place == "residual":
            for layer in layers:
                own = [row for row, one in enumerate(sets) if layer in one.layers]
                hook = _block_hook(own, where, fills[layer], (len(sets), len(trace.tokens)))
                hooks.callback(blocks(model)[layer].register_forward_hook(hook, with_kwargs=True).remove)
        else:
            numbers = {layer: [one.within(layer) for one in sets] for layer in layers}
            changes = {
                layer: _change(numbers[layer], where, fills[layer], heads_in(model, layer).of if place == "heads" else None)
                for layer in layers
            }
            hooks.enter_context(changed(model, place, changes, (len(sets), len(trace.tokens))))
        yield


def _change(
    numbers: Sequence[Sequence[int]], where: list[int], fill: Tensor | None, of: Callable[[Tensor], Tensor] | None
) -> Change:
    """Puts the mean or 0 in place of the heads or neurons of each text."""

    def change(values: Tensor) -> Tensor:
        new = (values if of is None else of(values)).clone()  # (texts, T, neurons) or (texts, T, heads, size)
        filling = new.new_zeros(new.shape[2:]) if fill is None else (fill if of is None else of(fill)).to(new)
        for text, own in enumerate(numbers):
            if own:
                chosen = torch.tensor(own, device=new.device)
                rows = torch.tensor(where, device=new.device)
                new[text, rows[:, None], chosen[None]] = filling[chosen]
        return new.reshape(values.shape)

    return change


def _block_hook(
    rows: list[int], where: list[int], fill: Tensor | None, texts: tuple[int, int]
) -> Callable[[nn.Module, tuple[Tensor, ...], dict[str, Tensor], object], object]:
    """A block adds the mean, or nothing, to its input."""

    def hook(_: nn.Module, args: tuple[Tensor, ...], others: dict[str, Tensor], output: object) -> object:
        made = state_of(output)
        new, given = made.reshape(*texts, -1).clone(), _first(args, others).reshape(*texts, -1)
        at = torch.tensor(rows)[:, None], torch.tensor(where)[None]
        new[at] = given[at] if fill is None else given[at] + fill.to(given)
        new = new.reshape(made.shape)
        return (new, *output[1:]) if isinstance(output, tuple) else new

    return hook
