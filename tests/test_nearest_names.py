"""What messages say of an unknown name, and what that costs where there are many."""

from __future__ import annotations

import time

import pytest

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
