"""What records say of a fitted lens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.shapes import check_length

LensMethod = Literal["jacobian", "tuned"]
_Hash = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
_Divergence = Annotated[Real, Field(ge=0)]


class LensInfo(StrictData):
    """A lens that was fitted on a sample of text; by logit lens, which is fitted on nothing, a record has none."""

    method: LensMethod
    hash: _Hash
    """Of what was fitted."""
    sample: _Hash
    """Of the text that it was fitted on."""
    tokens: Annotated[Integer, Field(ge=1)]
    """Of the sample, without those that were held out."""
    skip: Annotated[Integer, Field(ge=0)]
    """How many first tokens of each passage were left out."""
    divergences: tuple[_Divergence, ...]
    """Of each layer of the model: how far the lens is from what the model says at the end, on passages that it was not fitted on:
    the mean Kullback-Leibler divergence, in nats."""
    logit_divergences: tuple[_Divergence, ...]
    """The same by logit lens."""


def check_lens(lens: LensInfo | None, layers: int) -> None:
    """A lens has a divergence for each layer of the model; raises `ValueError` where it has not."""
    if lens is not None:
        check_length("lens.divergences", lens.divergences, "layers of the model", layers)
        check_length("lens.logit_divergences", lens.logit_divergences, "layers of the model", layers)
