"""All that lensdoc uses of mkdocs-jupyter: which files are notebooks, how they are read and executed, what code looks like.

A site may publish notebooks, `.py` files and Markdown that jupytext reads. mkdocs-jupyter says which (`include`, `ignore`).
Its own pages take half of a build: it renders each notebook twice, once for its contents, and puts scripts, frames of elements
and 574 kB of style around it, none of which a page of lensdoc has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File

from lensdoc.core.errors import PublishError
from lensdoc.core.notebook_json import notebook_json
from lensdoc.publish.notebooks.execution import why_not_executed
from lensdoc.publish.notebooks.look import Look
from lensdoc.publish.notebooks.sanitizing import cleaned

_PLUGIN = "mkdocs-jupyter"
_NOTEBOOK = ".ipynb"
_MARKDOWN = ".md"
_KERNEL = "kernelspec"
"""What Markdown says in its header if it is a notebook."""
_PRE = "<pre>"
_CELLS = 1_000
"""Cells whose highlighted code is kept."""
_HIDES = {
    "remove_cell_tags": "without_cell",
    "remove_input_tags": "without_code",
    "remove_all_outputs_tags": "without_outputs",
    "remove_single_output_tags": "without_output",
}
"""Options of mkdocs-jupyter that list tags, and what they leave out."""
_RESET = re.compile(r"(?<=\x1b\[0m)")
"""Behind a sequence that ends all colours; nbconvert takes the square of the length of a text with many."""


class Jupyter:
    """The plugin mkdocs-jupyter of one build, with its options."""

    def __init__(self, plugin: Any) -> None:  # noqa: ANN401 - a class of mkdocs-jupyter, which need not be installed
        """Take the plugin as MkDocs has it."""
        self._plugin = plugin
        self._options = plugin.config

    @classmethod
    def of(cls, config: MkDocsConfig) -> Jupyter | None:
        """That of a build; None where mkdocs.yml does not name it."""
        plugin = config.plugins.get(_PLUGIN)
        return cls(plugin) if plugin else None

    @property
    def toc_depth(self) -> int:
        """The deepest level of headings in the contents of a notebook's page."""
        return int(self._options["toc_depth"])

    @property
    def titles_pages(self) -> bool:
        """Whether the first heading of a notebook is the title of its page."""
        return not self._options["ignore_h1_titles"]

    def spare_pages(self, files: Iterable[File]) -> None:
        """Keep mkdocs-jupyter from parsing all Markdown of a site, twice, where none of it is a notebook."""
        pages = (file for file in files if file.src_uri.endswith(_MARKDOWN) and file.abs_src_path)
        if not any(_KERNEL in file.content_string for file in pages):
            self._options["ignore"].append(f"*{_MARKDOWN}")

    def includes(self, file: File) -> bool:
        """Whether it makes a page of a file."""
        return bool(self._plugin.should_include(file))

    def executes(self, path: Path) -> bool:
        """Whether it executes the notebook at a path while the site is built."""
        ignored = self._options["execute_ignore"] or []
        return bool(self._options["execute"]) and not any(PurePath(path).match(pattern) for pattern in ignored)

    def read(self, path: Path) -> str:
        """A notebook as JSON, executed where the options say so.

        Raises:
            OSError: The file cannot be read.
            NotebookError: It is no notebook.
            PublishError: The notebook cannot be executed, or a cell fails.
            Exception: Whatever jupytext raises for another file.
        """
        if path.suffix == _NOTEBOOK:
            content = path.read_bytes()
            notebook_json(content)
            if not self.executes(path):
                return content.decode()
        import jupytext

        notebook = jupytext.read(path)
        return self._executed(notebook, path) if self.executes(path) else str(jupytext.writes(notebook, fmt="ipynb"))

    def _executed(self, notebook: Any, path: Path) -> str:  # noqa: ANN401 - a notebook of nbformat
        from mkdocs_jupyter.convert import get_nbconvert_app
        from nbconvert.exporters import NotebookExporter

        names = ("kernel_name", "allow_errors")
        app = get_nbconvert_app(execute=True, **{name: self._options[name] for name in names})
        # Where mkdocs-jupyter executes it: a notebook in its own folder, other files in that of mkdocs.yml.
        place = {"metadata": {"path": str(path.parent)}} if path.suffix == _NOTEBOOK else {}
        exporter: Any = NotebookExporter
        try:
            return str(exporter(config=app.config).from_notebook_node(notebook, place)[0])
        except Exception as error:
            raise PublishError(why_not_executed(error, [cell.source for cell in notebook.cells])) from error

    def page_file(self, file: File, config: MkDocsConfig) -> File:
        """A file as mkdocs-jupyter makes it a page."""
        from mkdocs_jupyter.plugin import NotebookFile

        found: File = NotebookFile(file, **config)
        return found

    def look(self) -> Look:
        """How it shows code and text, and what its options hide."""
        hidden = self._options["remove_tag_config"] or {}
        tags = {name: frozenset(map(str, hidden.get(name) or ())) for name in _HIDES}
        hides_code = self._options["no_input"] or not self._options["show_input"]
        hides_counts = self._options["no_input"] or self._options.get("no_prompt")
        return Look(
            _code,
            _text,
            shows_code=not hides_code,
            shows_counts=not hides_counts,
            **{_HIDES[name]: found for name, found in tags.items()},
        )


@lru_cache(_CELLS)
def _code(source: str, language: str) -> str:
    """What stands in the `<pre>` of highlighted code; runs of one notebook have most cells in common."""
    from mkdocs_jupyter.nbconvert2 import mk_custom_highlight_code

    html = mk_custom_highlight_code()(source, language)
    return cleaned(html[html.index(_PRE) + len(_PRE) : html.index("</pre>")])


def _text(text: str) -> str:
    from nbconvert.filters.ansi import ansi2html

    return cleaned("".join(map(ansi2html, _RESET.split(text))))
