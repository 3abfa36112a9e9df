"""Products with a transposed weight as one operation, so that no transposed copy of the weight is made when a graph is loaded.

A linear map without bias is traced as `MatMul(x, Transpose(W))`. ONNX Runtime computes `Transpose(W)` once, when it loads the
graph, and keeps `W` too where the derivative needs it: the weights would take twice the memory. `Gemm` reads `W` as it is.
"""

from __future__ import annotations

from collections.abc import Collection

import onnx
from onnx import NodeProto, helper

_MATRIX = [1, 0]


def without_transposes(model: onnx.ModelProto, weights: Collection[str]) -> None:
    """Rewrite the products of matrices with transposed weights, in place; products of other shapes stay."""
    graph = model.graph
    of = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type == "Transpose" and node.input[0] in weights and _permutation(node) == _MATRIX
    }
    ranks = {value.name: len(value.type.tensor_type.shape.dim) for value in graph.value_info}
    nodes = [_product(node, of) if _is_product(node, of, ranks) else node for node in graph.node]
    read = {name for node in nodes for name in node.input} | {value.name for value in graph.output}
    kept = [node for node in nodes if node.output[0] not in of or node.output[0] in read]
    del graph.node[:]
    graph.node.extend(kept)


def _permutation(node: NodeProto) -> list[int]:
    return next((list(attribute.ints) for attribute in node.attribute if attribute.name == "perm"), [])


def _is_product(node: NodeProto, of: dict[str, str], ranks: dict[str, int]) -> bool:
    return node.op_type == "MatMul" and node.input[1] in of and ranks.get(node.input[0]) == len(_MATRIX)


def _product(node: NodeProto, of: dict[str, str]) -> NodeProto:
    left, right = node.input
    return helper.make_node("Gemm", [left, of[right]], list(node.output), name=node.name, transB=1)
