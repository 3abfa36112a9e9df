"""What notebooks print and compute, as a page shows it: formulas, progress bars, objects without a text."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_client.kernelspec import NoSuchKernel
from lxml import html as lxml_html
from nbclient.exceptions import DeadKernelError

from lensdoc.core.errors import PublishError
from lensdoc.core.notebook_json import NotebookError, notebook_json
from lensdoc.explorables.elements import to_html
from lensdoc.publish.engines.theme.blog import with_author_names
from lensdoc.publish.notebooks import outputs as outputs_module
from lensdoc.publish.notebooks.body import notebook_body
from lensdoc.publish.notebooks.execution import why_not_executed
from lensdoc.publish.notebooks.look import Look
from lensdoc.publish.notebooks.notebook import read_notebook
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
        (
            "\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}",
            "\\[\\begin{align*}\na &amp;= b \\\\\nc &amp;= d\n\\end{align*}\\]",
        ),
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


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (outputs_module._with_formulas, "\\begin{align} x\n" * 20_000),
        (outputs_module._DISPLAYED.findall, "$$" + " " * 2_000),
    ],
    ids=["environment", "formula"],
)
def test_what_is_never_closed_takes_time_linear_in_its_length(read, text):
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 1  # less than 0.1 s; 38 s and 6 s where the end is looked for from each beginning


def test_a_formula_of_a_hostile_notebook_is_text():
    found = shown('<span class="math"><img src=x onerror=alert(1)>x</span>')
    assert found == r"<div><div><lens-math>\(x\)</lens-math></div></div>" or "<img" not in found


@pytest.mark.parametrize(
    ("latex", "formula"),
    [
        ("$$E=mc^2$$", r"\[E=mc^2\]"),
        ("$\\displaystyle x^2$", r"\(\displaystyle x^2\)"),
        ("\\begin{align}a\\end{align}", r"\[\begin{align*}a"),
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


LOOK = Look(code=lambda code, language: f"{language}: {code}", text=str)


def page(*cells, complain=pytest.fail, **options):
    """The text of each part of a notebook's page, with its class."""
    notebook = read_notebook(nbformat.writes(nbformat.v4.new_notebook(cells=list(cells))))
    tree = lxml_html.fragment_fromstring(notebook_body(notebook, replace(LOOK, **options), complain).html)
    return [(part.get("class"), part.text_content()) for part in tree.xpath(".//section/div")]


def outputs(*made):
    cell = nbformat.v4.new_code_cell("x", outputs=list(made), execution_count=1)
    return [text for kind, text in page(cell) if kind == "ld-output"]


def test_a_progress_bar_is_one_line():
    bar = nbformat.v4.new_output("stream", name="stderr", text="".join(f"\r{n}%" for n in range(101)))
    assert outputs(bar) == ["100%"]


def test_an_object_without_a_text_says_what_is_not_shown():
    data = {"application/javascript": "alert(1)", "text/plain": "<IPython.core.display.Javascript object>"}
    script = nbformat.v4.new_output("display_data", data=data)
    assert outputs(script) == ["An output of type application/javascript is not shown on this page."]
    drawn = nbformat.v4.new_output("display_data", data={"text/plain": "a figure"})
    assert outputs(drawn) == ["a figure"]


def test_an_error_shows_its_traceback():
    error = nbformat.v4.new_output("error", ename="E", evalue="v", traceback=["line 1", "E: v"])
    assert outputs(error) == ["line 1\nE: v"]


def test_what_mkdocs_jupyter_hides_by_tags_and_options_is_hidden():
    def tagged(*tags):
        stream = nbformat.v4.new_output("stream", text="printed")
        shown = nbformat.v4.new_output("display_data", data={"text/plain": "shown"}, metadata={"tags": list(tags)})
        return nbformat.v4.new_code_cell("1", outputs=[stream, shown], metadata={"tags": list(tags)})

    code, printed, drawn = ("highlight", "python: 1"), ("ld-output", "printed"), ("ld-output", "shown")
    assert page(tagged("a")) == [code, printed, drawn]
    assert page(tagged("a"), shows_code=False) == [printed, drawn]
    hidden = frozenset({"a"})
    for part, left in {"cell": [], "code": [printed, drawn], "outputs": [code], "output": [code, printed]}.items():
        assert page(tagged("a"), **{f"without_{part}": hidden}) == left
        assert page(tagged("b"), **{f"without_{part}": hidden}) == [code, printed, drawn]


@pytest.mark.parametrize(
    ("prose", "raw"),
    [
        ("It has `{val} run/x.y` factors.", "`{val} run/x.y`"),
        ("A rank `{spark} run/x[1]`.", "`{spark} run/x[1]`"),
        ("As known [@olah2018, p. 3; @b].", "[@olah2018, p. 3; @b]"),
        ("/// explorable | run/x\n///", "/// explorable | run/x"),
        ("```\n/// explorable\n[@a]\n```\n`[@a]` [@someone](https://x.org/) a@b.c `{x} val`", None),
    ],
)
def test_what_only_markdown_pages_resolve_is_reported(prose, raw):
    told = []
    page(nbformat.v4.new_markdown_cell(prose), complain=told.append)
    assert [message.partition(" stays as")[0] for message in told] == ([f"cell 1: {raw!r}"] if raw else [])


def test_an_output_of_an_unknown_type_is_reported():
    told = []
    cell = {"cell_type": "code", "source": "x", "outputs": [{"output_type": "x"}]}
    notebook = read_notebook(json.dumps({"cells": [cell]}))
    assert "ld-output" not in notebook_body(notebook, LOOK, told.append).html
    assert told == ["cell 1: an output of the unknown type 'x' is not shown"]


NO_NOTEBOOKS = {
    "": "the file is empty; save the notebook again, or remove the file",
    "\ufeff{}": "the file begins with a byte order mark, so Jupyter cannot open it; save it as UTF-8 without one",
    '{"cells":\n [,]}': "line 2, column 3: not JSON: Expecting value; open the notebook in Jupyter and save it again",
    "[" * 20_000: "its JSON is nested too deeply",
    "[]": "the file holds a list, and a notebook is an object",
    "{}": "it has no list `cells`",
    '{"nbformat": 3, "worksheets": []}': "`nbformat` must be 4, it is 3; open the notebook in Jupyter and save it again",
    '{"cells": [1]}': "cell 1 has no `cell_type`; open the notebook in Jupyter and save it again",
}
BROKEN_CELLS = {
    '{"cell_type": "code"}': 'cell 2 needs `"source": ""`',
    '{"cell_type": "code", "source": "", "outputs": 1}': 'cell 2 needs `"outputs": []`',
    '{"cell_type": "code", "source": "", "outputs": [{}]}': "cell 2: an output needs its `output_type`",
    '{"cell_type": "code", "source": "", "outputs": [{"output_type": "x", "data": "y"}]}': "cell 2: data must be an object",
    '{"cell_type": "code", "source": "", "outputs": [{"output_type": "x", "metadata": 1}]}': "cell 2: metadata must be",
    '{"cell_type": "markdown", "source": "", "attachments": ["a"]}': "cell 2: attachments must be an object, it is ['a']",
    '{"cell_type": "markdown", "source": "", "attachments": {"a": "b"}}': "cell 2: a must be an object, it is 'b'",
}
NO_NOTEBOOKS |= {f'{{"cells": [{{"cell_type": "raw"}}, {cell}]}}': message for cell, message in BROKEN_CELLS.items()}


@pytest.mark.parametrize("broken", NO_NOTEBOOKS, ids=[text[:60] for text in NO_NOTEBOOKS])
def test_what_is_no_notebook_is_refused(broken):
    with pytest.raises(PublishError, match=f"^(?:not a Jupyter notebook: )?{re.escape(NO_NOTEBOOKS[broken])}"):
        read_notebook(broken)


def test_bytes_that_are_no_text_are_told_by_their_place():
    with pytest.raises(NotebookError, match="^not a Jupyter notebook: byte 3 is not UTF-8; open the notebook"):
        notebook_json(b"{ \xff}")


class CellExecutionError(Exception):
    """As nbclient raises it."""

    ename, evalue = "ValueError", "of \x1b[31mred\x1b[0m\nlines"


WHY_NOT = {
    "cell": (
        CellExecutionError("An error occurred:\n---\n%run x\n---\n"),
        "cell 2 failed as the site was built: ValueError: of red lines; mend it, or keep its outputs in the file and",
    ),
    "kernel": (
        NoSuchKernel("ir"),
        "it needs the kernel 'ir', which is not installed; install it, or choose another: `kernel_name: python3`",
    ),
    "dead": (DeadKernelError("Kernel died"), "its kernel ended while a cell was executed; mend it"),
    "other": (OSError("no\nroom"), "cannot be executed: no room"),
}


@pytest.mark.parametrize("name", WHY_NOT)
def test_why_a_notebook_of_the_site_could_not_be_executed_is_a_sentence(name):
    error, told = WHY_NOT[name]
    assert why_not_executed(error, ["1", "%run x\n", "2"]).startswith(told)


def test_posts_name_their_authors():
    blog = SimpleNamespace(authors={"ada": SimpleNamespace(name="Ada Example")})
    meta = {"title": "A post", "authors": ["ada", "Someone Else", {"name": "C"}]}
    named = with_author_names(meta, [object(), SimpleNamespace(authors=None), blog])
    assert named == {"title": "A post", "authors": [{"name": "Ada Example"}, "Someone Else", {"name": "C"}]}
    assert with_author_names({"authors": "ada"}, [blog]) == {"authors": "ada"}
