"""Several records in one figure: what a block may name, what is refused in which words, and the scale that figures share."""

from __future__ import annotations

from textwrap import dedent

import builders
import markdown
import pytest
from chromium import KINDS
from lxml import html as lxml_html
from states import page_state

from lensdoc.explorables.elements import to_html
from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.explorables.options import read_options
from lensdoc.publish.extension import LensdocExtension
from lensdoc.publish.state.freshness import Freshness
from lensdoc.records.record import Provenance
from lensdoc.records.writing import write_record

ONE_SCALE = {"attention", "decoding", "mask", "patching", "predictions", "sequence", "similarity"}
"""Kinds whose scale is the same for all records: probabilities, shares, correlations."""
NO_SCALE = {"graph", "image", "live", "table"}
"""Kinds that have none, or one in each of their parts."""
SEEDS = [1, 2, 10]


@pytest.fixture
def render(tmp_path):
    """Renders a page of a project with a matrix; returns its HTML and the mistakes that were reported."""
    for seed in SEEDS:
        made = Provenance(dtype="float32", parameters={"seed": seed, "model": "tiny"})
        record = builders.sequence().model_copy(update={"provenance": made})
        write_record(record, tmp_path / f"eu/seed-{seed}" / "sequence.json")
        write_record(record, tmp_path / f"named/{seed}-tiny" / "sequence.json")
    write_record(builders.factors([[1, 2]], [" a", " b"]), tmp_path / "run" / "factors.json")

    def run(text, **state):
        problems = []
        context = page_state(tmp_path, path="page.md", report=problems.append, **state)
        return markdown.markdown(dedent(text), extensions=["attr_list", LensdocExtension(page=context)]), problems

    return run


def block(argument, *options):
    return "\n".join(
        [f"/// explorable | {argument}", *(f"    {option}" for option in ("attrs: {id: fig-x}", *options)), "A.\n///"]
    )


def choices(html):
    tree = lxml_html.fromstring(html)
    return [(link.get("data-value"), link.text_content(), link.get("href")) for link in tree.xpath("//lens-choice//a")]


def test_an_axis_stands_for_its_runs_numbers_in_their_order(render):
    html, problems = render(block("eu/{seed}/sequence", "show: choice"))
    assert problems == []
    assert choices(html) == [(str(seed), str(seed), f"choices/index/fig-x/{seed}.html") for seed in SEEDS]
    assert html.count("<template data-choice=") == 3


def test_an_axis_is_found_where_names_show_its_values_alone(render):
    html, problems = render(block("named/{seed}-tiny/sequence", "show: choice"))
    assert problems == []
    assert [value for value, *_ in choices(html)] == ["1", "2", "10"]


def test_runs_of_a_matrix_without_a_record_are_named_with_the_line_and_the_others_are_shown(render):
    freshness = {f"eu/seed-{seed}/sequence": Freshness("fresh") for seed in (1, 3, 4, 10)}
    freshness["eu/seed-2/sequence"] = Freshness("stale", gone=True)
    html, problems = render(block("eu/{seed}/sequence", "show: choice"), freshness=freshness)
    assert [value for value, *_ in choices(html)] == ["1", "10"]
    gone, *missing = problems
    assert gone.startswith("page.md:1: 'eu/seed-2/sequence' was made by a run that analyses/runs.yml no longer has")
    assert missing == [
        f"page.md:1: no record 'eu/seed-{seed}/sequence': the run 'eu/seed-{seed}' has not made it yet; "
        f"execute it: lensdoc run eu/seed-{seed}"
        for seed in (3, 4)
    ]


def test_a_matrix_of_which_no_run_was_executed_leaves_a_figure_that_says_so(render):
    freshness = {f"other/seed-{seed}/sequence": Freshness("stale") for seed in (1, 2)}
    html, problems = render(block("other/{seed}/sequence", "show: beside"), freshness=freshness)
    assert "The figure other/{seed}/sequence could not be drawn." in html
    assert len(problems) == 3
    assert problems[-1] == "page.md:1: none of the records other/seed-1/sequence, other/seed-2/sequence is there"


def test_a_list_is_named_by_what_differs_or_by_its_author(render):
    names = "eu/seed-1/sequence, eu/seed-10/sequence"
    assert [choice[:2] for choice in choices(render(block(names, "show: choice"))[0])] == [("1", "seed-1"), ("2", "seed-10")]
    html, problems = render(block(names, "show: choice", "names: [One, '<i>']"))
    assert problems == []
    assert [label for _, label, _ in choices(html)] == ["One", "<i>"]
    assert "<i>" not in html


MISTAKES = {
    "no way to show them": (
        block("eu/{seed}/sequence"),
        "page.md:1: 'eu/{seed}/sequence' names several records, and the option 'show' is missing; valid: beside, choice",
    ),
    "unknown way": (
        block("eu/{seed}/sequence", "show: besides"),
        "the option 'show' is 'besides', which it cannot be; did you mean beside",
    ),
    "unknown matrix": (
        block("ue/{seed}/sequence", "show: choice"),
        "no run of a matrix fits 'ue/{seed}/sequence'; did you mean eu/{seed}/",
    ),
    "unknown axis": (
        block("eu/{sead}/sequence", "show: choice"),
        "page.md:1: the runs of 'eu/{sead}/sequence' have no parameter 'sead'; did you mean seed",
    ),
    "axis of other runs": (
        block("named/{other}/sequence", "show: choice"),
        "the runs of 'named/{other}/sequence' have no parameter 'other'; valid: model, seed",
    ),
    "two axes": (block("eu/{seed}/{name}", "show: choice"), "one axis of a matrix stands in braces"),
    "different kinds": (
        block("eu/seed-1/sequence, run/factors", "show: beside"),
        "records of one kind: eu/seed-1/sequence is of kind 'sequence', run/factors of kind 'factors'",
    ),
    "unknown record": (block("eu/seed-1/sequence, eu/seed-3/sequence", "show: beside"), "no record 'eu/seed-3/sequence'"),
    "named twice": (block("run/factors, run/factors", "show: beside"), "names 'run/factors' twice"),
    "comma at the end": (block("run/factors,", "show: beside"), "lacks a name beside a comma"),
    "one record": (block("run/factors", "show: choice"), "the option 'show' is for several records"),
    "too few names": (
        block("eu/{seed}/sequence", "show: choice", "names: [a]"),
        "option 'names' must be a list of 3 different names",
    ),
    "option of no kind": (block("eu/{seed}/sequence", "show: choice", "heigth: 3"), "unknown option 'heigth'"),
    "no id": ("/// explorable | eu/{seed}/sequence\n    show: choice\nA.\n///", "page.md:2: a figure with a choice needs an id"),
    "unknown value": (
        block("eu/{seed}/sequence", "show: choice") + "\n\n[3](#fig-x:seed=3)",
        "page.md:7: the figure 'fig-x' has no seed '3'; valid: 1, 2, 10",
    ),
    "unknown state": (
        block("eu/{seed}/sequence", "show: choice") + "\n\n[3](#fig-x:sead=1)",
        "the figure 'fig-x' of kind 'sequence' has no state 'sead'; did you mean seed",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_reported_once_with_its_line(render, name):
    text, message = MISTAKES[name]
    _, problems = render(text)
    assert len(problems) == 1, problems
    assert problems[0].startswith("page.md:")
    assert message in problems[0]


def test_figures_side_by_side_have_ids_of_their_own_and_one_number(render):
    html, problems = render(block("eu/seed-1/sequence, eu/seed-2/sequence", "show: beside") + "\n\nSee @fig-x.")
    assert problems == []
    tree = lxml_html.fromstring(f"<div>{html}</div>")
    assert [figure.get("id") for figure in tree.iter("figure")] == ["fig-x", "fig-x-1", "fig-x-2"]
    assert html.count("Figure 1.") == 1


@pytest.mark.parametrize("kind", sorted(EXPLORABLES))
def test_every_kind_that_has_a_scale_of_its_own_can_be_drawn_to_another(kind):
    record = next(record for record, _ in KINDS.values() if kind == record.KIND)
    explores = explorable(kind)
    assert (explores.span is None) == (kind in ONE_SCALE | NO_SCALE)
    if explores.span is None:
        return
    options = read_options(explores.options, {})
    span = explores.span(record, options)
    wider = tuple(2 * abs(size) + 1 for size in span)
    alone, own, other = (to_html(explores.draw(record, options | more)) for more in ({}, {"span": span}, {"span": wider}))
    assert other != own
    assert len(alone) > 100


def test_the_scale_of_a_chart_reaches_as_far_as_the_farthest():
    one, two = (builders.exchange().model_copy(update={"curve": curve}) for curve in ((2.0, 3.0, 5.0), (-4.0, 0.0, 1.0)))
    found = explorable("exchange").span
    low, high = map(max, zip(found(one, {}), found(two, {}), strict=True))
    assert -low <= -4.0
    assert high >= 5.0
