"""Which class of transformers a configuration is of: a causal or masked language model, or an encoder with a decoder."""

from __future__ import annotations

from typing import Any

from transformers import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    PreTrainedConfig,
    PreTrainedModel,
)


def model_class(config: PreTrainedConfig) -> Any:  # noqa: ANN401 - a class of transformers
    """The class that a configuration describes; None where it is of none of these kinds.

    One that says `is_encoder_decoder` is of an encoder with a decoder. Some are of a causal and of a masked model. They are of a
    causal one where they say `is_decoder`, or name the causal class as their architecture, else of a masked one.
    """
    if getattr(config, "is_encoder_decoder", False):
        return _in(MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING, config)
    causal, masked = (_in(mapping, config) for mapping in (MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING))
    if causal is None or masked is None:
        return causal or masked
    named = getattr(config, "architectures", None) or []
    return causal if getattr(config, "is_decoder", False) or causal.__name__ in named else masked


def is_masked_class(model: PreTrainedModel) -> bool:
    """Whether transformers has the model's class for masked language models alone."""
    causal, masked = (_in(mapping, model.config) for mapping in (MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING))
    return type(model) is masked and type(model) is not causal


def _in(mapping: Any, config: PreTrainedConfig) -> Any:  # noqa: ANN401 - transformers' mapping, and a class
    found = mapping.get(type(config), None)
    return found[0] if isinstance(found, tuple) else found
