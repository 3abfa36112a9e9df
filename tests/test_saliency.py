"""Saliency: against closed forms, against Captum, against what the definition says."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
import zoo
from builders import MODEL, tokens
from captum.attr import InputXGradient, IntegratedGradients, Occlusion
from captum.attr import Saliency as Gradient
from families import FAMILIES, SOME, TEXT, family_model, words

import lensdoc
from lensdoc.core.errors import MeasureError, ModelError
from lensdoc.measures.gradients import groups
from lensdoc.models.embeddings import last_state
from lensdoc.models.language_model import LanguageModel
from lensdoc.models.residual import Unembedding
from lensdoc.models.trace import Trace

pytestmark = [
    pytest.mark.filterwarnings("ignore:integrated gradients of"),  # random weights; what is told of it has tests
    pytest.mark.sample(trace=SOME),
]

METHODS = ["gradient_x_input", "gradient", "integrated_gradients", "occlusion"]


@pytest.fixture(scope="module", params=FAMILIES)
def trace(request):
    return family_model(request.param, torch.float64).score(TEXT, n_input=3)


def captum(trace, method, kind="logit", contrast=None, **options):
    """Relevance of Captum for each target, (seen, width), one pass after the other."""
    model, found = trace.lm.model, []
    for t in trace.targets:

        def figure(embeddings, t=t):
            logits = model(inputs_embeds=embeddings).logits[:, -1]
            values = {"logit": logits, "prob": logits.softmax(-1), "log_prob": logits.log_softmax(-1)}[kind]
            return values[:, trace.ids[t]] - (0 if contrast is None else values[:, contrast])

        embeddings = model.get_input_embeddings()(trace.ids[None, :t]).detach().requires_grad_()
        found.append(method(figure).attribute(embeddings, **options)[0].detach())
    return found


def check(record, relevance, rel=6e-4):
    """A record keeps four digits, so the last of them may differ."""
    for row, total, vectors in zip(record.scores, record.totals, relevance, strict=True):
        norms = vectors.norm(dim=-1)
        assert row == pytest.approx((norms / norms.sum()).tolist(), rel=rel)
        assert total == pytest.approx(float(norms.sum()), rel=rel)


@pytest.mark.parametrize("kind", ["logit", "prob", "log_prob"])
@pytest.mark.sample(trace=FAMILIES)
def test_gradient_x_input_is_captums(trace, kind):
    check(lensdoc.saliency(trace, target=kind), captum(trace, InputXGradient, kind))


def test_the_gradient_is_captums(trace):
    check(lensdoc.saliency(trace, method="gradient"), captum(trace, Gradient, abs=False))


def test_integrated_gradients_are_captums(trace):
    record = lensdoc.saliency(trace, method="integrated_gradients", steps=12)
    check(record, captum(trace, IntegratedGradients, n_steps=12))
    assert (record.steps, record.baseline) == (12, "zero")


def test_occlusion_is_captums(trace):
    width = trace.lm.model.get_input_embeddings().weight.shape[1]
    relevance = captum(trace, Occlusion, sliding_window_shapes=(1, width))
    record = lensdoc.saliency(trace, method="occlusion", signed=True)
    for row, vectors in zip(record.scores, relevance, strict=True):
        assert row == pytest.approx(vectors[:, 0].tolist(), rel=6e-4, abs=1e-9)


def test_a_contrast_explains_the_difference(trace):
    check(lensdoc.saliency(trace, contrast="w59"), captum(trace, InputXGradient, contrast=59))


def test_signed_scores_are_sums_of_the_elements(trace):
    record = lensdoc.saliency(trace, signed=True)
    for row, total, vectors in zip(record.scores, record.totals, captum(trace, InputXGradient), strict=True):
        assert row == pytest.approx(vectors.sum(-1).tolist(), rel=6e-4, abs=1e-9)
        assert total == pytest.approx(float(vectors.sum()), rel=6e-4, abs=1e-6)


def relevance(trace, method):
    """Norms before they are rounded and divided, for each target."""
    for group in groups(trace, trace.lm.unembedding, "logit", None):
        if method is IntegratedGradients:
            vectors = group.path_gradients(torch.zeros_like(group.embeddings[0]), 30)[0] * group.embeddings
        else:
            vectors = group.gradients() * (group.embeddings if method is InputXGradient else 1)
        for t, row in zip(group.targets, vectors.norm(dim=-1), strict=True):
            yield row[:t]


@pytest.mark.parametrize(
    ("method", "options"), [(InputXGradient, {}), (Gradient, {"abs": False}), (IntegratedGradients, {"n_steps": 30})]
)
@pytest.mark.parametrize(("dtype", "least"), [(torch.float64, 0), (torch.float32, 1e-3)])
def test_unrounded_all_families_agree_with_captum_to_1e_4(trace, method, options, dtype, least):
    """In float32 scores below a thousandth of the largest are held to that, for what float32 itself loses."""
    found = list(relevance(family_model(trace.lm.id, dtype).score(TEXT, n_input=3), method))
    for ours, exact in zip(found, captum(trace, method, **options), strict=True):
        norms = exact.norm(dim=-1)
        assert torch.allclose(ours.double(), norms, rtol=1e-4, atol=1e-4 * least * float(norms.max()))


@pytest.mark.sample(trace=FAMILIES)
def test_embeddings_and_ids_lead_to_the_same_logits(trace):
    """Some models scale their embeddings; what is differentiated must be what the model computes from ids."""
    (group, *_) = groups(trace, trace.lm.unembedding, "logit", None)
    with torch.no_grad():
        logits = trace.lm.model(trace.ids[None]).logits[0]
    own = [float(logits[t - 1, trace.ids[t]]) for t in group.targets]
    assert group.values(group.embeddings[None])[0].tolist() == pytest.approx(own, rel=1e-9)


def test_the_way_that_a_library_has_put_before_a_module_stays_there(trace):
    """Libraries that spread a model over devices hand each module its input through a `forward` of their own."""
    lm = family_model(trace.lm.id)
    spread = {module: module.forward for part in lm.model.modules() for module in part.children()}
    for module, forward in spread.items():
        module.forward = forward
    lensdoc.saliency(lm.score(TEXT, n_input=3))
    assert all(vars(module).get("forward") == forward for module, forward in spread.items())


@pytest.mark.parametrize("method", METHODS)
def test_in_bfloat16_maps_stay_much_the_same(count, method):
    """Weights of eight bits make other numbers, but no other picture."""
    coarse = lensdoc.load_model("lensdoc/tiny", dtype="bfloat16").score("".join(t.text for t in count.tokens), n_input=8)
    fine = count.lm.score("".join(t.text for t in count.tokens), n_input=8)
    rows = zip(*(lensdoc.saliency(t, method=method, steps=10).scores for t in (coarse, fine)), strict=True)
    similar = [float(torch.cosine_similarity(torch.tensor(a), torch.tensor(b), dim=0)) for a, b in rows]
    assert sorted(similar)[len(similar) // 2] > 0.95


def test_integrated_gradients_report_what_is_missing(trace):
    record = lensdoc.saliency(trace, method="integrated_gradients", steps=4, signed=True)
    for t, row, gap in zip(record.targets, record.scores, record.convergence, strict=True):
        with torch.no_grad():
            embeddings = trace.lm.model.get_input_embeddings()(trace.ids[None, :t])
            ends = [trace.lm.model(inputs_embeds=e).logits[0, -1, trace.ids[t]] for e in (embeddings, 0 * embeddings)]
        assert sum(row) - float(ends[0] - ends[1]) == pytest.approx(gap, abs=1e-3 * (max(map(abs, row)) * len(row) + abs(gap)))


@pytest.mark.filterwarnings("error")
def test_integrated_gradients_that_miss_more_than_a_tenth_say_so(monkeypatch):
    trace = linear([0, 1, 2], 2)
    bend = 40.0
    monkeypatch.setattr(Summing, "forward", lambda _, states: torch.sigmoid(bend * (states.cumsum(1) - 0.97 * 3)) + states)
    with pytest.warns(
        UserWarning, match="of 1 of 1 tokens miss more than a tenth of the difference .* scores mean nothing; take"
    ):
        record = lensdoc.saliency(trace, method="integrated_gradients", steps=3)
    assert (record.unreliable, record.facts["unreliable"]) == ((True,), 1)
    assert record.gap(0) == pytest.approx(abs(record.convergence[0] / record.differences[0]), rel=1e-3)
    assert record.gap(0) > 0.1
    with torch.no_grad():
        ends = [trace.lm.model(inputs_embeds=e).logits[0, -1, 2] for e in (EMBEDDINGS[None, :2], torch.zeros(1, 2, 2))]
    assert record.differences[0] == pytest.approx(float(ends[0] - ends[1]), rel=1e-3)


@pytest.mark.filterwarnings("error")
def test_integrated_gradients_that_add_up_do_not():
    record = lensdoc.saliency(linear([0, 1, 2], 2), method="integrated_gradients")
    assert (record.unreliable, record.facts["unreliable"]) == ((False,), 0)
    assert record.gap(0) < 1e-5
    assert lensdoc.saliency(linear([0, 1, 2], 2)).gap(0) is None


def test_occlusion_gives_the_model_a_copy():
    """CTRL scales the embeddings that it is given in place."""
    trace = LanguageModel(zoo.build("ctrl", torch.float64), words(), "ctrl", "none").score(TEXT, n_input=3)
    embeddings = trace.lm.model.get_input_embeddings()(trace.ids[:4]).detach()
    record = lensdoc.saliency(trace, method="occlusion", signed=True)
    with torch.no_grad():
        logits = [trace.lm.model(inputs_embeds=(embeddings * keep[:, None])[None]).logits[0, -1, trace.ids[4]] for keep in KEPT]
    assert record.scores[1] == pytest.approx([float(logits[0] - z) for z in logits[1:]], rel=1e-3, abs=1e-6)


KEPT = torch.cat([torch.ones(1, 4), 1 - torch.eye(4)])


def test_near_certainty_a_probability_is_explained_in_float32():
    """In bfloat16 logits near each other are equal, and so is a probability near 1."""
    lm = family_model("llama", torch.bfloat16)
    with torch.no_grad():
        lm.model.get_output_embeddings().weight.mul_(8)
    trace = lm.score(TEXT, n_input=3)
    (group, *_) = groups(trace, lm.unembedding, "log_prob", None)
    with torch.no_grad():
        states = last_state(lm.model, group.embeddings[None])[:, [t - 1 for t in group.targets]]
        z = lm.unembedding.normed(states)[0].float() @ lm.unembedding.weight.float().T
        exact = z.log_softmax(-1).gather(1, trace.ids[list(group.targets), None])[:, 0]
        assert group.values(group.embeddings[None])[0].tolist() == pytest.approx(exact.tolist(), rel=1e-5, abs=1e-6)


def test_a_model_that_reads_more_than_embeddings_is_refused():
    trace = LanguageModel(zoo.build("gemma4_text"), words(), "gemma4", "none").score(TEXT, n_input=3)
    with pytest.raises(ModelError, match="Gemma4ForCausalLM reads more from ids than their embeddings .* take another model"):
        lensdoc.saliency(trace)
    assert len(lensdoc.rankings(trace).ranks) == 3


def test_a_model_that_looks_ahead_is_refused():
    lm = LanguageModel(zoo.build("bert", is_decoder=False), words(), "bert", "none")
    trace = replace(family_model("gpt2").score(TEXT, n_input=3), lm=lm)  # as a causal model's
    with pytest.raises(ModelError, match="lets a token change what was said before it; it is no causal language model"):
        lensdoc.saliency(trace)


@pytest.mark.long
def test_more_steps_of_integrated_gradients_miss_less(count):
    few, many = (lensdoc.saliency(count, method="integrated_gradients", steps=n) for n in (2, 50))
    assert sum(map(abs, many.convergence)) < 0.25 * sum(map(abs, few.convergence))


EMBEDDINGS = torch.tensor([[3.0, 4.0], [0.0, 2.0], [1.0, 0.0], [5.0, 12.0]])
HEAD = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])


class Summing(torch.nn.Module):
    """The state after a token is the sum of the embeddings so far, the last one doubled."""

    def forward(self, states):
        return states.cumsum(1) + states


class Linear(torch.nn.Module):
    """A causal model without any bend."""

    def __init__(self, bias):
        super().__init__()
        self.embed = torch.nn.Embedding.from_pretrained(EMBEDDINGS.clone())
        self.layers = torch.nn.ModuleList([Summing()])
        self.head = torch.nn.Linear(2, 4, bias=bias is not None)
        self.head.weight.data = HEAD
        if bias is not None:
            self.head.bias.data = torch.tensor(bias)
        text = SimpleNamespace(num_hidden_layers=1, hidden_size=2)
        self.config = SimpleNamespace(get_text_config=lambda **_: text)
        self.dtype, self.device = torch.float32, torch.device("cpu")

    def get_input_embeddings(self):
        return self.embed

    def forward(self, input_ids=None, inputs_embeds=None):
        states = self.embed(input_ids) if inputs_embeds is None else inputs_embeds
        return SimpleNamespace(logits=self.head(self.layers[0](states)))


def linear(ids, n_input, bias=None):
    model = Linear(bias)
    lm = SimpleNamespace(model=model, unembedding=Unembedding((), model.head, None), id="linear", info=MODEL, tokenizer=None)
    return Trace(lm, torch.tensor(ids), tokens([f" {i}" for i in ids], n_input), n_input)


def test_the_saliency_of_a_linear_model_is_known():
    # Token 2 after tokens 0 and 1: its row of the head is (1, 1), and the last state counts token 1 twice.
    trace = linear([0, 1, 2], 2)
    vectors = [[3.0, 4.0], [0.0, 4.0]]
    norms = [math.hypot(*v) for v in vectors]
    for method in ("gradient_x_input", "integrated_gradients"):
        record = lensdoc.saliency(trace, method=method)
        assert record.scores[0] == pytest.approx([n / sum(norms) for n in norms], abs=1e-3)
        assert record.totals == pytest.approx([sum(norms)], rel=1e-3)
        assert lensdoc.saliency(trace, method=method, signed=True).scores[0] == pytest.approx([7, 4])
    gradient = lensdoc.saliency(trace, method="gradient")  # (1, 1) and (2, 2)
    assert gradient.scores[0] == pytest.approx([1 / 3, 2 / 3], abs=1e-3)
    assert gradient.totals == pytest.approx([3 * math.sqrt(2)], rel=1e-3)
    occlusion = lensdoc.saliency(trace, method="occlusion", signed=True)
    assert occlusion.scores[0] == pytest.approx([7, 4])
    assert lensdoc.saliency(trace, method="integrated_gradients").convergence == pytest.approx([0], abs=1e-5)


def test_a_bias_of_the_head_changes_no_gradient_and_every_probability():
    plain, biased = linear([0, 1, 2], 2), linear([0, 1, 2], 2, bias=[5.0, 0.0, 0.0, 0.0])
    assert lensdoc.saliency(plain).totals == lensdoc.saliency(biased).totals
    assert lensdoc.saliency(plain, target="prob").totals != lensdoc.saliency(biased, target="prob").totals


def test_a_token_as_baseline_stands_for_absence(trace):
    record = lensdoc.saliency(trace, method="occlusion", baseline="w3", signed=True)
    assert record.baseline == "w3"
    # Where the text has w3 itself, nothing is taken away.
    assert [row[0] for row in record.scores] == pytest.approx([0.0] * len(record.scores), abs=1e-12)
    assert any(value for row in record.scores for value in row)


def test_few_targets_at_a_time_or_all_at_once_make_no_difference(trace, monkeypatch):
    found = {}
    for at_once in (1, 3, 50):
        monkeypatch.setattr("lensdoc.measures.gradients.TARGETS_AT_ONCE", at_once)
        found[at_once] = [lensdoc.saliency(trace, method=method, steps=5).scores for method in METHODS]
    for other in (3, 50):
        for ours, theirs in zip(found[1], found[other], strict=True):
            assert [value for row in ours for value in row] == pytest.approx(
                [v for row in theirs for v in row], rel=6e-4, abs=1e-9
            )


def test_later_tokens_change_nothing(trace):
    shorter = trace.lm.score(" ".join(TEXT.split()[:6]), n_input=3)
    assert lensdoc.saliency(shorter).scores == lensdoc.saliency(trace).scores[:3]


def test_probability_of_the_2020_articles_is_a_target(trace):
    """ecco 0.1.2: the norm of d softmax(z)[c] / d e times e, divided by its sum over positions."""
    record = lensdoc.saliency(trace, target="prob")
    t = record.targets[-1]
    embeddings = trace.lm.model.get_input_embeddings()(trace.ids[:t]).detach().requires_grad_()
    prob = trace.lm.model(inputs_embeds=embeddings[None]).logits[0, -1].softmax(-1)[trace.ids[t]]
    norms = (torch.autograd.grad(prob, embeddings)[0] * embeddings).norm(dim=1)
    assert record.scores[-1] == pytest.approx((norms / norms.sum()).tolist(), rel=6e-4)


def test_every_row_sums_to_one_and_has_a_score_for_each_earlier_token(count):
    record = lensdoc.saliency(count)
    assert [len(row) for row in record.scores] == list(record.targets) == list(range(5, 35))
    assert [sum(row) for row in record.scores] == pytest.approx([1] * 30, abs=1e-3)


def test_no_gradient_is_left_behind(count):
    lensdoc.saliency(count, method="integrated_gradients", steps=3)
    assert all(p.grad is None for p in count.lm.model.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "grad"}, "method must be one of gradient_x_input, gradient, .* it is 'grad'; did you mean gradient"),
        ({"target": "probability"}, "target must be one of logit, prob, log_prob, it is 'probability'"),
        ({"method": "gradient", "signed": True}, "a gradient alone has no signed score"),
        ({"method": "integrated_gradients", "steps": 0}, "steps must be an integer from 1, it is 0"),
    ],
)
def test_options_that_will_not_do_name_the_valid_ones(count, options, message):
    with pytest.raises(MeasureError, match=message):
        lensdoc.saliency(count, **options)


def test_a_contrast_of_two_tokens_names_them(count):
    with pytest.raises(ModelError, match=r"' 1, 2' is 3 tokens of lensdoc/tiny, ' 1' \+ ',' \+ ' 2'; name one token, such as"):
        lensdoc.saliency(count, contrast=" 1, 2")


def test_a_trace_without_produced_tokens_is_refused(tiny):
    with pytest.raises(MeasureError, match="saliency explains produced tokens, and this trace has none"):
        lensdoc.saliency(tiny.score(" 1, 2", n_input=3))


def test_a_model_that_overflows_is_named():
    lm = family_model("llama")
    with torch.no_grad():
        lm.model.get_input_embeddings().weight[9] = float("nan")
    with pytest.raises(MeasureError, match="is not finite"):
        lensdoc.saliency(lm.score(TEXT, n_input=3))
