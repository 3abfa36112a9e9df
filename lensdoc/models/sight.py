"""Which tokens a model sees from a position: those up to it, or all of them. Found by running it, without a table of models."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.models.forward import some_tokens
from lensdoc.models.streams import has_two, run

_DRAWN = 8
_known: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()


def sees_all(model: PreTrainedModel) -> bool:
    """Whether a later token changes what is said at an earlier one, as in encoders; found once for each model.

    Of an encoder with a decoder it is asked of the tokens that the decoder is given.

    Never so where logits are not finite, which the measures name.
    """
    if model not in _known:
        _known[model] = _changes(model)
    return _known[model]


@torch.no_grad()
def _changes(model: PreTrainedModel) -> bool:
    first, second = _two_tokens(model)
    pairs = torch.tensor([[first, first], [first, second]], device=model.device)
    texts, split = (torch.cat([pairs[:1].repeat(2, 1), pairs], 1), 2) if has_two(model) else (pairs, 0)
    return _differ(run(model, texts, split, use_cache=False).logits[:, 0])


@torch.no_grad()
def reads_source(model: PreTrainedModel) -> bool:
    """Whether what a decoder says depends on the source."""
    first, second = _two_tokens(model)
    texts = torch.tensor([[first, second, first], [second, first, first]], device=model.device)
    return _differ(run(model, texts, 2, use_cache=False).logits[:, 0])


def _two_tokens(model: PreTrainedModel) -> tuple[int, int]:
    ids = some_tokens(model, _DRAWN)[0].unique().tolist()
    return (ids[0], ids[1]) if len(ids) > 1 else (0, 1)


def _differ(logits: Tensor) -> bool:
    """Whether two rows of logits differ by more than rounding; never where they are not finite."""
    rounding = 8 * torch.finfo(logits.dtype).eps * float(logits.abs().max())
    return bool((logits[0] - logits[1]).abs().max() > rounding)
