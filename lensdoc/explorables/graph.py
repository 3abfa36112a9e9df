"""The figure of kind `graph`: tokens across, layers upwards, a mark for each node, and lines for what adds most to another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lensdoc.explorables.display import quoted, visible
from lensdoc.explorables.elements import Content, Element, element
from lensdoc.explorables.graph_layout import Layout, laid_out
from lensdoc.explorables.grids import readout
from lensdoc.explorables.kinds import Cell, Explorable, Table
from lensdoc.explorables.numbers import digits, fixed, percent, share
from lensdoc.explorables.tables import table_details
from lensdoc.records.graph import Graph, Link, Node

_HINT = "Choose a node."
_NAMED = 3
"""Links that are told of a node, in either direction."""
_FEW = 40
"""So many links are all drawn; of more those from `_STRONG` on, and at most `_MOST_DRAWN`."""
_STRONG = 0.1
"""Share of what a node is given from which on a link is drawn at first."""
_MOST_DRAWN = 150
_MOST_LISTED = 100
_BEND = 0.125
_SHAPES = {
    "embedding": "M-6,-6H6V6H-6Z",
    "logit": "M-6,-6H6V6H-6Z",
    "feature": "M-6,0A6,6 0 1 1 6,0A6,6 0 1 1 -6,0Z",
    "error": "M0,-7L7,0L0,7L-7,0Z",
    "other": "M0,-7L7,6H-7Z",
}
_LEGEND = (("embedding", "token or output"), ("feature", "feature"), ("error", "unexplained"), ("other", "other"))


def draw(record: Graph, options: Mapping[str, Any]) -> Element:
    """The custom element: the drawing, a legend, a line that sums up, the strongest links as a table."""
    del options
    layout, shares = laid_out(record), shares_of(record)
    data = {
        "at": [[round(x), round(y)] for x, y in layout.places],
        "links": [
            [link.source, link.target, round(part, 3), int(link.weight < 0)]
            for link, part in zip(record.links, shares, strict=True)
        ],
    }
    return element(
        "lens-graph",
        {"class": "ld-graph", "data-search-exclude": ""},
        element("div", {"class": "ld-scroll"}, _drawing(record, layout, shares)),
        _legend(record),
        readout(_summary(record, shares), _HINT),
        table_details("The strongest links as a table", ("To", "From", "Weight", "Share"), _rows(record, shares)),
        element("template", {"class": "ld-data"}, json.dumps(data)),
    )


def shares_of(record: Graph) -> list[float]:
    """Of each link the share of the absolute weights that its target is given by all links of the record."""
    given = [0.0] * len(record.nodes)
    for link in record.links:
        given[link.target] += abs(link.weight)
    return [abs(link.weight) / given[link.target] if link.weight else 0.0 for link in record.links]


def _drawing(record: Graph, layout: Layout, shares: Sequence[float]) -> Element:
    drawn = [_line(layout, record.links[k], shares[k]) for k in _drawn(shares)]
    told = _told(record, shares)
    marks = [_mark(record, index, layout, told[index]) for index in range(len(record.nodes))]
    return element(
        "svg",
        {
            "viewBox": f"0 0 {layout.width} {layout.height}",
            "width": str(layout.width),
            "height": str(layout.height),
            "role": "group",
            "aria-label": "Attribution graph",
        },
        element("g", {"aria-hidden": "true"}, *_axes(record, layout)),
        element("g", {"class": "ld-links", "aria-hidden": "true"}, *drawn),
        element(
            "g", {"class": "ld-nodes", "data-list": "Nodes of the graph, from the tokens upwards", "data-across": "node"}, *marks
        ),
    )


def _drawn(shares: Sequence[float]) -> list[int]:
    """Links that are drawn before a node is chosen."""
    if len(shares) <= _FEW:
        return list(range(len(shares)))
    order = sorted(range(len(shares)), key=lambda k: -shares[k])[:_MOST_DRAWN]
    return [k for k in sorted(order) if shares[k] >= _STRONG]


def _axes(record: Graph, layout: Layout) -> Iterator[Element]:
    for name, y in layout.rows:
        yield element("line", {"class": "ld-rule", "x1": "34", "x2": str(layout.width), "y1": f"{y}", "y2": f"{y}"})
        yield element("text", {"x": "28", "y": f"{y + 4}", "text-anchor": "end"}, name)
    for position, x in enumerate(layout.columns):
        text = visible(record.tokens[position].text)
        shown = text if len(text) <= layout.letters else f"{text[: layout.letters - 1]}…"
        yield element("text", {"class": "ld-end", "x": f"{x:g}", "y": f"{layout.height - 8}", "text-anchor": "middle"}, shown)


def _line(layout: Layout, link: Link, part: float) -> Element:
    (x1, y1), (x2, y2) = layout.places[link.source], layout.places[link.target]
    kind = {"data-hue": "2", "stroke-dasharray": "4 3"} if link.weight < 0 else {"data-hue": "1"}
    return element("path", {"class": "ld-series", "d": way(x1, y1, x2, y2), "stroke-width": f"{0.5 + 4 * part:.1f}", **kind})


def way(x1: float, y1: float, x2: float, y2: float) -> str:
    """A link, bent the more the longer it is, so that those above each other are told apart; `graph.js` draws it alike."""
    return f"M{x1:g},{y1:g}Q{(x1 + x2) / 2 - _BEND * (y1 - y2):g},{(y1 + y2) / 2:g} {x2:g},{y2:g}"


def _mark(record: Graph, index: int, layout: Layout, told: str) -> Element:
    (x, y), kind = layout.places[index], record.nodes[index].kind
    shape = element("path", {"class": "ld-dot", "data-kind": kind, "d": _SHAPES[kind]})
    target = element("rect", {"x": "-12", "y": "-12", "width": "24", "height": "24", "fill": "transparent"})
    return element("g", {"transform": f"translate({x:g} {y:g})", "data-told": told, "data-at": str(index + 1)}, target, shape)


def _legend(record: Graph) -> Element:
    """What the shapes are, of those that are there."""
    there = {"embedding" if node.kind == "logit" else node.kind for node in record.nodes}
    parts: list[Content] = []
    for kind, name in _LEGEND:
        if kind in there:
            shape = element("path", {"class": "ld-dot", "data-kind": kind, "d": _SHAPES[kind]})
            svg = element("svg", {"width": "16", "height": "16", "viewBox": "-8 -8 16 16", "aria-hidden": "true"}, shape)
            parts += [svg, f" {name}; "]
    return element("p", {"class": "ld-legend"}, *parts, "dashed lines take away")


def name_of(record: Graph, index: int) -> str:
    """A node in words."""
    node = record.nodes[index]
    at = f"token {node.position}"
    if node.kind == "embedding":
        return f"{quoted(record.tokens, node.position)} ({at})"
    if node.kind == "logit":
        return visible(node.label) if node.label else f"output {_number(node)}"
    if node.kind == "other":
        return f"{visible(node.label or node.id)} (layer {node.layer}, {at})"
    label = f" ‘{visible(node.label)}’" if node.label else ""
    noun = f"feature {_number(node)}" if node.kind == "feature" else "unexplained"
    return f"{noun}{label} (layer {node.layer}, {at})"


def _number(node: Node) -> str:
    return visible(node.id) if node.feature is None else str(node.feature)


def _told(record: Graph, shares: Sequence[float]) -> list[str]:
    """Of each node its name, and the strongest links that lead to it and from it."""
    given: list[list[int]] = [[] for _ in record.nodes]
    gives: list[list[int]] = [[] for _ in record.nodes]
    for k, link in enumerate(record.links):
        given[link.target].append(k)
        gives[link.source].append(k)

    def listed(links: Sequence[int], *, into: bool) -> str:
        best = sorted(links, key=lambda k: -shares[k])[:_NAMED]
        names = [name_of(record, record.links[k].source if into else record.links[k].target) for k in best]
        return ", ".join(f"{name} {_signed(record.links[k], shares[k])}" for name, k in zip(names, best, strict=True))

    found = []
    for index in range(len(record.nodes)):
        parts = [f"from {listed(given[index], into=True)}"] if given[index] else []
        parts += [f"to {listed(gives[index], into=False)}"] if gives[index] else []
        name = f"{_capital(name_of(record, index))}{_numbers_of(record.nodes[index])}"
        found.append(f"{name}: {'; '.join(parts) or 'no links'}.")
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _numbers_of(node: Node) -> str:
    active = "" if node.activation is None else f", activation {digits(node.activation)}"
    return active + ("" if node.prob is None or node.label else f", probability {percent(node.prob)}")


def _signed(link: Link, part: float) -> str:
    return f"{'−' if link.weight < 0 else ''}{share(part)}"


def _summary(record: Graph, shares: Sequence[float]) -> str:
    counts = f"{len(record.nodes):,} nodes, {len(record.links):,} links"
    left = record.facts.get("nodes_left_out"), record.facts.get("links_left_out")
    more = f"; {left[0]:,} weaker nodes, {left[1]:,} links left out" if any(left) else ""
    unexplained = record.facts.get("error_share")
    rest = (
        f" Features leave {share(unexplained)} of all weight unexplained."
        if isinstance(unexplained, int | float) and unexplained
        else ""
    )
    best = record.facts.get("output")
    prob = record.facts.get("output_prob")
    most = (
        f" Most probable: {visible(best)}{'' if '(p=' in best else f', {percent(float(prob or 0))}'}."
        if isinstance(best, str)
        else ""
    )
    drawn = len(_drawn(shares))
    told = f" Drawn: {drawn:,} links of {share(_STRONG)} or more; a chosen node shows all of its own."
    shown = "" if drawn == len(shares) else told
    return f"{counts}{more}.{shown}{most}{rest} Percentages: shares of a node's input."


def _rows(record: Graph, shares: Sequence[float]) -> Iterator[tuple[str, ...]]:
    for k in sorted(range(len(shares)), key=lambda k: -abs(record.links[k].weight))[:_MOST_LISTED]:
        link = record.links[k]
        yield name_of(record, link.target), name_of(record, link.source), fixed(link.weight, 2), share(shares[k])


def _method(record: Graph) -> str:
    by = f" by {visible(record.generator)}" if record.generator else ""
    of = f" ({visible(record.features)})" if record.features else ""
    return (
        f"An attribution graph that was computed elsewhere{by}, in terms of learned features{of}: what each adds to others to "
        "first order, with attention patterns and norms frozen. It explains the features' replacement of the model, for this one "
        "text; what they leave unexplained, and how attention came about, is not in it. Only the strongest parts are kept."
    )


def _numbers(record: Graph) -> Iterator[tuple[Cell, ...]]:
    for link in record.links:
        yield record.nodes[link.source].id, record.nodes[link.target].id, link.weight


EXPLORABLE = Explorable(
    options={},
    draw=draw,
    method=_method,
    table=Table(("source", "target", "weight"), _numbers),
    states={"node": lambda record: range(1, len(record.nodes) + 1)},
    family="attention",
)
