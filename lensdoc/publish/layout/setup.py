"""Registers layouts with Python-Markdown."""

from __future__ import annotations

from typing import Any

from markdown import Markdown
from pymdownx.blocks import BlocksProcessor
from pymdownx.blocks.block import Block
from pymdownx.blocks.caption import Caption

from lensdoc.publish.layout.blocks import AsideBlock, ColumnsBlock, HeroBlock
from lensdoc.publish.layout.external import ExternalLinks
from lensdoc.publish.layout.layouts import with_layout
from lensdoc.publish.layout.opening import OpeningBand
from lensdoc.publish.layout.sections import Sections
from lensdoc.publish.layout.stops import TabStops
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.processors import add


def register(md: Markdown, block_mgr: BlocksProcessor, page: PageState) -> None:
    """Add the blocks, and the option `layout` to captions, whether these are registered before or after us.

    Args:
        md: The converter.
        block_mgr: Its parser of blocks.
        page: The page that it renders.
    """
    for block in (AsideBlock, HeroBlock, ColumnsBlock):
        block_mgr.register(block, {})
    block_mgr.blocks.update({name: with_layout(known) for name, known in block_mgr.blocks.items() if issubclass(known, Caption)})
    register_any = block_mgr.register

    def register_block(block: type[Block], config: dict[str, Any]) -> None:
        register_any(with_layout(block) if issubclass(block, Caption) else block, config)

    block_mgr.register = register_block
    add(md, "treeprocessors", "lensdoc_opening", OpeningBand(md, page))
    add(md, "treeprocessors", "lensdoc_sections", Sections(md))
    add(md, "treeprocessors", "lensdoc_stops", TabStops(md))
    add(md, "treeprocessors", "lensdoc_external", ExternalLinks(md))
