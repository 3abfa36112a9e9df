"""Run by itself, with a .gguf file and an empty folder: write the model there as `save_pretrained` would.

The file must lie alone in its folder: transformers takes tokenizers, templates and adapters from beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

_KEPT_APART = ("quantization_config", "_name_or_path", "_model_name_or_path", "transformers_weights")
"""What the configuration says of the .gguf file, and no more of the folder."""


def convert(path: Path, folder: Path) -> None:
    """Write the weights in float32, the configuration and the tokenizer."""
    source: dict[str, Any] = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name, "local_files_only": True}
    # Where the library kernels is installed, newer versions would keep the weights in their blocks.
    unpack: dict[str, Any] = (
        {"quantization_config": transformers.GgufConfig(dequantize=True)} if hasattr(transformers, "GgufConfig") else {}
    )
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        **source, **unpack, dtype=torch.float32, trust_remote_code=False, output_loading_info=True
    )
    model, info = loaded
    for what in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if info[what]:
            raise ValueError(f"transformers finds {what.replace('_', ' ')} in it: {', '.join(map(str, sorted(info[what])[:3]))}")
    # `save_pretrained` refuses a model that was dequantised.
    save_file(_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    config = {key: value for key, value in model.config.to_dict().items() if key not in _KEPT_APART}
    config |= {"architectures": [type(model).__name__], "dtype": "float32"}
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True), encoding="utf-8")
    model.generation_config.save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source, trust_remote_code=False).save_pretrained(folder)


def _weights(model: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401 - a model of transformers
    """Each once: tied weights share their memory, and are tied again when the folder is loaded."""
    kept: dict[str, torch.Tensor] = {}
    seen: set[tuple[int, torch.Size]] = set()
    for name, weight in model.state_dict().items():
        if (place := (weight.data_ptr(), weight.shape)) not in seen:
            seen.add(place)
            kept[name] = weight.contiguous()
    return kept


if __name__ == "__main__":
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except Exception as error:  # noqa: BLE001 - told by who started this, on one line
        raise SystemExit(f"{type(error).__name__}: {' '.join(str(error).split())}") from None
