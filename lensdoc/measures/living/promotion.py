"""Numbers of two types in one operation, made one type for the translator to ONNX, without computing all sizes anew.

PyTorch's translator looks at each operation for this, and runs it to learn the size of what it gives. A traced graph knows the
sizes, and to find them again takes as long as half of the tracing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from torch import fx


@contextmanager
def sizes_as_traced() -> Iterator[None]:
    """While it lasts, the translator takes what a traced operation gives from the graph; it runs those alone that it changes.

    Where PyTorch has other names for its parts, which are private, the translator works as it does by itself.
    """
    try:
        from torch.onnx._internal.fx.passes import type_promotion as own

        interpreter: Any = own._TypePromotionInterpreter  # noqa: SLF001 - PyTorch has no public name for it
        rule_of, run, name, promote = (
            own.get_type_promotion_rule,
            interpreter.run_node,
            interpreter._set_current_node,  # noqa: SLF001 - as above
            interpreter._maybe_promote_node,  # noqa: SLF001 - as above
        )
    except (ImportError, AttributeError):
        yield
        return

    def known(self: Any, node: fx.Node) -> Any:  # noqa: ANN401 - PyTorch's own class, and any value
        if node.op != "call_function" or "val" not in node.meta:
            return run(self, node)
        with name(self, node):
            if rule := rule_of(node, self.type_promotion_table):
                promote(self, node, rule)
        return node.meta["val"]

    with patch.object(interpreter, "run_node", known):
        yield
