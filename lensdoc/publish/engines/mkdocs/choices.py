"""Files of figures with a reader's choice: what pages have set aside is lifted out of them."""

from __future__ import annotations

from collections.abc import Callable

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from lensdoc.explorables import assets
from lensdoc.publish.figures.choices import has_parts, lift
from lensdoc.publish.figures.embeds import Source


def lift_choices(
    title_of: Callable[[Page], str], make_private: Callable[[str], str] | None, files: Files, config: MkDocsConfig
) -> None:
    """Add the files of choices, and take what they hold out of the pages; all pages must be rendered.

    Args:
        title_of: Gives the title of a page.
        make_private: Puts the policy into the HTML of a page; None for a site without one.
        files: The files of the site, to which those are added.
        config: The configuration of the site.
    """
    language = str(config.theme.get("language") or "en")
    for page in [file.page for file in files.documentation_pages() if file.page]:
        if not has_parts(page.content or ""):
            continue
        source = Source(page.content or "", page.url, title_of(page) or config.site_name, language)
        page.content, found = lift(source, assets.PLACE)
        for path, text in found.items():
            content = make_private(text) if make_private and path.endswith(".html") else text
            files.append(File.generated(config, path, content=content))
