"""The libraries that draw specifications in the page: Plotly's and Vega's own, which a site ships when a figure asks for one.

Both come from the packages that draw the same figures in notebooks, so a build needs no network. They run under the policy of
pages: Plotly's bundle without functions made from text, Vega with its interpreter of expressions.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lensdoc.core.errors import PublishError

FOLDER = "plots"
"""Where a site has them, below the folder of ours."""
_GLOBALS = "window.vegaEmbed = vegaEmbed;"
"""What the bundle leaves in the page."""
_BANNER = "/* Vega, Vega-Lite and Vega-Embed (BSD-3-Clause, University of Washington), bundled by vl-convert */"


def library(suffix: str) -> tuple[str, str]:
    """Name and text of the script that draws a specification; the name changes with the text.

    Args:
        suffix: That of the specification's file.

    Raises:
        PublishError: The package that has it is not installed.
    """
    name, text = _LIBRARIES[suffix]()
    return f"{FOLDER}/{name}.{hashlib.sha256(text.encode()).hexdigest()[:8]}.js", text


@cache
def _plotly() -> tuple[str, str]:
    package = find_spec("plotly")
    script = Path(package.origin).parent / "package_data" / "plotly.min.js" if package and package.origin else None
    if script is None or not script.is_file():
        raise PublishError(f"interactive: true needs Plotly's script, which the package plotly has; {_CURE}")
    return "plotly", script.read_text(encoding="utf-8")


@cache
def _vega() -> tuple[str, str]:
    if not find_spec("vl_convert"):
        raise PublishError(f"interactive: true needs Vega's script, which the package vl-convert-python has; {_CURE}")
    import vl_convert

    # Its names are the page's own unless a function holds them.
    return "vega", f"{_BANNER}\n(() => {{{vl_convert.javascript_bundle(_GLOBALS)}\n}})();\n"


_CURE = "pip install 'lensdoc[interactive]'"
_LIBRARIES = {"plot.plotly": _plotly, "plot.vega-lite": _vega}
