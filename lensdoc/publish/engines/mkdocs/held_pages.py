"""Keeps the pages that a build makes from plugins that drop every page which lies outside the folder of pages."""

from __future__ import annotations

from pathlib import Path

from mkdocs.structure.files import File, Files


class HeldPages:
    """Takes pages out of the files of a site, and puts them back: between the two, mkdocs-static-i18n looks at the files.

    That plugin knows the languages of files below the folder of pages. Other pages it leaves out of the site, with a warning.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is held.

        Args:
            folder: Where the build makes its files; pages from there are held.
        """
        self._folder = folder
        self._held: list[File] = []

    def take_out(self, files: Files) -> None:
        """Hold the pages, in their order."""
        pages = [file for file in files.documentation_pages() if Path(file.abs_src_path or "").is_relative_to(self._folder)]
        for file in pages:
            files.remove(file)
        self._held = pages

    def put_back(self, files: Files) -> None:
        """Put the pages back, at the end, as pages without a translation: the plugin's sitemap asks each page for its own."""
        for file in self._held:
            file.alternates = {}  # type: ignore[attr-defined] # the plugin's
            files.append(file)
        self._held = []
