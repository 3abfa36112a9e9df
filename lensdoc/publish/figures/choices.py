"""A figure with a reader's choice among records: the first is in the page, the others are loaded when they are chosen.

The page of a figure carries each drawing in a `template`. An engine lifts them out into files, for each a script that hands over
the drawing, which also works in a page opened from a file, and a page for those who run no scripts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from urllib.parse import quote

from lensdoc.explorables.elements import Content, Element, element
from lensdoc.publish.figures.embeds import Source, embed_page, path_of_page
from lensdoc.publish.figures.heavy import has_heavy, lift_heavy
from lensdoc.publish.figures.several import LIST, Several
from lensdoc.publish.markup.tags import Tag, end_of_element, tags
from lensdoc.publish.state.page import PageState

_TEMPLATE, _CHOICE = "template", "data-choice"
_SHOWN = " (shown)"


def paths(several: Several, url: str, anchor: str) -> list[str]:
    """Where the site has the drawings of a choice, without suffixes.

    Args:
        several: The records.
        url: Address of the page, from the root of the site.
        anchor: The id of the figure.
    """
    folder = path_of_page(url, anchor).removesuffix(".html").replace("embed/", "choices/", 1)
    return [f"{folder}/{value}" for value in several.values]


def chooser(several: Several, places: Sequence[str], page: PageState) -> Element:
    """What is chosen from, as links; the script makes buttons of them, and paper names them.

    They stand in a `noscript`, from which the script takes them: an engine would take such links for those of an author.

    Args:
        several: The records.
        places: Where their drawings are, without suffixes.
        page: The page, from which links lead.
    """
    content: list[Content] = []
    for index, (value, label, place) in enumerate(zip(several.values, several.labels, places, strict=True)):
        address = f"{page.address_of(quote(place))}.html"
        link = element("a", {"href": address, "data-value": value, "aria-current": None if index else "true"}, label)
        content += [", " if index else "", link, *([] if index else [element("span", {"class": "ld-shown"}, _SHOWN)])]
    return element(
        "lens-choice",
        {"class": "ld-choice", "data-name": several.axis, "data-search-exclude": ""},
        element("noscript", None, element("p", {"class": "ld-choices"}, f"{_label(several)}: ", *content)),
    )


def _label(several: Several) -> str:
    """What is chosen among: models, where each record of a list has its own, else the axis."""
    models = {record.model.id for record in several.records}
    axis = "model" if several.axis == LIST and len(models) == len(several.records) else several.axis
    return axis.replace("_", " ").capitalize()


def template(place: str, drawing: Element, line: Element) -> Element:
    """A drawing and the line below it, set aside."""
    return element(_TEMPLATE, {_CHOICE: place}, drawing, line)


def lift(source: Source, folder: str) -> tuple[str, dict[str, str]]:
    """The HTML of a page without drawings that are set aside and heavy data, and the files that have them, by their paths.

    Args:
        source: The rendered page.
        folder: Where the site has our script and style sheet.
    """
    html, files = source.html, {}
    kept, last = [], 0
    captions = cache(partial(_caption, html))
    for figure, begin, end in list(_templates(html)):
        path = begin.attributes[_CHOICE]
        drawn = html[begin.end : end].removesuffix(f"</{_TEMPLATE}>")
        files[f"{path}.js"] = f"window.lensdocChoice = {json.dumps(drawn)};\n"
        alone = replace(source, html=f"{html[figure.start : figure.end]}{drawn}{captions(figure)}")
        if made := embed_page(alone, figure.attributes["id"], f"{path}.html", folder):
            files[f"{path}.html"] = made
        kept.append(html[last : begin.start])
        last = end
    html, data = lift_heavy(replace(source, html="".join([*kept, html[last:]])))
    return html, files | data


def has_parts(html: str) -> bool:
    """Whether drawings are set aside in a page, or data are heavy."""
    return f"<{_TEMPLATE} {_CHOICE}=" in html or has_heavy(html)


def _templates(html: str) -> Iterator[tuple[Tag, Tag, int]]:
    """Each template with a drawing: the tag of its figure, its own, and where it ends."""
    figure, at = None, 0
    for tag in tags(html, names=("figure", _TEMPLATE)):
        if tag.start < at:
            continue
        if tag.name == "figure" and not tag.closes and "id" in tag.attributes:
            figure = tag
        elif figure and tag.name == _TEMPLATE and _CHOICE in tag.attributes and (end := end_of_element(html, tag)):
            at = end
            yield figure, tag, end


def _caption(html: str, figure: Tag) -> str:
    """The end of a figure from its caption on, which is the last that it holds."""
    whole = html[figure.start : end_of_element(html, figure)]
    return whole[whole.rindex("<figcaption") :]
