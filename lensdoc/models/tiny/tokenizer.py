"""The byte-level BPE vocabulary of `lensdoc/tiny`, learned from its own training text."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from lensdoc.models.tiny.corpus import MIXTURE
from lensdoc.models.tiny.corpus.counting import LARGEST

END_OF_TEXT = "<|endoftext|>"
VOCABULARY = 3072
_DOCUMENTS_PER_KIND = 1500
_NUMBER_WEIGHT = 400


def train_tokenizer(seed: int, context: int) -> PreTrainedTokenizerFast:
    """Learn the vocabulary; every number up to `LARGEST` becomes one token, with and without a space before it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(Random(seed)), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TEXT,
        model_max_length=context,
        model_input_names=["input_ids", "attention_mask"],
        clean_up_tokenization_spaces=False,
    )


def _texts(random: Random) -> Iterator[str]:
    for write in MIXTURE:
        yield from (write(random) for _ in range(_DOCUMENTS_PER_KIND))
    for number in range(LARGEST + 1):
        yield f" {number}\n{number}" * _NUMBER_WEIGHT
