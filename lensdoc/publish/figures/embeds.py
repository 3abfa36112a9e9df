"""Pages that have one figure alone, for frames on other sites."""

from __future__ import annotations

import posixpath
import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from html import escape

from lxml import etree

from lensdoc.explorables import assets
from lensdoc.explorables.elements import to_html
from lensdoc.publish.figures.later import LATER, WAITS
from lensdoc.publish.markup.tree import classes, read_tree
from lensdoc.publish.state.page import PageState

_ADDRESSES = {"a": "href", "img": "src", "lens-live": "data-files", "template": "data-src"}
"""Elements of a figure with the attribute that names a place."""
_SVG_NAMES = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
_ABOUT = "ld-about"
"""Class of a figure's footer."""
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|/", re.IGNORECASE)
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
<link rel="stylesheet" href="{embed}">
<script src="{script}" defer></script>
</head>
<body class="ld-embed">
<main>
{figure}
<h1><a href="{source}" target="_blank">{title}</a></h1>
</main>
</body>
</html>
"""


def path_of_page(url: str, anchor: str) -> str:
    """Where a site has a figure alone, told by its own page: for engines whose pages know nothing of each other.

    Args:
        url: Address of the page that the figure is on, from the root of the site.
        anchor: The id of the figure.
    """
    return f"embed/{url.removesuffix('/').removesuffix('.html') or 'index'}/{anchor}.html"


def embed_path(page: PageState, name: str, anchor: str) -> str:
    """Where the site has a figure of a page alone, noted for the end of the build.

    Args:
        page: The page that the figure is on.
        name: `RUN/NAME` of its record.
        anchor: Its id.
    """
    if page.build.is_incremental:
        return path_of_page(page.url, anchor)
    place, count, path = (page.path, anchor), 1, f"embed/{name}.html"
    while page.build.embeds.get(path, place) != place:
        count += 1
        path = f"embed/{name}-{count}.html"
    page.build.embeds[path] = place
    return path


@dataclass(frozen=True)
class Source:
    """The rendered page that figures are on."""

    html: str
    url: str
    """From the root of the site, as links lead to it."""
    title: str
    language: str

    @cached_property
    def figures(self) -> dict[str, etree.ElementBase]:
        """Its figures by their ids; the first of those that have one in common."""
        found: dict[str, etree.ElementBase] = {}
        for figure in read_tree(self.html).iter("figure"):
            found.setdefault(figure.get("id"), figure)
        return found


def embed_page(source: Source, anchor: str, path: str, folder: str) -> str | None:
    """The page at a path of the site that has one figure alone; None if the source has no such figure.

    Args:
        source: Where the figure is.
        anchor: Its id.
        path: Where its own page will be, from the root of the site.
        folder: Where the site has our script and style sheet.
    """
    if anchor not in source.figures:
        return None
    figure = deepcopy(source.figures[anchor])
    figure.tail = None
    for details in [details for details in figure.iter("details") if _ABOUT in classes(details)]:
        parent = details.getparent()
        (parent if LATER in classes(parent) else details).drop_tree()
    for part in [part for part in figure.iter("noscript") if WAITS in classes(part)]:
        part.drop_tag()  # alone on its page it is in view
    _move(figure, source.url, path, anchor)
    for svg in figure.iter("svg"):
        _name_as_svg(svg)
    names = (assets.STYLE, assets.EMBED_STYLE, assets.SCRIPT)
    style, embed, script = (relative(f"{folder}/{assets.hashed(name)}", path) for name in names)
    return _PAGE.format(
        language=escape(source.language),
        title=escape(source.title),
        style=escape(style),
        embed=escape(embed),
        script=escape(script),
        figure=to_html(figure),
        source=f"{escape(relative(source.url, path))}#{escape(anchor)}",
    )


def _name_as_svg(svg: etree.ElementBase) -> None:
    """Name the attributes of a drawing as SVG does: lxml reads small letters, of which browsers make the same."""
    named = [(_SVG_NAMES.get(name, name), value) for name, value in svg.attrib.items()]
    svg.attrib.clear()
    svg.attrib.update(named)


def relative(target: str, path: str) -> str:
    """The address of a target as it is from a page; both are told from the root of the site.

    Args:
        target: What is led to.
        path: The page.
    """
    folder = "/" if not target or target.endswith(("/", "..", "/.")) else ""
    return posixpath.relpath(target or ".", posixpath.dirname(path)) + folder


def _move(figure: etree.ElementBase, page: str, path: str, own: str) -> None:
    """Make relative addresses of a page those from another place; what leads out of the figure opens outside the frame."""
    for element in figure.iter(*_ADDRESSES):
        name = _ADDRESSES[element.tag]
        written = element.get(name)
        target, mark, anchor = (written or "").partition("#")
        if written is None or _ABSOLUTE.match(written) or (not target and anchor == own):
            continue
        full = posixpath.join(posixpath.dirname(page), target) if target else page
        element.set(name, f"{relative(full, path)}{mark}{anchor}")
        if element.tag == "a":
            element.set("target", "_blank")
