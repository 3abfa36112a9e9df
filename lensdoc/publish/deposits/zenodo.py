"""An article's metadata as Zenodo reads them from `.zenodo.json` (https://developers.zenodo.org, deposit metadata)."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.schema import Author

FILE = ".zenodo.json"


def as_zenodo(published: Published, day: str, licence: str, description: str) -> str:
    """The text of the file.

    Args:
        published: The article, with authors.
        day: Its day, as 2026-01-31.
        licence: Its identifier of SPDX.
        description: What it is about, in words.
    """
    article = published.article
    found: dict[str, Any] = {
        "title": published.title,
        "upload_type": "publication",
        "publication_type": "article",
        "publication_date": day,
        "access_right": "open",
        "license": licence.lower(),
        "creators": [_creator(author) for author in article.authors],
        "description": f"<p>{escape(description)}</p>",
        "keywords": list(article.keywords),
        "doi": article.doi or "",
        "related_identifiers": [{"identifier": published.url, "relation": "isIdenticalTo", "scheme": "url"}]
        if published.url
        else [],
    }
    return json.dumps({name: value for name, value in found.items() if value}, indent=1, ensure_ascii=False) + "\n"


def _creator(author: Author) -> dict[str, str]:
    family = " ".join(filter(None, [author.particle, author.family, author.suffix]))
    name = author.organization or ", ".join(filter(None, [family, author.given]))
    found = {"name": name, "affiliation": "; ".join(author.affiliation), "orcid": author.orcid or ""}
    return {key: value for key, value in found.items() if value}
