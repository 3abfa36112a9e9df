"""Deposits: what is in the archive, that it is the same each time, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile

import pytest
import yaml
from click.testing import CliRunner
from pypdf import PdfReader

from lensdoc.cli import lensdoc
from lensdoc.core.errors import PublishError
from lensdoc.publish.deposits.archive import MANIFEST, pack

BARE = "---\ntitle: Bare\nauthors:\n  - {name: Ada van Example, affiliation: Nowhere, orcid: 0000-0002-1825-0097}\n"
BARE += "date: 2026-01-31\nlicense: CC-BY-4.0\n---\n# Bare <x>\n\nOnly words.\n"
CONFIG = "site_name: Bare\nsite_url: https://example.org/bare/\ntheme: {name: material, font: false}\n"
CONFIG += "markdown_extensions: [lensdoc]\nplugins: [lensdoc: {execute: never}]\n"


@pytest.fixture
def bare(fresh_article, tmp_path, monkeypatch):
    """The article's runs and data with a page of a few words, so that a build is quick; the test stands in it."""
    shutil.copytree(fresh_article / "analyses", tmp_path / "analyses")
    shutil.copytree(fresh_article / "docs" / "data", tmp_path / "docs" / "data")
    (tmp_path / "docs" / "index.md").write_text(BARE)
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def made(bare):
    """The option that hands over a site, one page without a build."""
    (bare / "built").mkdir()
    (bare / "built" / "index.html").write_text("<!doctype html><title>x</title><p>Only words.</p>")
    return "--site=built"


def deposit(*arguments):
    return CliRunner().invoke(lensdoc, ["deposit", *arguments], catch_exceptions=False)


def test_an_archive_holds_all_and_is_the_same_each_time(bare):
    assert "PDFs: none" in deposit("a.zip", "--no-pdf").output
    deposit("b.zip", "--no-pdf")
    assert (bare / "a.zip").read_bytes() == (bare / "b.zip").read_bytes()
    assert not list(bare.glob("*.part"))
    with zipfile.ZipFile(bare / "a.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    expected = {
        "site/index.html",
        "site/index.md",
        "docs/data/counting/two-factors.json",
        "ro-crate-metadata.json",
        "CITATION.cff",
    }
    assert expected < set(files)
    listed = {entry["path"]: entry for entry in json.loads(files[MANIFEST])["files"]}
    assert set(listed) == set(files) - {MANIFEST}
    for name, entry in listed.items():
        assert (entry["size"], entry["sha256"]) == (len(files[name]), hashlib.sha256(files[name]).hexdigest()), name
    assert listed["site/index.md"]["type"] == "text/markdown"
    assert b"<lastmod>2026-01-31</lastmod>" in files["site/sitemap.xml"]


def test_metadata_are_those_of_the_article(bare, made):
    deposit("a.zip", "--no-pdf", made)
    with zipfile.ZipFile(bare / "a.zip") as archive:
        zenodo, cited = json.loads(archive.read(".zenodo.json")), yaml.safe_load(archive.read("CITATION.cff"))
    assert zenodo["creators"] == [{"name": "van Example, Ada", "affiliation": "Nowhere", "orcid": "0000-0002-1825-0097"}]
    assert (zenodo["title"], zenodo["publication_date"], zenodo["license"]) == ("Bare", "2026-01-31", "cc-by-4.0")
    assert zenodo["related_identifiers"][0]["identifier"] == "https://example.org/bare/"
    assert zenodo["description"] == "<p>Bare</p>"
    assert (cited["title"], cited["license"]) == ("Bare", "CC-BY-4.0")


@pytest.mark.browser
def test_articles_are_printed(bare, made):
    assert "PDFs: index.pdf" in deposit("a.zip", made).output
    with zipfile.ZipFile(bare / "a.zip") as archive:
        pages = PdfReader(io.BytesIO(archive.read("pdf/index.pdf"))).pages
    assert "Only words." in pages[0].extract_text()


def test_without_a_browser_that_is_said(bare, made, monkeypatch):
    monkeypatch.delenv("LENSDOC_CHROMIUM", raising=False)
    monkeypatch.setattr("lensdoc.publish.deposits.printing._NAMES", ("no-such-browser",))
    done = deposit("a.zip", made)
    assert "no PDF was printed: there is no Chrome or Chromium" in done.output
    assert (bare / "a.zip").is_file()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "Only words.",
            "See @fig-nothing.",
            r"does not build, so nothing was deposited:\n.*index.md:10: no figure 'fig-nothing'",
        ),
        ("license: CC-BY-4.0\n", "", "names no licence"),
        ("authors:\n  - {name: Ada van Example, affiliation: Nowhere, orcid: 0000-0002-1825-0097}\n", "", "names no authors"),
        ("Ada van Example", "Your Name", "'Your Name', as `lensdoc new` wrote it"),
    ],
)
def test_what_is_not_whole_is_refused(bare, old, new, message):
    page = bare / "docs" / "index.md"
    page.write_text(page.read_text().replace(old, new))
    with pytest.raises(PublishError, match=message):
        deposit("a.zip", "--no-pdf")
    assert not (bare / "a.zip").exists()


def test_a_stale_run_is_refused(bare):
    runs = bare / "analyses" / "runs.yml"
    runs.write_text(runs.read_text().replace(" 1, 2, 3", " 2, 3, 4"))
    with pytest.raises(PublishError, match=r"run counting is stale: .*lensdoc run"):
        deposit("a.zip", "--no-pdf")


def test_a_site_that_is_older_than_its_pages_is_refused(bare):
    site = bare / "built"
    site.mkdir()
    with pytest.raises(PublishError, match="has no index.html"):
        deposit("a.zip", "--no-pdf", "--site", "built")
    (site / "index.html").write_text("<!doctype html><title>x</title>")
    os.utime(site / "index.html", (1e9, 1e9))
    with pytest.raises(PublishError, match=r"built is older than mkdocs.yml: build it again"):
        deposit("a.zip", "--no-pdf", "--site", "built")
    os.utime(site / "index.html")
    assert "files" in deposit("a.zip", "--no-pdf", "--site", "built").output


def test_the_day_of_a_file_is_no_part_of_an_archive(tmp_path):
    for name, day in (("a", 1e9), ("b", 1.5e9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.md").write_text("x")
        os.utime(tmp_path / name / "x.md", (day, day))
        pack(tmp_path / name, tmp_path / f"{name}.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
