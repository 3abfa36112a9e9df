"""The record of kind `image`: a picture that the author drew with another library."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lensdoc.core.tolerances import Tolerances
from lensdoc.records.fields import Real
from lensdoc.records.record import Record

LONGEST_ALT = 1000
_SUFFIXES = {"light.svg": "image/svg+xml", "light.png": "image/png", "dark.svg": "image/svg+xml", "dark.png": "image/png"}

PLOTS = {"plot.plotly": "application/vnd.plotly.v1+json", "plot.vega-lite": "application/vnd.vegalite.v6+json"}
"""Specifications that a page can draw by their own library, by the suffixes of their files."""


class Image(Record):
    """A picture in a file of its own, for light pages and, where there is one, for dark pages.

    It has no tokens and no facts but those that the author adds; `model.id` is empty where it shows no model.
    """

    KIND: ClassVar[str] = "image"
    VERSION: ClassVar[tuple[int, int]] = (1, 1)
    TOLERANCES: ClassVar[Tolerances] = {}

    alt: Annotated[str, Field(min_length=1, max_length=LONGEST_ALT, pattern=r"\S")]
    """What it shows, for those who cannot see it."""
    width: Annotated[Real, Field(gt=0)]
    """In CSS pixels."""
    height: Annotated[Real, Field(gt=0)]
    made_with: str
    """The library that drew it, or the type of the file."""
    dark: Literal["made", "given", "none"]
    """Whether the picture for dark pages was made of the light one, given by the author, or is not there."""

    @model_validator(mode="after")
    def _has_its_pictures(self) -> Image:
        of_palettes = {palette: [name for name in self.files if name.startswith(f"{palette}.")] for palette in ("light", "dark")}
        expected = {"light": 1, "dark": int(self.dark != "none")}
        if (
            set(self.files) - {*_SUFFIXES, *PLOTS}
            or len(set(self.files) & set(PLOTS)) > 1
            or {name: len(found) for name, found in of_palettes.items()} != expected
        ):
            raise ValueError(f"files must be a picture light.svg or light.png{_DARK[self.dark]}, they are {sorted(self.files)}")
        for name, file in self.files.items():
            expected_type = (_SUFFIXES | PLOTS)[name]
            if file.media_type != expected_type:
                raise ValueError(f"files: {name} is of type {expected_type}, not {file.media_type}")
        return self

    @property
    def version(self) -> tuple[int, int]:
        """Version of the format: records without a specification stay in the one before."""
        return self.VERSION if self.plot else (1, 0)

    @property
    def plot(self) -> str | None:
        """Suffix of the specification that a page can draw; None where it has none."""
        return next((name for name in PLOTS if name in self.files), None)

    def picture(self, palette: str) -> str | None:
        """Suffix of the picture for light or dark pages; None where it has none."""
        return next((name for name in self.files if name.startswith(f"{palette}.")), None)


_DARK = {"none": " and no other", "made": " and one for dark pages", "given": " and one for dark pages"}
