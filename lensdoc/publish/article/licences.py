"""Addresses of licences by their SPDX identifiers."""

from __future__ import annotations

import re


def licence_address(name: str) -> str:
    """Where the terms are: at Creative Commons for its own, else in the list of SPDX."""
    if found := re.fullmatch(r"CC-(BY(?:-NC)?(?:-ND|-SA)?)-(\d\.\d)", name):
        return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/"
    if found := re.fullmatch(r"CC0-(\d\.\d)", name):
        return f"https://creativecommons.org/publicdomain/zero/{found[1]}/"
    return f"https://spdx.org/licenses/{name}.html"
