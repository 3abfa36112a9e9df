"""What messages say of an unknown name, and what that costs where there are many."""

from __future__ import annotations

import time

import pytest
from huggingface_hub import constants

import lensdoc
from lensdoc.core.errors import ModelError
from lensdoc.core.meant import cached_models, meant
from lensdoc.core.names import near, nearest

MANY = [f"record-{number:05}" for number in range(10_000)]


@pytest.mark.parametrize(
    ("name", "valid", "said"),
    [
        ("factor", ["sequence", "factors"], "did you mean factors? (valid: factors, sequence)"),
        ("x", ["sequence", "factors"], "valid: factors, sequence"),
        ("x", [], "there are none yet"),
        ("x", map(str, range(30)), f"valid: {', '.join(sorted(map(str, range(30)))[:20])}, ..."),
    ],
)
def test_an_unknown_name_is_answered_by_the_nearest(name, valid, said):
    assert nearest(name, valid) == said


@pytest.mark.parametrize("name", ["recrd-04711", "recorb-04711", "ecord-04711", "record-04711s", "Record-04711"])
def test_of_many_names_the_nearest_is_found_wherever_the_slip_is(name):
    assert "record-04711" in near(name, MANY, most=3)


def test_many_unknown_names_do_not_cost_the_more_the_more_names_there_are():
    def cost(names):
        begin = time.process_time()
        for number in range(50):
            assert "did you mean" in nearest(f"recor-{number * 200:05}", names)
        return time.process_time() - begin

    assert min(cost(MANY) for _ in range(3)) < 3 * min(cost(MANY[::20]) for _ in range(3))


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        ("tiny", "did you mean lensdoc/tiny? "),
        ("lensdoc-tiny", "did you mean lensdoc/tiny"),
        ("smolm2", "did you mean smollm2? "),
        ("distilbert/distilgpt22", "did you mean distilbert/distilgpt2? "),
        ("distilgpt2", "did you mean distilbert/distilgpt2? "),
        ("org/model", ""),
    ],
)
def test_a_model_that_is_not_here_is_told_with_those_that_have_a_name_like_it(tmp_path, name, likely):
    (tmp_path / "models--distilbert--distilgpt2").mkdir()
    assert meant(name, ["smollm2", *cached_models(tmp_path)]).startswith(likely)
    assert bool(likely) == bool(meant(name, ["smollm2", *cached_models(tmp_path)]))


def test_where_the_hub_is_out_of_reach_names_of_runs_and_bundled_ones_are_offered(tmp_path, monkeypatch):
    (tmp_path / "mkdocs.yml").write_text("site_name: x\n")
    (tmp_path / "analyses").mkdir()
    (tmp_path / "analyses" / "runs.yml").write_text("models: {smollm2: {source: org/smollm2}}\nruns: {}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    for name, likely in {"smolm2": "smollm2", "tiny": "lensdoc/tiny"}.items():
        with pytest.raises(ModelError, match=rf"\(HF_HUB_OFFLINE is set\); did you mean {likely}\? fetch it once where"):
            lensdoc.load_model(name)
