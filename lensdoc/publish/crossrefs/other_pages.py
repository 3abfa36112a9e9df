"""References to other pages, resolved once all pages are rendered: what they lead to, and their words.

A page is rendered before it is known what the others hold, so such a reference waits in a `span` with its number in
`Build.waiting`, until the engine says that the last page is rendered.
"""

from __future__ import annotations

from collections.abc import Callable

from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.citations.library import Library
from lensdoc.publish.crossrefs.wording import preview
from lensdoc.publish.markup.tags import Tag, end_of_element, tags
from lensdoc.publish.state.build import Build
from lensdoc.publish.state.targets import PageTarget, Reference, SiteTargets, StateLink
from lensdoc.publish.syntax.grammar import FIGURE, TABLE, UNKNOWN_REFERENCE, WORDS

WAITS = "data-ld-waits"
"""Attribute of an element that stands for a reference: its number in `Build.waiting`."""


def resolve(reference: Reference, build: Build) -> PageTarget:
    """What a reference to another page leads to.

    Raises:
        PublishError: Nothing, or several things; the message names the nearest ids.
    """
    site = build.site() if build.site else SiteTargets(build.targets)
    try:
        return site.find(reference.name, reference.here, reference.page)
    except PublishError as error:
        if reference.is_written_here and reference.page is None:
            what = WORDS[reference.name.partition("-")[0]][0].lower()
            message = f"{what} {reference.name!r} is written here, but its block is not shown: see what is said of the block"
            raise PublishError(message) from None
        cure = "" if build.site else "; without MkDocs or Zensical a page does not know the others"
        raise PublishError(f"{error}{cure}") from None


def label(found: PageTarget, build: Build, *, is_bare: bool) -> tuple[str, str]:
    """The words of a reference to another page, and what its card shows.

    Args:
        found: What it leads to.
        build: Names the works that a caption cites.
        is_bare: Whether the word before the number, and the page, are left out.
    """
    target = found.target
    text = target.text
    if target.kind in (FIGURE, TABLE):
        library = build.library
        text = preview(text, library.name_of if isinstance(library, Library) else lambda key: (key, ""))
    return target.bare if is_bare else found.label, text


def fill(html: str, build: Build, address: Callable[[str], str]) -> str:
    """The content of a page with the words and addresses of its references to other pages; mistakes are reported.

    Args:
        html: The content as it was rendered.
        build: All pages are rendered.
        address: Gives the address of another page, as links on this one lead to it.
    """
    if WAITS not in html:
        return html
    kept, done = [], 0
    for tag in tags(html):
        number = "" if tag.closes or WAITS not in tag.written else tag.attributes.get(WAITS, "")
        end = end_of_element(html, tag) if number else None
        if end and number.isascii() and number.isdigit() and int(number) < len(build.waiting):
            kept += [html[done : tag.start], _written(tag, build.waiting[int(number)], build, address)]
            done = end
    return "".join([*kept, html[done:]])


def _written(tag: Tag, reference: Reference, build: Build, address: Callable[[str], str]) -> str:
    attributes: dict[str, str | None] = {name: value for name, value in tag.attributes.items() if name != WAITS}
    try:
        found = resolve(reference, build)
    except PublishError as error:
        build.complain(str(error), reference.here, reference.line)
        return to_html(element("span", attributes, UNKNOWN_REFERENCE))
    words, preview = label(found, build, is_bare=reference.is_bare)
    link = f"{address(found.page)}#{reference.name}"
    if reference.state:
        asked = StateLink(reference.here, reference.line, link, found.page, reference.name, reference.state)
        build.state_links.setdefault(reference.here, []).append(asked)
    attributes |= {"href": link, "data-preview": preview or None, "data-state": reference.state or None}
    return to_html(element("a", dict(sorted(attributes.items())), words))
