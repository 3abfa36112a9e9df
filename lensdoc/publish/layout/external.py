"""Links to other sites say so, for paper, where their addresses are written out."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from markdown.treeprocessors import Treeprocessor

_ABSOLUTE = re.compile(r"https?://")


class ExternalLinks(Treeprocessor):
    """Runs last. Scripts of themes make every address absolute, so a style sheet cannot tell by it."""

    def run(self, root: ET.Element) -> None:
        """Give each link to an absolute address the relation `external`, unless it shows that address."""
        for link in root.iter("a"):
            address = link.get("href", "")
            if _ABSOLUTE.match(address) and "".join(link.itertext()) != address:
                link.set("rel", f"{link.get('rel', '')} external".strip())
