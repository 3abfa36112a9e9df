"""What records say of a model."""

from __future__ import annotations

from transformers import PreTrainedModel

from lensdoc.models.ffn import n_neurons, neuron_module, neurons_of
from lensdoc.models.forward import text_config
from lensdoc.models.streams import Stack, has_two
from lensdoc.records.record import ModelInfo


def info_of(model: PreTrainedModel, name: str, revision: str, *, stack: Stack = "decoder", sees_all: bool) -> ModelInfo:
    """What a record says of the model; of one with two stacks, of one of them."""
    config = text_config(model)
    each = neurons_of(model, stack)
    return ModelInfo(
        id=name,
        revision=revision,
        layers=len(each),
        width=config.hidden_size,
        neurons=n_neurons(model, stack),
        layer_neurons=each if len(set(each)) > 1 else None,
        neuron_module=neuron_module(model, stack),
        vocabulary=config.vocab_size,
        parameters=model.num_parameters(),
        sees="all" if sees_all else None,
        stack=stack if has_two(model) else None,
    )
