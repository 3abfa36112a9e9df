"""Exchange saliency: estimates against a finite difference, changes against the other text, and the figure."""

from __future__ import annotations

import builders
import families
import pytest
import torch
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.measures import swaps

TO = {0: "w51", 2: "w52", -3: "w53"}


@torch.no_grad()
def said(lm, embeddings, trace, kind):
    """What the model says of each target of a trace, with these embeddings for its tokens."""
    logits = lm.model(inputs_embeds=embeddings[None], use_cache=False).logits[0]
    values = logits.log_softmax(-1) if kind == "log_prob" else logits
    return torch.stack([values[t - 1, trace.ids[t]] for t in trace.targets])


@pytest.mark.parametrize("family", ["gpt2", "bloom", "llama", "gemma2", "phi", "qwen3"])
@pytest.mark.parametrize("kind", ["logit", "log_prob"])
def test_changes_are_those_of_the_other_text_and_estimates_are_finite_differences(family, kind):
    lm = families.family_model(family, torch.float64)
    trace = lm.score(families.TEXT, n_input=4)
    found = lensdoc.saliency(trace, method="exchange", to=TO, target=kind)
    embed = lm.model.get_input_embeddings()
    assert [swap.position for swap in found.to] == [0, 2, 8]
    for number, swap in enumerate(found.to):
        start, end = embed(trace.ids).detach(), embed(trace.ids.index_fill(0, torch.tensor(swap.position), swap.id)).detach()
        changes = said(lm, end, trace, kind) - said(lm, start, trace, kind)
        near, far = (said(lm, start + step * (end - start), trace, kind) for step in (-1e-3, 1e-3))
        slopes = (far - near) / 2e-3
        for t, target in enumerate(found.targets):
            if swap.position < target:
                assert found.changes[t][number] == pytest.approx(float(changes[t]), rel=1e-3, abs=1e-5)
                # norms of some architectures are in float32 whatever the weights
                assert found.scores[t][swap.position] == pytest.approx(float(slopes[t]), rel=5e-3, abs=5e-3)
            else:
                assert len(found.changes[t]) == number


def test_it_is_what_exchange_says_of_the_bundled_model(tiny):
    trace = tiny.score("The keys to the cabinet are", n_input=5)
    found = lensdoc.saliency(trace, method="exchange", to={1: " key"}, contrast=" is")
    beside = lensdoc.exchange(tiny.score("The keys to the cabinet"), 1, " key", answer=" are", wrong=" is")
    assert found.scores[0][1] == pytest.approx(beside.estimate, rel=1e-3)
    assert found.changes[0] == pytest.approx([beside.change], rel=1e-3)
    assert (found.scores[0][0], found.scores[0][2:]) == (0, (0, 0, 0))
    assert found.signed
    assert found.facts["sign_right"] == 1
    assert found.facts["median_ratio"] == pytest.approx(0.933, abs=1e-3)


def test_agreement_counts_signs_and_ratios():
    found = swaps.agreement([0, 2], [[1.0, 9, 9], [-1.0, 9, 4.0]], [[2.0], [4.0, 0.0]])
    assert found == {"sign_right": 0.5, "median_ratio": 0.125}  # a change of 0 has no sign
    assert swaps.agreement([0], [[1.0]], [[0.0]]) == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": None}, 'needs `to`, positions and the tokens that are put there, such as to={5: " Germany"}; it is None'),
        ({"to": {}}, "needs `to`"),
        ({"to": {9: " key"}}, "from 0 to 5 or from -1 back to -6; 9 is none"),
        ({"to": {5: " key"}}, "token 5 stands before no token that is explained, of which the last is 5; name an earlier one"),
        ({"to": {1: " keys"}}, "token 1 is ' keys' already; name another"),
        ({"to": {1: " key", -5: " key"}}, "`to` names token 1 twice"),
        ({"method": "occlusion", "to": {1: " key"}}, "goes with method=\"exchange\"; the method is 'occlusion'"),
    ],
)
def test_mistakes_are_told(tiny, options, message):
    with pytest.raises(MeasureError) as caught:
        lensdoc.saliency(tiny.score("The keys to the cabinet are", n_input=5), **{"method": "exchange"} | options)
    assert message in str(caught.value)


def test_no_order_of_tokens_is_made_of_it(tiny):
    trace = tiny.score("The keys to the cabinet are", n_input=5)
    with pytest.raises(MeasureError, match="are no order in which tokens matter; take a saliency of another method"):
        lensdoc.faithfulness(trace, lensdoc.saliency(trace, method="exchange", to={1: " key"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"changes": None}, "to and changes go with the method exchange, and with each other"),
        ({"method": "occlusion"}, "to and changes go with the method exchange"),
        ({"changes": ((-8.5,), (-2.0,))}, r"changes\[1\] has 1 values, but there are 2 exchanges before the target"),
        ({"signed": False, "scores": ((0.0, 1.0, 0.0, 0.0), (0.0,) * 5)}, "signed must be true"),
    ],
)
def test_shapes_must_fit(change, message):
    record = builders.exchanged()
    with pytest.raises(ValueError, match=message):
        type(record).model_validate(dict(record) | change)


def test_the_figure_has_the_change_beside_the_estimate():
    chosen = explorable("saliency")
    figure = html.fromstring(to_html(chosen.draw(builders.exchanged(), read_options(chosen.options, {"token": 4}))))
    rows = [[cell.text for cell in row] for row in figure.find_class("ld-swaps")[0].findall(".//tbody/tr")]
    assert rows == [["‘\xa0<b>’ → ‘\xa0<i>’ (token\xa01)", "−1.25", "−8.50"], ["‘⏎’ → ‘⏎⏎’ (token\xa04)", "–", "–"]]
    summary = figure.find_class("ld-summary")[0].text_content()
    assert "‘\xa0<b>’ (token\xa01) −1.25. True change: ‘\xa0<b>’ → ‘\xa0<i>’ −8.50." in summary
    assert not html.fromstring(
        to_html(chosen.draw(builders.saliency([[0.5, 0.5]]), read_options(chosen.options, {})))
    ).find_class("ld-swaps")
