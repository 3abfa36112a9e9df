"""A loaded model, and the texts it is traced on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from lensdoc.models.ffn import n_neurons
from lensdoc.models.tokens import read_tokens
from lensdoc.models.trace import Trace
from lensdoc.records.errors import ModelError
from lensdoc.records.record import ModelInfo


@dataclass(frozen=True)
class LanguageModel:
    """A causal language model with its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    id: str
    revision: str

    @property
    def info(self) -> ModelInfo:
        """What a record says of the model."""
        config = self.model.config
        return ModelInfo(
            id=self.id,
            revision=self.revision,
            layers=config.num_hidden_layers,
            width=config.hidden_size,
            neurons=n_neurons(self.model),
            vocabulary=config.vocab_size,
            parameters=self.model.num_parameters(),
        )

    def generate(self, prompt: str, *, max_new_tokens: int) -> Trace:
        """Continue a prompt greedily: each produced token is the one with the highest logit.

        No beginning-of-sequence token is added. Generation stops early at the end-of-text token, which is kept.

        Args:
            prompt: The given text, as it stands: a leading space matters to most vocabularies.
            max_new_tokens: How many tokens to produce at most.

        Raises:
            ModelError: The prompt is empty or no string, or prompt and continuation do not fit the model's context.
        """
        if not isinstance(prompt, str) or not isinstance(max_new_tokens, int):
            raise ModelError(f"a prompt is one string and max_new_tokens an integer; they are {prompt!r} and {max_new_tokens!r}")
        # Only the ids are used: with token_type_ids GPT-2 would silently add an embedding at every position.
        given = self.tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
        n_input = given.shape[1]
        self._check_room(n_input, max_new_tokens)
        ids = self._continue(given.to(self.model.device), max_new_tokens)
        return Trace(self, ids, read_tokens(self.tokenizer, ids.tolist(), n_input=n_input), n_input=n_input)

    @torch.no_grad()
    def _continue(self, ids: Tensor, max_new_tokens: int) -> Tensor:
        """Ids (1, n) to ids (n + produced,). Written out, since `generate` takes up settings that come with a model."""
        end = self.model.generation_config.eos_token_id
        ends = set(end) if isinstance(end, list) else {end}
        new, cache = ids, None
        for _ in range(max_new_tokens):
            output = self.model(new, past_key_values=cache, use_cache=True)
            new, cache = output.logits[:, -1:].argmax(-1), output.past_key_values  # (1, 1)
            ids = torch.cat([ids, new], dim=1)
            if new.item() in ends:
                break
        return ids[0]

    def _check_room(self, n_input: int, max_new_tokens: int) -> None:
        if n_input == 0:
            raise ModelError("the prompt has no tokens; give the model at least one")
        if max_new_tokens < 1:
            raise ModelError(f"max_new_tokens must be at least 1, it is {max_new_tokens}")
        room = getattr(self.model.config, "max_position_embeddings", None)
        if room is not None and n_input + max_new_tokens > room:
            raise ModelError(
                f"{n_input} given and {max_new_tokens} new tokens do not fit the {room} positions of {self.id}; "
                f"ask for at most {room - n_input}"
            )
