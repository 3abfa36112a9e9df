"""Tables of an author's own: as records, on pages, over many runs, and values computed from two."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys

import builders
import pytest
from authored import CONFIG, built, links_of, rendered
from chromium import serve
from engines import zensical
from lxml import html
from playwright.sync_api import expect
from projects import make

import lensdoc
from lensdoc.core.errors import DataError, LensdocError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.own_table import draw
from lensdoc.publish.state.freshness import Freshness
from lensdoc.publish.values.arithmetic import Quantity, read_expression
from lensdoc.records.record import Provenance
from lensdoc.records.writing import write_record

REFUSED = {
    "not a number": ([{"a": float("nan")}], None, r"rows\[0\], column 'a': a value is a finite number, .* it is nan"),
    "yes or no": ([{"a": True}], None, "column 'a': a value is a finite number"),
    "an object": ([{"a": []}], None, r"it is \[\]"),
    "too few": ([(1, 2)], ["a"], r"rows\[0\] has 2 values, but there are 1 columns"),
    "mixed": ([{"a": 1}, {"a": "x"}], None, "the column 'a' has numbers and texts"),
    "name": ([{"a b": 1}], None, "column 'a b': its name does not fit"),
    "option": ([[1]], {"a": {"unti": "x"}}, "unknown option 'unti'; did you mean unit"),
    "format": ([[1]], {"a": {"format": "zz"}}, "column 'a': its format does not fit"),
    "row": ([5], ["a"], r"rows\[0\] must be a mapping or a sequence, it is 5"),
    "unknown": ([{"a": 1}, {"b": 2}], None, r"rows\[1\]: unknown column 'b'; valid: a"),
    "twice": ([[1, 2]], ["a", "a"], "columns must differ"),
    "no names": ([[1]], None, "columns must name the columns"),
    "long": ([[1]] * 10_001, ["a"], "at most 10,000 rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused(name):
    rows, columns, message = REFUSED[name]
    with pytest.raises(DataError, match=message):
        lensdoc.table(rows, columns)


def test_tables_of_one_run_are_told_apart_by_screen_readers():
    tables = [draw(lensdoc.table([{"place": 1, name: 2}], ["place", name]), {}) for name in ("share", "rank")]
    labels = [re.findall('role="region" aria-label="([^"]*)"', to_html(table)) for table in tables]
    assert labels == [["Table: place, share"], ["Table: place, rank"]]


def test_rows_may_be_mappings_sequences_or_frames():
    class Frame:
        columns = ("a", "b")

        def to_dict(self, how):
            assert how == "records"
            return [{"a": 1, "b": "x"}]

    found = [lensdoc.table(rows, ["a", "b"]) for rows in ([{"b": "x", "a": 1}], [(1, "x")], Frame())]
    assert {record.rows for record in found} == {((1, "x"),)}
    assert lensdoc.table([{"a": 1.23456}, {}]).rows == ((1.235,), (None,))


@pytest.fixture
def root(tmp_path):
    """A folder with a table, and a fact of three runs."""
    data = tmp_path / "docs" / "data"
    write_record(builders.own_table(), data / "own" / "t.json")
    for seed, top in ((2, 0.25), (10, 0.5), (1, 0.125)):
        made = Provenance(dtype="float32", run=f"eu/seed-{seed}", parameters={"seed": seed, "model": "m"})
        record = builders.sequence().with_facts(top=top, zero=0, name="<b>").model_copy(update={"provenance": made})
        write_record(record, data / "eu" / f"seed-{seed}" / "s.json")
    return tmp_path


def table(root, argument, options="", **state):
    """Heads, rows and mistakes of a table on a page."""
    page, problems = rendered(
        root, f"# P\n\n/// table | {argument}\n    attrs: {{id: tbl-a}}\n{options}A caption.\n///\n", **state
    )
    heads = [head.text_content() for head in page.xpath("//lens-table//thead//th")]
    rows = [[cell.text_content() for cell in row] for row in page.xpath("//lens-table//*[self::tbody or self::tfoot]/tr")]
    return heads, rows, problems


def test_a_record_is_shown_as_it_is(root):
    assert table(root, "own/t") == (
        ["Model", "Loss (bits)", "Tokens <i>"],
        [["a <b>", "0.50", "12"], ["=1+1", "1.25", "7"], [" c", "–", "−3"]],
        [],
    )


def test_columns_are_chosen_renamed_and_computed_and_rows_ordered(root):
    options = "    columns: {M: model, L: loss, Two: loss / loss}\n    formats: {L: .1f}\n    order: -L\n"
    heads, rows, problems = table(root, "own/t", options)
    assert problems == []
    assert heads == ["M", "L (bits)", "Two"]
    assert rows == [["=1+1", "1.2", "1"], ["a <b>", "0.5", "1"], [" c", "–", "–"]]


def test_a_quotient_has_the_unit_of_what_is_divided(root):
    heads, rows, problems = table(root, "own/t", "    columns: {Each: loss / tokens}\n")
    assert problems == []
    assert (heads, rows[1]) == (["Each (bits)"], ["0.1786"])
    assert read_expression("a / b", {"a": Quantity(6, "bits"), "b": Quantity(3, "s")}.__getitem__) == Quantity(2.0, "bits/s")


def test_totals_stand_last(root):
    assert table(root, "own/t", "    total: {tokens: sum}\n")[1][-1] == ["Sum", "", "16"]
    assert table(root, "own/t", "    columns: model, tokens\n    total: mean\n")[1][-1] == ["Mean", "5.333"]


def test_a_field_of_many_runs_has_a_row_for_each_in_the_order_of_numbers(root):
    heads, rows, problems = table(root, "eu/*/s.facts.top, eu/*/s.facts.name", "    columns: {Half: facts.top / facts.tokens}\n")
    assert problems == []
    assert heads == ["seed", "top", "name", "Half"]
    page, _ = rendered(root, "/// table | eu/*/s.facts.top, eu/*/s.facts.name\nA.\n///\n")
    assert page.xpath("//lens-table/@data-name") == ["eu-all-s"]
    assert rows == [["1", "0.125", "<b>", "0.04167"], ["2", "0.25", "<b>", "0.08333"], ["10", "0.5", "<b>", "0.1667"]]


def test_without_parameters_that_differ_the_names_tell_the_runs_apart(root):
    for path in (root / "docs" / "data" / "eu").rglob("s.json"):
        data = json.loads(path.read_text())
        data["provenance"]["parameters"] = {}
        path.write_text(json.dumps(data))
    heads, rows, _ = table(root, "eu/*/s.facts.top")
    assert heads[0] == "run"
    assert [row[0] for row in rows] == ["seed-1", "seed-2", "seed-10"]


def test_a_run_without_its_record_is_named_with_the_line(root):
    fresh = {f"eu/seed-{seed}/s": Freshness("fresh") for seed in (1, 2, 3, 10)}
    _, rows, (problem,) = table(root, "eu/*/s.facts.top", freshness=fresh)
    cure = "execute it: lensdoc run eu/seed-3"
    assert problem == f"index.md:3: no record 'eu/seed-3/s': the run 'eu/seed-3' has not made it yet; {cure}"
    assert rows[2] == ["seed-3", "–"]


def test_data_of_a_run_that_was_renamed_are_left_out_and_named_with_the_line(root):
    freshness = {"eu/seed-1/s": Freshness("fresh"), "eu/seed-2/s": Freshness("stale", gone=True)}
    _, rows, (problem,) = table(root, "eu/*/s.facts.top", freshness=freshness)
    assert problem.startswith("index.md:3: 'eu/seed-2/s' was made by a run that analyses/runs.yml no longer has, and is left out")
    assert problem.endswith("give the run its name back, or delete its data, which lensdoc status lists")
    assert [row[0] for row in rows] == ["1", "10"]


@pytest.mark.long
def test_both_engines_name_each_run_without_a_record_strict_or_not(tmp_path):
    make(tmp_path / "p", {"n": []}, {"eu": {"notebook": "n.ipynb", "records": ["s"], "matrix": {"n": [1, 2, 3]}}})
    made = Provenance(dtype="float32", run="eu/n-1", parameters={"n": 1})
    write_record(
        builders.sequence().model_copy(update={"provenance": made}), tmp_path / "p" / "docs" / "data" / "eu" / "n-1" / "s.json"
    )
    figure = "/// explorable | eu/{n}/s\n    attrs: {id: fig-a}\n    show: choice\nA.\n///\n"
    (tmp_path / "p" / "docs" / "index.md").write_text(f"# P\n\n/// table | eu/*/s.facts.tokens\nA.\n///\n\n{figure}")
    (tmp_path / "p" / "mkdocs.yml").write_text(CONFIG)
    mkdocs = [sys.executable, "-m", "mkdocs", "build"]
    for strict in ([], ["--strict"]):
        for done in (
            subprocess.run([*mkdocs, *strict], cwd=tmp_path / "p", capture_output=True, text=True, check=False),
            zensical(tmp_path / "p", "--clean", *strict),
        ):
            assert (done.returncode != 0) == bool(strict), done.stderr
            for line, run in itertools.product((3, 7), ("eu/n-2", "eu/n-3")):
                cure = f"the run {run!r} has not made it yet; execute it: lensdoc run {run}"
                assert f"index.md:{line}: no record '{run}/s': {cure}" in done.stderr + done.stdout


MISTAKES = {
    "kind": (
        "eu/seed-1/s",
        "",
        "eu/seed-1/s is of kind 'sequence'; a table shows a record of kind 'table', or a field of many runs",
    ),
    "no record": ("own/x", "", "no record 'own/x'"),
    "no match": ("ue/*/s.facts.top", "", r"no record matches 'ue/\*/s'"),
    "no field": ("eu/*/s", "", "name what to show of eu/"),
    "unknown field": ("eu/*/s.facts.tpo", "", "unknown field 'tpo'; did you mean top"),
    "no number": ("eu/*/s.facts", "", "'facts' is no single number or text"),
    "argument": ("eu/*", "", "a table is written `/// table"),
    "two patterns": ("eu/*/s.facts.top, own/*/t.facts.rows", "", "the fields of a table are of the same records"),
    "option": ("own/t", "    colums: loss\n", "unknown option 'colums'; did you mean columns"),
    "column": ("own/t", "    columns: [los]\n", "unknown column 'los'; did you mean loss"),
    "columns": ("own/t", "    columns: 3\n", "columns must be names, or titles"),
    "order": ("own/t", "    order: x\n", "order: unknown column 'x'"),
    "formats": ("own/t", "    formats: {loss: zz}\n", "format 'zz' is invalid"),
    "total": ("own/t", "    total: max\n", "total must be sum or mean"),
    "total of a gap": ("own/t", "    total: {loss: sum}\n", "total: the column 'Loss' is the first, or not all of its values"),
    "units": ("own/t", "    columns: {a: loss - tokens}\n", "the two have different units, 'bits' and no unit"),
    "unit below the line": ("own/t", "    columns: {a: tokens / loss}\n", "the two have different units, no unit and 'bits'"),
    "fact": ("eu/*/s.facts.top", "    columns: [zero]\n", "unknown field 'zero'; did you mean facts.zero?"),
    "zero": ("eu/*/s", "    columns: {a: facts.top / facts.zero}\n", "divides by 0"),
    "text": ("eu/*/s", "    columns: {a: facts.top - facts.name}\n", "only numbers are subtracted and divided, it is '<b>'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_told_once_with_its_line(root, name):
    argument, options, message = MISTAKES[name]
    _, rows, problems = table(root, argument, options)
    assert rows == []
    assert len(problems) == 1
    assert re.match(f"index.md:3: .*{message}", problems[0]), problems[0]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{val} eu/seed-10/s.facts.top - eu/seed-1/s.facts.top", "0.375"),
        ("{val} eu/seed-10/s.facts.top / eu/seed-1/s.facts.top:.1f", "4.0"),
        ("{val} eu/seed-10/s.facts.top / eu/seed-1/s.facts.top :.0%", "400%"),
        ("{val} own/t.rows[1][1] - own/t.rows[0][1]", "0.75"),
        ("{val} own/t.rows[0][2] - own/t.rows[1][2]", "5"),
    ],
)
def test_prose_computes_a_value_from_two(root, written, shown):
    page, problems = rendered(root, f"`{written}`")
    assert problems == []
    (value,) = page.find_class("ld-value")
    assert value.text == shown
    assert value.get("href") or value.get("data-from")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("own/t.rows[0][1] - own/t.rows[0][2]", "different units, 'bits' and no unit"),
        ("eu/seed-1/s.facts.top / eu/seed-1/s.facts.zero", "divides by 0"),
        ("eu/seed-1/s.facts.top - eu/seed-1/s.facts.name", "only numbers"),
        ("eu/seed-1/s.facts.top - eu/seed-1/s.facts.top - eu/seed-1/s.facts.top", "is computed from two"),
        ("eu/seed-1/s.facts.top / eu/seed-9/s.facts.top", "no record 'eu/seed-9/s'"),
    ],
)
def test_what_cannot_be_computed_is_told_with_its_line(root, written, message):
    page, (problem,) = rendered(root, f"one\n\n`{{val}} {written}`")
    assert re.match(f"index.md:3: .*{message}", problem)
    assert page.find_class("ld-value")[0].text == "??"


@pytest.mark.parametrize(("a", "b", "shown"), [(0.1234, 0.1, "0.0234"), (1234.0, 1.5, "1232.0"), (7, 5, "2"), (0.5, 0.5, "0.0")])
def test_a_difference_has_the_digits_that_are_known(a, b, shown):
    assert repr(read_expression("a - b", {"a": Quantity(a), "b": Quantity(b)}.__getitem__).value) == shown


def test_a_difference_that_rounding_made_is_refused():
    with pytest.raises(LensdocError, match="four digits, which leave nothing of their difference"):
        read_expression("a - b", {"a": Quantity(0.1234), "b": Quantity(0.1233)}.__getitem__)


PAGE = """# P

/// table | own/t
    attrs: {id: tbl-own}
A caption.
///

See @tbl-own.

/// table | eu/*/s.facts.top
Many.
///
"""


@pytest.fixture
def site(root):
    return built(root, PAGE)


def test_tables_are_numbered_and_say_where_they_are_from(site):
    page = html.document_fromstring((site / "index.html").read_text())
    first, second = page.xpath("//figure")
    assert first.xpath('.//span[@class="ld-number"]')[0].text == "Table 1."
    assert page.xpath('//a[@href="#tbl-own"]')[0].text_content() == "Table\xa01"
    assert links_of(first) == ["Data (JSON)", "Table (CSV)"]
    assert (site / "data" / "own" / "t.csv").read_text().splitlines()[2] == "'=1+1,1.25,7"
    links = second.xpath('.//p[@class="ld-sources"]/a/@href')
    assert links == [f"data/eu/seed-{seed}/s.json" for seed in (1, 2, 10)]
    assert all((site / link).is_file() for link in links)


@pytest.mark.browser
def test_readers_sort_by_keyboard_and_save_what_they_see(site, browser):
    with serve(site) as address:
        page = browser.new_page()
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.goto(address)
        figure = page.locator("#tbl-own")
        button = figure.get_by_role("button", name="Loss")
        button.focus()
        first = figure.locator("tbody th")
        for said, order in (("ascending", ["a <b>", "=1+1", " c"]), ("descending", ["=1+1", "a <b>", " c"])):
            page.keyboard.press("Enter")
            expect(figure.locator(f"thead th[aria-sort={said}]")).to_have_text(re.compile("Loss"))
            assert first.all_text_contents() == order
            expect(figure.locator(".ld-live")).to_have_text(f"Sorted by Loss (bits), {said}.")
        with page.expect_download() as download:
            figure.get_by_role("button", name="Save as CSV").click()
        assert download.value.suggested_filename == "own-t.csv"
        saved = download.value.path().read_text()
        assert saved.splitlines() == ["Model,Loss (bits),Tokens <i>", "'=1+1,1.25,7", "a <b>,0.5,12", " c,,-3"]
        page.keyboard.press("Shift+Tab")
        button.press("Enter")
        assert first.all_text_contents() == ["a <b>", "=1+1", " c"]
        assert problems == []
        page.close()
