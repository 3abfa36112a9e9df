"""Spares a build the search for exporters of notebooks, of which none is used.

mkdocs-jupyter imports nbconvert's command, whose help names all exporters that are installed: nbconvert reads all packages
for each and makes one of each, a sixth of a small build. A variable of nbconvert's own leaves that out. MkDocs makes the Markdown
extensions before it imports plugins.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "NBCONVERT_DISABLE_CONFIG_EXPORTERS"
_set: set[str] = set()
"""The variable, while it is set from here."""


def spare() -> None:
    """Set the variable, in a process of MkDocs that has not imported that command."""
    if "mkdocs" in sys.modules and "nbconvert.nbconvertapp" not in sys.modules and VARIABLE not in os.environ:
        os.environ[VARIABLE] = "1"
        _set.add(VARIABLE)


def end() -> None:
    """Take it out of the environment again, so that what the build starts does not see it."""
    while _set:
        os.environ.pop(_set.pop(), None)
