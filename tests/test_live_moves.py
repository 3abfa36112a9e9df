"""What `without_moves` leaves out of a traced graph, and that the graph still computes the same of texts of other lengths."""

from __future__ import annotations

import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from lensdoc.measures.living.moves import without_moves


def views(x):
    rows, width = x.shape
    return (x.view(1, rows, width).expand(1, rows, width).view(rows, width) * 2).unsqueeze(0).view(rows, width, 1).clone() + 1


def sizes(x):
    doubled = torch.cat([x, x])
    again = torch.cat([x, doubled[: x.shape[0]] * 1.5])  # as long, which PyTorch asks of each
    return torch.zeros(doubled.shape[0], 2) + torch.ones(again.shape[0], 2)


def parts(x):
    first, second, third = x.split([1, 2, 1], -1)
    return torch.cat([third, second[:, 2:], first], -1) * second[:, :1]


def products(x):
    heads = x.view(1, -1, 2, 2).permute(0, 2, 1, 3)  # (1, 2, rows, 2)
    return torch.matmul(heads, heads.transpose(-1, -2)).softmax(-1)


def backward(x):
    """A view of numbers that lie in another order, and no copy between: PyTorch would refuse it."""
    return x.view(-1, 2, 2).permute(1, 0, 2).clone(memory_format=torch.contiguous_format).view(2, -1)


CASES = {
    views: {"view": 0, "expand": 0, "clone": 0, "unsqueeze": 0, "reshape": 1},
    sizes: {"sym_size": 1},
    parts: {"split_with_sizes": 0, "getitem": 0, "cat": 1},
    products: {"bmm": 0, "matmul": 1, "expand": 0},
    backward: {"clone": 0, "view": 0, "reshape": 2},
}


@pytest.mark.parametrize("function", CASES)
def test_a_graph_computes_the_same_with_fewer_moves(function):
    traced = make_fx(function, tracing_mode="symbolic")(torch.rand(5, 4))
    without_moves(traced.graph)
    traced.graph.lint()
    traced.recompile()
    for length in (5, 2, 9):
        given = torch.rand(length, 4)
        assert torch.allclose(traced(given), function(given)), length
    left = [node for node in traced.graph.nodes if node.op == "call_function"]
    for name, count in CASES[function].items():
        assert sum(name in str(node.target) for node in left) == count, (name, traced.graph)
