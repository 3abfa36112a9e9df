"""Which links of a page the Tab key reaches."""

from __future__ import annotations

import builders
import lxml.html
import pytest
from markdown import Markdown
from states import page_state

from lensdoc.publish.extension import LensdocExtension
from lensdoc.records.writing import write_record


@pytest.fixture
def render(tmp_path):
    """A page in a site with two records, as a tree."""

    def render(text):
        for name in ("one", "two"):
            write_record(builders.factors([[1, 2], [3, 1]]), tmp_path / "docs" / "data" / "run" / f"{name}.json")
        context = page_state(tmp_path / "docs" / "data", docs=tmp_path / "docs", path="page.md", freshness={})
        settings = {"toc": {"permalink": True}}
        md = Markdown(extensions=["attr_list", "tables", "toc", LensdocExtension(page=context)], extension_configs=settings)
        return lxml.html.fromstring(f"<div>{md.convert(text)}</div>")

    return render


ONE, TWO = "`{val} run/one.explained[0]`", "`{val} run/two.explained[0]`"
FIGURE = f"/// explorable | run/one\n    attrs: {{id: fig-x}}\nA caption with {ONE} and {TWO}, {TWO}.\n///\n"


def stops(tree, path="//a[@class='ld-value']"):
    return [link.get("tabindex") != "-1" for link in tree.xpath(path)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ONE} and {ONE}, {TWO}.", [True, False, True]),
        (f"{ONE}.\n\n{ONE}.", [True, True]),
        (f"- {ONE}, {ONE}\n- {ONE}", [True, False, True]),
        (f"| a | b |\n|---|---|\n| {ONE} | {ONE} |\n| {TWO} | {ONE} |", [True, False, True, False]),
        (FIGURE, [False, True, False]),
    ],
)
def test_of_values_that_say_the_same_the_first_is_a_stop(render, text, expected):
    assert stops(render(text)) == expected


def test_the_address_of_a_heading_is_no_stop(render):
    assert stops(render("# A\n\n## B\n"), "//a[@class='headerlink']") == [False, False]


def test_of_the_places_that_cite_a_work_the_first_is_a_stop(cite):
    page, problems = cite("As @olah has it.\n\nAnd again [@olah].\n\nAnd [@tufte].\n")
    assert problems == []
    assert stops(page, "//*[@class='ld-places']//a") == [True, False, True]
