"""An article as others cite it: in words, in BibTeX, in a citation file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import yaml

from lensdoc.publish.article.schema import Article, Author

_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {c: f"\\{c}" for c in "&%$#_{}"}
_SMALL = {"a", "an", "the", "on", "of", "in"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Published:
    """An article with what the site knows of it."""

    article: Article
    title: str
    site: str
    url: str = ""
    """The address of the page, where that of the site is known."""
    language: str = "en"
    image: str = ""
    """The address of its picture."""
    described_by: str = ""
    """The address of its citation file, where the site has one."""
    data: tuple[str, ...] = ()
    """The addresses of the data files of its figures."""

    @property
    def link(self) -> str:
        """Where a citation leads: to the DOI if it has one."""
        return f"https://doi.org/{self.article.doi}" if self.article.doi else self.url


def in_words(published: Published) -> str:
    """The citation as a sentence: authors, year, title, site, address."""
    article = published.article
    names = [author.called for author in article.authors]
    listed = ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
    year = f" ({article.date.year})" if article.date else ""
    where = "" if published.site == published.title else f" {published.site}."
    return f"{listed}{year}. {published.title.rstrip('.')}.{where} {published.link}".strip()


def in_bibtex(published: Published) -> str:
    """The citation as a BibTeX entry that pybtex, BibTeX and Biber read."""
    article = published.article
    fields = {
        "title": f"{{{_escaped(published.title)}}}",
        "author": " and ".join(_bibtex_name(author) for author in article.authors),
        "year": str(article.date.year) if article.date else "",
        "month": _MONTHS[article.date.month - 1] if article.date else "",
        "howpublished": _escaped(published.site) if published.site != published.title else "",
        "doi": article.doi or "",
        "url": published.link,
    }
    lines = [f"  {name} = {text if name == 'month' else f'{{{text}}}'}" for name, text in fields.items() if text]
    return f"@misc{{{_key(published)},\n" + ",\n".join(lines) + "\n}"


def as_citation_file(published: Published) -> str:
    """The text of a `CITATION.cff`, version 1.2.0 of the Citation File Format."""
    article = published.article
    found = {
        "cff-version": "1.2.0",
        "message": "If you use this work, please cite it as below.",
        "title": published.title,
        "authors": [_cff_author(author) for author in article.authors],
        "abstract": article.description,
        "keywords": list(article.keywords),
        "license": article.license,
        "doi": article.doi,
        "url": published.url,
        "date-released": article.date,
    }
    return yaml.safe_dump({k: v for k, v in found.items() if v}, sort_keys=False, allow_unicode=True)


def _cff_author(author: Author) -> dict[str, str]:
    person = {
        "family-names": author.family,
        "given-names": author.given,
        "name-particle": author.particle,
        "name-suffix": author.suffix,
    }
    name = {"name": author.organization} if author.organization else person
    found = name | {
        "affiliation": "; ".join(author.affiliation),
        "orcid": f"https://orcid.org/{author.orcid}" if author.orcid else "",
        "email": author.email or "",
        "website": author.url or "",
    }
    return {k: v for k, v in found.items() if v}


def _bibtex_name(author: Author) -> str:
    if author.organization:
        return f"{{{_escaped(author.organization)}}}"
    family = f"{author.particle} {author.family}".lstrip()
    return ", ".join(_bibtex_part(part) for part in (family, author.suffix, author.given) if part)


def _bibtex_part(text: str) -> str:
    """Part of a name, in braces where its `and` would begin another."""
    return f"{{{_escaped(text)}}}" if "and" in text.lower().split() else _escaped(text)


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(c, c) for c in text)


def _key(published: Published) -> str:
    """`family2026word`, in plain letters."""
    article = published.article
    first = next((word for word in re.findall(r"\w+", published.title.lower()) if word not in _SMALL), "")
    key = f"{article.authors[0].family}{article.date.year if article.date else ''}{first}"
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", plain) or "article"
