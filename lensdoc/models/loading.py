"""Loading a causal language model: bundled, from a local folder, or from the hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers.utils import logging as transformers_logging

from lensdoc.models.language_model import LanguageModel
from lensdoc.models.named import named_model, note_loaded
from lensdoc.records.errors import ModelError, nearest
from lensdoc.records.model_files import BUNDLED, content_revision, local_folder

_OUT_OF_REACH = {"OfflineModeIsEnabled", "LocalEntryNotFoundError"}
"""What the hub's client raises where a file is neither here nor can be fetched."""
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load_model(
    source: str, *, name: str | None = None, revision: str | None = None, device: str | None = None, dtype: str = "float32"
) -> LanguageModel:
    """Load a causal language model with its tokenizer, from safetensors and without running remote code.

    Args:
        source: A bundled model (`lensdoc/tiny`), a local folder, a hub id, or a name under `models:` in `analyses/runs.yml`.
        name: What readers see; by default the name in runs.yml, the hub id, or the last part of a path.
        revision: Commit, tag or branch of a hub model; the commit it stands for is recorded.
        device: Where the model computes, as torch names it; the CPU by default.
        dtype: Type that the weights are computed in: `float32`, `bfloat16` or `float16`.

    Raises:
        ModelError: The name, the files or the dtype will not do; the message says which and why.
    """
    if dtype not in _DTYPES:
        raise ModelError(f"dtype {dtype!r} is unknown; {nearest(dtype, _DTYPES)}")
    named = named_model(source)
    lm = _load(named.source if named else source, revision, device, dtype, name or (named.title if named else None))
    note_loaded(source, lm.revision)
    return lm


def _load(name: str, revision: str | None, device: str | None, dtype: str, title: str | None) -> LanguageModel:
    folder = local_folder(name)
    if folder is None and name.startswith("lensdoc/"):
        raise ModelError(f"no bundled model {name!r}; {nearest(name, BUNDLED)}")
    if folder and revision:
        raise ModelError(f"revision {revision!r} was asked for, but {name!r} is a folder, which has only the one it holds")
    _check_files(name, folder)
    transformers_logging.disable_progress_bar()
    options: dict[str, Any] = {"revision": revision, "trust_remote_code": False}
    place = str(folder or name)
    try:
        config = AutoConfig.from_pretrained(place, **options)
        if type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
            raise ModelError(f"{name!r} is a {config.model_type} model, which is no causal language model")
        tokenizer = AutoTokenizer.from_pretrained(place, **options)
        model: Any = AutoModelForCausalLM.from_pretrained(place, dtype=_DTYPES[dtype], use_safetensors=True, **options)
    except (OSError, ValueError) as error:
        raise ModelError(_why_not(name, error)) from error
    try:
        model.to(torch.device(device or "cpu")).eval()
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        raise ModelError(f"device {device!r} will not do; name one as torch does, such as cpu or cuda: {error}") from None
    _check_causal(name, model)
    known = content_revision(folder) if folder else model.config._commit_hash  # noqa: SLF001 - no public name for it
    public = name if folder is None or name in BUNDLED else Path(name).name
    return LanguageModel(model, tokenizer, id=title or public, revision=known)


def _check_files(name: str, folder: Path | None) -> None:
    if folder is None:
        if name.count("/") > 1 or name.startswith((".", "/", "~")):
            raise ModelError(f"there is no folder {name!r}; give one that exists, a hub id or {', '.join(BUNDLED)}")
        return
    for pattern, what in (("config.json", "no config.json"), ("*.safetensors", "no weights in the format safetensors")):
        if not list(folder.glob(pattern)):
            raise ModelError(
                f"the folder {name!r} has {what}; `save_pretrained` writes both. Pickled weights are never loaded, for they "
                "can run code"
            )


@torch.no_grad()
def _check_causal(name: str, model: PreTrainedModel) -> None:
    """Some encoders load as causal models too; in one that is none, a later token changes what was said before it."""
    pairs = torch.tensor([[0, 0], [0, 1]], device=model.device)
    logits = model(pairs, use_cache=False).logits[:, 0]
    rounding = 8 * torch.finfo(logits.dtype).eps * float(logits.abs().max())
    if (logits[0] - logits[1]).abs().max() > rounding:  # never so for NaN, which the measures name
        raise ModelError(f"{name!r} is no causal language model: what it says after a token depends on those that follow")


def _why_not(name: str, error: Exception) -> str:
    if any(type(cause).__name__ in _OUT_OF_REACH for cause in _causes(error)):
        return (
            f"{name!r} is not on this machine: it is no folder here (a run looks in analyses/), and the hub cannot be reached; "
            f"fetch it once where there is a network, or give a local folder or a bundled model: {', '.join(BUNDLED)}"
        )
    first = str(error).strip().split("\n")[0]
    return f"cannot load {name!r} as a causal language model: {first}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
