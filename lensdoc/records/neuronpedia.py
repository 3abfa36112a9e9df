"""Reading attribution graphs in the JSON that Neuronpedia and circuit-tracer publish: schema 1.0.0 of the former."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lensdoc.core.errors import DataError
from lensdoc.records.fields import Fact
from lensdoc.records.graph import Graph, Link, Node, NodeKind
from lensdoc.records.record import NamedModel, Provenance
from lensdoc.records.tokens import Token

PARTS = ("metadata", "nodes", "links")
"""By which such a file is told from others."""
_KINDS: Mapping[str, NodeKind] = {
    "embedding": "embedding",
    "cross layer transcoder": "feature",
    "mlp reconstruction error": "error",
    "logit": "logit",
}


class _Known(BaseModel):
    """What is read of an object; the schema lets it have more."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class _Node(_Known):
    node_id: Annotated[str, Field(min_length=1)]
    feature: int | None
    layer: str | int
    ctx_idx: Annotated[int, Field(ge=0)]
    feature_type: str
    clerp: str = ""
    influence: float | None = None
    activation: float | None = None
    token_prob: float | None = None


class _Link(_Known):
    source: str
    target: str
    weight: float


class _Details(_Known):
    neuronpedia_source_set: str | None = None


class _Generator(_Known):
    name: str | None = None
    version: str | None = None


class _Info(_Known):
    transcoder_set: str | None = None
    generator: _Generator | None = None


class _Metadata(_Known):
    scan: str
    prompt_tokens: Annotated[list[str], Field(min_length=1)]
    feature_details: _Details | None = None
    info: _Info | None = None


class _File(_Known):
    metadata: _Metadata
    nodes: Annotated[list[_Node], Field(min_length=1)]
    links: list[_Link]


def graph_of(data: Mapping[str, Any], path: object, *, nodes: int, links: int) -> Graph:
    """The record that a file's data amounts to, with the most influential nodes and the strongest links between them.

    Embeddings and logits are all kept. Of the others those are kept whose `influence` is the least: the file gives it as
    cumulative, from the most influential one on. Where one has none, those are kept whose links weigh most, in absolute terms.

    Args:
        data: The file's JSON.
        path: The file, for messages.
        nodes: Features and errors that are kept at most.
        links: Links that are kept at most.

    Raises:
        DataError: It breaks the schema; the message names path, field and reason.
    """
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise DataError(f"{path}: field {where!r}: {problem['msg']}; it is no attribution graph of schema 1.0.0") from None
    _check(file, path)
    kept = _kept(file, nodes)
    index = {node.node_id: number for number, node in enumerate(kept)}
    between = [link for link in file.links if link.source in index and link.target in index]
    strongest = sorted(between, key=lambda link: -abs(link.weight))[:links]
    strongest.sort(key=lambda link: (index[link.target], -abs(link.weight), index[link.source]))
    info = file.metadata.info or _Info()
    details = file.metadata.feature_details or _Details()
    try:
        return Graph(
            tokens=_tokens(file),
            facts=_facts(file, kept, strongest),
            model=NamedModel(id=file.metadata.scan),
            provenance=Provenance(dtype="unknown"),
            nodes=tuple(_node(node, path) for node in kept),
            links=tuple(Link(source=index[link.source], target=index[link.target], weight=link.weight) for link in strongest),
            generator=" ".join(filter(None, (info.generator.name, info.generator.version))) or None if info.generator else None,
            features=details.neuronpedia_source_set or info.transcoder_set,
        )
    except ValidationError as error:
        raise DataError(f"{path}: {error.errors(include_url=False)[0]['msg'].removeprefix('Value error, ')}") from None


def _check(file: _File, path: object) -> None:
    """What the schema cannot say: ids are unique, positions are of tokens, links lead from and to nodes."""
    names = {node.node_id for node in file.nodes}
    if len(names) < len(file.nodes):
        raise DataError(f"{path}: nodes must have different node_ids; there are {len(file.nodes)} nodes and {len(names)} ids")
    count = len(file.metadata.prompt_tokens)
    if far := next((node for node in file.nodes if node.ctx_idx >= count), None):
        raise DataError(f"{path}: node {far.node_id!r} has ctx_idx {far.ctx_idx}, but there are {count} prompt_tokens")
    if loose := next((link for link in file.links if {link.source, link.target} - names), None):
        raise DataError(f"{path}: a link leads from {loose.source!r} to {loose.target!r}, and one of these is no node")


def _kept(file: _File, most: int) -> list[_Node]:
    """Nodes in the order of layers from below, and of positions."""
    ends = [node for node in file.nodes if _kind(node) in {"embedding", "logit"}]
    others = [node for node in file.nodes if _kind(node) not in {"embedding", "logit"}]
    if any(node.influence is None for node in others):
        weights: defaultdict[str, float] = defaultdict(float)
        for link in file.links:
            weights[link.source] += abs(link.weight)
            weights[link.target] += abs(link.weight)
        others.sort(key=lambda node: -weights[node.node_id])
    else:
        others.sort(key=lambda node: node.influence or 0.0)
    return sorted([*ends, *others[:most]], key=lambda node: (_height(node), node.ctx_idx))


def _kind(node: _Node) -> NodeKind:
    return _KINDS.get(node.feature_type, "other")


def _layer(node: _Node) -> int | None:
    return int(node.layer) if re.fullmatch(r"\d{1,6}", str(node.layer)) else None


def _height(node: _Node) -> float:
    if _kind(node) in {"embedding", "logit"}:
        return -1.0 if _kind(node) == "embedding" else float("inf")
    layer = _layer(node)
    return float("inf") if layer is None else float(layer)


def _node(node: _Node, path: object) -> Node:
    kind, layer = _kind(node), _layer(node)
    if kind not in {"embedding", "logit"} and layer is None:
        raise DataError(f"{path}: node {node.node_id!r} has the layer {node.layer!r}, which is no number")
    return Node(
        id=node.node_id,
        kind=kind,
        position=node.ctx_idx,
        layer=None if kind in {"embedding", "logit"} else layer,
        feature=_feature(node, kind),
        label=node.clerp,
        influence=node.influence,
        activation=node.activation,
        prob=node.token_prob if kind == "logit" else None,
    )


def _feature(node: _Node, kind: NodeKind) -> int | None:
    """Index of the feature in its layer: ids are `layer_feature_position`, while the field may hold layer and feature paired."""
    if kind == "logit":
        return node.feature if node.feature is not None and node.feature >= 0 else None
    found = re.fullmatch(r"\d+_(\d{1,9})_\d+", node.node_id)
    return int(found[1]) if kind == "feature" and found else None


def _tokens(file: _File) -> tuple[Token, ...]:
    """Ids stand in those of embeddings, `E_id_position`."""
    found = (re.fullmatch(r"E_(\d{1,9})_(\d{1,9})", node.node_id) for node in file.nodes if _kind(node) == "embedding")
    ids = {int(match[2]): int(match[1]) for match in found if match}
    texts = file.metadata.prompt_tokens
    return tuple(Token(id=ids.get(position, 0), text=text, kind="input") for position, text in enumerate(texts))


def _facts(file: _File, kept: Sequence[_Node], links: Sequence[_Link]) -> dict[str, Fact]:
    whole = sum(abs(link.weight) for link in file.links)
    errors = {node.node_id for node in file.nodes if _kind(node) == "error"}
    from_errors = sum(abs(link.weight) for link in file.links if link.source in errors)
    outputs = [node for node in kept if _kind(node) == "logit"]
    best = max(outputs, key=lambda node: node.token_prob or 0.0, default=None)
    facts: dict[str, Fact] = {
        "nodes": len(kept),
        "links": len(links),
        "nodes_left_out": len(file.nodes) - len(kept),
        "links_left_out": len(file.links) - len(links),
        "weight_kept": sum(abs(link.weight) for link in links) / whole if whole else 1.0,
        "error_share": from_errors / whole if whole else 0.0,
    }
    return facts | ({"output": best.clerp or best.node_id, "output_prob": best.token_prob or 0.0} if best else {})
