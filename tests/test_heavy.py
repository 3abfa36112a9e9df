"""Heavy data of figures: scripts beside the page that carry them, and what stays in it."""

from __future__ import annotations

import json
from html import escape

import pytest

from lensdoc.publish.figures.embeds import Source, embed_page
from lensdoc.publish.figures.heavy import has_heavy, lift_heavy

DATA = json.dumps({"texts": ["</script> & <b>"] * 400})
FIGURE = '<figure id="{}"><lens-x><p>1</p><template class="ld-data">{}</template></lens-x><figcaption>C.</figcaption></figure>'


def page(*figures):
    return Source("".join(FIGURE.format(name, escape(data)) for name, data in figures), "deep/page/", "Title", "en")


def test_heavy_data_go_into_a_script_and_light_ones_stay():
    html, files = lift_heavy(page(("fig-a", DATA), ("fig-b", '{"x": 1}'), ("fig-c", DATA)))
    assert list(files) == [f"choices/deep/page/fig-{name}/data-1.js" for name in "ac"]
    script = files["choices/deep/page/fig-a/data-1.js"]
    assert json.loads(script.removeprefix("window.lensdocData = ").removesuffix(";\n")) == DATA
    assert '<template class="ld-data" data-src="../../choices/deep/page/fig-a/data-1.js"></template>' in html
    assert '<template class="ld-data">{&quot;x&quot;: 1}</template>' in html
    assert not has_heavy(html)


@pytest.mark.parametrize(
    "html", ["", FIGURE.format("fig-a", "{}"), FIGURE.format("fig-a", escape(DATA)).replace(' id="fig-a"', "")]
)
def test_what_is_light_or_has_no_name_is_left_as_it_is(html):
    assert lift_heavy(Source(html, "", "Title", "en")) == (html, {})


def test_a_figure_alone_finds_its_data():
    html, files = lift_heavy(page(("fig-a", DATA)))
    made = embed_page(Source(html, "deep/page/", "Title", "en"), "fig-a", "embed/run/record.html", "assets")
    assert f'data-src="../../{next(iter(files))}"' in made
