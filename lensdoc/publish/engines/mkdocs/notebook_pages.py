"""Pages of notebooks: those below the folder of pages, and of `analyses/executed/<run>.ipynb` the page `analyses/<run>/`."""

from __future__ import annotations

import logging
import os
import posixpath
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from markdown.extensions.toc import nest_toc_tokens
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from lensdoc.core.errors import PublishError
from lensdoc.core.messages import sentence
from lensdoc.core.notebook_json import NotebookError
from lensdoc.explorables.elements import element, to_html
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run
from lensdoc.publish.engines.mkdocs.files import MadeFiles
from lensdoc.publish.engines.mkdocs.jupyter import Jupyter
from lensdoc.publish.engines.mkdocs.run_intro import RunIntro
from lensdoc.publish.notebooks.body import notebook_body
from lensdoc.publish.notebooks.notebook import Notebook, read_notebook
from lensdoc.publish.state.build import Build

log = logging.getLogger("mkdocs.plugins.lensdoc")

_SUFFIX = ".ipynb"


class NotebookPages:
    """The notebooks of one build. Its methods are called in the order in which they stand here.

    mkdocs-jupyter says which files are notebooks and colours their code. Pages are made here, so that none of its HTML, nor any
    that a notebook holds, reaches a page unread.
    """

    def __init__(self, project: Project, build: Build, made: MadeFiles, style: str) -> None:
        """Nothing is read yet.

        Args:
            project: The project, with the runs' notebooks.
            build: Is told the address of each run's page.
            made: Holds the files that are added.
            style: Address of the style sheet, from the root of the site.
        """
        self._project = project
        self._build = build
        self._made = made
        self._style = style
        self._jupyter: Jupyter | None = None
        self._runs: dict[str, Run] = {}
        self._paths: dict[str, Path] = {}
        """Where the notebook of each page lies, as its author knows it."""
        self._notebooks: dict[str, Notebook] = {}

    def add(self, runs: Iterable[Run], files: Files, config: MkDocsConfig) -> None:
        """Add a file for each run whose executed notebook is kept, and take up those below the folder of pages.

        Must come before mkdocs-jupyter sees the files. Without that plugin there are no pages.

        Args:
            runs: The runs of the project.
            files: The files of the site; those of runs are added.
            config: The configuration of the site, with the plugin.
        """
        self._jupyter = Jupyter.of(config)
        if self._jupyter is None:
            return
        self._jupyter.spare_pages(files)
        self._paths = {
            file.src_uri: Path(str(file.abs_src_path))
            for file in files
            if file.src_dir == config.docs_dir and self._jupyter.includes(file)
        }
        taken = {name: file.src_uri for file in files for name in (file.src_uri, file.dest_uri)}
        for run in runs:
            uri, path = f"analyses/{run.name}{_SUFFIX}", run.executed_notebook(self._project)
            if not path.is_file():
                continue
            if other := taken.get(uri) or taken.get(_page_address(uri, config)):
                page = (Path(config.docs_dir) / other).relative_to(self._project.root).as_posix()
                self._complain(path, f"{page} has the address of the run's page, so there is none; give yours another name")
            elif notebook := self._read(path):
                files.append(self._made.copy(path, uri))
                self._runs[uri], self._notebooks[uri], self._paths[uri] = run, notebook, path

    def find(self, files: Files, config: MkDocsConfig) -> None:
        """Make pages of the runs' files whatever mkdocs-jupyter includes, keep them out of the navigation, tell their addresses.

        Must come after mkdocs-jupyter, whose files forget what those that they replace were told.
        """
        for uri, run in self._runs.items():
            file = files.get_file_from_path(uri)
            if file is None or self._jupyter is None:
                continue
            if not file.is_documentation_page():
                files.remove(file)
                file = self._jupyter.page_file(file, config)
                files.append(file)
            file.inclusion, file.edit_uri = InclusionLevel.NOT_IN_NAV, None
            self._build.notebooks[run.name] = file.url

    def take_over(self, page: Page) -> None:
        """Render the page of a notebook here; must come after mkdocs-jupyter, which puts its own way into the page."""
        if page.file.src_uri in self._paths:
            page.render = partial(self._render, page)  # type: ignore[method-assign] # as mkdocs-jupyter does

    def introduce(self, intro: RunIntro, files: Files) -> None:
        """Say on each page which run it is, with links to its data and to the figures made of them, once all pages are known."""
        for uri, run in self._runs.items():
            file = files.get_file_from_path(uri)
            if file and file.page and file.page.content:
                said = to_html(intro.paragraph(run, file.page, files))
                file.page.content = file.page.content.replace(self._notebooks[uri].intro, said)

    def _render(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Make the content of a page; a notebook of which there can be none is named, and the rest of the site is built."""
        del config
        assert self._jupyter is not None
        page.content, page.toc = "", get_toc([])
        run, path = self._runs.get(page.file.src_uri), self._paths[page.file.src_uri]
        notebook = self._notebooks[page.file.src_uri] if run else self._read(path)
        if notebook is None:
            return
        if scripted := ", ".join(map(str, notebook.cells_with_scripts)):
            log.info("%s: scripts in its outputs do not run on the page; cells %s", self._name(path), scripted)
        beside = None if run else partial(_address_of, page=page, files=files)
        body = notebook_body(notebook, self._jupyter.look(), partial(self._complain, path), beside, self._build.saved)
        page.toc = get_toc(nest_toc_tokens([entry for entry in body.toc if entry["level"] <= self._jupyter.toc_depth]))
        style = to_html(element("link", {"rel": "stylesheet", "href": get_relative_url(self._style, page.url)}))
        page.content = style + (body.html if run else body.html.replace(notebook.intro, ""))
        if run:
            page.title = body.title or run.name
            page.meta["search"] = {"boost": 0.5}  # the article says more of a thing than its analysis does
        elif "title" not in vars(page) and "title" not in page.meta and body.title and self._jupyter.titles_pages:
            page.title = body.title  # neither navigation nor front matter says one

    def _read(self, path: Path) -> Notebook | None:
        """The notebook at a path; None for one that is broken, which is reported."""
        assert self._jupyter is not None
        is_runs = path.is_relative_to(self._project.analyses)
        try:
            return read_notebook(path.read_text(encoding="utf-8") if is_runs else self._jupyter.read(path))
        except (OSError, UnicodeDecodeError, NotebookError, PublishError) as error:
            self._complain(path, str(error))
        except Exception as error:  # noqa: BLE001 - whatever jupytext raises
            self._complain(path, f"cannot be read: {sentence(error)}")
        return None

    def _complain(self, path: Path, message: str) -> None:
        log.warning("%s: %s", self._name(path), message)

    def _name(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._project.root)).as_posix()


def _address_of(written: str, *, page: Page, files: Files) -> str | None:
    """The address of a file that a notebook names, from the notebook's page; None where the site has no such file."""
    target, mark, anchor = written.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), unquote(target)))
    file = files.get_file_from_path(path)
    return get_relative_url(file.url, page.url) + mark + anchor if file else None


def _page_address(uri: str, config: MkDocsConfig) -> str:
    """Where the site has the page of a notebook: where it had that of a Markdown file of the same name."""
    return File(f"{uri.removesuffix(_SUFFIX)}.md", None, config.site_dir, config.use_directory_urls).dest_uri
