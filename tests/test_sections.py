"""What stands below a heading is one part of a page, which browsers lay out only near the view."""

from __future__ import annotations

import re

import builders
import lxml.html
import pytest
from markdown import Markdown
from states import page_state

from lensdoc.publish.extension import LensdocExtension
from lensdoc.records.writing import write_record

OPENING = "# A\n\n" + "A text.\n\n" * 12
FIGURE = "/// explorable | run/two\n    attrs: {id: fig-two}\nCaption.\n///\n\n"


@pytest.fixture
def render(tmp_path):
    """A page as a tree."""
    write_record(builders.factors([[1, 2], [3, 1]]), tmp_path / "run" / "two.json")

    def render(text):
        found = []
        extensions = ["toc", "pymdownx.superfences", LensdocExtension(page=page_state(data=tmp_path, report=found.append))]
        html = Markdown(extensions=extensions).convert(text)
        assert found == []
        return lxml.html.fromstring(f"<div>{html}</div>")

    return render


def tags(tree):
    return [child.tag for child in tree]


def guess(tree):
    """Figures and paragraphs of the last section, as its style has them."""
    style = tree.xpath("./div[@class='ld-section']")[-1].get("style")
    found = re.fullmatch(r"contain-intrinsic-block-size: auto calc\((\d+) \* max\([^()]*\) \+ ([\d.]+) \* max\([^()]*\)\)", style)
    return int(found[1]), float(found[2])


def test_a_section_is_one_part_and_its_heading_is_none_of_it(render):
    page = render(f"{OPENING}## B\n\nOne.\n\n- Two.\n\n#### C\n\nThree.\n\n### D\n\n### E\n\nFour.\n\n# F\n\nFive.\n")
    assert tags(page)[13:] == ["h2", "div", "h3", "h3", "div", "h1", "p"]
    first, second = page.xpath("./div[@class='ld-section']")
    assert tags(first) == ["p", "ul", "h4", "p"]
    assert second.text_content().strip() == "Four."
    assert not page.xpath("./p/@style | ./h1/@style")


def test_where_a_page_begins_all_is_laid_out(render):
    page = render("# A\n\n## B\n\nOne.\n\n## C\n\n" + "More.\n\n" * 12 + "## D\n\nTwo.\n")
    assert tags(page) == ["h1", "h2", "p", "h2", *["p"] * 12, "h2", "div"]


def test_a_page_without_headings_has_no_sections(render):
    assert set(tags(render("A text.\n\n" * 20))) == {"p"}


@pytest.mark.parametrize(
    ("text", "figures", "paragraphs"),
    [
        ("One.\n", 0, 0.2),
        ("a" * 580 + "\n", 0, 2),
        (f"{FIGURE}One.\n", 1, 0.2),
        ("```\n" + "line\n" * 20 + "```\n", 0, 4),
        ("/// columns\n" + FIGURE.replace("///", "////") + "One.\n///\n", 1, 0),
    ],
)
def test_a_section_says_how_high_it_may_be(render, text, figures, paragraphs):
    assert guess(render(f"{OPENING}## B\n\n{text}")) == (figures, pytest.approx(paragraphs, abs=0.21))
