"""Each mistake of a page is named with file, line and cure, and fails a strict build."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import forked
import pytest

ROOT = Path(__file__).parents[1]
PAGE = """# Page

/// explorable | run/factors
    attrs: {id: fig-a}
    styl: minimal
One.
///

/// explorable | run/none-such
    attrs: {id: fig-b}
Two.
///

[dead](#fig-zz) and @fig-zzz

and [other](other.md#no-where).

![](x.svg)
/// figure-caption
    attrs: {id: fig-c}
Three.
///

/// explorable | run/factors
    attrs: {id: fig-d}
///

## One {#sec-x}

## Two {#sec-x}

`{val} run/factors.facts.factor` and

[@toklens2020]
"""
MISTAKES = {
    "unknown option": "index.md:3: unknown option 'styl'; did you mean style?",
    "missing data": "index.md:9: no record 'run/none-such' (",
    "dead anchor": "index.md:14: a link '#fig-zz', but there is no such anchor on this page. did you mean fig-",
    "dead reference": "index.md:14: no figure 'fig-zzz'; did you mean fig-",
    "dead anchor of a page": "index.md:16: a link 'other.md#no-where', but the doc 'other.md' does not contain an anchor",
    "no alt": "index.md:18: the image 'x.svg' of Figure 3 has no text for those who cannot see it; write ![what it shows](x.svg)",
    "no caption": "index.md:24: Figure 4 has no caption; write one line that says what it shows",
    "duplicate id": "index.md:30: duplicate id 'sec-x'; first on line 28",
    "unknown value": "index.md:32: run/factors.facts.factor: unknown field 'factor'; did you mean factors",
    "unknown work": "index.md:34: no work 'toklens2020' in the bibliography; did you mean loglens2020?",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What a strict build of the page says, and how it ends."""
    folder = tmp_path_factory.mktemp("mistakes")
    shutil.copytree(ROOT / "tests" / "golden" / "site" / "references" / "docs" / "data", folder / "docs" / "data")
    config = re.sub(r"(?m)^nav:\n( .*\n)+", "", (ROOT / "mkdocs.yml").read_text())
    config = config.replace("docs/references.bib", "docs/works.bib")
    (folder / "mkdocs.yml").write_text(config)
    for name, text in {
        "works.bib": "@misc{loglens2020, author={B, C}, title={A}, year=2020}\n",
        "x.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "index.md": PAGE,
        "other.md": "# Other\n\n## Here {#nowhere}\n\nAs in [@loglens2020].\n",
    }.items():
        (folder / "docs" / name).write_text(text)
    command = [sys.executable, "-c", forked.MKDOCS, "build", "--strict", "--site-dir", str(folder / "site")]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return forked.run(command, cwd=folder, env=environment)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_is_named_with_its_line_and_its_cure(said, mistake):
    assert f"WARNING -  {MISTAKES[mistake]}" in said.stderr


def test_anchors_that_only_references_link_back_to_are_no_cure(said):
    cure = next(line for line in said.stderr.splitlines() if "other.md#no-where" in line)
    assert cure.endswith("(valid: nowhere, other, ref-loglens2020, references)")


def test_the_strict_build_fails_for_these_and_nothing_else(said):
    assert said.returncode == 1
    warnings = [line for line in said.stderr.splitlines() if line.startswith("WARNING")]
    assert [line for line in warnings if not any(mistake in line for mistake in MISTAKES.values())] == []
    assert len(warnings) == len(MISTAKES)
