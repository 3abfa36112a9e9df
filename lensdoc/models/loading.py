"""Loading a language model of any kind: bundled, from a local folder or .gguf file, or from the hub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from lensdoc.core.errors import ModelError
from lensdoc.core.messages import sentence
from lensdoc.core.model_files import BUNDLED, content_revision, local_source
from lensdoc.core.names import nearest
from lensdoc.core.progress import doing
from lensdoc.models.classes import is_masked_class
from lensdoc.models.configs import build_config, clean
from lensdoc.models.folder import Folder, read_folder
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.named import named_model, note_loaded
from lensdoc.models.sight import reads_source, sees_all
from lensdoc.models.streams import has_two
from lensdoc.models.tokenizer_files import load_tokenizer
from lensdoc.models.weights import load_weights

_MOST_CHARACTERS = 1_000
"""Of a model's name or path."""
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def load_model(
    source: str, *, revision: str | None = None, device: str | None = None, dtype: str = "float32", name: str | None = None
) -> LanguageModel:
    """Load a causal or masked language model, or an encoder with a decoder, with its tokenizer.

    Its files are safetensors or GGUF; no code that comes with it is run.

    Which of these it is follows from its configuration, and is checked by running it: from a position of a causal model the
    tokens up to it are seen, from one of a masked model all, and what a decoder says depends on the source.

    All weights of the model must be in its files, in its shapes, and no others; what is measured is what the revision names.

    Args:
        source: A bundled model (`lensdoc/tiny`), a local folder, a .gguf file, a hub id, or a name under `models:` in
            `analyses/runs.yml`.
        revision: Commit, tag or branch of a hub model; the commit it stands for is recorded.
        device: Where the model computes, as torch names it; the CPU by default.
        dtype: Type that the weights are computed in: `float32`, `bfloat16` or `float16`. Those of 16 bits change what is
            measured: in `bfloat16`, 3 of 16 tokens that SmolLM2-135M produced and 41 % of the ranks of its logit lens differ.
        name: How readers see the model named, in records and on pages. By default the name in runs.yml, a hub id or
            bundled model by itself, a folder or file by the last part of its path.

    Raises:
        ModelError: The name, the files or the dtype will not do; the message says which and why.
    """
    asked = source
    if dtype not in _DTYPES:
        raise ModelError(f"dtype {dtype!r} is unknown; {nearest(str(dtype), _DTYPES)}")
    doing(f"loading {asked}")
    if named := named_model(asked):
        source, name = named.source, name or named.title
    found = _find(source, revision)
    public = found.name if name is None else _public(name)
    folder = read_folder(found.folder, asked)
    before = folder.stamps()
    known = found.revision or content_revision(found.folder)
    with _quiet():
        config = build_config(folder)
    config.name_or_path = source  # transformers knows tokenizers of some hub ids by it
    tokenizer = load_tokenizer(folder, config)
    with _quiet():
        model = load_weights(folder, config, _DTYPES[dtype])
    if folder.stamps() != before:
        raise ModelError(f"files of {asked!r} changed while they were loaded; load it again once they are whole")
    _settle(model, tokenizer, folder, public)
    try:
        model.to(torch.device(device or "cpu")).eval()  # type: ignore[arg-type] # transformers' own annotation
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        raise ModelError(f"device {device!r} will not do; name one as torch does, such as cpu or cuda: {error}") from None
    _check_sight(asked, model)
    note_loaded(asked, known)
    return LanguageModel(model, tokenizer, id=public, revision=known, gguf=found.gguf)


@contextmanager
def _quiet() -> Iterator[None]:
    """No bars; and what transformers would report of weights and configuration, the errors here say."""
    transformers_logging.disable_progress_bar()
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)


@dataclass(frozen=True)
class _Found:
    folder: Path
    revision: str | None
    """None where the folder's content is to be hashed."""
    name: str
    """What readers see where the author gave no name."""
    gguf: Path | None = None
    """The .gguf file that the folder was converted from."""


def _find(source: str, revision: str | None) -> _Found:
    if not isinstance(source, str) or not source:
        raise ModelError(f"a model is named by a text: a bundled model, a folder, a .gguf file or a hub id; it is {source!r}")
    path = local_source(source)
    if path is None:
        return _fetched(source, revision)
    if revision:
        kind = "folder" if path.is_dir() else "file"
        raise ModelError(f"revision {revision!r} was asked for, but {source!r} is a {kind}, which has only the one it holds")
    if path.is_dir():
        return _Found(path, None, source if source in BUNDLED else _last_part(path))
    from lensdoc.models.gguf import converted

    folder, known = converted(path, source)
    return _Found(folder, known, _last_part(path), path)


def _fetched(source: str, revision: str | None) -> _Found:
    if source.startswith("lensdoc/"):
        raise ModelError(f"no bundled model {source!r}; {nearest(source, BUNDLED)}")
    if len(source) > _MOST_CHARACTERS:
        raise ModelError(
            f"a model's name or path has at most {_MOST_CHARACTERS} characters, it has {len(source):,}: {source[:60]!r}…"
        )
    if source.count("/") > 1 or source.startswith((".", "/", "~")) or "\\" in source or source.endswith(".gguf"):
        what = "file" if source.endswith(".gguf") else "folder"
        raise ModelError(f"there is no {what} {source!r} here; give one that exists, a hub id or {', '.join(BUNDLED)}")
    from lensdoc.models.hub import fetch

    folder, commit = fetch(source, revision)
    return _Found(folder, commit, source)


def _last_part(path: Path) -> str:
    """Of the path as it was given; `.` and `..` have a name only once they are resolved."""
    return path.name if path.name not in ("", "..") else path.resolve().name or "model"


def _public(name: str) -> str:
    if not isinstance(name, str) or not name.strip() or Path(name).is_absolute() or "\\" in name or name.startswith((".", "~")):
        raise ModelError(f"name must be what readers see, such as 'SmolLM2-135M (Q4_1)', and no path; it is {name!r}")
    return name


def _settle(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Folder, public: str) -> None:
    """Settings that come with the model and are of use to it, checked; and its public name in place of any path."""
    model.config.name_or_path = tokenizer.name_or_path = public
    tokenizer.init_kwargs["name_or_path"] = public
    if folder.generation:
        try:
            settings: Any = GenerationConfig.from_dict(clean(folder.generation))
        except Exception as error:  # noqa: BLE001 - transformers checks settings in many ways
            raise ModelError(f"generation_config.json of {folder.label!r} will not do: {sentence(error)}") from None
        model.generation_config = settings
    _check_ends(model, folder.label)
    _check_ids(model, tokenizer, folder.label)


def _check_ends(model: PreTrainedModel, label: str) -> None:
    end = getattr(getattr(model, "generation_config", None), "eos_token_id", None)  # masked models have none
    ends = end if isinstance(end, list) else [] if end is None else [end]
    if bad := [one for one in ends if isinstance(one, bool) or not isinstance(one, int)]:
        raise ModelError(
            f"generation_config.json of {label!r} says eos_token_id {bad[0]!r}; it must be the id of a token, or a list of ids"
        )


def _check_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, label: str) -> None:
    """Added tokens beyond the embedding are common and do no harm until a text holds them; words beyond it mean another model."""
    rows = model.get_input_embeddings().get_parameter("weight").shape[0]
    added = set(tokenizer.get_added_vocab().values())
    beyond = {index: token for token, index in tokenizer.get_vocab().items() if index >= rows and index not in added}
    if beyond:
        last = max(beyond)
        raise ModelError(
            f"the tokenizer of {label!r} has a token {last} ({beyond[last]!r}), but the model has only {rows:,}; are its files "
            "those of another model?"
        )


def _check_sight(source: str, model: PreTrainedModel) -> None:
    """Some encoders load as causal models too; in one that is none, a later token changes what was said before it."""
    try:
        everything = sees_all(model)
    except Exception as error:  # noqa: BLE001 - what a configuration promises, each architecture misses in its own way
        raise ModelError(f"{source!r} was loaded but reads no two tokens: {sentence(error)}; is config.json its own?") from None
    if has_two(model):
        _check_two(source, model, everything=everything)
        return
    if everything and not is_masked_class(model):
        raise ModelError(f"{source!r} is no causal language model: what it says after a token depends on those that follow")
    if not everything and is_masked_class(model):
        raise ModelError(
            f"{source!r} is no masked language model: what it says at a token does not depend on those that follow, or is "
            "not finite"
        )


def _check_two(source: str, model: PreTrainedModel, *, everything: bool) -> None:
    if everything or not reads_source(model):
        what = (
            "a token of the target changes what is said before it" if everything else "what it says does not depend on the source"
        )
        raise ModelError(f"{source!r} is no encoder with a decoder, or its output is not finite: {what}")
