"""The same article built by MkDocs and by Zensical: what it means, and what fails."""

from __future__ import annotations

import json
import re
import shutil
import sys

import pytest
from chromium import row, serve, tints, visits
from engines import article, lensdoc, meaning, mkdocs, page, said, zensical
from markdown import Markdown
from playwright.sync_api import expect

from lensdoc.core.errors import PublishError
from lensdoc.publish.engines.zensical.mistakes import Mistakes
from lensdoc.publish.engines.zensical.page_state import _state, is_strict, page_state

PAGES = ["index.html", "more/numbers/index.html"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the article, built by both, in each its site."""
    served = tmp_path_factory.mktemp("engines")
    with serve(served) as address:
        folder = article(served / "repo", url=f"{address}repo/site/")
        for done in (mkdocs(folder, "--strict"), zensical(folder, "--clean", "--strict"), lensdoc(folder, "assets", "site")):
            assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith("site: 3 pages, 2 tables, 4 single figures")
        yield folder, f"{address}repo/site/"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_means_the_same_in_both(built, path):
    folder, _ = built
    expected, found = meaning(folder / "mkdocs-site", path), meaning(folder / "site", path)
    for kind, told in expected.items():
        assert found[kind] == told, kind


def test_nothing_of_the_comparison_is_empty(built):
    folder, _ = built
    told = [meaning(folder / "site", path) for path in PAGES]
    assert [kind for kind in told[0] if not any(page[kind] for page in told)] == []
    index, numbers = told
    assert [text for text, *_ in index["cites"]] == ["[1, sec. 2]", "[2]", "Tufte [2]", "[3]", "[3]"]
    assert index["values"][0][0] == "2"
    assert ("Figure 2 of “Numbers”", "more/numbers/index.html#fig-ranks") in [r[:2] for r in index["references"]]
    assert ("Figure 1 of “A count & {2} factors”", "index.html#fig-two") in [r[:2] for r in numbers["references"]]
    assert index["states"] == [*[("factor=1", "index.html#fig-two")] * 2, ("factor=2", "more/numbers/index.html#fig-again")]
    assert numbers["states"] == [("factor=2", "index.html#fig-two")]
    assert index["numbers"] == ["Figure 1.", "(1)", "Table 1."]
    files = ("ranks.json", "ranks.csv", "two.json", "two.csv", "plot.json", "plot.light.svg", "plot.dark.svg")
    assert numbers["downloads"] == [f"data/count/{name}" for name in files]
    assert numbers["images"] == ["more/picture.svg", "data/count/plot.light.svg", "data/count/plot.dark.svg"]


@pytest.mark.long
@pytest.mark.browser
def test_a_site_without_folders_for_pages_means_the_same_and_works_from_disk(tmp_path, browser):
    folder = article(tmp_path / "project", directories="false", style="author-date")
    for done in (mkdocs(folder, "--strict"), zensical(folder, "--clean", "--strict"), lensdoc(folder, "assets", "site")):
        assert done.returncode == 0, done.stdout + done.stderr
    for path in ("index.html", "more/numbers.html"):
        assert meaning(folder / "site", path) == meaning(folder / "mkdocs-site", path)
    assert page(folder / "site", "embed/index/fig-two.html").xpath("//h1/a/@href") == ["../../index.html#fig-two"]
    for site in ("site", "mkdocs-site"):
        tab = browser.new_page()
        tab.goto(f"file://{folder / site / 'index.html'}")
        row(tab, 1).click()
        expect(row(tab, 1)).to_have_attribute("aria-pressed", "true")
        expect(tab.locator(".ld-equation .katex").first).to_be_visible()
        tab.locator("article a", has_text="More").first.click()
        expect(tab.locator("#fig-ranks .ld-live")).to_have_count(1)
        tab.close()


def test_tables_and_single_figures_are_those_of_mkdocs(built):
    folder, _ = built
    for name in ("two", "ranks"):
        table = f"data/count/{name}.csv"
        assert (folder / "site" / table).read_bytes() == (folder / "mkdocs-site" / table).read_bytes()
    alone = page(folder / "site", "embed/more/numbers/fig-again.html")
    assert alone.xpath("//figure/@id") == ["fig-again"]
    assert said(alone.xpath("//h1")[0]) == "Numbers"
    assert alone.xpath("//h1/a/@href") == ["../../../more/numbers/#fig-again"]


def test_twins_in_markdown_are_the_same_in_both(built):
    folder, address = built
    for name in ("index.md", "more/numbers/index.md", "llms.txt"):
        assert (folder / "site" / name).read_text() == (folder / "mkdocs-site" / name).read_text(), name
    text = (folder / "site" / "index.md").read_text()
    assert text.startswith("# A count\n")
    assert "Models copy \\[1, sec. 2\\], see \\[2\\], as Tufte \\[2\\] says" in text
    assert "2 factors and 12.5%" in text
    assert "Figure 1. **Two factors**, after \\[3\\]; 2: F1 and $z^l$." in text
    assert re.search(r"(?m)^\| 1 +\| 2 +\|  ?2 +\| input +\| 4", text)
    assert "$$ z^l = W_U" in text
    assert "data/count/two.csv" in text
    (link,) = page(folder / "site", "more/numbers/index.html").xpath("/html/head/link[normalize-space(@rel)='alternate']")
    assert (link.get("type"), link.get("href")) == ("text/markdown", "index.md")
    listed = (folder / "site" / "llms.txt").read_text()
    assert listed.startswith("# Two engines\n")
    assert f'- [A count & {{2}} factors]({address}index.md): What "neurons" do\n' in listed
    assert f"- [Numbers]({address}more/numbers/index.md)\n" in listed


def test_contents_and_titles_hold_values_and_ends(built):
    folder, _ = built
    tree = page(folder / "site", "index.html")
    assert said(tree.xpath("//title")[0]).startswith("A count & {2} factors")
    contents = [said(a) for a in tree.xpath("//nav[contains(@class, 'md-nav--secondary')]//a")]
    assert contents[-4:] == ["Neurons", "References", "Acknowledgements", "Cite this article"]


@pytest.fixture
def open_page(browser, built):
    yield from visits(browser, built[1])


@pytest.mark.browser
def test_a_site_of_zensical_is_alive_private_and_silent(open_page):
    """`open_page` allows no console message, no error and no request to another host."""
    tab = open_page()
    first = tints(tab)
    tab.locator("#fig-two figcaption a[data-state='factor=1']").click()
    expect(row(tab, 1)).to_have_attribute("aria-pressed", "true")
    assert tints(tab) != first
    row(tab, 2).click()
    expect(row(tab, 2)).to_have_attribute("aria-pressed", "true")
    expect(tab.locator(".ld-equation .katex").first).to_be_visible()
    assert tab.locator("h1").evaluate("h => getComputedStyle(h).fontFamily").startswith('"Lensdoc Sans"')
    tab.evaluate("window.stayed = true")
    tab.locator("article a", has_text="More").first.click()  # instant navigation
    expect(tab.locator("h1")).to_contain_text("Numbers")
    assert tab.evaluate("window.stayed")
    expect(tab.locator("#fig-ranks .ld-live")).to_have_count(1)
    tab.goto(f"{tab.url.split('more/')[0]}embed/index/fig-two.html")
    row(tab, 1).click()
    expect(row(tab, 1)).to_have_attribute("aria-pressed", "true")


def test_the_policy_is_that_of_mkdocs_sites(built):
    folder, _ = built
    policies = {
        site: {
            page(folder / site, path).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
            for path in [*PAGES, "404.html"]
        }
        for site in ("site", "mkdocs-site")
    }
    assert {site: len(found) for site, found in policies.items()} == {"site": 1, "mkdocs-site": 1}
    without = [re.sub(r" 'sha256-[^']*'", "", found.pop()) for found in policies.values()]
    assert without[0] == without[1]
    for site in policies:
        alone = sorted((folder / site / "embed").rglob("*.html"))
        assert alone
        for path in alone:
            tree = page(folder / site, path.relative_to(folder / site))
            assert tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [without[0]]


def test_a_second_time_nothing_changes(built):
    folder, _ = built
    before = {path: path.read_bytes() for path in (folder / "site").rglob("*") if path.is_file()}
    done = lensdoc(folder, "assets", "site")
    assert done.stdout.rstrip().endswith("; 0 files written")
    assert {path: path.read_bytes() for path in (folder / "site").rglob("*") if path.is_file()} == before


def test_a_site_of_mkdocs_needs_nothing_more(built):
    folder, _ = built
    before = {path: path.stat().st_mtime_ns for path in (folder / "mkdocs-site").rglob("*")}
    done = lensdoc(folder, "assets", "mkdocs-site")
    assert done.returncode == 1
    assert "404.html has our script already, from the MkDocs plugin: a site of MkDocs needs nothing more" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in (folder / "mkdocs-site").rglob("*")} == before


MISTAKES = {
    ("[@radford2019, sec. 2", "[@radferd2019, sec. 2"): "20: no work 'radferd2019' in the bibliography; did you mean radford2019",
    ("facts.share:.1%", "facts.shar"): "21: count/two.facts.shar: unknown field 'shar'",
    ("@fig-ranks]", "@fig-rank]"): "32: no figure 'fig-rank'; did you mean fig-ranks",
    ("#fig-two:factor=1) and", "#fig-two:factor=9) and"): "29: the figure 'fig-two' has no factor '9'; valid: 1, 2",
    ("0000-0002-1825-0097", "0000-0002-1825-0079"): "5: authors[0].orcid has a wrong check digit",
    ("count & {`{val} count/two", "count & {`{val} count/to"): "2: no record 'count/to'",
    ("The lead.", 'The <b onclick="alert(1)">lead</b>.'): "17: the handler onclick='alert(1)' of <b> will not run",
    ("{#sec-neurons}", "{#eq-lens}"): "53: duplicate id 'eq-lens'; first on line 40",
}


def test_mistakes_fail_a_strict_build_of_zensical_and_are_told_by_others(tmp_path):
    folder = article(tmp_path / "project")
    index = folder / "docs" / "index.md"
    for old, new in MISTAKES:
        assert index.read_text().count(old) == 1
        index.write_text(index.read_text().replace(old, new))
    strict = zensical(folder, "--clean", "--strict")
    assert strict.returncode == 1
    told = zensical(folder, "--clean")
    assert told.returncode == 0, told.stderr
    for message in MISTAKES.values():
        assert f"index.md:{message}" in strict.stderr
        assert f"index.md:{message}" in told.stderr


TELLING = """from markdown import Extension
from markdown.preprocessors import Preprocessor

TABLE = ["", "a|b", "-|-", "1|2", "/// table-caption | #tbl-told", "T.", "///"]


class Table(Preprocessor):
    def run(self, lines):
        page = self.md.preprocessors["rendering_context"].page
        return [*lines, *TABLE] if page.path == "more/numbers.md" else lines


class Telling(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Table(md), "telling", 2000)


makeExtension = Telling
"""


def test_zensical_reads_other_pages_as_they_are_rendered(tmp_path):
    """A block in raw HTML counts no figure, and extensions are told of the page that is read."""
    folder = article(tmp_path / "project")
    index, numbers = folder / "docs" / "index.md", folder / "docs" / "more" / "numbers.md"
    hidden = '<div markdown="0">\n/// explorable | count/ranks\nUncounted.\n///\n</div>\n\n![Three'
    numbers.write_text(numbers.read_text().replace("![Three", hidden))
    index.write_text(f"{index.read_text()}\n\n@fig-picture, @tbl-told\n")
    config = folder / "mkdocs.yml"
    config.write_text(config.read_text().replace("  - footnotes\n", "  - footnotes\n  - telling\n"))
    (folder / "telling.py").write_text(TELLING)
    done = zensical(folder, "--clean", "--strict")
    assert done.returncode == 0, done.stderr
    assert 'href="more/numbers/#fig-picture">Figure 1 of “Numbers”</a>' in (folder / "site" / "index.html").read_text()
    assert ">Table 1 of “Numbers”</a>" in (folder / "site" / "index.html").read_text()


ELSEWHERE = {
    "#fig-again:factor=7": "the figure 'fig-again' has no factor '7'; valid: 1, 2",
    "#fig-again:fcator=2": "the figure 'fig-again' of kind 'factors' has no state 'fcator'; did you mean factor",
    "#fig-agian:factor=2": "no figure 'fig-agian' on more/numbers.md; did you mean fig-again",
}


@pytest.mark.long
def test_states_of_other_pages_are_checked_in_both(tmp_path):
    folder = article(tmp_path / "project")
    index = folder / "docs" / "index.md"
    (line,) = (line for line in index.read_text().splitlines() if "#fig-again:factor=2" in line)
    lines = [line.replace("#fig-again:factor=2", wrong) for wrong in ELSEWHERE]
    index.write_text(index.read_text().replace(line, "\n".join(lines)))
    for done in (mkdocs(folder, "--strict"), zensical(folder, "--clean", "--strict")):
        assert done.returncode == 1
        for number, message in enumerate(ELSEWHERE.values(), 55):
            assert f"index.md:{number}: {message}" in done.stderr
    assert mkdocs(folder).stderr.count("WARNING") == len(ELSEWHERE)


def test_a_stale_run_fails_a_strict_build_of_zensical(project):
    runs = project / "analyses" / "runs.yml"
    runs.write_text(runs.read_text().replace("max_new_tokens: 30", "max_new_tokens: 20"))
    done = zensical(project, "--clean", "--strict")
    assert done.returncode == 1
    assert "run counting is stale: parameter max_new_tokens: 30 -> 20; execute it: lensdoc run counting" in done.stderr


def test_our_own_article_builds_strictly_with_zensical(project):
    done = zensical(project, "--clean", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    assert lensdoc(project, "assets", "site").returncode == 0
    data = json.loads(page(project / "site", "index.html").xpath("//script[@type='application/ld+json']")[0].text)
    assert data["@type"] == "ScholarlyArticle"


@pytest.mark.parametrize(
    ("config", "arguments", "strict"),
    [
        ({}, ["build"], False),
        ({}, ["build", "--strict"], True),
        ({}, ["build", "-cs"], True),
        ({}, ["build", "-f", "mkdocs.yml", "-s"], True),
        ({"strict": True}, ["build"], True),
        ({"strict": True}, ["serve"], False),
        ({}, ["serve", "--strict"], False),
        ({}, ["build", "--clean"], False),
    ],
)
def test_strictness_is_that_of_the_build(config, arguments, strict):
    assert is_strict(config, arguments) is strict


def test_a_version_of_zensical_that_tells_nothing_is_told_of(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "zensical.markdown.render", sys)
    assert page_state(Markdown(), lambda _: None) is None
    assert "does not say which page it renders" in caplog.text


def test_mistakes_are_told_once_or_end_the_build():
    heard = []
    mild, strict = Mistakes(heard.append, strict=False), Mistakes(heard.append, strict=True)
    for mistakes in (mild, strict):
        mistakes("a.md:1: one")
        mistakes("a.md:2: two")
    mild.tell()
    mild.tell()
    assert heard == ["a.md:1: one", "a.md:2: two"]
    with pytest.raises(PublishError, match="a.md:1: one\na.md:2: two"):
        strict.tell()
    strict.tell()


def test_an_edited_style_begins_a_new_build_of_zensical(tmp_path):
    style = tmp_path / "mine.csl"
    style.write_text("<style/>")
    before = _state(tmp_path, tmp_path / "data", {"csl": "mine.csl"})
    style.write_text("<style ></style>")
    assert _state(tmp_path, tmp_path / "data", {"csl": "mine.csl"}) != before
    assert _state(tmp_path, tmp_path / "data", {"csl": "ieee"}) == _state(tmp_path, tmp_path / "data", {}) == []


@pytest.mark.browser
def test_a_choice_among_records_is_the_same_in_both_and_works_from_disk(tmp_path, browser):
    folder = article(tmp_path / "project")
    data = folder / "docs" / "data"
    shutil.copytree(data / "count", data / "other")
    block = "/// explorable | count/ranks, other/ranks\n    attrs: {id: fig-chosen}\n    show: choice\nA choice.\n///\n"
    with (folder / "docs" / "more" / "numbers.md").open("a") as numbers:
        numbers.write(f"\n{block}")
    for done in (mkdocs(folder, "--strict"), zensical(folder, "--clean", "--strict"), lensdoc(folder, "assets", "site")):
        assert done.returncode == 0, done.stdout + done.stderr
    sites = [folder / "mkdocs-site", folder / "site"]
    made = [sorted(path.relative_to(site).as_posix() for path in site.glob("choices/**/*.*")) for site in sites]
    assert made[0] == made[1] == [f"choices/more/numbers/fig-chosen/{n}.{kind}" for n in (1, 2) for kind in ("html", "js")]
    texts = [(site / "choices/more/numbers/fig-chosen/2.js").read_text() for site in sites]
    assert all("data/other/ranks.json" in text for text in texts)
    assert all(text.count("<lens-rankings") == 1 for text in texts)
    before = {path: path.read_bytes() for path in sites[1].rglob("*") if path.is_file()}
    assert lensdoc(folder, "assets", "site").returncode == 0
    assert {path: path.read_bytes() for path in sites[1].rglob("*") if path.is_file()} == before
    for site in sites:
        shown = browser.new_page()
        shown.goto((site / "more/numbers/index.html").as_uri())
        shown.get_by_role("button", name="other").click()
        expect(shown.locator("lens-choice [role=status]")).to_have_text("other is shown.")
        shown.close()
