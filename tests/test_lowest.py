"""The lower bounds of pyproject.toml are those that `make test-lowest` installs."""

from __future__ import annotations

import tomllib

import lowest
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = tomllib.loads((lowest.ROOT / "pyproject.toml").read_text())["project"]
NAMED = [*PROJECT["dependencies"], *(text for extra in lowest.EXTRAS for text in PROJECT["optional-dependencies"][extra])]
LOCKED = dict(line.split("==") for line in lowest.LOCK.read_text().splitlines() if "==" in line)


@pytest.mark.parametrize("text", NAMED)
def test_each_lower_bound_is_the_version_that_is_tested(text):
    requirement = Requirement(text)
    name = canonicalize_name(requirement.name)
    (bound,) = [spec.version for spec in requirement.specifier if spec.operator == ">="]
    if name == "torch":
        assert name not in LOCKED  # lent by the environment that runs the tests
    else:
        found = Version(LOCKED[name])
        shown = Version(bound).release
        assert found.release[: len(shown)] == shown, f"{name}: {bound} in pyproject.toml, {found} in tests/lowest.txt: make lock"


def test_every_extra_is_tested_and_every_file_of_the_part_exists():
    assert set(PROJECT["optional-dependencies"]) - {"all"} == set(lowest.EXTRAS)
    assert [name for name in lowest.PART if not (lowest.ROOT / "tests" / f"test_{name.split('.')[0]}.py").is_file()] == []


def test_make_test_full_runs_them():
    makefile = (lowest.ROOT / "Makefile").read_text()
    (line,) = [line for line in makefile.splitlines() if line.startswith("test-full: real-model")]
    assert "test-lowest" in line.split()
    assert "$(BIN)/python tests/lowest.py lock\n" in makefile
