"""A record as an anywidget: its figure in JupyterLab, VS Code, marimo, and in books of MyST.

https://anywidget.dev/en/afm/: a module of JavaScript whose `render` draws into an element that the program gives it.
"""

from __future__ import annotations

import json
import os
from functools import cache
from importlib.util import find_spec
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.explorables import assets
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.notebook import figure, scripts, static
from lensdoc.records.record import Record
from lensdoc.records.saving import RUN

WIDGET = "widget.js"
"""The module that draws, without what it is given here."""


def widget(record: Record) -> Any:  # noqa: ANN401 - a class of anywidget, which may not be installed
    """The record as an anywidget; in a run the record itself, which the page draws.

    Raises:
        PublishError: The kind has no figure, or anywidget is not installed.
    """
    explorable(record.KIND)
    if RUN in os.environ:
        return record
    if not find_spec("anywidget"):
        raise PublishError("what shows widgets is not installed: pip install 'lensdoc[widget]'")
    shown = static(record)
    return _widget_class(record.KIND)(html=figure(record), static=shown)


def module(record: Record) -> str:
    """A module with the figure in it, for programs that load widgets from files: MyST's `{anywidget}`.

    Raises:
        PublishError: The kind has no figure.
    """
    return _module(record.KIND, figure(record))


@cache
def _widget_class(kind: str) -> Any:  # noqa: ANN401 - as above
    """The class of a kind's widgets, which share a module."""
    import anywidget
    import traitlets

    class RecordWidget(anywidget.AnyWidget):
        """The figure of a record, with what shows it where widgets are not alive."""

        _esm = _module(kind, "")
        html = traitlets.Unicode().tag(sync=True)

        def __init__(self, html: str, static: dict[str, str]) -> None:
            self._static = static
            super().__init__(html=html)

        def _repr_mimebundle_(self, **options: Any) -> Any:  # noqa: ANN401 - IPython's own signature
            shown = super()._repr_mimebundle_(**options)
            data, about = shown if isinstance(shown, tuple) else (shown or {}, {})
            return {**data, **self._static}, about

    RecordWidget.__name__ = RecordWidget.__qualname__ = f"RecordWidget_{kind.replace('-', '_')}"
    return RecordWidget


def _module(kind: str, html: str) -> str:
    given = f"const STYLE = {json.dumps(assets.read(assets.STYLE))}, FIGURE = {json.dumps(html)};"
    return "\n".join([*scripts(kind), given, assets.read(WIDGET)])
