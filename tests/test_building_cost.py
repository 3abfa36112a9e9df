"""What a build does once and not once for each page: counted, for times depend on the machine. The times are a long check."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from large_site import LargeSite, Size
from material.plugins.search.plugin import Parser
from test_site import build

from lensdoc.publish.engines.theme.search_excluded import SearchExcluded

SMALL = Size(pages=6, citations=30, explorables=12, entries=40, paragraphs=1)
COUNT = """
import atexit, collections, json, sys

from material.plugins.search.plugin import Parser as Search
import lensdoc.publish.citations.bibliography as bibliography
import lensdoc.publish.citations.process as process
import lensdoc.publish.citations.styles as styles
import lensdoc.publish.state.build as build

counts = collections.Counter()

def counted(name, owner, attribute):
    real = getattr(owner, attribute)

    def call(*given, **named):
        counts[name] += 1
        return real(*given, **named)

    setattr(owner, attribute, call)

counted("bibliographies", bibliography, "decode")
counted("styles", styles, "_parsed")
counted("processes", process.Pandoc, "__init__")
ask = process.Pandoc.ask

def asked(self, does, size=1, **request):
    counts[does] += 1
    counts["works read"] += request.get("text", "").count("@") if does == "read" else 0
    return ask(self, does, size, **request)

process.Pandoc.ask = asked
counted("records", build, "read_record")
counted("walks", build.Build, "names")
real = Search.handle_starttag

def handle_starttag(self, tag, attributes):
    counts["drawn"] += tag.startswith("lens-") or ("class", "ld-token") in attributes
    counts["searched"] += 1
    real(self, tag, attributes)

Search.handle_starttag = handle_starttag
atexit.register(lambda: print("COUNTS", json.dumps(counts), file=sys.stderr))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small site, and what its build did, how often."""
    folder = LargeSite(tmp_path_factory.mktemp("large") / "site", SMALL).write()
    done = build(folder, folder / "built", COUNT)
    assert done.returncode == 0, done.stderr
    return folder / "built", json.loads(done.stderr.split("COUNTS", 1)[1])


@pytest.fixture
def counts(built):
    return built[1]


def test_what_pages_share_is_read_once(counts):
    assert counts["bibliographies"] == 1
    assert counts["styles"] == 1
    assert counts["records"] == SMALL.explorables


def test_one_process_reads_each_work_once_and_writes_each_page_once(counts, built):
    pages = [page.read_text() for page in built[0].rglob("*.html") if "embed" not in page.parts]
    cited = {key for page in pages for key in re.findall(r'id="ref-(work\d+)"', page)}
    assert counts["processes"] == 1
    assert counts["works read"] == len(cited) + 1  # one entry stands for none: with it the words of locators are asked for
    assert 1 < len(cited) < SMALL.citations  # some works are cited twice
    # A page asks for its citations, and may ask for the authors that a style with numbers leaves out of a sentence.
    assert SMALL.pages <= counts["cite"] <= 2 * SMALL.pages + 1


def test_the_folder_of_data_is_not_walked_for_each_figure(counts):
    assert counts["walks"] <= 2


def test_the_search_parses_no_drawing(counts):
    assert counts["searched"] > 100
    assert counts["drawn"] == 0


def found(html):
    """What the search of Material finds in a page."""
    parser = Parser()
    parser.feed(html)
    return [(section.id, "".join(section.title), "".join(section.text)) for section in parser.data]


def test_a_page_that_is_spared_is_found_as_if_it_were_not_and_comes_back_whole(built):
    for page in built[0].glob("page-*/index.html"):
        html, unread = page.read_text(), SearchExcluded()
        spared = unread.take_out(html)
        assert len(re.findall("<lens-(?!math)", html)) == html.count("ld-about") == 2
        assert "<lens-" not in spared
        assert "ld-about" not in spared
        assert len(spared) < len(html) / 2
        assert '<span class="' not in "".join(re.findall("<pre .*?</pre>", spared, re.DOTALL))
        assert found(spared) == found(html)
        assert unread.put_back(spared) == html


def test_what_an_author_wrote_is_left_in_the_page():
    html = '<ol class="ld"><li>a</li></ol><details><p>b</p></details><p>&lt;lens-x class="ld-x" data-search-exclude=""&gt;</p>'
    assert SearchExcluded().take_out(html) == html


@pytest.mark.alone
@pytest.mark.long
def test_long_the_cost_of_a_build_beside_material_alone(figure):
    sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
    import building

    found = building.measured(3)
    figure(building.markdown(found, 3))
    assert found["ours"]["memory"] < building.MOST_MEGABYTES
