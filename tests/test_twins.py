"""Pages as Markdown: what of a page is left out, what figures become, and the list of all pages."""

from __future__ import annotations

import pytest

from lensdoc.core.errors import PublishError
from lensdoc.publish.twins import markdown
from lensdoc.publish.twins.figures import MOST_ROWS
from lensdoc.publish.twins.markdown import to_markdown
from lensdoc.publish.twins.plain import plain_content
from lensdoc.publish.twins.twins import MADE, Twin, alternate, twins

FIGURE = """<figure class="ld" id="fig-a"><div><lens-x><button>Play</button><svg aria-label="falls"></svg></lens-x></div>
<div class="ld-tools"><noscript><p class="ld-links" data-of="run/a"><a href="../data/run/a.json" download="">JSON</a>
<a href="../data/run/a.csv" download="">CSV</a></p></noscript></div>
<figcaption><p>Figure 1. <strong>What.</strong></p></figcaption></figure>"""


def twin(content, path="more/index.html"):
    return Twin(path, "A [title]", "Said", content)


def written(content, files=()):
    """The twin of one page, with the files that its site has."""
    return twins([twin(content)], dict(files).get, "Site", "", "")["more/index.md"]


def test_a_figure_is_its_caption_and_its_numbers():
    rows = "".join(f'{n},"a\n|b",<i>\r\n' for n in range(MOST_ROWS + 2))
    text = written(FIGURE, {"data/run/a.csv": f"n,token,kind\r\n{rows}"})
    assert "Figure 1. **What.**" in text
    assert "Play" not in text
    assert f"| {MOST_ROWS - 1} " in text
    assert f"| {MOST_ROWS} " not in text
    assert f"Rows 1 to {MOST_ROWS} of {MOST_ROWS + 2}; all are in [../data/run/a.csv](../data/run/a.csv)." in text
    assert "a⏎\\|b" in text
    assert "\\<i\\>" in text
    assert "Data: [JSON](../data/run/a.json), [CSV](../data/run/a.csv)" in text


def test_files_outside_of_the_site_are_not_read():
    asked = []
    page = FIGURE.replace("../data", "../../data")
    twins([twin(page)], asked.append, "Site", "", "")
    assert asked == ["llms.txt"]


def test_pictures_stay_pictures_and_tables_tables():
    picture = '<lens-image><img class="ld-light" alt="A line" src="a.svg"><img src="b.svg"></lens-image>'
    image = FIGURE.replace("lens-x", "div").replace("<div><div>", f"<div><div>{picture}")
    assert "![A line](a.svg)" in written(image)
    assert "b.svg" not in written(image)
    table = '<figure class="ld"><lens-table class="ld-data-table"><table><thead><tr><th>A<button>Sort</button></th></tr></thead>'
    table += "<tbody><tr><td>−0.5</td></tr></tbody></table></lens-table><figcaption>Two.</figcaption></figure>"
    captioned = table.replace("lens-table", "div")
    assert "Two.\n\n| A    |\n|------|\n| −0.5 |" in written(table)
    assert written(captioned) == written(table)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1 id='a'>A<a class='headerlink' href='#a'>¶</a></h1>", "# A\n"),
        ("<p>See <a href='#fig-a'>Figure 1</a>, <a href='../b/'>b</a>.</p>", "See Figure 1, [b](../b/)."),
        ("<p>Of <a class='ld-value' href='data/a.json'>12.5%</a>.</p>", "Of 12.5%."),
        (r"<p><lens-math>\(z_l\)</lens-math></p>", "$z_l$"),
        (r"<lens-math>\[ z^l \]</lens-math>", "$$ z^l $$"),
        (
            "<div class='language-python highlight'><pre><span></span><code>a = <b>1</b>\n</code></pre></div>",
            "``` python\na = 1\n```",
        ),
        ("<p>a<script>b</script><style>c</style><template>d</template> e</p>", "a e"),
        ("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "\\<script\\>alert(1)\\</script\\>"),
        ("<p>rises <svg><title>3, 2, 1</title><path d='M0'/></svg> here</p>", "rises 3, 2, 1 here"),
    ],
)
def test_what_stands_on_a_page_is_written_plainly(html, text):
    (found,) = to_markdown([plain_content(html, lambda _: None)])
    assert text in found


def test_pages_stay_apart_and_titles_from_elsewhere_head_them():
    found = twins(
        [twin("<p>One</p>", "index.html"), twin("<h1>Two</h1>", "b.html")], lambda _: None, "Site", "Says", "https://e.org/x"
    )
    assert found["index.md"] == "# A \\[title\\]\n\nOne\n"
    assert found["b.md"] == "# Two\n"
    assert "- [A \\[title\\]](https://e.org/x/b.md): Said" in found["llms.txt"]
    assert "> Says" in found["llms.txt"]
    assert to_markdown([]) == []


def test_a_list_of_the_author_stays():
    pages = [twin("<p>One</p>")]
    assert "llms.txt" not in twins(pages, lambda _: "# Mine\n", "Site", "", "")
    assert "llms.txt" in twins(pages, lambda _: f"# Old\n{MADE}\n", "Site", "", "")


def test_a_tag_names_the_twin_beside_the_page():
    assert alternate("a/index.html") == '<link rel=" alternate" type="text/markdown" href="index.md">'
    assert 'href="a%20b.md"' in alternate("x/a b.html")


def test_what_pandoc_cannot_do_is_told(monkeypatch):
    monkeypatch.setattr(markdown, "_FORMAT", "nonsense")
    with pytest.raises(PublishError, match=r"could not write the pages as Markdown: .*nonsense.*`markdown: false`"):
        to_markdown(["<p>a</p>"])
