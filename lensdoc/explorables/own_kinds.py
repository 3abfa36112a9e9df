"""Figures of kinds that installed packages bring: their scripts, and the element that loads them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lensdoc.core import installed
from lensdoc.core.errors import LensdocError, PublishError
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.kinds import EXPLORABLES, Explorable, explorable

_FOLDER = "kinds"
"""Where a site has the scripts, below the folder of ours."""


def framed(drawn: Element, kind: str) -> Element:
    """The figure of an installed kind in the element that calls its view; a figure of lensdoc itself stays as it is."""
    if kind in EXPLORABLES:
        return drawn
    script = _script(kind, explorable(kind))
    named = None if script is None else _name(kind, script)
    return element("lens-kind", {"data-kind": kind, "data-script": named, "data-search-exclude": ""}, drawn)


def own_scripts() -> dict[str, Path]:
    """The scripts of all installed kinds, by their path below the site's folder of ours; what is wrong is told by who draws."""
    found = {}
    for kind in sorted(set(installed.kinds(installed.EXPLORABLES)) - set(EXPLORABLES)):
        try:
            script = _script(kind, explorable(kind))
        except LensdocError:
            continue
        if script is not None:
            found[_name(kind, script)] = script
    return found


def script_text(kind: str) -> str | None:
    """The script of an installed kind, to stand inline in a notebook; None where it has none."""
    if kind in EXPLORABLES:
        return None
    script = _script(kind, explorable(kind))
    return None if script is None else script.read_text(encoding="utf-8")


def _script(kind: str, found: Explorable) -> Path | None:
    script = found.script
    if script is None:
        return None
    where = f"the kind {kind!r} of {installed.package_of(installed.EXPLORABLES, kind)}"
    if not script.is_file():
        raise PublishError(f"{where} has no script {script.name}; its package must include the file")
    if "</script" in script.read_text(encoding="utf-8").lower():
        raise PublishError(f"{where}: its script holds '</script', which would end it in a notebook; write '<\\/script'")
    return script


def _name(kind: str, script: Path) -> str:
    """Its name changes with its content, so that browsers may keep it for good."""
    return f"{_FOLDER}/{kind}.{hashlib.sha256(script.read_bytes()).hexdigest()[:8]}.js"
