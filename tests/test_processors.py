"""The order of the Markdown processors is written in one place, and is what is registered."""

from __future__ import annotations

from markdown import Markdown
from states import page_state

from lensdoc.publish.extension import LensdocExtension
from lensdoc.publish.syntax.processors import ORDER

ZENSICAL = {"lensdoc_state_places", "lensdoc_ready", "lensdoc_finish"}
"""They are there under that engine alone."""
BIBLIOGRAPHY = {"lensdoc_citations_in_text"}
"""It is there where there is a bibliography."""


def registered(tmp_path, **options):
    md = Markdown(extensions=[LensdocExtension(page=page_state(tmp_path, root=tmp_path, report=print), **options)])
    for name in ("preprocessors", "inlinePatterns", "treeprocessors", "postprocessors"):
        for item in getattr(md, name)._priority:
            if item.name.startswith("lensdoc_"):
                yield name, item.name, item.priority


def test_the_table_is_what_is_registered(tmp_path):
    (tmp_path / "works.bib").write_text("@misc{a, title={A}}")
    table = {(row.registry, row.name, row.priority) for row in ORDER if row.name not in ZENSICAL}
    assert set(registered(tmp_path, bibliography="works.bib")) == table
    assert set(registered(tmp_path)) == {row for row in table if row[1] not in BIBLIOGRAPHY}


def test_no_two_rows_share_a_place_and_each_has_a_reason():
    places = [(row.registry, row.priority) for row in ORDER]
    assert len(places) == len(set(places))
    assert places == sorted(places, key=lambda place: ([p[0] for p in places].index(place[0]), -place[1]))
    assert all(len(row.reason) > 20 for row in ORDER)
