"""Files that a build adds to a site, and files of the author's that it must not publish."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files


class MadeFiles:
    """A folder of the build's own, for files of the site that no author wrote.

    Other plugins copy files and ask for their paths, so what is added is a file that exists, as those of the author are.
    """

    def __init__(self, folder: Path, config: MkDocsConfig) -> None:
        """Nothing is in the folder yet."""
        self.folder = folder
        self._config = config

    def copy(self, source: Path, uri: str) -> File:
        """A file of the site with the content of another."""
        path = self._path(uri)
        shutil.copyfile(source, path)
        return self._file(uri)

    def write(self, text: str, uri: str) -> File:
        """A file of the site with a text."""
        self._path(uri).write_text(text, encoding="utf-8", newline="")
        return self._file(uri)

    def _path(self, uri: str) -> Path:
        path = self.folder / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _file(self, uri: str) -> File:
        return File(uri, str(self.folder), self._config.site_dir, self._config.use_directory_urls)


def leave_out_links(files: Files, docs: Path, complain: Callable[[str], None]) -> None:
    """Take files out of the site that lie elsewhere: links in the folder of pages that lead out of it, each reported.

    Args:
        files: The files of the site; those are removed.
        docs: The folder of pages.
        complain: Receives a message for each.
    """
    root = Path(os.path.realpath(docs))
    for file in list(files):
        if file.abs_src_path is None or file.src_dir is None or Path(file.src_dir) != docs:
            continue
        real = Path(os.path.realpath(file.abs_src_path))
        if not real.is_relative_to(root):
            files.remove(file)
            complain(
                f"{file.src_uri}: a link that leads out of the folder of pages is not published; put a copy of the file there"
            )
