"""What attention, parts of logits and similarity show of SmolLM2-135M-Instruct; `make test-full` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import lensdoc
from lensdoc.models.additions import additions
from lensdoc.models.heads import heads_in

pytestmark = pytest.mark.long
PROSE = Path(__file__).parents[1] / "analyses" / "texts" / "lighthouse.txt"


@pytest.fixture(scope="module")
def lm(real_model):
    return lensdoc.load_model(str(real_model))


@pytest.fixture(scope="module")
def prose(lm):
    return lm.score(PROSE.read_text(encoding="utf-8")[:1200])


def test_the_first_token_is_a_sink(prose, figure):
    found = lensdoc.attention(prose, layers=range(12, 30))
    figure(f"SmolLM2: {found.facts['first_share']:.2f} of attention in layers 12 to 29 rests on the first token")
    assert 0.4 < found.facts["first_share"] < 0.7
    assert found.facts["first_share"] > 10 * found.facts["even_share"]


def test_heads_score_as_they_are_known_to(prose):
    scores = lensdoc.attention(prose).head_scores
    assert scores.induction[18][6] > 0.8
    assert scores.previous[16][0] > 0.8
    assert scores.previous[11][1] > 0.8
    assert scores.first[18][8] > 0.99


def test_without_head_0_of_layer_16_a_series_is_not_copied(lm, figure):
    """A head that reads the token before, on which those that copy depend."""
    series = torch.randint(1000, 30_000, (25,), generator=torch.Generator().manual_seed(7))
    ids = torch.cat([series, series])

    def copied(layer=None, head=0):
        handles = []
        if layer is not None:
            found = heads_in(lm.model, layer)
            part = slice(head * found.size, (head + 1) * found.size)

            def leave_out(_, args):
                given = args[0].clone()
                given[..., part] = 0
                return (given,)

            handles.append(found.projection.register_forward_pre_hook(leave_out))
        with torch.no_grad():
            probs = lm.model(ids[None]).logits[0].softmax(-1)
        for handle in handles:
            handle.remove()
        return float(probs[25:-1].gather(1, ids[26:, None]).mean())

    whole, without, other = copied(), copied(16, 0), copied(11, 1)
    figure(f"SmolLM2: copies a series with {whole:.3f}, without L16H0 {without:.3f}, without L11H1 {other:.3f}")
    assert without < 0.2 * whole
    assert other > 0.5 * whole


def test_head_4_of_layer_23_adds_most_to_paris(lm):
    trace = lm.score("\nThe capital of France is")
    found = lensdoc.logit_attribution(trace, answer=" Paris", wrong=" Berlin", parts="heads")
    assert found.facts["largest"] == "L23H4"
    start, added = additions(lm.model, trace.ids, len(trace.ids) - 1, by_head=False)
    whole = start + sum(one.attention + one.ffn for one in added)
    own = trace.residual_stream[-1, -1].double()
    assert float((whole - own).abs().max() / own.abs().max()) < 1e-4


def test_the_first_token_alone_parts_layers_10_and_11(prose, figure):
    whole, without = (lensdoc.similarity(prose, layers=[10, 11], skip=skip).values[0][1] for skip in (0, 1))
    figure(f"SmolLM2: CKA of blocks 10 and 11 is {whole:.2f} with the first token and {without:.2f} without")
    assert whole <= 0.1
    assert without > 0.9


def test_rollout_gives_everything_to_the_first_token(lm):
    found = lensdoc.attention_flow(lm.score("\nThe capital of France is"))
    assert found.facts["rollout_left_out"] > 0.99
    assert found.facts["rollout_top"] == 1
