"""What is kept from build to build in a folder of the user: the same without it."""

from __future__ import annotations

import os
import sys

import jinja2
import pytest

from lensdoc.core.kept import kept_folder
from lensdoc.pipeline import code_hashes
from lensdoc.pipeline.code_hashes import CodeHashes
from lensdoc.publish.engines import exporters
from lensdoc.publish.engines.mkdocs.compiled import keep_compiled


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LENSDOC_CACHE", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "builds"


def test_nothing_is_kept_where_python_keeps_nothing_compiled(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept_folder() is None
    assert not folder.exists()


def test_nothing_is_kept_where_no_folder_can_be(folder):
    folder.write_text("a file")
    assert kept_folder() is None
    CodeHashes().keep()


def test_hashes_are_found_once(folder, monkeypatch):
    first = CodeHashes()
    found = [first.of(source) for source in ("x = 1  # one\n", "x = 1\n", "x = 2\n", "x =")]
    first.keep()
    assert found[0] == found[1] != found[2] != found[3]
    assert len(list(folder.glob("code-*.json"))) == 1
    monkeypatch.setattr(code_hashes, "code_of", None)
    second = CodeHashes()
    assert [second.of(source) for source in ("x = 1  # one\n", "x = 1\n", "x = 2\n", "x =")] == found


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', "{"])
def test_a_broken_file_of_hashes_is_made_anew(folder, content):
    first = CodeHashes()
    first.of("x = 1\n")
    first.keep()
    (file,) = folder.glob("code-*.json")
    kept = file.read_text()
    file.write_text(content)
    second = CodeHashes()
    second.of("x = 1\n")
    second.keep()
    assert file.read_text() == kept


def test_templates_are_compiled_once_and_a_changed_one_again(folder):
    texts = {"page": "a {{ b }}"}
    for text in ("a {{ b }}", "c {{ b }}"):
        texts["page"] = text
        environment = jinja2.Environment(loader=jinja2.DictLoader(texts), autoescape=True)
        keep_compiled(environment)
        assert environment.get_template("page").render(b=1) == f"{text[0]} 1"
    assert len(list(folder.glob("__jinja2_*"))) == 1


def test_the_search_for_exporters_is_spared_in_mkdocs_alone_and_only_until_plugins_are_there(monkeypatch):
    monkeypatch.delenv(exporters.VARIABLE, raising=False)
    for name in ("nbconvert.nbconvertapp", "mkdocs"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    exporters.spare()
    assert exporters.VARIABLE not in os.environ
    monkeypatch.setitem(sys.modules, "mkdocs", sys)
    exporters.spare()
    assert os.environ[exporters.VARIABLE]
    exporters.end()
    assert exporters.VARIABLE not in os.environ
    monkeypatch.setenv(exporters.VARIABLE, "2")
    exporters.spare()
    exporters.end()
    assert os.environ[exporters.VARIABLE] == "2"
