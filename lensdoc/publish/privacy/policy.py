"""A Content-Security-Policy in every page, the same one in each.

Instant navigation keeps what heads have in common: policies that differed would pile up, and the strictest of all would rule. So
the theme's own inline scripts, which differ with a page's depth, are hashed over all pages before the policy is written.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from lensdoc.publish.markup.tags import tags
from lensdoc.publish.markup.tree import read_tree

RUN = {"", "text/javascript", "application/javascript", "module"}
"""Types of scripts that browsers run; others are data."""
_SCRIPT = re.compile("<script", re.IGNORECASE)
_TAG = '\n<meta http-equiv="Content-Security-Policy" '
_PLACE = 'content="lensdoc-policy"'
_DEFAULT = "default-src 'self'"
_OTHERS = (
    "style-src 'self' 'unsafe-inline'",  # sizes of figures are style attributes
    "img-src 'self' data:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
)


class Policy:
    """The policy of one build, as its pages pass by."""

    def __init__(self) -> None:
        """No page has passed yet."""
        self._hashes: set[str] = set()
        self._untrusted: set[str] = set()

    def pass_by(self, html: str, content: str) -> str:
        """The page with a place for the policy, where it has a head.

        Args:
            html: The page.
            content: What its author wrote, whose scripts are not trusted; it stands in the page as it is.
        """
        place = _place(html)
        if place is None:
            return html
        self._untrusted.update(_scripts(content))
        if content in html:
            self._hashes.update(_scripts(html.replace(content, "")))
        return f"{html[:place]}{_TAG}{_PLACE}>{html[place:]}"

    def write(self, site: Path) -> dict[str, Path]:
        """Write the policy into every page that has a place for it.

        Returns:
            Inline scripts that nobody's content holds and that were not in the pages as they passed by, each with a page.
        """
        unknown: dict[str, Path] = {}
        for path in sorted(site.rglob("*.html")):
            html = path.read_text(encoding="utf-8", errors="surrogateescape")
            if _PLACE in html:
                found = {text: path for digest, text in _scripts(html).items() if digest not in self._hashes | self._untrusted}
                unknown = found | unknown
                path.write_text(self.written(html), encoding="utf-8", errors="surrogateescape")
        return unknown

    def written(self, html: str) -> str:
        """A page with the policy in its place, once all pages have passed by."""
        return html.replace(_PLACE, f'content="{self.text()}"', 1)

    def text(self) -> str:
        """The policy, once all pages have passed by."""
        scripts = " ".join(["script-src 'self'", *(f"'sha256-{digest}'" for digest in sorted(self._hashes))])
        return "; ".join([_DEFAULT, scripts, *_OTHERS])


def without_scripts(html: str) -> str:
    """A page that we made, which has no inline scripts, with the policy that allows none."""
    policy = Policy()
    return policy.written(policy.pass_by(html, html))


def with_nonce(html: bytes, nonce: str) -> bytes:
    """A page whose policy also allows the scripts that have a nonce; without a policy it stays as it is."""
    begin = html.find(f'{_TAG}content="{_DEFAULT}; script-src '.encode())
    if begin < 0:
        return html
    end = html.index(b"script-src 'self'", begin) + len(b"script-src 'self'")
    return html[:end] + f" 'nonce-{nonce}'".encode() + html[end:]


def without_policy(html: str) -> str:
    """A page without the policy that was written into it."""
    return re.sub(f'{_TAG}content="{_DEFAULT}; script-src [^"]*">', "", html, count=1)


def _place(html: str) -> int | None:
    """Where a page may have its policy: behind the name of its encoding, else at the start of its head."""
    place = None
    for tag in tags(html, names=("body", "head", "meta")):
        if tag.name == "body" or (tag.name == "head" and tag.closes):
            break
        if tag.name == "head":
            place = tag.end
        elif tag.name == "meta" and "charset" in tag.attributes:
            return tag.end
    return place


def _scripts(html: str) -> dict[str, str]:
    """Inline scripts by their hash."""
    if not _SCRIPT.search(html):
        return {}
    found = {}
    for script in read_tree(html).iter("script"):
        if "src" not in script.attrib and script.get("type", "").strip().lower() in RUN and (script.text or "").strip():
            found[_hash(script.text)] = script.text
    return found


def _hash(text: str) -> str:
    """The hash that a policy names; browsers take it of the script as they read it, with line feeds alone."""
    read = text.replace("\r\n", "\n").replace("\r", "\n")
    return base64.b64encode(hashlib.sha256(read.encode(errors="surrogateescape")).digest()).decode()
