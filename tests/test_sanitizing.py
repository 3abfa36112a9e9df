"""HTML of untrusted outputs, reduced to what only shows."""

from __future__ import annotations

import re

import pytest
from executed import BANNER, VECTORS
from lxml import etree

from lensdoc.explorables.elements import to_html
from lensdoc.publish.notebooks import sanitizing
from lensdoc.publish.notebooks.sanitizing import sanitized


def inside(html):
    return to_html(sanitized(html)).removeprefix("<div><div>").removesuffix("</div></div>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<b onclick=x id=y class=z style=w>a</b>c", "<b>a</b>c"),
        ("a<script>b</script>c<style>d</style>e", "ace"),
        ("<form><button>go</button></form><blink>x</blink>", "gox"),
        ("&lt;script&gt; &amp;lt;", "&lt;script&gt; &amp;lt;"),
        (
            "<table border=1 class=x><tr><td colspan=2 onclick=x>1</td></tr></table>",
            '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>',
        ),
        ("<td-x>y</td-x><h1>heading</h1>", "y<p>heading</p>"),
        ('<a href="https://x.org/?a=1&amp;b">x</a>', '<a href="https://x.org/?a=1&amp;b">x</a>'),
        ('<a href="#part">x</a><a href="mailto:a@b.c">y</a>', '<a href="#part">x</a><a href="mailto:a@b.c">y</a>'),
        ("<a href='../x.html'>x</a><a href='//host/'>y</a><a href=' javascript:z'>z</a><a href='data:text/html,a'>w</a>", "xyzw"),
        ("<img src='x.png' alt='a tree'><img src='https://x.org/a.png'>", "a tree"),
        ("<img src='data:image/png;base64,AA==' onerror=x>", '<img src="data:image/png;base64,AA==" alt="">'),
        ("<img src='data:text/html;base64,AA==' alt=''>", ""),
        ("<span class='nb md-overlay ansi-red-fg ld-x'>x</span>", '<span class="nb ansi-red-fg">x</span>'),
        ("a\x00b\udc80\x1b", "a\ufffdb\ufffd\ufffd"),
        ("<!-- a -->b<?php c ?>", "b"),
        ("", ""),
    ],
)
def test_what_stays(html, expected):
    assert inside(html) == expected


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_but_the_short_list_stays(vector):
    found = to_html(sanitized(f"{vector}{BANNER}"))
    for element in etree.fromstring(found, etree.HTMLParser()).iter():
        assert element.tag in sanitizing._SHOWN | {"html", "body"}
        assert not [name for name in element.attrib if name not in {"href", "class", "src", "alt", "colspan", "open"}]
    assert not re.search(r"<script|<img|onerror=|style=|javascript:", found.replace("&lt;", ""))


def test_a_deep_tree_is_cut_and_not_followed():
    found = to_html(sanitized("<b>" * 20_000 + "x"))
    assert found.count("<b>") < 100


def test_headings_are_told():
    told = []
    found = sanitized("<h2>A <em>b</em></h2><p>c</p>", heading=told.append)
    assert [("".join(h.itertext()), h.tag) for h in told] == [("A b", "h2")]
    assert to_html(found) == "<div><div><h2>A <em>b</em></h2><p>c</p></div></div>"
