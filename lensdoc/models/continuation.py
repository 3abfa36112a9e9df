"""Continuing a text token by token, with the model's cache of earlier tokens where that changes nothing.

Architectures keep different things of earlier tokens, under different names, and some count positions wrongly when they are given
one token at a time. So a text that a cache has led to is read once more without it: where the last logits differ by more than
rounding, or the cache cannot be used at all, the text is made anew in another way.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from inspect import signature
from typing import Literal

import torch
from torch import Tensor
from transformers import PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.core.progress import doing
from lensdoc.models.decoding import Choose
from lensdoc.models.forward import RAISED, in_words, rounding, supported

Way = Literal["cache", "positions", "whole"]
"""One token at a time; the same, and its position is said; the whole text each time."""
_CACHES = ("past_key_values", "cache", "cache_params", "state")
"""Names of what models keep of earlier tokens: `cache` since transformers 5.24, the others in state-space models."""
_AGAIN = 2
"""A text so many times longer than the longest that was held against a pass without a cache is held against one too."""


def cache_name(model: PreTrainedModel) -> str | None:
    """What a model calls its keys and values, or its states, of earlier tokens; None where it takes none."""
    known = signature(model.forward).parameters
    return next((name for name in _CACHES if name in known), None)


@dataclass
class Continuation:
    """How one model continues texts; what was found of its cache holds for the next text too."""

    model: PreTrainedModel
    name: str
    _cache_name: str | None = field(init=False, repr=False)
    """What the model calls its cache; None where it has none, or none that holds."""
    ways: list[Way] = field(init=False)
    """Those that may still hold, the fastest first."""
    checked: int = field(init=False, default=0)
    """Tokens of the longest text for which the first of the ways was held against a pass without a cache."""

    def __post_init__(self) -> None:
        """Which ways there are: an architecture may have no cache that is handed on, or take no positions."""
        self._cache_name = cache_name(self.model)
        self.ways = ["whole"]
        if self._cache_name:
            positions = "position_ids" in signature(self.model.forward).parameters
            self.ways = ["cache", *(["positions"] if positions else []), "whole"]  # type: ignore[list-item]

    @torch.no_grad()
    def __call__(self, ids: Tensor, max_new_tokens: int, chooser: Callable[[], Choose], ends: set[int | None]) -> Tensor:
        """Ids (1, n) to ids (n + produced,), until an end; not by `generate`, which takes up settings that come with a model.

        Raises:
            ModelError: The model's logits are not finite, or it cannot read the text.
        """
        tried = list(self.ways)
        while self.ways[0] != "whole":
            try:
                text, logits = self._continued(ids, max_new_tokens, chooser(), ends)
                if self._holds(text, logits, given=ids.shape[1]):
                    return text[0]
            except torch.OutOfMemoryError:
                raise
            except RAISED:
                pass  # whether it was the cache's fault shows when the text is read without
            self.ways.pop(0)
            self.checked = 0  # of the next way nothing is known yet
        try:
            with in_words(self.model, "continue this text"):
                text, _ = self._continued(ids, max_new_tokens, chooser(), ends)
        except ModelError:  # the text's fault, or the model's, and not that of a cache
            self.ways = tried
            raise
        if self._cache_name:
            self._cache_name = None
            warnings.warn(
                f"{self.name} continues a text otherwise with its cache of earlier tokens than without; it is read without, "
                "which is right and slower",
                stacklevel=3,
            )
        return text[0]

    def _continued(self, ids: Tensor, max_new_tokens: int, choose: Choose, ends: set[int | None]) -> tuple[Tensor, Tensor]:
        """The text (1, T), and the logits that its last token was chosen from."""
        steps = self._steps(self.ways[0])
        next(steps)
        for done in range(max_new_tokens):
            doing("tracing", done, max_new_tokens)
            logits = steps.send(ids)
            if not logits.isfinite().all():
                raise ModelError(f"{self.name} gives logits that are not finite after {ids.shape[1]} tokens; try dtype='float32'")
            new = choose(logits)
            ids = torch.cat([ids, new], dim=1)
            if new.item() in ends:
                break
        return ids, logits

    def _steps(self, way: Way) -> Generator[Tensor, Tensor, None]:
        """Takes the text so far, (1, n), gives logits (1, vocabulary) of what follows."""
        read, cache = 0, None
        ids = yield torch.empty(0)
        while True:
            settings = supported(self.model, use_cache=way != "whole", logits_to_keep=1)
            if way != "whole" and self._cache_name:
                settings[self._cache_name] = cache
            if way == "positions" and read:
                settings["position_ids"] = torch.arange(read, ids.shape[1], device=ids.device)[None]
            output = self.model(ids[:, read:], **settings)
            if way != "whole" and self._cache_name:
                read, cache = ids.shape[1], getattr(output, self._cache_name)
            ids = yield output.logits[:, -1]

    def _holds(self, text: Tensor, logits: Tensor, *, given: int) -> bool:
        """Whether a pass without a cache gives the same last logits but for rounding."""
        length = text.shape[1] - 1
        if length == given or length < _AGAIN * self.checked:  # the first token needs no cache
            return True
        whole = self.model(text[:, :-1], **supported(self.model, use_cache=False, logits_to_keep=1)).logits[:, -1]
        self.checked = length
        spread = float((whole - whole.mean()).abs().max())
        return bool((whole - logits).abs().max() <= rounding(whole.dtype) * spread)
