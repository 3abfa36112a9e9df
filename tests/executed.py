"""Articles with executed notebooks: one that a real run made, one that was written to do harm."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import nbformat
import pytest
from chromium import SAMPLE, build

CONFIG = f"""site_name: Article
site_url: !ENV [SITE_URL, ""]
nav: [index.md]
{(SAMPLE / "mkdocs.yml").read_text().partition("docs_dir: docs")[2].replace("site_dir: site", "")}"""
RUNS = """defaults: {parameters: {model: lensdoc/tiny}}
runs:
  count/first: {notebook: count.ipynb, records: [factors], parameters: {prompt: " 1, 2, 3 <b>"}}
  hostile: {notebook: count.ipynb, records: [factors]}
"""
PAGE = """# Article

/// explorable | count/first/factors
    attrs: {id: fig-first}
Factors, from [an analysis](analyses/count/first.ipynb).
///

[Hostile](analyses/hostile.ipynb)
"""
LOAD = """import os, sys, warnings
import lensdoc

warnings.warn('seen')
print(os.getcwd(), object())
trace = lensdoc.load_model(model).generate(prompt, max_new_tokens=8)"""
CELLS = [
    ("markdown", "# Counting\n\nProse that a search finds.\n\n## Kinds\n\n## Kinds"),
    ("parameters", 'model = "lensdoc/tiny"\nprompt = " 1, 2, 3"'),
    ("code", LOAD),
    ("code", "factors = lensdoc.factors(trace, 2)\nfactors.save('factors')\nfactors"),
    ("code", "lensdoc.sequence(trace)"),
    ("code", "lensdoc.rankings(trace)"),
    ("code", "'x' * 500"),
]
BANNER = "<b>shown</b>"
VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    '<a href="java\tscript:alert(1)" onmouseover=alert(1)>link</a>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>body { display: none }</style>",
    '<figure class="ld"><lens-factors><template>{}</template><img src=x onerror=alert(1)></lens-factors></figure>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>go</button></form>",
    "<details open ontoggle=alert(1)><summary>s</summary>d</details>",
    "<div id=__search class=md-overlay style='position:fixed;inset:0'>overlay</div>",
    "</div></div></div></article><base href=https://example.org/>",
    "<!-- <img src=x onerror=alert(1)>",
    "<plaintext>",
]


def notebook(cells):
    """A notebook of pairs: what a cell is, and its source."""
    made = nbformat.v4.new_notebook(metadata={"language_info": {"name": "python"}})
    for kind, source in cells:
        new = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        made.cells.append(new(source, metadata={"tags": ["parameters"]} if kind == "parameters" else {}))
    return made


def shows(*outputs, number=1):
    """A code cell with outputs: dictionaries of data, or whole outputs."""
    whole = [o if "output_type" in o else nbformat.v4.new_output("display_data", data=o) for o in outputs]
    return nbformat.v4.new_code_cell("show()", execution_count=number, outputs=whole)


def hostile():
    """Everything that an output or a Markdown cell could try."""
    cells = [nbformat.v4.new_markdown_cell(f"# Title <script>alert(1)</script>\n\n{vector}\n\n{BANNER}") for vector in VECTORS]
    cells += [shows({"text/html": vector + BANNER}) for vector in VECTORS]
    cells += [shows({"text/markdown": f"{vector}\n\n{BANNER}\n\n[x](javascript:alert(1))"}) for vector in VECTORS]
    cells += [
        shows({"application/javascript": "alert(1)"}, {"text/latex": "<script>alert(1)</script>"}),
        shows({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"}),
        shows({"text/plain": VECTORS[0], "application/vnd.vega.v5+json": {"a": "</script><script>alert(1)</script>"}}),
        shows({"application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>alert(1)</script>"}}),
        shows(nbformat.v4.new_output("stream", name="stdout", text="".join(VECTORS) + "\x1b[31mred\x1b[0m")),
        shows(nbformat.v4.new_output("error", ename="E", evalue=VECTORS[1], traceback=[VECTORS[0], VECTORS[1]])),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={"widgets": {"x": VECTORS[0]}, "title": VECTORS[0]})


def allow_any_notebook(folder, run):
    """Have the lock know no hash of a run's executed notebook, as one of 0.1: the run stays fresh then."""
    lock = folder / "analyses" / "runs.lock"
    content = json.loads(lock.read_text())
    content["runs"][run]["notebook"] = None
    lock.write_text(json.dumps(content))


def make_executed(folder):
    """Write and execute the article, and replace the notebook of the run `hostile`."""
    (folder / "docs").mkdir()
    (folder / "analyses").mkdir()
    (folder / "mkdocs.yml").write_text(CONFIG)
    (folder / "docs" / "index.md").write_text(PAGE)
    shutil.copyfile(SAMPLE / "docs" / "references.bib", folder / "docs" / "references.bib")
    (folder / "analyses" / "runs.yml").write_text(RUNS)
    nbformat.write(notebook(CELLS), folder / "analyses" / "count.ipynb")
    subprocess.run([sys.executable, "-c", "from lensdoc.cli import main; main()", "run"], check=True, cwd=folder)
    nbformat.write(hostile(), folder / "analyses" / "executed" / "hostile.ipynb")
    allow_any_notebook(folder, "hostile")


@pytest.fixture(scope="session")
def executed_article(shared, tmp_path_factory):
    """An article whose runs were executed; the notebook of the run `hostile` was then replaced. Copy it to change it.

    It is executed once for all processes. Each has a copy, since a build keeps parts of pages beside the article.
    """
    return shutil.copytree(shared("executed", make_executed), tmp_path_factory.mktemp("executed") / "article")


@pytest.fixture
def article(executed_article, tmp_path):
    """A copy of the article, to be changed at will."""
    return shutil.copytree(executed_article, tmp_path / "article")


@pytest.fixture(scope="session")
def executed_address(shared_address):
    """Where the site of the article is served, below a sub-path."""
    return f"{shared_address}executed-site/project/"


@pytest.fixture(scope="session")
def executed_built(executed_article, executed_address, shared):
    """The folder of that site, built strictly, once for all processes."""

    def make(folder):
        build(executed_article, folder / "project", SITE_URL=executed_address)

    return shared("executed-site", make) / "project"


@pytest.fixture(scope="session")
def executed_site(executed_built, executed_address):
    """Its address, once it is there."""
    assert executed_built.is_dir()
    return executed_address


def read(path):
    return json.loads(path.read_text())
