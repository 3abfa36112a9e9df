"""The engine of live figures in a real browser: what it answers is what lensdoc measures in Python."""

from __future__ import annotations

import shutil

import gguf
import numpy as np
import pytest
from chromium import serve
from gguf_files import known, write
from live_models import PROMPT, PROMPTS, Engine, engine_folder, load_message, records_of

import lensdoc
from lensdoc.measures.attribution import saliency
from lensdoc.records.kinds import record_class

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def engine(page, live_tiny, engine_site):
    _, address = engine_site
    started = Engine(page, live_tiny, address)
    assert started.load()["type"] == "ready"
    return started


@pytest.mark.sample(prompt=PROMPTS[::5])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_answers_are_those_of_python(engine, tiny, prompt):
    answer = engine.ask(prompt)
    assert answer["type"] == "answer", answer
    found = records_of(answer)
    trace = tiny.generate(prompt, max_new_tokens=14)
    expected = lensdoc.sequence(trace).model_dump(mode="json")
    assert found["sequence"]["tokens"] == expected["tokens"]
    assert found["sequence"]["targets"] == expected["targets"]
    assert found["sequence"]["probs"] == pytest.approx(expected["probs"], abs=1e-3)
    ranked = lensdoc.rankings(trace)
    assert [tuple(row) for row in found["rankings"]["ranks"]] == list(ranked.ranks)
    for ours, theirs in zip(found["rankings"]["probs"], ranked.probs, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-3)
    predicted = lensdoc.predictions(trace)
    assert found["predictions"]["texts"][0][-1] == list(predicted.texts[0][-1])
    assert found["predictions"].get("bytes") == predicted.model_dump(mode="json")["bytes"]
    assert found["predictions"]["probs"][0][-1] == pytest.approx(predicted.probs[0][-1], abs=1e-3)
    explained = saliency(trace)
    (target,) = found["saliency"]["targets"]
    assert found["saliency"]["scores"][0] == pytest.approx(explained.scores[explained.targets.index(target)], abs=1e-3)


def test_attention_neurons_and_factors_are_those_of_python(engine, tiny, live_tiny):
    prompt = "The keys to the cabinet"
    found = {kind: read_of(live_tiny, record) for kind, record in records_of(engine.ask(prompt)).items()}
    trace = tiny.generate(prompt, max_new_tokens=14)
    attended, expected = found["attention"], lensdoc.attention(trace)
    assert attended.head_scores.induction == expected.head_scores.induction
    assert np.array(attended.head_scores.first) == pytest.approx(np.array(expected.head_scores.first), abs=1e-3)
    assert attended.facts["first_share"] == pytest.approx(expected.facts["first_share"], abs=1e-3)
    for query, row in enumerate(expected.head(3, 1)):
        assert attended.head(3, 1)[query] == pytest.approx(row, abs=1e-3)
    neurons = lensdoc.activations(trace, layers=2)
    assert np.array(found["activations"].rows) == pytest.approx(np.array(neurons.rows), rel=1e-3, abs=1e-3)
    ours, theirs = found["factors"], lensdoc.factors(trace, 4)
    error, least = (np.sqrt(1 - sum(record.explained)) for record in (ours, theirs))
    assert error == pytest.approx(least, rel=1e-2), "scikit-learn's objective within 1 %"
    assert ours.left_out == theirs.left_out
    assert np.array(ours.activations) == pytest.approx(np.array(theirs.activations), abs=2e-2)
    assert [[n.neuron for n in some][:2] for some in ours.neurons] == [[n.neuron for n in some][:2] for some in theirs.neurons]


def test_a_text_that_is_too_short_for_factors_says_so(engine, live_tiny):
    words = {**load_message(live_tiny, engine.address)["manifest"], "max_new_tokens": 1}
    engine.load({**load_message(live_tiny, engine.address), "manifest": words})
    message = engine.ask("x")
    assert message["without"] == {
        "attention": "Attention is shown of texts of at least 3 tokens.",
        "factors": "The text has 0 states after the first token, too few for 4 factors.",
    }
    engine.load()


def test_a_token_that_is_struck_out_is_the_occlusion_of_python(engine, tiny):
    before = records_of(engine.ask(PROMPT))
    trace = tiny.generate(PROMPT, max_new_tokens=14)
    occluded = saliency(trace, method="occlusion", target="log_prob", signed=True)
    for struck in (1, 4):
        message = engine.strike(struck, target=trace.targets[2])
        assert message["target"] == trace.targets[2]
        assert message["struck"] == [struck]
        expected = [row[struck] if struck < len(row) else 0 for row in occluded.scores]
        changes = [np.log(one["before"] / one["after"]) for one in message["changes"]]
        assert changes == pytest.approx(expected, rel=1e-3, abs=1e-3)  # records keep four digits
        found = records_of(message)
        assert found["saliency"]["scores"][0][struck] == 0
        assert found["sequence"]["ranks"] == found["rankings"]["ranks"][-1]
    assert message["would"]["id"] != trace.ids[trace.targets[2]] or found["sequence"]["ranks"][2] == 1
    back = records_of(engine.strike(target=trace.targets[0]))
    assert back["sequence"] == before["sequence"]
    assert back["rankings"] == before["rankings"]


def test_another_token_is_explained_by_its_own_derivative(engine, tiny):
    engine.ask(PROMPT)
    explained = saliency(tiny.generate(PROMPT, max_new_tokens=14))
    for target in (explained.targets[-1], explained.targets[3]):
        message = engine.explain(target)
        row = message["record"]["scores"][message["record"]["targets"].index(target)]
        assert row == pytest.approx(explained.scores[explained.targets.index(target)], abs=1e-3)


def test_a_text_that_goes_on_as_it_did_has_the_same_answer(engine, tiny):
    engine.ask("x")
    first, again = (records_of(engine.ask(" 1, 2, 34")) for _ in range(2))
    assert again["sequence"]["tokens"] == first["sequence"]["tokens"]
    for kind in ("rankings", "predictions"):
        assert np.array(again[kind]["probs"]) == pytest.approx(np.array(first[kind]["probs"]), abs=1e-3)
    longer = records_of(engine.ask(" 1, 2, 34,"))  # as the model went on
    trace = tiny.generate(" 1, 2, 34,", max_new_tokens=14)
    assert [token["id"] for token in longer["sequence"]["tokens"]] == trace.ids.tolist()
    assert longer["sequence"]["probs"] == pytest.approx(list(lensdoc.sequence(trace).probs), abs=1e-3)
    assert longer["rankings"]["ranks"][-1] == list(lensdoc.rankings(trace).ranks[-1])  # those before may differ by rounding


def read_of(live, record):
    """The record that a page makes, as Python reads it."""
    data = {name: value for name, value in record.items() if name not in ("format", "version")}
    data |= {"facts": record.get("facts", {}), "model": live.model.model_dump(), "provenance": {"dtype": "float32"}}
    return record_class(record["format"].removeprefix("lensdoc/")).model_validate(data, strict=False)


def test_its_records_are_valid(engine, live_tiny):
    for record in records_of(engine.ask(PROMPT)).values():
        assert read_of(live_tiny, record).tokens[0].text == " 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type a text"),
        ("a " * 600, "shorten it"),
        ("a\ud800b", "half of a character"),
    ],
)
def test_what_is_no_prompt_is_told_and_the_next_is_answered(engine, text, said):
    engine.number += 1
    engine.page.evaluate(
        "([id, units]) => worker.postMessage({type: 'answer', id, text: String.fromCharCode(...units)})",
        [engine.number, list(memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"))],
    )
    message = engine.wait("answer", "refused")
    assert message["type"] == "refused"
    assert said in message["message"]
    assert engine.ask(PROMPT)["type"] == "answer"


def test_stop_ends_the_writing_and_the_next_prompt_is_answered(engine):
    for turn in range(5):  # the answer may be complete before the page says stop
        engine.number += 1
        # A text that was not asked before: one that goes on as it did is read in a single pass.
        engine.send(type="answer", id=engine.number, text=f"{turn} and {PROMPT}")
        engine.wait("token")
        engine.send(type="stop")
        if (ended := engine.wait("stopped", "answer"))["type"] == "stopped":
            break
    assert ended == {"type": "stopped", "id": engine.number}
    assert engine.ask(PROMPT)["type"] == "answer"


def test_a_newer_prompt_takes_the_place_of_one_that_is_answered(engine):
    for text in (PROMPT, "The keys", "A house"):
        engine.number += 1
        engine.send(type="answer", id=engine.number, text=text)
    message = engine.wait("answer")
    while message["id"] != engine.number:  # complete before the next was asked
        message = engine.wait("answer")
    assert "".join(token["text"] for token in records_of(message)["sequence"]["tokens"]).startswith("A house")


@pytest.mark.long
def test_once_loaded_it_answers_without_a_network_and_a_second_visit_loads_nothing(browser, live_tiny, engine_site):
    _, address = engine_site
    context = browser.new_context()
    page = context.new_page()
    first = Engine(page, live_tiny, address)
    assert first.load()["type"] == "ready"
    context.set_offline(True)
    assert first.ask(PROMPT)["type"] == "answer"
    context.set_offline(False)
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    again = Engine(page, live_tiny, address)
    assert again.load()["type"] == "ready"
    assert again.ask(PROMPT)["type"] == "answer"
    assert not [url for url in asked if url.endswith(".gz")]
    context.close()


@pytest.mark.long
@pytest.mark.sample(change=["damaged"])
@pytest.mark.parametrize("change", ["damaged", "longer", "gone"])
def test_a_damaged_file_is_told_and_the_right_one_is_loaded_afterwards(browser, live_tiny, engine_site, tmp_path, change):
    folder = shutil.copytree(engine_site[0], tmp_path / "engine")
    file = folder / "live.weights-0.bin.gz"
    right = file.read_bytes()
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(right[:-100] + bytes(100) if change == "damaged" else right + b"more")
    with serve(folder) as address:
        page = browser.new_page()
        engine = Engine(page, live_tiny, address)
        message = engine.load()
        assert message["type"] == "refused"
        said = "built without the files" if change == "gone" else "live.weights-0.bin.gz is damaged"
        assert said in message["message"]
        file.write_bytes(right)
        assert engine.load()["type"] == "ready"
        page.close()


def test_progress_counts_the_bytes_that_are_loaded(browser, live_tiny, engine_site):
    context = browser.new_context()
    engine = Engine(context.new_page(), live_tiny, engine_site[1])
    message = load_message(live_tiny, engine.address)
    engine.send(**message)
    done = [engine.wait("progress", "starting")]
    while done[-1]["type"] == "progress":
        done.append(engine.wait("progress", "starting"))
    counts = [one["done"] for one in done[:-1]]
    assert counts
    assert counts == sorted(counts)
    assert 0 < counts[-1] <= sum(file["size"] for file in message["files"])
    context.close()


def test_memory_is_given_back(browser, live_tiny, engine_site):
    context = browser.new_context()
    engine = Engine(context.new_page(), live_tiny, engine_site[1])
    assert engine.load()["type"] == "ready"
    engine.send(type="dispose")
    engine.page.wait_for_timeout(300)
    assert not engine.page.workers, "the worker ended itself"
    context.close()


@pytest.fixture(scope="module")
def blocks(tiny, tmp_path_factory):
    """A Llama of random weights as a .gguf file with blocks of three types, loaded, and its live record."""
    folder = tmp_path_factory.mktemp("blocks")
    kinds = {
        "token_embd.weight": gguf.GGMLQuantizationType.Q8_0,
        "blk.0.ffn_down.weight": gguf.GGMLQuantizationType.Q4_0,
        "blk.1.ffn_up.weight": gguf.GGMLQuantizationType.Q4_1,
        "blk.1.attn_q.weight": gguf.GGMLQuantizationType.Q4_1,  # its rows stand in another order than PyTorch's
        "output.weight": gguf.GGMLQuantizationType.F16,
    }
    write(folder / "blocks.gguf", known().half().float(), tiny.tokenizer, quantised=kinds)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LENSDOC_CACHE", str(folder / "cache"))
        lm = lensdoc.load_model(str(folder / "blocks.gguf"))
    return lm, lensdoc.live(lm, prompt=" 1, 2, 3", max_new_tokens=6)


@pytest.mark.long
def test_blocks_of_a_gguf_file_are_unpacked_to_the_weights_that_python_has(browser, blocks, tmp_path):
    lm, record = blocks
    encodings = {weight.name: weight.encoding for weight in record.weights}
    assert encodings["model.embed_tokens.weight"] == "Q8_0"
    assert encodings["model.layers.0.mlp.down_proj.weight"] == "Q4_0"
    assert encodings["model.layers.1.self_attn.q_proj.weight"] == "Q4_1"
    assert encodings["lm_head.weight"] == "float16"
    assert record.facts["weights_changed"] == 0
    with serve(engine_folder(tmp_path / "engine", record)) as address:
        page = browser.new_page()
        engine = Engine(page, record, address)
        assert engine.load()["type"] == "ready"
        for prompt in (" 1, 2, 3", "The keys to the cabinet"):
            trace = lm.generate(prompt, max_new_tokens=6)
            found = records_of(engine.ask(prompt))
            assert [token["id"] for token in found["sequence"]["tokens"]] == trace.ids.tolist()
            assert found["sequence"]["probs"] == pytest.approx(lensdoc.sequence(trace).probs, abs=1e-3)
            assert found["saliency"]["scores"][0] == pytest.approx(saliency(trace).scores[0], abs=1e-3)
        page.close()


def test_the_folder_for_the_engine_needs_nothing_else(live_tiny, tmp_path):
    names = {path.name for path in engine_folder(tmp_path / "one", live_tiny).iterdir()}
    assert {f"live.{suffix}" for suffix in live_tiny.files} <= names
