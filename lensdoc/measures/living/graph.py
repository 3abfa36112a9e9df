"""The function of a live model as an ONNX graph, whose weights are inputs until they are given to it as external data."""

from __future__ import annotations

import sys
import warnings
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import onnx
import torch
from torch import Tensor, fx
from torch._decomp import core_aten_decompositions
from torch.export import Dim
from torch.fx.experimental.proxy_tensor import make_fx

from lensdoc.core.errors import MeasureError
from lensdoc.measures.living.function import ALWAYS, PAST, Answer, traceable
from lensdoc.measures.living.moves import without_moves
from lensdoc.measures.living.program import program_of
from lensdoc.measures.living.promotion import sizes_as_traced
from lensdoc.models.forward import RAISED, some_tokens

_TOKENS, _PLACES, _PAST = 7, 3, 5
"""Sizes of the text that is traced: any other size will do in the graph, but equal sizes would be taken for one."""


@dataclass(frozen=True, eq=False)
class Traced:
    """A graph, and the weights that its inputs stand for."""

    model: onnx.ModelProto
    weights: dict[str, Tensor]
    """Name of the input to the weight."""


def graph_of(answer: Answer) -> Traced:
    """Trace the function with PyTorch, backward pass included, and translate it.

    The function is traced by `make_fx`, in which a call of `torch.autograd.grad` becomes the operations that it makes; these are
    translated by `torch.onnx`. Weights are kept out of the translation, which would fold and copy them.

    Raises:
        MeasureError: PyTorch or its translator cannot trace the model.
    """
    what = type(answer.model).__name__
    try:
        with traceable(answer.model), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            traced, weights = _traced(answer)
            model = _translated(traced, answer, list(weights.values()))
    except (torch.onnx.errors.OnnxExporterError, *RAISED) as error:
        first = (str(error).strip().split("\n") or [""])[0]
        raise MeasureError(
            f"{what} cannot be made a graph for the browser: {type(error).__name__}: {first[:200]}; take another model for the "
            "live figure"
        ) from error
    _rename(model, {model.graph.input[place].name: name for place, name in enumerate(weights, len(answer.inputs))})
    return Traced(model, weights)


def _traced(answer: Answer) -> tuple[fx.GraphModule, dict[str, Tensor]]:
    """The operations of the function with its weights as further inputs."""

    def function(*given: Tensor) -> tuple[Tensor, ...]:
        if answer.rows:
            int(given[-1].shape[1])  # which fixes the size of a row
        return answer.forward(*given)

    options: dict[str, Any] = {"tracing_mode": "symbolic", "_allow_non_fake_inputs": True}
    traced = make_fx(function, decomposition_table=_decompositions(), **options)(*_example(answer))
    _without_whole_slices(traced)
    names = {id(parameter): name for name, parameter in answer.model.named_parameters()}
    weights: dict[str, Tensor] = {}
    inputs: dict[str, fx.Node] = {}
    last = [node for node in traced.graph.nodes if node.op == "placeholder"][-1]
    for node in list(traced.graph.nodes):
        if node.op != "get_attr":
            continue
        constant = getattr(traced, str(node.target))
        name = names.get(id(constant))
        if name is None:
            continue
        if name not in inputs:
            with traced.graph.inserting_after(last):
                last = inputs[name] = traced.graph.placeholder(f"weight_{len(inputs)}")
            last.meta = dict(node.meta)
            weights[name] = constant.detach()
        node.replace_all_uses_with(inputs[name])
        traced.graph.erase_node(node)
    traced.graph.eliminate_dead_code()
    traced.recompile()
    return traced, weights


def _without_whole_slices(traced: fx.GraphModule) -> None:
    """Leave out slices of all there is: PyTorch makes views of them, and ONNX Runtime copies, of the whole unembedding too."""
    for node in list(traced.graph.nodes):
        if node.target is not torch.ops.aten.slice.Tensor:
            continue
        given: list[Any] = list(node.args)
        whole, _, start, end, step = given + [0, None, None, 1][len(given) - 1 :]
        if start in (None, 0) and end in (None, sys.maxsize) and step == 1:
            node.replace_all_uses_with(whole)
            traced.graph.erase_node(node)


def _example(answer: Answer) -> tuple[Tensor, ...]:
    ids = some_tokens(answer.model, _TOKENS)
    places = torch.arange(_TOKENS - 1 - _PLACES, _TOKENS - 1)
    past = [torch.ones(_PAST, answer.rows.size)] if answer.rows else []
    return ids, places, ids[0, places + 1], places[-1:], ids[0, -1:], torch.ones(_TOKENS), *past


def _translated(traced: fx.GraphModule, answer: Answer, weights: list[Tensor]) -> onnx.ModelProto:
    given = (*_example(answer), *weights)
    outputs = [*ALWAYS, *(name for part in answer.parts for name in part.outputs)]
    options: dict[str, Any] = {"dynamo": True, "optimize": False, "verbose": False, "output_names": outputs}
    options["input_names"] = [*answer.inputs, *(f"weight_{index}" for index in range(len(weights)))]
    again = deepcopy(traced.graph)
    without_moves(traced.graph)
    try:
        exported = program_of(traced, given, len(weights))
        # The operations are decomposed already; to do so once more takes most of the time.
        exported.run_decompositions = lambda *_, **__: exported
        with sizes_as_traced():
            program = torch.onnx.export(exported, **options)
    except (torch.onnx.errors.OnnxExporterError, *RAISED):  # an operation that the translator wants in smaller parts
        sizes = ({1: Dim.DYNAMIC}, {0: Dim.DYNAMIC}, {0: Dim.DYNAMIC}, None, None, {0: Dim.DYNAMIC})
        past = ({0: Dim.DYNAMIC},) if answer.rows else ()
        dynamic = (*sizes, *past, *[None for _ in weights])
        whole = fx.GraphModule(traced, again)
        program = torch.onnx.export(torch.export.export(whole, given, dynamic_shapes=dynamic, strict=False), **options)
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    if answer.rows:
        model.graph.input[answer.inputs.index(PAST)].type.tensor_type.shape.dim[1].dim_value = answer.rows.size
    return model


def _decompositions() -> dict[Any, Any]:
    """Core operations, and those of them that the translator to ONNX does not know."""
    table: dict[Any, Any] = dict(core_aten_decompositions())
    scattered = table[torch.ops.aten.slice_backward.default]

    def padded(gradient: Tensor, sizes: list[int], dim: int, *cut: int) -> Tensor:
        """The derivative by what a slice was cut from: zeros around it, as one operation in place of seven."""
        start, end, step = cut
        if not (isinstance(sizes[dim], int) and isinstance(start, int) and isinstance(end, int) and step == 1):
            found: Tensor = scattered(gradient, sizes, dim, *cut)
            return found
        first, last, _ = slice(start, end).indices(sizes[dim])
        behind = [0, 0] * (len(sizes) - 1 - dim % len(sizes))
        made: Tensor = torch.ops.aten.constant_pad_nd.default(gradient, [*behind, first, sizes[dim] - last], 0.0)
        return made

    table[torch.ops.aten.slice_backward.default] = padded
    table[torch.ops.aten.squeeze.dims] = _squeezed
    table[torch.ops.aten.pow.Tensor_Scalar] = _power
    return table


def _power(base: Tensor, exponent: float) -> Tensor:
    """The derivative of a square asks for the first power of each number, which ONNX Runtime would compute."""
    return base if exponent == 1 else NotImplemented


def _squeezed(given: Tensor, dims: list[int]) -> Tensor:
    left_out = {dim % max(given.dim(), 1) for dim in dims}
    return given.reshape([size for dim, size in enumerate(given.shape) if not (dim in left_out and size == 1)])


def _rename(model: onnx.ModelProto, names: dict[str, str]) -> None:
    """Old names of inputs to new ones."""
    for value in model.graph.input:
        value.name = names.get(value.name, value.name)
    for node in model.graph.node:
        if not names.keys().isdisjoint(node.input):
            node.input[:] = [names.get(name, name) for name in node.input]
