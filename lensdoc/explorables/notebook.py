"""A record as the output of a notebook cell: the same figure as on the page, offline."""

from __future__ import annotations

from typing import Any

from lensdoc.explorables import assets
from lensdoc.explorables.elements import element, to_html
from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.explorables.options import read_options
from lensdoc.records.record import Record


def mimebundle(record: Record) -> dict[str, Any]:
    """The outputs for a notebook: plain text always, HTML where the kind has a figure."""
    bundle: dict[str, Any] = {"text/plain": summary(record)}
    if record.KIND in EXPLORABLES:
        drawing = explorable(record.KIND)
        figure = element("figure", {"class": "ld"}, drawing.draw(record, read_options(drawing.options, {})))
        # Each output carries its script: notebook front ends may show outputs in frames of their own.
        bundle["text/html"] = (
            f"<style>{assets.read(assets.STYLE)}</style>{to_html(figure)}<script>{assets.read(assets.SCRIPT)}</script>"
        )
    return bundle


def summary(record: Record) -> str:
    """One line: kind, size, model, facts."""
    facts = ", ".join(f"{name} {value}" for name, value in list(record.facts.items())[:6])
    return f"{record.KIND}: {len(record.tokens)} tokens, {record.model.id}; {facts}"
