"""Edited books, editions, series and online sources, as the manuals of the four styles write them."""

from __future__ import annotations

import re

import pytest
from citing import STYLES, entries

from lensdoc.publish.citations.styles import FOLDER

BIB = r"""
@incollection{myer, author={Myer, R. L.}, editor={Harper, P. G. and Wherret, B. S.}, title={Parametric oscillators},
  booktitle={Nonlinear optics}, edition={Second}, volume=4, address={San Francisco}, publisher={Academic}, year=1977,
  pages={47--160}}
@inproceedings{bedenel, author={Bedenel, Anne-Lise and Jourdan, Laetitia}, editor={Battiti, Roberto}, title={Estimation},
  booktitle={Learning and optimization}, series={Lecture notes in computer science}, volume=11353, pages={225--240},
  publisher={Springer}, year=2019}
@book{handbook, editor={Abramowitz, M. and Stegun, I. A.}, title={Handbook of functions}, series={Applied Mathematics Series},
  number=55, publisher={NBS}, address={Washington, DC}, year=1964}
@book{hastie, author={Hastie, Trevor}, title={The elements}, edition={2nd}, publisher={Springer}, year=2009}
@book{revised, author={Doe, Jane}, title={A book}, edition={Revised edition}, volume=3, publisher={Press}, year=2001}
@misc{page, author={Doe, Jane}, title={A page}, url={https://example.org/a}, urldate={2024-05-03}, year=2020}
"""
KEYS = ("myer", "bedenel", "handbook", "hastie", "revised", "page")
REFERENCES = {
    "ieee": (
        (
            "[1] R. L. Myer, “Parametric oscillators,” in Nonlinear optics, vol. 4, 2nd ed., P. G. Harper and "
            "B. S. Wherret, Eds. San Francisco: Academic, 1977, pp. 47–160."
        ),
        (
            "[2] A.-L. Bedenel and L. Jourdan, “Estimation,” in Learning and Optimization, in Lecture Notes in Computer Science, "
            "vol. 11353, R. Battiti, Ed., Springer, 2019, pp. 225–240."
        ),
        (
            "[3] M. Abramowitz and I. A. Stegun, Eds., Handbook of functions (Applied Mathematics Series, no. 55). "
            "Washington, DC: NBS, 1964."
        ),
        "[4] T. Hastie, The elements, 2nd ed. Springer, 2009.",
        "[5] J. Doe, A book, vol. 3, Rev. ed. Press, 2001.",
        "[6] J. Doe, “A page,” 2020. Accessed: May 3, 2024. [Online]. Available: https://example.org/a",
    ),
    "author-date": (
        (
            "Myer, R. L. 1977. “Parametric oscillators.” In Nonlinear optics, 2nd ed., vol. 4, edited by P. G. Harper and "
            "B. S. Wherret, 47–160. San Francisco: Academic."
        ),
        (
            "Bedenel, Anne-Lise, and Laetitia Jourdan. 2019. “Estimation.” In Learning and Optimization, "
            "edited by Roberto Battiti, 225–240. Lecture Notes in Computer Science 11353. Springer."
        ),
        "Abramowitz, M., and I. A. Stegun, eds. 1964. Handbook of functions. Applied Mathematics Series 55. Washington, DC: NBS.",
        "Hastie, Trevor. 2009. The elements. 2nd ed. Springer.",
        "Doe, Jane. 2001. A book. Rev. ed. Vol. 3. Press.",
        "Doe, Jane. 2020. “A page.” Accessed May 3, 2024. https://example.org/a.",
    ),
    "apa": (
        (
            "Myer, R. L. (1977). Parametric oscillators. In P. G. Harper & B. S. Wherret (Eds.), Nonlinear optics "
            "(2nd ed., Vol. 4, pp. 47–160). Academic."
        ),
        (
            "Bedenel, A.-L., & Jourdan, L. (2019). Estimation. In R. Battiti (Ed.), Lecture Notes in Computer Science: "
            "Vol. 11353. Learning and Optimization (pp. 225–240). Springer."
        ),
        "Abramowitz, M., & Stegun, I. A. (Eds.). (1964). Applied Mathematics Series: Vol. 55. Handbook of functions. NBS.",
        "Hastie, T. (2009). The elements (2nd ed.). Springer.",
        "Doe, J. (2001). A book (Rev. ed., Vol. 3). Press.",
        "Doe, J. (2020). A page. Retrieved May 3, 2024, from https://example.org/a",
    ),
    "nature": (
        (
            "1. Myer, R. L. Parametric oscillators. in Nonlinear optics 2nd edn Vol. 4 (eds Harper, P. G. & "
            "Wherret, B. S.) 47–160 (Academic, San Francisco, 1977)."
        ),
        (
            "2. Bedenel, A.-L. & Jourdan, L. Estimation. in Learning and Optimization, Lecture Notes in Computer Science "
            "Vol. 11353 (ed. Battiti, R.) 225–240 (Springer, 2019)."
        ),
        (
            "3. Abramowitz, M. & Stegun, I. A. (eds) Handbook of functions, Applied Mathematics Series Vol. 55 "
            "(NBS, Washington, DC, 1964)."
        ),
        "4. Hastie, T. The elements 2nd edn (Springer, 2009).",
        "5. Doe, J. A book Rev. edn Vol. 3 (Press, 2001).",
        "6. Doe, J. A page. https://example.org/a (2020).",
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_editors_editions_series_and_days_of_access_are_written(cite, style):
    page, problems = cite(f"[@{'; @'.join(KEYS)}]", style, BIB)
    assert problems == []
    found = entries(page)
    assert [found[f"ref-{key}"] for key in KEYS] == list(REFERENCES[style])


def test_who_edited_a_book_is_sorted_among_authors(cite):
    page, _ = cite(f"[@{'; @'.join(KEYS)}]", "apa", BIB)
    assert next(iter(entries(page))) == "ref-handbook"


def test_a_page_without_a_year_says_when_it_was_read(cite):
    bib = "@online{a, author={Roe, J.}, title={T}, url={https://example.org/b}, urldate={2024-05-03}}"
    assert entries(cite("[@a]", "nature", bib)[0])["ref-a"] == "1. Roe, J. T. https://example.org/b (accessed 3 May 2024)."


@pytest.mark.parametrize("month", ["{4}", "{04}", "apr", "{April}", "4"])
def test_a_month_is_a_name_or_a_number(cite, month):
    page, _ = cite("[@a]", bib=f"@article{{a, author={{Mo, A.}}, title={{T}}, journal={{J}}, month={month}, year=2000}}")
    assert entries(page)["ref-a"] == "[1] A. Mo, “T,” J, Apr. 2000."


@pytest.mark.parametrize("month", ["{13}", "{0}", "{spring}", "{²}"])
def test_what_is_no_month_is_left_out(cite, month):
    page, _ = cite("[@a]", bib=f"@article{{a, author={{Mo, A.}}, title={{T}}, journal={{J}}, month={month}, year=2000}}")
    assert entries(page)["ref-a"] == "[1] A. Mo, “T,” J, 2000."


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", ["bell hooks", "van Gogh", "{Barnes and Noble}"])
def test_names_without_a_given_part_stay_in_their_order(cite, style, name):
    page, _ = cite("[@a]", style, f"@misc{{a, author={{{name}}}, title={{T}}, year=2000}}")
    assert name.strip("{}") in entries(page)["ref-a"]


@pytest.mark.parametrize("name", ["van Beethoven, Ludwig", "Beethoven, Ludwig van", "Ludwig van Beethoven"])
def test_the_words_before_a_family_name_stand_there_wherever_they_are_written(cite, name):
    page, problems = cite("[@a]", bib=f"@misc{{a, author={{{name}}}, title={{T}}, year=2000}}")
    assert problems == []
    assert entries(page)["ref-a"] == "[1] L. van Beethoven, “T,” 2000."


def test_editors_come_from_the_book_to_which_an_entry_refers(cite):
    book = "@proceedings{b, editor={Smith, John}, title={P}, year=2003}"
    page, problems = cite("[@a]", bib="@inproceedings{a, author={Doe, Jane}, title={C}, crossref={b}}\n" + book)
    assert problems == []
    assert entries(page)["ref-a"] == "[1] J. Doe, “C,” in P, J. Smith, Ed., 2003."


@pytest.mark.parametrize("style", STYLES)
def test_an_organization_that_wrote_is_named_once(cite, style):
    page, _ = cite("[@a]", style, "@online{a, organization={W3C}, title={T}, url={https://example.org/b}, year=2019}")
    assert entries(page)["ref-a"].count("W3C") == 1


CASES = {
    "title": "\\(n\\)-gram Models: A GPT-2 Study",
    "sentence": "\\(n\\)-gram models: A GPT-2 study",
    "capitalize-all": "\\(n\\)-gram Models: A GPT-2 Study",
    "uppercase": "\\(n\\)-gram MODELS: A GPT-2 STUDY",
}


@pytest.mark.parametrize("case", CASES)
def test_a_style_that_changes_case_leaves_words_whole(cite, tmp_path, case):
    style = (FOLDER / "ieee.csl").read_text()
    (tmp_path / "cases.csl").write_text(re.sub('variable="title"(?! text-case)', f'variable="title" text-case="{case}"', style))
    page, _ = cite("[@a]", "cases.csl", "@misc{a, author={A}, year=1, title={$n$-gram models: a {GPT}-2 study}}")
    assert CASES[case] in entries(page)["ref-a"]
