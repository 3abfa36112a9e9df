"""Loading a causal language model: bundled, from a local folder, or from the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from lensdoc.models.language_model import LanguageModel
from lensdoc.records.errors import ModelError, nearest
from lensdoc.records.model_files import BUNDLED, content_revision, local_folder

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load_model(name: str, *, revision: str | None = None, device: str | None = None, dtype: str = "float32") -> LanguageModel:
    """Load a causal language model with its tokenizer, from safetensors and without running remote code.

    Args:
        name: A bundled model (`lensdoc/tiny`), a local folder, or a hub id.
        revision: Commit, tag or branch of a hub model; the commit it stands for is recorded.
        device: Where the model computes, as torch names it; the CPU by default.
        dtype: Type that the weights are computed in: `float32`, `bfloat16` or `float16`.

    Raises:
        ModelError: The name, the files or the dtype will not do; the message says which and why.
    """
    if dtype not in _DTYPES:
        raise ModelError(f"dtype {dtype!r} is unknown; {nearest(dtype, _DTYPES)}")
    folder = local_folder(name)
    if folder is None and name.startswith("lensdoc/"):
        raise ModelError(f"no bundled model {name!r}; {nearest(name, BUNDLED)}")
    if folder and revision:
        raise ModelError(f"revision {revision!r} was asked for, but {name!r} is a folder, which has only the one it holds")
    source = str(folder or name)
    transformers_logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, trust_remote_code=False)
        model: Any = AutoModelForCausalLM.from_pretrained(
            source, revision=revision, dtype=_DTYPES[dtype], use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise ModelError(_why_not(name, error)) from error
    try:
        model.to(torch.device(device or "cpu")).eval()
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        raise ModelError(f"device {device!r} will not do; name one as torch does, such as cpu or cuda: {error}") from None
    known = content_revision(folder) if folder else model.config._commit_hash  # noqa: SLF001 - no public name for it
    public = name if folder is None or name in BUNDLED else Path(name).name
    return LanguageModel(model, tokenizer, id=public, revision=known)


def _why_not(name: str, error: Exception) -> str:
    first = str(error).strip().split("\n")[0]
    return (
        f"cannot load {name!r} as a causal language model: it is no bundled model ({', '.join(BUNDLED)}), "
        f"and as a local folder or hub id it failed with: {first}"
    )
