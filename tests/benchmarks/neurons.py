"""How long factors of FFN activations take: `python tests/benchmarks/neurons.py [--rounds 3] [--write]`.

The text has 512 tokens, the model random weights of DistilGPT2's shape, 18,432 neurons in all, float32 and one thread. Ten
factors are found by lensdoc and by scikit-learn as its random-init default finds them, each case in a process of its own; then
activations are captured, beside a plain forward pass and one that leaves the logits out, as capturing does. With `--real` the
text is that of the article's lighthouse, the model SmolLM2-135M-Instruct, and the activations are scaled as by default. What is
printed is CPU seconds, the least of the rounds, and the error of a factorization, |A - W H| / |A|. `--write` puts them into
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import report

TOKENS, FACTORS, MOST_ITERATIONS = 512, 10, 500
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
REAL = "LENSDOC_BENCHMARK_REAL"
"""Environment variable of a case that is measured on the real model."""
REAL_CASES = {
    "sklearn": "scikit-learn, random start, at most 500 iterations",
    "plain": "scikit-learn with nothing said (NNDSVDa, at most 200 iterations)",
    "ours": "lensdoc, the factorization",
    "measure": "lensdoc, the whole measure with capture and facts",
}
CASES = {
    "sklearn": "scikit-learn, random start, at most 500 iterations",
    "ours": "lensdoc, the factorization",
    "measure": "lensdoc, the whole measure with capture and facts",
    "forward": "three plain forward passes",
    "blocks": "three without logits",
    "capture": "three that capture activations",
}


def trace():
    """A text of random tokens, read by a model of DistilGPT2's shape with random weights; or the text of the real setting."""
    import torch

    if REAL in os.environ:
        import setting

        import lensdoc

        torch.set_num_threads(1)
        return lensdoc.load_model(str(setting.REAL_MODEL)).score(setting.REAL_TEXT.read_text(encoding="utf-8"), n_input=1)
    from transformers import GPT2Config, GPT2LMHeadModel

    from lensdoc.models.language_model import LanguageModel
    from lensdoc.models.trace import Trace
    from lensdoc.records.tokens import Token

    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = GPT2LMHeadModel(GPT2Config(n_layer=6)).eval()
    ids = torch.randint(0, 50_000, (TOKENS,))
    tokens = tuple(Token(id=int(i), text=str(int(i)), kind="input") for i in ids)
    return Trace(LanguageModel(model, SimpleNamespace(), "distilgpt2-shape", "none"), ids, tokens, n_input=TOKENS)


def matrix():
    """Its activations as they are factored, (states, neurons of all layers): random ones as they are, real ones by default."""
    from lensdoc.measures.texts import texts

    together, scale = (texts(trace(), None, 1), "state") if REAL in os.environ else (texts(trace(), None), "none")
    return together.prepared("clip", scale).matrix


def error(values, weights, loadings):
    import numpy as np

    return float(np.linalg.norm(values - weights @ loadings) / np.linalg.norm(values))


def sklearn():
    return solved(init="random", max_iter=MOST_ITERATIONS)


def plain():
    return solved()


def solved(**options):
    from sklearn.decomposition import NMF

    values = matrix()

    def work():
        solver = NMF(FACTORS, random_state=0, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return solver.fit_transform(values), solver

    return work, lambda found: {"error": error(values, found[0], found[1].components_), "iterations": found[1].n_iter_}


def ours():
    from lensdoc.measures.nmf import nmf

    values = matrix()
    return lambda: nmf(values, FACTORS), lambda fit: {"error": error(values, fit.weights, fit.loadings), "solver": fit.solver}


def measure():
    import lensdoc

    text = trace()
    return lambda: lensdoc.factors(text, FACTORS), lambda record: {"explained": record.facts["explained"]}


def forward(*, logits=True):
    import torch

    text = trace()
    model = text.lm.model if logits else text.lm.model.base_model

    def work():
        with torch.no_grad():
            for _ in range(3):
                model(text.ids[None])

    return work, lambda _: {}


def blocks():
    return forward(logits=False)


def capture():
    text = trace()
    return lambda: [text.ffn_activations(range(6)) for _ in range(3)], lambda _: {}


def child(case: str, rounds: int) -> None:
    """One case: once to warm up, then on the clock."""
    work, tell = globals()[case]()
    work()
    seconds = []
    for _ in range(rounds):
        before = time.process_time()
        found = work()
        seconds.append(time.process_time() - before)
    print(json.dumps({"cpu": min(seconds), **tell(found)}))


def measured(case: str, rounds: int, *, real: bool = False) -> dict:
    command = [sys.executable, __file__, "--child", case, "--rounds", str(rounds)]
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(Path(__file__).parents[2])} | ({REAL: "1"} if real else {})
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def markdown(found: dict[str, dict]) -> str:
    """A table of the cases, and of what was to be reached."""
    cpu = {case: values["cpu"] for case, values in found.items()}
    aims = (
        ("time of scikit-learn's default / lensdoc's factorization", cpu["sklearn"] / cpu["ours"], ">=", 8.0),
        (
            "error above that of scikit-learn's default, in %",
            100 * (found["ours"]["error"] / found["sklearn"]["error"] - 1),
            "<=",
            0.2,
        ),
        ("cost of capturing activations above a plain pass, in %", 100 * (cpu["capture"] / cpu["forward"] - 1), "<=", 15.0),
        ("the same, above a pass without logits, in %", 100 * (cpu["capture"] / cpu["blocks"] - 1), "<=", 15.0),
    )
    return tables(found, CASES, aims)


def real_markdown(found: dict[str, dict]) -> str:
    """The same of the real model."""
    ratio = found["sklearn"]["cpu"] / found["ours"]["cpu"]
    excess = 100 * (found["ours"]["error"] / found["sklearn"]["error"] - 1)
    aims = (
        ("time of scikit-learn from a random start / lensdoc's factorization", ratio, ">=", 15.0),
        ("error above that of scikit-learn from a random start, in %", excess, "<=", 0.2),
    )
    return tables(found, REAL_CASES, aims)


def tables(found: dict[str, dict], cases: dict[str, str], aims) -> str:
    errors = {case: f"{values['error']:.4f}" for case, values in found.items() if "error" in values}
    rows = [f"| {name} | {found[case]['cpu']:.2f} | {errors.get(case, '')} |" for case, name in cases.items()]
    return "\n".join(
        [
            f"lensdoc's solver: {found['ours']['solver']}.\n",
            "| what ran | CPU seconds | error |\n|---|--:|--:|",
            *rows,
            f"\n{report.AIMS_HEAD}",
            *(report.aim(*each) for each in aims),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument("--real", action="store_true", help="on SmolLM2-135M-Instruct, which `make real-model` fetches")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.rounds)
        return
    if arguments.real:
        text = real_markdown({case: measured(case, arguments.rounds, real=True) for case in REAL_CASES})
    else:
        text = markdown({case: measured(case, arguments.rounds) for case in CASES})
    print(text)
    if arguments.write:
        report.write(text, "real-factors" if arguments.real else "factors")


if __name__ == "__main__":
    main()
