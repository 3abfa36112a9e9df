"""All that lensdoc uses of mkdocs-jupyter: which files are notebooks, how they are read and executed, what code looks like.

A site may publish notebooks, `.py` files and Markdown that jupytext reads. mkdocs-jupyter says which (`include`, `ignore`); it
would render each twice, once for its contents, and put scripts, frames and styles around it, none of which reaches the page.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File

from lensdoc.publish.notebooks.body import Prepared, merged
from lensdoc.publish.notebooks.rendered import Cells, read_cells

_PLUGIN = "mkdocs-jupyter"
_NOTEBOOK = ".ipynb"
_MARKDOWN = ".md"
_KERNEL = "kernelspec"
"""What Markdown says in its header if it is a notebook."""


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
    def settings(self) -> str:
        """The options, as what is rendered depends on them."""
        return repr(dict(self._options))

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
            Exception: Whatever jupytext, nbconvert or a cell raises.
        """
        if path.suffix == _NOTEBOOK and not self.executes(path):
            return path.read_text(encoding="utf-8")
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
        return str(exporter(config=app.config).from_notebook_node(notebook, place)[0])

    def page_file(self, file: File, config: MkDocsConfig) -> File:
        """A file as mkdocs-jupyter makes it a page."""
        from mkdocs_jupyter.plugin import NotebookFile

        found: File = NotebookFile(file, **config)
        return found

    def render(self, notebooks: Iterable[Prepared], path: Path) -> Cells:
        """The code and the text of notebooks in one language.

        Args:
            notebooks: They.
            path: Where to write the notebook that mkdocs-jupyter reads.

        Raises:
            Exception: Whatever nbconvert meets in a notebook.
        """
        from mkdocs_jupyter.convert import nb2html

        path.write_text(merged(notebooks), encoding="utf-8", errors="surrogateescape")
        options = {name: self._options[name] for name in inspect.signature(nb2html).parameters if name in self._options}
        return read_cells(nb2html(str(path), **options | {"execute": False}))
