"""The record of kind `graph`: an attribution graph, which another tool computed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import Record

NodeKind = Literal["embedding", "feature", "error", "logit", "other"]


class Node(StrictData):
    """A token's embedding, a feature that is active at a token, what features leave unexplained there, or an output."""

    id: Annotated[str, Field(min_length=1)]
    """As the imported file has it."""
    kind: NodeKind
    position: Annotated[Integer, Field(ge=0)]
    """Of the token at which it stands."""
    layer: Annotated[Integer, Field(ge=0)] | None
    """Of features and errors; None for embeddings and logits."""
    feature: Annotated[Integer, Field(ge=0)] | None = None
    """Index of a feature in its layer, of a logit's token in the vocabulary."""
    label: str = ""
    """What the file calls it; empty where it has no name."""
    influence: Real | None = None
    """Cumulative: the share of all influence on the outputs that this node and all more influential ones have together."""
    activation: Real | None = None
    prob: Annotated[Real, Field(ge=0, le=1)] | None = None
    """Of a logit: the probability of its token."""


class Link(StrictData):
    """What one node adds to another, to first order."""

    source: Annotated[Integer, Field(ge=0)]
    """Index of a node."""
    target: Annotated[Integer, Field(ge=0)]
    weight: Real


class Graph(Record):
    """An attribution graph: nodes, and what each adds to those above it, with attention and norms frozen.

    Tokens have the text that the imported file shows, and the id 0 where it does not say another.

    Facts: `nodes` and `links` (kept), `nodes_left_out` and `links_left_out` (of the imported file), `weight_kept` (share of the
    sum of absolute weights), `error_share` (share of the absolute weights of the whole file that comes from errors: what features
    do not explain), and of the most probable output `output` and `output_prob`.
    """

    KIND: ClassVar[str] = "graph"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)

    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    links: tuple[Link, ...]
    generator: str | None = None
    """The program that computed it, and its version."""
    features: str | None = None
    """The set of features, such as the transcoders' name."""

    @model_validator(mode="after")
    def _shapes_fit(self) -> Graph:
        names = [node.id for node in self.nodes]
        if twice := next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None:
            raise ValueError(f"nodes must have different ids, {twice!r} stands twice")
        for index, node in enumerate(self.nodes):
            if node.position >= len(self.tokens):
                raise ValueError(f"nodes[{index}].position must be below {len(self.tokens)}, the number of tokens")
            if (node.layer is None) != (node.kind in {"embedding", "logit"}):
                raise ValueError(f"nodes[{index}].layer must be there for features and errors, and for these alone")
        for index, link in enumerate(self.links):
            if max(link.source, link.target) >= len(self.nodes):
                raise ValueError(f"links[{index}] must lead from and to nodes below {len(self.nodes)}")
        return self
