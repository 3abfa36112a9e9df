"""Which tokens a model sees from a position: those up to it, or all of them. Found by running it, without a table of models."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import nn
from transformers import PreTrainedModel

from lensdoc.models.forward import some_tokens, supported

_DRAWN = 8
_known: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()


def sees_all(model: PreTrainedModel) -> bool:
    """Whether a later token changes what is said at an earlier one, as in encoders; found once for each model.

    Never so where logits are not finite, which the measures name.
    """
    if model not in _known:
        _known[model] = _changes(model)
    return _known[model]


@torch.no_grad()
def _changes(model: PreTrainedModel) -> bool:
    ids = some_tokens(model, _DRAWN)[0].unique().tolist()
    first, second = ids[:2] if len(ids) > 1 else (0, 1)
    pairs = torch.tensor([[first, first], [first, second]], device=model.device)
    logits = model(pairs, **supported(model, use_cache=False)).logits[:, 0]
    rounding = 8 * torch.finfo(logits.dtype).eps * float(logits.abs().max())
    return bool((logits[0] - logits[1]).abs().max() > rounding)
