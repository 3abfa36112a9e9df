"""How long saliency and the logit lens take, beside other libraries: `python tests/benchmarks/compare.py [--rounds 3] [WORK...]`.

Every case runs in a process of its own, on the same random weights of DistilGPT2's shape, with 32 given and 32 produced tokens,
float32 and two threads. What is printed is CPU seconds (their median over the rounds), the largest memory of the process, and the
ratio to ours. A library that is not installed is named, with the pip command.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

GIVEN, PRODUCED, STEPS = 32, 32, 50
ENVIRONMENT = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
WORKS = {
    "gradient x input, 32 targets": ["lensdoc", "captum", "matmul"],
    "integrated gradients, 50 steps, one target": ["lensdoc_ig", "captum_ig"],
    "lens, 63 positions x 6 layers": ["lensdoc_lens", "argsort"],
}
PACKAGES = {"captum_ig": "captum", "matmul": "torch", "argsort": "torch", "lensdoc_ig": "lensdoc", "lensdoc_lens": "lensdoc"}


def distilgpt2():
    """A model of DistilGPT2's shape with random weights, and 64 ids."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    torch.set_num_threads(2)
    model = GPT2LMHeadModel(GPT2Config(n_layer=6, attn_pdrop=0, embd_pdrop=0, resid_pdrop=0)).eval()
    return model, torch.randint(0, 50_000, (GIVEN + PRODUCED,))


def our_trace():
    """The same model and ids as a trace of lensdoc."""
    from types import SimpleNamespace

    from lensdoc.models.language_model import LanguageModel
    from lensdoc.models.trace import Trace
    from lensdoc.records.tokens import Token

    model, ids = distilgpt2()
    lm = LanguageModel(model, SimpleNamespace(), "distilgpt2-shape", "none")
    tokens = tuple(Token(id=int(i), text=str(int(i)), kind="input" if p < GIVEN else "output") for p, i in enumerate(ids))
    return Trace(lm, ids, tokens, n_input=GIVEN)


def lensdoc():
    from lensdoc import saliency

    trace = our_trace()
    trace.lm.unembedding  # noqa: B018 - found once for a model
    return lambda: saliency(trace)


def lensdoc_ig():
    from lensdoc import saliency
    from lensdoc.models.trace import Trace

    whole = our_trace()
    trace = Trace(whole.lm, whole.ids[:48], whole.tokens[:48], n_input=47)
    trace.lm.unembedding  # noqa: B018
    return lambda: saliency(trace, method="integrated_gradients", steps=STEPS)


def lensdoc_lens():
    from lensdoc import rankings
    from lensdoc.models.trace import Trace

    whole = our_trace()
    whole.lm.unembedding  # noqa: B018
    return lambda: rankings(Trace(whole.lm, whole.ids, whole.tokens, n_input=1))


def captum():
    from captum.attr import LayerGradientXActivation

    model, ids = distilgpt2()

    def work():
        for t in range(GIVEN, GIVEN + PRODUCED):
            explain = LayerGradientXActivation(lambda x, t=t: model(x).logits[:, -1, ids[t]], model.transformer.wte)
            explain.attribute(ids[None, :t]).norm(dim=-1)

    return work


def captum_ig():
    from captum.attr import LayerIntegratedGradients

    model, ids = distilgpt2()
    explain = LayerIntegratedGradients(lambda x: model(x).logits[:, -1, ids[47]], model.transformer.wte)
    return lambda: explain.attribute(ids[None, :47], baselines=ids[None, :47] * 0, n_steps=STEPS)


def argsort():
    """Rank of every token after every layer by sorting all logits of a position, one position after the other."""
    import torch

    model, ids = distilgpt2()

    @torch.no_grad()
    def work():
        states = model(ids[None], output_hidden_states=True).hidden_states[1:]
        for layer, state in enumerate(states):
            for t in range(1, len(ids)):
                h = state[0, t - 1] if layer == len(states) - 1 else model.transformer.ln_f(state[0, t - 1])
                logits = model.lm_head(h)
                (logits.argsort(descending=True) == ids[t]).nonzero()
                logits.softmax(0)[ids[t]]

    return work


def matmul():
    """As many floating-point operations as gradient x input needs, at the rate of one large product of matrices."""
    import torch

    torch.set_num_threads(2)
    tokens = sum(GIVEN + 8 * (k + 1) - 1 for k in range(PRODUCED // 8))  # forward passes, one for eight targets
    seen = sum(8 * (GIVEN + 8 * (k + 1) - 1) for k in range(PRODUCED // 8))  # backward passes, one for each target
    weights = 6 * 12 * 768 * 768
    operations = 2 * weights * (tokens + seen)
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    return lambda: [a @ b for _ in range(round(operations / (2 * 2048**3)))]


def child(case: str) -> None:
    """One case: once to warm up, then once on the clock."""
    work = globals()[case]()
    work()
    before, wall = time.process_time(), time.perf_counter()
    work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": time.process_time() - before, "wall": time.perf_counter() - wall, "memory": memory}))


def measured(case: str, rounds: int) -> dict[str, float] | str:
    """Medians of the rounds, or why there are none."""
    package = PACKAGES.get(case, case)
    if not find_spec(package):
        return f"not installed: pip install {package}"
    found = []
    for _ in range(rounds):
        command = [sys.executable, __file__, "--child", case]
        environment = os.environ | ENVIRONMENT | {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            return f"failed: {done.stderr.strip().splitlines()[-1]}"
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: statistics.median(one[key] for one in found) for key in found[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK", help="begins of the names of works; all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child)
        return
    for name, cases in WORKS.items():
        if arguments.works and not name.startswith(tuple(arguments.works)):
            continue
        print(name)
        ours = None
        for case in cases:
            found = measured(case, arguments.rounds)
            if isinstance(found, str):
                print(f"  {case:18} {found}")
                continue
            ours = ours or found["cpu"]
            ratio = found["cpu"] / ours
            print(f"  {case:14} {found['cpu']:7.2f} s CPU {found['wall']:7.2f} s {found['memory']:6.0f} MiB  {ratio:5.2f} x ours")


if __name__ == "__main__":
    main()
