"""What a hover costs in each figure of this repository's pages, and what a page of a hundred figures costs to load.

Times are those of the main thread itself; others that run at the same time make them longer, so of several the least counts.
"""

from __future__ import annotations

import re

import pytest
from chromium import build, made, serve
from hovering import DEAF, hovered, pressed, session_of, unheard, work
from large_site import LargeSite, Size

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.long]

PAGES = {"article": "", "Paris": "paris/", "architectures": "architectures/", "gallery": "gallery/"}
MOST, MOST_MANY = 8, 16
"""Milliseconds of a hover, and of one over more factors than ten."""
MANY = 10
ROUNDS = 3
MOST_LOAD = 1200
"""Milliseconds that a page of a hundred explorables loads in."""

FIGURES = """[...document.querySelectorAll("figure.ld[id]")].map(
  (figure) => {
    const {localName} = figure.querySelector("[data-search-exclude]:not(div, details)") ?? figure;
    return [figure.id, localName.replace("lens-", ""), figure.querySelectorAll(".ld-sparklines .ld-row").length];
  }
)"""


@pytest.fixture
def figures(browser, own_site):
    """Opens a page as readers have it once its figures are made: page, session, and figures with kind and what they may cost."""
    contexts = []

    def visit(name):
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        contexts[-1].add_init_script(DEAF)
        page = contexts[-1].new_page()
        session = session_of(page)
        page.goto(own_site + PAGES[name])
        made(page)
        return page, session, [(one, kind, MOST_MANY if lines > MANY else MOST) for one, kind, lines in page.evaluate(FIGURES)]

    yield visit
    for context in contexts:
        context.close()


def least(measure, most):
    """The least of what some rounds found of each sort; a round asks only for those that cost too much until then."""
    found = measure(None)
    for _ in range(ROUNDS - 1):
        dear = [sort for sort, cost in found.items() if cost > most]
        if not dear:
            break
        for sort, cost in measure(dear).items():
            found[sort] = min(cost, found.get(sort, cost))
    return found


def judge(costs, figure, title):
    """All are shown in a list, worst last, those that cost too much beside what is the browser's own; none is above its most."""
    told = [
        (cost / most, cost, most, floor.get(sort), f"{one} {sort} ({kind})")
        for one, kind, most, found, floor in costs
        for sort, cost in found.items()
    ]
    print(f"{title}: milliseconds, at most, the browser's own; figure")
    for _, cost, most, floor, where in sorted(told, key=lambda entry: entry[0]):
        print(f"{cost:5.1f} {most:3} {'' if floor is None else f'{floor:.1f}':>4}  {where}")
    for limit in sorted({most for _, _, most, _, _ in told}):
        worst, where = max((cost, where) for _, cost, most, _, where in told if most == limit)
        figure(f"{title}: {worst:.1f} ms at most, in {where} (at most {limit})")
    assert [f"{where}: {cost:.1f} ms" for share, cost, _, _, where in told if share > 1] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_hover_is_cheap_in_every_figure(figures, figure, name):
    page, session, all_ = figures(name)
    costs = []
    for one, kind, most in all_:
        found = least(lambda sorts, one=one: hovered(page, session, one, sorts), most)
        dear = [sort for sort, cost in found.items() if cost > most]
        costs.append((one, kind, most, found, unheard(page, session, one, dear) if dear else {}))
    judge(costs, figure, f"hover, {name}")


def test_an_arrow_key_is_as_cheap_as_a_hover(figures, figure):
    page, session, all_ = figures("article")
    page.keyboard.press("Tab")  # the reader uses keys
    costs = [(one, kind, most, least(lambda _, one=one: pressed(page, session, one), most), {}) for one, kind, most in all_]
    judge(costs, figure, "arrow key, article")


def test_a_hundred_explorables_load_quickly(browser, tmp_path, figure):
    folder = LargeSite(tmp_path / "large", Size(pages=25, citations=0, explorables=100, entries=1)).write()
    pages = sorted((folder / "docs").glob("*.md"))
    blocks = [
        block for path in pages for block in re.findall(r"^/// explorable.*?^///$", path.read_text(), re.DOTALL | re.MULTILINE)
    ]
    for path in pages:
        path.unlink()
    (folder / "docs" / "index.md").write_text("\n\n".join(["# A hundred", *blocks]))
    with serve(tmp_path / "served") as address:
        build(folder, tmp_path / "served" / "project", strict=False)
        found = []
        for _ in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            session = session_of(page)
            page.goto(f"{address}project/")
            page.wait_for_timeout(1500)
            found.append(work(session))
            elements = page.evaluate("document.querySelectorAll('*').length")
            assert page.locator("figure.ld").count() == 100
            context.close()
    figure(f"100 explorables: loaded in {min(found):.0f} ms of tasks (at most {MOST_LOAD}), {elements} elements")
    assert min(found) <= MOST_LOAD
