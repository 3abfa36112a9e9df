"""Text of records and titles in a whole site: it is text wherever it stands, and escaped once."""

from __future__ import annotations

import json
import re

import builders
import engines
import pytest
from chromium import serve
from lxml import html as lxml_html

from lensdoc.publish.engines.theme.titles import Escaped, for_theme
from lensdoc.records.writing import write_record

EVIL = '"></title></a><script>document.title = "taken"; alert(1)</script><b x="& R<"'
"""What a record may hold."""
TITLE = 'Q & A of "two" <models>'
VALUE = "`{val} bad/two.facts.evil`"
CONFIG = """
site_name: Hostile
site_url: https://example.org/
theme: {name: material, font: false, features: [navigation.footer]}
markdown_extensions: [attr_list, toc: {permalink: true}, lensdoc]
plugins: [search, tags, lensdoc: {execute: never}]
"""
FIGURE = "\n/// explorable | bad/two\n    attrs: {id: fig-FIG}\nTwo, {val}.\n///\n".replace("{val}", VALUE)
PAGES = {
    "index": f"# Home\n\n[Valid](valid.md)\n{FIGURE.replace('FIG', 'home')}",
    "valid": f"""---
title: '{TITLE}'
description: 'D & {VALUE}'
author: 'A {VALUE}'
authors: ['Ada {VALUE}', {{organization: R & D}}]
tags: ['T {VALUE}']
keywords: ['K {VALUE}']
acknowledgements: 'Thanks {VALUE}'
date: 2026-01-31
---

# Valid
{FIGURE.replace("FIG", "valid")}""",
    "wrong": f"""---
title: 'Wrong & {VALUE}'
description: 'D & {VALUE}'
author: 'A {VALUE}'
date: "2026-01-31"
---

# Wrong
{FIGURE.replace("FIG", "wrong")}""",
    "heading": f"# Heading & {VALUE}\n{FIGURE.replace('FIG', 'heading')}",
    "second": f"## Second & {VALUE}\n\nText.\n",
}


def article(root):
    (root / "docs").mkdir(parents=True)
    (root / "mkdocs.yml").write_text(CONFIG)
    for name, text in PAGES.items():
        (root / "docs" / f"{name}.md").write_text(text)
    factors = builders.factors([[1, 0, 4], [0, 2, 0]], [" 1", ",", " 2"], n_input=1)
    write_record(factors.model_copy(update={"facts": {"evil": EVIL}}), root / "docs" / "data" / "bad" / "two.json")
    return root


@pytest.fixture(scope="module", params=["mkdocs", "zensical"])
def site(request, tmp_path_factory):
    root = article(tmp_path_factory.mktemp("hostile"))
    done = getattr(engines, request.param)(root)
    assert done.returncode == 0, done.stderr
    assert "date must be a day" in done.stderr
    if request.param == "mkdocs":
        return root / "mkdocs-site"
    finished = engines.lensdoc(root, "assets", "site")
    assert finished.returncode == 0, finished.stderr
    return root / "site"


def head(tree, name):
    return tree.xpath(f"//head/meta[@name='{name}' or @property='{name}']/@content")


def test_no_page_has_a_script_or_an_element_of_a_record(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= 9  # embeds too
    for path in pages:
        tree = lxml_html.fromstring(path.read_bytes())
        assert not tree.xpath("//script[not(@type)][contains(text(), 'taken')] | //b[@x] | //models"), path
        assert "<script>document.title" not in path.read_text()


def test_a_valid_front_matter_is_escaped_once(site):
    tree = engines.page(site, "valid/index.html")
    assert tree.xpath("string(//head/title)") == f"{TITLE} - Hostile"
    assert head(tree, "description") == [f"D & {EVIL}"]
    assert head(tree, "author") == [f"A {EVIL}"]
    assert head(tree, "og:title") == head(tree, "citation_title") == [TITLE]
    assert head(tree, "og:description") == [f"D & {EVIL}"]
    assert head(tree, "citation_author") == [f"Ada {EVIL}", "R & D"]
    assert head(tree, "citation_keywords") == [f"K {EVIL}"]
    data = json.loads(tree.xpath("//script[@type='application/ld+json']")[0].text)
    assert (data["headline"], data["author"][0]["name"], data["keywords"]) == (TITLE, f"Ada {EVIL}", [f"K {EVIL}"])
    assert f"Thanks {EVIL}" in tree.xpath("string(//section[@class='ld-end'])")
    assert TITLE in tree.xpath("string(//section[@class='ld-end'][last()])")


def test_a_wrong_front_matter_is_escaped_once(site):
    tree = engines.page(site, "wrong/index.html")
    assert tree.xpath("string(//head/title)") == f"Wrong & {EVIL} - Hostile"
    assert head(tree, "description") == [f"D & {EVIL}"]
    assert head(tree, "author") == [f"A {EVIL}"]


def test_a_title_from_a_heading_is_escaped_once(site):
    tree = engines.page(site, "heading/index.html")
    assert tree.xpath("string(//head/title)") == f"Heading & {EVIL} - Hostile"
    assert head(tree, "og:title") == [f"Heading & {EVIL}"]


def test_titles_are_escaped_once_in_the_navigation_and_on_pages_of_single_figures(site):
    for path in ("index.html", "valid/index.html", "wrong/index.html", "heading/index.html"):
        named = {engines.said(a) for a in engines.page(site, path).xpath("//nav[contains(@class, 'md-nav')]//a")}
        assert {TITLE, f"Wrong & {EVIL}", f"Heading & {EVIL}"} <= named, path
        for footer in engines.page(site, path).xpath("//a[contains(@class, 'md-footer__link')]"):
            assert "&amp;amp;" not in footer.get("aria-label") or "heading" in footer.get("href")  # the theme's own
    titles = set()
    for path in (site / "embed").rglob("*.html"):
        tree = lxml_html.fromstring(path.read_bytes())
        assert tree.xpath("string(//h1)") == tree.xpath("string(//head/title)")
        titles.add(tree.xpath("string(//h1)"))
    if (site / "embed" / "bad").exists():  # Zensical gives them the heading as title
        assert titles == {"Home", TITLE, f"Wrong & {EVIL}", f"Heading & {EVIL}"}


def test_the_search_holds_titles_escaped_once(site):
    found = json.loads(next(path for path in (site / "search").rglob("*.json")).read_text()) if (site / "search").exists() else {}
    titles = [entry["title"] for entry in found.get("docs", found.get("items", []))]
    assert not [title for title in titles if re.search(r"&amp;(amp|lt|quot);(?!&)", title.replace("&amp;amp;", ""))]


def test_no_script_of_a_record_runs(site, browser):
    with serve(site) as address:
        page = browser.new_page()
        trouble = []
        page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
        for name in ("", *(f"{name}/" for name in PAGES if name != "index")):
            page.goto(address + name)
            page.wait_for_timeout(200)
            assert page.title() != "taken"
        page.close()
        assert trouble == []


def test_what_is_escaped_is_escaped_once_by_templates_too():
    from jinja2 import Template

    shown = for_theme({"title": "Q & A", "author": ["<b>"], "description": None, "other": "&"})
    assert shown == {"title": "Q &amp; A"}
    assert Template("{{ title }} {{ title | e }}").render(shown) == "Q &amp; A Q &amp; A"
    assert isinstance(shown["title"], Escaped)
