"""The picture in the README: `mkdocs build`, then `python tests/picture.py site docs/article.webp`."""

from __future__ import annotations

import os
import shutil
import sys
from io import BytesIO
from pathlib import Path

from chromium import ARGUMENTS, serve
from PIL import Image
from playwright.sync_api import sync_playwright

LARGEST = 300_000
"""Bytes."""
WIDTH, HEIGHT = 1280, 860


def take(site: Path, picture: Path) -> int:
    """A picture of the top of the article, as light windows show it; its size in bytes."""
    path = os.environ.get("LENSDOC_CHROMIUM") or shutil.which("chromium")
    with serve(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(address)
        page.wait_for_function("document.fonts.ready.then(() => !!customElements.get('lens-factors'))")
        page.wait_for_timeout(500)
        taken = page.screenshot()
        browser.close()
    for quality in (90, 80, 70, 60):
        Image.open(BytesIO(taken)).convert("RGB").save(picture, "WEBP", quality=quality, method=6)
        if picture.stat().st_size <= LARGEST:
            return picture.stat().st_size
    raise SystemExit(f"{picture} has {picture.stat().st_size:,} bytes; at most {LARGEST:,} are wanted")


if __name__ == "__main__":
    print(f"{take(Path(sys.argv[1]), Path(sys.argv[2])):,} bytes")
