"""From config.json to the configuration of a model, without what it may not decide, and bounded before anything is built."""

from __future__ import annotations

from typing import Any

from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    PreTrainedConfig,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from lensdoc.core.config_bounds import check_bounds
from lensdoc.core.errors import ModelError
from lensdoc.core.messages import sentence
from lensdoc.core.names import nearest
from lensdoc.models.folder import Folder

_IGNORED = {
    "attn_implementation",  # kernels, which may be fetched from a hub
    "experts_implementation",
    "fusion_config",
    "kernel_config",
    "use_kernels",
    "distributed_config",
    "auto_map",  # code that comes with the model
    "custom_pipelines",
    "transformers_weights",  # another name for the file of weights
    "extra_files",
    "name_or_path",
    "dtype",  # `load_model` is told
    "torch_dtype",
    "return_dict",  # how a model answers is for the measures to say
    "torchscript",
    "output_hidden_states",
    "output_attentions",
}
"""What config.json says and nobody asks it for; names that begin with an underscore are ignored too."""


def clean(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration without what it may not decide, at any depth."""
    kept = {key: value for key, value in config.items() if key not in _IGNORED and not key.startswith("_")}
    kept = {key: value for key, value in kept.items() if not callable(getattr(PreTrainedConfig, key, None))}
    return {key: _clean(value) for key, value in kept.items()}


def build_config(folder: Folder) -> PreTrainedConfig:
    """The configuration of a causal or masked language model, or of an encoder with a decoder.

    Raises:
        ModelError: The model is of another kind, quantised, of a type that transformers does not know, or its configuration is
            malformed or out of bounds.
    """
    config, label = clean(folder.config), folder.label
    kind = config.get("model_type")
    if not isinstance(kind, str) or kind not in CONFIG_MAPPING:
        own = " Code that comes with a model is never executed." if "auto_map" in folder.config else ""
        raise ModelError(
            f"config.json of {label!r} says model_type {kind!r}, which this transformers does not know; "
            f"{nearest(str(kind), MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)}.{own}"
        )
    known = CONFIG_MAPPING[kind]
    two = bool(config.get("is_encoder_decoder", _says_two(known)))
    mappings = (MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,) if two else (MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING)
    if all(known not in mapping for mapping in mappings):
        kinds = "no encoder-decoder that writes text" if two else "no causal language model and no masked one"
        raise ModelError(f"{label!r} is a {kind} model, which is {kinds}")
    if (quantization := config.pop("quantization_config", None)) is not None:
        raise ModelError(
            f"the weights of {label!r} are quantised ({_method(quantization)}); measures need them as floats. "
            "Take the model as it was before, a dequantised copy of it, or a .gguf file"
        )
    check_bounds(config, label)
    try:
        return known.from_dict(config)
    except Exception as error:  # noqa: BLE001 - each architecture fails in its own way on values that it does not expect
        raise ModelError(
            f"config.json of {label!r} is no configuration of a {kind} model: {sentence(error)}. "
            "Write it anew with `save_pretrained`"
        ) from None


def _says_two(known: Any) -> bool:  # noqa: ANN401 - a class of transformers
    """Whether a configuration of this class is of an encoder with a decoder unless it says otherwise."""
    return bool(getattr(known, "is_encoder_decoder", False))


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return clean(value)
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _method(quantization: object) -> str:
    return str(quantization.get("quant_method", "unknown")) if isinstance(quantization, dict) else "unknown"
