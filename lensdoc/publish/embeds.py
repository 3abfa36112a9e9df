"""Pages that have one figure alone, for frames on other sites."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from html import escape

from lensdoc.explorables import assets

_LINK = re.compile(r'(<(?:a|img)\b[^>]*? (?:href|src)=")([^"]*)(")')
_FIGURE_TAG = re.compile(r"<(/?)figure(?:>|\s[^>]*>)")
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
        figure=_moved(figure, source.url, path, escape(anchor)),
        source=f"{escape(_relative(source.url, path))}#{escape(anchor)}",
    )


def _relative(target: str, path: str) -> str:
    """The address of a target as it is from a page; both are told from the root of the site."""
    folder = "/" if not target or target.endswith(("/", "..", "/.")) else ""
    return posixpath.relpath(target or ".", posixpath.dirname(path)) + folder


def _figure(html: str, anchor: str) -> str | None:
    """The figure without its footer; text within holds no tags, since it is escaped."""
    begin = re.search(rf'<figure\b[^>]* id="{re.escape(escape(anchor))}"', html)
    end = begin and _end_of_figure(html, begin.start())
    if not begin or not end:
        return None
    return re.sub(r'<details class="ld-details ld-about".*?</details>', "", html[begin.start() : end], flags=re.DOTALL)


def _end_of_figure(html: str, begin: int) -> int | None:
    """Where the figure ends that begins there: its caption may hold others."""
    depth = 0
    for tag in _FIGURE_TAG.finditer(html, begin):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.end()
    return None


def _moved(html: str, page: str, path: str, own: str) -> str:
    """Relative addresses of a page, as they are from another place; what leads out of the figure opens outside the frame."""

    def move(match: re.Match[str]) -> str:
        before, address, after = match.groups()
        target, mark, anchor = address.partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:|/", address) or (not target and anchor == own):
            return match[0]
        full = posixpath.join(posixpath.dirname(page), target) if target else page
        outside = ' target="_blank"' if before.startswith("<a") else ""
        return f"{before}{_relative(full, path)}{mark}{anchor}{after}{outside}"

    return _LINK.sub(move, html)
