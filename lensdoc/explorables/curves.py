"""A chart that can be read point by point: the script makes a slider of it."""

from __future__ import annotations

from lensdoc.explorables.charts import Chart
from lensdoc.explorables.elements import Element, element


def curve_element(chart: Chart) -> Element:
    """The chart in the element that takes the focus."""
    return element("div", {"class": "ld-curve"}, chart.draw())
