"""Kinds from installed packages: the guide's package installed and used, and what is wrong with others told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint

import builders
import pytest
from chromium import serve
from engines import CONFIG
from guide import DOCS, blocks, put
from lxml import html
from playwright.sync_api import expect
from test_browser_kinds import centre

from lensdoc.core import installed
from lensdoc.core.errors import DataError, PublishError
from lensdoc.explorables.kinds import EXPLORABLES, Explorable, explorable
from lensdoc.explorables.own_kinds import framed, own_scripts
from lensdoc.records.kinds import KINDS, record_class
from lensdoc.records.reading import loads
from lensdoc.records.writing import dumps

PAGE = DOCS / "guide" / "own-kinds.md"
MEASURE = """
import lensdoc
from lensdoc_surprisal import surprisal
from lensdoc.records.writing import write_record
from pathlib import Path
trace = lensdoc.load_model("lensdoc/tiny").score("The keys to the cabinet are old.")
record = surprisal(trace)
write_record(record, Path("docs/data/surprisal/sentence.json"))
expected = lensdoc.sequence(trace)
assert all(abs(2 ** -bits - prob) < 4e-3 * prob for bits, prob in zip(record.bits, expected.probs))
shown = record._repr_mimebundle_()["text/html"]
assert 'join("surprisal"' in shown and '<lens-kind data-kind="surprisal"' in shown
"""


def call(folder, path, *command):
    environment = os.environ | {"PYTHONPATH": str(path), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def python(*arguments):
    return [sys.executable, *arguments]


@pytest.fixture(scope="module")
def article(tmp_path_factory):
    """An article with a figure of the guide's package, built by both engines, and where the package is installed."""
    root = tmp_path_factory.mktemp("own-kind")
    for block in blocks(PAGE):
        if block.title:
            put(block, root / ("article" if block.title.startswith("docs/") else "package"))
    target, folder = root / "installed", root / "article"
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    settings = CONFIG.format(url="https://example.org/", directories="true", style="ieee")
    (folder / "mkdocs.yml").write_text(settings.replace(": {bibliography: docs/works.bib, csl: ieee}", ""))
    for command in (
        python(*pip, "--target", str(target), str(root / "package")),
        python("-c", MEASURE),
        python("-m", "mkdocs", "build", "--strict", "--site-dir", "mkdocs-site"),
        python("-m", "zensical", "build", "--clean", "--strict"),
        python("-c", "from lensdoc.cli import main; main()", "assets", "site"),
    ):
        code, said = call(folder, target, *command)
        assert code == 0, f"{command}\n{said}"
    return folder, target


@pytest.mark.parametrize("site", ["mkdocs-site", "site"])
def test_its_figure_is_complete_without_scripts_in_both_engines(article, site):
    page = html.document_fromstring((article[0] / site / "index.html").read_text())
    (figure,) = page.xpath('//figure[@id="fig-surprisal"]')
    (framed,) = figure.xpath('.//lens-kind[@data-kind="surprisal"]')
    assert len(framed.xpath('.//*[contains(@class, "ld-token")][@data-share]')) > 5
    assert "It says what this model expected" in html.tostring(figure, encoding="unicode")
    assert (article[0] / site / "assets" / "lensdoc" / framed.get("data-script")).is_file()
    assert (article[0] / site / "data" / "surprisal" / "sentence.csv").read_text().startswith("position,token,bits")


@pytest.mark.browser
@pytest.mark.parametrize("site", ["mkdocs-site", "site"])
def test_its_script_is_loaded_and_speaks_under_the_policy(article, site, browser):
    with serve(article[0] / site) as address:
        page = browser.new_page()
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.goto(address)
        page.mouse.move(*centre(page.locator("lens-kind .ld-token").nth(1)))
        expect(page.locator("#fig-surprisal .ld-live")).to_have_text(re.compile(r"^‘.*’: [0-9.]+ bits$"))
        page.locator("lens-kind .ld-token").first.focus()
        expect(page.locator("#fig-surprisal .ld-live")).to_have_text("Given.")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#fig-surprisal .ld-live")).to_have_text(re.compile("bits$"))
        assert problems == []
        page.close()


def test_without_the_package_its_data_are_refused_by_name(article):
    folder, _ = article
    code, said = call(folder, folder, *python("-m", "mkdocs", "build", "--strict", "--site-dir", "none"))
    assert code == 1
    assert re.search(r"index.md:5: .*unknown kind 'surprisal'; .* or install the package that has it", said)


class Package:
    name, version = "odd", "2.1"


def entry(group, kind, value):
    found = EntryPoint(name=kind, value=value, group=group)
    vars(found)["dist"] = Package()
    return found


@pytest.fixture
def register(monkeypatch):
    """Makes entry points those that are installed."""

    def make(*entries):
        monkeypatch.setattr(installed, "entry_points", lambda group: [e for e in entries if e.group == group])
        installed.forget()

    yield make
    monkeypatch.undo()
    installed.forget()


def test_a_kind_of_lensdoc_is_not_replaced_and_that_is_told(register):
    register(entry(installed.RECORDS, "saliency", "odd:Saliency"))
    assert record_class("saliency").__module__ == "lensdoc.records.saliency"
    assert list(installed.conflicts(KINDS)) == [
        "the kind 'saliency' is one of lensdoc itself; that of the package odd 2.1 is not used: its author must rename it"
    ]


def test_two_packages_with_one_kind_are_told(register):
    register(*(entry(installed.RECORDS, "odd", f"{module}:Odd") for module in ("one", "two")))
    with pytest.raises(DataError, match="the kind 'odd' is registered by the package odd 2.1 and .*; uninstall one of them"):
        record_class("odd")
    assert len(list(installed.conflicts(KINDS))) == 1


BROKEN = {
    "no module": (
        "nowhere_at_all:X",
        "by the package odd 2.1, which cannot be loaded: ModuleNotFoundError: .*nowhere",
    ),
    "no name": ("json:Nothing", "cannot be loaded: AttributeError"),
    "no class": ("json:dumps", "must be a subclass of lensdoc.records.record.Record"),
    "another kind": ("lensdoc.records.sequence:Sequence", r"its class must say KIND = 'odd' and VERSION = \(major, minor\)"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_package_is_named_where_its_kind_is_asked_for(register, name):
    value, message = BROKEN[name]
    register(entry(installed.RECORDS, "odd", value))
    with pytest.raises(DataError, match=message):
        loads(dumps(builders.sequence()).replace("lensdoc/sequence", "lensdoc/odd"))


def test_a_figure_that_is_none_is_told(register):
    register(entry(installed.EXPLORABLES, "odd", "json:dumps"))
    with pytest.raises(PublishError, match="the figure of kind 'odd' of the package odd 2.1 is .*; it must be an Explorable"):
        explorable("odd")
    with pytest.raises(PublishError, match="records of kind 'x' have no figure; these have: .*odd"):
        explorable("x")


def test_a_script_that_is_missing_or_ends_itself_is_told(register, tmp_path, monkeypatch):
    kind = explorable("sequence")
    vars_of = {name: getattr(kind, name) for name in Explorable.__dataclass_fields__}
    drawn = kind.draw(builders.sequence(), {"labels": "none"})
    for name, text, message in (("a.js", None, "has no script a.js"), ("b.js", "'</SCRIPT>'", "its script holds '</script'")):
        if text:
            (tmp_path / name).write_text(text)
        monkeypatch.setitem(sys.modules, "odd_figures", type("M", (), {"E": Explorable(**vars_of | {"script": tmp_path / name})}))
        register(entry(installed.EXPLORABLES, "odd", "odd_figures:E"))
        assert own_scripts() == {}
        with pytest.raises(PublishError, match=f"the kind 'odd' of the package odd 2.1.*{message}"):
            framed(drawn, "odd")
    assert "odd" not in EXPLORABLES
