"""Fitted lenses: the Jacobian against finite differences, a tuned lens against its purpose, files, records and figures."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from random import Random

import builders
import families
import pytest
import torch
from click.testing import CliRunner
from lxml import html

import lensdoc
from lensdoc.cli import lensdoc as command
from lensdoc.core.errors import MeasureError, ModelError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.models.blocks import blocks, state_of
from lensdoc.models.fitted_lens import FittedLens, content_hash, read_lens
from lensdoc.models.lens_jacobian import mean_jacobians
from lensdoc.models.tiny.corpus import MIXTURE

SAMPLE = Path(__file__).parents[1] / "analyses" / "texts" / "lens-sample.txt"
LENSES = Path(__file__).parents[1] / "analyses" / "lenses"


@torch.no_grad()
def last_sums(lm, ids, layer, skip, shift):
    """The sum of the last states from `skip` on, with the states of a layer shifted at one place: (places, width)."""
    rows = torch.eye(len(ids))[skip:, :, None].to(shift) * shift  # one shifted place in each text
    kept = []
    hooks = [
        blocks(lm.model)[layer].register_forward_hook(lambda _, __, output: moved(output, rows)),
        blocks(lm.model)[-1].register_forward_hook(lambda _, __, output: kept.append(state_of(output))),
    ]
    lm.model(ids[None].expand(len(rows), -1), use_cache=False)
    for hook in hooks:
        hook.remove()
    return kept[-1][:, skip:].sum(1)


def moved(output, rows):
    made = state_of(output) + rows
    return (made, *output[1:]) if isinstance(output, tuple) else made


@pytest.mark.parametrize("family", ["gpt2", "bloom", "llama", "gemma2", "phi", "qwen3"])
def test_the_jacobian_is_a_finite_difference(family):
    """In a direction of each of two layers: summed over later places, and the mean over places, first ones left out."""
    lm = families.family_model(family, torch.float64)
    ids, skip = lm.score(families.TEXT).ids, 3
    matrices, offsets = mean_jacobians(lm, [ids], skip)
    assert not offsets.any()
    way = torch.randn(lm.info.width, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for layer in range(lm.info.layers - 1):
        near, far = (last_sums(lm, ids, layer, skip, step * way) for step in (-1e-3, 1e-3))
        expected = ((far - near) / 2e-3).mean(0)
        found = matrices[layer].double() @ way
        assert torch.allclose(found, expected, rtol=1e-2, atol=1e-2 * float(expected.abs().max()))


def test_passages_count_the_same():
    lm = families.family_model("llama")
    first, second = lm.score(families.TEXT).ids, lm.score("w1 w2 w3 w4 w5").ids
    each = [mean_jacobians(lm, [ids], 1)[0] for ids in (first, second)]
    assert torch.allclose(mean_jacobians(lm, [first, second], 1)[0], sum(each) / 2, atol=1e-5)


def lens_of(lm, matrices, offsets, **more):
    info = builders.lens(layers=lm.info.layers).model_copy(update={"hash": content_hash(matrices, offsets)} | more)
    return FittedLens(info, lm.info.id, lm.info.revision, matrices, offsets)


def identity(lm):
    return torch.eye(lm.info.width).repeat(lm.info.layers - 1, 1, 1), torch.zeros(lm.info.layers - 1, lm.info.width)


def test_with_the_identity_it_is_the_logit_lens(tiny):
    trace = tiny.score(" 1, 2, 3, 4", n_input=4)
    lens = lens_of(tiny, *identity(tiny))
    assert lensdoc.rankings(trace, lens=lens).ranks == lensdoc.rankings(trace).ranks
    assert lensdoc.predictions(trace, lens=lens).ids == lensdoc.predictions(trace).ids
    assert lensdoc.watch(trace, [","], lens=lens).ranks == lensdoc.watch(trace, [","]).ranks
    assert lensdoc.rankings(trace).lens is None
    assert lensdoc.rankings(trace, lens=lens).lens == lens.info


def test_states_go_through_matrix_and_offset(tiny):
    """A map to a known state makes every layer but the last say what that state says."""
    trace, other = tiny.score("The keys to the cabinet"), tiny.score(" 1, 2, 3")
    matrices, _offsets = identity(tiny)
    state = other.residual_stream[-1, -1]
    lens = lens_of(tiny, 0 * matrices, state.repeat(tiny.info.layers - 1, 1))
    found = lensdoc.predictions(trace, top_k=1, lens=lens).texts[0]
    said = lensdoc.predictions(other, top_k=1).texts[0][-1]
    assert found[:-1] == (said,) * (tiny.info.layers - 1)
    assert found[-1] == lensdoc.predictions(trace, top_k=1).texts[0][-1] != said


@pytest.fixture(scope="module")
def tuned(tiny):
    return lensdoc.fit_lens(tiny, [SAMPLE.read_text()[:6000]], method="tuned", length=64, skip=4, steps=60)


def test_a_tuned_lens_comes_nearer_to_what_the_model_says_on_passages_that_it_did_not_see(tuned):
    pairs = list(zip(tuned.info.divergences, tuned.info.logit_divergences, strict=True))
    assert all(own < 0.7 * plain for own, plain in pairs[:-1])
    assert pairs[-1] == (0, 0)  # the last layer is the model's own


@pytest.mark.long
def test_the_same_sample_makes_the_same_lens(tiny, tuned):
    again = lensdoc.fit_lens(tiny, [SAMPLE.read_text()[:6000]], method="tuned", length=64, skip=4, steps=60)
    assert again.info == tuned.info
    other = lensdoc.fit_lens(tiny, [SAMPLE.read_text()[:5990]], method="tuned", length=64, skip=4, steps=2)
    assert other.info.sample != tuned.info.sample


def test_the_sample_is_what_the_generators_make():
    """As the page says that it was made."""
    chance = Random(7)
    kinds = chance.choices(list(MIXTURE), list(MIXTURE.values()), k=300)
    assert "\n".join(write(chance) for write in kinds)[:24_000] == SAMPLE.read_text()


@pytest.mark.parametrize("method", ["jacobian", "tuned"])
def test_the_kept_lenses_are_of_this_model_and_sample(tiny, tuned, method):
    lens = read_lens(LENSES / f"{method}.safetensors", tiny)
    assert (lens.info.method, lens.info.skip) == (method, 16)
    other = lensdoc.fit_lens(tiny, [SAMPLE.read_text()], method="tuned", steps=1)
    assert (lens.info.sample, lens.info.tokens) == (other.info.sample, other.info.tokens)
    assert lens.info.sample != tuned.info.sample


def test_a_file_is_read_back_and_damage_is_told(tiny, tuned, tmp_path):
    path = tmp_path / "folder" / "lens.safetensors"
    tuned.save(path)
    found = read_lens(path, tiny)
    assert found.info == tuned.info
    assert torch.equal(found.matrices, tuned.matrices)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ModelError, match="its numbers are not those that were fitted, by their hash"):
        read_lens(path, tiny)
    path.write_bytes(raw[:200])
    with pytest.raises(ModelError, match="this is no lens that can be read"):
        read_lens(path, tiny)
    with pytest.raises(ModelError, match="there is no such file; fit a lens by: lensdoc fit-lens"):
        read_lens(tmp_path / "none.safetensors", tiny)


def test_a_lens_is_used_for_its_own_model_alone(tiny, tuned):
    other = dataclasses.replace(tuned, revision="sha256:" + 64 * "1")
    with pytest.raises(ModelError, match=r"fitted for lensdoc/tiny \(sha256:1111111\), and this is lensdoc/tiny"):
        lensdoc.rankings(tiny.score(" 1, 2", n_input=1), lens=other)
    other = families.family_model("llama").score(families.TEXT, n_input=3)
    with pytest.raises(ModelError, match="the lens was fitted for lensdoc/tiny .* and this is llama"):
        lensdoc.rankings(other, lens=tuned)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "tune"}, "method must be jacobian or tuned, it is 'tune'; did you mean tuned?"),
        ({"skip": -1}, "skip must be an integer from 0, it is -1"),
        ({"length": 10}, "length must be at least skip \\+ 2, which is 18"),
        ({"texts": ["The keys"]}, "the sample has 0 passages of 18 to 128 tokens, and a fit needs 5"),
    ],
)
def test_mistakes_of_a_fit_are_told(tiny, options, message):
    given = {"texts": [" 1, 2, 3"]} | options
    with pytest.raises(ModelError, match=message):
        lensdoc.fit_lens(tiny, given.pop("texts"), **given)


def test_mistakes_of_reading_are_told(tiny, tuned):
    trace = tiny.score(" 1, 2, 3", n_input=3)
    with pytest.raises(MeasureError, match="a fitted lens is read with the final norm"):
        lensdoc.rankings(trace, lens=tuned, final_norm=False)
    with pytest.raises(MeasureError, match="it is an empty list"):
        lensdoc.watch(trace, [","], lens=[])


def test_the_command_writes_a_lens_and_says_how_good_it_is(tmp_path):
    text = tmp_path / "sample.txt"
    text.write_text(SAMPLE.read_text()[:1500])
    path = tmp_path / "lens.safetensors"
    given = ["fit-lens", "lensdoc/tiny", str(text), "--as", str(path), "--method", "tuned", "--length", "64", "--steps", "2"]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 0, done.output
    assert "tuned lens of lensdoc/tiny, fitted on" in done.output
    lines = done.output.splitlines()
    assert lines[1].split() == ["layer", "divergence", "(nats)", "by", "logit", "lens"]
    assert [line.split()[0] for line in lines[2:]] == list("012345")
    assert path.is_file()


def draw(record):
    chosen = explorable(record.KIND)
    return html.fromstring(to_html(chosen.draw(record, read_options(chosen.options, {}))))


def test_watched_tokens_stand_side_by_side_for_each_lens(tiny, tuned):
    record = lensdoc.watch(tiny.score("The keys to the cabinet"), [" are", " is"], lens=[None, tuned])
    assert [text.lens and text.lens.method for text in record.texts] == [None, "tuned"]
    assert record.ranks == lensdoc.watch(tiny.score("The keys to the cabinet"), [" are", " is"]).ranks
    assert record.texts[1].ranks[-1] == record.ranks[-1]
    figure = draw(builders.lenses())
    assert [part.text for part in figure.find_class("ld-other")] == ["By logit lens", "By Jacobian lens"]
    heads = [head.get("data-name") for head in figure.findall(".//thead//th")]
    assert heads == [
        "‘\xa0is’ by logit lens",
        "‘\xa0are’ by logit lens",
        "‘\xa0is’ by Jacobian lens",
        "‘\xa0are’ by Jacobian lens",
    ]
    summary = figure.find_class("ld-summary")[0].text_content()
    assert "After the last layer, by every lens: ‘\xa0are’ rank 1" in summary
    method = explorable("watch").method(builders.lenses())
    assert method.startswith("Logit lens:")
    assert "It was fitted on 5,000 tokens of text and carries what is usual there" in method


def test_single_figures_say_their_lens():
    ranked = builders.rankings([[9, 2], [1, 1], [1, 1]]).model_copy(update={"lens": builders.lens("tuned")})
    assert (
        "with the final norm; 1 is the most probable. By tuned lens." in draw(ranked).find_class("ld-summary")[0].text_content()
    )
    assert explorable("rankings").method(ranked).startswith("Tuned lens: the state after each layer goes through a map")
    likely = builders.predictions([["a"], ["b"], ["c"]], [[0.5], [0.5], [0.5]]).model_copy(update={"lens": builders.lens()})
    assert "by Jacobian lens" in draw(likely).find_class("ld-summary")[0].text_content()


def test_a_lens_has_a_divergence_for_each_layer():
    record = builders.rankings([[9, 2], [1, 1]])
    with pytest.raises(ValueError, match=r"lens\.divergences has 3 values, but there are 2 layers of the model"):
        type(record).model_validate(dict(record) | {"lens": builders.lens()})
