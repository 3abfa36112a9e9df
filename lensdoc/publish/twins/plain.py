"""What an author wrote on a page, without what only browsers use: controls, styles, scripts, marks of links."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from lxml.html import builder

from lensdoc.publish.markup.tree import classes, read_tree
from lensdoc.publish.twins.figures import Numbers, is_ours, plain_figure

_LEFT_OUT = {"button", "input", "nav", "noscript", "script", "style", "template"}
_LEFT_OUT_CLASSES = {
    "headerlink", "ld-does", "ld-hint", "ld-live", "ld-mark", "ld-places", "ld-save", "ld-tools", "linenos", "md-content__button",
    "md-feedback", "md-source-file",
}  # fmt: skip
_UNLINKED = {"ld-value"}
"""Links of which the text is what readers want."""
_FORMULA = re.compile(r"\s*\\([(\[])(.*)\\[)\]]\s*", re.DOTALL)
_LANGUAGE = re.compile(r"language-([\w+-]+)")


def plain_content(html: str, numbers: Numbers) -> str:
    """The content of a page as HTML that any converter reads.

    Args:
        html: The content, as it stands in the page.
        numbers: Reads the tables that figures name.
    """
    body = read_tree(html).find("body")
    for figure in reversed([figure for figure in body.iter("figure") if is_ours(figure)]):
        _replace(figure, plain_figure(figure, numbers))
    for element in list(body.iter(etree.Element)):
        if element.getparent() is not None:  # of what is left out, nothing is looked at
            _simplify(element)
    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in body)


def _simplify(element: Any) -> None:  # noqa: ANN401 - an element of lxml
    if element.tag in _LEFT_OUT or _LEFT_OUT_CLASSES & set(classes(element)):
        _replace(element, None)
    elif element.tag == "lens-math":
        _replace(element, _formula(element))
    elif element.tag == "svg":
        _replace(element, builder.SPAN(_said(element)))
    elif element.tag == "a" and (element.get("href", "#").startswith("#") or _UNLINKED & set(classes(element))):
        element.drop_tag()
    elif element.tag == "div" and "highlight" in classes(element):
        _replace(element, _code(element))
    elif "ld-works" in classes(element):
        for work in element:
            work.tag = "p"
        element.tag = "div"


def _replace(element: Any, other: Any) -> None:  # noqa: ANN401 - elements of lxml
    """Put another element in the place of one, or nothing; what follows it stays."""
    if element.getparent() is None:
        return
    if other is not None:
        element.addprevious(other)
    element.drop_tree()


def _said(drawing: Any) -> str:  # noqa: ANN401 - an element of lxml
    titles = drawing.xpath("./*[local-name() = 'title']")
    return str(titles[0].text_content() if titles else drawing.get("aria-label", ""))


def _formula(element: Any) -> Any:  # noqa: ANN401 - elements of lxml
    found = _FORMULA.fullmatch(element.text_content())
    if not found:
        return builder.SPAN(element.text_content())
    mode = "; mode=display" if found[1] == "[" else ""
    return builder.SCRIPT(found[2], type=f"math/tex{mode}")  # as pandoc reads formulas


def _code(element: Any) -> Any:  # noqa: ANN401 - elements of lxml
    language = _LANGUAGE.search(element.get("class", ""))
    code = element.xpath(".//code")
    text = (code[0] if code else element).text_content()
    return builder.PRE(builder.CODE(text), {"class": language[1]} if language else {})
