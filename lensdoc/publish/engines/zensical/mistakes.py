"""Mistakes of a page where a warning does not fail a strict build: only an exception does."""

from __future__ import annotations

from collections.abc import Callable

from lensdoc.core.errors import PublishError


class Mistakes:
    """Collects mistakes until a page is rendered."""

    def __init__(self, say: Callable[[str], None], *, strict: bool) -> None:
        """`say` tells a mistake that does not end the build."""
        self._say = say
        self._strict = strict
        self._found: list[str] = []

    def __call__(self, message: str) -> None:
        """Note a mistake; one that is the whole build's is noted once for all pages."""
        self._found.append(message)

    def tell(self) -> None:
        """Tell what was noted.

        Raises:
            PublishError: The build is strict; all mistakes are in it, each on its line.
        """
        found, self._found = self._found, []
        if found and self._strict:
            raise PublishError("\n".join(["a strict build ends here", *found]))
        for message in found:
            self._say(message)
