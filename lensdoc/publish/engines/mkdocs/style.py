"""What the theme Material needs for our layouts: the style sheet of articles, with its fonts."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from lensdoc.explorables import assets

_THEME = "material"


def add_style(config: MkDocsConfig) -> None:
    """Put the style sheet first, so that an author's come after and win: that of figures, which that of articles includes."""
    name = assets.ARTICLE_STYLE if config.theme.name == _THEME else assets.STYLE
    config.extra_css.insert(0, f"{assets.PLACE}/{assets.hashed(name)}")


def style_files(config: MkDocsConfig) -> dict[str, Path]:
    """The style sheet of articles, and the fonts that it names."""
    return assets.of_articles() if config.theme.name == _THEME else {}
