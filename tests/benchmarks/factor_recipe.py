"""How well factors follow classes of tokens: `python tests/benchmarks/factor_recipe.py [--model PATH] [--write]`.

Five texts (`recipe_texts.py`), read by a real model, are factored in several ways, into 37 factors in all. A factor's activation
at each token that was factored is correlated (Pearson) with whether the token is of a class; the best of a text's classes
counts. Classes are rules and lists of words. They were written down when another analysis of such texts was known, and before
these correlations were computed; a factor may still be of something that has no class here. Two controls say how high such a
best correlation comes by itself: the same activations with the neurons of each state shuffled, and a table of which token
stands where (one column for each distinct token) in place of activations.

`--write` puts the table into docs/explorables/factors.md.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from recipe_texts import TEXTS, Text

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "analyses" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
PAGE = ROOT / "docs" / "explorables" / "factors.md"
BEGIN, END = "<!-- recipe: begin -->", "<!-- recipe: end -->"
GOOD = 0.7
"""Correlations from here on count as those of a factor that follows a class."""
WAYS = {
    'as they are (`scale="none", skip=0`)': {"scale": "none", "skip": 0},
    'first token left out (`scale="none"`)': {"scale": "none"},
    'each layer scaled, first token left out (`scale="layer"`)': {"scale": "layer"},
    "each layer's state scaled (`skip=0`)": {"skip": 0},
    "**each layer's state scaled, first token left out (the default)**": {},
    'the same, negative parts split (`negative="split"`)': {"negative": "split"},
    "the same, layers 3 to 8": {"layers": range(3, 9)},
}


def best_class(row: np.ndarray, words: list[str], text: Text, kept: list[int]) -> tuple[str, float]:
    """The class that a factor's activations (tokens) follow best, over the tokens that were factored, and the correlation."""
    found = {}
    for name, holds in text.classes.items():
        member = np.array([holds(words, at) for at in kept], float)
        known = member.std() > 0 and row[kept].std() > 0
        found[name] = float(np.corrcoef(row[kept], member)[0, 1]) if known else 0.0
    name = max(found, key=found.__getitem__)
    return name, found[name]


def ways(traces: dict, chosen: dict = WAYS) -> Iterator[tuple[str, dict]]:
    """Each way, and for each text its record."""
    import lensdoc

    for way, options in chosen.items():
        yield way, {name: lensdoc.factors(trace, TEXTS[name].factors, **options) for name, trace in traces.items()}


def measured(records: dict) -> dict:
    """Of 37 factors: classes and correlations, how many follow one, the largest share that one factor explains."""
    each = []
    for name, record in records.items():
        words = [token.text for token in record.tokens]
        kept = [at for at in range(len(words)) if at not in record.left_out]
        each += [(name, *best_class(np.array(row), words, TEXTS[name], kept)) for row in record.activations]
    of_texts = {name: np.mean([r for text, _, r in each if text == name]) for name in records}
    return {
        "each": each,
        "mean": float(np.mean([r for *_, r in each])),
        "texts": float(np.mean(list(of_texts.values()))),
        "good": sum(r >= GOOD for *_, r in each),
        "largest": max(max(record.explained) for record in records.values()),
    }


def controls(traces: dict) -> dict[str, float]:
    """Mean best correlation where neurons are shuffled in each state, and where tokens take the place of activations."""
    from lensdoc.measures.nmf import nmf
    from lensdoc.measures.texts import texts

    random, found = np.random.default_rng(0), {"shuffled": [], "tokens": []}
    for name, trace in traces.items():
        words = [token.text for token in trace.tokens]
        kept = list(range(1, len(words)))
        matrix = random.permuted(texts(trace, None, 1).prepared("clip", "state").matrix, axis=1)
        each = sorted(set(words))
        tokens = np.array([[float(words[at] == word) for word in each] for at in kept])
        for what, given in (("shuffled", matrix), ("tokens", tokens)):
            for column in nmf(given, TEXTS[name].factors).weights.T:
                row = np.concatenate([[0.0], column])
                found[what].append(best_class(row, words, TEXTS[name], kept)[1])
    return {what: float(np.mean(values)) for what, values in found.items()}


def load(path: Path):
    """The texts, read by the model at a path: a folder or a GGUF file."""
    import lensdoc

    lm = lensdoc.load_model(str(path))
    traces = {name: lm.score(text.text, n_input=1) for name, text in TEXTS.items()}
    return {name: lm.score(TEXTS[name].text, n_input=len(trace.tokens)) for name, trace in traces.items()}


def markdown(found: dict[str, dict], default: dict, shuffled: float, tokens: float) -> str:
    """Two tables: the ways, and the factors of the default."""
    total = len(default["each"])
    rows = [
        f"| {way} | {one['mean']:.2f} | {one['texts']:.2f} | {one['good']} of {total} | {one['largest']:.2f} |"
        for way, one in found.items()
    ]
    named = (
        f"| {name} | " + ", ".join(f"{kind} {r:.2f}" for text, kind, r in default["each"] if text == name) + " |"
        for name in TEXTS
    )
    return "\n".join(
        [
            f"| what is factored | mean r | mean of the five texts' means | r from {GOOD} | largest share of one factor |",
            "|---|--:|--:|--:|--:|",
            *rows,
            f"| control: neurons shuffled in each state | {shuffled:.2f} | | | |",
            f"| control: which token stands where, without a model | {tokens:.2f} | | | |",
            "",
            "| text | factors by default: best class and r |",
            "|---|---|",
            *named,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL, help="folder or GGUF file of the model")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/explorables/factors.md")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    traces = load(arguments.model)
    found = {way: measured(records) for way, records in ways(traces)}
    default = next(one for way, one in found.items() if not WAYS[way])
    text = markdown(found, default, **controls(traces))
    print(text)
    if arguments.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
