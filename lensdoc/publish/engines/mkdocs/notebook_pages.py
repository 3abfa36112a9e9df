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

from lensdoc.explorables.elements import element, to_html
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run
from lensdoc.publish.engines.mkdocs.files import MadeFiles
from lensdoc.publish.engines.mkdocs.jupyter import Jupyter
from lensdoc.publish.engines.mkdocs.run_intro import RunIntro
from lensdoc.publish.notebooks.body import Body, Prepared, finish, prepare
from lensdoc.publish.notebooks.rendered import Cells
from lensdoc.publish.state.build import Build
from lensdoc.records.errors import PublishError

log = logging.getLogger("mkdocs.plugins.lensdoc")

_SUFFIX = ".ipynb"


class NotebookPages:
    """The notebooks of one build. Its methods are called in the order in which they stand here.

    mkdocs-jupyter says which files are notebooks and colours their code. Pages are made here, so that none of its HTML, nor any
    that a notebook holds, reaches a page unread.
    """

    def __init__(self, project: Project, build: Build, made: MadeFiles, style: str, rendered: dict[str, Cells]) -> None:
        """Nothing is read yet.

        Args:
            project: The project, with the runs' notebooks.
            build: Is told the address of each run's page.
            made: Holds the files that are added.
            style: Address of the style sheet, from the root of the site.
            rendered: Filled with what mkdocs-jupyter makes of each notebook; spares the next build of a served site that work.
        """
        self._project = project
        self._build = build
        self._made = made
        self._style = style
        self._rendered = rendered
        self._used: set[str] = set()
        self._jupyter: Jupyter | None = None
        self._each_alone = False
        """Whether notebooks are rendered one by one, since one of them cannot be rendered."""
        self._runs: dict[str, Run] = {}
        self._paths: dict[str, Path] = {}
        """Where the notebook of each page lies, as its author knows it."""
        self._prepared: dict[str, Prepared | None] = {}
        """Notebooks that were read; None for one that is broken."""

    def add(self, runs: Iterable[Run], files: Files, config: MkDocsConfig) -> None:
        """Add a file for each run whose executed notebook is kept, and take up those below the folder of pages.

        Must come before mkdocs-jupyter sees the files. Without that plugin there are no pages.
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
            elif prepared := self._prepare(path):
                files.append(self._made.copy(path, uri))
                self._runs[uri], self._prepared[uri], self._paths[uri] = run, prepared, path

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
            file, prepared = files.get_file_from_path(uri), self._prepared[uri]
            if file and file.page and file.page.content and prepared:
                said = to_html(intro.paragraph(run, file.page, files))
                file.page.content = file.page.content.replace(prepared.intro, said)

    def close(self) -> None:
        """Forget what mkdocs-jupyter made of notebooks that are no more."""
        for source in self._rendered.keys() - self._used:
            del self._rendered[source]

    def _render(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Make the content of a page; a notebook of which there can be none is named, and the rest of the site is built."""
        del config
        page.content = ""
        for file in files:
            if file.src_uri in self._paths and (file.page is page or not file.inclusion.is_excluded()):
                self._read(file.src_uri)
        uri = page.file.src_uri
        prepared, path = self._prepared[uri], self._paths[uri]
        if prepared is None:
            return
        beside = None if uri in self._runs else partial(_address_of, page=page, files=files)
        try:
            cells = self._cells(prepared)
        except Exception as error:  # noqa: BLE001 - whatever nbconvert meets in a notebook
            self._complain(path, f"mkdocs-jupyter cannot render it: {error}")
            return
        try:
            self._fill(page, finish(cells, prepared, beside), prepared)
        except PublishError as error:
            self._complain(path, str(error))

    def _fill(self, page: Page, body: Body, prepared: Prepared) -> None:
        assert self._jupyter is not None
        run = self._runs.get(page.file.src_uri)
        page.toc = get_toc(nest_toc_tokens([entry for entry in body.toc if entry["level"] <= self._jupyter.toc_depth]))
        style = to_html(element("link", {"rel": "stylesheet", "href": get_relative_url(self._style, page.url)}))
        page.content = style + (body.html if run else body.html.replace(prepared.intro, ""))
        if run:
            page.title = body.title or run.name
            page.meta["search"] = {"boost": 0.5}  # the article says more of a thing than its analysis does
        elif "title" not in vars(page) and "title" not in page.meta and body.title and self._jupyter.titles_pages:
            page.title = body.title  # neither navigation nor front matter says one

    def _read(self, uri: str) -> None:
        if uri not in self._prepared:
            self._prepared[uri] = self._prepare(self._paths[uri])

    def _prepare(self, path: Path) -> Prepared | None:
        """The notebook at a path; None for one that is broken, which is reported."""
        assert self._jupyter is not None
        is_runs = path.is_relative_to(self._project.analyses)
        try:
            text = path.read_text(encoding="utf-8") if is_runs else self._jupyter.read(path)
            return prepare(text, partial(self._complain, path))
        except (OSError, UnicodeDecodeError, PublishError) as error:
            self._complain(path, str(error))
        except Exception as error:  # noqa: BLE001 - whatever jupytext or a cell that is executed raises
            self._complain(path, f"cannot be {'executed' if self._jupyter.executes(path) else 'read'}: {error}")
        return None

    def _cells(self, prepared: Prepared) -> Cells:
        """What mkdocs-jupyter makes of a notebook; of all in its language at once, since each of its calls takes 0.1 s."""
        assert self._jupyter is not None
        if self._source(prepared) not in self._rendered:
            others = [other for other in self._prepared.values() if other and other.language == prepared.language]
            waiting = [other for other in others if self._source(other) not in self._rendered]
            try:
                self._keep([prepared] if self._each_alone else waiting)
            except Exception:  # noqa: BLE001 - of one of them; the next line says whether it is this one
                self._each_alone = True
                self._keep([prepared])
        self._used.add(self._source(prepared))
        return self._rendered[self._source(prepared)]

    def _keep(self, notebooks: list[Prepared]) -> None:
        assert self._jupyter is not None
        found = self._jupyter.render(notebooks, self._made.folder / f"code{_SUFFIX}")
        for one in notebooks:
            names = [copy["id"] for copy in one.copies]
            self._rendered[self._source(one)] = {name: found[name] for name in names if name in found}

    def _source(self, prepared: Prepared) -> str:
        """What the rendered cells of a notebook depend on."""
        return f"{prepared.key} {self._jupyter.settings if self._jupyter else ''}"

    def _complain(self, path: Path, message: str) -> None:
        log.warning("%s: %s", Path(os.path.relpath(path, self._project.root)).as_posix(), message)


def _address_of(written: str, *, page: Page, files: Files) -> str | None:
    """The address of a file that a notebook names, from the notebook's page; None where the site has no such file."""
    target, mark, anchor = written.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), unquote(target)))
    file = files.get_file_from_path(path)
    return get_relative_url(file.url, page.url) + mark + anchor if file else None


def _page_address(uri: str, config: MkDocsConfig) -> str:
    """Where the site has the page of a notebook: where it had that of a Markdown file of the same name."""
    return File(f"{uri.removesuffix(_SUFFIX)}.md", None, config.site_dir, config.use_directory_urls).dest_uri
