"""`mkdocs.yml` as the pipeline reads it: runs write where pages read."""

from __future__ import annotations

import pytest

from lensdoc.core.errors import RunError
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.site import read_site
from lensdoc.publish.engines.mkdocs.analyses import check_data_folder

PARENT = "docs_dir: pages\nmarkdown_extensions: {lensdoc: {csl: apa}, attr_list: {}}\nplugins: [search]\n"
CASES = {
    "": "docs/data",
    "docs_dir: content": "content/data",
    "docs_dir: !ENV [LENSDOC_NO_SUCH, LENSDOC_PAGES, content]": "from-env/data",
    "docs_dir: !ENV LENSDOC_PAGES": "from-env/data",
    "docs_dir: !ENV [LENSDOC_NO_SUCH, content]": "content/data",
    "markdown_extensions: [attr_list, lensdoc: {data: records}]": "records",
    "markdown_extensions: [attr_list, lensdoc]": "docs/data",
    "markdown_extensions: {lensdoc: {data: records}}": "records",
    "markdown_extensions: [toc: {slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}}]": "docs/data",
    "INHERIT: parent.yml": "pages/data",
    "{INHERIT: parent.yml, docs_dir: own}": "own/data",
    "{INHERIT: parent.yml, markdown_extensions: {lensdoc: {data: records}}}": "records",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("LENSDOC_PAGES", "from-env")
    (tmp_path / "parent.yml").write_text(PARENT)
    return Project(tmp_path)


@pytest.mark.parametrize(("text", "data"), CASES.items())
def test_records_lie_where_the_pages_look_for_them(project, text, data):
    (project.root / "mkdocs.yml").write_text(text)
    assert project.data == project.root / data


def test_without_a_file_the_folders_are_those_of_mkdocs(project):
    assert project.data == project.root / "docs" / "data"


def test_a_parent_is_merged_as_mkdocs_merges_it(project):
    path = project.root / "mkdocs.yml"
    path.write_text(
        "INHERIT: parent.yml\nmarkdown_extensions: {lensdoc: {data: records}}\nplugins: [lensdoc: {execute: never}]\n"
    )
    site = read_site(path)
    assert site.extensions == {"lensdoc": {"csl": "apa", "data": "records"}, "attr_list": {}}
    assert site.plugins == {"lensdoc": {"execute": "never"}}


def test_an_edit_is_seen(project):
    path = project.root / "mkdocs.yml"
    path.write_text("docs_dir: a\n")
    assert read_site(path).docs == "a"
    path.write_text("docs_dir: other\n")
    assert read_site(path).docs == "other"


def test_what_cannot_be_read_is_named_with_its_line(project):
    path = project.root / "mkdocs.yml"
    path.write_text("docs_dir: a\nplugins: [\n")
    with pytest.raises(RunError, match=r"mkdocs\.yml:3: not YAML"):
        _ = project.data
    path.write_text("INHERIT: mkdocs.yml\n")
    with pytest.raises(RunError, match=r"INHERIT: more than 10 files inherit from each other"):
        read_site(path)


def test_a_build_from_another_file_that_reads_another_folder_is_refused(project):
    (project.root / "mkdocs.yml").write_text("docs_dir: content\n")
    check_data_folder(project, project.root / "content" / "data")
    with pytest.raises(RunError, match="pages read records from .*docs/data, and runs write them to .*content/data"):
        check_data_folder(project, project.root / "docs" / "data")
