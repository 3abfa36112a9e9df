"""Pages that have one figure alone, for frames on other sites."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from html import escape

from lensdoc.explorables import assets
from lensdoc.publish.markup.tags import end_of_element, tags
from lensdoc.publish.state.page import PageState

_ADDRESSES = {"a": "href", "img": "src"}
"""Elements of a figure with the attribute that names a place."""
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
    """The rendered page that a figure is on."""

    html: str
    url: str
    """From the root of the site, as links lead to it."""
    title: str
    language: str


def embed_page(source: Source, anchor: str, path: str, folder: str) -> str | None:
    """The page at a path of the site that has one figure alone; None if the source has no such figure.

    Args:
        source: Where the figure is.
        anchor: Its id.
        path: Where its own page will be, from the root of the site.
        folder: Where the site has our script and style sheet.
    """
    figure = _figure(source.html, anchor)
    if figure is None:
        return None
    names = (assets.STYLE, assets.EMBED_STYLE, assets.SCRIPT)
    style, embed, script = (_relative(f"{folder}/{assets.hashed(name)}", path) for name in names)
    return _PAGE.format(
        language=escape(source.language),
        title=escape(source.title),
        style=escape(style),
        embed=escape(embed),
        script=escape(script),
        figure=_moved(figure, source.url, path, anchor),
        source=f"{escape(_relative(source.url, path))}#{escape(anchor)}",
    )


def _relative(target: str, path: str) -> str:
    """The address of a target as it is from a page; both are told from the root of the site."""
    folder = "/" if not target or target.endswith(("/", "..", "/.")) else ""
    return posixpath.relpath(target or ".", posixpath.dirname(path)) + folder


def _figure(html: str, anchor: str) -> str | None:
    """The figure without its footer."""
    begin = next((tag for tag in tags(html) if tag.name == "figure" and tag.attributes.get("id") == anchor), None)
    end = end_of_element(html, begin) if begin else None
    return _without_footers(html[begin.start : end]) if begin and end else None


def _without_footers(figure: str) -> str:
    kept, done = [], 0
    for tag in tags(figure):
        is_footer = tag.name == "details" and not tag.closes and "ld-about" in tag.classes
        end = end_of_element(figure, tag) if is_footer and tag.start >= done else None
        if end is not None:
            kept.append(figure[done : tag.start])
            done = end
    return "".join([*kept, figure[done:]])


def _moved(html: str, page: str, path: str, own: str) -> str:
    """Relative addresses of a page, as they are from another place; what leads out of the figure opens outside the frame."""
    kept, done = [], 0
    for tag in tags(html):
        name = _ADDRESSES.get(tag.name)
        if name is None or tag.closes or name not in tag.attributes:
            continue
        target, mark, anchor = tag.attributes[name].partition("#")
        if _ABSOLUTE.match(tag.attributes[name]) or (not target and anchor == own):
            continue
        full = posixpath.join(posixpath.dirname(page), target) if target else page
        written = tag.with_attribute(name, f"{_relative(full, path)}{mark}{anchor}")
        written = f'{written[:-1]} target="_blank">' if tag.name == "a" else written
        kept += [html[done : tag.start], written]
        done = tag.end
    return "".join([*kept, html[done:]])
