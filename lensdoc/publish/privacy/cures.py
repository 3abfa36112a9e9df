"""What to do about an address of another host: the option that helps, where one is known."""

from __future__ import annotations

import re

_KNOWN = {
    r"//fonts\.(?:googleapis|gstatic)\.com(?:/|$)": (
        "set `font: false` under `theme`; fonts of your own can be named in a style sheet under `extra_css`"
    ),
    r"mathjax|/katex": "take it out of `extra_javascript` and `extra_css`: lensdoc draws formulas with a KaTeX of its own",
    r"//polyfill\.io(?:/|$)|polyfill\.min\.js": "take it out of `extra_javascript`: browsers of today need no polyfill",
    r"googletagmanager|google-analytics": "take `analytics` out of `extra`, or set `private: false` under the plugin lensdoc",
    r"(?:youtube(?:-nocookie)?|vimeo)\.com/": "link to it instead, or set `private: false` under the plugin lensdoc",
}
_COPY = (
    "keep a copy below the folder of pages and name that, link to it instead, or set `private: false` under the plugin lensdoc"
)


def cure_of(address: str) -> str:
    """What an author can do so that readers do not load an address of another host."""
    return next((text for pattern, text in _KNOWN.items() if re.search(pattern, address, re.IGNORECASE)), _COPY)
