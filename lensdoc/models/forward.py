"""Running a model of any architecture: the settings that its `forward` knows, tokens to try it with, and errors in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from lensdoc.core.errors import LensdocError, ModelError

_SEED = 20
_SHOWN_CHARACTERS = 200
"""Of what the code of a model says of an error."""
RAISED = (RuntimeError, ValueError, TypeError, AttributeError, LookupError, NotImplementedError, AssertionError)
"""What the code of a model raises for an input that it does not take."""


def text_config(model: PreTrainedModel) -> PretrainedConfig:
    """The part of a config that is about text: models that see images too keep it apart."""
    return model.config.get_text_config(decoder=True)


def supported(model: PreTrainedModel, **settings: object) -> dict[str, Any]:
    """Those of the settings that the model's `forward` has a name for: architectures without a cache have none of its own."""
    known = signature(model.forward).parameters
    return {name: value for name, value in settings.items() if name in known}


def some_tokens(model: PreTrainedModel, count: int) -> Tensor:
    """Ids (1, count), drawn with a fixed seed, of ordinary tokens: not those which the config names, such as that of padding."""
    size = model.get_input_embeddings().get_parameter("weight").shape[0]
    named = {value for config in (model.config, text_config(model)) for value in _named_ids(config)}
    ordinary = torch.tensor([token for token in range(min(size, _FIRST_IDS)) if token not in named] or [0])
    drawn = torch.randint(len(ordinary), (count,), generator=torch.Generator().manual_seed(_SEED))
    return ordinary[drawn][None].to(model.device)


_FIRST_IDS = 30_000


def _named_ids(config: PretrainedConfig) -> Iterator[int]:
    for name, value in vars(config).items():
        if name.endswith(("_token_id", "_token_index")):
            yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int))


def rounding(dtype: torch.dtype) -> float:
    """Share by which two ways to compute a number may differ; parts of many models compute in float32 whatever their weights."""
    return math.sqrt(max(torch.finfo(dtype).eps, torch.finfo(torch.float32).eps))


@contextmanager
def in_words(model: PreTrainedModel, what: str) -> Iterator[None]:
    """An error that the model's own code raises becomes a `ModelError` that says what was asked of it."""
    try:
        yield
    except (LensdocError, torch.OutOfMemoryError):
        raise
    except RAISED as error:
        first = (str(error).strip().split("\n") or [""])[0]
        raise ModelError(
            f"{type(model).__name__} cannot {what}: its own code raises {type(error).__name__}: {first[:_SHOWN_CHARACTERS]}; "
            "take another model, or one of the measures that the guide's table of architectures names for it"
        ) from error
