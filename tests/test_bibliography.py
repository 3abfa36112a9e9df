"""Bibliographies and styles: what is wrong with them, and what hostile ones come to."""

from __future__ import annotations

import re

import markdown
import pytest
from citing import BIB, STYLES, entries, text_of
from states import page_state

from lensdoc.publish.citations import bibliography
from lensdoc.publish.extension import LensdocExtension

MISTAKES = {
    "unknown key": ("x\n\ny [@tuft]", BIB, r"page.md:3: no work 'tuft' in the bibliography; did you mean tufte\? .* literal @"),
    "unknown in text": ("x\ny @olha", BIB, r"page.md:2: no work 'olha' .* did you mean olah"),
    "mixed": ("\n[@fig-a; @tufte]", BIB, r"page.md:2: \[@fig-a; @tufte\] mixes citations and cross-references; give each"),
    "part without key": ("\n[@tufte; p. 3]", BIB, r"page.md:2: \[@tufte; p. 3\] is no citation: each part between semicolons"),
    "two works with a comma": ("\n[@tufte, @olah]", BIB, r"page.md:2: '@tufte, @olah' names several works; semicolons stand"),
    "two lists": (
        "[@tufte]\n\n/// references\n///\n\n/// references\n///",
        BIB,
        r"page.md:6: the block 'references' stands twice",
    ),
    "nothing to list": ("x\n\n/// references\n///", BIB, "page.md:3: the block 'references' has nothing to list"),
    "argument": (
        "[@tufte]\n\n/// references | x\n///",
        BIB,
        "page.md:3: the block 'references' is printed as text: it takes no argument",
    ),
    "syntax": (
        "[@a]",
        "@misc{b, year=1}\n@misc{a,\n title={T}\n author={A}, year=2000}",
        "works.bib:4: syntax error: '}' expected .in .* 'a'",
    ),
    "open brace": (
        "x [@b]",
        "@misc{b, author={B}, title={T}, year=1}\n@misc{a,\n title={T",
        "works.bib:3: syntax error: premature end",
    ),
    "duplicate": (
        "[@a]",
        "@misc{a, author={A}, title={T}, year=1}\n\n@misc{a, author={B}, title={U}, year=2}",
        "works.bib:3: the key 'a' stands twice; first on line 1; the first is used",
    ),
    "two fields": (
        "[@a]",
        "@misc{a, author={A}, title={T}, title={U}, year=1}",
        "works.bib:1: the entry 'a' has two fields 'title'",
    ),
    "no year": ("[@a]", "\n@misc{a, author={A}, title={T}}", "works.bib:2: the entry 'a' has no year$"),
    "unknown macro": (
        "[@a]",
        "@misc{a, author={A}, year=1,\n title={\\LaTeX{} \\lost{T}},\n publisher={\\texttt{P}}}",
        r"works.bib:2: the entry 'a' has the macro \\lost in its title, which is not known and left out; write what it stands",
    ),
    "unknown macro in an edition": (
        "[@a]",
        "@misc{a, author={A}, year=1, title={50% of T},\n edition={\\lost{2nd}}}",
        r"works.bib:2: the entry 'a' has the macro \\lost in its edition",
    ),
    "unknown macro behind a percent sign": (
        "[@a]",
        "@misc{a, author={A}, year=1,\n title={50% of \\lost{T}}}",
        r"works.bib:2: the entry 'a' has the macro \\lost in its title",
    ),
    "unknown macro in a name": (
        "[@a]",
        "@misc{a,\n author={A{\\lost}b},\n year=1, title={T}}",
        r"works.bib:2: the entry 'a' has the macro \\lost in its author",
    ),
    "nothing": ("[@a]", "\n@misc{a, url={https://x.org}}", "works.bib:2: the entry 'a' has no title, no author, no year$"),
    "doi": (
        "[@a]",
        "@misc{a, author={A}, title={T}, year=1,\n doi={x/y}}",
        "works.bib:2: the entry 'a' has the doi 'x/y'; a DOI begins 10.",
    ),
    "url": (
        "[@a]",
        "@misc{a, author={A}, title={T}, year=1,\n url={ftp://x}}",
        "works.bib:2: the entry 'a' has the url 'ftp://x'; only http",
    ),
    "crossref": (
        "[@a]",
        "@misc{a, author={A}, title={T}, year=1,\n crossref={b}}",
        "works.bib:2: the entry 'a' refers to 'b', which is not there",
    ),
    "macro": ("[@a]", "@misc{a, author={A}, title={T}, year=1,\n journal=nips}", "works.bib:2: undefined string: nips"),
    "name": ("[@a]", "@misc{a, title={T}, year=1,\n author={A, B, C, D}}", "works.bib:2: Too many commas in 'A, B, C, D'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_reported_once_with_its_line(cite, name):
    text, bib, message = MISTAKES[name]
    _, problems = cite(text, bib=bib)
    problems = [p for p in problems if "no figure 'fig-a'" not in p]  # that is another mistake
    assert len(problems) == 1, problems
    assert re.match(message, problems[0]), problems[0]


CIRCLES = {
    "itself": ({"a": "a"}, ["works.bib:1: the entry 'a' refers to itself, which is left out"]),
    "two": (
        {"a": "b", "b": "a"},
        ["works.bib:2: the entry 'b' refers to 'a', which refers to it; leave one of"],
    ),
    "three": (
        {"a": "b", "b": "c", "c": "A"},
        ["works.bib:3: the entry 'c' refers to 'a', which refers to it by way of 'b'; leave one of"],
    ),
    "six": (
        {"a": "b", "b": "c", "c": "d", "d": "e", "e": "f", "f": "a"},
        ["works.bib:6: the entry 'f' refers to 'a', which refers to it by way of 'b', 'c', 2 others; leave one of"],
    ),
    "no circle": ({"a": "b,c", "b": "d", "c": "d", "d": ""}, []),
    "a chain of five": ({"a": "b", "b": "c", "c": "d", "d": "e", "e": "f", "f": ""}, []),
    "a chain of six": (
        {"a": "b", "b": "c", "c": "d", "d": "e", "e": "f", "f": "g", "g": ""},
        ["works.bib:1: the entry 'a' refers to others in a chain of more than 5, which is not followed; write their fields"],
    ),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_entries_that_refer_to_each_other_are_told_as_such(cite, name):
    refers, messages = CIRCLES[name]
    bib = "\n".join(f"@misc{{{key}, author={{A}}, title={{T}}, year=1, xdata={{{to}}}}}" for key, to in refers.items())
    _, problems = cite("[@a]", bib=bib)
    assert len(problems) == len(messages), problems
    for problem, message in zip(problems, messages, strict=True):
        assert problem.startswith(message)


def test_a_field_of_a_distant_parent_is_used(cite):
    far = "@misc{d, publisher={Far Press}}\n@misc{c, xdata={d}}\n@misc{b, xdata={c}}\n"
    page, problems = cite("[@a]", bib=far + "@book{a, title={T}, author={A}, year=1999, xdata={b}}")
    assert problems == []
    assert "Far Press" in text_of(page)


def test_an_entry_that_nobody_cites_may_be_unfinished(cite):
    assert cite("[@a]", bib="@misc{a, author={A}, title={T}, year=1}\n@misc{b, url={javascript:x}}")[1] == []


def test_an_unknown_work_is_shown_as_it_is_written(cite):
    page, _ = cite("x [see @none, p. 3; @tufte] @nobody")
    assert text_of(page.find("p")) == "x see none?, [1] nobody?"
    assert list(entries(page)) == ["ref-tufte"]


def test_a_mistake_in_the_front_matter_is_located(cite):
    _, problems = cite("x", meta={"nocite": ["tuft"]}, header="---\ntitle: x\nnocite: [tuft]\n---\n", first_line=5)
    assert len(problems) == 1
    assert re.match("page.md:3: nocite: no work 'tuft' .* did you mean tufte", problems[0])


@pytest.mark.parametrize(
    ("csl", "message"),
    [
        ("iee", "mkdocs.yml: csl: unknown style 'iee'; did you mean ieee?"),
        ("no/such.csl", "mkdocs.yml: csl: the style 'no/such.csl' does not exist"),
        ("works.csl", "mkdocs.yml: csl: works.csl is no CSL style that can be read: it has no layout of citations"),
        ("broken.csl", "mkdocs.yml: csl: broken.csl is no CSL style that can be read: "),
    ],
)
def test_a_style_that_will_not_do_is_named_and_the_usual_one_is_used(cite, tmp_path, csl, message):
    (tmp_path / "works.csl").write_text('<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0"/>')
    (tmp_path / "broken.csl").write_text("<style>")
    page, problems = cite("[@tufte]", csl)
    assert len(problems) == 1
    assert problems[0].startswith(message)
    assert text_of(page.find("p")) == "[1]"


def test_a_style_may_be_a_file_of_the_author(cite, tmp_path):
    from lensdoc.publish.citations.styles import FOLDER

    text = (
        (FOLDER / "apa.csl").read_text().replace('prefix="(" suffix=")" delimiter="; "', 'prefix="{" suffix="}" delimiter="; "')
    )
    (tmp_path / "own.csl").write_text(text)
    page, problems = cite("[@tufte; @olah]", "own.csl")
    assert problems == []
    assert text_of(page.find("p")) == "{Tufte, 2006; Olah et al., 2017}"


def test_without_a_bibliography_names_are_names_and_citations_are_reported(tmp_path):
    problems = []
    context = page_state(tmp_path, path="page.md", report=problems.append)
    text = markdown.markdown("@someone and [a @b] and [@c]", extensions=[LensdocExtension(page=context)])
    assert text == "<p>@someone and [a @b] and [@c]</p>"
    assert len(problems) == 1
    assert re.match(r"page.md:1: \[@c\] cites, and there is no bibliography; name one in mkdocs.yml", problems[0])


def test_a_bibliography_that_is_not_there_is_named(tmp_path):
    problems = []
    context = page_state(tmp_path, root=tmp_path, report=problems.append)
    markdown.markdown("[@c]", extensions=[LensdocExtension(page=context, bibliography=["no.bib"])])
    assert problems[0] == "mkdocs.yml: bibliography 'no.bib' cannot be read: No such file or directory"


def test_several_files_make_one_bibliography(tmp_path):
    (tmp_path / "a.bib").write_text("@misc{a, author={A}, title={T}, year=1}")
    (tmp_path / "b.bib").write_text("@misc{b, author={B}, title={U}, year=2}\n@misc{a, author={C}, title={V}, year=3}")
    problems = []
    context = page_state(tmp_path, root=tmp_path, report=problems.append)
    shown = markdown.markdown("@b @a", extensions=[LensdocExtension(page=context, bibliography=["a.bib", "b.bib"])])
    assert "B [1]" in shown
    assert "A [2]" in shown
    assert problems == ["b.bib:2: the key 'a' stands in a.bib too, which is used"]


TITLES = {
    r"A {\LaTeX} Companion: the {\TeX}book, \BibTeX{} \& \texttt{code}": "A LaTeX companion: The TeXbook, BibTeX & code",
    r"\noopsort{1973}After {\em all} \textsuperscript{2}": "After all 2",
    r"Half of {\em a} \href{link}": r"Half of {\em a} \href{link}",
    r"See \href{http://x}{the text} \& {G{\"o}del}, \url{http://x.org/a_b}": "See the text & Gödel, http://x.org/a_b",
    r"On $\ell_2$, H$_2$O and \emph{$O(n^2)$}": r"On \(\ell_2\), H\(_2\)O and \(O(n^2)\)",
    r"{A $x' < \frac{A}{b}$ in Braces}": r"A \(x' < \frac{A}{b}\) in Braces",
    r"It costs \$5 or $6": "It costs $5 or $6",
}


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("style", STYLES)
def test_a_title_says_what_latex_would_set(cite, style, title):
    page, _ = cite("[@a]", style, f"@misc{{a, author={{A}}, year=1, title={{{title}}}}}")
    assert TITLES[title] in text_of(page.xpath("//*[@class='ld-work']")[0])
    formulas = [math.text for math in page.iter("lens-math")]
    assert formulas == re.findall(r"\\\(.*?\\\)", TITLES[title])


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><b>x</b>&lt;i&gt;&amp;',
    "*a* _b_ `c` [d](javascript:e) ![f](g) @olah [@olah] \\\\@",
    "\x02klzzwxh:0000\x03 \x02wzxhzdk:0\x03 \x02amp\x03",
    "\U000f0000\U000f0014\U000f0020\U000f1000",
    "$<b>x</b>$ \\textbf{y} \\input{z}",
    "\u202eabc\u2066",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["title", "author", "journal", "volume", "pages", "year", "publisher", "doi", "url", "note"])
def test_hostile_fields_are_text(cite, field, text):
    fields = {"author": "A", "title": "T", "year": "2000", "journal": "J", field: text}
    bib = "@article{a, " + ", ".join(f"{name}={{{value}}}" for name, value in fields.items()) + "}"
    for style in STYLES:
        page, _ = cite("*x* [@a] `code`", style, bib)
        assert {e.tag for e in page.iter()} <= {
            "article",
            "p",
            "em",
            "code",
            "span",
            "a",
            "i",
            "b",
            "sup",
            "h2",
            "div",
            "ol",
            "li",
            "lens-math",
        }
        assert not page.xpath("//lens-math/*")
        assert not page.xpath("//b[text()='x']")
        assert len(page.findall(".//em")) == len(page.findall(".//code")) == 1
        assert not re.search("[\x02\x03\u202e\u2066\U000f0000-\U0010ffff]", page.text_content())
        addresses = [a.get("href") for a in page.iter("a")]
        assert all(re.match("#(ref|cite)-a|https?://", address) for address in addresses), addresses


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        " javascript:alert(1)//https://x.org",
        "data:text/html,<b>x</b>",
        "vbscript:x",
        "//x.org",
        "https:/x",
        "http://[x",
        "https://x.org/a b",
        'https://x.org/"onclick="x',
    ],
)
def test_only_addresses_of_the_web_become_links(cite, address):
    page, problems = cite("[@a]", bib=f"@misc{{a, author={{A}}, title={{T}}, year=2000, url={{{address}}}}}")
    assert [a.get("href") for a in page.find_class("ld-work")[0].iter("a")] == []
    assert len(problems) == 1
    assert problems[0].startswith("works.bib:1: the entry 'a' has the url")


@pytest.mark.parametrize("key", ["a/b", "a<b", "a&b", "x+y", "ä", "10.1000/182", 'q"onclick=x'])
def test_a_hostile_key_makes_a_safe_id(cite, key):
    page, problems = cite(f"[@{{{key}}}]", bib=f"@misc{{{key}, author={{A}}, title={{T}}, year=2000}}")
    assert problems == []
    (item,) = page.xpath("//ol[contains(@class, 'ld-works')]/li")
    assert re.fullmatch(r"ref-[A-Za-z0-9_.:-]+", item.get("id"))
    (link,) = page.find_class("ld-cite")
    assert link.get("href") == f"#{item.get('id')}"


def test_a_huge_file_that_never_ends_is_an_error_with_its_line(cite):
    _, problems = cite("x [@b]", bib="@misc{b, author={B}, title={T}, year=1}\n@misc{a, title={" + "x{}" * 300_000)
    assert len(problems) == 1
    assert problems[0].startswith("works.bib:2: syntax error: premature end of file")


def test_a_large_bibliography_is_parsed_once_for_all_pages_and_again_when_it_changes(tmp_path, monkeypatch):
    parses = []
    parse = bibliography.decode
    monkeypatch.setattr(bibliography, "decode", lambda raw: parses.append(len(raw)) or parse(raw))
    works = tmp_path / "works.bib"
    works.write_text("\n".join(f"@misc{{k{n}, author={{A{n}, B}}, title={{T}}, year=2000}}" for n in range(900)))

    def page(number):
        context = page_state(tmp_path, root=tmp_path, path=f"{number}.md", report=pytest.fail)
        return markdown.markdown(f"@k{number}", extensions=[LensdocExtension(page=context, bibliography="works.bib")])

    assert all(f"A{n} [1]" in page(n) for n in range(20))
    assert len(parses) == 1
    works.write_text(works.read_text() + "@misc{new, author={N}, title={T}, year=2000}")
    assert "A3 [1]" in page(3)
    assert len(parses) == 2
