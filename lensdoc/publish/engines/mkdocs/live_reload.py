"""Lets the script with which `mkdocs serve` reloads pages run under their policy, which is otherwise that of the built site.

MkDocs puts the script into each page that it sends, with numbers that change each time, so no hash can allow it. A nonce does:
the same one for all pages of a server, since policies that differed between pages would pile up under instant navigation.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lensdoc.publish.privacy.policy import with_nonce

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_RELOADS = b"<script>\nvar livereload = function"
"""How the script begins. It is the last one of a page."""


class ReloadAllowed:
    """An application that sends what another does, and gives HTML pages the nonce."""

    def __init__(self, application: WSGIApplication | None) -> None:
        """Take the application of the server: `server.set_app(ReloadAllowed(server.get_app()))`."""
        assert application is not None
        self._application = application
        self._nonce = secrets.token_urlsafe(16)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:  # noqa: ANN401 - as WSGI types them
            said[:] = [status, headers, exc_info]
            return lambda _: None

        answer = self._application(environ, start)
        status, headers, exc_info = said
        if not any(name == "Content-Type" and value.startswith("text/html") for name, value in headers):
            start_response(status, headers, exc_info)
            return answer
        html = self._allowed(b"".join(answer))
        if hasattr(answer, "close"):
            answer.close()
        headers = [(name, str(len(html)) if name == "Content-Length" else value) for name, value in headers]
        start_response(status, headers, exc_info)
        return [html]

    def _allowed(self, html: bytes) -> bytes:
        begin = html.rfind(_RELOADS)
        if begin < 0:
            return html
        tag = f'<script nonce="{self._nonce}">'.encode()
        return with_nonce(html[:begin], self._nonce) + tag + html[begin + len(b"<script>") :]
