"""A record as the output of a notebook cell: the same figure as on the page, offline."""

from __future__ import annotations

import base64
import os
from typing import Any

from lensdoc.explorables import assets
from lensdoc.explorables.elements import element, to_html
from lensdoc.explorables.kinds import explorable, has_figure
from lensdoc.explorables.options import read_options
from lensdoc.explorables.own_files import inline, with_addresses
from lensdoc.explorables.own_kinds import framed, script_text
from lensdoc.explorables.picture import picture
from lensdoc.records.record import Record
from lensdoc.records.saving import RUN
from lensdoc.records.writing import MIME, dumps

PICTURE = "image/svg+xml"


def mimebundle(record: Record) -> dict[str, Any]:
    """The outputs for a notebook: plain text always, and what draws the figure where the kind has one.

    In a run that is the record itself, and a picture for viewers of notebooks: a page draws the record as its own version of
    lensdoc does, and nothing in a kept notebook is trusted as markup. Elsewhere it is HTML with style and script, so that the
    figure works wherever the notebook is opened.
    """
    bundle: dict[str, Any] = {"text/plain": summary(record)}
    if not has_figure(record.KIND):
        return bundle
    if RUN in os.environ:
        bundle |= {MIME: dumps(record), **_picture(record)}
    else:
        # Each output carries its script: notebook front ends may show outputs in frames of their own.
        texts = "".join(f"<script>{text}</script>" for text in scripts(record.KIND))
        bundle["text/html"] = f"<style>{assets.read(assets.STYLE)}</style>{figure(record)}{texts}"
    return bundle


def figure(record: Record) -> str:
    """HTML of the record's figure with the defaults of its kind, without caption.

    Raises:
        PublishError: The kind has no figure.
    """
    kind = explorable(record.KIND)
    drawn = with_addresses(kind.draw(record, read_options(kind.options, {})), inline(record))
    return to_html(element("figure", {"class": "ld"}, framed(drawn, record.KIND)))


def static(record: Record) -> dict[str, str]:
    """What shows the figure where no script runs: text, HTML and, where the record has one, a picture."""
    html = f"<style>{assets.read(assets.STYLE)}</style>{figure(record)}"
    return {"text/plain": summary(record), "text/html": html, **_picture(record)}


def scripts(kind: str) -> list[str]:
    """The scripts that figures of a kind need, in their order: the page's, that of its family, that of an installed package."""
    family = explorable(kind).family
    names = [assets.SCRIPT, *([f"{family}.js"] if family else [])]
    return [*map(assets.read, names), *filter(None, [script_text(kind)])]


def summary(record: Record) -> str:
    """One line: kind, size, model, facts."""
    facts = ", ".join(f"{name} {value}" for name, value in list(record.facts.items())[:6])
    about = ", ".join(filter(None, [f"{len(record.tokens)} tokens" if record.tokens else "", record.model.id]))
    return f"{record.KIND}: {'; '.join(filter(None, [about, facts]))}"


def _picture(record: Record) -> dict[str, str]:
    """A picture by its type: the record's own, where it has one, else one of its numbers."""
    held = record.held_files()
    if svg := held.get("light.svg"):
        return {PICTURE: svg.decode()}
    if png := held.get("light.png"):
        return {"image/png": base64.b64encode(png).decode()}
    drawn = picture(record)
    return {PICTURE: drawn} if drawn else {}
