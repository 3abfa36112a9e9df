"""Making parts of a graph conditional: what a reader did not ask for is not computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper

from lensdoc.measures.living.function import Part

_PIECE = 200
"""Operations of one branch: ONNX Runtime plans a branch in a time that grows with their square."""


def with_conditions(model: onnx.ModelProto, parts: Sequence[Part]) -> onnx.ModelProto:
    """The graph with an input of type bool for each part; where it is false the outputs of the part are empty.

    A part's own operations, those that no other output needs, become the branches of one `If` or of several, one after the other.
    """
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output}
    own = {name for part in parts for name in part.outputs}
    shared = _needed([value.name for value in graph.output if value.name not in own], makers)
    outputs = {value.name: value for value in graph.output}
    known = {value.name: value for value in onnx.shape_inference.infer_shapes(model).graph.value_info} | outputs
    nodes = [node for node in graph.node if id(node) in shared]
    inputs = list(graph.input)
    for part in parts:
        needed = _needed(part.outputs, makers) - shared
        branch = [node for node in graph.node if id(node) in needed]
        nodes += [_condition(part, *piece) for piece in _pieces(branch, part, known)]
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


def _pieces(
    branch: Sequence[NodeProto], part: Part, known: dict[str, ValueInfoProto]
) -> Iterator[tuple[Sequence[NodeProto], list[ValueInfoProto]]]:
    """Operations that follow each other, with those of their values that are read later, or are outputs.

    A branch whose values are not all of a known type stays whole: what an `If` gives must have one.
    """
    size = _PIECE if all(name in known for node in branch for name in node.output if name) else len(branch)
    for start in range(0, len(branch), size):
        piece, rest = branch[start : start + size], branch[start + size :]
        read = {name for node in rest for name in node.input} | set(part.outputs)
        yield piece, [known[name] for node in piece for name in node.output if name in read]


def _condition(part: Part, branch: Sequence[NodeProto], outputs: Sequence[ValueInfoProto]) -> NodeProto:
    first = f"{part.name}.{outputs[0].name}"
    inner = [f"{value.name}.made" for value in outputs]
    names = {value.name: made for value, made in zip(outputs, inner, strict=True)}
    then = helper.make_graph(
        [_renamed(node, names) for node in branch],
        f"{first}.asked",
        [],
        [_unshaped(value, name) for value, name in zip(outputs, inner, strict=True)],
    )
    empty = [f"{value.name}.empty" for value in outputs]
    constants = [
        helper.make_node("Constant", [], [name], value=_nothing(value, name)) for value, name in zip(outputs, empty, strict=True)
    ]
    otherwise = helper.make_graph(
        constants, f"{first}.not_asked", [], [_unshaped(value, name) for value, name in zip(outputs, empty, strict=True)]
    )
    return helper.make_node(
        "If", [part.name], [value.name for value in outputs], name=f"if.{first}", then_branch=then, else_branch=otherwise
    )


def _renamed(node: NodeProto, names: dict[str, str]) -> NodeProto:
    made = NodeProto()
    made.CopyFrom(node)
    for field in (made.input, made.output):
        field[:] = [names.get(name, name) for name in field]
    return made


def _unshaped(value: ValueInfoProto, name: str) -> ValueInfoProto:
    rank = _rank(value)
    return helper.make_tensor_value_info(name, value.type.tensor_type.elem_type, None if rank is None else [None] * rank)


def _nothing(value: ValueInfoProto, name: str) -> TensorProto:
    """An empty tensor; a zero in place of a scalar, which cannot be empty."""
    rank = _rank(value)
    return helper.make_tensor(
        name, value.type.tensor_type.elem_type, [0] * (1 if rank is None else rank), [0] if rank == 0 else []
    )


def _rank(value: ValueInfoProto) -> int | None:
    kind = value.type.tensor_type
    return len(kind.shape.dim) if kind.HasField("shape") else None
