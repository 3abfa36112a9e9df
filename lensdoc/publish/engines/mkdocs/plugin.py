"""The MkDocs plugin: events, files and assets around the Markdown extension."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.meta import get_data
from mkdocs.utils.templates import TemplateContext

from lensdoc.core.errors import LensdocError
from lensdoc.core.installed import conflicts
from lensdoc.explorables import assets
from lensdoc.explorables.own_kinds import own_scripts
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import read_runs
from lensdoc.publish.article.credit import credit
from lensdoc.publish.article.notebook_links import PROGRAMS
from lensdoc.publish.engines import exporters
from lensdoc.publish.engines.mkdocs.analyses import Analyses, check_data_folder
from lensdoc.publish.engines.mkdocs.articles import Articles
from lensdoc.publish.engines.mkdocs.choices import lift_choices
from lensdoc.publish.engines.mkdocs.compiled import keep_compiled
from lensdoc.publish.engines.mkdocs.dead_links import DeadLinks
from lensdoc.publish.engines.mkdocs.files import MadeFiles, leave_out_links
from lensdoc.publish.engines.mkdocs.held_pages import HeldPages
from lensdoc.publish.engines.mkdocs.live_reload import ReloadAllowed
from lensdoc.publish.engines.mkdocs.not_found import add_links
from lensdoc.publish.engines.mkdocs.notebook_pages import NotebookPages
from lensdoc.publish.engines.mkdocs.page_references import PageReferences
from lensdoc.publish.engines.mkdocs.privacy import Privacy
from lensdoc.publish.engines.mkdocs.run_intro import RunIntro
from lensdoc.publish.engines.mkdocs.single_figures import add_single_figures
from lensdoc.publish.engines.mkdocs.style import add_style, style_files
from lensdoc.publish.engines.mkdocs.twins import Twins
from lensdoc.publish.engines.mkdocs.watching import Contents, ContentServer
from lensdoc.publish.engines.theme.blog import with_author_names
from lensdoc.publish.engines.theme.color_switching import mark_switching
from lensdoc.publish.engines.theme.early_fonts import ask_early
from lensdoc.publish.engines.theme.opening_band import lift_hero
from lensdoc.publish.engines.theme.search_dialog import name_search
from lensdoc.publish.engines.theme.search_excluded import SearchExcluded
from lensdoc.publish.figures.tables import tables
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.freshness import record_freshness
from lensdoc.publish.state.page import PageState
from lensdoc.publish.values.front_matter import fill_values
from lensdoc.records.kinds import KINDS

log = logging.getLogger("mkdocs.plugins.lensdoc")

_ASSETS = assets.PLACE
_PATHS = ("data", "bibliography", "csl")
"""Options of the Markdown extension that name files or folders."""


class LensdocConfig(Config):
    """Options under `lensdoc:` in `plugins`."""

    execute = config_options.Choice(("auto", "never"), default="auto")
    """`auto` runs stale analyses before the build, where what runs them is installed; `never` only reports them."""
    citation_cff = config_options.Type(bool, default=False)
    """Whether the site gets a `CITATION.cff` of its article."""
    markdown = config_options.Type(bool, default=True)
    """Whether each page gets a twin in Markdown beside it, and the site a list of them, `llms.txt`; not under `mkdocs serve`."""
    notebook_links = config_options.ListOfItems(config_options.Choice(PROGRAMS), default=list(PROGRAMS))
    """In which programs readers may open a run's notebook, by links on its page: `colab`, `binder`; where `repo_url` is known."""
    private = config_options.Type(bool, default=True)
    """Whether pages load from the site alone: a strict policy in each, and a warning for each address of another host."""


class LensdocPlugin(BasePlugin[LensdocConfig]):
    """Puts data, scripts and styles into a site, and turns mistakes into warnings that `--strict` makes errors.

    Its methods `on_...` are events of MkDocs, with the arguments that https://www.mkdocs.org/dev-guide/plugins/#events describes.
    """

    def __init__(self) -> None:
        self.analyses = Analyses()
        self.contents = Contents()
        self.dead_links = DeadLinks()
        self.search_excluded = SearchExcluded()
        self.serves = False

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Know whether there will be another build."""
        del dirty
        self.serves = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Begin a build; put our assets first, so that an author's come after and win.

        Raises:
            PluginError: The Markdown extension is not there.
        """
        if "lensdoc" not in config.markdown_extensions:
            raise PluginError("the plugin needs the Markdown extension: add `- lensdoc` under markdown_extensions in mkdocs.yml")
        exporters.end()
        if config.strict and not log.isEnabledFor(logging.WARNING):
            logging.getLogger("mkdocs").setLevel(logging.WARNING)  # `--quiet`: MkDocs counts the mistakes that it prints
        self.project = Project(Path(config.config_file_path or "mkdocs.yml").resolve().parent)
        self.options = config.mdx_configs.setdefault("lensdoc", {})
        data = self.project.root / self.options["data"] if "data" in self.options else Path(config.docs_dir) / "data"
        self.build = Build(
            data=data,
            docs=Path(config.docs_dir),
            root=self.project.root,
            report=log.warning,
            site_url=config.site_url or "",
            freshness={},
        )
        self.options["page"] = self.page = PageState(self.build)
        for told in conflicts(KINDS):
            log.warning(told)
        add_style(config)
        self.articles = Articles(log.warning)
        self.privacy = Privacy(log.warning)
        has_twins = self.config.markdown and not self.serves
        self.twins = Twins(log.warning, lambda: self.listed) if has_twins else None
        script = ExtraScriptValue(f"{_ASSETS}/{assets.hashed(assets.SCRIPT)}")
        script.defer = True
        config.extra_javascript.insert(0, script)
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Bring the data up to date, before MkDocs collects files; after this nothing writes to `docs/`.

        Raises:
            PluginError: `runs.yml`, a notebook or the lock cannot be read.
        """
        if self.serves:
            self.contents.add([config.docs_dir, config.config_file_path, *config.watch, *self._sources(config)])
        if not self.project.has_runs:
            return
        try:
            check_data_folder(self.project, self.build.data)
            updated = self.analyses.update(self.project, execute=self.config.execute == "auto")
            self.build.freshness = record_freshness(self.project, updated.states)
        except LensdocError as error:
            raise PluginError(str(error)) from error
        self.contents.written(updated.written)

    @event_priority(100)
    def _add_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Add executed notebooks, script and style sheets, these under names that change with their content, and licences."""
        leave_out_links(files, Path(config.docs_dir), log.warning)
        self.folder = tempfile.TemporaryDirectory(prefix="lensdoc-")
        made = MadeFiles(Path(self.folder.name), config)
        for name, path in (assets.of_sites() | own_scripts() | style_files(config)).items():
            files.append(made.copy(path, f"{_ASSETS}/{name}"))
        style = f"{_ASSETS}/{assets.hashed(assets.NOTEBOOK_STYLE)}"
        self.notebooks = NotebookPages(self.project, self.build, made, style)
        self.intro = RunIntro(self.project, self.build, config, self.config.notebook_links)
        self.notebooks.add(read_runs(self.project) if self.project.has_runs else (), files, config)
        self.build.tables = tables(self.build)
        for name, text in self.build.tables.items():
            table = f"{self.build.data_path(name)}.csv"
            if not files.get_file_from_path(table):
                files.append(made.write(text, table))
        self.dead_links.begin(files, self.build.state_links)
        return files

    @event_priority(-99)
    def _hold_pages(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Take the pages of runs out, so that mkdocs-static-i18n, whose priority is -100, does not see them."""
        del config
        self.held_pages = HeldPages(Path(self.folder.name))
        self.held_pages.take_out(files)
        return files

    @event_priority(-101)
    def _return_pages(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Put the pages of runs back."""
        del config
        self.held_pages.put_back(files)
        return files

    @event_priority(-102)
    def _find_notebooks(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Take up the pages that mkdocs-jupyter made of the notebooks, between the two; of pages nothing is known yet.

        A plugin for several languages renders the pages of one after those of another, in one build.
        """
        self.notebooks.find(files, config)
        self.build.begin()
        return files

    on_files = CombinedEvent(_add_files, _hold_pages, _return_pages, _find_notebooks)

    @event_priority(-100)  # after mkdocs-jupyter, which puts its own way of rendering into the page
    def on_pre_page(self, page: Page, /, *, config: MkDocsConfig, files: Files) -> Page:
        """Render the pages of notebooks here."""
        del config, files
        self.notebooks.take_over(page)
        return page

    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> None:
        """Keep the parts of the site, for who comes to an address without a page."""
        del config, files
        self.parts, self.listed = nav.items, nav.pages

    def on_page_markdown(self, markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Tell the extension which page comes, and where its Markdown begins in the file; fill values into the front matter."""
        del markdown, files
        source = page.file.content_string
        body = page.markdown  # as MkDocs read it, which may be another source than that of the file
        body = body if body and source.endswith(body) else get_data(source)[0]
        header = source[: len(source) - len(body)]
        state = PageState(
            self.build,
            path=page.file.src_uri,
            url=page.url,
            canonical_url=page.canonical_url or "",
            header=header,
            first_line=1 + header.count("\n"),
        )
        state.meta, page.meta = fill_values(dict(page.meta), source, state)
        if hasattr(page, "excerpt"):  # a post of a blog
            state.meta = with_author_names(state.meta, config.plugins.values())
        state.credit = credit(state.meta, config.site_author, config.site_name)
        self.options["page"] = self.page = state

    def on_page_content(self, html: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Note what the page shows of runs; show what its front matter says of an article."""
        self.intro.note_figures(page, self.page)
        return self.articles.add(html, page, self.page, config, files)

    def on_env(self, env: object, /, *, config: MkDocsConfig, files: Files) -> None:
        """All pages are rendered: links to notebooks are known, references to other pages resolved, figures can stand alone."""
        keep_compiled(env)
        self.references = PageReferences(self.build, files)
        self.references.resolve(config)
        self.notebooks.introduce(self.intro, files)
        if self.config.citation_cff:
            self.articles.citation_file(files, config)
        if self.build.has_live:
            for name, path in assets.of_live().items():
                files.append(MadeFiles(Path(self.folder.name), config).copy(path, f"{_ASSETS}/{name}"))
        for name, text in self.build.plots.items():
            files.append(MadeFiles(Path(self.folder.name), config).write(text, f"{_ASSETS}/{name}"))
        make_private = self.privacy.embed if self.config.private else None
        lift_choices(self.articles.title_of, make_private, files, config)
        add_single_figures(self.build, self.articles.title_of, make_private, files, config)

    @event_priority(100)
    def on_page_context(
        self, context: TemplateContext, /, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Spare the search, which parses a page, what it would skip."""
        del config, nav
        page.content = self.search_excluded.take_out(page.content or "")
        return context

    @event_priority(100)
    def _put_back(self, output: str, /, *, page: Page, config: MkDocsConfig) -> str:
        """Give the page back what it was spared; resolve references in what a plugin has copied from pages before `on_env`."""
        del config
        page.content = self.search_excluded.put_back(page.content or "")
        return self.references.fill(self.search_excluded.put_back(output), page.url)

    def _add_heads(self, output: str, /, *, page: Page, config: MkDocsConfig) -> str:
        """Put the opening band where it has room, and into the head the policy, the fonts and what indexers read."""
        if self.config.private:
            output = self.privacy.page(output, page, config)
        if self.twins:
            output = self.twins.page(output, page, self.articles.title_of(page))
        output = self.articles.head(lift_hero(name_search(mark_switching(output))), page)
        return ask_early(output) if config.site_url else output

    on_post_page = CombinedEvent(_put_back, _add_heads)

    def on_post_template(self, output_content: str, /, *, template_name: str, config: MkDocsConfig) -> str:
        """Give the pages that the theme makes by itself the policy and the name of the search too, and the 404 page its links."""
        output_content = add_links(name_search(output_content), template_name, self.parts, config.site_url)
        return self.privacy.template(output_content, template_name) if self.config.private else output_content

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Leave nothing behind; all scripts of the theme are known, so the policy can be written."""
        self.folder.cleanup()
        self.dead_links.end()
        if self.config.private:
            self.privacy.finish(Path(config.site_dir))
        if self.twins:
            self.twins.write(config)

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: object) -> LiveReloadServer:
        """Build once for each edit, of an analysis too; let pages reload; have what executes runs ready for the first edit."""
        del builder
        server = ContentServer.adopt(server, self.contents)
        server.set_app(ReloadAllowed(server.get_app()))
        for path in self._sources(config):
            server.watch(str(path))
        if self.config.execute == "auto" and self.project.has_runs:
            self.analyses.warm()
        return server

    def on_shutdown(self) -> None:
        """End what executes runs. A plugin that has this method or `on_startup` lives from build to build."""
        self.analyses.close()

    def _sources(self, config: MkDocsConfig) -> list[Path]:
        """What pages are made of and MkDocs does not watch."""
        options = config.mdx_configs.get("lensdoc", {})
        named = [path for name in _PATHS for path in _each(options.get(name, ()))]
        return [path for path in (self.project.analyses, *(self.project.root / path for path in named)) if path.exists()]


def _each(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
