"""What an author may hand to `lensdoc.figure`, as the content of a file.

No library of figures is imported here: each is asked by the object that it made.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lensdoc.core.errors import DataError, RunError
from lensdoc.core.files import read_file
from lensdoc.own.png import SIGNATURE

_SUFFIXES = {".svg": "SVG", ".png": "PNG"}
_TAKEN = (
    "a figure of matplotlib, Plotly or Altair, an object that shows itself as SVG or PNG, SVG text, "
    "or a path ending in .svg or .png"
)
_HTML = re.compile(r"<(?:!doctype html|html|div|iframe|script)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Drawing:
    """A picture as a file."""

    content: bytes
    made_with: str
    """The library, or the type of the file."""
    where: str
    """Begins messages."""

    @property
    def is_png(self) -> bool:
        """Whether it is a PNG; else it is to be an SVG."""
        return self.content.startswith(SIGNATURE)


def drawing_of(given: object) -> Drawing:
    """The picture of a figure, a text or a path.

    Raises:
        DataError: It is none of what can be taken, its file cannot be read, or its library lacks what draws SVG.
    """
    if isinstance(given, str) and given.lstrip().startswith("<"):
        if _HTML.match(given.lstrip()):
            raise DataError(f"lensdoc.figure takes {_TAKEN}; it got HTML: give the figure itself")
        return Drawing(given.encode(), "SVG", "the SVG given as text")
    if isinstance(given, str | os.PathLike):
        return _of_file(Path(given))
    libraries = {cls.__module__.partition(".")[0] for cls in type(given).__mro__}
    for library, (draw, cure) in _LIBRARIES.items():
        if library in libraries:
            return Drawing(_asked(given, draw, library, cure), library, f"the figure of {library}")
    for method in ("_repr_svg_", "_repr_png_"):
        shown = getattr(given, method, None)
        content = shown() if callable(shown) else None
        if content:
            name = type(given).__module__.partition(".")[0]
            return Drawing(content.encode() if isinstance(content, str) else content, name, f"the drawing of {name}")
    raise DataError(f"lensdoc.figure takes {_TAKEN}; it got {type(given).__module__}.{type(given).__qualname__}")


def _of_file(path: Path) -> Drawing:
    kind = _SUFFIXES.get(path.suffix.lower())
    if not kind:
        raise DataError(f"{path}: lensdoc.figure takes {_TAKEN}; save the figure as one of these")
    try:
        return Drawing(read_file(path), kind, path.name)
    except (OSError, RunError) as error:
        cure = "a run sees the files that the notebook made and those under `inputs` in runs.yml"
        raise DataError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}); {cure}") from None


def _asked(given: object, draw: Callable[[Any], str | bytes], library: str, cure: str) -> bytes:
    """The library's own SVG."""
    try:
        content = draw(given)
    except Exception as error:  # whatever a library raises for what it lacks
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{library} could not write the figure as SVG: {lines[0]}; {cure}") from error
    return content.encode() if isinstance(content, str) else content


def _matplotlib(given: Any) -> str:  # noqa: ANN401 - a figure or axes
    figure = given if hasattr(given, "savefig") else given.figure
    out = io.StringIO()
    with sys.modules["matplotlib"].rc_context({"svg.hashsalt": "lensdoc"}):
        figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    return out.getvalue()


def _plotly(given: Any) -> bytes:  # noqa: ANN401 - a figure
    content: bytes = given.to_image(format="svg")
    return content


def _altair(given: Any) -> str:  # noqa: ANN401 - a chart
    out = io.StringIO()
    given.save(out, format="svg")
    return out.getvalue()


_LIBRARIES: dict[str, tuple[Callable[[Any], str | bytes], str]] = {
    "matplotlib": (_matplotlib, "call its savefig to see the whole error"),
    "plotly": (
        _plotly,
        "Plotly writes SVG with Kaleido and a Chrome or Chromium: pip install kaleido, or give the path of an SVG that you saved",
    ),
    "altair": (
        _altair,
        "Altair writes SVG with vl-convert: pip install vl-convert-python, or give the path of an SVG that you saved",
    ),
}
"""Package to what asks its figures for SVG, and what to do where that fails."""
