"""A lens that was fitted for one model: a map of each layer's state to one that the last layer might make, and its file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as as_safetensors
from torch import Tensor

from lensdoc.core.errors import ModelError
from lensdoc.core.files import write_atomic
from lensdoc.records.lens import LensInfo

if TYPE_CHECKING:
    from lensdoc.models.language_model import LanguageModel

_FORMAT = "lensdoc/lens-1"


@dataclass(frozen=True, eq=False)
class FittedLens:
    """Of each layer but the last a matrix, and for a tuned lens what is added: `matrices[l] h + offsets[l]`."""

    info: LensInfo
    model: str
    revision: str
    """Of the model that it was fitted for; it is used for no other."""
    matrices: Tensor
    """(layers - 1, width, width)."""
    offsets: Tensor
    """(layers - 1, width); zeros for a Jacobian lens."""

    def transported(self, layer: int, states: Tensor) -> Tensor:
        """States (..., width) after a layer as the last layer might have made them; those of the last layer stay."""
        if layer == len(self.matrices):
            return states
        matrix, offset = (part[layer].to(states) for part in (self.matrices, self.offsets))
        return states @ matrix.T + offset

    def save(self, path: Path | str) -> None:
        """Write the lens as a safetensors file, which holds what it was fitted on by its hash."""
        about = {"format": _FORMAT, "model": self.model, "revision": self.revision, "info": self.info.model_dump_json()}
        place = Path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        parts = {"matrices": self.matrices.contiguous(), "offsets": self.offsets.contiguous()}
        write_atomic(place, as_safetensors(parts, metadata=about))


def content_hash(matrices: Tensor, offsets: Tensor) -> str:
    """`sha256:` and the hash of what was fitted."""
    found = hashlib.sha256()
    for part in (matrices, offsets):
        found.update(json.dumps(list(part.shape)).encode())
        found.update(part.contiguous().cpu().numpy().tobytes())
    return f"sha256:{found.hexdigest()}"


def read_lens(path: Path | str, lm: LanguageModel) -> FittedLens:
    """The lens of a file, if it is of this model.

    Raises:
        ModelError: There is no such file, it is no lens or a damaged one, or it was fitted for another model.
    """
    if not Path(path).is_file():
        raise ModelError(f"{path}: there is no such file; fit a lens by: lensdoc fit-lens MODEL TEXT --as {path}")
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            if about.get("format") != _FORMAT:
                raise ModelError(f"{path}: this is no lens of lensdoc; its format is {about.get('format')!r}, not {_FORMAT!r}")
            info = LensInfo.model_validate_json(about["info"])
            found = FittedLens(info, about["model"], about["revision"], file.get_tensor("matrices"), file.get_tensor("offsets"))
    except (SafetensorError, ValidationError, KeyError, OSError) as error:
        raise ModelError(f"{path}: this is no lens that can be read: {str(error).splitlines()[0]}; fit it again") from None
    if content_hash(found.matrices, found.offsets) != info.hash:
        raise ModelError(f"{path}: its numbers are not those that were fitted, by their hash; fit it again")
    return fitting(found, lm)


def fitting(lens: FittedLens, lm: LanguageModel) -> FittedLens:
    """The lens, if it is of this model.

    Raises:
        ModelError: It was fitted for another one.
    """
    own, shape = lm.info, tuple(lens.matrices.shape)
    if lens.revision != own.revision or shape != (own.layers - 1, own.width, own.width):
        raise ModelError(
            f"the lens was fitted for {lens.model} ({lens.revision[:14]}), and this is {own.id} ({own.revision[:14]}); "
            "fit one for it"
        )
    return lens


def float32(part: Tensor) -> Tensor:
    """As files have it."""
    return part.detach().to("cpu", torch.float32)
