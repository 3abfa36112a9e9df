"""A traced graph with fewer operations that compute nothing.

ONNX Runtime takes about as long for a small operation that moves numbers, or asks for a size, as for one that computes, and a
pass over one token is hundreds of small operations. PyTorch, whose views cost nothing, traces many.
"""

from __future__ import annotations

import operator
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, fx

_ATEN = torch.ops.aten
_VIEWS = (_ATEN.view.default, _ATEN._unsafe_view.default, _ATEN.reshape.default)  # noqa: SLF001 - the name that it has
_ONES = (_ATEN.unsqueeze.default, _ATEN.squeeze.dim)
_COPIES = (*_VIEWS, _ATEN.expand.default, _ATEN.alias.default, _ATEN.clone.default, _ATEN.slice.Tensor)


def without_moves(graph: fx.Graph) -> None:
    """Rewrite the graph in place.

    Each size is asked for once, whatever tensor it was asked of; parts of a tensor are cut from it one by one; what has the
    numbers and the shape of its input is its input; a view of a view is a view of what that one shows; nothing is put beside
    nothing. The graph holds as one of ONNX, where the order of numbers in memory has no part, and not as one of PyTorch.
    """
    _each_size_once(graph)
    for node in list(graph.nodes):
        if node.target is _ATEN.split_with_sizes.default:
            _cut(graph, node)
        elif node.target is _ATEN.bmm.default:
            _multiply_whole(graph, node)
    for node in list(graph.nodes):
        if node.op != "call_function":
            continue
        if node.target in _VIEWS:
            node.target = _ATEN.reshape.default  # which PyTorch takes of numbers in any order
            _look_through(node)
        elif node.target is _ATEN.cat.default:
            _leave_out_empty(node)
        if (same := _same(node)) is not None:
            node.replace_all_uses_with(same)
            graph.erase_node(node)
    graph.eliminate_dead_code()


def _each_size_once(graph: fx.Graph) -> None:
    first: dict[Any, Any] = {}
    for node in list(graph.nodes):
        size = node.meta.get("val")
        if node.op != "call_function" or not isinstance(size, torch.SymInt):
            continue
        known = first.setdefault(_size(size), node)
        if known is not node:
            node.replace_all_uses_with(known)
            graph.erase_node(node)


def _cut(graph: fx.Graph, split: fx.Node) -> None:
    """Slices in place of a list of tensors, of which ONNX Runtime would copy each twice."""
    whole, sizes, *rest = split.args
    assert isinstance(sizes, list | tuple)
    if not all(isinstance(size, int) for size in sizes):
        return
    ends = list(accumulate(sizes))
    for taken in list(split.users):
        assert taken.target is operator.getitem
        number = taken.args[1]
        assert isinstance(number, int)
        with graph.inserting_before(taken):
            made = graph.call_function(
                _ATEN.slice.Tensor, (whole, rest[0] if rest else 0, ends[number] - sizes[number], ends[number])
            )
        made.meta = dict(taken.meta)
        taken.replace_all_uses_with(made)
        graph.erase_node(taken)
    graph.erase_node(split)


def _multiply_whole(graph: fx.Graph, product: fx.Node) -> None:
    """Of texts in a batch of one, without views that take the batch off and put it back."""
    whole = [given.args[0] for given in product.all_input_nodes if given.target in _VIEWS]
    sides = zip(whole, product.args, strict=False)
    if len(whole) < len(product.args) or not all(_is_batch_of(a, b) for a, b in sides):
        return
    if not all(user.target in _VIEWS and _is_batch_of(user, product) for user in product.users):
        return
    for user in list(product.users):
        with graph.inserting_before(user):
            made = graph.call_function(_ATEN.matmul.default, tuple(whole))
        made.meta = dict(user.meta)
        user.replace_all_uses_with(made)
        graph.erase_node(user)


def _is_batch_of(whole: Any, one: Any) -> bool:  # noqa: ANN401 - what a node may be given
    return isinstance(whole, fx.Node) and (1, *(_shape(one) or ())) == _shape(whole)


def _look_through(view: fx.Node) -> None:
    while isinstance(shown := view.args[0], fx.Node) and shown.target in (*_VIEWS, *_ONES):
        view.update_arg(0, shown.args[0])


def _leave_out_empty(joined: fx.Node) -> None:
    parts = joined.args[0]
    assert isinstance(parts, list | tuple)
    kept = [part for part in parts if isinstance(part, fx.Node) and 0 not in (_shape(part) or ())]
    if kept and len(kept) < len(parts):
        joined.update_arg(0, kept)


def _same(node: fx.Node) -> fx.Node | None:
    """What of a node's inputs it gives as it is."""
    given = node.args[0] if node.args else None
    if node.target is _ATEN.cat.default and isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    elif node.target not in _COPIES:
        return None
    if not isinstance(given, fx.Node) or _shape(node) is None or _shape(node) != _shape(given):
        return None
    return given if given.meta["val"].dtype == node.meta["val"].dtype else None


def _shape(node: fx.Node) -> tuple[Any, ...] | None:
    value = node.meta.get("val")
    return tuple(_size(size) for size in value.shape) if isinstance(value, Tensor) else None


def _size(size: int | torch.SymInt) -> Any:  # noqa: ANN401 - a number, or what SymPy has for one
    return size.node.expr if isinstance(size, torch.SymInt) else size
