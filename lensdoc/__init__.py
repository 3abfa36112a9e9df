"""lensdoc: interactive articles that explain transformer language models.

Names load when they are first used, so that publishing never imports torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lensdoc.measures.attending import attention as attention
    from lensdoc.measures.attribution import saliency as saliency
    from lensdoc.measures.deletion import faithfulness as faithfulness
    from lensdoc.measures.exchanging import exchange as exchange
    from lensdoc.measures.factor_attribution import factor_saliency as factor_saliency
    from lensdoc.measures.factorization import factors as factors
    from lensdoc.measures.flow import attention_flow as attention_flow
    from lensdoc.measures.living.making import live as live
    from lensdoc.measures.logit_parts import logit_attribution as logit_attribution
    from lensdoc.measures.masking import mask as mask
    from lensdoc.measures.neurons import activations as activations
    from lensdoc.measures.patches import patching as patching
    from lensdoc.measures.prediction import predictions as predictions
    from lensdoc.measures.ranking import rankings as rankings
    from lensdoc.measures.removal import ablation as ablation
    from lensdoc.measures.similar import similarity as similarity
    from lensdoc.measures.strategies import decoding as decoding
    from lensdoc.measures.tokens import sequence as sequence
    from lensdoc.measures.watching import watch as watch
    from lensdoc.models.lens_fitting import fit_lens as fit_lens
    from lensdoc.models.loading import load_model as load_model
    from lensdoc.own.figures import figure as figure
    from lensdoc.own.tables import table as table
    from lensdoc.records.reading import read_record as read_record

_HOME = {
    "ablation": "lensdoc.measures.removal",
    "activations": "lensdoc.measures.neurons",
    "attention": "lensdoc.measures.attending",
    "attention_flow": "lensdoc.measures.flow",
    "decoding": "lensdoc.measures.strategies",
    "exchange": "lensdoc.measures.exchanging",
    "factor_saliency": "lensdoc.measures.factor_attribution",
    "factors": "lensdoc.measures.factorization",
    "faithfulness": "lensdoc.measures.deletion",
    "figure": "lensdoc.own.figures",
    "live": "lensdoc.measures.living.making",
    "fit_lens": "lensdoc.models.lens_fitting",
    "load_model": "lensdoc.models.loading",
    "logit_attribution": "lensdoc.measures.logit_parts",
    "mask": "lensdoc.measures.masking",
    "patching": "lensdoc.measures.patches",
    "predictions": "lensdoc.measures.prediction",
    "rankings": "lensdoc.measures.ranking",
    "read_record": "lensdoc.records.reading",
    "saliency": "lensdoc.measures.attribution",
    "sequence": "lensdoc.measures.tokens",
    "similarity": "lensdoc.measures.similar",
    "table": "lensdoc.own.tables",
    "watch": "lensdoc.measures.watching",
}
"""Where each public name lives."""

__all__ = [
    "ablation",
    "activations",
    "attention",
    "attention_flow",
    "decoding",
    "exchange",
    "factor_saliency",
    "factors",
    "faithfulness",
    "figure",
    "fit_lens",
    "live",
    "load_model",
    "logit_attribution",
    "mask",
    "patching",
    "predictions",
    "rankings",
    "read_record",
    "saliency",
    "sequence",
    "similarity",
    "table",
    "watch",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'lensdoc' has no attribute {name!r}; it has {', '.join(__all__)}")
    try:
        return getattr(import_module(_HOME[name]), name)
    except ModuleNotFoundError as error:
        if not error.name or error.name.partition(".")[0] == __name__:
            raise
        cure = "pip install 'lensdoc[run]'"
        raise ModuleNotFoundError(f"lensdoc.{name} needs {error.name}, not installed here: {cure}", name=error.name) from None


def __dir__() -> list[str]:
    return [*globals(), *__all__]
