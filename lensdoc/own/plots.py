"""Specifications of Plotly and Vega-Lite that a page may draw: they hold their data, and load nothing from anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lensdoc.core.errors import DataError
from lensdoc.core.strict_json import finite_json
from lensdoc.records.image import PLOTS

LARGEST = 1_000_000
"""Bytes of a specification: it stands in the page itself, so that it is drawn from the disk too."""
_SUFFIX = {"plotly": "plot.plotly", "altair": "plot.vega-lite"}
_FROM_ELSEWHERE = {
    *("choropleth", "scattergeo", "choroplethmap", "densitymap", "scattermap"),
    *("choroplethmapbox", "densitymapbox", "scattermapbox"),
}
"""Traces of Plotly whose maps are fetched from other hosts."""
_LOADS = {"url", "topojsonURL", "usermeta"}
"""Names under which an address is loaded, or what draws is told to."""
_ROWS = {"datasets", "values"}
"""Under these Vega-Lite has rows, whose columns may have any name."""


def plot_of(given: Any) -> tuple[str, str, bytes]:  # noqa: ANN401 - a figure of Plotly or Altair
    """The specification of a figure: suffix of its file, media type and content.

    Raises:
        DataError: The figure is of another library, too large, or would load something.
    """
    libraries = {cls.__module__.partition(".")[0] for cls in type(given).__mro__}
    library = next((name for name in _SUFFIX if name in libraries), None)
    if library is None:
        kind = f"{type(given).__module__}.{type(given).__qualname__}"
        raise DataError(
            f"interactive=True takes a figure of Plotly or Altair, which pages draw by their libraries; it got {kind}"
        )
    found = json.loads(given.to_json())
    if library == "altair":
        found.pop("usermeta", None)
    suffix = _SUFFIX[library]
    content = json.dumps(found, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    check_plot(suffix, content, f"the figure of {library}")
    return suffix, PLOTS[suffix], content


def check_plot(suffix: str, content: bytes, where: str) -> str:
    """The text of a specification that a page may draw.

    Raises:
        DataError: It is too large, no JSON, or would load something.
    """
    if len(content) > LARGEST:
        raise DataError(
            f"{where}: its specification has {len(content):,} bytes, at most {LARGEST:,}; draw fewer or rounder values"
        )
    text = content.decode(errors="replace")
    found = finite_json(text, where)
    for name, value in _entries(found):
        if name in _LOADS or (name == "source" and isinstance(value, str) and not value.startswith("data:image/")):
            raise DataError(f"{where}: {name}: {value!r:.60} would be loaded by readers; put the data into the figure itself")
    traces = found.get("data") if suffix == "plot.plotly" else None
    for trace in traces if isinstance(traces, list) else ():
        if isinstance(trace, dict) and trace.get("type") in _FROM_ELSEWHERE:
            raise DataError(f"{where}: Plotly fetches the maps of {trace['type']} from another host; leave interactive=True out")
    return text


def _entries(root: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values at any depth, but for those of rows of data."""
    left: list[Any] = [root]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield from value.items()
            left += [part for name, part in value.items() if name not in _ROWS]
        elif isinstance(value, list):
            left += value
