"""Pages of notebooks, rendered by mkdocs-jupyter: those below docs, and of `analyses/executed/<run>.ipynb` `analyses/<run>/`."""

from __future__ import annotations

import json
import logging
import posixpath
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markdown.extensions.toc import nest_toc_tokens
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_relative_url

from lensdoc.core.errors import LensdocError, PublishError
from lensdoc.core.messages import shortened
from lensdoc.explorables.display import visible
from lensdoc.explorables.elements import Content, Element, element, to_html
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run
from lensdoc.publish.article.colab import colab_link
from lensdoc.publish.engines.mkdocs.files import MadeFiles
from lensdoc.publish.notebooks.body import Prepared, finish, prepare
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.page import PageState

log = logging.getLogger("mkdocs.plugins.lensdoc")

_RENDERER = "mkdocs-jupyter"
_SHOWN_CHARACTERS = 80
"""Characters of a parameter that are shown."""


class NotebookPages:
    """The notebooks of one build. Its methods are called in the order in which they stand here."""

    def __init__(self, project: Project, build: Build, made: MadeFiles, style: str, rendered: dict[str, str]) -> None:
        """Nothing is read yet.

        `style` is the address of the style sheet from the root of the site; `rendered` is filled with what mkdocs-jupyter
        makes of each notebook, and spares the next build of a site that is served the same work.
        """
        self._project = project
        self._rendered = rendered
        self._used: set[str] = set()
        self._settings = ""
        self._build = build
        self._style = style
        self._made = made
        self._repository: tuple[str | None, str | None] = (None, None)
        """Address of the repository and the pattern of its edit links, where they are configured."""
        self._runs: dict[str, Run] = {}
        self._prepared: dict[str, Prepared] = {}
        self._paths: dict[str, Path] = {}
        """Where the notebook of each page lies, as its author knows it."""
        self._seen: dict[str, list[tuple[Page, str | None]]] = defaultdict(list)
        """Run to the pages that show its figures, with the figure's id."""

    def add(self, runs: Iterable[Run], files: Files, config: MkDocsConfig) -> None:
        """Add a file for each run whose executed notebook is kept, and make those below the folder of pages as safe.

        Must come before mkdocs-jupyter sees the files. Without that plugin there are no pages.
        """
        self._repository = (config.repo_url, config.edit_uri)
        renderer = config.plugins.get(_RENDERER)
        if renderer is None:
            return
        self._settings = repr(renderer.config)
        taken = {name: file.src_uri for file in files for name in (file.src_uri, file.dest_uri)}
        for run in runs:
            uri, path = f"analyses/{run.name}.ipynb", run.executed_notebook(self._project)
            if not path.is_file():
                continue
            try:
                prepared = prepare(path.read_text(encoding="utf-8"), partial(self._complain, path))
            except (OSError, UnicodeDecodeError, PublishError) as error:
                self._complain(path, str(error))
                continue
            file = self._made.write(prepared.text, uri)
            if other := taken.get(uri) or taken.get(_page_address(uri, config)):
                page = (Path(config.docs_dir) / other).relative_to(self._project.root).as_posix()
                self._complain(path, f"{page} has the address of the run's page, so there is none; give yours another name")
                continue
            renderer.config["execute_ignore"].append(file.abs_src_path)  # a site may execute its own notebooks, but never these
            files.append(file)
            self._runs[uri], self._prepared[uri], self._paths[uri] = run, prepared, path
        self._add_authors(renderer, files, config)

    def _add_authors(self, renderer: Any, files: Files, config: MkDocsConfig) -> None:  # noqa: ANN401 - a class of mkdocs-jupyter
        """Let mkdocs-jupyter read copies of the notebooks below the folder of pages, in which nothing does harm."""
        for file in [file for file in files if file.src_uri.endswith(".ipynb") and file.src_dir == config.docs_dir]:
            path = Path(str(file.abs_src_path))
            if not renderer.should_include(file):
                continue
            if renderer.config["execute"]:
                why = "it is executed while the site is built, so its outputs are published as they are"
                self._complain(path, f"{why}; set `execute: false` under mkdocs-jupyter, or make it a run")
                continue
            try:
                prepared = prepare(path.read_text(encoding="utf-8"), partial(self._complain, path))
            except (OSError, UnicodeDecodeError, PublishError) as error:
                self._complain(path, str(error))
                continue
            copy = self._made.write(prepared.text, file.src_uri)
            copy.inclusion = file.inclusion
            files.remove(file)
            files.append(copy)
            self._prepared[file.src_uri], self._paths[file.src_uri] = prepared, path

    def find(self, files: Files) -> None:
        """Keep the pages that mkdocs-jupyter made of the files out of the navigation, and tell the build their addresses.

        Must come after mkdocs-jupyter, whose files forget what those that they replace were told.
        """
        for uri, run in self._runs.items():
            file = files.get_file_from_path(uri)
            if file and file.is_documentation_page():
                file.inclusion, file.edit_uri = InclusionLevel.NOT_IN_NAV, None
                self._build.notebooks[run.name] = file.url

    def guard(self, page: Page) -> None:
        """Name a notebook that mkdocs-jupyter cannot render, and build the rest of the site."""
        path = self._paths.get(page.file.src_uri)
        if path is None:
            return
        render = page.render
        source = self._settings + self._prepared[page.file.src_uri].text

        def guarded(config: MkDocsConfig, files: Files) -> None:
            self._used.add(source)
            try:
                if source not in self._rendered:
                    render(config, files)
                    self._rendered[source] = page.content or ""
                page.content = self._rendered[source]
            except Exception as error:  # noqa: BLE001 - whatever nbconvert meets in a notebook
                self._complain(path, f"mkdocs-jupyter cannot render it: {error}")
                page.content = ""

        page.render = guarded  # type: ignore[method-assign] # as mkdocs-jupyter does

    def render(self, html: str, page: Page, state: PageState, files: Files) -> str:
        """The content of a page: that of a notebook is made anew, others are only looked at for their figures."""
        prepared = self._prepared.get(page.file.src_uri)
        if prepared is None:
            for figure, record in state.figures:
                if record.provenance.run:
                    self._seen[record.provenance.run].append((page, figure.get("id")))
            return html
        run, path = self._runs.get(page.file.src_uri), self._paths[page.file.src_uri]
        if not html:
            return ""
        try:
            body = finish(html, prepared, None if run else partial(_address_of, page=page, files=files))
        except PublishError as error:
            self._complain(path, str(error))
            return ""
        page.toc = get_toc(nest_toc_tokens(body.toc))
        style = to_html(element("link", {"rel": "stylesheet", "href": get_relative_url(self._style, page.url)}))
        if run is None:
            page.file.abs_src_path = str(path)  # what mkdocs-jupyter offers as the source
            if (
                "title" not in vars(page) and "title" not in page.meta and body.title
            ):  # neither navigation nor front matter says one
                page.title = body.title
            return style + body.html.replace(prepared.intro, "")
        page.title = body.title or run.name
        page.meta["search"] = {"boost": 0.5}  # the article says more of a thing than its analysis does
        return style + body.html

    def introduce(self, files: Files) -> None:
        """Say on each page which run it is, with links to its data and to the figures made of them, once all pages are known."""
        for uri, run in self._runs.items():
            file = files.get_file_from_path(uri)
            if file and file.page and file.page.content:
                intro = to_html(self._intro(run, file.page, files))
                file.page.content = file.page.content.replace(self._prepared[uri].intro, intro)

    def close(self) -> None:
        """Remove what mkdocs-jupyter was given, and what it made of notebooks that are no more."""
        for source in self._rendered.keys() - self._used:
            del self._rendered[source]

    def _complain(self, path: Path, message: str) -> None:
        log.warning("%s: %s", path.relative_to(self._project.root), message)

    def _intro(self, run: Run, page: Page, files: Files) -> Element:
        parameters = (item for name in sorted(run.parameters) for item in (", ", *_parameter(name, run.parameters[name])))
        data = (item for record in run.records for item in (", ", self._data(run, record, page, files)))
        shown = (item for link in self._figures(run, page) for item in (", ", link))
        parts: list[tuple[str, list[Content]]] = [
            ("parameters: ", list(parameters)),
            ("model: ", [", ", model] if (model := self._model(run)) else []),
            ("data: ", list(data)),
            ("its figures on: ", list(shown)),
            ("its source: ", [", ", element("a", {"href": colab}, "open in Colab")] if (colab := self._colab(run)) else []),
        ]
        said: list[Content] = ["Executed notebook of the run ", element("strong", None, run.name)]
        for name, items in parts:
            said += ["; ", name, *items[1:]] if items else []
        return element("p", {"class": "ld-run", "data-search-exclude": ""}, *said, ".")

    def _colab(self, run: Run) -> str | None:
        """Where the notebook that an author wrote, without outputs, opens in Colab."""
        path = self._project.analyses.relative_to(self._project.root) / run.notebook.name
        return colab_link(self._repository[0], path.as_posix(), self._repository[1])

    def _data(self, run: Run, record: str, page: Page, files: Files) -> Content:
        # Data may be kept outside of docs/; then there is nothing to link to.
        file = files.get_file_from_path(f"data/{run.name}/{record}.json")
        return element("a", {"href": get_relative_url(file.url, page.url)}, f"{record}.json") if file else f"{record}.json"

    def _figures(self, run: Run, page: Page) -> list[Element]:
        """A link for each page that shows figures of a run, to the first of them."""
        first: dict[str, tuple[Page, str | None]] = {}
        for other, figure in self._seen[run.name]:
            first.setdefault(other.url, (other, figure))
        return [
            element("a", {"href": get_relative_url(url, page.url) + (f"#{figure}" if figure else "")}, unescape(str(other.title)))
            for url, (other, figure) in first.items()
        ]

    def _model(self, run: Run) -> str | None:
        try:
            model = self._build.record(f"{run.name}/{run.records[0]}").model
        except LensdocError:
            return None  # that the data are missing or broken is said elsewhere
        revision = getattr(model, "revision", None)
        return visible(f"{model.id} ({revision[:19]})" if revision else model.id)


def _address_of(written: str, *, page: Page, files: Files) -> str | None:
    """The address of a file that a notebook names, from the notebook's page; None where the site has no such file."""
    target, mark, anchor = written.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), unquote(target)))
    file = files.get_file_from_path(path)
    return get_relative_url(file.url, page.url) + mark + anchor if file else None


def _page_address(uri: str, config: MkDocsConfig) -> str:
    """Where the site has the page of a notebook: where it had that of a Markdown file of the same name."""
    return File(f"{uri.removesuffix('.ipynb')}.md", None, config.site_dir, config.use_directory_urls).dest_uri


def _parameter(name: str, value: object) -> list[Content]:
    text = visible(json.dumps(value, ensure_ascii=False))
    return [f"{name} = ", element("code", None, shortened(text, _SHOWN_CHARACTERS))]
