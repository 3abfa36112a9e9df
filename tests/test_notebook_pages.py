"""Pages of executed notebooks, as a strict build makes them."""

from __future__ import annotations

import gzip
import json
import re
import sys

import nbformat
import pytest
from builders import factors
from executed import shows
from lxml import html as lxml_html
from states import page_state
from test_site import WITHOUT_COMPUTING, build

from lensdoc.explorables import assets
from lensdoc.publish.notebooks.body import notebook_body
from lensdoc.publish.notebooks.look import Look
from lensdoc.publish.notebooks.notebook import read_notebook
from lensdoc.records.writing import MIME, dumps

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def site(executed_built):
    return executed_built


@pytest.fixture
def replaced(article, tmp_path):
    """Builds the article with other outputs in the notebook of a run; gives the page's content and what was said."""

    def made(*cells, strict=False):
        nbformat.write(nbformat.v4.new_notebook(cells=cells), article / "analyses" / "executed" / "hostile.ipynb")
        done = build(article, tmp_path / "site", strict=strict)
        page = tmp_path / "site" / "analyses" / "hostile" / "index.html"
        return (content(page) if page.is_file() else None), done

    return made


def content(page):
    return lxml_html.parse(page).getroot().find(".//article")


def text(element):
    return " ".join(element.text_content().split())


def test_a_page_says_what_it_is_and_links_to_data_and_figures(site):
    page = site / "analyses" / "count" / "first" / "index.html"
    article = content(page)
    (intro,) = article.find_class("ld-run")
    assert re.fullmatch(
        r"Executed notebook of the run count/first; "
        r'parameters: model = "lensdoc/tiny", prompt = " 1, 2, 3 <b>"; '
        r"model: lensdoc/tiny \(sha256:[0-9a-f]{12}\); data: factors.json; its figures on: Article.",
        text(intro),
    )
    links = [link.get("href") for link in intro.iter("a")]
    assert links == ["../../../data/count/first/factors.json", "../../..#fig-first"] or links[1].endswith("/#fig-first")
    assert (page.parent / links[0]).is_file()
    assert (page.parent / links[1].partition("#")[0] / "index.html").is_file()


def test_a_page_has_title_headings_and_contents(site):
    root = lxml_html.parse(site / "analyses" / "count" / "first" / "index.html").getroot()
    assert root.findtext(".//title") == "Counting - Article"
    article = root.find(".//article")
    assert [(h.tag, h.get("id")) for h in article.iter("h1", "h2")] == [("h1", "counting"), ("h2", "kinds"), ("h2", "kinds_1")]
    contents = {a.get("href") for a in root.iter("a") if "md-nav__link" in (a.get("class") or "")}
    assert {"#kinds", "#kinds_1"} <= contents


def test_code_and_outputs_stand_in_order(site):
    article = content(site / "analyses" / "count" / "first" / "index.html")
    cells = article.find_class("ld-cell")
    assert [c.find("div").get("data-count") for c in cells] == [str(n) for n in range(1, 8)]
    assert 'prompt = " 1, 2, 3 <b>"' in text(cells[1])
    assert text(cells[2].find_class("ld-output")[0]).startswith("./analyses")
    assert [e.tag for c in cells for e in c.iter() if str(e.tag).startswith("lens-")] == [
        "lens-factors",
        "lens-sequence",
        "lens-rankings",
    ]
    assert cells[2].find_class("kn")  # highlighted


def test_no_script_no_handler_and_no_style_of_notebooks_stands_in_the_content(site):
    for page in (site / "analyses").rglob("index.html"):
        article = content(page)
        assert not list(article.iter("script", "style", "iframe", "clipboard-copy"))
        assert not [name for e in article.iter() for name in e.attrib if name.startswith("on")]
        assert not [e.get("href") for e in article.iter("a") if (e.get("href") or "").lower().strip().startswith("javascript")]
        assert not re.search("mathjax|mermaid|require.js|jp-Cell", page.read_text(), re.IGNORECASE)
        (style,) = article.iter("link")
        assert (page.parent / style.get("href")).read_text() == assets.read(assets.NOTEBOOK_STYLE)


def test_pages_weigh_little(site):
    for page in (site / "analyses").rglob("index.html"):
        weight = len(gzip.compress(page.read_bytes()))
        print(page.parent.name, weight)
        assert weight < 60_000
    assert len(gzip.compress(assets.read(assets.NOTEBOOK_STYLE).encode())) < 1_000


def test_the_search_finds_prose_and_no_code(site):
    entries = json.loads((site / "search" / "search_index.json").read_text())["docs"]
    mine = [entry for entry in entries if entry["location"].startswith("analyses/count/first/")]
    said = " ".join(f"{entry['title']} {entry['text']}" for entry in mine)
    assert "Prose that a search finds" in said
    assert not re.search("load_model|lensdoc|0x…", said)


def test_no_page_stands_in_the_navigation_and_nothing_is_left_behind(executed_article, site):
    root = lxml_html.parse(site / "index.html").getroot()
    navigation = [a.get("href") for nav in root.find_class("md-nav--primary") for a in nav.iter("a")]
    assert not [href for href in navigation if "analyses" in (href or "")]
    linked = [a.get("href") for a in root.find(".//article").iter("a") if "analyses" in a.get("href", "")]
    assert list(dict.fromkeys(linked)) == ["analyses/count/first/", "analyses/hostile/"]
    assert not (executed_article / ".cache").exists()
    assert not list(site.rglob("*.ipynb"))


def test_the_site_is_the_same_without_what_computes_and_offline(executed_article, executed_address, site, tmp_path):
    done = build(executed_article, tmp_path / "bare", WITHOUT_COMPUTING, SITE_URL=executed_address)
    assert done.returncode == 0, done.stderr
    for page in site.rglob("*.html"):
        assert page.read_bytes() == (tmp_path / "bare" / page.relative_to(site)).read_bytes()


@pytest.mark.long
def test_urls_without_folders(article, tmp_path):
    config = article / "mkdocs.yml"
    config.write_text(config.read_text().replace("use_directory_urls: true", "use_directory_urls: false"))
    done = build(article, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    page = tmp_path / "site" / "analyses" / "count" / "first.html"
    for link in content(page).iter("a", "link"):
        if not link.get("href").startswith("#"):
            assert (page.parent / link.get("href").partition("#")[0]).is_file(), link.get("href")


@pytest.mark.long
def test_a_broken_image_is_named_and_its_text_shown(replaced):
    broken = shows({"image/png": "not base64!", "text/plain": "<Figure>"})
    lying = shows({"image/png": "AAAA", "text/plain": "<Lie>"}, number=2)
    good = shows({"image/png": PIXEL, "text/plain": "<Fine>"}, number=3)
    article, done = replaced(broken, lying, good)
    assert done.returncode == 0, done.stderr
    assert "analyses/executed/hostile.ipynb: cell 1: its image/png is not base64" in done.stderr
    assert "analyses/executed/hostile.ipynb: cell 2: its image/png does not begin as such an image does" in done.stderr
    outputs = article.find_class("ld-output")
    assert [text(o) for o in outputs] == ["<Figure>", "<Lie>", ""]
    assert [i.attrib for i in article.iter("img")] == [{"src": f"data:image/png;base64,{PIXEL}", "alt": "Output of cell 3"}]


@pytest.mark.parametrize("kind", ["image/png", "image/svg+xml"])
def test_an_image_is_as_large_as_jupyter_shows_it(kind):
    def sides(size):
        output = nbformat.v4.new_output("display_data", data={kind: PIXEL}, metadata={kind: size})
        notebook = read_notebook(nbformat.writes(nbformat.v4.new_notebook(cells=[shows(output)])))
        body = notebook_body(notebook, Look(lambda *_: "", str), print)
        (image,) = lxml_html.fragment_fromstring(body.html).iter("img")
        return image.get("width"), image.get("height")

    assert sides({"width": 300, "height": 200}) == ("300", "200")
    assert sides({"width": "50%", "height": -1}) == (None, None)


def test_a_broken_image_attached_to_prose_is_named(replaced):
    cell = nbformat.v4.new_markdown_cell("![a](attachment:a.png)", attachments={"a.png": {"image/png": "!"}})
    article, done = replaced(cell)
    assert done.returncode == 0, done.stderr
    assert "cell 1: attachment 'a.png': its image/png is not base64" in done.stderr
    assert not list(article.iter("img"))


@pytest.mark.long
def test_titles_are_escaped_once_in_the_introduction_and_in_the_head(article, replaced, tmp_path):
    index = article / "docs" / "index.md"
    index.write_text(f"---\ntitle: Q & A <i>\n---\n\n{index.read_text()}")
    page, done = replaced(nbformat.v4.new_markdown_cell("# R & `</title><script>alert(1)</script>`"))
    assert page is not None, done.stderr
    root = page.getroottree().getroot()
    assert root.xpath("string(//title)").startswith("R & </title><script>alert(1)</script> - ")
    assert not root.xpath("//script[contains(text(), 'alert')]")
    intros = [content(path).find_class("ld-run") for path in (tmp_path / "site" / "analyses").rglob("index.html")]
    said = [text(intro) for (intro,) in filter(None, intros)]
    assert any(one.endswith("its figures on: Q & A <i>.") for one in said), said


def test_a_broken_record_is_named_and_its_text_shown(replaced):
    record = factors([[1, 2], [3, 0]], [" <b>", "</template>"])
    good = shows({MIME: dumps(record), "text/plain": "factors: 2 tokens"})
    newer = shows({MIME: dumps(record).replace('"version": [1, ', '"version": [99, '), "text/plain": "factors: newer"}, number=2)
    article, done = replaced(good, newer)
    assert done.returncode == 0, done.stderr
    assert re.search(r"cell 2: Output of cell 2: version 99\.\d+ of lensdoc/factors is too new; upgrade lensdoc", done.stderr)
    shown, other = article.find_class("ld-output")
    assert shown.find("figure/lens-factors") is not None
    assert text(other) == "factors: newer"


@pytest.mark.long
def test_a_file_that_is_no_notebook_is_named_and_fails_the_strict_build(article, tmp_path):
    (article / "analyses" / "executed" / "hostile.ipynb").write_text('{"cells": [{}]}')
    done = build(article, tmp_path / "site")
    assert done.returncode == 1
    assert "analyses/executed/hostile.ipynb: not a Jupyter notebook: cell 1 has no `cell_type`; open the notebook" in done.stderr


@pytest.mark.long
def test_a_site_may_execute_its_own_notebooks_but_never_these(article, tmp_path):
    config = article / "mkdocs.yml"
    config.write_text(config.read_text().replace("execute: false", "execute: true"))
    shows_html = "from IPython.display import HTML; HTML('<b>bold</b><form></form><script>x</script>')"
    for path in (article / "docs" / "own.ipynb", article / "analyses" / "executed" / "hostile.ipynb"):
        code = nbformat.v4.new_code_cell(f"open({str(tmp_path / path.stem)!r}, 'w'); {shows_html}")
        nbformat.write(nbformat.v4.new_notebook(cells=[code]), path)
    failing = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("%run no_such.py")])
    nbformat.write(failing, article / "docs" / "failing.ipynb")
    (article / "docs" / "empty.ipynb").write_text("")
    done = build(article, tmp_path / "site", strict=False)
    assert done.returncode == 0, done.stderr
    told = [line.split("WARNING -  ")[1] for line in done.stderr.splitlines() if re.search(r"WARNING.*\.ipynb: ", line)]
    assert told[0] == "docs/empty.ipynb: the file is empty; save the notebook again, or remove the file"
    assert told[1].startswith("docs/failing.ipynb: cell 2 failed as the site was built: ")
    assert told[2:] == []
    assert "Traceback" not in done.stderr
    assert (tmp_path / "own").exists()
    assert not (tmp_path / "hostile").exists()
    (output,) = content(tmp_path / "site" / "own" / "index.html").find_class("ld-output")
    assert [element.tag for element in output.iter()] == ["div", "div", "div", "b"]


def test_without_mkdocs_jupyter_there_are_no_pages(article, tmp_path):
    config = article / "mkdocs.yml"
    config.write_text(re.sub(r"  - mkdocs-jupyter.*\n", "", config.read_text()))
    index = article / "docs" / "index.md"
    index.write_text(re.sub(r"\[(.*?)\]\(analyses.*?\)", r"\1", index.read_text()))
    done = build(article, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "site" / "analyses").exists()


def test_the_address_of_a_notebook_from_the_page_that_is_rendered():
    context = page_state(notebooks={"eu/a": "analyses/eu/a/", "b": "analyses/b.html"})
    for url, expected in {"": "analyses/eu/a/", "guide/": "../analyses/eu/a/", "x/y.html": "../analyses/eu/a/"}.items():
        context.url = url
        assert context.notebook_page("eu/a") == expected
    assert context.notebook_page("b") == "../analyses/b.html"
    assert context.notebook_page("none") is None


def test_importing_the_plugin_loads_no_nbconvert():
    import subprocess

    ask = "import sys, lensdoc.publish.engines.mkdocs.plugin; print(*[m for m in ('nbconvert', 'nbformat') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
