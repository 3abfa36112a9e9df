"""Numbers and tints in the first state of a figure, which Python writes, and in its script: the same text for the same number."""

from __future__ import annotations

import json
import math
import random
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from lensdoc.explorables.numbers import added, digits, exact, fixed, percent, score, share
from lensdoc.explorables.tints import HUES, LEVELS, level

WEB = Path(__file__).parents[1] / "lensdoc" / "explorables" / "web"

SHARES = {
    0: "0%",
    5e-7: "<0.1%",
    0.000999: "<0.1%",
    0.001: "0.1%",
    0.00999: "1.0%",
    0.01: "1%",
    0.125: "13%",
    0.9995: "100%",
    1: "100%",
    12.5: "1250%",
    -0.5: "−50%",
    -1e-9: ">−0.1%",
    1e20: "1e22%",
    math.nan: "–",
    math.inf: "–",
}
SCORES = {
    0: "0.00",
    0.005: "0.01",
    -0.004: "0.00",
    -0.005: "−0.01",
    12.5: "12.50",
    999.995: "1000.00",
    2e6: "2e6",
    -1.5e21: "−1.5e21",
}
EXACT = {
    0: "0",
    3.0: "3",
    5e-7: "5e−7",
    -5e-7: "−5e−7",
    1e-6: "0.000001",
    0.1 + 0.2: "0.30000000000000004",
    1234567.5: "1234567.5",
    1e20: "100000000000000000000",
    1e21: "1e21",
    -1.5e300: "−1.5e300",
    5e-324: "5e−324",
    math.nan: "–",
    math.inf: "–",
}
DIGITS = {
    0: "0",
    1.125: "1.13",
    -1.125: "−1.13",
    0.5: "0.5",
    999.95: "1000",
    99.95: "100",
    0.001: "0.001",
    0.00099999: "0.001",
    0.000999: "9.99e−4",
    5e-7: "5e−7",
    999499: "999000",
    999999: "1e6",
    1234567: "1.23e6",
    1e21: "1e21",
    math.nan: "–",
    math.inf: "–",
}


@pytest.mark.parametrize(
    ("write", "right"),
    [(share, SHARES), (score, SCORES), (exact, EXACT), (digits, DIGITS)],
    ids=["share", "score", "exact", "digits"],
)
def test_numbers_are_written_as_readers_expect(write, right):
    assert {value: write(value) for value in right} == right
    assert write(-0.0) == write(0)


def test_decimals_round_halves_away_from_0():
    assert [fixed(value, 1) for value in (0.25, -0.25, 0.34, -0.04, 2e21)] == [
        "0.3",
        "−0.3",
        "0.3",
        "0.0",
        "2e21",
    ]  # 0.35 is less


def test_fewer_digits_can_be_asked_for():
    assert [digits(value, 2) for value in (0.125, -0.125, 1.2345e-5, 123, 0.5)] == ["0.13", "−0.13", "1.2e−5", "120", "0.5"]


def test_numbers_are_added_in_order_as_the_script_adds_them():
    assert added([1e16, 1.0, -1e16]) == 0
    assert added([0.1] * 10) == 0.9999999999999999
    assert added([]) == 0


def test_a_probability_is_never_rounded_to_0_or_100_percent():
    told = {0: "0%", 1e-6: "<0.01%", 0.0001: "0.01%", 0.1234: "12.3%", 0.99949: "99.9%", 0.9996: ">99.9%", 1: "100%"}
    assert {prob: percent(prob) for prob in told} == told


def numbers():
    """Edge cases, halves of every decimal, and doubles of all sizes."""
    chance = random.Random(17)
    found = [value for table in (SHARES, SCORES, EXACT, DIGITS) for value in table if math.isfinite(value)]
    found += [(2 * k + 1) / 2 * 10.0**power for k in range(60) for power in range(-9, 9)]  # near halves
    found += [k / 2**power for k in range(1, 200, 2) for power in range(1, 12)]  # halves that are exact
    found += [chance.uniform(-1, 1) * 10.0 ** chance.randint(-12, 24) for _ in range(2500)]
    for _ in range(2500):
        (value,) = struct.unpack("<d", chance.randbytes(8))
        found.append(value if math.isfinite(value) else 0.0)
    return found + [-value for value in found]


def test_the_script_writes_every_number_as_python_does():
    node = shutil.which("node")
    if node is None or not (WEB / "node_modules").is_dir():
        pytest.skip("needs Node, which runs the script, and what `make bundle` installs for it")
    values = numbers()
    asked = json.dumps({"numbers": values, "steps": LEVELS, "largest": 2.5})
    command = [node, "--disable-warning=ExperimentalWarning", "test/formats.js"]
    script = json.loads(subprocess.run(command, cwd=WEB, input=asked, capture_output=True, text=True, check=True).stdout)
    python = {
        "share": map(share, values),
        "score": map(score, values),
        "exact": map(exact, values),
        "digits": map(digits, values),
        "fixed0": (fixed(value, 0) for value in values),
        "fixed3": (fixed(value, 3) for value in values),
        "level": (level(min(abs(value), 2.5), 2.5) for value in values),
    }
    assert len(values) > 10_000
    for name, written in python.items():
        both = zip(values, written, script[name], strict=True)
        differ = [(value, ours, theirs) for value, ours, theirs in both if ours != theirs]
        assert not differ, f"{name}: {len(differ)} differ, such as {differ[:5]}"


def test_the_style_sheets_have_every_hue_and_every_step_that_is_named():
    styles = {path.name: path.read_text() for path in (WEB / "src").glob("*.css")}
    hues = re.findall(r'\[data-hue="(\d+)"\] \{ --ld-h:', styles["palette.css"])
    steps = re.findall(r'\[data-level="(\d+)"\] \{ --ld-l: (\d+)', styles["palette.css"])
    assert hues == [str(hue) for hue in range(1, HUES + 1)]
    assert steps == [(str(step), str(step)) for step in range(1, LEVELS)]
    parts = {part for style in styles.values() for part in re.findall(r"var\(--ld-(?:isolated-)?l(?:, 0)?\) / (\d+)", style)}
    assert parts == {str(LEVELS - 1)}
