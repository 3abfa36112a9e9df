"""Pages that have one figure alone, which others may show in a frame."""

from __future__ import annotations

from collections.abc import Callable

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from lensdoc.explorables import assets
from lensdoc.publish.figures.embeds import Source, embed_page
from lensdoc.publish.state.build import Build


def add_single_figures(
    build: Build,
    title_of: Callable[[Page], str],
    make_private: Callable[[str], str] | None,
    files: Files,
    config: MkDocsConfig,
) -> None:
    """Add a page for each figure; all pages must be rendered.

    Args:
        build: Knows the figures of all pages.
        title_of: Gives the title of a page.
        make_private: Puts the policy into the HTML of a page; None for a site without one.
        files: The files of the site, to which those pages are added.
        config: The configuration of the site.
    """
    language = str(config.theme.get("language") or "en")
    sources: dict[str, Source] = {}
    for path, (name, anchor) in build.embeds.items():
        file = files.get_file_from_path(name)
        if file is None or file.page is None:
            continue
        if name not in sources:
            title = title_of(file.page) or config.site_name
            sources[name] = Source(file.page.content or "", file.page.url, title, language)
        if content := embed_page(sources[name], anchor, path, assets.PLACE):
            files.append(File.generated(config, path, content=make_private(content) if make_private else content))
