"""How the excerpt of a page names the works that it cites: numbers are those of the page itself, and not known elsewhere."""

from __future__ import annotations

import re

from lensdoc.publish.citations.latex import decode
from lensdoc.publish.citations.library import Library
from lensdoc.publish.citations.marks import plain
from lensdoc.publish.citations.style import References


def name_of_work(key: str, library: Library | None) -> tuple[str, str]:
    """Its authors, as a sentence names them, and its year; the key of one that is not known."""
    work = library.works.get(key) if library else None
    if library is None or work is None:
        return key, ""
    authors = References(library.style, [work], library.memory).authors(key)
    written = decode(work.field("date", "year"))
    return plain(authors), written[:4] if re.match(r"\d{4}(?!\d)", written) else written
