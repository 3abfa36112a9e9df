"""Records made by hand, so that what only publishes is tested without a model."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence as Items
from itertools import pairwise

from lensdoc.own.figures import figure
from lensdoc.own.tables import table
from lensdoc.records.ablation import Ablation, Removed
from lensdoc.records.activations import Activations, Encoding
from lensdoc.records.attention import Attention, HeadScores
from lensdoc.records.attention_flow import AttentionFlow
from lensdoc.records.decoding import Decoding, Hypothesis, Strategy
from lensdoc.records.exchange import Exchange
from lensdoc.records.factor_saliency import FactorSaliency, read_at
from lensdoc.records.factors import Factors, Method
from lensdoc.records.faithfulness import Faithfulness
from lensdoc.records.graph import Graph, Link, Node
from lensdoc.records.image import Image
from lensdoc.records.lens import LensInfo, LensMethod
from lensdoc.records.live import Live, Truth, Weight, without_shared
from lensdoc.records.logit_attribution import LogitAttribution, LogitPart
from lensdoc.records.mask import Mask
from lensdoc.records.own_files import described
from lensdoc.records.patching import Patching, Top, Word
from lensdoc.records.predictions import Predictions
from lensdoc.records.rankings import Rankings
from lensdoc.records.record import ModelInfo, NamedModel, Provenance
from lensdoc.records.saliency import Saliency, Swap
from lensdoc.records.sequence import Sequence
from lensdoc.records.similarity import Similarity
from lensdoc.records.table import Table
from lensdoc.records.tokens import Kind, Token
from lensdoc.records.watch import Watch, Watched, WatchedText

MODEL = ModelInfo(id="made/up", revision="sha256:00", layers=2, width=8, neurons=32, vocabulary=100, parameters=1234)


def tokens(texts: Items[str], n_input: int = 1) -> tuple[Token, ...]:
    return tuple(Token(id=i, text=text, kind="input" if i < n_input else "output") for i, text in enumerate(texts))


def cut(text: str, *places: int, n_input: int = 1) -> tuple[Token, ...]:
    """Tokens of a text that is cut after so many bytes of its UTF-8."""
    raw = text.encode()
    raws = [raw[first:last] for first, last in pairwise((0, *places, len(raw)))]
    found = [(piece, piece.decode(errors="replace")) for piece in raws]
    return tuple(
        Token(id=i, text=word, kind="input" if i < n_input else "output", bytes=None if word.encode() == piece else piece.hex())
        for i, (piece, word) in enumerate(found)
    )


def chat(*parts: tuple[Kind, Items[str]]) -> tuple[Token, ...]:
    """Tokens of several kinds: `("template", ["<s>", "user"]), ("input", ["Hi"])`."""
    texts = [(kind, text) for kind, some in parts for text in some]
    return tuple(Token(id=i, text=text, kind=kind) for i, (kind, text) in enumerate(texts))


CHAT = chat(
    ("template", ["<s>", "user", "\n"]),
    ("input", ["Two", " <b>"]),
    ("template", ["</s>", "bot", "\n"]),
    ("output", ["Two", "</s>"]),
)
"""A chat in which eight tokens were given."""


def factors(
    activations: Items[Items[float]], texts: Items[str] | None = None, n_input: int = 1, *, method: Method = "nmf"
) -> Factors:
    width = len(activations[0]) if activations else len(texts or ["a", "b"])
    shares = {f"factor_{i + 1}_neurons": 10 + i for i in range(len(activations))}
    shares |= {f"factor_{i + 1}_share": 0.125 for i in range(len(activations))}
    return Factors(
        tokens=tokens(texts or [f" {i}" for i in range(width)], n_input),
        facts={"factors": len(activations), "neurons": 64, **shares},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        method=method,
        layers=(0, 1),
        activations=tuple(tuple(float(v) for v in row) for row in activations),
        explained=tuple(0.5 / (i + 1) for i in range(len(activations))),
        rule="loading > 1 / sqrt(neurons)",
        threshold=0.125,
    )


def sequence(texts: Items[str] = (" 1", ",", " 2"), n_input: int = 1) -> Sequence:
    targets = tuple(range(n_input, len(texts)))
    return Sequence(
        tokens=tokens(texts, n_input),
        facts={"tokens": len(texts)},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        targets=targets,
        probs=tuple(0.5 for _ in targets),
        ranks=tuple(1 for _ in targets),
    )


def saliency(scores: Items[Items[float]], texts: Items[str] | None = None, *, signed: bool = False) -> Saliency:
    """Row `t` explains the token after as many tokens as it has scores."""
    targets = tuple(len(row) for row in scores)
    texts = texts or [f" {i}" for i in range(max(targets) + 1)]
    return Saliency(
        tokens=tokens(texts, targets[0]),
        facts={"targets": len(targets)},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        method="gradient_x_input",
        target="logit",
        signed=signed,
        contrast=None,
        targets=targets,
        scores=tuple(tuple(map(float, row)) for row in scores),
        totals=tuple(float(sum(row)) for row in scores),
    )


def integrated(scores: Items[Items[float]], gaps: Items[float], texts: Items[str] | None = None) -> Saliency:
    """Integrated gradients that should add up to 2 and miss it by the gaps."""
    return saliency(scores, texts).model_copy(
        update={
            "method": "integrated_gradients",
            "steps": 50,
            "baseline": "zero",
            "convergence": tuple(gaps),
            "differences": tuple(2.0 for _ in gaps),
            "unreliable": tuple(abs(gap) > 0.2 for gap in gaps),
        }
    )


def exchanged(texts: Items[str] = (" a", " <b>", " c", " d", "\n", " e")) -> Saliency:
    """Tokens 1 and 4 put in place of others; the first target stands before the second of them."""
    record = saliency([[0, -1.25, 0, 0], [0, 0.5, 0, 0, -0.004]], texts, signed=True)
    to = (Swap(position=1, id=7, text=" <i>"), Swap(position=4, id=8, text="\n\n"))
    changed = {"method": "exchange", "to": to, "changes": ((-8.5,), (-2.0, 0.0))}
    return Saliency.model_validate(dict(record) | changed)


def rankings(ranks: Items[Items[int]], texts: Items[str] | None = None) -> Rankings:
    """Layers down, produced tokens across; one token was given."""
    width = len(ranks[0])
    return Rankings(
        tokens=tokens(texts or [f" {i}" for i in range(width + 1)], 1),
        facts={"layers": len(ranks), "targets": width},
        model=MODEL.model_copy(update={"layers": len(ranks)}),
        provenance=Provenance(dtype="float32"),
        final_norm=True,
        layers=tuple(range(len(ranks))),
        targets=tuple(range(1, width + 1)),
        ranks=tuple(map(tuple, ranks)),
        probs=tuple(tuple(1 / rank for rank in row) for row in ranks),
    )


def deep(layers: int, first: int, columns: int = 3) -> Rankings:
    """Ranks of a deep model with a large vocabulary: token 0 at rank 1 from layer `first` on, others each later."""
    rows = [[1 if layer >= first + t else 49_000 // (1 + layer) for t in range(columns)] for layer in range(layers)]
    record = rankings(rows)
    return record.model_copy(update={"model": record.model.model_copy(update={"vocabulary": 49_152})})


def watch(
    ranks: Items[Items[int]],
    watched: Items[str] = (" is", " are"),
    texts: Items[str] = ("The", " keys"),
    beside: Items[tuple[Items[str], Items[Items[int]]]] = (),
) -> Watch:
    """Watched tokens after the last of the texts; `beside` has the tokens and ranks of further ones."""
    first = watched_text(texts, ranks)
    return Watch(
        tokens=first.tokens,
        facts={"layers": len(ranks), "first": watched[0]},
        model=MODEL.model_copy(update={"layers": len(ranks)}),
        provenance=Provenance(dtype="float32"),
        final_norm=True,
        layers=tuple(range(len(ranks))),
        position=first.position,
        watched=tuple(Watched(id=i, text=text) for i, text in enumerate(watched)),
        ranks=first.ranks,
        probs=first.probs,
        beside=tuple(watched_text(*other) for other in beside),
    )


def watched_text(texts: Items[str], ranks: Items[Items[int]]) -> WatchedText:
    return WatchedText(
        tokens=tokens(texts, 1),
        position=len(texts),
        ranks=tuple(map(tuple, ranks)),
        probs=tuple(tuple(1 / (1 + rank) for rank in row) for row in ranks),
    )


def lens(method: LensMethod = "jacobian", layers: int = 3) -> LensInfo:
    """On a sample of 5,000 tokens."""
    found = "sha256:" + 64 * "0"
    last = layers - 1
    return LensInfo(
        method=method,
        hash=found,
        sample=found,
        tokens=5000,
        skip=16,
        divergences=tuple(0.5 * (last - layer) for layer in range(layers)),
        logit_divergences=tuple(2.0 * (last - layer) for layer in range(layers)),
    )


def lenses(
    ranks: Items[Items[int]] = ((300, 40), (9, 12), (2, 1)), other: Items[Items[int]] = ((30, 4), (3, 2), (2, 1))
) -> Watch:
    """Watched tokens of one text by the logit lens and by a fitted one."""
    record = watch(ranks)
    return record.model_copy(update={"beside": (watched_text(("The", " keys"), other).model_copy(update={"lens": lens()}),)})


def predictions(texts: Items[Items[str]], probs: Items[Items[float]]) -> Predictions:
    """Most probable tokens after each layer, at the place after two tokens."""
    return Predictions(
        tokens=tokens(("The", " keys"), 1),
        facts={"layers": len(texts), "top": texts[-1][0], "top_prob": probs[-1][0]},
        model=MODEL.model_copy(update={"layers": len(texts)}),
        provenance=Provenance(dtype="float32"),
        final_norm=True,
        layers=tuple(range(len(texts))),
        positions=(2,),
        texts=(tuple(map(tuple, texts)),),
        ids=(tuple(tuple(range(len(row))) for row in texts),),
        probs=(tuple(map(tuple, probs)),),
    )


def activations(
    rows: Items[Items[float]], *, clusters: Items[int] | None = None, encoded: str | None = None, texts: Items[str] | None = None
) -> Activations:
    """Neurons of layer 1 down, tokens across; `encoded` keeps them as `int8` or `float16`."""
    width = len(rows[0])
    scale = max(abs(value) for row in rows for value in row) or 1.0
    return Activations(
        tokens=tokens(texts or [f" {i}" for i in range(width)]),
        facts={"layers": 1, "neurons": len(rows), "positions": width, "largest": scale, "active": 0.5},
        model=MODEL.model_copy(update={"neurons": max(32, len(rows))}),
        provenance=Provenance(dtype="float32"),
        layers=(1,),
        neurons=tuple(range(len(rows))),
        positions=tuple(range(width)),
        values=None if encoded else (tuple(tuple(map(float, row)) for row in rows),),
        encoding=encoding(rows, scale, encoded) if encoded else None,
        clusters=None if clusters is None else (tuple(clusters),),
    )


def encoding(rows: Items[Items[float]], scale: float, dtype: str) -> Encoding:
    """Codes, or halves in units of 1/1000 of the largest."""
    flat = [value for row in rows for value in row]
    if dtype == "int8":
        data = b"".join(round(127 * (value / scale)).to_bytes(1, "big", signed=True) for value in flat)
        return Encoding(dtype="int8", scale=(scale,), data=(base64.b64encode(data).decode(),))
    data = b"".join(struct.pack("<e", value / (scale / 1000)) for value in flat)
    return Encoding(dtype="float16", scale=(scale / 1000,), data=(base64.b64encode(data).decode(),))


def factor_saliency(values: Items[Items[float]], texts: Items[str] | None = None, n_input: int = 1) -> FactorSaliency:
    """Activations of factors at every token; each owes as much to each token that was read."""
    width = len(values[0])
    words = tokens(texts or [f" {i}" for i in range(width)], n_input)
    read = [read_at(words, p) for p in range(width)]
    return FactorSaliency(
        tokens=words,
        facts={"factors": len(values), "targets": width},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        factor=tuple(range(1, len(values) + 1)),
        targets=tuple(range(width)),
        activations=tuple(tuple(map(float, row)) for row in values),
        signed=False,
        scores=tuple(
            tuple(tuple(float(bool(v)) / n for _ in range(n)) for v, n in zip(row, read, strict=True)) for row in values
        ),
        totals=tuple(tuple(map(float, row)) for row in values),
    )


def driven(*, signed: bool = False) -> FactorSaliency:
    """Factors 2 and 5 at the last three of four tokens, of which the last was produced."""
    shares = (
        ((0.75, 0.25), (0.2, 0.5, 0.3), (0.1, 0.3, 0.6)),
        ((0.4, 0.6), (0.5, 0.5, 0.0), (0.0, 0.0, 0.0)),
    )
    scores = (((-1.5, 0.5), (0.25, -0.125, 0.0), (12.5, 0.004, 0.0)), ((1.0, 2.0), (-0.5, 0.5, 0.25), (0.0, 0.0, 0.0)))
    return FactorSaliency(
        tokens=tokens([" a", " <b>", ",", "\n"], 3),
        facts={"factors": 2, "targets": 3},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        factor=(2, 5),
        targets=(1, 2, 3),
        activations=((0.82, 0.25, 1.5), (3.0, 12340.0, 0.0)),
        signed=signed,
        scores=scores if signed else shares,
        totals=((1.0, 2.0, 3.0), (1.0, 2.0, 0.0)),
    )


def patching(
    values: Items[Items[float]],
    texts: Items[str] = (" The", " keys", " <b>"),
    other: Items[str] = (" The", " key", " <b>"),
    *,
    estimate: bool = False,
) -> Patching:
    """Layers down, tokens across; the other text's tokens have ids of their own where they differ."""
    cells = [Top(ids=(1, 2, 3), probs=(0.5, 0.25, 0.004)), Top(ids=(3, 1, 2), probs=(0.75, 0.125, 0.00001))]
    more = {} if estimate else {"clean_top": cells[0], "corrupt_top": cells[1]}
    grid = tuple(tuple(cells[(row + column) % 2] for column in range(len(values[0]))) for row in range(len(values)))
    strange = {i: Token(id=50 + i, text=text, kind="input") for i, text in enumerate(other)}
    return Patching(
        tokens=tokens(texts, len(texts)),
        facts={"strongest": max(map(max, values)), "strongest_layer": 0, "strongest_column": 0},
        model=MODEL.model_copy(update={"layers": max(2, len(values))}),
        provenance=Provenance(dtype="float32"),
        part="residual",
        estimate=estimate,
        corrupt_tokens=tuple(
            token if token.text == strange[i].text else strange[i] for i, token in enumerate(tokens(texts, len(texts)))
        ),
        layers=tuple(range(len(values))),
        positions=tuple(range(len(texts))),
        heads=None,
        values=tuple(tuple(map(float, row)) for row in values),
        answer=" are",
        wrong=" is",
        clean=3.5,
        corrupt=-5.0,
        words=() if estimate else tuple(Word(id=i, text=text) for i, text in ((1, " are"), (2, "</td>"), (3, " is"))),
        tops=None if estimate else grid,
        **more,
    )


def exchange(curve: Items[float] = (3.5, 3.25, -5.0, -5.5), *, wrong: str | None = " is") -> Exchange:
    steps = tuple(step / (len(curve) - 1) for step in range(len(curve)))
    return Exchange(
        tokens=tokens([" The", " keys", " <b>"], 3),
        facts={"change": -9.0, "estimate": -0.75, "gradient_x_input": 0.5, "steepest": 0.5, "steepest_share": 0.9167},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        position=1,
        other=" key",
        answer=" are",
        wrong=wrong,
        steps=steps,
        curve=tuple(curve),
        estimate=-0.75,
        change=-9.0,
        gradient_x_input=0.5,
    )


def ablation(
    changes: Items[float] = (-4.5, 0.02, -0.25), controls: Items[Items[float]] = ((-0.1, 0.05), (), (-0.5, -0.3, -0.31))
) -> Ablation:
    parts = (
        Removed(name="L0H1", kind="heads", size=1, layers=(0,), members=((0, 1),)),
        Removed(name="block <b>", kind="blocks", size=1, layers=(1,), members=()),
        Removed(name="factor 3", kind="neurons", size=1500, layers=(0, 1), members=()),
    )
    return Ablation(
        tokens=tokens([" 1", ",", " 2", ","], 2),
        facts={"whole": -0.5, "largest": "L0H1"},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        starts=(0,),
        outcome="log_prob",
        answer=None,
        wrong=None,
        replace="mean",
        positions=None,
        skip=1,
        seed=0,
        whole=-0.5,
        parts=parts,
        changes=tuple(changes),
        controls=tuple(map(tuple, controls)),
    )


def attention(texts: Items[str] = (" a", " b", " <c>"), heads: int = 2) -> Attention:
    """Two layers; head `h` of layer `l` gives the token before a share of its own, and the first token the rest."""
    count, parts = len(texts), [[(1 + layer + head) / 8 for head in range(heads)] for layer in range(2)]

    def packed(share: float) -> str:
        rows = [[1.0] if q == 0 else [1.0, 0.0] if q == 1 else [1 - share, *([0.0] * (q - 2)), share, 0.0] for q in range(count)]
        return base64.b64encode(b"".join(struct.pack("<e", weight) for row in rows for weight in row)).decode()

    scores = tuple(tuple(1 - share for share in row) for row in parts)
    return Attention(
        tokens=tokens(texts, count),
        facts={"layers": 2, "heads": heads, "first_share": 0.75, "first_head": "L0H0", "first_score": 0.875},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        layers=(0, 1),
        heads=tuple(range(heads)),
        weights=tuple(tuple(packed(share) for share in row) for row in parts),
        head_scores=HeadScores(first=scores, previous=tuple(map(tuple, parts)), induction=None),
    )


def logit_attribution(
    values: Items[float] = (0.5, -1.25, 2.0, 0.25, 3.0), texts: Items[str] = (" The", " <b>"), *, wrong: str | None = " is"
) -> LogitAttribution:
    """The embedding, and attention and FFN of as many layers as there are values for."""
    layers = (len(values) - 1) // 2
    parts = [LogitPart(kind="embedding")]
    for layer in range(layers):
        parts += [LogitPart(kind="attention", layer=layer), LogitPart(kind="ffn", layer=layer)]
    return LogitAttribution(
        tokens=tokens(texts, len(texts)),
        facts={"logit": 20.5, "total": float(sum(values)), "largest": "L1 FFN", "largest_value": 3.0},
        model=MODEL.model_copy(update={"layers": max(2, layers)}),
        provenance=Provenance(dtype="float32"),
        position=len(texts),
        answer=Watched(id=5, text=" are"),
        wrong=Watched(id=6, text=wrong) if wrong else None,
        parts=tuple(parts),
        values=tuple(map(float, values)),
        total=float(sum(values)),
        mean=0.0 if wrong else 16.0,
    )


def mask(kept: Items[Items[int]] = ((1, 3), (1, 2, 3), (1, 3)), texts: Items[str] = (" a", " <b>", " c", "\n")) -> Mask:
    """Masks of as many starts; the smallest comes first."""
    return Mask(
        tokens=tokens(texts, len(texts)),
        facts={"read": len(texts), "kept": len(kept[0]), "masks": len(set(map(tuple, kept)))},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        position=len(texts),
        answer=Watched(id=5, text=" <i>"),
        prob=0.75,
        bound=0.125,
        baseline="mean",
        steps=200,
        seed=0,
        gates=tuple(tuple(0.75 if i in row else 0.25 for i in range(len(texts))) for row in kept),
        kept=tuple(map(tuple, kept)),
        divergences=tuple(0.0625 for _ in kept),
        probs=tuple(0.625 for _ in kept),
        smallest=0,
        random=(0.1, 2.5),
    )


def graph(texts: Items[str] = ("<bos>", "The", " <b>"), label: str = 'Output " <i>" (p=0.229)') -> Graph:
    """A way of two features from tokens to two outputs, past what is unexplained."""
    last = len(texts) - 1
    nodes = (
        *(Node(id=f"E_{i}_{i}", kind="embedding", position=i, layer=None, influence=0.5) for i in range(len(texts))),
        Node(
            id=f"0_12_{last}",
            kind="feature",
            position=last,
            layer=0,
            feature=12,
            label="a <label>",
            influence=0.2,
            activation=3.5,
        ),
        Node(id=f"0_-1_{last}", kind="error", position=last, layer=0, influence=0.9),
        Node(id=f"3_7_{last}", kind="feature", position=last, layer=3, feature=7, influence=0.1, activation=20.25),
        Node(id=f"3_8_{last}", kind="other", position=last, layer=3, influence=0.3),
        Node(id=f"9_40_{last}", kind="logit", position=last, layer=None, feature=40, label=label, prob=0.229),
        Node(id=f"9_41_{last}", kind="logit", position=last, layer=None, feature=41, prob=0.125),
    )
    first, error, second, other, out, rival = range(last + 1, last + 7)
    links = (
        (1, first, 6.0),
        (last, first, 2.0),
        (first, second, -1.5),
        (error, second, 4.5),
        (other, out, 0.25),
        (second, out, 12.0),
    )
    return Graph(
        tokens=tuple(token.model_copy(update={"id": i}) for i, token in enumerate(tokens(texts, len(texts)))),
        facts={
            "nodes": len(nodes),
            "links": 7,
            "nodes_left_out": 3,
            "links_left_out": 1234,
            "weight_kept": 0.75,
            "error_share": 0.125,
            "output": label,
            "output_prob": 0.229,
        },
        model=NamedModel(id="made/up"),
        provenance=Provenance(dtype="unknown"),
        nodes=nodes,
        links=tuple(Link(source=s, target=t, weight=w) for s, t, w in (*links, (second, rival, 0.5))),
        generator="a program 1.0",
        features="some transcoders",
    )


def attention_flow(
    scores: Items[Items[float]] = ((0, 0.75, 0.25), (0, 0.125, 0.875)), texts: Items[str] = (" a", " <b>", " c"), skip: int = 1
) -> AttentionFlow:
    """Flow, and rollout where there are two rows."""
    methods = ("flow", "rollout", "raw")[: len(scores)]
    return AttentionFlow(
        tokens=tokens(texts, len(texts)),
        facts={"left_out": 0.5, "rollout_left_out": 0.999, "flow_top": 1, "flow_top_share": 0.75},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        position=len(scores[0]),
        skip=skip,
        methods=methods,
        scores=tuple(tuple(map(float, row)) for row in scores),
    )


def similarity(values: Items[Items[float]] = ((1, 0.25), (0.25, 1)), *, other: bool = False) -> Similarity:
    """Layers of a model with each other, or with those of another model."""
    layers = tuple(range(len(values)))
    return Similarity(
        tokens=tokens((" a", " b", " c", " d", " e"), 5),
        facts={"positions": 4, "mean": 0.25, **({} if other else {"least_neighbours": 0.25, "least_after": 0})},
        model=MODEL.model_copy(update={"layers": len(values)}),
        provenance=Provenance(dtype="float32"),
        measure="cka",
        scale="none",
        skip=1,
        layers=layers,
        other=MODEL.model_copy(update={"id": "an/other", "layers": len(values[0])}) if other else None,
        other_layers=tuple(range(len(values[0]))) if other else None,
        values=tuple(tuple(map(float, row)) for row in values),
    )


def decoding() -> Decoding:
    """Greedy decoding, a draw, and a search whose two texts part after a token."""
    texts = {"greedy": (" a", "\n", " <b>"), "top-k": (" b", " c", "\n"), "beam": (" a", " c", " d")}
    made = {name: tokens(words, 0) for name, words in texts.items()}
    settings = {"greedy": {}, "top-k": {"do_sample": True, "top_k": 2}, "beam": {"num_beams": 2}}
    other = (made["beam"][0], Token(id=9, text=" <i>", kind="output"))
    beams = (Hypothesis(tokens=made["beam"], score=-0.25), Hypothesis(tokens=other, score=-0.5))
    return Decoding(
        tokens=tokens((" The", " <u>"), 2),
        facts={"strategies": 3, "strategy_1": "greedy", "strategy_2": "top-k", "strategy_3": "beam"},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        seed=0,
        strategies=tuple(
            Strategy(
                name=name,
                settings=settings[name],
                tokens=some,
                probs=(0.5, 0.25, 0.004),
                ranks=(1, 2, 12),
                entropies=(1.5, 3.25, 0.125),
                kept=None if name == "beam" else (1, 1, 1) if name == "greedy" else (2, 2, 2),
                log_prob=-7.6,
                beams=beams if name == "beam" else None,
            )
            for name, some in made.items()
        ),
    )


def faithfulness(
    curve: Items[float] = (-0.25, -3.5, -4.0), random: Items[Items[float]] = ((-0.25, -1, -4.5), (-0.25, -0.5, -3.75))
) -> Faithfulness:
    return Faithfulness(
        tokens=tokens([" The", " keys", " <b>", " are"], 3),
        facts={"whole": curve[0], "single": -3.75, "single_position": 1, "below_all": 0.5},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        method="gradient_x_input",
        target=3,
        order=(2, 1, 0),
        removed=(0, 1, 2),
        curve=tuple(curve),
        random=tuple(tuple(map(float, row)) for row in random),
        seed=0,
        single=-3.75,
        single_position=1,
    )


def live(texts: Items[str] = (" The", " keys", " <b>", " are")) -> Live:
    """A live record whose files hold no model."""
    n_input, width = 2, len(texts)
    given = sequence(texts, n_input)
    scores = [[1 / target] * target for target in range(n_input, width)]
    explained = saliency(scores, texts)
    ranked = rankings([[9, 4], [1, 1]], texts[1:]).model_copy(update={"tokens": given.tokens, "targets": given.targets})
    files = {name: ("application/gzip", name.encode()) for name in ("graph.onnx.gz", "tokenizer.gz", "weights-0.bin.gz")}
    return Live(
        tokens=given.tokens,
        facts={"bytes": sum(len(name) for name in files), "largest_difference": 2e-05, "weights_changed": 0.0},
        model=MODEL,
        provenance=Provenance(dtype="float32"),
        prompt=" The keys",
        max_new_tokens=2,
        records={record.KIND: without_shared(record) for record in (given, explained, ranked)},
        longest=64,
        ends=(0,),
        top=10,
        graph="graph.onnx.gz",
        tokenizer="tokenizer.gz",
        parts=("weights-0.bin.gz",),
        weights=(Weight(name="w", shape=(2, 4), encoding="float16", start=0, bytes=16),),
        truth=Truth(lengths=(2, 45), differences={"next": 1e-06, "scores": 2e-05}, other_ranks=1, ranks=80),
        files={name: described(name, kind, content) for name, (kind, content) in files.items()},
    ).with_files(files)


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="80">'
    '<rect width="200" height="80" fill="white"/><text y="40">T</text></svg>'
)


def image(alt: str = "A letter <b>", **options: object) -> Image:
    return figure(SVG, alt=alt, of=sequence(), **options)


def own_table() -> Table:
    rows = [("a <b>", 0.5, 12), ("=1+1", 1.25, 7), (" c", None, -3)]
    columns = {"model": "Model", "loss": {"title": "Loss", "unit": "bits", "format": ".2f"}, "tokens": "Tokens <i>"}
    return table(rows, columns, of=sequence())
