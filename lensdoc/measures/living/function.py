"""A model and its measures as one function of tensors, derivatives included: what is traced into the graph of a live model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.forward import supported
from lensdoc.models.language_model import LanguageModel

INPUTS = ("ids", "places", "wanted", "at", "token")
"""Names of the inputs of `Answer.forward`, in order."""
TOP = 10
"""Candidates that are kept after each layer."""


@dataclass(frozen=True)
class Part:
    """Outputs of the graph that are computed together, when they are asked for."""

    name: str
    """Name of the input, a truth value, that asks for them."""
    outputs: tuple[str, ...]


ALWAYS = ("next",)
LENS = Part("lens", ("ranks", "probs", "top_ids", "top_probs"))
SALIENCY = Part("saliency", ("scores",))


class Answer(nn.Module):
    """What a live figure shows of a text, as a function of the text.

    Inputs: `ids` (1, T), the text; `places` (P,), positions whose next token is looked at after every layer, and `wanted` (P,),
    the tokens whose rank is asked for there; `at` (1,) and `token` (1,), the position and the token whose logit is explained.

    Outputs, L layers, V tokens of the vocabulary:

        next       (V,)        logits of the token that follows the text
        ranks      (L, P)      1 + #{v: z[v] > z[wanted]}, z the logits by logit lens: unembedding of the normed state
        probs      (L, P)      softmax(z)[wanted]
        top_ids    (L, P, K)   the most probable tokens, and
        top_probs  (L, P, K)   their probabilities
        scores     (T,)        |d logit(token) / d e[i] * e[i]|_2, e[i] the embedding at position i; not divided by their sum
    """

    def __init__(self, lm: LanguageModel, parts: tuple[Part, ...]) -> None:
        """Hold the model; it is put to no other use while a context of `traceable` lasts."""
        super().__init__()
        self.model, self.head, self.parts = lm.model, lm.unembedding, parts
        self.top = min(TOP, len(lm.unembedding.weight))

    def forward(self, ids: Tensor, places: Tensor, wanted: Tensor, at: Tensor, token: Tensor) -> tuple[Tensor, ...]:
        """See the class; outputs of parts that were not asked for are left out."""
        states, embeddings = self._states(ids)
        last = states[-1].detach()
        next_ = self.head.logits(self.head.normed(last[0, -1:]))[0]
        found = [next_]
        if LENS in self.parts:
            found += self._lens(states, places, wanted)
        if SALIENCY in self.parts:
            found.append(self._scores(states[-1], embeddings, at, token))
        return tuple(found)

    def _states(self, ids: Tensor) -> tuple[list[Tensor], Tensor]:
        """States (1, T, width) after every block, and the embeddings (1, T, width) that they can be differentiated by."""
        embeddings = self.model.get_input_embeddings()(ids).detach()
        states: list[Tensor] = []
        with torch.enable_grad(), ExitStack() as hooks:
            leaf = embeddings.requires_grad_(SALIENCY in self.parts)
            for block in blocks(self.model):
                hooks.callback(block.register_forward_hook(lambda _, __, out: states.append(state_of(out))).remove)
            self.model(inputs_embeds=leaf.clone(), **supported(self.model, use_cache=False, logits_to_keep=1))
        return [state.reshape(1, -1, state.shape[-1]) for state in states], leaf

    def _lens(self, states: list[Tensor], places: Tensor, wanted: Tensor) -> tuple[Tensor, ...]:
        chosen = torch.stack([state.detach()[0] for state in states]).index_select(1, places)  # (L, P, width)
        normed = torch.stack([self.head.normed(chosen[layer]) for layer in range(len(states))])
        logits = self.head.logits(normed.flatten(0, 1)).view(len(states), -1, len(self.head.weight))
        own = logits.gather(-1, wanted[None, :, None].expand(len(states), -1, 1))
        total = logits.logsumexp(-1, keepdim=True)
        top, ids = logits.topk(self.top, dim=-1)
        return 1 + (logits > own).sum(-1), (own - total).exp()[..., 0], ids, (top - total).exp()

    def _scores(self, last: Tensor, embeddings: Tensor, at: Tensor, token: Tensor) -> Tensor:
        with torch.enable_grad():
            normed = self.head.normed(last[0].index_select(0, at))
            # By index_select: `weight[token]` would ask for the value of the token while it is traced.
            row = self.head.weight.index_select(0, token)
            bias = getattr(self.head.head, "bias", None)
            value = (normed * row).sum() + (0 if bias is None else bias.index_select(0, token).sum())
            value = value * self.head.scale
            if self.head.softcap is not None:
                value = self.head.softcap * torch.tanh(value / self.head.softcap)
            (gradient,) = torch.autograd.grad(value, embeddings)
        scores: Tensor = (gradient * embeddings)[0].detach().norm(dim=-1)
        return scores


@contextmanager
def traceable(model: Any) -> Iterator[None]:  # noqa: ANN401 - a model of transformers, which measures do not import
    """While it lasts, weights are not differentiated, and attention is computed in plain operations with plain derivatives."""
    differentiated = [parameter for parameter in model.parameters() if parameter.requires_grad]
    before = model.config._attn_implementation  # noqa: SLF001 - transformers has no other way to ask
    for parameter in differentiated:
        parameter.requires_grad_(False)  # noqa: FBT003 - torch takes it by place
    try:
        if before != "eager":
            model.set_attn_implementation("eager")
        yield
    finally:
        if before != "eager":
            model.set_attn_implementation(before)
        for parameter in differentiated:
            parameter.requires_grad_()
