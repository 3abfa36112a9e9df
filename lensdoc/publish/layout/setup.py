"""Registers layouts with Python-Markdown."""

from __future__ import annotations

from typing import Any

from markdown import Markdown
from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block
from pymdownx.blocks.caption import Caption

from lensdoc.publish.context import Context
from lensdoc.publish.layout.blocks import AsideBlock, ColumnsBlock, HeroBlock
from lensdoc.publish.layout.external import ExternalLinks
from lensdoc.publish.layout.layouts import with_layout
from lensdoc.publish.layout.opening import OpeningBand
from lensdoc.publish.layout.swatches import SwatchColours, SwatchProcessor

_BEFORE_LINKS = 165
"""Python-Markdown reads links at 160, and would take a phrase for the text of one."""
_AFTER_CONDITIONS = 20.3
"""Conditions are decided at 20.5; inline Markdown is read at 20."""
_AFTER_STATES = 0.5
_LAST = -900


def register(md: Markdown, block_mgr: BlocksProcessor, context: Context) -> None:
    """Add the blocks and swatches, and the option `layout` to captions, whether these are registered before or after us."""
    for block in (AsideBlock, HeroBlock, ColumnsBlock):
        block_mgr.register(block, {})
    block_mgr.blocks.update({name: with_layout(known) for name, known in block_mgr.blocks.items() if issubclass(known, Caption)})
    add = block_mgr.register

    def register_block(block: type[Block], config: dict[str, Any]) -> None:
        add(with_layout(block) if issubclass(block, Caption) else block, config)

    block_mgr.register = register_block
    md.inlinePatterns.register(SwatchProcessor(md, context), "lensdoc_swatch", _BEFORE_LINKS)
    md.treeprocessors.register(OpeningBand(md, context), "lensdoc_opening", _AFTER_CONDITIONS)
    md.treeprocessors.register(SwatchColours(md, context), "lensdoc_swatches", _AFTER_STATES)
    md.treeprocessors.register(ExternalLinks(md), "lensdoc_external", _LAST)
