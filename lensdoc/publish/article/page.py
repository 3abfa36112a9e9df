"""What a page shows of its front matter: the byline below the title, acknowledgements and "cite this article" at the end."""

from __future__ import annotations

from datetime import date

from lensdoc.explorables.elements import Content, Element, element, to_html
from lensdoc.publish.article.citing import Published, in_bibtex, in_words
from lensdoc.publish.article.licences import licence_address
from lensdoc.publish.article.schema import Article, Author
from lensdoc.publish.markup.tags import end_of_element, tags
from lensdoc.publish.markup.tree import classes, read_tree

ACKNOWLEDGEMENTS = "acknowledgements"
CITE = "cite-this-article"
_BAND = "ld-hero-inner"
_TITLE = "h1"
_PERMALINK = "headerlink"


def with_front_matter(html: str, published: Published) -> str:
    """The content of a page with its byline after the title, within the opening band if it stands there, and its end."""
    article = published.article
    at = _place_of_byline(html)
    line = byline(article)
    shown = to_html(line) if len(line) else ""
    return html[:at] + shown + html[at:] + "".join(map(to_html, _end(published)))


def _place_of_byline(html: str) -> int:
    """Behind the title; without one at the start of the opening band, or of the page."""
    band = 0
    for tag in tags(html):
        if tag.name == _TITLE and tag.closes:
            return tag.end
        if not band and not tag.closes and _BAND in tag.classes:
            band = tag.end
    return band


def first_heading(html: str) -> str:
    """The first heading of a page, as text; nothing where there is none."""
    begin = next((tag for tag in tags(html, names=(_TITLE,)) if not tag.closes), None)
    end = end_of_element(html, begin) if begin else None
    if begin is None or end is None:
        return ""
    heading = read_tree(html[begin.start : end])
    for link in [link for link in heading.iter("a") if _PERMALINK in classes(link)]:
        link.drop_tree()
    return " ".join(str(heading.text_content()).split())


def ends(article: Article) -> list[tuple[str, str]]:
    """Headings of the sections that follow the page's own, each with its id."""
    found = [("Acknowledgements", ACKNOWLEDGEMENTS)] if article.acknowledgements else []
    return [*found, *([("Cite this article", CITE)] if article.authors else [])]


def byline(article: Article) -> Element:
    """Authors with their affiliations, days, DOI and licence."""
    numbered = {name: str(n) for n, name in enumerate(article.affiliations, 1)}
    several = len(numbered) > 1
    authors = element(
        "ul", {"class": "ld-authors"}, *(_author(author, numbered if several else {}) for author in article.authors)
    )
    places = element(
        "ol",
        {"class": "ld-affiliations"},
        *(element("li", None, *_marked(number if several else ""), name) for name, number in numbered.items()),
    )
    facts = element(
        "dl",
        None,
        *(element("div", None, element("dt", None, name), element("dd", None, *what)) for name, what in _facts(article)),
    )
    parts = [part for part in (authors, places, facts) if len(part)]
    return element("div", {"class": "ld-byline"}, *parts)


def _author(author: Author, numbered: dict[str, str]) -> Element:
    name: Content = element("a", {"href": author.url}, author.called) if author.url else author.called
    marks = ",".join(numbered[place] for place in author.affiliation if numbered)
    parts: list[Content] = [name, *_marked(marks)]
    if author.orcid:
        address = f"https://orcid.org/{author.orcid}"
        parts += [" ", element("a", {"class": "ld-orcid", "href": address, "aria-label": f"ORCID of {author.called}"}, "iD")]
    return element("li", None, *parts)


def _marked(marks: str) -> list[Content]:
    return [element("sup", None, marks)] if marks else []


def _facts(article: Article) -> list[tuple[str, list[Content]]]:
    found: list[tuple[str, list[Content]]] = []
    if article.date:
        found.append(("Published", [_day(article.date)]))
    if article.updated:
        found.append(("Updated", [_day(article.updated)]))
    if article.doi:
        found.append(("DOI", [element("a", {"href": f"https://doi.org/{article.doi}"}, article.doi)]))
    if article.license:
        found.append(("Licence", [element("a", {"href": licence_address(article.license), "rel": "license"}, article.license)]))
    return found


def _day(day: date) -> Element:
    return element("time", {"datetime": day.isoformat()}, f"{day.day} {day:%B %Y}")


def _end(published: Published) -> list[Element]:
    article = published.article
    sections = []
    if article.acknowledgements:
        sections.append([element("p", None, article.acknowledgements)])
    if article.authors:
        note = "In words and in BibTeX:"
        cited = [_copied("In words", in_words(published)), _copied("BibTeX", in_bibtex(published))]
        sections.append([element("p", {"class": "ld-note"}, note), *cited])
    return [_section(name, heading, *content) for (heading, name), content in zip(ends(article), sections, strict=True)]


def _section(name: str, heading: str, *content: Element) -> Element:
    return element("section", {"class": "ld-end"}, element("h2", {"id": name}, heading), *content)


def _copied(name: str, text: str) -> Element:
    """A text with a button that copies it, which only scripts show."""
    button = element("button", {"type": "button", "data-does": "copy", "aria-label": f"Copy: {name}"}, "Copy")
    does = element("span", {"class": "ld-does"}, button, element("span", {"role": "status"}))
    return element("p", {"class": "ld-citation"}, element("code", None, text), " ", does)
