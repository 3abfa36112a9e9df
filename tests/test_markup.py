"""Pages are changed where a browser sees a tag, and nowhere else."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from lxml import html as lxml_html

from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.article.citing import Published
from lensdoc.publish.article.page import first_heading, with_front_matter
from lensdoc.publish.article.schema import Article
from lensdoc.publish.engines.theme.opening_band import lift_hero
from lensdoc.publish.figures.embeds import Source, embed_page
from lensdoc.publish.markup.tags import end_of_element, tags
from lensdoc.publish.privacy.policy import Policy

HOSTILE = ["<figure ", "</figure >", "<script", "<script>alert(1)</script>", "<!--", "-->", 'a"b', "a'b", "<a href=x>", "&lt;"]


def names(html):
    return [f"/{tag.name}" if tag.closes else tag.name for tag in tags(html)]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("quote", ['"', "'"])
def test_text_in_attributes_is_no_tag(text, quote):
    value = text.replace(quote, "&quot;" if quote == '"' else "&#39;")
    found = list(tags(f"<p title={quote}{value}{quote} class=a>x</p>"))
    assert [tag.name for tag in found] == ["p", "p"]
    assert found[0].attributes["title"] == text.replace("&lt;", "<")
    assert found[0].classes == ["a"]


def test_comments_and_scripts_hold_no_tags():
    assert names("<!-- <b> --><script>'<i>'</script><STYLE><u></style ><p>") == ["script", "/script", "style", "/style", "p"]
    assert names("a < b <1> <!-- never closed <b>") == []
    assert names("<p title=don't>x</p>") == ["p", "/p"]


def test_an_element_ends_at_its_own_end_tag():
    html = '<div title="</div>"><div></div></div>rest'
    assert html[end_of_element(html, next(tags(html))) :] == "rest"
    assert end_of_element("<div><div></div>", next(tags("<div>"))) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_html_of_a_tree_has_no_bare_mark_in_attributes(text):
    made = to_html(element("p", {"title": text}, text, element("br"), "tail"))
    begin = made[: made.index(">")]
    assert "<" not in begin[1:]
    found = lxml_html.fragment_fromstring(made)
    assert (found.get("title"), found.text, found[0].tail) == (text, text, "tail")


def test_html_of_a_tree_is_that_of_elementtree_elsewhere():
    svg = element("svg", {"viewBox": "0 0 1 1"}, element("path"))
    tree = element("div", {"a": "1 & 2"}, element("img", {"src": "x"}), element("b", None, "é < &"), " t", svg)
    assert to_html(tree) == ET.tostring(tree, encoding="unicode", method="html")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_figure_stands_alone_whatever_its_tokens_are(text):
    drawing = to_html(element("figure", {"id": "fig-x"}, element("i", {"title": text}, text), element("figure", None, "inner")))
    raw = f"<p title='{text.replace(chr(39), '&#39;')}'>before</p>{drawing}<figure id='fig-y'>other</figure>"
    page = lxml_html.document_fromstring(embed_page(Source(raw, "a/", "Title", "en"), "fig-x", "embed/x.html", "assets"))
    assert [figure.get("id") for figure in page.iter("figure")] == ["fig-x", None]
    assert page.xpath("//figure/i/@title") == [text]


def test_addresses_of_a_figure_are_moved_and_those_in_texts_are_not():
    figure = '<figure id="fig-x"><img alt=\'<img src="a.png">\' src=\'b.png\'><a href="#c" title="href=d">x</a></figure>'
    page = lxml_html.document_fromstring(embed_page(Source(figure, "a/", "T", "en"), "fig-x", "embed/r/x.html", "assets"))
    image, link = page.xpath("//figure/img")[0], page.xpath("//figure/a")[0]
    assert (image.get("alt"), image.get("src")) == ('<img src="a.png">', "../../a/b.png")
    assert (link.get("title"), link.get("href"), link.get("target")) == ("href=d", "../../a/#c", "_blank")


@pytest.mark.parametrize("text", HOSTILE)
def test_words_are_no_scripts_of_the_theme(text):
    theme = "<script>run()</script>"
    value = text.replace('"', "&quot;")
    html = f'<html><head><meta name="keywords" content="{value}">{theme}</head><body><p></p></body></html>'
    policy, alone = Policy(), Policy()
    policy.pass_by(html, "<p></p>")
    alone.pass_by(f"<html><head>{theme}</head><body><p></p></body></html>", "<p></p>")
    assert policy.text() == alone.text()


def test_a_band_is_lifted_with_all_that_its_attributes_say():
    band = '<div class="ld-hero" title="</div><div class=x>"><div class="ld-hero-inner">Title</div></div>'
    html = f'<main><div class="md-main__inner md-grid"><article>{band}<p>Text</p></article></div></main>'
    tree = lxml_html.fragment_fromstring(lift_hero(html))
    assert tree[1].get("class") == "ld-hero md-typeset"
    assert tree[1].get("title") == "</div><div class=x>"
    assert tree.xpath("./div[3]/article/p/text()") == ["Text"]


LIKE_TITLES = (
    "<p title='<h1>no</h1>'>x</p><!-- <h1>no</h1> -->"
    "<h1 title='a > b'>A <b>title</b><a class='x headerlink' href='#'>¶</a></h1>rest"
)


def test_the_title_of_a_page_is_its_first_heading():
    assert first_heading(LIKE_TITLES) == "A title"
    assert first_heading("<p>none</p>") == first_heading("<h1>never closed") == ""


def test_a_byline_follows_the_title():
    signed = Published(Article(authors="Ada Example"), "A title", "Site")
    before, _, after = with_front_matter(LIKE_TITLES, signed).partition('<div class="ld-byline">')
    assert before.endswith("</a></h1>")
    assert "rest" in after
    assert with_front_matter("<p>x</p>", signed).startswith('<div class="ld-byline">')
    band = "<p data-x='<div class=\"ld-hero-inner\">'></p><div class='a ld-hero-inner'>"
    assert with_front_matter(f"{band}x", signed).startswith(f'{band}<div class="ld-byline">')
