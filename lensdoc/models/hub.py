"""A model of the Hugging Face hub, as a folder of its cache; only files that are loaded are fetched."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path
from threading import Thread
from typing import Any

from huggingface_hub import HfApi, constants, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from lensdoc.core.errors import ModelError
from lensdoc.core.meant import cached_models, meant
from lensdoc.core.messages import sentence
from lensdoc.core.model_files import BUNDLED, INDEX, WEIGHTS, indexed, is_hidden, lies_within
from lensdoc.models.folder import TOKENIZER_FILES
from lensdoc.models.named import _models_of_project, _models_of_run
from lensdoc.records.saving import RUN

PATIENCE = 4.0
"""Seconds that the hub may take for its first answer; the variable HF_HUB_ETAG_TIMEOUT gives it more."""
_SMALL = ("config.json", "generation_config.json", INDEX, *TOKENIZER_FILES)


class _Silent(Exception):  # noqa: N818 - handled here
    """The hub gave no answer."""


def fetch(name: str, revision: str | None) -> tuple[Path, str]:
    """The folder of a hub model in the hub's cache, and the commit that it is.

    What the cache has of that commit is not fetched again. Where the hub cannot be reached, the cache's own copy is taken.

    Raises:
        ModelError: There is no such model or revision, it may not be read, or neither the hub nor the cache has it.
    """
    try:
        return _fetch(name, revision)
    except (_Silent, OfflineModeIsEnabled, LocalEntryNotFoundError) as error:
        return _cached(name, revision, error)
    except (HFValidationError, OSError) as error:
        raise ModelError(_why(name, revision, error)) from None


def _fetch(name: str, revision: str | None) -> tuple[Path, str]:
    files = _ask(name, revision)
    small = [file for file in files if any(fnmatch(file, pattern) for pattern in _SMALL)]
    if "config.json" not in small:
        raise ModelError(f"the hub's {name!r} has no config.json, so transformers cannot load it; take a model that has one")
    # By the name of the revision, which the cache then remembers: the same name leads to this commit without a network.
    folder = _get(name, "config.json", revision).parent
    for file in small:
        if file != INDEX or WEIGHTS not in files:
            _get(name, file, folder.name)
    for file in _weights(folder, files):
        _get(name, file, folder.name)
    return folder, folder.name


def _why(name: str, revision: str | None, error: Exception) -> str:
    reasons = {  # what is more special comes first
        GatedRepoError: f"the hub gives {name!r} to those who accepted its terms: do so there, then `hf auth login`",
        RevisionNotFoundError: f"the hub's {name!r} has no revision {revision!r}; its page lists branches, tags and commits",
        RepositoryNotFoundError: (
            f"the hub has no model {name!r} that you may read; {_meant(name)}where it is private, `hf auth login`"
        ),
        HFValidationError: f"{name!r} is neither a folder or .gguf file here nor a hub id (org/name); {_meant(name)}{_choices()}",
    }
    other = f"fetching {name!r} from the hub failed: {sentence(error)}. Try again, or give a local folder"
    return next((said for kind, said in reasons.items() if isinstance(error, kind)), other)


def _get(name: str, file: str, revision: str | None) -> Path:
    return Path(hf_hub_download(name, file, revision=revision))


def _ask(name: str, revision: str | None) -> list[str]:
    """The names of the files. In a thread of its own, since looking up a host may take longer than any time-out."""
    if constants.HF_HUB_OFFLINE:
        raise _Silent("HF_HUB_OFFLINE is set")
    patience = float(os.environ.get("HF_HUB_ETAG_TIMEOUT") or PATIENCE)
    answer: list[Any] = []

    def ask() -> None:
        try:
            answer.append(HfApi().model_info(name, revision=revision, timeout=patience))
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
            answer.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(patience)
    if not answer:
        raise _Silent(f"no answer within {patience:g} s")
    (found,) = answer
    if isinstance(found, (HfHubHTTPError, HFValidationError)) and not _is_down(found):
        raise found
    if isinstance(found, Exception):
        raise _Silent(sentence(found))
    return [file.rfilename for file in found.siblings or []]


def _is_down(error: Exception) -> bool:
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return status >= 500  # noqa: PLR2004 - the hub's own fault


def _weights(folder: Path, files: list[str]) -> list[str]:
    """Only safetensors, and only what the model's own list of files has; what else an index names, loading refuses."""
    if WEIGHTS in files:
        return [WEIGHTS]
    if INDEX not in files:
        return []
    try:
        return sorted({file for file in indexed(folder).values() if file in files and file.endswith(".safetensors")})
    except ValueError:
        return []


def _cached(name: str, revision: str | None, why: Exception) -> tuple[Path, str]:
    try:
        folder = Path(hf_hub_download(name, "config.json", revision=revision, local_files_only=True)).parent
    except (OSError, ValueError):
        raise ModelError(
            f"{name!r} is not on this machine: it is no folder here (a run looks in analyses/), and the hub cannot be reached "
            f"({why}); {_meant(name)}fetch it once where there is a network, or {_choices()}"
        ) from None
    if lacking := _lacking(folder):
        raise ModelError(
            f"{name!r} is not whole on this machine: the hub's cache lacks {lacking}, and the hub cannot be reached ({why}); "
            f"fetch it once where there is a network, or {_choices()}"
        )
    return folder, folder.name


def _lacking(folder: Path) -> str:
    """What a download that was ended, or one for another purpose, left out; empty where all is there that would be fetched."""
    files = [path.name for path in folder.iterdir() if path.is_file() and not is_hidden(path)]
    if not any(fnmatch(name, pattern) for name in files for pattern in TOKENIZER_FILES):
        return "its tokenizer"
    if (folder / WEIGHTS).is_file():
        return ""
    if not (folder / INDEX).is_file():
        return "its weights"
    try:
        shards = {file for file in indexed(folder).values() if file.endswith(".safetensors") and lies_within(folder, file)}
    except ValueError:  # told by what reads the folder
        return ""
    return next((shard for shard in sorted(shards) if not (folder / shard).is_file()), "")


def _meant(name: str) -> str:
    named = _models_of_run() if RUN in os.environ else _models_of_project()
    return meant(name, [*named, *cached_models(Path(constants.HF_HUB_CACHE))])


def _choices() -> str:
    return f"give a local folder, a .gguf file or a bundled model: {', '.join(BUNDLED)}"
