"""Steps of a text that put a figure into states, as Markdown makes them, and what is reported of their mistakes."""

from __future__ import annotations

import re

import builders
import pytest
from lxml import html
from markdown import Markdown
from states import page_state

from lensdoc.records.writing import write_record

FIGURE = "/// explorable | run/two\n    attrs: {id: fig-two}\nCaption.\n///\n"
STEPS = f"""//// steps

{FIGURE}
/// step | factor=1
The **first** one.
///

/// step | factor=2,token=1
The second one, see [it](#fig-two:factor=2).

A second paragraph.
///

/// step
Both.
///
////
"""


@pytest.fixture
def render(tmp_path):
    """HTML of a text, and the mistakes that were reported."""
    write_record(builders.factors([[1, 2, 0], [0, 3, 1]]), tmp_path / "run" / "two.json")
    write_record(builders.factors([[1, 2, 0], [0, 0, 0]]), tmp_path / "run" / "silent.json")
    write_record(builders.rankings([[50, 7], [1, 2]], ["The", " <b>", " c"]), tmp_path / "run" / "rankings.json")

    def render(text):
        found = []
        context = page_state(data=tmp_path, report=found.append)
        md = Markdown(extensions=["attr_list", "lensdoc"], extension_configs={"lensdoc": {"page": context}})
        return md.convert(text), found

    return render


def test_the_figure_stands_first_and_each_step_has_its_state(render):
    written, found = render(STEPS)
    assert found == []
    [steps] = html.fragment_fromstring(written, create_parent=True).findall("lens-steps")
    assert [child.tag for child in steps] == ["figure", "div"]
    stages = list(steps[1])
    assert [stage.get("data-shows") for stage in stages] == ["factor=1", "factor=2,token=1", ""]
    assert [[p.text_content() for p in stage] for stage in stages] == [
        ["The first one."],
        ["The second one, see it.", "A second paragraph."],
        ["Both."],
    ]
    assert "data-ld-" not in written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (STEPS.replace("factor=1\n", "factor=7\n"), "page:8: the figure 'run/two' has no factor '7'; valid: 1, 2"),
        (
            STEPS.replace("factor=1\n", "fcator=1\n"),
            "page:8: the figure 'run/two' of kind 'factors' has no state 'fcator'; did you mean factor?",
        ),
        (STEPS.replace("factor=1\n", "first\n"), "page:8: a state is written layer=5,head=3, not 'first'"),
        (
            STEPS.replace("factor=1\n", "factor=1,factor=2\n"),
            "page:8: the state 'factor=1,factor=2' gives a name twice; give each once",
        ),
        (
            STEPS.replace("run/two", "run/silent", 1),
            "page:12: the figure 'run/silent' shows nothing at factor=2,token=1: the factor is active on no token",
        ),
        (
            STEPS.replace("run/two", "run/rankings", 1).replace("factor=1\n", "layer=1\n"),
            "page:8: the figure 'run/rankings' needs token too, for example layer=1,token=1",
        ),
        ("//// steps\n/// step\nAlone.\n///\n////\n", "page:1: steps are those of one figure"),
        (f"//// steps\n\n{FIGURE}\nText.\n////\n", "page:1: steps are those of one figure: .*, not 1 explorables and 0 steps"),
        ("/// step | factor=1\nAlone.\n///\n", "page:1: a step stands in a block `//// steps`"),
    ],
)
def test_a_step_that_shows_nothing_is_reported_on_its_line(render, text, message):
    written, found = render(text)
    assert found
    assert re.match(message, found[0]), found
    assert "data-ld-" not in written
