"""Citations and references, as a reader gets them."""

from __future__ import annotations

import markdown
import pytest
from citing import AUTHORS, BIB, FORMS, KEYS, REFERENCES, STYLES, entries, text_of
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from states import page_state

from lensdoc.publish.extension import LensdocExtension


@pytest.mark.parametrize("written", FORMS)
@pytest.mark.parametrize("style", STYLES)
def test_every_form_of_a_citation_reads_as_its_style_has_it(cite, style, written):
    page, problems = cite(written, style)
    assert problems == []
    assert text_of(page.find("p")) == FORMS[written][STYLES.index(style)]


@pytest.mark.parametrize("style", STYLES)
def test_references_of_five_types_read_as_their_style_has_them(cite, style):
    page, problems = cite(f"[@{'; @'.join(KEYS)}]", style)
    assert problems == []
    found = entries(page)
    assert [found[f"ref-{key}"] for key in KEYS] == list(REFERENCES[style])
    assert list(found) == [f"ref-{key}" for key in (KEYS if style in {"ieee", "nature"} else sorted(KEYS, key=AUTHORS.index))]


def test_italics_of_a_style_are_elements_and_titles_are_text(cite):
    page, _ = cite("[@olah; @walt]")
    item = page.get_element_by_id("ref-olah")
    assert [i.text for i in item.iter("i")] == ["Distill"]
    links = [(a.text_content(), a.get("href")) for a in item.find_class("ld-work")[0].iter("a")]
    assert links == [("10.23915/distill.00007", "https://doi.org/10.23915/distill.00007")]


def test_lines_of_an_address_end_between_its_parts(cite):
    address = "https://www.example.org/a_b/Ab12?page=3"
    page, _ = cite("[@a]", bib=f"@misc{{a, author={{A, B.}}, title={{T}}, year=2020, url={{{address}}}}}")
    (link,) = page.xpath(f"//a[@href='{address}']")
    assert [link.text, *(part.tail for part in link)] == ["https://www.", "example.", "org/", "a_", "b/", "Ab12", "?page=3"]


def test_a_citation_links_to_its_reference_which_links_back_to_every_place(cite):
    text = """
    # One [@tufte]

    Two[^n] @tufte and [@olah; @tufte].

    [^n]: Three @morcos, in a note.
    """
    page, problems = cite(text)
    assert problems == []
    assert entries(page).keys() == {"ref-tufte", "ref-morcos", "ref-olah"}
    assert list(entries(page)) == ["ref-tufte", "ref-morcos", "ref-olah"]  # the note is read where its number stands
    links = page.find_class("ld-cite")
    assert all(page.get_element_by_id(link.get("href")[1:]) is not None for link in links)
    back = page.get_element_by_id("ref-tufte").find_class("ld-places")[0].findall("a")
    assert [a.text for a in back] == ["a", "b", "c"]
    assert [a.get("aria-label") for a in back] == [f"{letter}, citing place {n} of 3" for n, letter in enumerate("abc", 1)]
    assert [page.get_element_by_id(a.get("href")[1:]).get("href") for a in back] == ["#ref-tufte"] * 3
    assert text_of(page.get_element_by_id("references")) == "References"


def test_a_heading_is_not_named_after_a_number(cite):
    page, _ = cite("# One [@tufte]\n\n## As @olah has it\n\n[TOC]")
    assert [h.get("id") for h in page.iter("h1", "h2")] == ["one", "as-olah-et-al-has-it", "references"]
    assert [text_of(a) for a in page.find_class("toc")[0].iter("a")] == ["One", "As Olah et al. has it", "References"]
    assert text_of(page.find("h2")) == "As Olah et al. [2] has it"


def test_citations_stand_in_captions_tables_notes_and_lists(cite):
    text = """
    | a |
    |---|
    | [@tufte] |
    /// table-caption
    After @olah.
    ///

    - item [@tufte]

    !!! note "Of @morcos"
        text [@tufte]
    """
    page, problems = cite(text)
    assert problems == []
    assert [text_of(page.find(f".//{tag}")) for tag in ("td", "li")] == ["[1]", "item [1]"]
    assert "After Olah et al. [2]." in text_of(page.find(".//figcaption"))
    assert text_of(page.find_class("admonition-title")[0]) == "Of Morcos and Raghu [3]"


@pytest.mark.parametrize(
    "text",
    [
        "`[@tufte]` and `@tufte`",
        "```\n[@tufte]\n@tufte\n```",
        "x\n\n    [@tufte]",
        "[of @tufte](x.md) and [[@tufte]](x.md)",
        '<span title="@tufte">a</span> <a href="https://x.org/@tufte">b</a>',
        "<div>[@tufte] @tufte</div>",
        "<code>@tufte</code>, <kbd>[@tufte]</kbd>, <code>a *b* <b>@tufte</b> [@olah]</code>",
        '<a href="https://x.org">see **@tufte**, [@olah]</a>',
        "jane_@tufte and jane__@tufte",
        "a\\@tufte and \\@tufte",
        "mail to jane@tufte.org or <jane@tufte.org>, @ alone, @, a @",
        "https://x.org/@tufte",
        "![@tufte](x.png)",
    ],
)
def test_what_is_no_citation_is_left_alone(cite, text):
    page, problems = cite(text)
    assert problems == []
    assert not page.find_class("ld-citation")
    assert not page.find_class("ld-references")


@pytest.mark.parametrize("written", ["_@tufte_", "*@tufte*", "__@tufte__", "_see @tufte_"])
def test_a_citation_stands_in_an_emphasis(cite, written):
    page, problems = cite(f"x {written} and [@tufte].")
    assert problems == []
    assert text_of(page.find("p")) == f"x {'see ' * ('see' in written)}Tufte [1] and [1]."


def test_what_follows_a_tag_that_is_closed_is_cited(cite):
    page, problems = cite("<code>@tufte</code> and </code> @olah, `@morcos` <a>x</a> [@walt]")
    assert problems == []
    assert list(entries(page)) == ["ref-olah", "ref-walt"]


@pytest.mark.parametrize("space", ["&nbsp;", "&#160;", "&#xA0;", "&thinsp;"])
def test_a_space_may_be_an_entity(cite, space):
    page, problems = cite(f"[@tufte, p.{space}3; @olah, chs.{space}2]")
    assert problems == []
    assert text_of(page.find("p")) == "[1, p. 3], [2, chap. 2]"


def test_an_entity_ends_no_part(cite):
    page, problems = cite("[see A&amp;B in @tufte; @olah]")
    assert problems == []
    assert text_of(page.find("p")) == "see A&B in [1], [2]"


MENTIONED = [("@someone", "magiclink-mention"), ("@tufte", "ld-cite"), ("@tuftte", "ld-citation"), ("[@someone]", "ld-citation")]


@pytest.mark.parametrize(("text", "becomes"), MENTIONED)
def test_names_of_magiclink_are_left_to_it(tmp_path, text, becomes):
    (tmp_path / "works.bib").write_text(BIB)
    problems = []
    state = page_state(tmp_path, root=tmp_path, path="page.md", report=problems.append)
    extension = LensdocExtension(page=state, bibliography="works.bib")
    options = {"pymdownx.magiclink": {"repo_url_shorthand": True, "user": "u", "repo": "r"}}
    made = markdown.markdown(text, extensions=["pymdownx.magiclink", extension], extension_configs=options)
    assert becomes in made.split("</p>")[0]
    assert len(problems) == (becomes == "ld-citation")


def test_an_escaped_at_is_an_at(cite):
    page, _ = cite("\\@tufte")
    assert text_of(page) == "@tufte"


@pytest.mark.parametrize("text", ["@fig-a", "[@fig-a; @eq-b]", "[-@sec-a]", "@tbl-x."])
def test_keys_of_cross_references_are_not_cited(cite, text):
    page, problems = cite(text)
    assert not page.find_class("ld-citation")
    assert not [p for p in problems if "bibliography" in p]


def test_the_block_says_where_the_list_stands(cite):
    page, problems = cite("[@tufte]\n\n## Literature\n\n/// references\nWhat we read.\n///\n\nAfter.")
    assert problems == []
    assert [child.tag for child in page] == ["p", "h2", "div", "p"]
    assert text_of(page.find("div")).startswith("What we read. [1] E. R. Tufte")


def test_works_that_are_not_cited_are_listed_on_request(cite):
    assert list(entries(cite("[@tufte]", meta={"nocite": ["olah", "@morcos"]})[0])) == ["ref-tufte", "ref-olah", "ref-morcos"]
    assert list(entries(cite("Text.", meta={"nocite": "@walt, @olah"})[0])) == ["ref-walt", "ref-olah"]
    page, problems = cite("Text.", meta={"nocite": "@*"})
    assert (len(entries(page)), problems) == (8, [])
    assert not page.find_class("ld-places")


def test_a_search_does_not_find_what_is_only_cited(cite):
    assert cite("[@tufte]")[0].find_class("ld-works")[0].get("data-search-exclude") == ""


MISPLACED = {
    "[@tufte]\n\n[@tufte; p. 3]": "page.md:3: [@tufte; p. 3] is no citation",
    "[@tufte]\n\n[@tufte, `x`;\np. 3]": "page.md:3: [@tufte, ",
    "[@tufte]\n\n[@tufte; @fig-a]": "page.md:3: [@tufte; @fig-a] mixes citations and cross-references",
    "`@nope`\n\n`a\n@nope` and @nopes\n\n@nope": "page.md:4: no work 'nopes'",
    "`@nope`\n\n`a\n[@nope]` and\n\n@{nope}": "page.md:6: no work 'nope'",
    "x@nope.org\n\n@nope": "page.md:3: no work 'nope'",
    "@tufte\n\n/// references\n///\n\n/// references\n///": "page.md:6: the block 'references' stands twice",
}


@pytest.mark.parametrize("text", MISPLACED)
def test_a_mistake_is_named_with_its_own_line(cite, text):
    assert cite(text)[1][0].startswith(MISPLACED[text])


def test_each_of_several_on_a_line_is_named_with_it(cite):
    _, problems = cite("@no and [@no]\n\n@no")
    assert [problem[:10] for problem in problems] == ["page.md:1:", "page.md:1:", "page.md:3:"]


PIECES = st.sampled_from(
    [
        "@tufte",
        "@olah",
        "@none",
        "@fig-a",
        "[",
        "]",
        "-",
        ";",
        ",",
        " ",
        "p. 3",
        "see",
        "{",
        "}",
        "\\",
        "*",
        "`",
        "\n",
        "(",
        "x@y",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
@example("[@tufte; [@olah]]")
@example("[@tufte [@olah; x]; y]")
def test_no_text_breaks_a_page(cite, text):
    page, _ = cite(f"begin {text} end", bib=BIB)
    shown = text_of(page)
    assert "begin" in shown
    assert "end" in shown


WORDS = st.lists(st.from_regex(r"[A-Za-z]{3,8}", fullmatch=True), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, WORDS, st.sampled_from(["tufte", "none"]), st.sampled_from(STYLES))
def test_no_word_around_a_key_is_lost(cite, before, after, key, style):
    page, _ = cite(f"one [{before} @{key}, {after}; {after} @olah] two", style)
    shown = text_of(page.find("p"))
    assert shown.startswith("one ")
    assert shown.endswith(" two")
    assert before in shown
    assert shown.count(after) >= 2 - (before in after) or after in before
