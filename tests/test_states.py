"""States of figures, as links write them: what is read, and what is refused because nothing would be shown."""

from __future__ import annotations

import builders
import pytest

from lensdoc.core.errors import PublishError
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.explorables.states import check_state, read_state

TEXTS = [" The", " keys", ",", " are"]
SALIENCY = builders.saliency([[0.5, 0.5], [0.0, 0.0, 0.0]], TEXTS)
RANKS = builders.rankings([[900, 31], [12, 2]], ["The", " <b>", " c"])
WATCH_TWO = builders.watch([[300, 40], [9, 12], [2, 1]], beside=[(("A", " key"), [[9000, 40], [3, 12], [1, 2]])])
FACTORS = builders.factors([[1, 2, 0, 3], [0, 0, 0, 0]], TEXTS, 4).model_copy(update={"skip": 1, "left_out": (0,)})


def check(record, written, **given):
    return check_state("fig-x", record, read_options(explorable(record.KIND).options, given), written)


@pytest.mark.parametrize(
    ("record", "written", "state"),
    [
        (RANKS, "token=2,layer=1", {"token": 2, "layer": 1}),
        (WATCH_TWO, "text=2,layer=0,word=1", {"text": 2, "layer": 0, "word": 1}),
        (FACTORS, "factor=1,token=3", {"factor": 1, "token": 3}),
        (FACTORS, "token=3", {"token": 3}),
        (SALIENCY, "token=2", {"token": 2}),
        (builders.sequence(), "token=0", {"token": 0}),
    ],
)
def test_a_state_is_a_mapping_of_names_to_numbers(record, written, state):
    assert check(record, written) == state


@pytest.mark.parametrize(
    ("record", "written", "message"),
    [
        (RANKS, "layer=1", "needs token too, for example layer=1,token=1"),
        (WATCH_TWO, "layer=1,word=1", "needs text too, for example text=1,layer=1,word=1"),
        (RANKS, "layer=1,tokn=2", "of kind 'rankings' has no state 'tokn'; did you mean token?"),
        (RANKS, "layer=1,token=-1", "has no token '-1'; valid: 1, 2"),
        (FACTORS, "token=0", "has no token '0'; valid: 1, 2, 3"),
        (FACTORS, "factor=2", "shows nothing at factor=2: the factor is active on no token"),
        (SALIENCY, "token=3", "shows nothing at token=3: all scores are 0"),
        (
            builders.factor_saliency([[0, 4, 2, 0, 1], [1, 0, 0, 5, 0]], [*TEXTS, " a"], 4),
            "factor=2,token=99",
            "has no token '99'",
        ),
    ],
)
def test_a_state_that_shows_nothing_is_refused(record, written, message):
    with pytest.raises(PublishError, match="the figure 'fig-x' ") as refused:
        check(record, written)
    assert message in str(refused.value)


@pytest.mark.parametrize("written", ["", "factor", "factor=", "=1", "factor=1,", "factor=1,,token=2", "factor=1=2", "1=1"])
def test_what_is_no_state_is_told_how_one_is_written(written):
    with pytest.raises(PublishError, match="a state is written layer=5,head=3, not "):
        read_state(written)


def test_beside_gaps_the_nearest_values_are_told():
    record = RANKS.model_copy(update={"layers": (0, 2, 5, 9)})
    with pytest.raises(PublishError, match=r"has no layer '3'; valid: 0 to 9; nearest: 2 and 5$"):
        check(record, "layer=3,token=1")


def test_a_part_that_is_one_of_the_others_is_not_shown():
    record = builders.logit_attribution()
    shown = [part for part in range(1, len(record.parts) + 1) if "others" not in str(_refusal(record, f"part={part}", rows=2))]
    assert len(shown) == 2
    assert check(record, f"part={len(record.parts)}") == {"part": len(record.parts)}


def _refusal(record, written, **given):
    try:
        check(record, written, **given)
    except PublishError as error:
        return error
    return None


def test_a_drawing_of_the_decomposition_has_no_states():
    with pytest.raises(PublishError, match="shows nothing at factor=1: a drawing of the decomposition has no states"):
        check(FACTORS, "factor=1", style="decomposition")
