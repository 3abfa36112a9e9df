"""From config.json to the configuration of a model, without what it may not decide, and bounded before anything is built."""

from __future__ import annotations

import re
from typing import Any

from transformers import CONFIG_MAPPING, MODEL_FOR_CAUSAL_LM_MAPPING, PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from lensdoc.core.errors import ModelError
from lensdoc.core.names import nearest
from lensdoc.models.folder import Folder

MAX_LAYERS = 2_000
"""More than ten times as many as the deepest published models have."""
MAX_EXPERTS = 100_000
MAX_INTEGER = 2**40
_LAYERS = ("depth", "num_blocks", "n_blocks", "num_encoder_blocks", "num_stages")
"""Other names that architectures have for their number of layers."""
_SIZE = re.compile(r"(^|_)(size|dim|width|vocab)(_|$)")
"""In a name such as `vocab_size_per_layer_input` or `moe_expert_dim`: a size in each layer or expert, and no count of them."""
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
    """The configuration of a causal language model.

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
    if known not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise ModelError(f"{label!r} is a {kind} model, which is no causal language model")
    if config.get("is_encoder_decoder"):
        raise ModelError(
            f"{label!r} is an encoder with a decoder; its decoder alone would say something else. Save the decoder as a model of "
            "its own, or take a causal language model"
        )
    if (quantization := config.pop("quantization_config", None)) is not None:
        raise ModelError(
            f"the weights of {label!r} are quantised ({_method(quantization)}); measures need them as floats. "
            "Take the model as it was before, a dequantised copy of it, or a .gguf file"
        )
    _check_bounds(config, label)
    try:
        return known.from_dict(config)
    except Exception as error:  # noqa: BLE001 - each architecture fails in its own way on values that it does not expect
        raise ModelError(
            f"config.json of {label!r} is no configuration of a {kind} model: {sentence(error)}. "
            "Write it anew with `save_pretrained`"
        ) from None


def sentence(error: Exception) -> str:
    """What an exception of a library says, on one line of at most 300 characters."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, KeyError):
        said = f"{said} is unknown"
    return said if len(said) <= 300 else f"{said[:299]}…"  # noqa: PLR2004


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return clean(value)
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _method(quantization: object) -> str:
    return str(quantization.get("quant_method", "unknown")) if isinstance(quantization, dict) else "unknown"


def _check_bounds(value: object, label: str, place: str = "") -> None:
    """Some configurations make lists as long as the model has layers, so that not even they may be built unchecked."""
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
        _check_bounds(inner, label, name)


def _limit(key: str) -> int:
    """Of a list by this name, and of a number that counts what the name says."""
    if "layer" in key or key in _LAYERS:
        return MAX_LAYERS
    return MAX_EXPERTS if "expert" in key else MAX_INTEGER
