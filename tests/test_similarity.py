"""Similarity of layers: CKA against a direct computation, CCA against known truths, what is refused, and the figure."""

from __future__ import annotations

import builders
import families
import numpy as np
import pytest
from lxml import html

import lensdoc
from lensdoc.core.errors import MeasureError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.measures.cca import debiased_cka, pwcca, svcca

TEXT = "The keys to the cabinet are old. The key to the cabinets is new."
CHANCE = np.random.default_rng(1)


def random(n, d):
    return CHANCE.standard_normal((n, d))


def direct(a, b):
    """The estimator as a mean over quadruples of different positions, for a few of them."""
    k, l = a @ a.T, b @ b.T  # noqa: E741

    def h(k, l):  # noqa: E741
        n, total = len(k), 0.0
        for i in range(n):
            for j in range(n):
                for q in range(n):
                    for r in range(n):
                        if len({i, j, q, r}) == 4:
                            total += k[i, j] * (l[i, j] + l[q, r] - 2 * l[i, q])
        return total / (n * (n - 1) * (n - 2) * (n - 3))

    return h(k, l) / np.sqrt(h(k, k) * h(l, l))


def test_cka_is_that_of_a_direct_computation():
    a = random(9, 5) + 3
    b = a @ random(5, 4) + 0.5 * random(9, 4)
    assert debiased_cka(a, b) == pytest.approx(direct(a, b), rel=1e-9)


def test_independent_states_are_not_alike():
    assert abs(debiased_cka(random(94, 576), random(94, 576))) < 0.02


def test_rotation_and_scale_change_nothing():
    a = random(40, 6)
    rotated = 3 * a @ np.linalg.qr(random(6, 6))[0]
    assert debiased_cka(a, rotated) == pytest.approx(1)
    assert pwcca(a, a @ random(6, 6)) == pytest.approx(1)
    assert svcca(a, rotated) == pytest.approx(1)


def test_canonical_correlation_of_a_shared_direction():
    """One direction of two is shared exactly, the other is independent."""
    shared, n = random(4000, 1), 4000
    a, b = np.hstack([shared, random(n, 1)]), np.hstack([shared, random(n, 1)])
    assert svcca(a, b) == pytest.approx(0.5, abs=0.03)


def test_cca_of_few_positions_is_refused_with_the_rule():
    with pytest.raises(MeasureError, match="pwcca of 20 dimensions needs 5 times as many positions, 100, and there are 99"):
        pwcca(random(99, 20), random(99, 20))
    with pytest.raises(MeasureError, match="svcca of .* high similarity in noise.*take measure='cka'"):
        svcca(random(60, 30), random(60, 30))


def test_a_record_compares_all_layers(tiny):
    trace = tiny.score(TEXT)
    found = lensdoc.similarity(trace, layers=[0, 2, 5])
    states = [trace.residual_stream[layer, 1:].double().numpy() for layer in (0, 2, 5)]
    for row, a in zip(found.values, states, strict=True):
        assert row == pytest.approx([debiased_cka(a, b) for b in states], abs=2e-4)
    assert [found.values[i][i] for i in range(3)] == [1, 1, 1]
    assert found.facts["positions"] == len(trace.tokens) - 1
    unit = lensdoc.similarity(trace, layers=[0, 2, 5], scale="unit", skip=0)
    lengths = [s / np.linalg.norm(s, axis=1, keepdims=True) for s in (trace.residual_stream[i].double().numpy() for i in (0, 2))]
    assert unit.values[0][1] == pytest.approx(debiased_cka(*lengths), abs=2e-4)


def test_several_texts_count_together(tiny):
    traces = [tiny.score(TEXT), tiny.score(" 1, 2, 3, 4, 5")]
    found = lensdoc.similarity(traces, layers=[0, 1])
    assert found.starts == (0, len(traces[0].tokens))
    assert found.facts["positions"] == sum(len(one.tokens) - 1 for one in traces)


def test_two_models_are_compared_on_the_same_tokens(tiny):
    one, two = (families.family_model(name).score(families.TEXT) for name in ("llama", "gpt2"))
    found = lensdoc.similarity(one, other=two)
    assert (found.other.id, found.columns, len(found.values)) == ("gpt2", (0, 1, 2), 3)
    assert "least_after" not in found.facts
    with pytest.raises(MeasureError, match="lensdoc/tiny and gpt2 read these texts as other tokens"):
        lensdoc.similarity(tiny.score(TEXT), other=two)


def test_what_cannot_be_measured_is_refused(tiny):
    with pytest.raises(MeasureError, match="measure must be 'cka', 'svcca' or 'pwcca', it is 'cca'"):
        lensdoc.similarity(tiny.score(TEXT), measure="cca")
    with pytest.raises(MeasureError, match="at least 4 positions, and there are 2 after the first 1 of each text"):
        lensdoc.similarity(tiny.score(" 1, 2"))


def test_shapes_must_fit():
    record = builders.similarity()
    with pytest.raises(ValueError, match="other and other_layers must both be there, or neither"):
        type(record).model_validate(record.model_dump() | {"other_layers": (0, 1)}, strict=False)
    with pytest.raises(ValueError, match=r"values\[0\] has 1 values, but there are 2 layers to compare with"):
        type(record).model_validate(record.model_dump() | {"values": ((1,), (1,))}, strict=False)


def test_the_figure_says_what_was_left_out():
    figure = html.fromstring(to_html(explorable("similarity").draw(builders.similarity(((1, -0.004), (-0.004, 1))), {})))
    assert [cell.text for cell in figure.findall(".//tbody//td")] == ["100", "0", "0", "100"]
    assert "The first token is left out; states are as long as they are; 4 positions." in figure.text_content()
    assert figure.findall(".//tbody//td")[1].get("data-said") == "−0.004"
