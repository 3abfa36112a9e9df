"""`lensdoc.figure`: a figure that another library drew, as a record with its picture."""

from __future__ import annotations

from typing import Any, Literal

from lensdoc.core.errors import DataError
from lensdoc.own.dark import dark_svg
from lensdoc.own.drawings import Drawing, drawing_of
from lensdoc.own.origin import origin_of
from lensdoc.own.plots import plot_of
from lensdoc.own.png import clean_png
from lensdoc.own.svg import clean_svg
from lensdoc.records.image import LONGEST_ALT, Image
from lensdoc.records.own_files import described

_SAME_SHAPE = 0.02
"""By how much width / height of the dark picture may differ from that of the light one, as a share."""


def figure(drawing: object, *, alt: str = "", dark: object = None, of: object = None, interactive: bool = False) -> Image:
    """A figure of your own as a record: a page gives it number, caption, download and provenance.

    SVG is reduced to what draws, PNG to what is seen: no script, no address, no date, no note of a program stays in the file.

    Args:
        drawing: A figure of matplotlib, Plotly or Altair, an object that shows itself in notebooks as SVG or PNG, SVG text,
            or the path of an `.svg` or `.png`.
        alt: What it shows, for those who cannot see it; needed, at most 1,000 characters.
        dark: The same figure for dark pages, in any of these forms; None makes it of an SVG without pixels, by exchanging light
            and dark greys; False leaves the light one on a light ground.
        of: A trace or a record from which it was drawn, whose model the page then names.
        interactive: Whether the specification of a figure of Plotly or Altair is kept too, for the option of pages of this name.

    Raises:
        DataError: `alt` is missing or too long, the drawing cannot be taken, holds what loads or runs something, or the dark one
            has another shape.
    """
    if not isinstance(alt, str) or not alt.strip() or len(alt) > LONGEST_ALT:
        raise DataError(
            f"alt must say in 1 to {LONGEST_ALT:,} characters what the figure shows, for those who cannot see it; "
            f"it is {alt!r:.60}"
        )
    light = drawing_of(drawing)
    picture, content, width, height = _cleaned(light, "light")
    pictures = {picture: content}
    how: Literal["made", "given", "none"] = "none"
    if dark is None and not light.is_png:
        made = dark_svg(content.decode())
        pictures |= {"dark.svg": made.encode()} if made else {}
        how = "made" if made else "none"
    elif dark is not None and dark is not False:
        name, other, *size = _cleaned(drawing_of(dark), "dark")
        _check_shape((width, height), (size[0], size[1]))
        pictures[name], how = other, "given"
    files = {suffix: (_media_type(suffix), content) for suffix, content in pictures.items()}
    if interactive:
        suffix, media_type, content = plot_of(drawing)
        files[suffix] = media_type, content
    model, provenance = origin_of(of)
    values: dict[str, Any] = {"alt": " ".join(alt.split()), "width": width, "height": height, "made_with": light.made_with}
    said = {suffix: described(suffix, kind, content) for suffix, (kind, content) in files.items()}
    record = Image(tokens=(), facts={}, model=model, provenance=provenance, files=said, dark=how, **values)
    return record.with_files(files)


def _cleaned(drawing: Drawing, palette: str) -> tuple[str, bytes, float, float]:
    """Suffix of the file, its content, width and height in CSS pixels."""
    if drawing.is_png:
        png = clean_png(drawing.content, drawing.where)
        return f"{palette}.png", png.content, png.width, png.height
    svg = clean_svg(drawing.content, drawing.where)
    return f"{palette}.svg", svg.text.encode(), svg.width, svg.height


def _media_type(suffix: str) -> str:
    return "image/svg+xml" if suffix.endswith(".svg") else "image/png"


def _check_shape(light: tuple[float, float], dark: tuple[float, float]) -> None:
    if abs(light[0] / light[1] / (dark[0] / dark[1]) - 1) > _SAME_SHAPE:
        sizes = " and ".join(f"{width:g} x {height:g}" for width, height in (light, dark))
        raise DataError(f"the light and the dark picture must have the same shape; they have {sizes} pixels")
