"""What a page of the article weighs."""

from __future__ import annotations

import gzip

import pytest

pytestmark = pytest.mark.browser


def test_a_page_of_the_article_is_at_most_250_kb(browser, site, figure):
    """Gzipped; images, fonts, KaTeX and what is loaded when asked for are not counted."""
    context = browser.new_context()
    page, weights = context.new_page(), {}

    def weigh(response):
        if response.request.resource_type in ("document", "script", "stylesheet") and "/katex/" not in response.url:
            weights[response.url.removeprefix(site)] = len(gzip.compress(response.body(), 9))

    page.on("response", weigh)
    page.goto(site, wait_until="networkidle")
    context.close()
    styles = [name for name in weights if name.startswith("assets/lensdoc/") and name.endswith(".css")]
    figure(f"article page: {sum(weights.values())} bytes gzipped (at most 250,000), of which {weights['']} are its text")
    assert len(styles) == 1, styles
    assert sum(weights.values()) <= 250_000
