"""Texts as an encoder with a decoder reads and writes them: a source, and a target token by token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.modeling_outputs import BaseModelOutput

from lensdoc.core.errors import ModelError
from lensdoc.models.continuation import Continuation
from lensdoc.models.decoding import Choose
from lensdoc.models.forward import in_words
from lensdoc.models.prompts import check_text, tell_special
from lensdoc.models.tokens import read_text
from lensdoc.records.tokens import Token


@dataclass(frozen=True)
class Pair:
    """Ids of a source, of what begins a target, and of the target if it was given."""

    source: list[int]
    begins: list[int]
    target: list[int]


def read_pair(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel, source: object, target: object, name: str) -> Pair:
    """The tokens of a source and a target, those included that the tokenizer adds: such models were trained with them.

    Raises:
        ModelError: They are no texts, have a lone surrogate or no tokens, or the model does not say how a target begins.
    """
    begins = _beginning(model, name)
    read = _ids(tokenizer, source, "the source", name)
    given = [] if target is None else _ids(tokenizer, target, "the target", name, target=True)
    if begins[1:] and given[: len(begins) - 1] == begins[1:]:  # the tokenizer puts it there too
        given = given[len(begins) - 1 :]
    return Pair(read, begins, given)


def _ids(tokenizer: PreTrainedTokenizerBase, text: object, what: str, name: str, *, target: bool = False) -> list[int]:
    if not isinstance(text, str):
        raise ModelError(f"{what} of {name} is a text, not a {type(text).__name__}; give it a string")
    check_text(text, what)
    tell_special(tokenizer, text, what)
    found: Any = tokenizer(text_target=text) if target else tokenizer(text)
    ids = [int(token) for token in found["input_ids"]]
    if not ids:
        raise ModelError(f"{what} has no tokens; give the model at least one")
    return ids


def _beginning(model: PreTrainedModel, name: str) -> list[int]:
    """The token that begins every target, and the one that the model's settings force after it, such as a language."""
    settings: Any = model.generation_config
    named = (settings, model.config)
    start = next((one for each in named if isinstance(one := getattr(each, "decoder_start_token_id", None), int)), None)
    start = getattr(settings, "bos_token_id", None) if start is None else start
    if not isinstance(start, int):
        raise ModelError(
            f"{name} does not say which token begins a target: set decoder_start_token_id in its generation_config.json"
        )
    forced = getattr(settings, "forced_bos_token_id", None)
    return [start, forced] if isinstance(forced, int) else [start]


class Conditioned(nn.Module):
    """The decoder of a model after one source: a causal model of the target."""

    def __init__(self, model: PreTrainedModel, source: Tensor) -> None:
        super().__init__()
        self._model = [model]  # a list, so that it is no module of this one
        with torch.no_grad(), in_words(model, "read this source"):
            self._read = model.get_encoder()(input_ids=source[None])[0]

    def forward(self, input_ids: Tensor, past_key_values: Any = None, use_cache: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - as models have it
        """What the model makes of a target, or of its next tokens."""
        (model,) = self._model
        outputs = BaseModelOutput(last_hidden_state=self._read)
        return model(encoder_outputs=outputs, decoder_input_ids=input_ids, past_key_values=past_key_values, use_cache=use_cache)


def continued(  # noqa: PLR0913, PLR0917 - what a continuation is made of
    model: PreTrainedModel,
    name: str,
    pair: Pair,
    max_new_tokens: int,
    choose: Callable[[], Choose],
    ends: set[int | None],
) -> list[int]:
    """Ids of the target that the model writes after what begins it, until an end."""
    device = model.device
    conditioned: Any = Conditioned(model, torch.tensor(pair.source, device=device))
    never = torch.tensor(_never(model), dtype=torch.long, device=device)

    def chooser() -> Choose:
        choice = choose()
        return lambda logits: choice(logits.index_fill(1, never, -torch.inf) if len(never) else logits)

    ids = Continuation(conditioned, name)(torch.tensor([pair.begins], device=device), max_new_tokens, chooser, ends)
    return [int(token) for token in ids[len(pair.begins) :]]


def _never(model: PreTrainedModel) -> list[int]:
    """Tokens that the model's own settings say are never written, such as padding in Marian."""
    settings: Any = model.generation_config
    alone = [words[0] for words in getattr(settings, "bad_words_ids", None) or () if len(words) == 1]
    return sorted({*alone, *(getattr(settings, "suppress_tokens", None) or ())})


def tokens_of_pair(tokenizer: PreTrainedTokenizerBase, pair: Pair) -> tuple[Token, ...]:
    """Tokens of both streams; those after what begins the target are of the kind `output`."""
    source = read_text(tokenizer, pair.source, n_input=len(pair.source))
    target = read_text(tokenizer, [*pair.begins, *pair.target], n_input=len(pair.begins))
    return (
        *(token.model_copy(update={"stream": "source"}) for token in source),
        *(token.model_copy(update={"stream": "target"}) for token in target),
    )
