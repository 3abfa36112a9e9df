"""What the footer of a figure tells a reader, where it leads, and the files that it offers."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import builders
import lxml.html
import pytest
from chromium import KINDS
from markdown import Markdown
from states import page_state
from test_site import build

from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.pipeline.lock import Verified, read_lock, write_verified
from lensdoc.pipeline.project import Project
from lensdoc.publish.extension import LensdocExtension
from lensdoc.publish.figures.embeds import Source, embed_page
from lensdoc.publish.figures.tables import MOST_ROWS, csv_text
from lensdoc.records.record import NamedModel
from lensdoc.records.writing import write_record

BLOCK = "/// explorable | run/record\n    attrs: {id: fig-x}\n**A title?** A caption.\n///\n"


def render(tmp_path, record, **about):
    """The figure of a record on a page of its own."""
    write_record(record, tmp_path / "docs" / "data" / "run" / "record.json")
    docs = tmp_path / "docs"
    context = page_state(docs / "data", docs=docs, path="a/page.md", url="a/page/", freshness={}, **about)
    html = Markdown(extensions=["attr_list", LensdocExtension(page=context)]).convert(BLOCK)
    return lxml.html.fromstring(html), context


def told(figure):
    """Terms and what is said of each."""
    terms = figure.xpath(".//details[contains(@class, 'ld-about')]//dt")
    return {term.text_content(): term.getnext().text_content() for term in terms}


def test_the_footer_is_between_picture_and_caption_closed_and_says_how_the_numbers_were_made(tmp_path):
    figure, _ = render(tmp_path, builders.factors([[1, 2], [3, 1]]))
    assert [child.get("class") or child.tag for child in figure] == ["div", "ld-tools", "figcaption"]
    (details,) = figure.xpath("./div[@class='ld-tools']/noscript/details")
    assert details.get("open") is None
    assert details[0].tag == "summary"
    assert details[0].text_content() == "Data and method"
    said = told(figure)
    assert said["Model"] == "made/up sha256:00, float32"
    assert "non-negative matrix factorization" in said["Method"]
    assert said["State"].startswith("imported. The data come from elsewhere")
    assert figure.xpath("string(.//span[@class='ld-imprint'])") == "made/up ·\xa0no\xa0sampling ·\xa0imported"
    links = {link.text: link.get("href") for link in details.iter("a")}
    assert links == {"Data (JSON)": "../../data/run/record.json"}
    assert "Embed" not in details.text_content()


def test_hostile_parameters_are_text(tmp_path):
    hostile = {
        "prompt": "<img src=x onerror=alert(1)> {: onclick=alert(1)} [@key] *x* `{val} a/b.c`",
        "long": "x" * 1000,
        "n": [2],
    }
    record = builders.sequence()
    provenance = record.provenance.model_copy(update={"parameters": hostile, "run": "run"})
    figure, _ = render(tmp_path, record.model_copy(update={"provenance": provenance}))
    assert hostile["prompt"] in told(figure)["Parameters"]
    assert f"long {'x' * 160}…" in told(figure)["Parameters"]
    assert "n [2]" in told(figure)["Parameters"]
    assert figure.xpath(".//img | .//*[@onclick]") == []


def test_decoding_is_told(tmp_path):
    record = builders.sequence()
    assert told(render(tmp_path, record)[0])["Decoding"].startswith("no sampling")
    sampled = record.model_copy(update={"provenance": record.provenance.model_copy(update={"seed": 7})})
    assert told(render(tmp_path, sampled)[0])["Decoding"] == "sampled, seed 7"
    given = builders.factors([[1, 2]], n_input=2)
    assert told(render(tmp_path, given)[0])["Decoding"] == "none: the text was given"


def test_an_imported_record_claims_nothing(tmp_path):
    record = builders.factors([[1, 2]])
    unknown = record.provenance.model_copy(update={"dtype": "unknown"})
    name = "gpt2\n{: onclick=alert(1)}"
    figure, _ = render(tmp_path, record.model_copy(update={"model": NamedModel(id=name), "provenance": unknown}))
    said = told(figure)
    assert (said["Model"], said["Decoding"]) == (name, "unknown")
    assert figure.xpath(".//*[@onclick]") == []


def test_the_notebook_is_linked_where_there_is_one(tmp_path):
    record = builders.sequence()
    record = record.model_copy(update={"provenance": record.provenance.model_copy(update={"run": "eu/seed-1"})})
    figure, _ = render(tmp_path, record, notebooks={"eu/seed-1": "analyses/eu/seed-1/"})
    assert figure.xpath("string(.//a[.='Notebook']/@href)") == "../../analyses/eu/seed-1/"


def test_a_figure_can_be_cited_and_embedded_by_its_address(tmp_path):
    about = {"site_url": "https://example.org/p/", "canonical_url": "https://example.org/p/a/page/", "credit": "A. Author. Title"}
    figure, context = render(tmp_path, builders.sequence(), **about)
    cite, embed = (code.text_content() for code in figure.xpath(".//div[@class='ld-copied']//code"))
    assert cite == "A. Author. Title: A title? https://example.org/p/a/page/#fig-x"
    frame, script = lxml.html.fragments_fromstring(embed)
    assert (frame.tag, frame.get("src")) == ("iframe", "https://example.org/p/embed/run/record.html")
    assert frame.get("title") == "A title?"
    assert script.get("src") == "https://example.org/p/assets/lensdoc/sized.js"
    assert context.build.embeds == {"embed/run/record.html": ("a/page.md", "fig-x")}


def test_the_citation_of_a_figure_names_the_works_that_its_caption_cites(cite, tmp_path):
    write_record(builders.sequence(), tmp_path / "run" / "two.json")
    text = """
    /// explorable | run/two
        attrs: {id: fig-two}
    As @olah and others [see @tufte, p. 3; @morcos] have it. More @wolf.
    ///
    """
    page, problems = cite(text, credit="Ada: Title")
    assert problems == []
    cited = page.xpath("//figure//code[starts-with(., 'Ada')]")[0].text
    assert cited == "Ada: Title: As Olah et al. (2017) and others (Tufte 2006; Morcos and Raghu 2018) have it. #fig-two"


@pytest.mark.parametrize("kind", sorted(EXPLORABLES))
def test_every_kind_says_its_method_and_its_limits(kind):
    record = next(record for record, _ in KINDS.values() if kind == record.KIND)
    said = explorable(kind).method(record)
    assert said.count(". ") >= 1
    assert re.search(r"\b(not|alone|may)\b", said)


def unguarded(text):
    return text[1:] if re.match(r"'\s*[=+@-]", text) else text


FIELDS = {
    "attention-flow": "scores",
    "exchange": "curve",
    "factor-saliency": "scores",
    "factors": "activations",
    "logit-attribution": "values",
    "mask": "gates",
    "patching": "values",
    "predictions": "probs",
    "rankings": "probs",
    "saliency": "scores",
    "sequence": "probs",
    "similarity": "values",
}
"""Kind to the field that its table lists."""


def flat(value):
    return [v for item in value for v in flat(item)] if isinstance(value, list) else [value]


def heads_of(record):
    places = [(layer, head) for layer in range(len(record.layers)) for head in range(len(record.heads))]
    return [weight for place in places for row in record.head(*place) for weight in row]


EXPECTED = {
    "table": lambda r, _: [row[-1] for row in r.rows],
    "watch": lambda _, data: flat(data["probs"]) + [v for text in data["beside"] for v in flat(text["probs"])],
    "ablation": lambda _, data: [
        v for change, row in zip(data["changes"], data["controls"], strict=True) for v in (change, *row)
    ],
    "graph": lambda _, data: [link["weight"] for link in data["links"]],
    "live": lambda _, data: data["records"]["sequence"]["probs"],
    "faithfulness": lambda _, data: flat([data["curve"], *data["random"]]),
    "activations": lambda r, _: [value for layer in r.rows for row in layer for value in row],
    "attention": lambda r, _: heads_of(r),
    "decoding": lambda _, data: [prob for strategy in data["strategies"] for prob in strategy["probs"]],
    "factors": lambda r, _: [None if i in r.left_out else value for row in r.activations for i, value in enumerate(row)],
}
"""Kind to the numbers of its table, where they are not those of one field."""


def expected_values(record):
    """Numbers of a record in the order of its table, read from its file rather than from its table."""
    data = json.loads(record.model_dump_json())
    return EXPECTED[record.KIND](record, data) if record.KIND in EXPECTED else flat(data[FIELDS[record.KIND]])


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_table_holds_every_number_of_the_record(name):
    record = KINDS[name][0]
    text = csv_text(record)
    if name == "many" or record.KIND == "image":  # too large a table, and no numbers
        assert text is None
        return
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    column = explorable(record.KIND).table.heads(record)[-1] if record.KIND != "sequence" else "probability"
    numbers = [None if row[column] == "left out" else float(row[column]) for row in rows]
    digits = 1e-3 if name in {"unequal", "paired-cross"} else 0  # kept in 16 bits, told in four digits
    assert numbers == [None if value is None else pytest.approx(value, rel=digits, abs=0) for value in expected_values(record)]
    for row in rows:
        assert None not in row
        assert None not in row.values()
        if "token" in row and "position" in row and record.KIND not in {"watch", "predictions"}:
            assert unguarded(row["token"]) == record.tokens[int(row["position"])].spelled


def test_a_table_of_codes_has_no_more_digits_than_tell_them_apart():
    record = builders.activations([[n / 7 for n in range(128)]], encoded="int8")
    values = [row["activation"] for row in csv.DictReader(io.StringIO(csv_text(record), newline=""))]
    assert max(len(value.replace(".", "").lstrip("0")) for value in values) == 4
    assert len(set(values)) == 128
    assert [float(value) for value in values] == pytest.approx(record.rows[0][0], rel=1e-3)


def test_text_that_a_spreadsheet_would_take_for_a_formula_is_guarded_and_numbers_are_not():
    texts = ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", 'quote" and, comma\nline']
    text = csv_text(builders.factors([[1, -2, 0, 4, 5, 6]], texts, method="pca"))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["token"] for row in rows] == ["'=1+1", "'+1", "'-2", "'@SUM(A1)", "'\t=1", 'quote" and, comma\nline']
    assert rows[1]["activation"] == "-2.0"


def test_a_table_too_large_for_a_spreadsheet_is_not_written():
    rows = [[0.0] * 100] * (MOST_ROWS // 100)
    assert csv_text(builders.activations([*rows, [1.0] * 100], encoded="int8")) is None
    assert csv_text(builders.activations([*rows[1:], [1.0] * 100], encoded="int8")).count("\n") == MOST_ROWS + 1


def page_of(site):
    return lxml.html.parse(site / "index.html").getroot()


def states(site):
    figures = page_of(site).xpath("//figure[contains(@class, 'ld')]")
    return {f.get("id"): f.xpath("string(.//span[@class='ld-imprint'])").rpartition("\xa0")[2] for f in figures}


@pytest.fixture
def never(project):
    config = project / "mkdocs.yml"
    config.write_text(config.read_text().replace("execute: auto", "execute: never"))
    return project


def test_a_reader_sees_whether_a_figure_is_reproduced_fresh_stale_or_imported(never, tmp_path):
    article = Project(never)
    found = Verified(how="tolerance", device="another machine", versions={})
    for run in ("saliency", "factors"):
        assert write_verified(article.lock_file, run, read_lock(article.lock_file)[run], found)
    article.runs_file.write_text(article.runs_file.read_text().replace("refits: 5", "refits: 6"))
    write_record(builders.sequence(), article.data / "old" / "record.json")
    page = article.root / "docs" / "index.md"
    page.write_text(page.read_text() + "\n/// explorable | old/record\n    attrs: {id: fig-old}\nOld.\n///\n")
    done = build(never, tmp_path / "site", strict=False)
    assert done.returncode == 0, done.stderr
    words = states(tmp_path / "site")
    shown = {name: words[name] for name in ("fig-fact", "fig-two", "fig-xml", "fig-old")}
    assert shown == {"fig-fact": "reproduced", "fig-two": "fresh", "fig-xml": "stale", "fig-old": "imported"}
    said = page_of(tmp_path / "site").get_element_by_id("fig-fact").text_content()
    assert "executed a second time and gave the same data within the stated tolerances (another machine)" in said


@pytest.mark.sample(directories=[True])
@pytest.mark.parametrize("directories", [True, False])
def test_every_link_of_a_footer_leads_to_a_file_of_the_site(never, tmp_path, directories):
    config = never / "mkdocs.yml"
    config.write_text(config.read_text().replace("use_directory_urls: true", f"use_directory_urls: {str(directories).lower()}"))
    site = tmp_path / "site"
    done = build(never, site)
    assert done.returncode == 0, done.stderr
    count = notebooks = 0
    for page in (path for path in site.rglob("*.html") if path.name != "404.html"):
        for link in lxml.html.parse(page).getroot().xpath("//details[contains(@class, 'ld-about')]//a"):
            target = page.parent / link.get("href")
            assert (target / "index.html" if target.is_dir() else target).is_file(), (page, link.get("href"))
            count += 1
            notebooks += link.text == "Notebook"
    assert (count > 3 * 20, notebooks > 20) == (True, True)
    text = (site / "data" / "counting" / "two-factors.csv").read_text()
    assert text.startswith("factor,position,token,kind,activation")


def test_data_outside_the_site_are_not_linked(tmp_path):
    context = page_state(tmp_path / "elsewhere", docs=tmp_path / "docs")
    assert context.build.data_path("run/record") is None
    assert page_state(tmp_path / "docs-evil", docs=tmp_path / "docs").build.data_path("run/record") is None


def test_without_the_plugin_the_state_is_found_where_the_build_is_started(never, monkeypatch):
    monkeypatch.chdir(never)
    assert page_state(Path("docs/data")).build.freshness_of("counting/two-factors").word == "fresh"
    assert page_state(Path("docs/data")).build.freshness_of("counting/no-record").word == "imported"


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("", "data/run/x.json", "../../data/run/x.json"),
        ("other/", "../data/run/x.json", "../../data/run/x.json"),
        ("other/", "../", "../../"),
        ("a/b/", "../c/#fig-y", "../../a/c/#fig-y"),
        ("other.html", "index.html#x", "../../index.html#x"),
        ("other/", "#fig-y", "../../other/#fig-y"),
        ("", "#fig-y", "../../#fig-y"),
        ("other/", "#fig-x", "#fig-x"),
        ("other/", "https://example.org/", "https://example.org/"),
        ("other/", "mailto:x@example.org", "mailto:x@example.org"),
    ],
)
def test_links_of_a_caption_lead_to_the_same_place_from_a_frame(page, link, expected):
    text = '<p>text href="../y" &lt;a href="../y"</p>'
    html = f'<figure class="ld" id="fig-x">{text}<figcaption><a href="{link}">z</a></figcaption></figure>'
    made = embed_page(Source(html, page, "T <b>", "en"), "fig-x", "embed/run/x.html", "assets/lensdoc")
    tree = lxml.html.fromstring(made)
    assert tree.xpath("string(//figcaption/a/@href)") == expected
    assert 'text href="../y" <a href="../y"' in tree.text_content()
    assert tree.xpath("string(//h1/a)") == "T <b>"


def test_a_figure_that_is_not_there_has_no_page():
    assert embed_page(Source("<figure id='other'></figure>", "", "T", "en"), "fig-x", "embed/run/x.html", "assets") is None


def test_a_figure_alone_is_whole_where_its_caption_holds_another():
    inner = '<figure><img src="a.png" alt=""><figcaption>Inner</figcaption></figure>'
    footer = '<details class="ld-details ld-about"><summary>About</summary></details>'
    html = f'<figure class="ld" id="fig-x"><figcaption><p>Before</p>{inner}<p>After</p></figcaption>{footer}</figure><p>Else</p>'
    made = embed_page(Source(html, "", "T", "en"), "fig-x", "embed/run/x.html", "assets/lensdoc")
    tree = lxml.html.fromstring(made)
    assert tree.xpath("string(//figure[@id='fig-x']/figcaption)") == "BeforeInnerAfter"
    assert not tree.xpath("//details | //p[.='Else']")


def test_what_is_opened_is_text_to_a_browser_with_scripts_and_part_of_the_page_without(tmp_path):
    figure, _ = render(tmp_path, builders.factors([[1, 2], [3, 1]]))
    tables = figure.xpath(".//lens-factors/noscript[@class='ld-later']/details//table")
    assert len(tables) == 1
    assert figure.xpath("count(.//details[not(parent::noscript)])") == 0
