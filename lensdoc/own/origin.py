"""From which model an author's figure or table comes."""

from __future__ import annotations

from lensdoc.core.errors import DataError
from lensdoc.records.record import ModelInfo, NamedModel, Provenance, Record


def origin_of(of: object) -> tuple[ModelInfo | NamedModel, Provenance]:
    """Model and provenance of what was drawn; those of none where nothing is said.

    Args:
        of: A record, a trace, or None.

    Raises:
        DataError: It is something else.
    """
    if of is None:
        return NamedModel(id=""), Provenance(dtype="unknown")
    if isinstance(of, Record):
        return of.model, Provenance(dtype=of.provenance.dtype, seed=of.provenance.seed)
    model, made = getattr(getattr(of, "lm", None), "info", None), getattr(of, "provenance", None)
    if isinstance(model, ModelInfo) and isinstance(made, Provenance):
        return model, Provenance(dtype=made.dtype, seed=made.seed)
    raise DataError(f"`of` must be a trace or a record, it is {type(of).__name__}")
