"""The registry of kinds: one line each."""

from __future__ import annotations

from importlib import import_module
from typing import cast

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
    "image": "lensdoc.records.image:Image",
    "logit-attribution": "lensdoc.records.logit_attribution:LogitAttribution",
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


def record_class(kind: str) -> type[Record]:
    """The class of a kind that the registry names."""
    module, name = KINDS[kind].split(":")
    return cast("type[Record]", getattr(import_module(module), name))
