"""HTML as Markdown, by pandoc: one process for all pages, since it takes longer to start than to convert most of them."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Sequence

from lensdoc.core.errors import PublishError
from lensdoc.publish.citations.process import find_pandoc

_FORMAT = "gfm-raw_html-tex_math_gfm+tex_math_dollars"
_SECONDS = 300


def to_markdown(pages: Sequence[str]) -> list[str]:
    """Each of some pieces of HTML as Markdown of GitHub's kind, with formulas in dollar signs.

    Raises:
        PublishError: Pandoc is missing, or could not do it.
    """
    if not pages:
        return []
    between = f"page{secrets.token_hex(16)}"
    command = [find_pandoc(), "--sandbox", "--from", "html", "--to", _FORMAT, "--wrap", "none"]
    text = f"\n<p>{between}</p>\n".join(pages)
    try:
        done = subprocess.run(  # noqa: S603 - pandoc, which reads nothing but its input
            command, input=text.encode(errors="replace"), capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PublishError(f"pandoc wrote no Markdown of the pages within {_SECONDS} s; set `markdown: false`") from None
    found = [part.strip() + "\n" for part in done.stdout.decode().split(f"\n{between}\n")]
    if done.returncode or len(found) != len(pages):
        why = done.stderr.decode(errors="replace").strip()[:200] or f"it wrote {len(found)} of {len(pages)} pages"
        raise PublishError(f"pandoc could not write the pages as Markdown: {why}; set `markdown: false`")
    return found
