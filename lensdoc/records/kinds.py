"""The registry of kinds: one line each, and those of installed packages."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from lensdoc.core import installed
from lensdoc.core.errors import DataError
from lensdoc.records.record import Record

KINDS = {
    "ablation": "lensdoc.records.ablation:Ablation",
    "activations": "lensdoc.records.activations:Activations",
    "attention": "lensdoc.records.attention:Attention",
    "attention-flow": "lensdoc.records.attention_flow:AttentionFlow",
    "decoding": "lensdoc.records.decoding:Decoding",
    "exchange": "lensdoc.records.exchange:Exchange",
    "factor-saliency": "lensdoc.records.factor_saliency:FactorSaliency",
    "factors": "lensdoc.records.factors:Factors",
    "faithfulness": "lensdoc.records.faithfulness:Faithfulness",
    "graph": "lensdoc.records.graph:Graph",
    "live": "lensdoc.records.live:Live",
    "image": "lensdoc.records.image:Image",
    "logit-attribution": "lensdoc.records.logit_attribution:LogitAttribution",
    "mask": "lensdoc.records.mask:Mask",
    "patching": "lensdoc.records.patching:Patching",
    "predictions": "lensdoc.records.predictions:Predictions",
    "rankings": "lensdoc.records.rankings:Rankings",
    "saliency": "lensdoc.records.saliency:Saliency",
    "sequence": "lensdoc.records.sequence:Sequence",
    "similarity": "lensdoc.records.similarity:Similarity",
    "table": "lensdoc.records.table:Table",
    "watch": "lensdoc.records.watch:Watch",
}
"""Kind to the class of its records; a class loads when a record of its kind is read."""


def known_kinds() -> set[str]:
    """All kinds: of the registry, and of installed packages."""
    return {*KINDS, *installed.kinds(installed.RECORDS)}


def record_class(kind: str) -> type[Record]:
    """The class of a known kind.

    Raises:
        DataError: The package that has the kind cannot be loaded, or what it registered is no class of such records.
    """
    if kind not in KINDS:
        return _of_package(kind)
    module, name = KINDS[kind].split(":")
    return cast("type[Record]", getattr(import_module(module), name))


def _of_package(kind: str) -> type[Record]:
    found = installed.load(installed.RECORDS, kind, DataError)
    where = f"the kind {kind!r} of {installed.package_of(installed.RECORDS, kind)}"
    if not (isinstance(found, type) and issubclass(found, Record)):
        raise DataError(f"{where} is {found!r:.60}; it must be a subclass of lensdoc.records.record.Record")
    if getattr(found, "KIND", None) != kind or not isinstance(getattr(found, "VERSION", None), tuple):
        raise DataError(f"{where}: its class must say KIND = {kind!r} and VERSION = (major, minor)")
    return found
