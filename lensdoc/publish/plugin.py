"""The entry point of the MkDocs plugin, at an address that stays."""

from __future__ import annotations

from lensdoc.publish.engines.mkdocs.plugin import LensdocPlugin

__all__ = ["LensdocPlugin"]
