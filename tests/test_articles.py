"""Front matter: what readers, indexers and reference managers get of it, and how mistakes in it are told."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import builders
import pytest
import yaml
from lxml import html as lxml_html
from pybtex.database import parse_string
from test_site import build

from lensdoc.publish.article.citing import Published, as_citation_file, in_bibtex, in_words
from lensdoc.publish.article.credit import credit
from lensdoc.publish.article.front_matter import read_article
from lensdoc.publish.article.licences import licence_address
from lensdoc.publish.article.notebook_links import notebook_links
from lensdoc.publish.article.page import with_front_matter
from lensdoc.publish.article.schema import Article
from lensdoc.publish.article.tags import head_tags
from lensdoc.publish.privacy.foreign import foreign_in_page
from lensdoc.records.writing import write_record

FRONT = """---
title: What a <model> & co. count
description: A "quoted" sentence
authors:
  - name: Łucja Example
    affiliation: [University of Nowhere, Institute of Samples]
    orcid: 0000-0002-1825-0097
    url: https://example.org/lucja
    email: lucja@example.org
  - Ben Sample
  - organization: The group
    affiliation: University of Nowhere
date: 2026-01-31
updated: 2026-02-03
doi: 10.5281/zenodo.12_34
license: CC-BY-NC-SA-4.0
keywords: [language models, "</script><b>"]
acknowledgements: We thank everybody.
image: picture.png
image_alt: A picture
---
"""


def article(front=FRONT):
    found = []
    read = read_article(yaml.safe_load(front.strip().strip("-")), front, lambda message, line: found.append((line, message)))
    return read, found


@pytest.fixture
def published():
    read, found = article()
    assert found == []
    return Published(read, read.title, "A site", "https://example.org/site/", image="https://example.org/site/picture.png")


def test_front_matter_is_read(published):
    read = published.article
    assert [author.called for author in read.authors] == ["Łucja Example", "Ben Sample", "The group"]
    assert read.affiliations == ("University of Nowhere", "Institute of Samples")
    assert (read.date, read.updated) == (date(2026, 1, 31), date(2026, 2, 3))


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("1825-0097", "1825-0079", 7, "authors[0].orcid has a wrong check digit: '0000-0002-1825-0079' should end with 0"),
        (
            "orcid: 0000",
            "orcid: https://orcid.org/0000",
            7,
            "authors[0].orcid must be four groups of four, it is 'https://orcid.org/",
        ),
        (
            "10.5281/",
            "https://doi.org/10.5281/",
            15,
            "doi must be a DOI, it is 'https://doi.org/10.5281/zenodo.12_34'; write it without",
        ),
        ("date: 2026-01-31", "date: January 2026", 13, "date must be a day, it is 'January 2026'; write it as 2026-01-31"),
        ("updated: 2026-02-03", "updated: 2025-02-03", None, "updated (2025-02-03) must not be before date (2026-01-31)"),
        ("CC-BY-NC-SA-4.0", "CC BY", 16, "license must be an SPDX identifier, it is 'CC BY'"),
        (
            "https://example.org/lucja",
            "example.org",
            8,
            "authors[0].url must be an address, it is 'example.org'; begin it with https://",
        ),
        ("    email:", "    mail:", 9, "authors[0].mail is no field; did you mean email?"),
        ("title: What a <model> & co. count", "title: 2026", 2, "title must be a text, it is 2026; put it in quotes"),
        ("  - Ben Sample", "  - 7", 10, "authors[1] must be a name or fields of an author, it is 7"),
        ("  - organization: The group", "  - name: X\n    organization: Y", 11, "authors[2] must have either a name"),
        (
            "thank everybody",
            "thank [@a, p. 3]",
            18,
            "acknowledgements are plain text, in which [@a, p. 3] cites nothing; cite it on",
        ),
        ("keywords: [", "keyword: [", 17, "the front matter has 'keyword', which nothing reads; did you mean keywords?"),
    ],
)
def test_a_mistake_is_told_with_its_line_rule_and_cure(old, new, line, message):
    front = FRONT.replace(old, new, 1)
    assert front != FRONT
    _, found = article(front)
    assert [at for at, _ in found] == [line]
    assert found[0][1].startswith(message)


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"])
def test_valid_orcids_pass(orcid):
    _, found = article(FRONT.replace("0000-0002-1825-0097", orcid))
    assert found == []


def test_indexers_read_the_tags(published):
    head = lxml_html.fragment_fromstring(head_tags(published), create_parent="div")
    named = [(tag.get("name"), tag.get("content")) for tag in head.xpath("//meta[@name]")]
    assert named == [
        ("citation_title", "What a <model> & co. count"),
        ("citation_author", "Łucja Example"),
        ("citation_author_institution", "University of Nowhere"),
        ("citation_author_institution", "Institute of Samples"),
        ("citation_author_orcid", "https://orcid.org/0000-0002-1825-0097"),
        ("citation_author", "Ben Sample"),
        ("citation_author", "The group"),
        ("citation_author_institution", "University of Nowhere"),
        ("citation_publication_date", "2026/01/31"),
        ("citation_online_date", "2026/02/03"),
        ("citation_doi", "10.5281/zenodo.12_34"),
        ("citation_fulltext_html_url", "https://example.org/site/"),
        ("citation_language", "en"),
        ("citation_keywords", "language models; </script><b>"),
        ("twitter:card", "summary_large_image"),
    ]
    shared = {tag.get("property"): tag.get("content") for tag in head.xpath("//meta[@property]")}
    assert shared["og:image"] == "https://example.org/site/picture.png"
    assert shared["og:image:alt"] == "A picture"
    assert shared["og:description"] == 'A "quoted" sentence'
    assert (shared["og:type"], shared["article:published_time"]) == ("article", "2026-01-31")
    assert "lucja@" not in head_tags(published)


def signposts(published):
    head = lxml_html.fragment_fromstring(head_tags(published), create_parent="div")
    return [(link.get("rel"), link.get("href"), link.get("type")) for link in head.iter("link")]


def test_signposts_lead_to_doi_authors_licence_and_data(published):
    data = "https://example.org/site/data/a/b.json"
    said = replace(published, data=(data,), described_by="https://example.org/site/CITATION.cff")
    assert signposts(said) == [
        ("cite-as", "https://doi.org/10.5281/zenodo.12_34", None),
        ("author", "https://orcid.org/0000-0002-1825-0097", None),
        ("license", "https://creativecommons.org/licenses/by-nc-sa/4.0/", None),
        ("describedby", "https://example.org/site/CITATION.cff", "application/yaml"),
        ("item", data, "application/json"),
    ]
    assert foreign_in_page(head_tags(said)) == []  # links are followed, not loaded


def test_a_page_without_authors_has_no_signposts(published):
    assert signposts(replace(published, article=Article(license="MIT"), data=("x",))) == []


def test_json_ld_is_data_that_ends_no_script(published):
    text = head_tags(published).partition('<script type="application/ld+json">')[2]
    assert text.count("</script>") == 1
    data = json.loads(text.removesuffix("</script>\n"))
    assert data["@type"] == "ScholarlyArticle"
    assert data["headline"] == "What a <model> & co. count"
    assert data["keywords"][1] == "</script><b>"
    assert data["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert [author["@type"] for author in data["author"]] == ["Person", "Person", "Organization"]
    assert data["license"] == "https://creativecommons.org/licenses/by-nc-sa/4.0/"


def test_bibtex_is_read_by_a_parser(published):
    entry = parse_string(in_bibtex(published), "bibtex").entries["example2026what"]
    assert [str(person) for person in entry.persons["author"]] == ["Example, Łucja", "Sample, Ben", "{The group}"]
    assert entry.fields["title"] == r"{What a <model> \& co. count}"
    assert (entry.fields["year"], entry.fields["doi"]) == ("2026", "10.5281/zenodo.12_34")


def test_a_name_with_an_and_is_one_name_in_bibtex():
    made = Article.model_validate({"authors": ["Smith and Sons", "Black and White, Ada", "Alexander Sand"]})
    entry = parse_string(in_bibtex(Published(made, "Title", "Site")), "bibtex").entries["sonstitle"]
    assert [str(person) for person in entry.persons["author"]] == [
        "Sons, {Smith and}",
        "{Black and White}, Ada",
        "Sand, Alexander",
    ]


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ("Ada Example", "Ada Example. T"),
        ({"name": "Ada Example"}, "Ada Example. T"),
        ({"organization": "Group"}, "Group. T"),
        (["Ada Example", {"name": "Ben"}], "Ada Example, Ben. T"),
        (5, "T"),
        (None, "Site author. T"),
        ([], "Site author. T"),
    ],
)
def test_a_figure_is_credited_to_one_author_or_several(authors, expected):
    assert credit({"authors": authors, "title": "T"}, "Site author", "Site") == expected


def test_words_name_all_and_lead_to_the_doi(published):
    assert in_words(published) == (
        "Łucja Example, Ben Sample and The group (2026). What a <model> & co. count. A site. https://doi.org/10.5281/zenodo.12_34"
    )


def test_the_citation_file_follows_its_format(published):
    found = yaml.safe_load(as_citation_file(published))
    assert {"cff-version", "message", "title", "authors"} <= set(found)  # what version 1.2.0 requires
    assert found["authors"][0] == {
        "family-names": "Example",
        "given-names": "Łucja",
        "affiliation": "University of Nowhere; Institute of Samples",
        "orcid": "https://orcid.org/0000-0002-1825-0097",
        "email": "lucja@example.org",
        "website": "https://example.org/lucja",
    }
    assert found["authors"][2]["name"] == "The group"
    assert found["date-released"] == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("html", "before", "after"),
    [
        ("<h1>T</h1><p>x</p>", "<h1>T</h1>", "<p>x</p>"),
        ('<div class="ld-hero"><div class="ld-hero-inner"><h1>T</h1><p>x</p></div></div>', "<h1>T</h1>", "<p>x</p></div>"),
        ("<p>x</p>", "", "<p>x</p>"),
    ],
)
def test_the_byline_stands_below_the_title(published, html, before, after):
    shown = with_front_matter(html, published)
    start = shown.index('<div class="ld-byline">')
    assert shown[:start].endswith(before)
    assert shown[shown.index("</dl></div>") + len("</dl></div>") :].startswith(after)
    assert "lucja@" not in shown


def test_the_byline_says_who_where_and_when(published):
    page = lxml_html.fragment_fromstring(with_front_matter("<h1>T</h1>", published), create_parent="div")
    assert [" ".join(li.text_content().split()) for li in page.xpath('//ul[@class="ld-authors"]/li')] == [
        "Łucja Example1,2 iD",
        "Ben Sample",
        "The group1",
    ]
    assert page.xpath('//ul[@class="ld-authors"]//a[@class="ld-orcid"]/@aria-label') == ["ORCID of Łucja Example"]
    facts = [" ".join(part.text_content() for part in div) for div in page.xpath("//dl/div")]
    assert facts == [
        "Published 31 January 2026",
        "Updated 3 February 2026",
        "DOI 10.5281/zenodo.12_34",
        "Licence CC-BY-NC-SA-4.0",
    ]
    assert page.xpath("//section/h2/@id") == ["acknowledgements", "cite-this-article"]
    assert len(page.xpath('//p[@class="ld-citation"]//button[@data-does="copy"]')) == 2


def test_a_page_without_front_matter_shows_nothing_more():
    assert with_front_matter("<h1>T</h1>", Published(Article(), "T", "S")) == "<h1>T</h1>"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("CC-BY-ND-4.0", "https://creativecommons.org/licenses/by-nd/4.0/"),
        ("Apache-2.0", "https://spdx.org/licenses/Apache-2.0.html"),
    ],
)
def test_licences_have_addresses(name, address):
    assert licence_address(name) == address


def test_notebooks_open_in_other_programs_where_the_repository_is_known():
    def opened(program, *given):
        return [address for _, address in notebook_links([program], *given)]

    base = "https://colab.research.google.com/github/a/b/blob"
    assert opened("colab", "https://github.com/a/b.git", "analyses/x.ipynb") == [f"{base}/main/analyses/x.ipynb"]
    assert opened("colab", "https://github.com/a/b/", "x.ipynb", "edit/master/docs/") == [f"{base}/master/x.ipynb"]
    assert opened("colab", "https://github.com/a/b", "my list #1.ipynb") == [f"{base}/main/my%20list%20%231.ipynb"]
    assert opened("colab", "https://gitlab.com/a/b", "x.ipynb") == []
    base = "https://mybinder.org/v2"
    assert opened("binder", "https://github.com/a/b", "an/x y.ipynb") == [f"{base}/gh/a/b/main?urlpath=lab/tree/an/x%20y.ipynb"]
    gitlab = "https://gitlab.com/group/a/b"
    assert opened("binder", gitlab, "x.ipynb", "-/edit/dev/docs/") == [f"{base}/gl/group%2Fa%2Fb/dev?urlpath=lab/tree/x.ipynb"]
    assert [words for words, _ in notebook_links(["binder", "colab"], "https://github.com/a/b", "x")] == [
        "open in Binder",
        "open in Colab",
    ]
    assert notebook_links(["colab", "binder"], None, "x.ipynb") == []


@pytest.fixture
def small(tmp_path):
    """A site of two pages, the first with front matter."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(f"{FRONT}# Title\n\nText.\n")
    (docs / "other.md").write_text("# Other\n\nText.\n")
    (docs / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Small\nsite_url: https://example.org/small/\ntheme: {name: material, font: false}\n"
        "markdown_extensions: [lensdoc]\nplugins: [lensdoc: {citation_cff: true}]\n"
    )
    return tmp_path


def test_a_site_carries_what_the_front_matter_says(small, tmp_path):
    done = build(small, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    page = lxml_html.document_fromstring((tmp_path / "site" / "index.html").read_text())
    head = page.find("head")
    assert head.xpath('.//meta[@property="og:image"]/@content') == ["https://example.org/small/picture.png"]
    assert head.xpath('.//meta[@name="citation_fulltext_html_url"]/@content') == ["https://example.org/small/"]
    assert head.xpath('.//meta[@name="description"]/@content') == ['A "quoted" sentence']
    assert head.findtext("title") == "What a <model> & co. count - Small"
    assert len(head.xpath('.//script[@type="application/ld+json"]')) == 1
    assert page.xpath('//nav[contains(@class, "md-nav--secondary")]//a[@href="#cite-this-article"]')
    other = lxml_html.document_fromstring((tmp_path / "site" / "other" / "index.html").read_text())
    assert other.xpath('//meta[@property="og:title"]/@content') == ["Other"]
    assert not other.xpath(
        '//*[@class="ld-byline"] | //meta[starts-with(@name, "citation")] | //script[contains(@type, "ld+json")]'
    )
    assert yaml.safe_load((tmp_path / "site" / "CITATION.cff").read_text())["title"] == "What a <model> & co. count"


def test_mistakes_end_a_strict_build(small, tmp_path):
    page = small / "docs" / "index.md"
    page.write_text(page.read_text().replace("1825-0097", "1825-0098").replace("picture.png", "pictures.png"))
    done = build(small, tmp_path / "site")
    assert done.returncode == 1
    assert "WARNING -  index.md:7: authors[0].orcid has a wrong check digit" in done.stderr
    page.write_text(page.read_text().replace("1825-0098", "1825-0097"))
    done = build(small, tmp_path / "site")
    assert (
        "index.md:19: image names no file below the folder of pages, it is 'pictures.png'; did you mean picture.png?"
        in done.stderr
    )


HOSTILE = '"><script>alert(1)</script><b title="&'


@pytest.mark.parametrize("date", ["2026-11-01", '"no day"'])
def test_values_in_front_matter_are_text_for_the_theme_too(small, tmp_path, date):
    write_record(builders.sequence([HOSTILE, "y"]), small / "docs" / "data" / "run" / "hostile.json")
    value = "`{val} run/hostile.tokens[0].text`"
    fields = "".join(f"{name}: 'A {value}'\n" for name in ("title", "description", "author"))
    (small / "docs" / "index.md").write_text(f"---\n{fields}tags: ['{value}']\nauthors: A B\ndate: {date}\n---\n\n# T\n\nText.\n")
    done = build(small, tmp_path / "site", strict=False)
    assert done.returncode == 0, done.stderr
    assert ("date" in done.stderr) is (date == '"no day"')
    for name in ("index.html", "other/index.html"):
        text = (tmp_path / "site" / name).read_text()
        page = lxml_html.document_fromstring(text)
        assert not page.xpath("//script[contains(., 'alert')][not(@type='application/ld+json')]")
        assert not page.xpath("//b[@title]")
        assert "&amp;lt;" not in text
    assert lxml_html.parse(str(tmp_path / "site" / "index.html")).xpath("//meta[@name='author']/@content") == [f"A {HOSTILE}"]


def test_a_title_is_that_of_the_heading_and_not_of_the_navigation(small, tmp_path):
    config = small / "mkdocs.yml"
    config.write_text(config.read_text() + "nav: [{Home: index.md}, other.md]\n")
    text = (small / "docs" / "index.md").read_text().replace("title: What a <model> & co. count\n", "")
    (small / "docs" / "index.md").write_text(text.replace("# Title", "# Gradients & *attention* in `gpt2`"))
    assert build(small, tmp_path / "site").returncode == 0
    page = lxml_html.parse(str(tmp_path / "site" / "index.html"))
    for tag in ("@name='citation_title'", "@property='og:title'"):
        assert page.xpath(f"//meta[{tag}]/@content") == ["Gradients & attention in gpt2"]
    assert yaml.safe_load((tmp_path / "site" / "CITATION.cff").read_text())["title"] == "Gradients & attention in gpt2"


def test_a_citation_file_needs_authors(small, tmp_path):
    (small / "docs" / "index.md").write_text("# Title\n")
    done = build(small, tmp_path / "site")
    assert done.returncode == 1
    assert "mkdocs.yml: citation_cff asks for a citation file, but no page has authors" in done.stderr


def test_reading_front_matter_needs_no_theme():
    code = "import sys, lensdoc.publish.article.front_matter; sys.exit('mkdocs' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "bibtex", "parts"),
    [
        ("Yan van den Berg", "van den Berg, Yan", ("van den", "Berg", "Yan", "")),
        ("van den Berg, Yan", "van den Berg, Yan", ("van den", "Berg", "Yan", "")),
        ("Donald Knuth Jr.", "Knuth, Jr., Donald", ("", "Knuth", "Donald", "Jr.")),
        ("Knuth, Jr., Donald E.", "Knuth, Jr., Donald E.", ("", "Knuth", "Donald E.", "Jr.")),
        ("Henry Ford II", "Ford, II, Henry", ("", "Ford", "Henry", "II")),
        ("Ada Lovelace", "Lovelace, Ada", ("", "Lovelace", "Ada", "")),
        ("Malcolm X", "X, Malcolm", ("", "X", "Malcolm", "")),
        ("bell hooks", "hooks, bell", ("", "hooks", "bell", "")),
        ("nostalgebraist", "nostalgebraist", ("", "nostalgebraist", "", "")),
        ("A, B, C, D", "A, B, C, D", ("", "A", "B, C, D", "")),
    ],
)
def test_names_are_taken_apart_for_reference_managers(name, bibtex, parts):
    published = Published(Article.model_validate({"title": "T", "authors": [{"name": name}]}), "T", "S")
    assert f"author = {{{bibtex}}}" in in_bibtex(published)
    (author,) = yaml.safe_load(as_citation_file(published))["authors"]
    fields = ("name-particle", "family-names", "given-names", "name-suffix")
    assert author == {field: part for field, part in zip(fields, parts, strict=True) if part}
