"""Parts of a graph that are computed on request, in branches of few operations."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from lensdoc.measures.living import parts as module
from lensdoc.measures.living.function import Part

LONG = 450
SUMS = Part("sums", ("total", "size"))


def graph():
    """Sums of a text, each of the last and of a scalar that the first operation makes, and its number of elements."""
    nodes = [helper.make_node("Size", ["x"], ["count"]), helper.make_node("Cast", ["count"], ["step"], to=TensorProto.FLOAT)]
    nodes.append(helper.make_node("Identity", ["x"], ["always"]))
    nodes += [helper.make_node("Add", [f"at{i}" if i else "x", "step"], [f"at{i + 1}"]) for i in range(LONG)]
    nodes += [helper.make_node("Identity", [f"at{LONG}"], ["total"]), helper.make_node("Identity", ["count"], ["size"])]
    outputs = [("always", TensorProto.FLOAT, ["n"]), ("total", TensorProto.FLOAT, ["n"]), ("size", TensorProto.INT64, [])]
    made = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info(*output) for output in outputs],
    )
    return onnx.shape_inference.infer_shapes(helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10))


@pytest.fixture
def made():
    return module.with_conditions(graph(), [SUMS])


def test_a_long_part_becomes_several_branches(made):
    branches = [attribute.g for node in made.graph.node for attribute in node.attribute if attribute.name == "then_branch"]
    assert len(branches) == 3
    assert max(len(branch.node) for branch in branches) <= module._PIECE


@pytest.mark.parametrize(("asked", "total"), [(True, [1 + 2 * LONG, 2 + 2 * LONG]), (False, [])])
def test_its_outputs_are_there_when_they_are_asked_for(made, asked, total):
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    given = {"x": np.array([1, 2], np.float32), SUMS.name: np.array(asked)}
    always, found, size = session.run(["always", "total", "size"], given)
    assert always.tolist() == [1, 2]
    assert found.tolist() == total
    assert int(size) == (2 if asked else 0)
