"""The measure `live`: the graph is the model, what is shipped is held against PyTorch, and what cannot be live is refused."""

from __future__ import annotations

import gzip
import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from families import TEXT, family_model
from live_models import MEASURES, PROMPT
from onnx import helper

import lensdoc
from lensdoc.core.errors import MeasureError, PublishError
from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.measures.living import making, truth
from lensdoc.measures.living.compiled import session
from lensdoc.measures.living.function import CACHE, parts_for
from lensdoc.measures.living.transposes import without_transposes
from lensdoc.measures.living.weights import Packed, joined, packed, placed, unpacked
from lensdoc.models import cache_rows
from lensdoc.models.cache_rows import Rows, rows_of
from lensdoc.pipeline.compare import compare
from lensdoc.records.reading import loads, read_record
from lensdoc.records.writing import dumps, write_record

PARTS_OF_TINY = (*parts_for(list(MEASURES)), CACHE)
FAMILIES = ["gpt2", "llama", "qwen3", "gemma2"]


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.long) for name in FAMILIES])
def of_a_family(request):
    """A small model of an architecture with random weights, and its live record."""
    lm = family_model(request.param)
    measures = {"saliency": {}, "rankings": {}, "attention": {}, "factors": {"n_factors": 2}}
    return lm, lensdoc.live(lm, measures, prompt=TEXT, max_new_tokens=4)


def parts_of(record, change=lambda values: values):
    """The session that a reader would have."""
    files = record.held_files()
    whole = b"".join(gzip.decompress(files[suffix]) for suffix in record.parts)
    weights = []
    for w in record.weights:
        values = change(unpacked(w.encoding, w.shape, whole[w.start : w.start + w.bytes]))
        weights.append(Packed(w.name, w.shape, "float32", values.astype("<f4").tobytes(), 0))
    return session(gzip.decompress(files[record.graph]), weights)


def test_the_graph_of_each_architecture_is_the_model(of_a_family):
    lm, record = of_a_family
    assert record.facts["largest_difference"] < 1e-2
    assert len(record.truth.lengths) == 10
    outputs = {"next", "struck", "continued", "probs", "top_probs", "scores", "weights", "activations"}
    assert set(record.truth.differences) == outputs
    run = parts_of(record)
    ids = lm.score(TEXT).ids
    with torch.no_grad():
        expected = lm.model(ids[None]).logits[0, -1].numpy()
    tokens = ids.numpy()
    none = dict.fromkeys(("lens", "saliency", "attention", "neurons", "cache"), False)
    found = run(ids=tokens[None], places=[3], wanted=[5], at=[7], token=[9], kept=np.ones(len(tokens), np.float32), **none)
    assert found["next"] == pytest.approx(expected, abs=1e-2 * float(np.abs(expected).max()))
    for output in ("ranks", "scores", "weights", "activations", "present"):
        assert found[output].size == 0, "what was not asked for is not computed"


@pytest.mark.long
def test_a_graph_that_the_translator_does_not_take_is_traced_again(monkeypatch):
    def refuses(*_):
        raise RuntimeError("no such operation")

    monkeypatch.setattr("lensdoc.measures.living.graph.program_of", refuses)
    record = lensdoc.live(family_model("llama"), ["saliency"], prompt=TEXT, max_new_tokens=2)
    assert record.truth.differences["continued"] < 1e-2


def test_the_first_state_is_what_the_measures_find(live_tiny, tiny):
    trace = tiny.generate(PROMPT, max_new_tokens=14)
    expected = [lensdoc.sequence(trace), lensdoc.saliency(trace), lensdoc.rankings(trace), lensdoc.predictions(trace)]
    expected += [lensdoc.attention(trace), lensdoc.activations(trace, layers=2), lensdoc.factors(trace, 4)]
    assert list(live_tiny.shown()) == expected


def test_an_author_chooses_which_figures_are_shown(live_tiny):
    kind = explorable("live")

    def kinds(**given):
        return [e.get("data-kind") for e in kind.draw(live_tiny, read_options(kind.options, given)).iter() if e.get("data-kind")]

    assert kinds() == ["sequence", *MEASURES]
    assert kinds(figures=["factors", "saliency"]) == ["sequence", "factors", "saliency"]
    for wrong in ("saliency", [], ["saliency", "saliency"], ["probe"]):
        with pytest.raises(PublishError, match="'figures' must be a list of some of saliency, .*, none twice; it is"):
            kinds(figures=wrong)
    fewer = live_tiny.model_copy(update={"records": {"sequence": live_tiny.records["sequence"]}})
    with pytest.raises(PublishError, match="figures names 'factors', which the record does not have; it has none"):
        kind.draw(fewer, read_options(kind.options, {"figures": ["factors"]}))


def test_an_author_chooses_what_stands_in_the_field(live_tiny):
    kind = explorable("live")

    def said(**given):
        drawn = kind.draw(live_tiny, read_options(kind.options, given))
        return json.loads(next(e for e in drawn.iter("template") if e.get("class") == "ld-live-data").text)["prompt"]

    assert said() == PROMPT
    assert said(prompt=" 2, 4") == " 2, 4"
    for wrong in ("", 12, ["a"]):
        with pytest.raises(PublishError, match="'prompt' must be a text of at least one character, .*; it is"):
            said(prompt=wrong)


def test_products_with_transposed_weights_read_the_weights_as_they_are():
    x, w, y = (helper.make_tensor_value_info(n, 1, s) for n, s in (("x", [2, 3]), ("w", [4, 3]), ("y", [2, 4])))
    nodes = [helper.make_node("Neg", ["x"], ["n"]), helper.make_node("Transpose", ["w"], ["t"], perm=[1, 0])]
    graph = helper.make_graph([*nodes, helper.make_node("MatMul", ["n", "t"], ["y"])], "g", [x, w], [y])
    graph.value_info.append(helper.make_tensor_value_info("n", 1, [2, 3]))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    given = {"x": np.arange(6, dtype=np.float32).reshape(2, 3), "w": np.arange(12, dtype=np.float32).reshape(4, 3)}
    without_transposes(model, {"v"})
    assert [node.op_type for node in model.graph.node] == ["Neg", "Transpose", "MatMul"], "of weights alone"
    without_transposes(model, {"w"})
    assert [node.op_type for node in model.graph.node] == ["Neg", "Gemm"]
    run = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert np.array_equal(run.run(["y"], given)[0], -given["x"] @ given["w"].T)


def test_no_weight_is_cut_or_turned_in_a_pass(live_tiny):
    graph = onnx.load_from_string(gzip.decompress(live_tiny.held_files()[live_tiny.graph])).graph
    names = {weight.name for weight in live_tiny.weights if len(weight.shape) == 2}
    branches = [attribute.g for node in graph.node for attribute in node.attribute if attribute.HasField("g")]
    readers = {node.op_type for part in (graph, *branches) for node in part.node if names & set(node.input)}
    assert readers == {"Gather", "Gemm", "MatMul"}


def test_the_bundled_model_fits_eight_megabytes_with_its_engine(live_tiny):
    from lensdoc.explorables import assets

    engine = sum(path.stat().st_size for path in (assets.FOLDER / "live").iterdir())
    assert live_tiny.facts["bytes"] == sum(len(content) for content in live_tiny.held_files().values())
    assert live_tiny.facts["bytes"] + engine < 8_000_000
    assert live_tiny.facts["weights_changed"] == 0, "its weights are stored in 16 bits"


def test_the_record_is_read_and_written_alike(live_tiny, tmp_path):
    write_record(live_tiny, tmp_path / "live.json")
    read = read_record(tmp_path / "live.json")
    assert dumps(read) == dumps(live_tiny)
    assert list(read.shown()) == list(live_tiny.shown())


@pytest.mark.long
def test_the_same_model_makes_the_same_bytes(live_tiny, tiny):
    again = lensdoc.live(tiny, MEASURES, prompt=PROMPT, max_new_tokens=14)
    assert again.held_files() == live_tiny.held_files()
    assert dumps(again) == dumps(live_tiny)


@pytest.mark.long
def test_the_model_is_left_as_it_was_and_files_may_have_names_that_git_ignores(tiny):
    before = tiny.model.config._attn_implementation, [p.requires_grad for p in tiny.model.parameters()]
    hooks = sum(len(module._forward_hooks) for module in tiny.model.modules())
    logits = tiny.model(torch.tensor([[5, 6, 7]])).logits
    record = lensdoc.live(tiny, ["saliency"], prompt=PROMPT, max_new_tokens=2, committed=False)
    assert (tiny.model.config._attn_implementation, [p.requires_grad for p in tiny.model.parameters()]) == before
    assert sum(len(module._forward_hooks) for module in tiny.model.modules()) == hooks
    assert torch.equal(tiny.model(torch.tensor([[5, 6, 7]])).logits, logits)
    assert all(suffix.startswith("local.") for suffix in record.files)
    assert list(record.records) == ["sequence", "saliency"]


def held(record, lm, change=lambda values: values):
    """The record's graph held against PyTorch, its weights changed before."""
    parts = PARTS_OF_TINY
    ids = torch.tensor([token.id for token in record.tokens])
    return truth.truth(lm, parts_of(record, change), parts, ids, record.longest)


def test_what_is_shipped_is_what_was_held_against_pytorch(live_tiny, tiny):
    assert held(live_tiny, tiny) == live_tiny.truth


@pytest.mark.parametrize("by", [1.05, -1.0, np.nan])
def test_a_graph_with_other_weights_is_refused(live_tiny, tiny, by):
    with pytest.raises(MeasureError, match="with another token than PyTorch|differs from PyTorch by"):
        held(live_tiny, tiny, lambda values: values * np.float32(by) if values.ndim == 2 else values)


def test_a_graph_that_strikes_nothing_out_is_refused(live_tiny, tiny):
    run, ids = parts_of(live_tiny), torch.tensor([token.id for token in live_tiny.tokens])

    def keeps_all(**given):
        return run(**given | {"kept": np.ones_like(given["kept"])})

    with pytest.raises(MeasureError, match="'struck' of the graph of lensdoc/tiny differs from PyTorch"):
        truth.truth(tiny, keeps_all, PARTS_OF_TINY, ids, live_tiny.longest)


def test_a_graph_that_forgets_what_it_read_is_refused(live_tiny, tiny):
    run, ids = parts_of(live_tiny), torch.tensor([token.id for token in live_tiny.tokens])

    def forgets(**given):
        return run(**{name: value for name, value in given.items() if name != "past"})

    with pytest.raises(MeasureError, match="'continued' of the graph of lensdoc/tiny differs from PyTorch"):
        truth.truth(tiny, forgets, PARTS_OF_TINY, ids, live_tiny.longest)


def test_a_model_that_does_not_go_on_from_its_keys_and_values_is_read_anew(tiny, monkeypatch):
    assert rows_of(tiny.model).size == 2 * tiny.info.layers * tiny.info.width
    monkeypatch.setattr(Rows, "new", lambda rows, cache: torch.zeros(cache.layers[0].new[0].shape[2], rows.size))
    assert rows_of(tiny.model) is None
    monkeypatch.undo()
    monkeypatch.setattr(cache_rows, "cache_name", lambda _: None)
    assert rows_of(tiny.model) is None


def test_a_difference_of_more_than_is_allowed_is_refused(live_tiny, tiny, monkeypatch):
    monkeypatch.setattr(truth, "ALLOWED", 1e-9)
    with pytest.raises(MeasureError, match=r"differs from PyTorch by .* and 1e-09 is allowed"):
        held(live_tiny, tiny)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"measures": ["salience"]}, "no measure 'salience'; did you mean saliency"),
        ({"measures": "saliency"}, "measures is a list of names"),
        ({"measures": ["factors"]}, r"factors of a live figure needs n_factors; .*'factors': {'n_factors': 4}"),
        ({"measures": {"factors": {"n_factors": 2, "skip": 0}}}, "has no option 'skip'; it has n_factors, layers"),
        ({"measures": {"attention": 3}}, "the options of attention are names with values"),
        ({"prompt": [{"role": "user", "content": "a"}]}, "is a text, since readers type one"),
        pytest.param(
            {"max_size": 10**6},
            r"takes 3 MB in a reader's browser, and max_size allows 1; .* max_size=4000000",
            marks=pytest.mark.long,
        ),
    ],
)
def test_what_cannot_be_live_is_refused(tiny, options, said):
    with pytest.raises(MeasureError, match=said):
        lensdoc.live(tiny, **{"prompt": PROMPT} | options)


def test_other_than_float32_is_refused():
    with pytest.raises(MeasureError, match=r"was loaded in bfloat16; load it with dtype='float32'"):
        lensdoc.live(family_model("llama", torch.bfloat16), prompt=TEXT)


def test_without_the_libraries_the_extra_is_named(tiny, monkeypatch):
    monkeypatch.setattr(making, "find_spec", lambda name: None if name == "onnxscript" else object())
    with pytest.raises(MeasureError, match=r"needs onnxscript, not installed here: pip install 'lensdoc\[live\]'"):
        lensdoc.live(tiny, prompt=PROMPT)


def test_weights_keep_their_values_where_16_bits_hold_them():
    chance = torch.Generator().manual_seed(1)
    values = torch.randn(6, 8, generator=chance)
    weights = {"half": values.half().float(), "brain": (values * 1e6).bfloat16().float(), "any": values, "vector": values[0]}
    found = {weight.name: weight for weight in packed(weights)}
    assert {name: weight.encoding for name, weight in found.items()} == {
        "half": "float16", "brain": "bfloat16", "any": "float16", "vector": "float32"
    }  # fmt: skip
    for name in ("half", "brain", "vector"):
        assert found[name].change == 0
        assert np.array_equal(unpacked(found[name].encoding, found[name].shape, found[name].data), weights[name].numpy())
    any_ = unpacked("float16", (6, 8), found["any"].data)
    assert found["any"].change == pytest.approx(np.abs(any_ - values.numpy()).max() / values.abs().max())
    assert 0 < found["any"].change < 1e-3


def test_bytes_of_all_weights_stand_at_multiples_of_four():
    weights = [Packed(str(size), (size,), "float16", bytes([size]) * (2 * size), 0) for size in (1, 3, 8)]
    starts = [place for _, place in placed(weights)]
    assert starts == [0, 4, 12]
    assert b"".join(joined(weights)) == b"\1\1\0\0" + b"\3" * 6 + b"\0\0" + b"\10" * 16


def test_a_verification_passes_over_other_bytes_of_the_graph_and_not_over_another_model(live_tiny):
    one = json.loads(dumps(live_tiny))
    other = json.loads(dumps(live_tiny))
    other["files"]["graph.onnx.gz"]["sha256"] = "0" * 64
    other["truth"]["differences"]["scores"] *= 2
    text = [json.dumps(data).encode() for data in (one, other)]
    assert compare(*text).word == "within tolerances"
    other["weights"][0]["encoding"] = "bfloat16"
    assert compare(text[0], json.dumps(other).encode()).word == "different"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data["files"].pop("graph.onnx.gz"), "files must name 'graph.onnx.gz'"),
        (lambda data: data["facts"].update(bytes=1), "facts.bytes must be the size"),
        (lambda data: data["records"].pop("sequence"), "records must hold a sequence"),
        (lambda data: data["records"]["saliency"]["scores"][0].pop(), "scores"),
        (lambda data: data["records"]["saliency"].update(tokens=[]), "must hold the fields of that kind but for tokens"),
    ],
)
def test_a_record_that_does_not_fit_itself_is_refused(live_tiny, change, said):
    data = json.loads(dumps(live_tiny))
    change(data)
    with pytest.raises(Exception, match=said):
        loads(json.dumps(data))
