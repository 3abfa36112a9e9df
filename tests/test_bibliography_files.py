"""Bibliographies as people have them: encodings, broken entries, BibLaTeX, odd keys, and names of the world."""

from __future__ import annotations

import time

import pytest
from citing import entries, text_of

from lensdoc.core.errors import PublishError
from lensdoc.publish.citations import process
from lensdoc.publish.citations.encodings import decode

ONE = "@article{{a1, author={{Müller, J}}, title={{Größe}}, journal={{J}}, year={{2020}}}}{}"


@pytest.fixture
def cite_bytes(cite, tmp_path):
    """Renders a page whose bibliography holds the given bytes."""

    def run(text, raw, **options):
        page, problems = None, []
        write = type(tmp_path).write_text
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(tmp_path), "write_text", lambda self, _: self.write_bytes(raw))
            page, problems = cite(text, **options)
        assert type(tmp_path).write_text is write
        return page, problems

    return run


@pytest.mark.parametrize("raw", [b"", b"\n", b"@string{j = {J}}\n% no entry yet\n", b"\xef\xbb\xbf"])
def test_an_empty_bibliography_is_one(cite_bytes, raw):
    page, problems = cite_bytes("Text.", raw)
    assert (text_of(page), problems) == ("Text.", [])
    page, problems = cite_bytes("Text [@a].", raw)
    assert problems == [r"page.md:1: no work 'a' in the bibliography; there are none yet; a literal @ is written \@"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_read_whatever_its_form(cite_bytes, encoding):
    page, problems = cite_bytes("[@a1]", ONE.format("").encode(encoding))
    assert problems == []
    assert entries(page)["ref-a1"] == "[1] J. Müller, “Größe,” J, 2020."


@pytest.mark.parametrize("line", ["% Encoding: ISO-8859-1", "% -*- coding: latin-1 -*-", "%% This file: encoding=cp1252"])
def test_an_encoding_that_the_file_declares_is_used(cite_bytes, line):
    page, problems = cite_bytes("[@a1]", f"{line}\n{ONE.format('')}".encode("latin-1"))
    assert problems == []
    assert entries(page)["ref-a1"] == "[1] J. Müller, “Größe,” J, 2020."


def test_letters_that_cannot_be_read_are_never_lost_in_silence(cite_bytes):
    good = "\n@misc{b, author={B}, title={Good}, year=2001}"
    page, problems = cite_bytes("[@a1] and [@b]", ONE.format(good).encode("latin-1"))
    assert len(problems) == 1
    assert problems[0].startswith("works.bib:1: byte 0xFC is not UTF-8; no entry with such a byte is shown; save the file as")
    assert text_of(page.find("p")) == "a1? and [1]"
    assert list(entries(page)) == ["ref-b"]


def test_an_encoding_that_does_not_exist_or_is_not_true_is_refused():
    with pytest.raises(PublishError, match="declares the encoding 'klingon', which does not exist; save it as UTF-8"):
        decode("% Encoding: klingon\nü".encode("latin-1"))
    with pytest.raises(PublishError, match="not in the encoding ascii, as it says"):
        decode("% Encoding: ascii\nü".encode("latin-1"))


BROKEN = """
@misc{one, author={A}, title={One}, year=2001}
@misc{two,
  author={B}, title={Two
  year=2002}
@misc{three, author={C}, title={Three}, year=2003}
@misc{four, author={D} title={Four}, year=2004}
@misc{five, author={E}, title={Five, with @misc{x, a line like an entry}}, year=2005}
@book
@misc{six, author={F}, title={Six}, year=2006}
"""


def test_a_broken_entry_is_named_and_leaves_the_others(cite):
    page, problems = cite("[@one; @two; @three; @four; @five; @six]", bib=BROKEN)
    assert problems == [
        "works.bib:6: syntax error: premature end of file (in the entry 'two', which begins on line 3)",
        "works.bib:7: syntax error: '}' expected (in the entry 'four', which begins on line 7)",
        "works.bib:9: '@book' begins no entry: after its type stands a brace, as in @article{key, ...}",
    ]
    assert list(entries(page)) == ["ref-one", "ref-three", "ref-five", "ref-six"]


def test_comments_hold_no_entries(cite):
    bib = (
        "@comment{@misc{ghost, title={Not here}}}\nmail me at someone@example.org, or @x\n%@misc{gone,\n"
        + BROKEN.split("@misc{two", maxsplit=1)[0]
    )
    page, problems = cite("[@one]", bib=bib, meta={"nocite": "@*"})
    assert problems == []
    assert list(entries(page)) == ["ref-one"]


READ = {
    "a subtitle": ("@book{a, author={A, A.}, title={Half}, subtitle={The Other Half}, date=2020}", "Half: The other half"),
    "a subtitle of a book": (
        "@incollection{a, author={A, A.}, title={P}, booktitle={Book}, booksubtitle={Of {Books}}, date=2020}",
        "Book: Of Books",
    ),
    "names in parts": (
        "@misc{a, author={given=Hans, prefix=von, family=Muster and family=Beispiel, given=Anna}, title={T}, date=2021}",
        "H. von Muster and A. Beispiel,",
    ),
    "a range of years": ("@article{a, author={A, A.}, title={T}, journaltitle={J}, date={1988/1992}}", "1988–1992"),
    "a type of thesis": (
        "@thesis{a, author={A, A.}, title={T}, type={phdthesis}, institution={U}, date={2020}}",
        "PhD thesis, U",
    ),
    "a number at arXiv": (
        "@online{a, author={A, A.}, title={T}, date={2017-06-12}, eprint={arXiv:1701.00001}, eprinttype={arXiv}}",
        "https://arxiv.org/abs/1701.00001",
    ),
    "a wrapped address": (
        r"@misc{a, author={A, A.}, title={T}, year=2011, url={\url{https://example.org/a_b}}}",
        "https://example.org/a_b",
    ),
    "a version": ("@software{a, author={{Devs}}, title={tool}, version={1.2.3}, date=2020}", "version 1.2.3"),
    "a book in three levels": (
        "@inproceedings{a, author={A}, title={T}, crossref={b}}@proceedings{b, crossref={c}}@book{c, editor={E, E.}, year=2001}",
        "E. E, Ed., 2001",
    ),
    "a name with a small given part": ("@misc{a, author={lowe, dana}, title={T}, year=2012}", "dana lowe,"),
    "AND in capitals": ("@misc{a, author={Smith, Ann AND Jones, Bob}, title={T}, year=2012}", "A. Smith and B. Jones,"),
    "a comma that nothing follows": (
        "@misc{a, author={Smith, Ann, and Jones, Bob}, title={T}, year=2012}",
        "A. Smith and B. Jones,",
    ),
    "a month among words": ('@article{a, author={A, A.}, title={T}, journal={J}, month= 10 # "~" # jan, year=2020}', "Jan. 2020"),
    "text instead of a year": ("@misc{a, author={A, A.}, title={T}, year={in press}}", "in press"),
    "an accent on a letter without a dot": (r"@misc{a, author={{\v S}ev{\v c}{\'\i}k, P.}, title={T}, year=2004}", "Ševčík,"),
    "letters that pandoc does not know": (
        r"@misc{a, author={A, A.}, title={{\TH}or \textendash{} \mbox{GPT}}, year=2004}",
        "Þor – GPT",
    ),
    "a percent sign": ("@misc{a, author={A, A.}, title={50% of all & more}, year=2004}", "50% of all & more"),
}


@pytest.mark.parametrize("what", READ)
def test_what_biblatex_means_is_shown(cite, what):
    bib, shown = READ[what]
    page, problems = cite("[@a]", bib=bib)
    assert problems == []
    assert shown in entries(page)["ref-a"]


NAMES = {
    "王, 小明": ("王小明", "王小明"),
    "王, 小明 and 李, 红": ("王小明 and 李红", "王小明, & 李红"),
    "山田, 太郎": ("山田太郎", "山田太郎"),
    "김, 철수": ("김철수", "김철수"),
    "Иванов, Иван Петрович": ("И. П. Иванов", "Иванов, И. П."),
    "Παπαδόπουλος, Γιώργος": ("Γ. Παπαδόπουλος", "Παπαδόπουλος, Γ."),
    "محمد, علي حسن": ("علي حسن محمد", "محمد, علي حسن"),
    "כהן, דוד": ("דוד כהן", "כהן, דוד"),
    "शर्मा, राम": ("राम शर्मा", "शर्मा, राम"),
    "ใจดี, สมชาย": ("สมชาย ใจดี", "ใจดี, สมชาย"),
    "নাথ দে, রবীন্দ্র": ("রবীন্দ্র নাথ দে", "নাথ দে, রবীন্দ্র"),
    "ბერიძე, გიორგი": ("გიორგი ბერიძე", "ბერიძე, გიორგი"),
    "Պետրոսյան, Աննա": ("Ա. Պետրոսյան", "Պետրոսյան, Ա."),
    "ደበበ, አበበ": ("አበበ ደበበ", "ደበበ, አበበ"),
    "Madonna and Plato": ("Madonna and Plato", "Madonna, & Plato"),
    "{Sky Collaboration}": ("Sky Collaboration", "Sky Collaboration"),
}
"""Names, and how they read in ieee and in apa: given names have initials where a script has capitals."""


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_world_are_written_as_people_write_them(cite, name):
    bib = f"@article{{a, author={{{name}}}, title={{Zxaxz of {name.partition(',')[0]}}}, journal={{J}}, year=2022}}"
    for style, shown, end in zip(("ieee", "apa"), NAMES[name], ("[1] {}, “Zxaxz", "{}. (2022). Zxaxz"), strict=True):
        page, problems = cite("[@a]", style, bib)
        assert problems == []
        assert entries(page)["ref-a"].startswith(end.format(shown.rstrip(".") if style == "apa" else shown))


def test_works_of_names_without_capitals_are_told_apart_and_sorted(cite):
    names = ("王, 小明", "王, 小红", "王, 小明", "Zweig, Ann")
    bib = "\n".join(f"@article{{k{n}, author={{{name}}}, title={{T{n}}}, year=2022}}" for n, name in enumerate(names))
    page, problems = cite("[@k0; @k2], [@k1], @k3", "apa", bib)
    assert problems == []
    assert text_of(page.find("p")) == "(王, 2022a; 王, 2022b), (王, 2022c), Zweig (2022)"
    works = ["Zweig, A. (2022). T3.", "王小明. (2022a). T0.", "王小明. (2022b). T2.", "王小红. (2022c). T1."]
    assert list(entries(page).values()) == works


ARTICLE_NUMBERS = {"eid": "eid={012345}", "articleno": "articleno={012345}, numpages=20"}


@pytest.mark.parametrize("field", ARTICLE_NUMBERS)
def test_the_number_of_an_article_stands_where_pages_would(cite, field):
    bib = f"@article{{a, author={{A, B.}}, title={{T}}, journal={{J}}, volume=1, {ARTICLE_NUMBERS[field]}, year=2020}}"
    shown = {
        "ieee": "vol. 1, p. 012345, 2020",
        "apa": "J, 1, 012345",
        "nature": "J 1, 012345 (2020)",
        "author-date": "J 1: 012345",
    }
    for style, expected in shown.items():
        page, problems = cite("[@a]", style, bib)
        assert problems == []
        assert expected in entries(page)["ref-a"]


def test_pages_stay_where_an_article_has_a_number_too(cite):
    page, _ = cite("[@a]", bib="@article{a, author={A, B.}, title={T}, journal={J}, eid={e5}, pages={1--20}, year=2020}")
    assert "pp. 1–20" in entries(page)["ref-a"]
    assert "e5" not in entries(page)["ref-a"]


def test_an_old_doi_with_angle_brackets_is_a_link(cite):
    doi = "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O"
    page, problems = cite("[@a]", bib=f"@article{{a, author={{A}}, title={{T}}, journal={{J}}, year=1998, doi={{{doi}}}}}")
    assert problems == []
    (link,) = page.get_element_by_id("ref-a").xpath(".//a[@href]")[:1]
    assert link.text_content() == doi
    assert link.get("href") == "https://doi.org/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O"


CURE = "; between two names stands `and`"
WRONG = {
    "Smith, Ann; Jones, Bob": f"the entry 'a' has the author 'Smith, Ann; Jones, Bob'{CURE}",
    "Smith, Ann & Jones, Bob": f"the entry 'a' has the author 'Smith, Ann & Jones, Bob'{CURE}",
    "Ann Smith, Bob Jones, Carl Lee": f"the entry 'a' has the author 'Ann Smith, Bob Jones, Carl Lee'{CURE}",
}


@pytest.mark.parametrize("names", WRONG)
def test_names_that_run_together_are_told(cite, names):
    _, problems = cite("[@a]", bib=f"\n@misc{{a, title={{T}}, year=2001,\n author={{{names}}}}}")
    assert problems == [f"works.bib:3: {WRONG[names]}"]


def test_a_work_is_found_by_its_other_keys(cite):
    page, problems = cite("[@old] and [@new]", bib="@misc{new, ids={old, older}, author={A}, title={T}, year=2001}")
    assert problems == []
    assert text_of(page.find("p")) == "[1] and [1]"
    assert list(entries(page)) == ["ref-new"]


def test_a_title_that_is_no_latex_is_shown_as_it_is_written(cite):
    page, problems = cite("[@a]", bib="@misc{a, author={A}, year=2001,\n title={Half \\href{of it}}}")
    assert problems == ["works.bib:2: the entry 'a' has a title that is no LaTeX; it is shown as it is written"]
    assert "Half \\href{of it}" in entries(page)["ref-a"]


def test_an_entry_that_refers_to_itself_ends(cite):
    page, _ = cite("[@a]", bib="@misc{a, author={A}, title={T}, year=2001, crossref={b}}\n@misc{b, title={U}, crossref={a}}")
    assert list(entries(page)) == ["ref-a"]


def test_commands_that_a_bibliography_defines_are_text(cite):
    bomb = "".join(rf"\newcommand{{\{b}}}{{\{a}\{a}\{a}\{a}}}" for a, b in zip("abcdefghijkl", "bcdefghijklm", strict=True))
    began = time.process_time()
    page, _ = cite("[@z]", bib=rf"@misc{{z, author={{A}}, year=2001, title={{\newcommand{{\a}}{{x}}{bomb}\m}}}}")
    assert list(entries(page)) == ["ref-z"]
    assert time.process_time() - began < 5


def test_pandoc_reads_no_file_and_asks_no_host(cite, tmp_path, monkeypatch):
    (tmp_path / "secret.tex").write_text("the secret")
    asked = []
    monkeypatch.setattr(process.Pandoc, "ask", _recorded(process.Pandoc.ask, asked))
    page, _ = cite("[@a]", bib=f"@misc{{a, author={{A}}, year=2001, title={{X \\input{{{tmp_path}/secret.tex}} Y}}}}")
    assert "the secret" not in page.text_content()
    assert asked
    assert not any("http://www.zotero.org" in str(request.get("address", "")) for request in asked)


def _recorded(ask, asked):
    def record(self, does, size=1, **request):
        asked.append(request)
        return ask(self, does, size, **request)

    return record
