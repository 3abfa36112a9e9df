"""What notebooks print and compute, as a page shows it: formulas, progress bars, objects without a text."""

from __future__ import annotations

from types import SimpleNamespace

import nbformat
import pytest

from lensdoc.explorables.elements import to_html
from lensdoc.publish.engines.theme.blog import with_author_names
from lensdoc.publish.notebooks.body import prepare
from lensdoc.publish.notebooks.outputs import markdown_html, output_html
from lensdoc.publish.notebooks.sanitizing import sanitized
from lensdoc.publish.notebooks.terminal import as_shown


def shown(markdown):
    return to_html(sanitized(markdown_html(markdown)))


@pytest.mark.parametrize(
    ("markdown", "formula"),
    [
        ("so $x_i^2$ is", r"<lens-math>\(x_i^2\)</lens-math>"),
        ("$$\n\\sum_i x_i < 1\n$$", r"<lens-math>\[\sum_i x_i &lt; 1\]</lens-math>"),
        ("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}", "\\[\\begin{align}\na &amp;= b \\\\\nc &amp;= d\n\\end{align}\\]"),
        (
            "Text\n\\begin{equation*} f(x)=y \\end{equation*}\nmore",
            r"<lens-math>\[\begin{equation*} f(x)=y \end{equation*}\]</lens-math>",
        ),
    ],
)
def test_formulas_are_drawn_as_on_other_pages(markdown, formula):
    assert formula in shown(markdown)


@pytest.mark.parametrize("markdown", ["```\n\\begin{align}a\\end{align}\n```", "`\\begin{align}a\\end{align}`", "costs $5"])
def test_code_and_prices_are_no_formulas(markdown):
    assert "lens-math" not in shown(markdown)


def test_an_environment_in_dollars_is_one_formula():
    assert shown("$$\\begin{align}a\\end{align}$$").count("lens-math>") == 2


def test_a_formula_of_a_hostile_notebook_is_text():
    found = shown('<span class="math"><img src=x onerror=alert(1)>x</span>')
    assert found == r"<div><div><lens-math>\(x\)</lens-math></div></div>" or "<img" not in found


@pytest.mark.parametrize(
    ("latex", "formula"),
    [
        ("$$E=mc^2$$", r"\[E=mc^2\]"),
        ("$\\displaystyle x^2$", r"\(\displaystyle x^2\)"),
        ("\\begin{align}a\\end{align}", r"\[\begin{align}a"),
    ],
)
def test_latex_outputs_are_formulas(latex, formula):
    found = output_html({"text/latex": latex, "text/plain": "<IPython.core.display.Latex object>"}, "Output", pytest.fail)
    assert formula in found


@pytest.mark.parametrize(
    ("text", "screen"),
    [
        ("  0%|    |\r 50%|##  |\r100%|####|\n", "100%|####|\n"),
        ("long line\rshort", "shortline"),
        ("abc\b\b\bxyz", "xyz"),
        ("abc\b", "abc"),
        ("\b\rx", "x"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("\x1b[31mred\x1b[0m\rdone", "\x1b[0mdone"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_text_is_what_a_terminal_shows(text, screen):
    assert as_shown(text).replace("\x1b[31m", "").replace("\x1b[0m", "") == screen.replace("\x1b[0m", "")


def outputs(*made):
    cell = nbformat.v4.new_code_cell("x", outputs=list(made), execution_count=1)
    prepared = prepare(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])), pytest.fail)
    return prepared.copies[0]["outputs"], prepared


def test_a_progress_bar_is_one_line():
    (found,), _ = outputs(nbformat.v4.new_output("stream", name="stderr", text="".join(f"\r{n}%" for n in range(101))))
    assert found["text"] == "100%"


def test_an_object_without_a_text_says_what_is_not_shown():
    data = {"application/javascript": "alert(1)", "text/plain": "<IPython.core.display.Javascript object>"}
    (found,), prepared = outputs(nbformat.v4.new_output("display_data", data=data))
    assert found["data"]["text/plain"] == "An output of type application/javascript is not shown on this page."
    assert prepared.made == {}
    (found,), _ = outputs(nbformat.v4.new_output("display_data", data={"text/plain": "<Figure object>"}))
    assert found["data"]["text/plain"] == "<Figure object>"


def test_posts_name_their_authors():
    blog = SimpleNamespace(authors={"ada": SimpleNamespace(name="Ada Example")})
    meta = {"title": "A post", "authors": ["ada", "Someone Else", {"name": "C"}]}
    named = with_author_names(meta, [object(), SimpleNamespace(authors=None), blog])
    assert named == {"title": "A post", "authors": [{"name": "Ada Example"}, "Someone Else", {"name": "C"}]}
    assert with_author_names({"authors": "ada"}, [blog]) == {"authors": "ada"}
