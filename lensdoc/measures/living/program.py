"""A traced graph as the program that PyTorch's translator to ONNX takes.

`torch.export.export` would make it by tracing the graph a second time, which takes as long as the first, and would find what is
known.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram, ModuleCallEntry, ModuleCallSignature
from torch.export.graph_signature import (
    ExportGraphSignature,
    InputKind,
    InputSpec,
    OutputKind,
    OutputSpec,
    TensorArgument,
)
from torch.utils import _pytree as pytree


def program_of(traced: fx.GraphModule, given: Sequence[Tensor], weights: int) -> ExportedProgram:
    """The program of a graph whose nodes carry the sizes that they were traced with.

    Args:
        traced: The graph, all of whose inputs are tensors; it is changed in place.
        given: The tensors that it was traced with.
        weights: How many of them, the last ones, are weights, of fixed size.
    """
    graph = traced.graph
    inputs = [node for node in graph.nodes if node.op == "placeholder"]
    fake = next(value.fake_mode for node in graph.nodes if hasattr(value := node.meta.get("val"), "fake_mode"))
    for node, weight in zip(inputs[len(inputs) - weights :], given[len(given) - weights :], strict=True):
        node.meta["val"] = fake.from_tensor(weight, static_shapes=True)
    constants = dict(_lifted(traced, inputs[0], fake))
    for node in [node for node in graph.nodes if node.target is torch.ops.aten.sym_numel.default]:
        node.replace_all_uses_with(_count(graph, node))
        graph.erase_node(node)
    for node in graph.nodes:
        node.meta.setdefault("nn_module_stack", {"": ("", "")})  # without one the translator warns of each node
    traced.recompile()
    (results,) = next(node for node in graph.nodes if node.op == "output").args
    signature = ExportGraphSignature(
        [InputSpec(InputKind.CONSTANT_TENSOR, TensorArgument(name), name) for name in constants]
        + [InputSpec(InputKind.USER_INPUT, TensorArgument(node.name), None) for node in inputs],
        [OutputSpec(OutputKind.USER_OUTPUT, TensorArgument(node.name), None) for node in results],
    )
    called: tuple[tuple[Tensor, ...], dict[str, Any]] = (tuple(given), {})
    trees = [pytree.tree_flatten(tree)[1] for tree in (called, tuple(range(len(results))))]
    calls = [ModuleCallEntry("", ModuleCallSignature(inputs=[], outputs=[], in_spec=trees[0], out_spec=trees[1]))]
    made: dict[str, Any] = {"state_dict": {}, "range_constraints": {}, "constants": constants, "example_inputs": called}
    return ExportedProgram(root=traced, graph=graph, graph_signature=signature, module_call_graph=calls, **made)


def _lifted(traced: fx.GraphModule, first: fx.Node, fake: Any) -> Iterator[tuple[str, Tensor]]:  # noqa: ANN401 - it has no public type
    """Constants become inputs before the others; each with the name that it has there."""
    for node in [node for node in traced.graph.nodes if node.op == "get_attr"]:
        constant = getattr(traced, str(node.target))
        with traced.graph.inserting_before(first):
            lifted = traced.graph.placeholder(f"constant_{node.name}")
        lifted.meta["val"] = fake.from_tensor(constant, static_shapes=True)
        node.replace_all_uses_with(lifted)
        traced.graph.erase_node(node)
        yield lifted.name, constant


def _count(graph: fx.Graph, node: fx.Node) -> Any:  # noqa: ANN401 - a number or the node of one
    """How many numbers a tensor has: the translator knows sizes, and no such count."""
    (tensor,) = node.args
    assert isinstance(tensor, fx.Node)
    known, found = 1, None
    with graph.inserting_before(node):
        for dim, size in enumerate(tensor.meta["val"].shape):
            if isinstance(size, int):
                known *= size
                continue
            one = graph.call_function(torch.ops.aten.sym_size.int, (tensor, dim))
            one.meta["val"] = size
            found = one if found is None else _product(graph, found, one, found.meta["val"] * size)
        if found is None:
            return known
        return found if known == 1 else _product(graph, found, known, found.meta["val"] * known)


def _product(graph: fx.Graph, left: fx.Node, right: fx.Node | int, value: object) -> fx.Node:
    made = graph.call_function(operator.mul, (left, right))
    made.meta["val"] = value
    return made
