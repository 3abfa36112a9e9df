"""Attribution graphs that others computed: files of schema 1.0.0, written here by hand, and the figure."""

from __future__ import annotations

import copy
import itertools
import json

import builders
import pytest
from click.testing import CliRunner
from lxml import html

from lensdoc.cli import lensdoc
from lensdoc.core.errors import DataError
from lensdoc.explorables.elements import to_html
from lensdoc.explorables.graph import shares_of
from lensdoc.explorables.kinds import explorable
from lensdoc.records.imported import read_imported
from lensdoc.records.reading import read_record


def node(name, kind, layer, position, **more):
    """As circuit-tracer writes one: fields beyond the schema, and layer and feature paired in one number."""
    base = {"feature": -1, "jsNodeId": f"{name}-0", "clerp": "", "influence": None, "activation": None, "token_prob": 0.0}
    return base | {"node_id": name, "feature_type": kind, "layer": layer, "ctx_idx": position, "run_idx": 0} | more


FEATURE, ERROR = "cross layer transcoder", "mlp reconstruction error"
FILE = {
    "metadata": {
        "slug": "sum",
        "scan": "gemma-2-2b",
        "prompt": "<bos>1+",
        "prompt_tokens": ["<bos>", "1", "+"],
        "schema_version": 1,
        "info": {
            "generator": {"name": "circuit-tracer", "version": "3f", "url": "https://example.org"},
            "transcoder_set": "gemma",
        },
    },
    "qParams": {"pinnedIds": [], "supernodes": []},
    "nodes": [
        node("3_7_2", FEATURE, "3", 2, feature=65, influence=0.1, activation=20.25),
        node("0_12_2", FEATURE, "0", 2, feature=90, influence=0.4, activation=3.5, clerp="plus"),
        node("0_-1_2", ERROR, "0", 2, influence=0.6),
        node("1_5_1", FEATURE, 1, 1, feature=26, influence=0.9, activation=0.5),
        node("E_2_0", "embedding", "E", 0, feature=0, influence=0.5),
        node("E_9_2", "embedding", "E", 2, feature=2, influence=0.3),
        node("5_40_2", "logit", "5", 2, feature=40, clerp='Output "2" (p=0.5)', token_prob=0.5, is_target_logit=True),
        node("5_41_2", "logit", "5", 2, feature=41, clerp='Output "3" (p=0.2)', token_prob=0.2),
    ],
    "links": [
        {"source": "E_9_2", "target": "0_12_2", "weight": 6},
        {"source": "0_12_2", "target": "3_7_2", "weight": -1.5},
        {"source": "0_-1_2", "target": "3_7_2", "weight": 4.5},
        {"source": "3_7_2", "target": "5_40_2", "weight": 12.0},
        {"source": "1_5_1", "target": "5_41_2", "weight": 1.0},
    ],
}


@pytest.fixture
def file(tmp_path):
    def write(data):
        path = tmp_path / "graph.json"
        path.write_text(json.dumps(data))
        return path

    return write


def read(path, nodes=120, links=1500, model=None):
    return read_imported(path, model, nodes=nodes, links=links)


def changed(change):
    data = copy.deepcopy(FILE)
    change(data)
    return data


def test_a_file_becomes_a_record_with_all_that_it_says(file):
    record = read(file(FILE))
    assert (record.model.id, record.generator, record.features) == ("gemma-2-2b", "circuit-tracer 3f", "gemma")
    assert [(token.id, token.text) for token in record.tokens] == [(2, "<bos>"), (0, "1"), (9, "+")]  # an id that is not said
    assert [one.id for one in record.nodes] == ["E_2_0", "E_9_2", "0_12_2", "0_-1_2", "1_5_1", "3_7_2", "5_40_2", "5_41_2"]
    feature, output = record.nodes[5], record.nodes[6]
    assert (feature.kind, feature.layer, feature.feature, feature.position) == ("feature", 3, 7, 2)  # and not 65
    assert (feature.activation, feature.influence) == (20.25, 0.1)
    assert (output.kind, output.layer, output.feature, output.prob) == ("logit", None, 40, 0.5)
    assert record.nodes[3].kind == "error"
    named = {(record.nodes[link.source].id, record.nodes[link.target].id): link.weight for link in record.links}
    assert named == {(link["source"], link["target"]): link["weight"] for link in FILE["links"]}
    assert record.facts["output"] == 'Output "2" (p=0.5)'
    assert record.facts["error_share"] == 4.5 / 25
    assert (record.facts["nodes_left_out"], record.facts["weight_kept"]) == (0, 1)


def test_the_most_influential_nodes_and_strongest_links_are_kept(file):
    record = read(file(FILE), nodes=2, links=2)
    assert [one.id for one in record.nodes] == ["E_2_0", "E_9_2", "0_12_2", "3_7_2", "5_40_2", "5_41_2"]
    assert sorted(link.weight for link in record.links) == [6, 12]
    assert (record.facts["nodes_left_out"], record.facts["links_left_out"]) == (2, 3)
    assert record.facts["weight_kept"] == 18 / 25
    assert record.facts["error_share"] == 4.5 / 25  # of the whole file


def test_without_influences_weights_decide(file):
    def forget(data):
        data["nodes"][0]["influence"] = None

    record = read(file(changed(forget)), nodes=2)
    assert [one.id for one in record.nodes if one.kind in {"feature", "error"}] == ["0_12_2", "3_7_2"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["nodes"][0].pop("ctx_idx"), "field 'nodes.0.ctx_idx': Field required; it is no attribution graph"),
        (lambda d: d["nodes"][0].update(ctx_idx="2"), "field 'nodes.0.ctx_idx': Input should be a valid integer"),
        (lambda d: d["nodes"][0].update(ctx_idx=3), "node '3_7_2' has ctx_idx 3, but there are 3 prompt_tokens"),
        (lambda d: d["nodes"][1].update(node_id="3_7_2"), "there are 8 nodes and 7 ids"),
        (lambda d: d["nodes"][0].update(layer="top"), "node '3_7_2' has the layer 'top', which is no number"),
        (lambda d: d["links"][0].update(target="x"), "a link leads from 'E_9_2' to 'x', and one of these is no node"),
        (lambda d: d["links"][0].update(weight="6"), "field 'links.0.weight': Input should be a valid number"),
        (lambda d: d["metadata"].pop("scan"), "field 'metadata.scan': Field required"),
        (lambda d: d["metadata"].update(prompt_tokens=[]), "field 'metadata.prompt_tokens'"),
        (lambda d: d.update(nodes=[]), "field 'nodes'"),
    ],
)
def test_what_breaks_the_schema_is_refused(file, change, message):
    with pytest.raises(DataError) as caught:
        read(file(changed(change)))
    assert message in str(caught.value)


def test_the_command_says_what_it_left_out(file, tmp_path, monkeypatch):
    (tmp_path / "mkdocs.yml").write_text("site_name: An article\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(lensdoc, ["import", str(file(FILE)), "--as", "others/sum", "--nodes", "3", "--model", "Gemma"])
    assert done.exit_code == 0, done.output
    assert "3 tokens, kind graph, written to docs/data/others/sum.json" in done.output
    assert "7 nodes and 4 links; 1 nodes and 1 links were left out (--nodes, --links)" in done.output
    assert read_record(tmp_path / "docs" / "data" / "others" / "sum.json").model.id == "Gemma"
    refused = CliRunner().invoke(lensdoc, ["import", str(file({"nodes": []})), "--as", "others/none"])
    assert "an attribution graph holds `metadata`, `nodes` and `links`" in str(refused.exception)
    assert not (tmp_path / "docs" / "data" / "others" / "none.json").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["nodes"][1].update(id="E_0_0"), "nodes must have different ids, 'E_0_0' stands twice"),
        (lambda d: d["nodes"][3].update(layer=None), r"nodes\[3\].layer must be there for features and errors"),
        (lambda d: d["nodes"][0].update(position=3), r"nodes\[0\].position must be below 3"),
        (lambda d: d["links"][0].update(source=9), r"links\[0\] must lead from and to nodes below 9"),
    ],
)
def test_shapes_must_fit(change, message):
    data = json.loads(builders.graph().model_dump_json())
    change(data)
    with pytest.raises(ValueError, match=message):
        type(builders.graph()).model_validate(data, strict=False)


def draw(record):
    return html.fromstring(to_html(explorable("graph").draw(record, {})))


def test_shares_are_of_what_a_node_is_given():
    assert shares_of(builders.graph()) == pytest.approx([0.75, 0.25, 0.25, 0.75, 0.25 / 12.25, 12 / 12.25, 1])


LINKS = "//*[contains(@class, 'ld-links')]/path"


def test_the_figure_has_nodes_in_their_places_and_says_their_links():
    record = builders.graph()
    figure = draw(record)
    marks = figure.xpath("//*[@data-told]")
    assert len(marks) == len(record.nodes)
    assert marks[5].get("data-told") == (
        "Feature 7 (layer 3, token 2), activation 20.3: from unexplained (layer 0, token 2) 75%, "
        'feature 12 ‘a <label>’ (layer 0, token 2) −25%; to output 41 100%, Output " <i>" (p=0.229) 98%.'
    )
    places = [tuple(map(float, mark.get("transform")[10:-1].split())) for mark in marks]
    assert len(set(places)) == len(places)
    ys = [y for _, y in places]
    assert ys[0] == ys[1] == ys[2] > ys[3] == ys[4] > ys[5] == ys[6] > ys[7] == ys[8]
    assert len(figure.xpath(LINKS)) == 7
    assert len(figure.xpath("//path[@stroke-dasharray]")) == 1
    summary = figure.find_class("ld-summary")[0].text_content()
    assert "9 nodes, 7 links; 3 weaker nodes, 1,234 links left out." in summary
    assert 'Most probable: Output " <i>" (p=0.229). Features leave 13% of all weight unexplained.' in summary
    assert [cell.text for cell in figure.findall(".//tbody/tr")[0]] == [
        'Output " <i>" (p=0.229)',
        "feature 7 (layer 3, token 2)",
        "12.00",
        "98%",
    ]


def test_of_many_links_those_from_a_tenth_on_are_drawn_and_the_figure_says_so(monkeypatch):
    monkeypatch.setattr("lensdoc.explorables.graph._FEW", 6)
    figure = draw(builders.graph())
    assert len(figure.xpath(LINKS)) == 6
    told = "Drawn: 6 links of 10% or more; a chosen node shows all of its own."
    assert told in figure.find_class("ld-summary")[0].text_content()


def test_nodes_of_one_place_do_not_cover_each_other():
    """Many features at one token: each has 24 pixels, those of the next token begin behind them."""
    record = builders.graph()
    many = [record.nodes[3].model_copy(update={"id": f"0_{n}_1", "feature": n, "position": 1}) for n in range(30)]
    crowded = record.model_copy(update={"nodes": (*record.nodes, *many)})
    places = [mark.get("transform")[10:-1].split() for mark in draw(crowded).xpath("//*[@data-told]")]
    xs = sorted(float(x) for (x, y), node in zip(places, crowded.nodes, strict=True) if node.layer == 0)
    assert min(after - before for before, after in itertools.pairwise(xs)) >= 24
