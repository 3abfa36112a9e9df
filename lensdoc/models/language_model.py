"""A loaded model, and the texts it is traced on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from lensdoc.core.errors import ModelError
from lensdoc.core.progress import doing
from lensdoc.models.continuation import Continuation
from lensdoc.models.decoding import Sampling, most_probable
from lensdoc.models.forward import RAISED, text_config
from lensdoc.models.info import info_of
from lensdoc.models.masked import MaskedText, most_probable_at, read_masked, tokens_of
from lensdoc.models.paired import Pair, continued, read_pair, tokens_of_pair
from lensdoc.models.prompts import Given, Prompt, read_prompt
from lensdoc.models.residual import Unembedding, unembedding
from lensdoc.models.sight import sees_all
from lensdoc.models.streams import has_two
from lensdoc.models.tokens import read_text
from lensdoc.models.trace import Reading, Trace
from lensdoc.records.record import ModelInfo


@dataclass(frozen=True)
class LanguageModel:
    """A causal or masked language model, or an encoder with a decoder, with its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    id: str
    revision: str
    gguf: Path | None = None
    """The .gguf file that the weights were read from; None where they were not."""

    def __repr__(self) -> str:
        """One line, without the modules and without a path."""
        config = self.model.config.get_text_config()
        sizes = [
            f"{size} {what}" if what == "layers" else f"{what} {size}"
            for what, key in (("layers", "num_hidden_layers"), ("width", "hidden_size"))
            if isinstance(size := getattr(config, key, None), int)
        ]
        dtype = str(self.model.dtype).removeprefix("torch.")
        return f"LanguageModel({', '.join([self.id, *sizes, f'{self.model.num_parameters():,} weights', dtype])})"

    @property
    def info(self) -> ModelInfo:
        """What a record says of the model."""
        return info_of(self.model, self.id, self.revision, sees_all=self.masked)

    @property
    def encoder_info(self) -> ModelInfo:
        """What a record of the encoder's states says, where the model has an encoder and a decoder."""
        return info_of(self.model, self.id, self.revision, stack="encoder", sees_all=True)

    @property
    def paired(self) -> bool:
        """Whether it is an encoder with a decoder, which reads a source and writes a target."""
        return has_two(self.model)

    @cached_property
    def masked(self) -> bool:
        """Whether it predicts masked tokens from all others: from a position it sees those after it too. Found by running it."""
        try:
            return sees_all(self.model)
        except RAISED:  # told in words when a text is read
            return False

    @cached_property
    def unembedding(self) -> Unembedding:
        """What turns the residual stream into logits."""
        return unembedding(self.model)

    @cached_property
    def continuation(self) -> Continuation:
        """What produces tokens, with the model's cache where it changes nothing."""
        return Continuation(self.model, self.id)

    def generate(  # noqa: PLR0913 - settings of the sampling, by name
        self,
        prompt: Prompt,
        *,
        max_new_tokens: int,
        do_sample: bool = False,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> Trace:
        """Continue a prompt: greedily, or with `do_sample=True` by drawing each token.

        Of an encoder with a decoder the prompt is the source, read with the tokens that the tokenizer adds, and what is produced
        is the target. A token that the model's settings force at its beginning, such as a language, counts as given, and tokens
        that they say are never written are not; settings of a search, such as a number of beams, are not taken up.

        Greedily, each produced token is the one with the highest logit. A drawn one comes from `softmax(logits / temperature)`,
        cut to the `top_k` most probable tokens and then to the fewest whose probabilities add up to `top_p` (Holtzman et al.
        2020). No beginning-of-sequence token is added. Generation stops early at the end-of-text token, which is kept.

        Args:
            prompt: The given text, as it stands: a leading space matters to most vocabularies. Or a chat, a list of messages such
                as `[{"role": "user", "content": "Hello"}]`: the tokenizer's chat template makes a text of it that asks for an
                answer. The template's tokens have the kind `template`.
            max_new_tokens: How many tokens to produce at most.
            do_sample: Whether tokens are drawn; the settings below are for that alone.
            temperature: Below 1 probable tokens become more probable, above 1 less.
            top_k: None for no such limit.
            top_p: None for no such limit.
            seed: The same seed draws the same tokens; the record keeps it.

        Raises:
            ModelError: The prompt is empty, neither a string nor a chat, or has a lone surrogate; the tokenizer has no chat
                template, or the template does not take the chat, changes its messages, or leaves one out; prompt and
                continuation do not fit the model's context; a setting is out of range; or the model's output is not finite.
        """
        if not isinstance(max_new_tokens, int) or max_new_tokens < 1:
            raise ModelError(f"max_new_tokens must be an integer from 1, it is {max_new_tokens!r}")
        settings = Sampling(temperature, top_k, top_p, seed)
        if self.masked:
            raise ModelError(f"{self.id} is a masked language model and continues no text; give `fill` a text with masks")
        end = self.model.generation_config.eos_token_id
        ends = set(end) if isinstance(end, list) else {end}
        choose = settings.chooser if do_sample else lambda: most_probable
        if self.paired:
            pair = self._pair(prompt, None, max_new_tokens)
            produced = continued(self.model, self.id, pair, max_new_tokens, choose, ends)
            return self._pair_trace(replace(pair, target=produced), seed if do_sample else None)
        given = read_prompt(self.tokenizer, prompt, self.id)
        self._check_room(len(given.ids), max_new_tokens)
        ids = self.continuation(self._tensor(given)[None], max_new_tokens, choose, ends)
        return self._trace(ids, given, n_input=len(given.ids), seed=seed if do_sample else None)

    def score(self, text: Prompt, target: str | None = None, *, n_input: int | None = None) -> Trace:
        """Read a given text and produce nothing: the tokens after the first `n_input` are scored as if they had been produced.

        A masked model reads the text once for each of its tokens, with this one masked, and scores them all; the tokens that the
        tokenizer puts around a text, such as `[CLS]`, are read and not scored.

        An encoder with a decoder reads a source, and scores a given target with the tokens that the tokenizer adds to it.

        Args:
            text: The text, as it stands; of an encoder with a decoder the source. Or a chat (see `generate`): where its last
                message is the assistant's, this answer is scored as if it had been produced.
            target: What the decoder is held to have written; for encoders with decoders alone.
            n_input: How many tokens count as given, from 1; as many as the text has leaves none to be scored. Unless said, 1 of a
                string, and of a chat all that stand before its answer, those of the template included. For causal models alone.

        Raises:
            ModelError: The text is none that `generate` takes, does not fit the model's context, or has fewer than `n_input`
                tokens.
        """
        if self.paired:
            return self._score_pair(text, target, n_input)
        if target is not None:
            raise ModelError(f"{self.id} reads one text and has no decoder beside it, so it takes no target; leave it out")
        if self.masked:
            if n_input is not None:
                raise ModelError(f"{self.id} is a masked language model, which scores every token of a text; leave n_input out")
            return self._score_masked(text)
        given = read_prompt(self.tokenizer, text, self.id, answered=True)
        count = len(given.ids)
        if n_input is None:
            n_input = 1 if isinstance(text, str) else count if given.answer is None else given.answer
        if not isinstance(n_input, int) or not 1 <= n_input <= count:
            raise ModelError(f"n_input must be from 1 to {count}, the number of tokens of the text; it is {n_input!r}")
        self._check_room(count, 0)
        doing("tracing")
        return self._trace(self._tensor(given), given, n_input=n_input, seed=None)

    def fill(self, text: str) -> Trace:
        """Fill the masks of a text, in a masked language model: each with its most probable token.

        The text is read once, with all its masks: each is filled from the tokens around it and from none that was filled in. The
        tokens that the tokenizer puts around a text, such as `[CLS]` and `[SEP]`, are read too, as in training.

        Args:
            text: With one or several masks, spelled as the tokenizer spells them, such as `[MASK]` or `<mask>`.

        Raises:
            ModelError: The model is causal, the text has no mask or does not fit its context, or the output is not finite.
        """
        if not self.masked:
            what = "an encoder with a decoder" if self.paired else "a causal language model"
            raise ModelError(f"{self.id} is {what} and fills no masks; let it `generate`")
        read = read_masked(self.tokenizer, text, self.id)
        if not read.masks:
            raise ModelError(
                f"the text has no mask to be filled; that of {self.id} is written {str(self.tokenizer.mask_token)!r}"
            )
        given = self._masked_tensor(read)
        doing("tracing")
        ids = given.clone()
        ids[read.masks] = most_probable_at(self.model, given, read.masks, self.id)
        tokens = tokens_of(self.tokenizer, read, ids.tolist(), read.masks)
        readings = (Reading(given, tuple(read.masks)),)
        return Trace(self, ids, tokens, n_input=len(tokens) - len(read.masks), readings=readings)

    def _score_pair(self, source: object, target: str | None, n_input: int | None) -> Trace:
        if n_input is not None or target is None:
            raise ModelError(
                f"{self.id} is an encoder with a decoder: give `score` a source and a target, whose tokens are all scored, and "
                "leave n_input out"
            )
        doing("tracing")
        return self._pair_trace(self._pair(source, target, 0), None)

    def _pair(self, source: object, target: str | None, new: int) -> Pair:
        pair = read_pair(self.tokenizer, self.model, source, target, self.id)
        self._check_known(max(*pair.source, *pair.begins, *pair.target))
        self._check_room(len(pair.source), 0)
        self._check_room(len(pair.begins) + len(pair.target), new)
        return pair

    def _pair_trace(self, pair: Pair, seed: int | None) -> Trace:
        ids = torch.tensor([*pair.source, *pair.begins, *pair.target], device=self.model.device)
        split = len(pair.source)
        return Trace(self, ids, tokens_of_pair(self.tokenizer, pair), split + len(pair.begins), seed, split=split)

    def _score_masked(self, text: Prompt) -> Trace:
        read = read_masked(self.tokenizer, text, self.id)
        if read.masks:
            raise ModelError(
                f"the text has a mask at token {read.masks[0]}, and `score` masks each token in turn; give the whole text, or "
                "let `fill` fill it"
            )
        ids = self._masked_tensor(read)
        doing("tracing")
        readings = []
        for position in (p for p in range(len(ids)) if p not in read.added):
            masked = ids.clone()
            masked[position] = self.tokenizer.mask_token_id
            readings.append(Reading(masked, (position,)))
        tokens = tokens_of(self.tokenizer, read, read.ids, [])
        return Trace(self, ids, tokens, n_input=len(tokens), readings=tuple(readings))

    def _masked_tensor(self, read: MaskedText) -> Tensor:
        self._check_known(max(read.ids))
        self._check_room(len(read.ids), 0)
        return torch.tensor(read.ids, device=self.model.device)

    def _tensor(self, given: Given) -> Tensor:
        """Ids (n,). Only they are used: with token_type_ids GPT-2 would silently add an embedding at every position."""
        self._check_known(max(given.ids))
        return torch.tensor(given.ids, device=self.model.device)

    def _check_known(self, highest: int) -> None:
        rows = self.model.get_input_embeddings().get_parameter("weight").shape[0]
        if highest >= rows:
            raise ModelError(
                f"the text has the token {self.tokenizer.convert_ids_to_tokens(highest)!r} ({highest}), which was added to the "
                f"tokenizer but not to {self.id}, whose vocabulary has {rows:,} tokens; leave it out of the text"
            )

    def _trace(self, ids: Tensor, given: Given, *, n_input: int, seed: int | None) -> Trace:
        tokens = read_text(self.tokenizer, ids.tolist(), n_input=n_input, template=given.template)
        return Trace(self, ids, tokens, n_input=n_input, seed=seed)

    def _check_room(self, given: int, new: int) -> None:
        room = getattr(text_config(self.model), "max_position_embeddings", None)
        if room is not None and given + new > room:
            raise ModelError(
                f"{given} given and {new} new tokens do not fit the {room} positions of {self.id}; "
                + (f"ask for at most {room - given}" if room > given else f"give at most {room}")
            )
