"""Fonts of articles, asked for at the head of a page and not once its style sheets are read: a font that comes late moves lines.

Sites without an address may be opened as files, for which browsers refuse such a request and say so.
"""

from __future__ import annotations

from lensdoc.explorables import assets
from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.markup.tags import tags

_FONTS = ("serif", "sans")
"""What every article is set in."""
_ITALIC = "serif-italic"
_EMPHASIS = ("<em", "<i>", "<cite")
"""How elements begin that are set in it; a browser complains of a font that is asked for and not used."""


def ask_early(html: str) -> str:
    """The page with links that ask for its fonts, before the style sheet of articles; one without that stays as it is."""
    style = f"{assets.PLACE}/{assets.hashed(assets.ARTICLE_STYLE)}"
    for tag in tags(html, names=("body", "link")):
        if tag.name == "body":
            break
        address = tag.attributes.get("href", "")
        if address.endswith(style):
            names = (*_FONTS, *([_ITALIC] if any(begin in html for begin in _EMPHASIS) else []))
            links = "".join(_link(address.removesuffix(style), name) for name in names)
            return f"{html[: tag.start]}{links}{html[tag.start :]}"
    return html


def _link(root: str, name: str) -> str:
    address = f"{root}{assets.PLACE}/fonts/{name}.woff2"
    return to_html(element("link", {"rel": "preload", "as": "font", "type": "font/woff2", "crossorigin": "", "href": address}))
