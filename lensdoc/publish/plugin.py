"""The MkDocs plugin: events, files and assets around the Markdown extension."""

from __future__ import annotations

import logging
from pathlib import Path

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils.meta import get_data

from lensdoc.explorables import assets
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.run import Lines, can_execute, execute_runs, stale_runs
from lensdoc.pipeline.status import FRESH, status
from lensdoc.publish.context import Context
from lensdoc.records.errors import LensdocError

log = logging.getLogger("mkdocs.plugins.lensdoc")

_ASSETS = "assets/lensdoc"


class LensdocConfig(Config):
    """Options under `lensdoc:` in `plugins`."""

    execute = config_options.Choice(("auto", "never"), default="auto")
    """`auto` runs stale analyses before the build, where what runs them is installed; `never` only reports them."""


class LensdocPlugin(BasePlugin[LensdocConfig]):
    """Puts data, scripts and styles into a site, and turns mistakes into warnings that `--strict` makes errors."""

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Share one context with the Markdown extension; put our assets first, so that an author's come after and win."""
        if "lensdoc" not in config.markdown_extensions:
            raise PluginError("the plugin needs the Markdown extension: add `- lensdoc` under markdown_extensions in mkdocs.yml")
        self.project = Project(Path(config.config_file_path or "mkdocs.yml").resolve().parent)
        options = config.mdx_configs.setdefault("lensdoc", {})
        data = self.project.root / options["data"] if "data" in options else Path(config.docs_dir) / "data"
        options["context"] = self.context = Context(data=data, report=log.warning)
        config.extra_css.insert(0, f"{_ASSETS}/{assets.hashed(assets.STYLE)}")
        script = ExtraScriptValue(f"{_ASSETS}/{assets.hashed(assets.SCRIPT)}")
        script.defer = True
        config.extra_javascript.insert(0, script)
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Bring the data up to date, before MkDocs collects files; after this nothing writes to `docs/`."""
        del config
        if not self.project.has_runs:
            return
        try:
            if self.config.execute == "auto" and can_execute() and (stale := stale_runs(self.project)):
                for failure in execute_runs(stale, self.project, Lines(log.info)).failures:
                    log.warning(failure)
            found = status(self.project)
        except LensdocError as error:
            raise PluginError(str(error)) from error
        for run in found:
            if run.word != FRESH:
                log.warning(
                    "analyses/runs.yml: run %s is %s: %s; execute it: lensdoc run %s",
                    run.name,
                    run.word,
                    run.why,
                    run.name,
                )

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Add the script and the style sheet, under names that change with their content, and their licences."""
        names = {assets.hashed(name): name for name in (assets.SCRIPT, assets.STYLE)} | {assets.LICENCES: assets.LICENCES}
        for published, name in names.items():
            files.append(File.generated(config, f"{_ASSETS}/{published}", content=assets.read(name)))
        return files

    def on_page_markdown(self, markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Tell the extension which page comes, and where its Markdown begins in the file."""
        del markdown, config, files
        source = page.file.content_string
        body, _ = get_data(source)
        self.context.page = page.file.src_uri
        self.context.first_line = 1 + source[: len(source) - len(body)].count("\n")

    def on_serve(self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: object) -> LiveReloadServer:
        """Build again when an analysis changes."""
        del config, builder
        if self.project.has_runs:
            server.watch(str(self.project.analyses))
        return server
