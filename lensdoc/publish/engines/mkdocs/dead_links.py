"""MkDocs warns of links that lead nowhere, but names no line; here they get one, and the anchors that are meant perhaps."""

from __future__ import annotations

import logging
import posixpath
import re
from typing import TYPE_CHECKING

from lensdoc.core.names import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs.structure.files import File, Files

    from lensdoc.publish.state.targets import StateLink

_LOG = logging.getLogger("mkdocs.structure.pages")
_DEAD = re.compile(r"Doc file '(?P<page>.+?)' contains (?P<what>an? [\w ]*?link '(?P<link>.+?)', but (?P<why>.*))", re.DOTALL)
_BACK = re.compile(r"cite-.+-\d+|fn(ref)?\d*:.+")
"""Where references and footnotes link back to: nobody writes such an anchor."""


class DeadLinks(logging.Filter):
    """Puts file and line before these warnings, while a site is built."""

    def __init__(self) -> None:
        super().__init__()
        self._files: Files | None = None
        self._state_links: Mapping[str, Sequence[StateLink]] = {}

    def begin(self, files: Files, links: Mapping[str, Sequence[StateLink]]) -> None:
        """From now on, for the pages of this site; links to states are checked elsewhere."""
        self._files, self._state_links = files, links
        _LOG.addFilter(self)

    def end(self) -> None:
        """Leave the log as it was."""
        _LOG.removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let records pass, but those of links to states; those of other dead links say more."""
        found = _DEAD.match(record.getMessage())
        if (
            found
            and "anchor" in found["why"]
            and any(link.link == found["link"] for link in self._state_links.get(found["page"], ()))
        ):
            return False
        file = self._files.get_file_from_path(found["page"]) if found and self._files else None
        if found and file:
            cure = self._cure(file, found["link"]) if "anchor" in found["why"] else ""
            record.msg, record.args = f"{found['page']}:{_line(file, found['link'])} {found['what']}{cure}", ()
        return True

    def _cure(self, file: File, link: str) -> str:
        """The anchors of the page that is meant."""
        path, _, anchor = link.partition("#")
        target = self._files.get_file_from_path(_joined(file.src_uri, path)) if path and self._files else file
        ids = target.page.present_anchor_ids if target and target.page else None
        meant = sorted(name for name in ids or () if not _BACK.fullmatch(name))
        return f" {nearest(anchor, meant)}" if meant else ""


def _line(file: File, link: str) -> str:
    """Where the link is written, as `3:`; nothing where it is not found as it is told."""
    lines = file.content_string.split("\n")
    return next((f"{number}:" for number, text in enumerate(lines, 1) if link in text), "")


def _joined(page: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
