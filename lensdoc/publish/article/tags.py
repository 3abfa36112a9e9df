"""What indexers read in a page's head: `citation_*` (Google Scholar), Open Graph, and JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.licences import licence_address
from lensdoc.publish.article.schema import Author


def head_tags(published: Published) -> str:
    """The tags as HTML. Only what is known is said."""
    named = [to_html(element("meta", {"name": name, "content": text})) for name, text in _citation(published) if text]
    shared = [to_html(element("meta", {"property": name, "content": text})) for name, text in _open_graph(published) if text]
    return "\n".join([*named, *shared, _json_ld(published)]) + "\n"


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


def _json_ld(published: Published) -> str:
    """Data and no script: browsers neither run it nor count it against a policy for scripts."""
    article = published.article
    if not article.authors:
        return ""
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
    text = json.dumps({k: v for k, v in found.items() if v}, ensure_ascii=False)
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
