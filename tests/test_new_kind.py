"""The page that adds a kind in full, followed in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from chromium import serve
from guide import DOCS, ROOT, blocks, put
from lxml import html
from playwright.sync_api import expect
from test_browser_kinds import centre

pytestmark = pytest.mark.long
PAGE = DOCS / "guide" / "kinds.md"
LEFT = shutil.ignore_patterns("node_modules", "__pycache__", ".lensdoc", "benchmarks")


class Copy:
    """A copy of what a contributor changes, in which commands find this copy of lensdoc."""

    def __init__(self, root):
        self.root = root
        for name in ("analyses", "docs", "lensdoc", "tests"):
            shutil.copytree(ROOT / name, root / name, ignore=LEFT)
        for name in ("mkdocs.yml", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
            shutil.copy(ROOT / name, root / name)

    def call(self, command, folder="."):
        programs = Path(sys.executable).parent
        here = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(self.root), "NO_MKDOCS_2_WARNING": "1"}
        shell, where = [shutil.which("bash"), "-euc", command], self.root / folder
        done = subprocess.run(shell, cwd=where, env=os.environ | here, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def followed(tmp_path_factory, figure):
    """The copy after every step of the page, and what the last step said."""
    copy, said = Copy(tmp_path_factory.mktemp("kind") / "lensdoc"), ""
    for block in blocks(PAGE):
        if block.not_run:
            figure(f"{block.place} is not run: {block.not_run}")
        elif block.language == "sh":
            said = copy.call(block.text)
        else:
            put(block, copy.root)
    return copy, said


def test_the_tests_of_the_new_kind_and_of_all_kinds_pass(followed):
    passed = re.search(r"(\d+) passed", followed[1])
    assert passed
    assert int(passed[1]) > 100
    assert "failed" not in followed[1]


def test_its_page_has_the_figure_and_needs_no_script(followed):
    copy, _ = followed
    copy.call("mkdocs build --strict")
    page = html.document_fromstring((copy.root / "site" / "explorables" / "surprisal" / "index.html").read_text())
    (figure,) = page.xpath('//figure[@id="fig-surprisal"]')
    (drawn,) = figure.xpath(".//lens-surprisal")
    assert len(drawn.xpath('.//*[contains(@class, "ld-token")][@data-share]')) > 5
    assert "The least expected token, ‘" in drawn.text_content()
    assert "It says how little this model expected a token" in figure.text_content()
    beside = html.document_fromstring((copy.root / "site" / "explorables" / "sequence" / "index.html").read_text())
    assert beside.xpath('//nav//a[@href="../surprisal/"]')
    reference = (copy.root / "docs" / "guide" / "reference" / "api.md").read_text()
    assert "## `lensdoc.surprisal`" in reference


def test_what_it_adds_is_clean(followed):
    copy, _ = followed
    copy.call("ruff check && ruff format --check lensdoc tests/test_surprisal.py")


def test_its_types_are_strict(followed):
    followed[0].call("mypy")


@pytest.mark.browser
def test_its_script_is_built_and_speaks(followed, browser):
    copy, _ = followed
    programs = " && ".join(f"npm run --silent {name}" for name in ("check", "lint", "test", "build"))
    copy.call(f"npm ci --silent && {programs}", "lensdoc/explorables/web")
    copy.call("mkdocs build --strict")
    with serve(copy.root / "site") as address:
        page = browser.new_page()
        page.goto(f"{address}explorables/surprisal/")
        page.mouse.move(*centre(page.locator("lens-surprisal [role=option]").nth(1)))
        expect(page.locator("#fig-surprisal .ld-live")).to_have_text(re.compile(r"^Token 1 ‘.*’: [0-9.]+ bits\.$"))
        page.locator("lens-surprisal [role=option]").first.focus()
        expect(page.locator("#fig-surprisal .ld-live")).to_have_text(re.compile(r"^Token 0 ‘.*’: given\.$"))
        page.keyboard.press("ArrowRight")
        expect(page.locator("#fig-surprisal .ld-live")).to_have_text(re.compile(r"^Token 1 ‘"))
        page.close()
