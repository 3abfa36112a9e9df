"""PDFs of articles, as a browser prints them."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from lensdoc.core.errors import PublishError
from lensdoc.publish.markup.tree import read_tree

VARIABLE = "LENSDOC_CHROMIUM"
"""Names the browser, where it is not one of these on PATH."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_QUIET = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
_SECONDS = 180
_VIRTUAL = 20_000
"""Milliseconds of the page's own time, after which it is printed as it is."""


def find_browser() -> str | None:
    """The program of a Chrome or Chromium; None where there is none."""
    given = os.environ.get(VARIABLE)
    return given or next((found for name in _NAMES if (found := shutil.which(name))), None)


def articles(site: Path) -> list[str]:
    """The pages of a site that name authors, by their path below it; else its first page."""
    found = []
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "citation_author" in text and read_tree(text).xpath("/html/head/meta[@name='citation_author']"):
            found.append(path.relative_to(site).as_posix())
    return found or ["index.html"]


def print_pages(browser: str, site: Path, pages: Sequence[str], target: Path) -> list[Path]:
    """Print pages of a site into a folder, each as a PDF named after its path.

    Raises:
        PublishError: The browser prints nothing.
    """
    target.mkdir(parents=True, exist_ok=True)
    printed = []
    with _served(site) as address:
        for page in pages:
            path = target / (page.removesuffix(".html").removesuffix("/index").replace("/", "-") + ".pdf")
            _print(browser, f"{address}{quote(page)}", path)
            printed.append(path)
    return printed


def _print(browser: str, address: str, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="lensdoc-browser-") as profile:
        options = [*_QUIET, f"--user-data-dir={profile}", "--no-pdf-header-footer", f"--virtual-time-budget={_VIRTUAL}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")  # root has none; the page is the author's own, and loads nothing from elsewhere
        command = [browser, "--headless", *options, f"--print-to-pdf={path}", address]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - as named
            why = done.stderr.strip()[-300:]
        except (OSError, subprocess.TimeoutExpired) as error:
            why = str(error)[:300]
    if not path.is_file():
        raise PublishError(f"{browser} printed no PDF of {address}: {why}; name another browser in {VARIABLE}, or say --no-pdf")


@contextmanager
def _served(site: Path) -> Iterator[str]:
    """The site at an address of this machine, while it is printed."""
    handler = functools.partial(_Silent, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""
