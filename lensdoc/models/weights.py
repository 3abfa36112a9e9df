"""Building a model with the weights of its files: all that it needs are there and nothing else, or it is refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn.modules import module as registration
from transformers import PreTrainedConfig, PreTrainedModel

from lensdoc.core.errors import ModelError
from lensdoc.core.messages import sentence
from lensdoc.models.classes import model_class
from lensdoc.models.folder import Folder

MAX_MODULES = 300_000
_SLACK = 4
"""A model registers some weights twice (tied ones), never four times what its files hold."""
_FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
"""Types of weights with their bytes."""
_LEFTOVERS = re.compile(
    r"(^|\.)(inv_freq|position_ids|token_type_ids|masked_bias|num_batches_tracked)$"  # computed anew, or never used
    r"|(^|\.)pooler\.|^cls\.seq_relationship\."  # of an encoder, beside its head
)
_MASK = re.compile(r"\.(attn|attention|self_attention)\.bias$")
"""Old checkpoints hold causal masks of this name, (1, 1, n, n)."""


@dataclass(frozen=True)
class Held:
    """What the files of weights say they hold."""

    shapes: dict[str, tuple[int, ...]]
    types: dict[str, str]

    @property
    def count(self) -> int:
        """Number of weights."""
        return sum(torch.Size(shape).numel() for shape in self.shapes.values())

    def is_leftover(self, name: str) -> bool:
        """Whether a tensor decides nothing that a language model says."""
        shape = self.shapes.get(name, ())
        is_mask = _MASK.search(name) is not None and len(shape) == 4 and shape[-1] == shape[-2]  # noqa: PLR2004
        return is_mask or _LEFTOVERS.search(name) is not None


def load_weights(folder: Folder, config: PreTrainedConfig, dtype: torch.dtype) -> PreTrainedModel:
    """Build the model that the configuration describes, with the weights of the folder.

    Raises:
        ModelError: A file is damaged, or the files lack a weight, hold one that the model does not have or has in another shape,
            hold quantised ones, or the model does not fit the memory.
    """
    held = _look(folder)
    kind = model_class(config)
    _check_memory(folder, held, dtype)
    state = _read(folder, held)
    # Without a path transformers looks for nothing: no adapter, no other file, no code.
    with _bounded(folder.label, held.count), _all_missing(kind):
        try:
            model, info = kind.from_pretrained(
                None, config=config, state_dict=state, dtype=dtype, ignore_mismatched_sizes=True, output_loading_info=True
            )
        except ModelError:
            raise
        except Exception as error:  # noqa: BLE001 - each architecture fails in its own way on sizes that do not fit each other
            raise ModelError(
                f"the configuration and the weights of {folder.label!r} make no {kind.__name__}: {sentence(error)}. "
                "Write both anew with `save_pretrained`"
            ) from None
    _check_complete(folder.label, kind.__name__, held, info)
    return model  # type: ignore[no-any-return]


def _look(folder: Folder) -> Held:
    """Names, shapes and types, from the headers alone; safetensors checks that a file is as long as its header says."""
    held = Held({}, {})
    for path, expected in folder.weights.items():
        name = path.relative_to(folder.path).as_posix()
        try:
            with safe_open(path, "pt") as file:
                there = set(file.keys())
                for tensor in there if expected is None else expected:
                    if tensor not in there:
                        raise ModelError(
                            f"{name} of {folder.label!r} lacks {tensor!r}, which the index places there; fetch it again"
                        )
                    part = file.get_slice(tensor)
                    held.shapes[tensor], held.types[tensor] = tuple(part.get_shape()), part.get_dtype()
        except (SafetensorError, OSError, ValueError) as error:
            raise ModelError(
                f"{name} of {folder.label!r} is damaged, or no safetensors: {sentence(error)}. Copy or fetch it anew"
            ) from None
    for tensor, kind in held.types.items():
        if kind not in _FLOATS and not held.is_leftover(tensor):
            raise ModelError(
                f"the weights {tensor!r} of {folder.label!r} are of type {kind}; measures need floats ({', '.join(_FLOATS)}). "
                "Take the model as it was before it was quantised, or a dequantised copy"
            )
    return held


def _check_memory(folder: Folder, held: Held, dtype: torch.dtype) -> None:
    same = all(_FLOATS.get(kind) == dtype.itemsize for kind in held.types.values())
    needed = held.count * dtype.itemsize + (0 if same else max((path.stat().st_size for path in folder.weights), default=0))
    free = psutil.virtual_memory().available
    if needed > free:
        smaller = ", ask for dtype='bfloat16'" if dtype.itemsize == 4 else ""  # noqa: PLR2004 - bytes of float32
        raise ModelError(
            f"{folder.label!r} needs {needed / 1e9:.1f} GB of memory for its {held.count:,} weights, and {free / 1e9:.1f} GB are "
            f"free; close what holds the rest{smaller}, or take a smaller model"
        )


def _read(folder: Folder, held: Held) -> dict[str, Tensor]:
    """Copies, so that a file that changes later changes no weight."""
    state: dict[str, Tensor] = {}
    for path, expected in folder.weights.items():
        with safe_open(path, "pt") as file:
            names: Iterable[str] = list(file.keys()) if expected is None else expected
            state.update({name: file.get_tensor(name).clone() for name in names if not held.is_leftover(name)})
    return state


@contextmanager
def _bounded(label: str, held: int) -> Iterator[None]:
    """End the building of a model that would be far larger than the files: its configuration says what is not there."""
    counts = {"modules": 0, "weights": 0, "buffers": 0}

    def module(_: nn.Module, __: str, ___: nn.Module | None) -> None:
        counts["modules"] += 1
        check()

    def parameter(_: nn.Module, __: str, value: nn.Parameter | None) -> None:
        counts["weights"] += 0 if value is None else value.numel()
        check()

    def buffer(_: nn.Module, __: str, value: Tensor | None) -> None:
        counts["buffers"] += 0 if value is None else value.nbytes
        check()

    def check() -> None:
        if counts["modules"] > MAX_MODULES or counts["weights"] > _SLACK * held + 10**6 or counts["buffers"] > room:
            raise ModelError(
                f"config.json of {label!r} describes a model far larger than its files, which hold {held:,} weights; "
                "is it the configuration of another model?"
            )

    room = psutil.virtual_memory().available // 2
    handles = [
        registration.register_module_module_registration_hook(module),
        registration.register_module_parameter_registration_hook(parameter),
        registration.register_module_buffer_registration_hook(buffer),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _all_missing(kind: Any) -> Iterator[None]:  # noqa: ANN401 - a class of transformers
    """Report missing weights too that the class would make anew without a word."""
    name = "_keys_to_ignore_on_load_missing"
    own, before = name in vars(kind), getattr(kind, name, None)
    setattr(kind, name, None)
    try:
        yield
    finally:
        setattr(kind, name, before) if own else delattr(kind, name)


def _check_complete(label: str, kind: str, held: Held, info: dict[str, Any]) -> None:
    if info["error_msgs"]:
        raise ModelError(f"the weights of {label!r} are no {kind}: {sentence(ValueError(info['error_msgs'][0]))}")
    if other := sorted(info["mismatched_keys"]):
        name, found, wanted = other[0]
        raise ModelError(
            f"weights of {label!r} have another shape than config.json says, {len(other)} of them: {name} is {tuple(found)} "
            f"in the file and {tuple(wanted)} in {kind}; is it the configuration of another model?"
        )
    if missing := sorted(info["missing_keys"]):
        head = "; where the head is the embedding, config.json must say tie_word_embeddings: true" if _is_head(missing) else ""
        raise ModelError(
            f"{label!r} lacks weights of {kind}, which would be random: {_named(missing)}. Save the whole model with "
            f"`save_pretrained`, head included{head}"
        )
    if unexpected := [key for key in sorted(info["unexpected_keys"]) if not held.is_leftover(key)]:
        raise ModelError(
            f"{label!r} holds weights that {kind} does not have, so it is another model than config.json says: "
            f"{_named(unexpected)}. Save it with the `save_pretrained` of its own class"
        )


def _is_head(missing: list[str]) -> bool:
    return len(missing) == 1 and missing[0].endswith(("lm_head.weight", "embed_out.weight"))


def _named(keys: list[str]) -> str:
    return ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")  # noqa: PLR2004 - one line
