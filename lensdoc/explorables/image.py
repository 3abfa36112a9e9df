"""The figure of kind `image`: the author's picture, for light and for dark pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.kinds import Explorable
from lensdoc.explorables.options import NumberOption, SwitchOption
from lensdoc.explorables.own_files import FILE, PLOT
from lensdoc.records.image import Image

_MADE = {"SVG": "was given as SVG", "PNG": "was given as PNG"}
_DARK = {
    "made": " On dark pages its greys have changed their lightness; colours are the same.",
    "given": " Dark pages have a picture of their own.",
    "none": "",
}


def draw(record: Image, options: Mapping[str, Any]) -> Element:
    """The custom element with a picture for each palette, of which pages show one."""
    wide = options["width"] or record.width
    size = {"width": f"{wide:g}", "height": f"{round(wide * record.height / record.width, 1):g}"}
    style = "ld-image" if record.dark != "none" else "ld-image ld-unpaired"
    image = element("lens-image", {"class": style, "data-search-exclude": ""}, *_pictures(record, size))
    return _plot(record, image) if options["interactive"] else image


def _plot(record: Image, image: Element) -> Element:
    """The picture, and beside it what a script draws in its place; who places the figure adds specification and library."""
    if record.plot is None:
        raise PublishError(
            "interactive: the record has no specification to draw; make it of a figure of Plotly or Altair with "
            "lensdoc.figure(..., interactive=True)"
        )
    said = element("p", {"class": "ld-unseen ld-live", "role": "status"})
    given: dict[str, str | None] = {"class": "ld-own-plot", PLOT: record.plot, "data-alt": record.alt, "data-search-exclude": ""}
    return element("lens-plot", given, image, said)


def _pictures(record: Image, size: Mapping[str, str]) -> Iterator[Element]:
    for palette in ("light", "dark"):
        if suffix := record.picture(palette):
            yield element("img", {"class": f"ld-{palette}", "alt": record.alt, FILE: suffix, "decoding": "async", **size})


def _method(record: Image) -> str:
    how = _MADE.get(record.made_with, f"was drawn with {record.made_with}")
    return f"The author's own figure: it {how}, and what it shows is not checked.{_DARK[record.dark]}"


EXPLORABLE = Explorable(
    options={
        "width": NumberOption(40, 4000, None, "width of the picture in pixels; by default its own, and never more than there is"),
        "interactive": SwitchOption("whether the page draws the specification of Plotly or Vega-Lite by its own library"),
    },
    draw=draw,
    method=_method,
    table=None,
    exports=False,
    downloads={"light.svg": "Figure (SVG)", "light.png": "Figure (PNG)", "dark.svg": "Dark (SVG)", "dark.png": "Dark (PNG)"},
)
