"""Encoders with a decoder: two streams of tokens, the source that is read and the target that is written.

The tokens of both stand one after the other wherever one text is meant: first those of the source, then those that the decoder is
given. `split` is where the second stream begins; of models with one stream it is 0.
"""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn
from transformers import PreTrainedModel

from lensdoc.models.forward import some_tokens, supported

Stack = Literal["encoder", "decoder"]


def has_two(model: PreTrainedModel) -> bool:
    """Whether the model is an encoder with a decoder."""
    return bool(getattr(model.config, "is_encoder_decoder", False))


def stack_of(model: PreTrainedModel, stack: Stack) -> nn.Module:
    """The modules of one stack; of a model with one stream all."""
    if not has_two(model):
        return model
    found: nn.Module = model.get_encoder() if stack == "encoder" else model.get_decoder()
    return found


def embedder(model: PreTrainedModel, stack: Stack) -> Any:  # noqa: ANN401 - a module that is called with ids
    """What makes embeddings of the ids that a stack is given."""
    owner: Any = stack_of(model, stack)
    return owner.get_input_embeddings()


def run(model: PreTrainedModel, given: Tensor, split: int = 0, **settings: object) -> Any:  # noqa: ANN401 - outputs differ
    """A forward pass on texts: ids (texts, T), or embeddings (texts, T, width), of both streams where the model has two."""
    name = "inputs_embeds" if given.is_floating_point() else "input_ids"
    known: dict[str, Any] = supported(model, **settings)
    if not has_two(model):
        return model(**{name: given}, **known)
    return model(**{name: given[:, :split], f"decoder_{name}": given[:, split:]}, **known)


def probe(model: PreTrainedModel, count: int, **settings: object) -> Any:  # noqa: ANN401 - outputs differ
    """A forward pass on some tokens, which are source and target where the model has two streams."""
    ids = some_tokens(model, count)
    return run(model, ids.repeat(1, 2), count, **settings) if has_two(model) else run(model, ids, 0, **settings)
