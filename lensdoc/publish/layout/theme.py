<<<<<<< HEAD
"""What the theme Material needs: the style sheet with its fonts, the opening band above its columns, a name for its search."""
=======
"""What the theme Material needs for our layouts: the style sheet of articles, with its fonts."""
>>>>>>> main

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from lensdoc.explorables import assets

_THEME = "material"
<<<<<<< HEAD
_BAND = '<div class="ld-hero">'
_MAIN = '<div class="md-main__inner md-grid"'
_FONTS = "fonts"
_SEARCH = '<div class="md-search" data-md-component="search" role="dialog">'
_SEARCH_LABEL = '<nav class="md-search__options" aria-label="'


def add_style(config: MkDocsConfig, folder: str) -> None:
    """Put the style sheet first, so that an author's come after and win: that of figures, which that of articles includes."""
    name = assets.ARTICLE_STYLE if config.theme.name == _THEME else assets.STYLE
    config.extra_css.insert(0, f"{folder}/{assets.hashed(name)}")
=======


def add_style(config: MkDocsConfig) -> None:
    """Put the style sheet of articles first, so that an author's come after and win. Other themes keep their own looks."""
    if config.theme.name == _THEME:
        config.extra_css.insert(0, f"{assets.PLACE}/{assets.hashed(assets.ARTICLE_STYLE)}")
>>>>>>> main


def style_files(config: MkDocsConfig) -> dict[str, Path]:
    """The style sheet of articles, and the fonts that it names."""
<<<<<<< HEAD
    if config.theme.name != _THEME:
        return []
    style = assets.ARTICLE_STYLE
    files = [File.generated(config, f"{folder}/{assets.hashed(style)}", content=assets.read(style))]
    fonts = sorted((assets.FOLDER / _FONTS).iterdir())
    files += [File.generated(config, f"{folder}/{_FONTS}/{path.name}", abs_src_path=str(path)) for path in fonts]
    return files


def lift_hero(html: str) -> str:
    """The page with its opening band above the columns of text and contents, so that it spans the page and nothing lies on it."""
    start, main = html.find(_BAND), html.find(_MAIN)
    if not 0 <= main < start:
        return html
    end = _end_of_div(html, start)
    band = html[start:end].replace(_BAND, '<div class="ld-hero md-typeset">', 1)
    band = band.replace('<div class="ld-hero-inner">', '<div class="ld-hero-inner md-grid">', 1)
    return html[:main] + band + html[main:start] + html[end:]


def name_search(html: str) -> str:
    """The page with a name for the theme's search dialog, which has none: that of the list in it, in the page's language."""
    start = html.find(_SEARCH)
    label = html.find(_SEARCH_LABEL, start)
    if not 0 <= start < label:
        return html
    name = html[label + len(_SEARCH_LABEL) : html.index('"', label + len(_SEARCH_LABEL))]
    return f'{html[:start]}{_SEARCH[:-1]} aria-label="{name}">{html[start + len(_SEARCH) :]}'


def _end_of_div(html: str, start: int) -> int:
    """Where the element that begins at `start` ends. Attributes hold no bare `<`: every part of the band was serialized."""
    depth, at = 0, start
    while True:
        opened, closed = html.find("<div", at + 1), html.find("</div>", at + 1)
        if closed < 0:
            return len(html)
        if 0 <= opened < closed:
            depth, at = depth + 1, opened
        elif depth:
            depth, at = depth - 1, closed
        else:
            return closed + len("</div>")
=======
    return assets.of_articles() if config.theme.name == _THEME else {}
>>>>>>> main
