"""Keeps the templates of the theme as Jinja compiles them, from build to build: an eighth of a small build."""

from __future__ import annotations

from typing import Any

import jinja2

from lensdoc.core.kept import kept_folder


def keep_compiled(environment: Any) -> None:  # noqa: ANN401 - an environment of Jinja, as MkDocs hands it on
    """Let an environment write compiled templates, and read those of the same text; one with another place keeps it."""
    folder = kept_folder()
    if folder and environment.bytecode_cache is None:
        environment.bytecode_cache = jinja2.FileSystemBytecodeCache(str(folder))
