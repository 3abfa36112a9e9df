"""Whole sites, built as an author builds them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import forked
import pytest
from recorded import lock

from lensdoc.pipeline.lock import Verified, read_lock, write_verified
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import FRESH, status

GOLDEN = Path(__file__).parent / "golden" / "site"
ROOT = Path(__file__).parents[1]
WITHOUT_COMPUTING = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "transformers", "sklearn", "papermill"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def offline(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise OSError(f"the network was asked for: {arguments}")

sys.meta_path.insert(0, Absent())
sys.addaudithook(offline)
"""


def build(folder, site, before="", *, strict=True, **environment):
    command = [sys.executable, "-c", before + forked.MKDOCS, "build", "--site-dir", str(site), *(["--strict"] if strict else [])]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment
    return forked.run(command, cwd=folder, env=environment)


def normal(path):
    """Text of a file, without the hashes of our assets."""
    return re.sub(r"\b(lensdoc|embed|notebook|article)\.[0-9a-f]{8}\.", r"\1.HASH.", path.read_text())


def as_their_names_say(folder):
    """Give the runs of a golden site, `verified`, `fresh` and `stale`, a lock: it holds hashes of lensdoc's code."""
    project = Project(folder)
    declared = project.runs_file.read_text()
    project.runs_file.write_text(declared.replace('" 9"', '" 8"'))
    lock(project, {"count.ipynb": ()})
    project.runs_file.write_text(declared)
    found = Verified(how="exact", device="another machine", versions={})
    assert write_verified(project.lock_file, "verified", read_lock(project.lock_file)["verified"], found)


@pytest.mark.parametrize("case", sorted(p.name for p in GOLDEN.iterdir()))
def test_golden_sites(case, tmp_path, request):
    site, folder = tmp_path / "site", tmp_path / case
    shutil.copytree(GOLDEN / case, folder, ignore=shutil.ignore_patterns("expected"))
    runs = (folder / "analyses").is_dir()
    if runs:
        as_their_names_say(folder)
    done = build(folder, site, strict=not runs)
    assert done.returncode == 0, done.stderr
    assert ("run stale is stale" in done.stderr) is runs
    found = {p.relative_to(site).as_posix(): normal(p) for p in sorted(site.rglob("*.html"))}
    expected = GOLDEN / case / "expected"
    if request.config.getoption("--write-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        for name, text in found.items():
            (expected / name).parent.mkdir(parents=True, exist_ok=True)
            (expected / name).write_text(text)
    assert found == {p.relative_to(expected).as_posix(): p.read_text() for p in sorted(expected.rglob("*.html"))}


def test_assets_and_data_are_in_the_site_and_found_from_every_page(tmp_path):
    site = tmp_path / "site"
    assert build(GOLDEN / "factors", site).returncode == 0
    for page in (site / "index.html", site / "other" / "index.html"):
        links = re.findall(r'(?:href|src)="([^"#]+)"', page.read_text())
        assert len(links) >= 2
        for link in links:
            assert (page.parent / link).is_file(), link
    assert (site / "data" / "run" / "factors.json").read_bytes() == (
        GOLDEN / "factors" / "docs" / "data" / "run" / "factors.json"
    ).read_bytes()
    assert "ISC" not in (site / "index.html").read_text()
    assert "Mike Bostock" in (site / "assets" / "lensdoc" / "lensdoc.licences.txt").read_text()


def test_the_committed_article_is_up_to_date():
    assert [(found.name, found.why) for found in status(Project(ROOT)) if found.word != FRESH] == []


@pytest.mark.long
def test_an_up_to_date_article_builds_the_same_without_what_computes_and_offline(own_built, own_article, own_address, tmp_path):
    bare = tmp_path / "bare"
    done = build(own_article, bare, WITHOUT_COMPUTING, SITE_URL=own_address)
    assert done.returncode == 0, done.stderr
    pages = [p.relative_to(own_built) for p in own_built.rglob("*.html")]
    assert Path("index.html") in pages
    for page in [*pages, Path("search/search_index.json")]:
        assert (own_built / page).read_bytes() == (bare / page).read_bytes(), page


@pytest.mark.parametrize("code", ["import torch", "import urllib.request as u; u.urlopen('http://localhost:9')"])
def test_the_bare_environment_is_bare(code):
    done = subprocess.run([sys.executable, "-c", WITHOUT_COMPUTING + code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No module named 'torch'" in done.stderr or "the network was asked for" in done.stderr


def test_a_mistake_fails_the_strict_build_with_page_and_line(tmp_path):
    folder = shutil.copytree(GOLDEN / "factors", tmp_path / "factors")
    page = folder / "docs" / "index.md"
    page.write_text(page.read_text() + "\n`{val} run/factors.facts.neuron`\n")
    line = len(page.read_text().splitlines())
    done = build(folder, tmp_path / "site")
    assert done.returncode == 1
    assert f"WARNING -  index.md:{line}: run/factors.facts.neuron: unknown field 'neuron'; did you mean neurons" in done.stderr
    assert build(folder, tmp_path / "site", strict=False).returncode == 0


@pytest.mark.long
def test_lines_are_right_without_front_matter_too(project, tmp_path):
    (project / "docs" / "index.md").write_text("\n\n# One\n\n`{val} no/such.facts.x`\n")
    assert "index.md:5: no record 'no/such'" in build(project, tmp_path / "site").stderr


@pytest.mark.long
def test_a_stale_run_fails_the_strict_build_and_is_not_executed_by_never(project, tmp_path):
    config = project / "mkdocs.yml"
    config.write_text(config.read_text().replace("execute: auto", "execute: never"))
    runs = project / "analyses" / "runs.yml"
    runs.write_text(runs.read_text().replace("max_new_tokens: 30", "max_new_tokens: 20"))
    before = sorted((p, p.stat().st_mtime_ns) for p in (project / "docs").rglob("*"))
    done = build(project, tmp_path / "site")
    assert done.returncode == 1
    assert "run counting is stale: parameter max_new_tokens: 30 -> 20; execute it: lensdoc run counting" in done.stderr
    assert sorted((p, p.stat().st_mtime_ns) for p in (project / "docs").rglob("*")) == before


def test_a_build_without_the_extension_says_what_to_add(project, tmp_path):
    config = project / "mkdocs.yml"
    config.write_text(re.sub(r"  - lensdoc: .*\n", "", config.read_text(), count=1))
    done = build(project, tmp_path / "site")
    assert done.returncode == 1
    assert "add `- lensdoc` under markdown_extensions" in done.stderr


NOTHING_WRITTEN = """
import os, sys

def guard(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and "/docs/" in os.path.abspath(arguments[0]):
        if arguments[2] & (os.O_WRONLY | os.O_RDWR):
            raise PermissionError(f"read-only: {arguments[0]}")

sys.addaudithook(guard)
"""


def test_the_folder_of_data_is_named_from_where_mkdocs_yml_lies(project, tmp_path):
    (project / "docs" / "data").rename(project / "elsewhere")
    config = project / "mkdocs.yml"
    config.write_text(config.read_text().replace("lensdoc: {bib", "lensdoc: {data: elsewhere, bib").replace("auto", "never"))
    (project / "analyses" / "runs.yml").unlink()
    for page in (project / "docs").rglob("*.md"):
        page.write_text(re.sub(r"\[data\]\([^)]*\)", "data", page.read_text()))
    done = build(project, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "<lens-factors" in (tmp_path / "site" / "index.html").read_text()


@pytest.mark.long
def test_a_build_writes_nothing_to_docs(project, tmp_path):
    done = build(project, tmp_path / "site", NOTHING_WRITTEN)
    assert done.returncode == 0, done.stderr


def test_the_guard_sees_a_write(project):
    code = f"{NOTHING_WRITTEN}\nopen({str(project / 'docs' / 'x')!r}, 'w')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "read-only:" in done.stderr


def test_no_page_names_another_host_for_what_it_loads(own_built, own_address):
    for page in own_built.rglob("*.html"):
        tags = re.findall(r"<(?:script|link|img|iframe)[^>]*>", page.read_text())
        told = re.compile(r'rel="(?:author|canonical|cite-as|license)"')  # no browser loads what these name
        loaded = [address for tag in tags if not told.search(tag) for address in re.findall(r'(?:src|href)="([^"]*)"', tag)]
        assert loaded
        assert [address for address in loaded if re.match(r"(https?:)?//", address) and not address.startswith(own_address)] == []


def test_long_environment_without_what_computes(full, own_built, own_article, own_address, tmp_path):
    """A new environment with the extra `site` only builds the same page, byte for byte."""
    assert full is None
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", f"{ROOT}[site]"]
    subprocess.run(install, check=True)
    listing = subprocess.run([python, "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout.lower()
    assert not re.search(r"^(torch|transformers|scikit-learn|papermill) ", listing, re.MULTILINE)
    site = tmp_path / "site"
    command = [python, "-m", "mkdocs", "build", "--strict", "--site-dir", site]
    subprocess.run(command, check=True, cwd=own_article, env=os.environ | {"SITE_URL": own_address})
    assert (site / "index.html").read_bytes() == (own_built / "index.html").read_bytes()
