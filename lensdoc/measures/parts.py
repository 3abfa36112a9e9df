"""Parts of a model that an author names to put them out of action, and random ones of the same size to hold them against."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import cast, get_args

from lensdoc.core.errors import MeasureError
from lensdoc.core.names import nearest
from lensdoc.models.heads import heads_in
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.places import Place
from lensdoc.records.ablation import Removed, RemovedKind

Pairs = Sequence[tuple[int, int]]
Named = int | tuple[int, int] | Pairs | Mapping[str, Sequence[int] | Pairs]
"""A block; layer and head; layers and neurons; or `{"heads": [(26, 0), (27, 8)]}`, likewise `blocks` and `neurons`."""
_MOST_MEMBERS = 32
_DRAWS = 40
"""Draws for each control, until it is another than those before."""
_PAIR = 2


@dataclass(frozen=True)
class Parts:
    """Some blocks, heads or neurons."""

    kind: RemovedKind
    members: frozenset[tuple[int, int]]
    """Layer and number; of blocks the number is 0."""

    @property
    def place(self) -> Place:
        """Where their values stand."""
        return "residual" if self.kind == "blocks" else self.kind

    @property
    def layers(self) -> list[int]:
        """Layers that have some, ascending."""
        return sorted({layer for layer, _ in self.members})

    def within(self, layer: int) -> list[int]:
        """Their numbers in a layer."""
        return sorted(number for own, number in self.members if own == layer)

    def described(self, name: str) -> Removed:
        """What a record says of them."""
        told = self.kind == "heads" or (self.kind == "neurons" and len(self.members) <= _MOST_MEMBERS)
        members = tuple(sorted(self.members)) if told else ()
        return Removed(name=name, kind=self.kind, size=len(self.members), layers=tuple(self.layers), members=members)

    def controls(self, lm: LanguageModel, count: int, seed: int) -> list[Parts]:
        """At most `count` different sets of as many others of the same kind: in each layer as many, or of blocks any."""
        chance, found = random.Random(seed), dict[frozenset[tuple[int, int]], Parts]()  # noqa: S311 - to be repeated, not secret
        if self.kind == "blocks":
            others = [(layer, 0) for layer in range(lm.info.layers) if (layer, 0) not in self.members]
            pools, sizes = [others], [len(self.members)]
        else:
            each = Counter(layer for layer, _ in self.members)
            pools = [
                [(layer, n) for n in range(_count(lm, self.kind, layer)) if (layer, n) not in self.members] for layer in each
            ]
            sizes = list(each.values())
        if any(len(pool) < size for pool, size in zip(pools, sizes, strict=True)):
            return []
        for _ in range(_DRAWS * count):
            drawn = frozenset(one for pool, size in zip(pools, sizes, strict=True) for one in chance.sample(pool, size))
            found[drawn] = Parts(self.kind, drawn)
            if len(found) >= count:
                break
        return list(found.values())[:count]


def read_parts(lm: LanguageModel, parts: Mapping[str, Named]) -> dict[str, Parts]:
    """The parts by their names, checked.

    Raises:
        MeasureError: There are none, or one is something else than blocks, heads or neurons of this model.
        ModelError: A layer has no heads or no neurons that could be told.
    """
    if not isinstance(parts, Mapping) or not parts:
        raise MeasureError(f'ablation takes names and parts, such as {{"L3H4": (3, 4), "block 5": 5}}; it was given {parts!r}')
    return {str(name): _read(lm, str(name), part) for name, part in parts.items()}


def _read(lm: LanguageModel, name: str, part: Named) -> Parts:
    kind, given = _kind(name, part)
    members = [_block(name, one) if kind == "blocks" else _pair(name, one) for one in given]
    if not members:
        raise MeasureError(f"part {name!r} is empty; name at least one of its {kind}")
    for layer, number in members:
        if not 0 <= layer < lm.info.layers:
            raise MeasureError(f"part {name!r} is in layer {layer}; layers run from 0 to {lm.info.layers - 1}")
        if kind != "blocks" and not 0 <= number < (count := _count(lm, kind, layer)):
            raise MeasureError(f"part {name!r} is number {number} of the {kind} in layer {layer}; they run from 0 to {count - 1}")
    return Parts(kind, frozenset(members))


def _kind(name: str, part: object) -> tuple[RemovedKind, Sequence[object]]:
    if isinstance(part, Integral):
        return "blocks", [part]
    if isinstance(part, Mapping):
        if len(part) != 1 or not set(part) <= set(get_args(RemovedKind)):
            given = ", ".join(map(repr, part)) or "nothing"
            close = nearest(str(next(iter(part), "")), get_args(RemovedKind))
            raise MeasureError(f"part {name!r} names one of blocks, heads and neurons, it names {given}; {close}")
        ((kind, given_parts),) = part.items()
        return cast("RemovedKind", kind), list(given_parts)
    if isinstance(part, tuple) and len(part) == _PAIR and all(isinstance(one, Integral) for one in part):
        return "heads", [part]
    if isinstance(part, Sequence) and not isinstance(part, str):
        return "neurons", part
    raise MeasureError(
        f"part {name!r} is a block (5), a head (layer and head: (23, 4)), several neurons ([(layer, neuron), ...]) or a mapping "
        f'such as {{"heads": [(26, 0), (27, 8)]}}; it is {part!r}'
    )


def _block(name: str, one: object) -> tuple[int, int]:
    if isinstance(one, Integral):
        return int(one), 0
    raise MeasureError(f"part {name!r} lists numbers of blocks, such as 5; one of them is {one!r}")


def _pair(name: str, one: object) -> tuple[int, int]:
    if isinstance(one, Sequence) and len(one) == _PAIR and all(isinstance(number, Integral) for number in one):
        return int(one[0]), int(one[1])
    raise MeasureError(f"part {name!r} lists pairs of a layer and a number, such as (23, 4); one of them is {one!r}")


def _count(lm: LanguageModel, kind: RemovedKind, layer: int) -> int:
    if kind == "heads":
        return heads_in(lm.model, layer).count
    count = lm.info.neurons_in(layer)
    if not count:
        from lensdoc.models.ffn import neurons_in

        neurons_in(lm.model, [layer])
    return count
