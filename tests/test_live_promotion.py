"""Numbers of two types in a traced graph, translated without running its operations again."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from torch import fx
from torch.onnx._internal.fx.passes import type_promotion

from lensdoc.measures.living.promotion import sizes_as_traced


class Mixed(torch.nn.Module):
    def forward(self, numbers, counts):
        for _ in range(20):
            numbers = numbers.exp() * 0.5
        return (numbers * counts + counts / 2).sum(-1) * 3, torch.sqrt(counts), torch.where(counts > 2, numbers, counts) - numbers


def translated(monkeypatch, context):
    """The operations of the graph in ONNX, and how many PyTorch ran anew."""
    ran = []
    run = fx.Interpreter.call_function
    given = (torch.rand(5, 4), torch.arange(20).view(5, 4))
    rows = torch.export.Dim("rows")
    program = torch.export.export(Mixed(), given, dynamic_shapes=({0: rows}, {0: rows})).run_decompositions()
    program.run_decompositions = lambda *_, **__: program
    with monkeypatch.context() as patched, context:
        patched.setattr(fx.Interpreter, "call_function", lambda *args: ran.append(args[1]) or run(*args))
        made = torch.onnx.export(program, dynamo=True, optimize=False, verbose=False)
    return [(node.op_type, *node.input, *node.output) for node in made.model_proto.graph.node], len(ran)


@pytest.mark.filterwarnings("ignore")
def test_the_same_graph_is_made_with_fewer_operations_run(monkeypatch):
    expected, many = translated(monkeypatch, nullcontext())
    found, few = translated(monkeypatch, sizes_as_traced())
    assert found == expected
    assert any(operation == "Cast" for operation, *_ in found), "types were mixed"
    assert few < many / 2


def test_without_pytorchs_private_parts_the_translator_is_left_as_it_is(monkeypatch):
    run = type_promotion._TypePromotionInterpreter.run_node
    with sizes_as_traced():
        assert type_promotion._TypePromotionInterpreter.run_node is not run
    monkeypatch.delattr(type_promotion, "get_type_promotion_rule")
    with sizes_as_traced():
        assert type_promotion._TypePromotionInterpreter.run_node is run
