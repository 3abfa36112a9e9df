"""What the page of a run's notebook says at its top: which run it is, its parameters, data and figures, and its source."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from html import unescape

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from lensdoc.core.errors import LensdocError
from lensdoc.core.messages import shortened
from lensdoc.explorables.display import visible
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import Run
from lensdoc.publish.article.notebook_links import notebook_links
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.page import PageState

_SHOWN_CHARACTERS = 80
"""Characters of a parameter that are shown."""


class RunIntro:
    """Collects where the figures of runs are shown, and says it with the rest."""

    def __init__(self, project: Project, build: Build, config: MkDocsConfig, programs: Sequence[str]) -> None:
        """No page is known yet.

        Args:
            project: The project, with the notebooks that authors wrote.
            build: The build, with the records of runs.
            config: The configuration of the site, which may name its repository.
            programs: In which programs of other hosts readers may open the notebooks.
        """
        self._project = project
        self._build = build
        self._programs = programs
        self._repository = (config.repo_url, config.edit_uri)
        self._shown: dict[str, list[tuple[Page, str | None]]] = defaultdict(list)
        """Run to the pages that show its figures, with the figure's id."""

    def note_figures(self, page: Page, state: PageState) -> None:
        """Note which figures of which runs a page shows."""
        for figure, record in state.shown():
            if record.provenance.run:
                self._shown[record.provenance.run].append((page, figure.get("id")))

    def paragraph(self, run: Run, page: Page, files: Files) -> Element:
        """The paragraph on the page of a run, once all pages are rendered.

        Args:
            run: The run.
            page: Its page, from which links lead.
            files: The files of the site, its data among them.
        """
        parameters = (item for name in sorted(run.parameters) for item in (", ", *_parameter(name, run.parameters[name])))
        data = (item for record in run.records for item in (", ", self._data(run, record, page, files)))
        shown = (item for link in self._figures(run, page) for item in (", ", link))
        parts: list[tuple[str, list[Content]]] = [
            ("parameters: ", list(parameters)),
            ("model: ", [", ", model] if (model := self._model(run)) else []),
            ("data: ", list(data)),
            ("its figures on: ", list(shown)),
            ("its source: ", [item for link in self._opened(run) for item in (", ", link)]),
        ]
        said: list[Content] = ["Executed notebook of the run ", element("strong", None, run.name)]
        for name, items in parts:
            said += ["; ", name, *items[1:]] if items else []
        return element("p", {"class": "ld-run", "data-search-exclude": ""}, *said, ".")

    def _opened(self, run: Run) -> list[Element]:
        """Where the notebook that an author wrote, without outputs, opens: in Colab, in Binder."""
        path = self._project.analyses.relative_to(self._project.root) / run.notebook.name
        repository, edit_uri = self._repository
        links = notebook_links(self._programs, repository, path.as_posix(), edit_uri)
        return [element("a", {"href": address}, words) for words, address in links]

    def _data(self, run: Run, record: str, page: Page, files: Files) -> Content:
        # Data may be kept outside of docs/; then there is nothing to link to.
        file = files.get_file_from_path(f"data/{run.name}/{record}.json")
        return element("a", {"href": get_relative_url(file.url, page.url)}, f"{record}.json") if file else f"{record}.json"

    def _figures(self, run: Run, page: Page) -> list[Element]:
        """A link for each page that shows figures of a run, to the first of them."""
        first: dict[str, tuple[Page, str | None]] = {}
        for other, figure in self._shown[run.name]:
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


def _parameter(name: str, value: object) -> list[Content]:
    text = visible(json.dumps(value, ensure_ascii=False))
    return [f"{name} = ", element("code", None, shortened(text, _SHOWN_CHARACTERS))]
