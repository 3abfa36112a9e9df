"""Measures on SmolLM2-135M-Instruct: 30 layers, RMS norms, gated FFNs, a vocabulary of 49,152."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

import lensdoc

pytestmark = pytest.mark.long
GGUF = Path(__file__).parents[1] / "analyses" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
PROMPTS = [
    "The capital of France is",
    "The keys to the cabinet",
    "1, 2, 3, 4,",
    "Once upon a time, in a small village by the sea, there lived",
    "The chemical symbol for gold is",
    "def fibonacci(n):",
    "The opposite of hot is",
    "Monday, Tuesday, Wednesday,",
    "Water boils at",
    "My favourite food is",
    "In 1969, the first man",
    "The largest planet of the solar system is",
    "Roses are red, violets are",
    "To be, or not to be, that is",
    "She opened the door and",
    "The European Union has these members:",
    "A, B, C, D,",
    "import numpy as np",
    "The quick brown fox",
    "Romeo and Juliet was written by",
]


@pytest.fixture(scope="module")
def lm():
    """LENSDOC_REAL_MODEL names a folder with the same model."""
    folder = os.environ.get("LENSDOC_REAL_MODEL")
    if not folder and not GGUF.is_file():
        pytest.skip(f"{GGUF.name} is not in analyses/models: make real-model fetches it")
    torch.set_num_threads(1)
    return lensdoc.load_model(folder or str(GGUF))


@pytest.fixture(scope="module")
def exact(lm):
    """The same weights in float64."""
    model = type(lm.model)(lm.model.config).eval()
    model.load_state_dict(lm.model.state_dict())
    model.tie_weights()
    return model.double()


@pytest.fixture(scope="module")
def trace(lm):
    return lm.generate("The capital of France is", max_new_tokens=4)


def test_greedy_text_is_that_of_transformers(lm, figure):
    for prompt in PROMPTS:
        ids = lm.tokenizer(prompt, return_tensors="pt", add_special_tokens=False)["input_ids"]
        theirs = lm.model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False, repetition_penalty=1.0
        )
        assert lm.generate(prompt, max_new_tokens=12).ids.tolist() == theirs[0].tolist()
    figure(f"SmolLM2: greedy text of {len(PROMPTS)} prompts identical to transformers' generate")


def off_by(record, rows):
    """Largest difference, as a share of the largest score of the same token."""
    worst = 0.0
    for scores, total, row in zip(record.scores, record.totals, rows, strict=True):
        found = torch.tensor(scores, dtype=torch.double) * (1 if record.signed else total)
        worst = max(worst, float((found - row).abs().max() / row.abs().max()))
    return worst


def test_gradient_x_input_is_within_a_thousandth_of_float64(trace, exact, figure):
    rows = []
    for t in trace.targets:
        embeddings = exact.get_input_embeddings()(trace.ids[:t]).detach().requires_grad_()
        logit = exact(inputs_embeds=embeddings[None]).logits[0, -1, trace.ids[t]]
        rows.append((torch.autograd.grad(logit, embeddings)[0] * embeddings).norm(dim=1).detach())
    worst = off_by(lensdoc.saliency(trace), rows)
    figure(f"SmolLM2: gradient x input off by {worst:.1g} of the largest score, against float64")
    assert worst < 1e-3


@torch.no_grad()
def test_occlusion_is_within_a_thousandth_of_float64(trace, exact, figure):
    rows = []
    for t in trace.targets:
        texts = exact.get_input_embeddings()(trace.ids[:t]).repeat(t + 1, 1, 1)
        texts[torch.arange(t), torch.arange(t)] = 0
        logits = exact(inputs_embeds=texts, logits_to_keep=1).logits[:, -1, trace.ids[t]]
        rows.append(logits[-1] - logits[:-1])
    worst = off_by(lensdoc.saliency(trace, method="occlusion", signed=True), rows)
    figure(f"SmolLM2: occlusion off by {worst:.1g} of the largest score, against float64")
    assert worst < 1e-3


@torch.no_grad()
def test_no_rank_of_a_thousand_is_wrong(lm, exact, figure):
    """But for those that float32 cannot tell apart: it is right among the logits within rounding of the token's own."""
    trace = lm.score(" ".join(PROMPTS[:4]), n_input=1)
    record = lensdoc.rankings(trace)
    states = exact(trace.ids[None], output_hidden_states=True).hidden_states
    layers = [exact.model.norm(state[0]) for state in states[1:-1]] + [states[-1][0]]
    cells = ties = wrong = 0
    for state, ranks in zip(layers, record.ranks, strict=True):
        z = exact.lm_head(state[[t - 1 for t in record.targets]])
        own = z.gather(1, trace.ids[list(record.targets)][:, None])
        close = 1e-5 * z.abs().max(1, keepdim=True).values
        least, most = 1 + (z > own + close).sum(1), (z > own - close).sum(1)
        found = torch.tensor(ranks)
        cells += len(found)
        ties += int((found != 1 + (z > own).sum(1)).sum())
        wrong += int(((found < least) | (found > most)).sum())
    figure(f"SmolLM2: {wrong} of {cells:,} ranks wrong; {ties} differ from float64's among logits equal but for rounding")
    assert cells >= 1000
    assert wrong == 0


@pytest.mark.filterwarnings("ignore:integrated gradients of")
def test_integrated_gradients_say_that_they_mean_nothing(trace):
    record = lensdoc.saliency(trace, method="integrated_gradients", steps=10)
    assert record.facts["unreliable"] == sum(record.unreliable) > 0
