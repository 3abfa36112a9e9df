"""A loaded model, and the texts it is traced on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
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
            ModelError: The prompt is empty, or prompt and continuation do not fit the model's context.
        """
        given = self.tokenizer(prompt, add_special_tokens=False, return_tensors="pt")["input_ids"]
        given = given.to(self.model.device)  # (1, n_input)
        self._check_room(given.shape[1], max_new_tokens)
        model: Any = self.model  # transformers types `generate` for classes that are not its own
        # Only ids and mask go in: with token_type_ids GPT-2 would silently add an embedding at every position.
        with torch.no_grad():
            ids = model.generate(
                given,
                attention_mask=torch.ones_like(given),
                max_new_tokens=max_new_tokens,
                do_sample=False,
                pad_token_id=self.model.generation_config.eos_token_id or 0,
            )
        tokens = read_tokens(self.tokenizer, ids[0].tolist(), n_input=given.shape[1])
        return Trace(self, ids[0], tokens, n_input=given.shape[1])

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
