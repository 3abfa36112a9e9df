"""The tokenizer of a folder: from copies of its checked files alone, and bounded in the time, memory and text that it makes."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from transformers import AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from lensdoc.core.errors import ModelError
from lensdoc.core.messages import sentence
from lensdoc.core.model_files import BUNDLED
from lensdoc.models import tokenizer_probe
from lensdoc.models.configs import clean
from lensdoc.models.folder import Folder

MAX_GROWTH = 10_000
"""Bytes that a byte of a text may become on its way into tokens or out of them, at most."""
PROBE_SECONDS = 20
_PLAIN = ("TokenizersBackend", "PreTrainedTokenizerFast")
_CURE = "Take the tokenizer's files from where the model was published"
_SAMPLE = "The keys, 12 3\n\n  to don't 1234 naïve 東京!"
_UNICODE = {"NFC": 3, "NFD": 4, "NFKC": 18, "NFKD": 18, "Lowercase": 2, "BertNormalizer": 8, "ByteLevel": 2}
"""What a normalizer makes of one byte at most."""


def load_tokenizer(folder: Folder, config: PreTrainedConfig) -> PreTrainedTokenizerBase:
    """The tokenizer of a model's folder.

    Raises:
        ModelError: Its files are malformed, hold no vocabulary, make a text grow without bound, or take too long.
    """
    if (folder.path / "tokenizer.json").is_file() and folder.label not in BUNDLED:
        _check_definition(folder)
    with TemporaryDirectory(prefix="lensdoc-tokenizer-") as staged:
        _stage(folder, Path(staged))
        try:
            tokenizer: PreTrainedTokenizerBase = _read(Path(staged), config)
        except Exception as error:  # noqa: BLE001 - each class of tokenizers fails in its own way
            if not folder.has_vocabulary:
                raise ModelError(
                    f"the tokenizer of {folder.label!r} has no vocabulary: there is no tokenizer.json. {_CURE}"
                ) from None
            said = sentence(error).replace(staged, folder.label)
            raise ModelError(f"the tokenizer of {folder.label!r} cannot be loaded: {said}. {_CURE}") from None
    _check_vocabulary(folder, tokenizer)
    return tokenizer


def _read(staged: Path, config: PreTrainedConfig) -> Any:  # noqa: ANN401 - tokenizers of transformers have no common type
    """Where the folder says that tokenizer.json is all of its tokenizer, it is taken as it is.

    For some kinds of models transformers would take the class of the published ones, which reads texts in its own way.
    """
    settings = staged / "tokenizer_config.json"
    kind = json.loads(settings.read_text(encoding="utf-8")).get("tokenizer_class") if settings.is_file() else None
    if kind in _PLAIN and (staged / "tokenizer.json").is_file():
        return PreTrainedTokenizerFast.from_pretrained(staged, local_files_only=True)
    return AutoTokenizer.from_pretrained(staged, config=config, trust_remote_code=False, local_files_only=True)


def _stage(folder: Folder, staged: Path) -> None:
    """Copy the checked files; what tokenizer_config.json says of code and of other files is left out."""
    for path in folder.tokenizer:
        target = staged / path.relative_to(folder.path)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, target)
    settings = staged / "tokenizer_config.json"
    if settings.is_file():
        settings.write_text(json.dumps(_settings(folder, settings)), encoding="utf-8")
    (staged / "config.json").write_text(json.dumps(clean(folder.config)), encoding="utf-8")


def _settings(folder: Folder, path: Path) -> dict[str, Any]:
    content = _json(folder, path)
    if not isinstance(content.get("tokenizer_class"), str | None):
        kind = content["tokenizer_class"]
        raise ModelError(f"tokenizer_config.json of {folder.label!r} says tokenizer_class {kind!r}, which is no name. {_CURE}")
    own = ("_file", "_files", "auto_map", "name_or_path")
    return {key: value for key, value in content.items() if not key.endswith(own) and not key.startswith("_")}


def _json(folder: Folder, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path.name} of {folder.label!r} is no JSON ({sentence(error)}). {_CURE}") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path.name} of {folder.label!r} must be a JSON object, it is a {type(content).__name__}. {_CURE}")
    return content


def _check_definition(folder: Folder) -> None:
    """A chain of replacements can make gigabytes of one letter, and a regular expression can take years for a line."""
    path = folder.path / "tokenizer.json"
    content = _json(folder, path)
    for part in ("normalizer", "pre_tokenizer", "decoder"):
        if (growth := _growth(content.get(part))) > MAX_GROWTH:
            raise ModelError(
                f"the {part} of tokenizer.json of {folder.label!r} may make {growth:.0e} bytes of one byte of a text; at most "
                f"{MAX_GROWTH:,} are read. {_CURE}"
            )
    command = [sys.executable, "-P", tokenizer_probe.__file__, str(path.resolve())]
    try:
        probe = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)  # noqa: S603 - this Python
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"tokenizer.json of {folder.label!r} took more than {PROBE_SECONDS} s for a few short texts. {_CURE}"
        ) from None
    if probe.returncode:
        said = (probe.stderr.strip().splitlines() or ["it ran out of memory"])[-1]
        raise ModelError(f"tokenizer.json of {folder.label!r} fails on a few short texts: {sentence(ValueError(said))}. {_CURE}")


def _growth(part: object) -> float:
    """How many bytes the steps of a normalizer or decoder make of one byte, at most."""
    if not isinstance(part, dict):
        return 1
    steps = next((part[key] for key in ("normalizers", "pretokenizers", "decoders") if isinstance(part.get(key), list)), None)
    if steps is not None:
        total = 1.0
        for step in steps:
            total = min(total * _growth(step), 1e300)
        return total
    kind = str(part.get("type"))
    if kind == "Precompiled":
        return _charsmap(str(part.get("precompiled_charsmap")))
    return _replacement(part) if kind == "Replace" else float(_UNICODE.get(kind, 1))


def _charsmap(encoded: str) -> float:
    """SentencePiece's map: the size of a trie, the trie, and the texts that it leads to, each ended by a zero byte."""
    try:
        data = base64.b64decode(encoded, validate=True)
    except ValueError:
        return 1  # the library refuses it
    texts = data[4 + int.from_bytes(data[:4], "little") :].split(b"\0")
    return float(max(1, *map(len, texts)))


def _replacement(part: dict[str, Any]) -> float:
    pattern, content = part.get("pattern"), len(str(part.get("content", "")).encode(errors="replace"))
    fixed = pattern.get("String") if isinstance(pattern, dict) else None
    # A regular expression may match between any two bytes.
    return max(1.0, content / len(fixed.encode(errors="replace"))) if isinstance(fixed, str) and fixed else 1.0 + content


def _check_vocabulary(folder: Folder, tokenizer: PreTrainedTokenizerBase) -> None:
    try:
        ids = tokenizer("a b", add_special_tokens=False)["input_ids"]
        special = len(tokenizer.all_special_tokens)
        size = len(tokenizer)
    except Exception as error:  # noqa: BLE001 - as above
        raise ModelError(f"the tokenizer of {folder.label!r} reads no text: {sentence(error)}. {_CURE}") from None
    if not ids:
        raise ModelError(f"the tokenizer of {folder.label!r} makes no tokens of the text 'a b'. {_CURE}")
    if size <= special:
        raise ModelError(f"the tokenizer of {folder.label!r} has no vocabulary, only {special} special tokens. {_CURE}")
    _compare(folder, tokenizer)


def _compare(folder: Folder, tokenizer: PreTrainedTokenizerBase) -> None:
    """A class of transformers may read texts otherwise than the file does that came with the model; then that is said."""
    definition = folder.path / "tokenizer.json"
    if type(tokenizer).__name__ in _PLAIN or not definition.is_file():
        return
    from tokenizers import Tokenizer

    expected = Tokenizer.from_file(str(definition)).encode(_SAMPLE, add_special_tokens=False).ids
    if tokenizer(_SAMPLE, add_special_tokens=False)["input_ids"] != expected:
        warnings.warn(
            f"{type(tokenizer).__name__} of transformers reads texts otherwise than tokenizer.json of {folder.label!r}; where "
            'the file is right, write "tokenizer_class": "PreTrainedTokenizerFast" in tokenizer_config.json',
            stacklevel=4,
        )
