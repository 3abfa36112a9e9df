"""Heavy data of figures, loaded as the view comes near: a script for each, which also works in a page opened from a file.

Only scripts read these data. What a reader without scripts sees of a figure, or finds on paper, stays in the page.
"""

from __future__ import annotations

import json
import re
from html import escape, unescape
from urllib.parse import quote

from lensdoc.publish.figures.embeds import Source, path_of_page, relative
from lensdoc.publish.markup.tags import tags

_BEGIN, _END = '<template class="ld-data">', "</template>"
_MOST = 5_000
"""Characters of data that a page carries itself: less would not be worth a request."""
_HEAVY = re.compile(rf"{_BEGIN}([^<]{{{_MOST},}}){_END}")


def has_heavy(html: str) -> bool:
    """Whether a page has data to be lifted."""
    return _HEAVY.search(html) is not None


def lift_heavy(source: Source) -> tuple[str, dict[str, str]]:
    """The HTML of a page whose heavy data are in files, and these files by their paths from the root of the site.

    Args:
        source: The rendered page.
    """
    html = source.html
    files: dict[str, str] = {}
    anchors = [(tag.start, tag.attributes.get("id", "")) for tag in tags(html, names=("figure",)) if not tag.closes]

    def put(found: re.Match[str]) -> str:
        anchor = next((name for start, name in reversed(anchors) if start < found.start()), "")
        if not anchor:
            return found[0]
        folder = path_of_page(source.url, anchor).removesuffix(".html").replace("embed/", "choices/", 1)
        path = f"{folder}/data-{sum(known.startswith(f'{folder}/') for known in files) + 1}.js"
        files[path] = f"window.lensdocData = {json.dumps(unescape(found[1]))};\n"
        return f'{_BEGIN[:-1]} data-src="{escape(quote(relative(path, source.url)))}">{_END}'

    return _HEAVY.sub(put, html), files
