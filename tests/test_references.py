"""Numbers and references, through Python-Markdown and in whole sites."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import builders
import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from states import page_state
from test_site import GOLDEN, build

from lensdoc.core.errors import PublishError
from lensdoc.publish.crossrefs.other_pages import fill
from lensdoc.publish.engines.survey import Survey
from lensdoc.publish.engines.zensical.site import Site
from lensdoc.publish.extension import LensdocExtension
from lensdoc.records.writing import write_record

UTF8 = html.HTMLParser(encoding="utf-8")
OTHERS = ["attr_list", "fenced_code", "tables", "footnotes", "toc"]


@pytest.fixture
def docs(tmp_path):
    write_record(builders.sequence(), tmp_path / "docs" / "data" / "run" / "sequence.json")
    return tmp_path / "docs"


@pytest.fixture
def render(docs):
    """Renders a page beside those that lie in the folder; returns its tree and the mistakes that were reported."""

    def run(text, *, page="page.md", extensions=(), toc=None, **options):
        problems = []
        context = page_state(docs / "data", path=page, report=problems.append, docs=docs)
        context.build.begin()
        all_of_them = [*OTHERS, LensdocExtension(page=context, **options), *extensions]
        md = markdown.Markdown(extensions=all_of_them, extension_configs={"toc": {"permalink": True}} if toc else {})
        text = md.convert(dedent(text))
        survey = Survey(context.build, {"lensdoc": options})
        for path in sorted(docs.rglob("*.md")):
            survey.read(path.relative_to(docs).as_posix(), path.read_text(), [*OTHERS, "lensdoc"])
        context.build.end()
        made = html.fragment_fromstring(fill(text, context.build, str), create_parent="main")
        run.context, run.md = context, md
        return made, problems

    return run


def image(name, caption="A caption."):
    return f"![Alt](a.png)\n/// figure-caption\n    attrs: {{id: {name}}}\n{caption}\n///\n\n"


def equation(name):
    return f"/// equation\n    attrs: {{id: {name}}}\n$$ x $$\n///\n\n"


PAGE = (
    image("fig-a")
    + image("fig-b")
    + equation("eq-a")
    + "## Neurons {#sec-n}\n\na|b\n-|-\n1|2\n/// table-caption | #tbl-a\nT.\n///\n\n"
)
WORDS = {
    "@fig-b": "Figure 2",
    "@Fig-b's": "Figure 2's",
    "(@tbl-a).": "(Table 1).",
    "@eq-a, @sec-n.": "Equation 1, “Neurons”.",
    "[@fig-a; @fig-b]": "Figures 1 and 2",
    "[@fig-a; @fig-b;\n@fig-a]": "Figures 1, 2 and 1",
    "[@fig-a; @eq-a]": "Figure 1 and Equation 1",
    "[@sec-n; @eq-a]": "“Neurons” and Equation 1",
    "[-@fig-b]": "2",
    "[@fig-b]": "Figure 2",
    "[](#fig-b)": "Figure 2",
    "**_@fig-b_**": "Figure 2",
    r"\@fig-b": "@fig-b",
    "`@fig-b`": "@fig-b",
    "[see @fig-b](x.md)": "see @fig-b",
    "me@fig-b.org": "me@fig-b.org",
    "<b title='@fig-b'>x</b>": "x",
}


@pytest.mark.parametrize("written", WORDS)
def test_a_reference_reads_as_what_it_leads_to(render, written):
    made, problems = render(PAGE + written)
    assert problems == []
    last = made[-1]
    assert " ".join(last.text_content().split()) == WORDS[written]
    for link in last.iter("a"):
        target = link.get("href")
        assert target == "x.md" or made.get_element_by_id(target[1:]) is not None


def test_numbers_stand_in_captions_and_beside_equations(render):
    made, problems = render(
        image("fig-a") + "``` py\nx\n```\n/// figure-caption\nCode.\n///\n\n" + PAGE.replace("fig-a", "fig-c")
    )
    assert problems == []
    captions = [" ".join(c.text_content().split()) for c in made.iter("figcaption")]
    assert captions == ["Figure 1. A caption.", "Figure 2. Code.", "Figure 3. A caption.", "Figure 4. A caption.", "Table 1. T."]
    assert made.get_element_by_id("eq-a").find_class("ld-number")[0].text == "(1)"


@pytest.mark.parametrize("extensions", [["pymdownx.blocks.caption"], []])
def test_pymdownx_numbers_nothing_itself(render, extensions):
    made, problems = render(PAGE, extensions=extensions)
    assert problems == []
    assert made.find_class("caption-prefix") == []
    assert [f.get("id") for f in made.iter("figure")] == ["fig-a", "fig-b", "tbl-a"]
    assert not [name for f in made.iter("figure") for name in f.attrib if name.startswith("__")]


def test_sections_have_numbers_if_asked_and_keep_their_addresses(render):
    text = "# Title\n\n## One\n\n### Half {#sec-half}\n\n### Other\n\n## Two {#sec-two}\n\n@sec-half, [@sec-half; @sec-two]"
    made, problems = render(text, number_sections=True, toc=True)
    assert problems == []
    assert [h.text_content().rstrip("¶") for h in made.xpath("//h1|//h2|//h3")] == [
        "Title",
        "1 One",
        "1.1 Half",
        "1.2 Other",
        "2 Two",
    ]
    assert made.xpath("//h2[1]")[0].get("id") == "one"
    assert "1.1 Half" in render.md.toc
    assert made[-1].text_content() == "Section\xa01.1, Sections\xa01.1 and 2"


MISTAKES = {
    "missing": ("x\n\ny @fig-bb", 3, "no figure 'fig-bb'; did you mean fig-b"),
    "missing in brackets": ("x\n[@fig-b; @eq-b]", 2, "no equation 'eq-b'; did you mean eq-a"),
    "missing link": ("x\n\n[](#tbl-b)", 3, "no table 'tbl-b'; did you mean tbl-a"),
    "missing on a page": ("[](other.md#fig-b)", 1, "no page 'other.md'; valid: page.md"),
    "missing twice": ("`@sec-m`\n\n```\n@sec-m\n```\n\n[](#sec-m)", 7, "no section 'sec-m'"),
    "no caption": ("![A](b.png)\n/// figure-caption\n///", 2, "Figure 3 has no caption; write one line"),
    "no caption of an explorable": ("/// explorable | run/sequence\n///", 1, "Figure 3 has no caption"),
    "no alt": (
        "![](b.png)\n/// figure-caption\nC.\n///",
        1,
        "the image 'b.png' of Figure 3 has no text .*; write !.what it shows.*b.png",
    ),
    "id of another kind": (
        "![A](b.png)\n/// figure-caption\n    attrs: {id: tbl-x}\nC.\n///",
        2,
        ".* this is a figure: call it 'fig-x'",
    ),
    "number of one's own": (
        "![A](b.png)\n/// figure-caption | 12\nC.\n///",
        2,
        "numbers follow the order of the page; leave out 12",
    ),
    "no formula": ("/// equation\nx\n///", 1, "an equation holds one formula and nothing else"),
    "no formula, after a figure that cannot be counted": (
        '<div markdown="1">\n![A](b.png)\n/// figure-caption\nA.\n///\n</div>\n\n/// equation\n///',
        8,
        "an equation holds one formula",
    ),
    "a second caption": (
        image("fig-c") + "/// table-caption\n    attrs: {id: tbl-c}\nT.\n///\n\n@fig-c, @tbl-c",
        7,
        "Table 2 has a caption and nothing above it, or what has a caption already",
    ),
    "a caption of an explorable": (
        "/// explorable | run/sequence\nA.\n///\n\n/// figure-caption\nB.\n///",
        5,
        "Figure 4 has a caption and nothing above it, or what has a caption already",
    ),
    "a caption without a number, of an explorable": (
        "/// explorable | run/sequence\nA.\n///\n\n/// caption\n    attrs: {id: x}\nB.\n///",
        6,
        "a figure has a caption and nothing above it, or what has a caption already",
    ),
    "a caption of prose": (
        "A *sentence*.\n/// figure-caption\nC.\n///",
        2,
        "Figure 3 is the text 'A sentence.'; put the caption",
    ),
    "in code before": ("`[@fig-no]` is\ncode\n\n@fig-no is not", 4, "no figure 'fig-no'"),
    "more than a formula": ("/// equation\n$$ x $$\n\nand\n///", 1, "an equation holds one formula and nothing else"),
    "argument": ("/// equation | x\n$$ x $$\n///", 1, "the block 'equation' is printed as text: it takes no argument"),
}


SHOWN = {
    "an image": "![A](b.png)",
    "an image in a link": "[![A](b.png)](c.png)",
    "raw HTML": '<svg width="1"></svg>',
    "raw HTML in a paragraph": 'A <video src="a.mp4"></video>',
    "code": "```\nx\n```",
    "a formula": "$$ x $$",
    "a quote": "> Said.",
    "figures of their own": (
        "/// columns\n![A](b.png)\n//// figure-caption\nA.\n////\n\n![A](b.png)\n//// figure-caption\nB.\n////\n///"
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_caption_belongs_to_what_shows_something(render, name):
    made, problems = render(f"{SHOWN[name]}\n\n/// figure-caption\nC.\n///")
    assert problems == []
    assert [number.text for number in made.find_class("ld-number")] == ["Figure 1."]
    assert not made.find_class("caption-prefix")


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_reported_once_with_its_line(render, name):
    text, line, message = MISTAKES[name]
    _, problems = render(PAGE + text)
    assert len(problems) == 1, problems
    assert re.match(rf"page\.md:{len(PAGE.splitlines()) + line}: {message}", problems[0]), problems[0]


def test_what_is_missing_is_shown_as_such_and_leads_nowhere(render):
    made, _ = render("@fig-none and [](#fig-none)")
    assert made[0].text_content() == "?? and ??"
    assert list(made.iter("a")) == []


def test_a_link_without_words_that_no_reference_fills_is_reported(render):
    made, problems = render("# A {#two}\n\n[](#two) and [![x](y.png)](#two)")
    assert len(made.findall(".//p/a")) == 2
    assert problems == [
        "page.md:3: the link [](#two) has no words; write some, or begin the id with fig-, tbl-, eq-, sec- as its kind asks"
    ]


def test_a_page_may_name_itself(render):
    made, problems = render(PAGE + "[](page.md#fig-b), [](../sub/page.md#fig-b)", page="sub/page.md")
    assert problems == []
    assert [a.text for a in made[-1]] == ["Figure\xa02"] * 2
    assert [a.get("href") for a in made[-1]] == ["page.md#fig-b", "../sub/page.md#fig-b"]


def test_an_id_on_several_other_pages_must_be_named(render, docs):
    for name in ("one", "two"):
        (docs / f"{name}.md").write_text("# P\n\n" + image("fig-far"))
    _, problems = render("@fig-far")
    assert problems == ["page.md:1: 'fig-far' stands on one.md and two.md; name the page: [](page.md#fig-far)"]
    (docs / "one.md").write_text("# P\n\n" + 2 * image("fig-two"))
    assert render("@fig-two")[1] == []  # that page says that it stands there twice
    made, problems = render("[](two.md#fig-far)")
    assert problems == []
    assert [(a.get("href"), a.text, a.get("data-preview")) for a in made.iter("a")] == [
        ("two.md#fig-far", "Figure 1 of “P”", "A caption.")
    ]


def test_without_an_engine_the_page_is_known_by_its_text_and_no_other(docs, caplog):
    (docs / "sub").mkdir()
    (docs / "other.md").write_text("---\ntitle: Other\n---\n\n" + image("fig-far"))
    text = "# Here\n\n@fig-far has `{val} run/sequence.facts.tokens` tokens."
    (docs / "sub" / "here.md").write_text(f"---\ntitle: x\n---\n\n{text}\n")
    extension = LensdocExtension(data=str(docs / "data"), docs=str(docs))
    made = html.fragment_fromstring(markdown.markdown(text, extensions=[extension]), create_parent="main")
    assert [(a.get("href"), a.text) for a in made.iter("a")] == [("../data/run/sequence.json", "3")]
    assert "page:3: no figure 'fig-far'; there are none yet; without MkDocs or Zensical a page does not know" in caplog.text


def test_a_block_that_is_not_shown_is_not_proposed_for_itself(render, docs):
    text = "@fig-mine\n\n/// explorable | run/sequence\n    attrs: {id: fig-mine\nA.\n///\n"
    (docs / "here.md").write_text(text)
    _, problems = render(text, page="here.md")
    assert "here.md:1: figure 'fig-mine' is written here, but its block is not shown: see what is said of the block" in problems


@pytest.fixture
def zensical(docs):
    """What a build of Zensical knows of its pages."""
    build = page_state(docs / "data", docs=docs).build
    return Site(build, {"markdown_extensions": [*OTHERS, "lensdoc"], "mdx_configs": {}})


def number_of(site, name):
    return site().find(name, "here.md").target.number


def test_pages_are_read_again_when_one_that_changed_is_rendered(docs, zensical):
    here, other = docs / "here.md", docs / "other.md"
    here.write_text("# H")
    other.write_text("# O\n\n" + image("fig-far"))
    assert number_of(zensical, "fig-far") == "1"
    other.write_text("# O\n\n" + image("fig-new") + image("fig-far"))
    for path in (here, other):
        os.utime(path, ns=(1, other.stat().st_mtime_ns + 10**9))
    assert number_of(zensical, "fig-far") == "1"
    zensical.begin(SimpleNamespace(path="here.md"))
    assert number_of(zensical, "fig-far") == "2"
    other.unlink()
    zensical.begin(SimpleNamespace(path="here.md"))
    with pytest.raises(PublishError, match="no figure 'fig-far'"):
        zensical().find("fig-far", "here.md")


def test_pages_are_read_once_in_a_build_however_many_refer_to_each_other(docs, zensical, monkeypatch):
    """Zensical renders one page after another, and each asks what the others hold."""
    for n in range(6):
        (docs / f"page-{n}.md").write_text(f"# P\n\n{image(f'fig-{n}')}@fig-{(n + 1) % 6}")
        os.utime(docs / f"page-{n}.md", ns=(1, 10**9))
    read, listed = [], []
    survey, rglob = Survey.read, Path.rglob
    monkeypatch.setattr(Survey, "read", lambda self, path, *rest: read.append(path) or survey(self, path, *rest))
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: listed.append(pattern) or rglob(self, pattern))
    for n in range(6):
        zensical.begin(SimpleNamespace(path=f"page-{n}.md"))
        assert number_of(zensical, f"fig-{n}") == "1"
    assert read == [f"page-{n}.md" for n in range(6)]
    assert listed == ["*.md"]


WORKS = """@book{tufte2006, author = {Tufte, Edward}, title = {T}, year = {2006}}
@misc{child, author = {Child, Julia and B{\\'e}la, Z.}, title = {C}, year = {2019}}
@misc{olah, author = {Olah, Chris}, title = {O}, year = {{2018}}}
@misc{roe, author = {Roe, Ann}, title = {R}, year = {in press}}"""
CAPTIONS = {
    "A <b>bold</b> *word* & `code *x*`.": "A bold word & code *x*.",
    "R&amp;D &lt;b&gt;<br>of 5 < 6 <!-- no -->": "R&D <b> of 5 < 6",
    "The price is $5 or \\$6, \\*so\\*.": "The price is $5 or $6, *so*.",
    "With $x^2$ and \\(y_1\\), `$z$`.": "With \nx^2\n and \ny_1\n, $z$.",
    "After [@child, p. 3; see @tufte2006].": "After (Child and Béla 2019; Tufte 2006).",
    "As @tufte2006 [p. 3] says, not @nobody.": "As Tufte says, not nobody.",
    "As in [@fig-far] and [see](x.md), [![A](a.png)](b).[^1]": "As in Figure 1 and see, A.",
    "[F1](#fig-far:factor=1), [the ones]{.swatch fig-far:factor=1}{.x}": "F1, the ones",
    "After [@olah; @roe].": "After (Olah 2018; Roe in press).",
    "Write `@fig-far` or \\@fig-far, see @fig-far.": "Write @fig-far or @fig-far, see Figure 1.",
    "A* of 2 * 3, foo_ and a _ or ***x***, **a *b* c**, _d_": "A* of 2 * 3, foo_ and a _ or x, a b c, d",
    "See <https://example.org/a_b_c>, a_b_c, __b__.": "See https://example.org/a_b_c, a_b_c, b.",
}


@pytest.mark.parametrize("written", CAPTIONS)
def test_a_preview_of_another_page_has_no_marks(render, docs, tmp_path, written):
    (tmp_path / "works.bib").write_text(WORKS)
    (docs / "two.md").write_text(f"# P\n\n{image('fig-far', written)}[^1]: A note.\n")
    made, problems = render("@fig-far", bibliography=str(tmp_path / "works.bib"))
    assert problems == []
    assert made.find(".//a").get("data-preview") == CAPTIONS[written]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("x" * 238 + r" $\frac{1}{2}$ and more", "x" * 238 + " \n\\frac{1}{2}\n…"),
        ("word " * 47 + "and more", "word " * 47 + "and…"),
        ("word " * 48, "word " * 47 + "word"),
    ],
)
def test_a_preview_ends_within_no_word_and_no_formula(render, docs, written, shown):
    (docs / "two.md").write_text("# P\n\n" + image("fig-far", written))
    made, _ = render("@fig-far")
    assert made.find(".//a").get("data-preview") == shown


TITLES = {
    "On $x^2$ <small>and *so* on</small>": "On x^2 and so on",
    "R&amp;D &copy; \\*stars\\* & `<b>`": "R&D © *stars* & <b>",
    "A* search, foo_ and *two*<br>lines": "A* search, foo_ and two lines",
}


@pytest.mark.parametrize("written", TITLES)
def test_a_title_reads_the_same_here_and_on_other_pages(render, docs, written):
    (docs / "two.md").write_text(f"# {written}\n\n## {written} {{#sec-far}}\n")
    made, problems = render("# Other\n\n@sec-far")
    assert problems == []
    assert made.find(".//a").text == f"“{TITLES[written]}” of “{TITLES[written]}”"
    made, _ = render((docs / "two.md").read_text() + "\n@sec-far", page="two.md")
    assert made.find(".//a").text == f"“{TITLES[written]}”"


def test_titles_have_no_numbers_of_footnotes_and_figures(render, docs):
    (docs / "two.md").write_text(f"# P\n\n## Notes[^1] of @fig-far {{#sec-far}}\n\n[^1]: N.\n\n{image('fig-far')}")
    made, problems = render("# Other\n\n@sec-far")
    assert made.find(".//a").text == "“Notes of” of “P”"
    assert problems == []


def test_a_footnote_without_a_text_is_reported(render):
    _, problems = render("# P\n\nOne[^a] and\ntwo.[^b]\n\n[^a]: A note, with `[^c]` and one more.[^d]")
    assert problems == [
        "page.md:4: [^b] is printed as it is; a paragraph of its own has the text: [^b]: ...",
        "page.md:6: [^d] is printed as it is; a paragraph of its own has the text: [^d]: ...",
    ]


def test_titles_of_front_matter_are_no_markdown(render, docs):
    (docs / "two.md").write_text('---\ntitle: "What <eos> does: *A* and f_*"\n---\n\n## S {#sec-far}\n')
    made, _ = render("# Other\n\n@sec-far")
    assert made.find(".//a").text == "“S” of “What <eos> does: *A* and f_*”"


def test_a_reference_to_another_page_keeps_the_state_for_which_it_asks(render, docs):
    (docs / "two.md").write_text("# P\n\n" + image("fig-far"))
    made, problems = render("[](two.md#fig-far:factor=2) and [](#fig-far:factor=3)")
    assert problems == []
    assert [(a.get("href"), a.text, a.get("data-state")) for a in made.iter("a")] == [
        ("two.md#fig-far", "Figure 1 of “P”", "factor=2"),
        ("two.md#fig-far", "Figure 1 of “P”", "factor=3"),
    ]


def test_addresses_and_contents_do_not_change_with_the_numbers_of_other_pages(render, docs):
    (docs / "two.md").write_text("# P\n\n" + image("fig-far"))
    made, problems = render("# T\n\n## After @fig-far", toc=True)
    assert problems == []
    assert made.find("h2").get("id") == "after-figure"
    assert made.find("h2").text_content() == "After Figure 1 of “P”¶"
    assert [token["name"] for token in render.md.toc_tokens[0]["children"]] == ["After Figure"]


def test_an_element_that_only_looks_like_a_reference_stays_as_it_is(render):
    forged = '<span data-ld-waits="7">a</span> <span data-ld-waits="x">b</span>'
    made, problems = render(f"{forged} @fig-none")
    assert [span.text for span in made.iter("span")] == ["a", "b", "??"]
    assert len(problems) == 1


def test_a_block_in_code_or_raw_html_counts_no_figure_for_other_pages(render, docs):
    hidden = "<!-- x -->\n\n    /// figure-caption\n    code\n    ///\n\n<div>\n/// figure-caption\nA.\n///\n</div>\n\n"
    (docs / "other.md").write_text("# O\n\n" + hidden + image("fig-far"))
    made, problems = render("@fig-far")
    assert (made.text_content(), problems) == ("Figure 1 of “O”", [])


@pytest.mark.parametrize("directories", [True, False])
def test_references_across_pages_lead_to_what_they_name(tmp_path, directories):
    shutil.copytree(GOLDEN / "references", tmp_path / "case", ignore=shutil.ignore_patterns("expected"))
    config = tmp_path / "case" / "mkdocs.yml"
    config.write_text(config.read_text() + f"use_directory_urls: {str(directories).lower()}\n")
    done = build(tmp_path / "case", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    checked = 0
    for path in (tmp_path / "site").rglob("*.html"):
        for link in html.parse(path, UTF8).iterfind(".//a[@class='ld-ref']"):
            address, _, name = link.get("href").partition("#")
            there = path.parent / address if address else path
            there = there / "index.html" if there.is_dir() else there
            assert there.is_file(), link.get("href")
            target = html.parse(there, UTF8).find(f".//*[@id='{name}']")
            number = target.find(".//span[@class='ld-number']")
            shown = link.text.partition(" of ")[0]
            if number is None:
                assert "“" in shown
            else:
                assert re.search(r"\d+", shown)[0] == re.search(r"\d+", number.text)[0]
            checked += 1
    assert checked == 21


HOOKS = """
def on_page_content(html, page, **_):
    global copied
    copied = html if page.file.src_uri == "index.md" else copied

def on_page_context(context, page, **_):
    page.content += copied if page.file.src_uri == "other.md" else ""
"""


def test_references_are_resolved_in_builds_of_single_pages_and_in_copies(tmp_path):
    """`--dirty` renders the pages that changed; some plugins copy pages before all are rendered."""
    case = tmp_path / "case"
    shutil.copytree(GOLDEN / "references", case, ignore=shutil.ignore_patterns("expected"))
    (case / "hooks.py").write_text(HOOKS)
    config = load_config(str(case / "mkdocs.yml"), hooks=["hooks.py"])
    config.plugins.run_event("startup", command="build", dirty=False)
    mkdocs_build(config)
    site, links = case / "site", ".//a[@class='ld-ref']"
    shown = {name: [a.text for a in html.parse(site / name / "index.html", UTF8).iterfind(links)] for name in ("", "other")}
    assert "Figure 2 of “The other* page”" in shown[""]
    assert shown["other"] == shown[""]
    before = (site / "sub" / "deep" / "index.html").stat().st_mtime_ns
    (case / "docs" / "index.md").touch()
    os.utime(case / "docs" / "index.md", ns=(1, before + 10**9))
    mkdocs_build(load_config(str(case / "mkdocs.yml")), dirty=True)
    assert (site / "sub" / "deep" / "index.html").stat().st_mtime_ns == before
    assert [a.text for a in html.parse(site / "index.html", UTF8).iterfind(links)] == shown[""]


def test_front_matter_holds_values(tmp_path):
    case = tmp_path / "case"
    shutil.copytree(GOLDEN / "references", case, ignore=shutil.ignore_patterns("expected"))
    main = case / "theme" / "main.html"
    main.write_text(
        "<title>{{ page.title }}</title><meta name=description content='{{ page.meta.description }}'>" + main.read_text()
    )
    assert build(case, tmp_path / "site").returncode == 0
    page = html.parse(tmp_path / "site" / "index.html")
    assert page.find(".//title").text == "Of 64 neurons"
    assert page.find(".//meta[@name='description']").get("content") == "One of 2 layers"
    index = case / "docs" / "index.md"
    index.write_text(index.read_text().replace("model.layers", "model.layer"))
    done = build(case, tmp_path / "site")
    assert done.returncode == 1
    assert "index.md:3: run/factors.model.layer: unknown field 'layer'; did you mean layers" in done.stderr


def test_a_value_is_a_link_to_its_data_but_not_in_links_and_headings(render):
    value = "`{val} run/sequence.facts.tokens`"
    made, problems = render(f"# H {value}\n\n{value} and [{value}](x.md)", page="sub/page.md")
    assert problems == []
    links = {a.get("href"): a for a in made.iter("a")}
    assert set(links) == {"../data/run/sequence.json", "x.md"}
    assert links["../data/run/sequence.json"].get("data-from").split("\n")[-1] == "Data: run/sequence.json, facts.tokens"
    assert links["x.md"][0].tag == "span"
    assert made.find("h1")[0].attrib == {"class": "ld-value"}


def test_run_and_parameters_are_written_out_once_for_each_run(render):
    made, _ = render(
        "`{val} run/sequence.facts.tokens`, `{val} run/sequence.facts.tokens`, `{val} run/sequence.model.layers`", page="page.md"
    )
    first, *others = [a.get("data-from").split("\n") for a in made.iter("a")]
    assert first[0].startswith("Run: ")
    assert first[1].startswith("Model: ")
    assert {tuple(other[:-1]) for other in others} == {(first[0], "…")}
    assert [other[-1] for other in others] == ["Data: run/sequence.json, facts.tokens", "Data: run/sequence.json, model.layers"]


TEXT = st.text(alphabet=st.sampled_from(list("@[]();-#{}`*_\\$ \n/|:<>!^figtbleqsecx1")), max_size=80)


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_no_text_breaks_a_page(text):
    context = page_state(Path("none"), path="page.md", report=lambda _: None)
    context.build.begin()
    made = markdown.markdown(PAGE + text, extensions=[*OTHERS, LensdocExtension(page=context)])
    assert "Figure 1." in made or "fig-a" in text
    context.build.end()
    assert "data-ld-waits" not in fill(made, context.build, str)
