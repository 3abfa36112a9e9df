"""Captions of any content, `/// figure-caption` and `/// table-caption`: pymdownx's blocks, which the author may list or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markdown import Markdown
from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block

_EXTENSION = "pymdownx.blocks.caption"


def register(md: Markdown, block_mgr: BlocksProcessor) -> None:
    """Add the caption blocks, unless they are there; `mkdocs.yml` may list them after us."""
    if "figure-caption" not in block_mgr.blocks:
        md.registerExtensions([_EXTENSION], {})
        block_mgr.register = _once(block_mgr.register, frozenset(block_mgr.blocks))


def _once(register: Callable[[type[Block], dict[str, Any]], None], known: frozenset[str]) -> Callable[..., None]:
    """Pymdownx refuses a block that is registered twice."""

    def register_others(block: type[Block], config: dict[str, Any]) -> None:
        if block.NAME not in known or "caption" not in block.NAME:
            register(block, config)

    return register_others
