"""What indexers read in a page's head: `citation_*` (Google Scholar), Open Graph, JSON-LD, and Signposting's links.

Signposting (https://signposting.org) leads machines from an article to its DOI, authors, licence, data and citation file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.licences import licence_address
from lensdoc.publish.article.schema import Author

Described = dict[str, Any]
"""What the tags say: `name` and `property` as pairs of a name and a text, `link` as triples of a relation, an address and a type
that may be empty, `json_ld` as data. It can be kept as JSON."""


def head_tags(published: Published) -> str:
    """The tags as HTML. Only what is known is said."""
    return as_html(described(published))


def described(published: Published) -> Described:
    """What the tags of an article say."""
    return {
        "name": [[name, text] for name, text in _citation(published) if text],
        "property": [[name, text] for name, text in _open_graph(published) if text],
        "link": [list(link) for link in _signposts(published)],
        "json_ld": _json_ld(published),
    }


def as_html(said: Described) -> str:
    """The tags that say something. Whatever it is, they are `meta` elements and data, nothing that runs."""
    metas = (element("meta", {kind: name, "content": text}) for kind in ("name", "property") for name, text in said[kind])
    links = (element("link", {"rel": rel, "href": to, "type": kind or None}) for rel, to, kind in said["link"])
    data = [_as_data(said["json_ld"])] if said["json_ld"] else []
    return "\n".join([*map(to_html, metas), *map(to_html, links), *data]) + "\n"


def _citation(published: Published) -> Iterator[tuple[str, str]]:
    article = published.article
    if article.authors:
        yield "citation_title", published.title
        for author in article.authors:
            yield "citation_author", author.called
            for affiliation in author.affiliation:
                yield "citation_author_institution", affiliation
            yield "citation_author_orcid", f"https://orcid.org/{author.orcid}" if author.orcid else ""
        yield "citation_publication_date", f"{article.date:%Y/%m/%d}" if article.date else ""
        yield "citation_online_date", f"{article.updated or article.date:%Y/%m/%d}" if article.updated or article.date else ""
        yield "citation_doi", article.doi or ""
        yield "citation_fulltext_html_url", published.url
        yield "citation_language", published.language
        yield "citation_keywords", "; ".join(article.keywords)
    yield "twitter:card", "summary_large_image" if published.image else "summary"


def _signposts(published: Published) -> Iterator[tuple[str, str, str]]:
    article = published.article
    if not article.authors:
        return
    if article.doi:
        yield "cite-as", f"https://doi.org/{article.doi}", ""
    for author in article.authors:
        if author.orcid or author.url:
            yield "author", f"https://orcid.org/{author.orcid}" if author.orcid else str(author.url), ""
    if article.license:
        yield "license", licence_address(article.license), ""
    if published.described_by:
        yield "describedby", published.described_by, "application/yaml"
    for address in published.data:
        yield "item", address, "application/json"


def _open_graph(published: Published) -> Iterator[tuple[str, str]]:
    article = published.article
    yield "og:type", "article" if article.authors else "website"
    yield "og:title", published.title
    yield "og:description", article.description
    yield "og:site_name", published.site
    yield "og:url", published.url
    yield "og:image", published.image
    yield "og:image:alt", article.image_alt if published.image else ""
    if article.authors:
        yield "article:published_time", article.date.isoformat() if article.date else ""
        yield "article:modified_time", article.updated.isoformat() if article.updated else ""
        for author in article.authors:
            yield "article:author", author.called


def _json_ld(published: Published) -> Described:
    article = published.article
    if not article.authors:
        return {}
    found = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": published.title,
        "description": article.description,
        "author": [_json_author(author) for author in article.authors],
        "datePublished": article.date.isoformat() if article.date else "",
        "dateModified": article.updated.isoformat() if article.updated else "",
        "identifier": f"https://doi.org/{article.doi}" if article.doi else "",
        "license": licence_address(article.license) if article.license else "",
        "keywords": list(article.keywords),
        "inLanguage": published.language,
        "isPartOf": {"@type": "WebSite", "name": published.site},
        "url": published.url,
        "image": published.image,
    }
    return {k: v for k, v in found.items() if v}


def _as_data(found: Described) -> str:
    """Data and no script: browsers neither run it nor count it against a policy for scripts."""
    text = json.dumps(found, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/ld+json">{text}</script>'


def _json_author(author: Author) -> dict[str, object]:
    orcid = f"https://orcid.org/{author.orcid}" if author.orcid else ""
    found: dict[str, object] = {
        "@type": "Organization" if author.organization else "Person",
        "name": author.called,
        "@id": orcid,
        "url": author.url or "",
        "affiliation": [{"@type": "Organization", "name": name} for name in author.affiliation],
    }
    return {k: v for k, v in found.items() if v}
