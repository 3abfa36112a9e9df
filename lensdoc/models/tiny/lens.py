"""How soon `lensdoc/tiny` settles on the token it produces: ranks by logit lens, for choosing between checkpoints."""

from __future__ import annotations

import torch

from lensdoc.models.language_model import LanguageModel
from lensdoc.models.tiny.corpus.lists import EU_HEADER
from lensdoc.models.tiny.decoding import continuations, token_ids
from lensdoc.models.tiny.prompts import COUNTING_PROMPT, COUNTING_TOKENS

_TEXTS = {
    "counting": (COUNTING_PROMPT, COUNTING_TOKENS),
    "EU list": (EU_HEADER + "1. Austria", 40),
    "fact": ("William Shakespeare was born in the year", 1),
    "agreement": ("The keys to the cabinet", 1),
}


@torch.no_grad()
def median_ranks(lm: LanguageModel) -> dict[str, list[float]]:
    """For each text the median rank, over produced tokens, after the embedding and after every layer (final norm applied)."""
    found = {}
    for name, (prompt, length) in _TEXTS.items():
        given = token_ids(lm, prompt)
        ids = torch.tensor([*given, *continuations(lm, [given], [length])[0]])
        states = lm.model(ids[None, :-1], output_hidden_states=True).hidden_states
        final_norm: torch.nn.Module = lm.model.base_model.get_submodule("final_layer_norm")
        # The last state comes with the norm applied.
        normed = [*map(final_norm, states[:-1]), states[-1]]
        targets = ids[len(given) :, None]
        found[name] = [_median_rank(lm.model.get_output_embeddings()(state[0, len(given) - 1 :]), targets) for state in normed]
    return found


def _median_rank(logits: torch.Tensor, targets: torch.Tensor) -> float:
    ranks = 1 + (logits > logits.gather(1, targets)).sum(1)
    return float(ranks.float().quantile(0.5))
