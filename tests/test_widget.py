"""Records as anywidgets: their module in a page that knows anywidget's contract alone, and in programs that show widgets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import builders
import nbformat
import pytest
from click.testing import CliRunner
from playwright.sync_api import expect
from travel import program

from lensdoc.cli.widget import widget as command
from lensdoc.core.errors import PublishError
from lensdoc.explorables.widget import module
from lensdoc.records.saving import RUN
from lensdoc.records.writing import write_record

RECORDS = {
    "lens-factors": builders.factors([[1, 0, 2, 0.5], [0, 3, 0, 1]], [" a", " b", " c", "</script>"]),
    "lens-attention": builders.attention(),
}
"""One whose view is in the page's script, and one whose view is in the script of a family."""
HOST = """<!doctype html><html lang="en"><title>x</title><body style="background: {ground}"><div id="place"></div>
<script>delete window.parent; delete window.frameElement;</script>
<script type="module">
import widget from "./figure.mjs";
const el = document.getElementById("place");
await widget.render({{model: {{get: () => undefined}}, el}});
</script></body></html>"""
"""A page of a host that takes away what leads out of its frame, as VS Code does."""
PORT = 8931


@pytest.fixture
def shown(browser, tmp_path):
    """`shown(record, ground)`: a page in which the record's module has drawn."""
    contexts, trouble = [], []

    def show(record, ground):
        (tmp_path / "figure.mjs").write_text(module(record))
        page = browser.new_page()
        contexts.append(page)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.route("http://widget.test/**", lambda route: route.fulfill(**answer(route.request.url, ground)))
        page.goto("http://widget.test/")
        return page

    def answer(url, ground):
        if url.endswith(".mjs"):
            return {"body": (tmp_path / "figure.mjs").read_text(), "content_type": "text/javascript"}
        return {"body": HOST.format(ground=ground), "content_type": "text/html; charset=utf-8"}

    yield show
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.mark.browser
@pytest.mark.parametrize(("ground", "is_dark"), [("white", False), ("oklch(0.2 0 0)", True)])
def test_a_module_draws_its_figure_on_any_ground(shown, ground, is_dark):
    page = shown(RECORDS["lens-factors"], ground)
    rows, tokens = page.locator("lens-factors .ld-row"), page.locator("lens-factors .ld-token")
    expect(rows).to_have_count(2)
    expect(page.locator(".ld-widget.ld-night")).to_have_count(int(is_dark))
    tints = "all => all.map(token => getComputedStyle(token).backgroundColor)"
    before = tokens.evaluate_all(tints)
    rows.nth(1).hover()
    expect(tokens.nth(1)).to_have_attribute("data-shown", "15")
    page.wait_for_function("() => document.getAnimations().length === 0")
    after = tokens.evaluate_all(tints)
    assert after != before
    assert after[1] != after[0]  # steps have their rules in the widget's own tree


@pytest.mark.browser
def test_a_family_draws_in_a_module_and_keys_reach_it(shown):
    page = shown(RECORDS["lens-attention"], "white")
    said = page.locator("lens-attention .ld-live")
    page.locator("lens-attention [tabindex='0']").first.focus()
    expect(said).not_to_be_empty()
    before = said.inner_text()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(before)


def test_a_widget_shows_the_figure_without_scripts_too():
    pytest.importorskip("anywidget", reason="pip install 'lensdoc[widget]'")
    made = RECORDS["lens-factors"].widget()
    data, _ = made._repr_mimebundle_()
    assert json.loads(json.dumps(data))["application/vnd.jupyter.widget-view+json"]["model_id"] == made.model_id
    assert "<lens-factors" in data["text/html"]
    assert "<script>" not in data["text/html"]
    assert data["image/svg+xml"].startswith("<svg")
    assert made._esm == RECORDS["lens-factors"].widget()._esm
    assert made._esm != RECORDS["lens-attention"].widget()._esm


def test_in_a_run_it_is_the_record(monkeypatch):
    monkeypatch.setenv(RUN, "{}")
    assert RECORDS["lens-factors"].widget() is RECORDS["lens-factors"]


def test_without_anywidget_the_cure_is_named(monkeypatch):
    monkeypatch.setattr("lensdoc.explorables.widget.find_spec", lambda _: None)
    with pytest.raises(PublishError, match=r"pip install 'lensdoc\[widget\]'"):
        RECORDS["lens-factors"].widget()


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A project with a record, in which the test stands."""
    (tmp_path / "docs" / "data" / "run").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text("site_name: Book\nmarkdown_extensions: [lensdoc]\n")
    write_record(RECORDS["lens-factors"], tmp_path / "docs" / "data" / "run" / "factors.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_the_module(book):
    done = CliRunner().invoke(command, ["run/factors", "figures/factors.mjs"], catch_exceptions=False)
    assert "{anywidget} ./factors.mjs" in done.output
    assert (book / "figures" / "factors.mjs").read_text() == module(RECORDS["lens-factors"])
    with pytest.raises(PublishError, match="nearest|did you mean|factors"):
        CliRunner().invoke(command, ["run/factor", "x.mjs"], catch_exceptions=False)
    with pytest.raises(PublishError, match=r"ends in \.mjs"):
        CliRunner().invoke(command, ["run/factors", "x.html"], catch_exceptions=False)


@pytest.mark.long
def test_myst_reads_the_module(book):
    myst = program("myst")
    module_file = book / "factors.mjs"
    module_file.write_text(module(RECORDS["lens-factors"]))
    (book / "myst.yml").write_text("version: 1\nproject:\n  title: Book\n  toc: [{file: index.md}]\nsite: {}\n")
    (book / "index.md").write_text("# Book\n\n```{anywidget} ./factors.mjs\n{}\n```\n")
    # The theme is fetched from MyST's site, which fails here; pages are read and written before.
    subprocess.run([myst, "build", "--site"], cwd=book, capture_output=True, timeout=120, check=False)
    page = json.loads((book / "_build" / "site" / "content" / "index.json").read_text())
    (node,) = page["mdast"]["children"][0]["children"]
    assert node["type"] == "anywidget"
    published = book / "_build" / "site" / "public" / node["esm"].lstrip("/")
    assert published.read_text() == module_file.read_text()


@contextmanager
def served(arguments, url, folder):
    """A program that serves, ended at last."""
    private = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    private["JUPYTER_PATH"] = os.path.join(sys.prefix, "share", "jupyter")  # noqa: PTH118 - anywidget's part of JupyterLab
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(arguments, cwd=folder, env=os.environ | private, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - this machine's
                break
            except (urllib.error.URLError, TimeoutError):
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _code(book):
    path = book / "docs" / "data" / "run" / "factors.json"
    return f"from pathlib import Path\nfrom lensdoc.records.reading import read_record\nread_record(Path({str(path)!r})).widget()"


def _isolates(page):
    """That the figure lives: a factor is isolated under the pointer."""
    expect(page.locator("lens-factors .ld-row")).to_have_count(2, timeout=120_000)
    page.locator("lens-factors .ld-row").nth(1).hover()
    expect(page.locator("lens-factors .ld-token").nth(1)).to_have_attribute("data-shown", "15")


@pytest.mark.long
@pytest.mark.browser
def test_it_lives_in_jupyterlab(book, browser):
    lab = program("jupyter-lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_code(book))])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, book / "a.ipynb")
    options = ["--no-browser", "--allow-root", f"--port={PORT}", "--IdentityProvider.token=", f"--notebook-dir={book}"]
    url = f"http://127.0.0.1:{PORT}/lab/tree/a.ipynb"
    with served([lab, *options], url, book):
        page = browser.new_page()
        page.goto(url)
        page.locator(".jp-CodeCell .cm-content").first.click(timeout=120_000)
        expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=120_000)
        page.keyboard.press("Shift+Enter")
        _isolates(page)
        page.close()


@pytest.mark.long
@pytest.mark.browser
def test_it_lives_in_marimo_and_is_in_its_export(book, browser):
    marimo = program("marimo")
    cell = _code(book).replace("\n", "\n    ")
    head, _, last = cell.rpartition("\n    ")
    begins = "import marimo\napp = marimo.App()\n@app.cell\ndef _():\n    import marimo as mo"
    (book / "a.py").write_text(f"{begins}\n    {head}\n    mo.ui.anywidget({last})\n    return\n")
    subprocess.run([marimo, "export", "html", "a.py", "-o", "a.html"], cwd=book, check=True, capture_output=True, timeout=240)
    exported = (book / "a.html").read_text()
    assert "marimo-anywidget" in exported
    assert "lens-factors" in exported
    url = f"http://127.0.0.1:{PORT + 1}/"
    with served([marimo, "run", "a.py", "--headless", "--port", str(PORT + 1), "--no-token"], url, book):
        page = browser.new_page()
        page.goto(url)
        _isolates(page)
        page.close()
