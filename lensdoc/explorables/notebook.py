"""A record as the output of a notebook cell: the same figure as on the page, offline."""

from __future__ import annotations

import os
from typing import Any

from lensdoc.explorables import assets
from lensdoc.explorables.elements import element, to_html
from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.explorables.options import read_options
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
    if record.KIND not in EXPLORABLES:
        return bundle
    if RUN in os.environ:
        drawn = picture(record)
        bundle |= {MIME: dumps(record), **({PICTURE: drawn} if drawn else {})}
    else:
        # Each output carries its script: notebook front ends may show outputs in frames of their own.
        family = explorable(record.KIND).family
        names = [assets.SCRIPT, *([f"{family}.js"] if family else [])]
        scripts = "".join(f"<script>{assets.read(name)}</script>" for name in names)
        bundle["text/html"] = f"<style>{assets.read(assets.STYLE)}</style>{figure(record)}{scripts}"
    return bundle


def figure(record: Record) -> str:
    """HTML of the record's figure with the defaults of its kind, without caption.

    Raises:
        PublishError: The kind has no figure.
    """
    kind = explorable(record.KIND)
    return to_html(element("figure", {"class": "ld"}, kind.draw(record, read_options(kind.options, {}))))


def summary(record: Record) -> str:
    """One line: kind, size, model, facts."""
    facts = ", ".join(f"{name} {value}" for name, value in list(record.facts.items())[:6])
    return f"{record.KIND}: {len(record.tokens)} tokens, {record.model.id}; {facts}"
