"""Bounds of what config.json of a model may ask for. They only refuse, so that a new one makes no run stale."""

from __future__ import annotations

import re

from lensdoc.core.errors import ModelError

MAX_LAYERS = 2_000
"""More than ten times as many as the deepest published models have."""
MAX_EXPERTS = 100_000
MAX_INTEGER = 2**40
_LAYERS = ("depth", "num_blocks", "n_blocks", "num_encoder_blocks", "num_stages")
"""Other names that architectures have for their number of layers."""
_SIZE = re.compile(r"(^|_)(size|dim|width|vocab)(_|$)")
"""In a name such as `vocab_size_per_layer_input` or `moe_expert_dim`: a size in each layer or expert, and no count of them."""


def check_bounds(value: object, label: str, place: str = "") -> None:
    """See that a configuration, or a part of it, asks for no more than published models have.

    Some configurations make lists as long as the model has layers, so that not even they may be built unchecked.

    Args:
        value: config.json, or what it holds at `place`.
        label: The model, as messages name it.
        place: Names of the fields on the way to the value, with full stops between them.

    Raises:
        ModelError: A number or a list is too large; the message names the field, the number and the limit.
    """
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        name = f"{place}.{key}".lstrip(".")
        limit = _limit(str(key))
        most = MAX_INTEGER if _SIZE.search(str(key)) else limit
        if isinstance(inner, int) and not -MAX_INTEGER < inner <= most:
            raise ModelError(
                f"config.json of {label!r} says {name} = {inner}; lensdoc reads at most {most:,}. Write the model's own number"
            )
        if isinstance(inner, list) and len(inner) > limit:
            raise ModelError(
                f"config.json of {label!r} has {len(inner):,} entries in {name}; at most {limit:,} are read. Write its own"
            )
        check_bounds(inner, label, name)


def _limit(key: str) -> int:
    """Of a list by this name, and of a number that counts what the name says."""
    if "layer" in key or key in _LAYERS:
        return MAX_LAYERS
    return MAX_EXPERTS if "expert" in key else MAX_INTEGER
