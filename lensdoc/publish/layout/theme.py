"""What the theme Material needs for our layouts: the style sheet of articles, with its fonts."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from lensdoc.explorables import assets

_THEME = "material"


def add_style(config: MkDocsConfig) -> None:
    """Put the style sheet of articles first, so that an author's come after and win. Other themes keep their own looks."""
    if config.theme.name == _THEME:
        config.extra_css.insert(0, f"{assets.PLACE}/{assets.hashed(assets.ARTICLE_STYLE)}")


def style_files(config: MkDocsConfig) -> dict[str, Path]:
    """The style sheet of articles, and the fonts that it names."""
    return assets.of_articles() if config.theme.name == _THEME else {}
