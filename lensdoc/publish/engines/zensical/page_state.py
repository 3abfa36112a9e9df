"""What Zensical tells an extension of the page that it renders, as the state of a page that the MkDocs plugin makes elsewhere.

Zensical renders pages one after another, in one process, with a new Markdown converter for each. It hands the page and the
configuration on to its own extensions, and so to ours. Pages that did not change since the last build are not rendered at all.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from markdown import Markdown

from lensdoc.core.errors import RunError
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import FRESH, status
from lensdoc.publish.article.credit import credit
from lensdoc.publish.engines.survey import begin_page, front_matter
from lensdoc.publish.engines.theme.titles import for_theme
from lensdoc.publish.engines.zensical.mistakes import Mistakes
from lensdoc.publish.engines.zensical.site import Site
from lensdoc.publish.figures.tables import tables
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.freshness import not_fresh, record_freshness
from lensdoc.publish.state.page import PageState
from lensdoc.publish.values.front_matter import fill_values

log = logging.getLogger("lensdoc")

_TOLD = "rendering_context"
"""The preprocessor that holds what Zensical tells: `page` with path, url, title and meta, and `config`."""
_STRICT = re.compile(r"--strict|-[cs]*s[cs]*")
_last: list[tuple[object, object, Build]] = []
"""Of the build that goes on: its configuration, the state of its files, and what its pages share."""


def told(md: Markdown) -> Any | None:  # noqa: ANN401 - a class of Zensical, which may not be installed
    """What Zensical tells of the page that is rendered; None under other engines."""
    return md.preprocessors[_TOLD] if _TOLD in md.preprocessors else None  # noqa: SIM401 - a registry has no `get`


def page_state(md: Markdown, use_library: Callable[[Build], object]) -> PageState | None:
    """The state of the page that Zensical renders; None under other engines.

    Args:
        md: The converter of the page.
        use_library: Gives a build its bibliography, which the pages of a build share.

    Raises:
        RunError: `runs.yml`, a notebook or the lock cannot be read.
    """
    given = told(md)
    if given is None:
        if "zensical.markdown.render" in sys.modules:
            log.warning(
                "this version of Zensical does not say which page it renders, so mistakes fail no build; 0.0.73 and 0.1.3 do"
            )
        return None
    build, page = _build(given.config, use_library), given.page
    if isinstance(build.site, Site):
        build.site.begin(page)
    text = (build.docs / page.path).read_text(encoding="utf-8", errors="replace")
    state, _ = begin_page(build, page.path, text)
    state.url = page.url
    state.moves_pictures = True
    state.canonical_url = urljoin(build.site_url, page.url) if build.site_url else ""
    state.meta = fill_values(front_matter(state.header), text, state).text
    state.credit = credit(state.meta, given.config.get("site_author"), given.config["site_name"])
    _tell_theme(page, state.meta)
    return state


def _tell_theme(page: Any, meta: Mapping[str, Any]) -> None:  # noqa: ANN401 - a class of Zensical
    """Give the theme what it shows with its values; it writes that as it is."""
    filled = for_theme(meta)
    if "title" in filled and page.title_override is None and str(page.meta.get("title")) != filled["title"]:
        page.title = filled["title"]
    page.meta.update(filled)


def _build(config: Mapping[str, Any], use_library: Callable[[Build], object]) -> Build:
    """What the pages of a build share. `zensical serve` goes on with the same configuration while files change."""
    options = config["mdx_configs"].get("lensdoc", {})
    root = Path(config["root_dir"])
    docs = root / config["docs_dir"]
    data = root / options["data"] if "data" in options else docs / "data"
    state = _state(root, data, options)
    if _last and _last[0][0] is config and _last[0][1] == state:
        return _last[0][2]
    build = Build(
        data=data,
        docs=docs,
        root=root,
        site_url=f"{site_url.rstrip('/')}/" if (site_url := config.get("site_url")) else "",
        freshness={},
        report=Mistakes(log.warning, strict=is_strict(config, sys.argv[1:])),
        is_incremental=True,
    )
    build.site = Site(build, config)
    build.tables = tables(build)
    use_library(build)
    _look_at_runs(build)
    _last[:] = [(config, state, build)]
    return build


def _look_at_runs(build: Build) -> None:
    """Report runs that are not fresh; nothing is executed here."""
    project = Project(build.root)
    if not project.has_runs:
        return
    try:
        found = status(project)
    except RunError as error:
        build.report(str(error))
        return
    build.freshness = record_freshness(project, found)
    for run in found:
        if run.word != FRESH:
            build.report(not_fresh(run))


def _state(root: Path, data: Path, options: Mapping[str, Any]) -> object:
    """Sizes and times of the files that pages are made of beside their own."""
    named = options.get("bibliography") or []
    files = [root / name for name in ([named] if isinstance(named, str) else named)]
    files.append(root / str(options.get("csl") or ""))  # or the name of a style that we bring, which is no file
    project = Project(root)
    files += [project.runs_file, project.lock_file, *sorted(data.rglob("*.json"))]
    facts = ((path, path.stat()) for path in files if path.is_file())
    return [(path, fact.st_size, fact.st_mtime_ns) for path, fact in facts]


def is_strict(config: Mapping[str, Any], arguments: list[str]) -> bool:
    """Whether a mistake ends the build: `strict: true` in mkdocs.yml, or `zensical build --strict`.

    Zensical does not tell extensions of the latter, so the command line says it.
    """
    return "build" in arguments and bool(config.get("strict") or any(_STRICT.fullmatch(word) for word in arguments))
