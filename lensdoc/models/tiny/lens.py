"""How soon `lensdoc/tiny` settles on the token it produces: ranks by logit lens, for choosing between checkpoints."""

from __future__ import annotations

import torch

from lensdoc.models.language_model import LanguageModel
from lensdoc.models.lens import rank_and_prob
from lensdoc.models.tiny.corpus.lists import EU_HEADER
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
        trace = lm.generate(prompt, max_new_tokens=length)
        embeddings = lm.model.get_input_embeddings()(trace.ids)
        states = torch.stack([embeddings, *trace.residual_stream])[
            :, [t - 1 for t in trace.targets]
        ]  # (layers + 1, targets, width)
        ids = trace.ids[list(trace.targets)].repeat(len(states))
        ranks, _ = rank_and_prob(lm.unembedding, lm.unembedding.normed(states.flatten(0, 1)), ids)
        found[name] = [float(row.float().quantile(0.5)) for row in ranks.view(len(states), -1)]
    return found
