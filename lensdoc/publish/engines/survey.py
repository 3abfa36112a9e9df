"""What pages hold that can be referred to, where they are not rendered to be shown: rendered for it, by the same parser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from markdown import Markdown
from markdown.extensions import Extension

from lensdoc.publish.state.build import Build
from lensdoc.publish.state.page import PageState
from lensdoc.publish.syntax.grammar import FRONT_MATTER
from lensdoc.publish.values.front_matter import fill_values

_NAME = "lensdoc"
"""Our own extension, as configurations name it."""


class Survey:
    """Renders pages of a site, and keeps their targets, figures and links to states in the build."""

    def __init__(self, build: Build, options: Mapping[str, Mapping[str, Any]]) -> None:
        """Nothing is read yet; `options` are those of each Markdown extension of the site, and `build` receives what is found."""
        self._build = build
        self._options = options

    def read(self, path: str, text: str, extensions: Sequence[str | Extension]) -> None:
        """Render one page; its mistakes are told when it is rendered to be shown.

        Args:
            path: The path of the page below the folder of pages.
            text: What its file holds.
            extensions: The Markdown extensions of the site.
        """
        state, body = begin_page(self._build, path, text)
        state.is_survey = True
        state.meta = fill_values(front_matter(state.header), text, state).text
        options = {**self._options, _NAME: {**self._options.get(_NAME, {}), "page": state}}
        Markdown(extensions=extensions, extension_configs=options).convert(body)


def begin_page(build: Build, path: str, text: str) -> tuple[PageState, str]:
    """The state of a page that a file holds, with its address unknown, and the Markdown below its front matter.

    Args:
        build: The build to which it belongs.
        path: The path of the file below the folder of pages.
        text: What the file holds.
    """
    text = text.replace("\r\n", "\n")
    found = FRONT_MATTER.match(text)
    header = text[: found.end()] if found else ""
    body = text[len(header) :]
    first_line = 1 + text[: len(text) - len(body.lstrip())].count("\n")
    return PageState(build, path=path, header=header, first_line=first_line), body


def front_matter(header: str) -> dict[str, Any]:
    """The front matter of a page with the types of YAML; empty where it is none, which engines themselves report."""
    found = FRONT_MATTER.match(header)
    try:
        read = yaml.safe_load(found[1]) if found else None
    except yaml.YAMLError:
        return {}
    return read if isinstance(read, dict) else {}
