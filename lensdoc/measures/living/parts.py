"""Making parts of a graph conditional: what a reader did not ask for is not computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper

from lensdoc.measures.living.function import Part


def with_conditions(model: onnx.ModelProto, parts: Sequence[Part]) -> onnx.ModelProto:
    """The graph with an input of type bool for each part; where it is false the outputs of the part are empty.

    A part's own operations, those that no other output needs, become the branch of an `If`.
    """
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output}
    own = {name for part in parts for name in part.outputs}
    shared = _needed([value.name for value in graph.output if value.name not in own], makers)
    outputs = {value.name: value for value in graph.output}
    nodes = [node for node in graph.node if id(node) in shared]
    inputs = list(graph.input)
    for part in parts:
        needed = _needed(part.outputs, makers) - shared
        branch = [node for node in graph.node if id(node) in needed]
        nodes.append(_condition(part, branch, [outputs[name] for name in part.outputs]))
        inputs.append(helper.make_tensor_value_info(part.name, TensorProto.BOOL, []))
    made = onnx.ModelProto()
    made.CopyFrom(model)
    del made.graph.node[:], made.graph.input[:], made.graph.value_info[:]
    del made.graph.output[:]
    made.graph.output.extend(_unshaped(value, value.name) if value.name in own else value for value in outputs.values())
    made.graph.node.extend(nodes)
    made.graph.input.extend(inputs)
    return made


def _needed(names: Iterable[str], makers: dict[str, NodeProto]) -> set[int]:
    """The nodes (by `id`) that these values are made by, and all before them."""
    found: set[int] = set()
    waiting = list(names)
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and id(node) not in found:
            found.add(id(node))
            waiting += [*node.input]
    return found


def _condition(part: Part, branch: Sequence[NodeProto], outputs: Sequence[ValueInfoProto]) -> NodeProto:
    inner = [f"{value.name}.made" for value in outputs]
    names = {value.name: made for value, made in zip(outputs, inner, strict=True)}
    then = helper.make_graph(
        [_renamed(node, names) for node in branch],
        f"{part.name}.asked",
        [],
        [_unshaped(value, name) for value, name in zip(outputs, inner, strict=True)],
    )
    empty = [f"{value.name}.empty" for value in outputs]
    constants = [
        helper.make_node(
            "Constant", [], [name], value=helper.make_tensor(name, value.type.tensor_type.elem_type, _nothing(value), [])
        )
        for value, name in zip(outputs, empty, strict=True)
    ]
    otherwise = helper.make_graph(
        constants, f"{part.name}.not_asked", [], [_unshaped(value, name) for value, name in zip(outputs, empty, strict=True)]
    )
    return helper.make_node(
        "If", [part.name], [value.name for value in outputs], name=f"if.{part.name}", then_branch=then, else_branch=otherwise
    )


def _renamed(node: NodeProto, names: dict[str, str]) -> NodeProto:
    made = NodeProto()
    made.CopyFrom(node)
    for field in (made.input, made.output):
        field[:] = [names.get(name, name) for name in field]
    return made


def _unshaped(value: ValueInfoProto, name: str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, value.type.tensor_type.elem_type, [None] * len(value.type.tensor_type.shape.dim))


def _nothing(value: ValueInfoProto) -> list[int]:
    return [0] * len(value.type.tensor_type.shape.dim)
