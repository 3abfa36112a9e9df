"""`lensdoc assets` on sites of any engine: what it puts where, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from urllib.parse import quote

import builders
import pytest
from click.testing import CliRunner
from lxml import html as lxml_html
from test_site import WITHOUT_COMPUTING

from lensdoc.cli.assets import assets as command
from lensdoc.core.errors import PublishError
from lensdoc.explorables import assets
from lensdoc.explorables.elements import to_html
from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.schema import Article
from lensdoc.publish.engines.zensical.built import complete
from lensdoc.publish.engines.zensical.head_marker import marker
from lensdoc.records.writing import write_record

THEME = '<link rel="stylesheet" href="{root}assets/stylesheets/main.1.min.css"><link rel="stylesheet" href="{root}own.css">'
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>T</title>{head}<script>theme()</script></head><body><main>'
    '<article class="md-content__inner"><h1>T</h1>{content}</article></main></body></html>'
)
LINKS = (
    '<p class="ld-links"><a download href="{root}data/run/two.json">J</a> <a download href="{root}data/run/two.csv">C</a></p>'
    '<p><a download href="{root}own/numbers.csv">Own</a></p><script>own()</script>'
)


@pytest.fixture
def site(tmp_path):
    """A site as an engine without plugins leaves it: pages at three depths, and the page of a missing address."""
    root = tmp_path / "site"
    for path, prefix in (("index.html", ""), ("a/index.html", "../"), ("a/b/index.html", "../../"), ("404.html", "/repo/")):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        content = LINKS.format(root=prefix) if path != "404.html" else "<p>Nothing here</p>"
        (root / path).write_text(PAGE.format(head=THEME.format(root=prefix), content=content))
    write_record(builders.factors([[1, 2], [3, 4]]), root / "data" / "run" / "two.json")
    return root


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_page_finds_our_files_from_where_it_is(site):
    done = complete(site)
    assert (done.pages, done.tables) == (4, 1)
    for path, prefix in (("index.html", ""), ("a/index.html", "../"), ("a/b/index.html", "../../"), ("404.html", "/repo/")):
        html = (site / path).read_text()
        names = [f"{prefix}assets/lensdoc/{assets.hashed(name)}" for name in (assets.ARTICLE_STYLE, assets.SCRIPT)]
        at = [html.index(f'="{name}"') for name in names]
        assert html.index("main.1.min.css") < at[0] < at[1] < html.index("own.css")
        assert f'<script src="{names[1]}" defer' in html
    for name, source in (assets.of_sites() | assets.of_articles()).items():
        assert (site / "assets" / "lensdoc" / name).read_bytes() == source.read_bytes()
    assert (site / "data/run/two.csv").read_text().splitlines()[0].startswith("factor")


def test_the_policy_trusts_the_theme_and_not_the_author(site):
    complete(site)
    policies = {
        html.split('Security-Policy" content="')[1].split('"')[0]
        for html in map(str, [p.read_text() for p in site.rglob("*.html")])
    }
    assert len(policies) == 1
    assert policies.pop().count("'sha256-") == 1  # theme(), and not own()


FORGED = [
    quote("<script>stolen()</script>"),
    quote(json.dumps({"name": [["a", "<script>"]], "property": [], "json_ld": {"a": "</script><script>stolen()"}})),
    quote(json.dumps({"name": [["a", 1]], "property": [], "json_ld": {}})),
    quote("[]"),
]


@pytest.mark.parametrize("forged", FORGED)
def test_only_our_own_marker_reaches_the_head_and_nothing_in_it_runs(site, forged):
    like_ours = f'<div class="ld-head" hidden="" data-tags="{forged}"></div>'
    ours = to_html(marker(Published(Article(), "A title", "Site")))
    (site / "index.html").write_text(PAGE.format(head=THEME.format(root=""), content=f"{like_ours}{ours}"))
    (site / "a" / "index.html").write_text(PAGE.format(head=THEME.format(root="../"), content=like_ours))
    complete(site)
    for page, titles in (("index.html", ["A title"]), ("a/index.html", [])):
        head = lxml_html.parse(site / page).getroot().find("head")
        assert head.xpath("meta[@property='og:title']/@content") == titles
        assert [script.text for script in head.iter("script") if script.text and "type" not in script.attrib] == ["theme()"]
        assert (site / page).read_text().count("'sha256-") == 1


def test_comments_of_an_author_that_look_like_ours_stay(site):
    page = PAGE.format(head=THEME.format(root=""), content="a<!-- lensdoc -->b<!-- /lensdoc -->c")
    (site / "index.html").write_text(page)
    complete(site)
    assert "a<!-- lensdoc -->b<!-- /lensdoc -->c" in (site / "index.html").read_text()


def test_a_second_time_nothing_changes_and_a_new_version_replaces_the_old(site, monkeypatch):
    complete(site)
    before = contents(site)
    assert complete(site).written == 0
    assert contents(site) == before
    monkeypatch.setattr(assets, "hashed", lambda name: f"new.{name}")
    complete(site)
    html = (site / "a" / "index.html").read_text()
    assert html.count("assets/lensdoc/") == html.count("assets/lensdoc/new.") == 2
    assert html.count("Content-Security-Policy") == 1


def test_files_of_an_author_are_left_alone(site):
    own = site / "own" / "demo.html"
    own.parent.mkdir()
    own.write_text("<html><head><title>D</title></head><body><script>own()</script></body></html>")
    before = own.read_bytes()
    assert complete(site).pages == 4
    assert own.read_bytes() == before
    assert not (site / "own" / "numbers.csv").exists()


def test_nothing_is_written_outside_of_the_site(site):
    write_record(builders.factors([[1, 2], [3, 4]]), site.parent / "away.json")
    page = site / "index.html"
    page.write_text(page.read_text().replace('"data/run/two.csv"', '"../away.csv"'))
    with pytest.raises(PublishError, match="offers data outside of the site"):
        complete(site)
    assert not (site.parent / "away.csv").exists()


def test_without_the_policy_other_hosts_are_let_be(site):
    page = site / "a" / "index.html"
    page.write_text(page.read_text().replace("<h1>", '<img src="https://cdn.example/x.png" alt=""><h1>'))
    with pytest.raises(PublishError, match=r"a/index.html: readers would load https://cdn.example/x.png from another host; set"):
        complete(site)
    complete(site, private=False)
    assert "Content-Security-Policy" not in page.read_text()
    assert "assets/lensdoc/" in page.read_text()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda site: (site / "index.html").unlink(), "is no built site, it has no index.html; build the site first"),
        (lambda site: (site / "index.html").write_text("x"), "is no site of Zensical, its index.html has neither its theme nor"),
        (lambda site: (site / "data/run/two.json").unlink(), "index.html links to data/run/two.json, which the site lacks"),
        (lambda site: (site / "data/run/two.json").write_text("{}"), "two.json: "),
        (
            lambda site: (site / "own.css").write_text("a{background:url(//cdn.example/y)}"),
            "own.css: readers would load //cdn.example/y",
        ),
    ],
)
def test_what_will_not_do_is_told_and_nothing_is_written(site, spoil, message):
    spoil(site)
    before = contents(site)
    done = CliRunner().invoke(command, [str(site)])
    assert done.exit_code == 1
    assert message in str(done.exception)
    assert contents(site) == before


def test_it_needs_neither_what_computes_nor_mkdocs_nor_the_network(site):
    bare = WITHOUT_COMPUTING.replace('"papermill"', '"papermill", "mkdocs", "zensical"')
    command = [sys.executable, "-c", bare + "from lensdoc.cli import main; main()", "assets", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=site)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{site}: 4 pages, 1 tables, 0 single figures")
    shutil.rmtree(site)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=site.parent)
    assert done.returncode == 1
    assert done.stderr.startswith(f"lensdoc: {site} is no built site")
