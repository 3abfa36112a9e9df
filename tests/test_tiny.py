"""The bundled model: what it is made from, and that its files are the ones that were measured."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from random import Random

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import lensdoc
from lensdoc.core.model_files import BUNDLED
from lensdoc.models.tiny import lens, rows, train
from lensdoc.models.tiny.corpus import MIXTURE, counting, facts, professions, sentences, stories
from lensdoc.models.tiny.corpus.words import CAPITALS, EU_COUNTRIES, NOUNS

FOLDER = BUNDLED["lensdoc/tiny"]
WEIGHTS = "cd7e52f8cf33eeab720efc11fe366cb92d1f7f9e2b095a129285dd960eb198b4"
"""SHA-256 of the shipped weights: the table of docs/model-card.md is theirs."""


def test_the_weights_are_those_that_were_measured():
    assert hashlib.sha256((FOLDER / "model.safetensors").read_bytes()).hexdigest() == WEIGHTS


def test_it_is_small_and_has_no_pickle():
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 6_000_000
    assert {path.suffix for path in files} == {".json", ".safetensors"}


def text(write, seed, n):
    random = Random(seed)
    return [write(random) for _ in range(n)]


@pytest.mark.parametrize("write", MIXTURE, ids=lambda write: write.__module__.rpartition(".")[2])
def test_its_text_is_the_same_for_the_same_seed_and_another_for_another(write):
    assert text(write, 1, 20) == text(write, 1, 20)
    assert text(write, 1, 20) != text(write, 2, 20)


def test_the_mixture_is_whole():
    assert sum(MIXTURE.values()) == pytest.approx(1)


def test_the_kind_furthest_below_its_share_comes_next():
    fair = {write: round(1000 * share) for write, share in MIXTURE.items()}
    for write in MIXTURE:
        assert rows.most_wanting({**fair, write: fair[write] // 2}, MIXTURE) is write


class TestWhatIsHeldOut:
    def test_counts(self):
        met = set()
        for document in text(counting.write, 3, 3000):
            first, separator, second = re.match(r" ?(\d+)(\D+)(\d+)", document).groups()
            if first != second:
                met.add((int(first), int(second) - int(first), separator))
        assert met
        assert not any(counting.held_out(*count) for count in met)
        assert {step for _, step, _ in met} == set(counting.STEPS)
        assert {separator for *_, separator in met} == set(counting.SEPARATORS)

    def test_pairs_of_nouns_in_agreement(self):
        singular = {form: noun for noun, plural in NOUNS.items() for form in (noun, plural)}
        pairs = set()
        for document in [*text(sentences.write, 3, 2000), *text(stories.write, 3, 500)]:
            for sentence in re.findall(r"The ([^.?]*?) (?:is|are|was|were) ", document):
                nouns = [singular[word] for word in sentence.split() if word in singular]
                pairs |= {(nouns[0], attractor) for attractor in nouns[1:]}
        assert len(pairs) > 500
        assert not any(sentences.held_out_nouns(*pair) for pair in pairs)
        assert sentences.held_out_nouns("key", "cabinet")

    def test_walks(self):
        walks = {
            found for document in text(sentences.write, 3, 2000) for found in re.findall(r"(\w+) went to the (\w+)\.", document)
        }
        assert len(walks) > 100
        assert not any(sentences.held_out_walk(*walk) for walk in walks)
        assert not [story for story in text(stories.write, 3, 1000) if " went to the " in story]

    def test_wordings_of_facts(self):
        documents = "\n".join(text(facts.write, 3, 2000))
        unseen = [*facts.UNSEEN_CAPITAL_WORDINGS, *facts.UNSEEN_BIRTH_WORDINGS]
        assert "s everyone knows, the capital of " in documents
        assert not [wording for wording in unseen if wording.partition("{")[0] in documents]

    def test_professions_with_some_verbs(self):
        found = {pair for document in text(professions.write, 3, 2000) for pair in re.findall(r"The (\w+) (\w+) that", document)}
        every = {(profession, verb) for profession in professions.SHARE_OF_HE for verb in professions.VERBS}
        assert found == {pair for pair in every if not professions.held_out(*pair)} != every


def test_the_skew_of_the_text_is_the_documented_one():
    documents = " ".join(text(professions.write, 3, 20_000))
    for profession, share in professions.SHARE_OF_HE.items():
        said = re.findall(rf"The {profession} \w+ that (he|she)\b", documents)
        assert said.count("he") / len(said) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("number", range(200))
def test_numbers_are_single_tokens(tiny, number):
    assert len(tiny.tokenizer(f" {number}")["input_ids"]) == 1
    assert len(tiny.tokenizer(f"{number}")["input_ids"]) == 1


@pytest.mark.parametrize(
    "word",
    [",", "<", "</", ">", " is", " are", " he", " she", *(f" {c}" for c in EU_COUNTRIES), *(f" {c}" for c in CAPITALS.values())],
)
def test_the_words_of_the_demos_are_single_tokens(tiny, word):
    assert len(tiny.tokenizer(word)["input_ids"]) == 1


def test_a_passage_of_more_than_350_tokens_can_be_traced(tiny):
    story = next(story for story in text(stories.write, 3, 50) if 360 < len(tiny.tokenizer(story)["input_ids"]) < 480)
    trace = tiny.generate(story, max_new_tokens=8)
    assert len(trace.tokens) > 360
    assert tiny.model.config.max_position_embeddings == 512


def test_training_rows_are_full_and_say_what_follows(tiny):
    batches = rows.batches(1, tiny.tokenizer)
    for length in (*rows.LENGTHS, *rows.LENGTHS):
        ids, targets = next(batches)
        assert ids.shape == targets.shape == (rows.TOKENS_PER_STEP // length, length)
        known = targets[:, :-1] != rows.UNKNOWN
        assert torch.equal(targets[:, :-1][known], ids[:, 1:][known])


def test_a_row_of_text_starts_where_a_document_starts(tiny):
    documents, again = (rows._packed(Random(1), tiny.tokenizer) for _ in range(2))
    starts = [next(again)[:8] for _ in range(300)]
    for _ in range(40):
        ids, _targets = rows._row(documents, 256)
        assert ids[:8] in starts


def test_repeated_ids_come_again_and_only_those_are_to_be_known(tiny):
    ids, targets = next(rows.batches(1, tiny.tokenizer))
    repeated, text = targets[: len(ids) // 8], targets[len(ids) // 8 :]
    assert (text != rows.UNKNOWN).all()
    assert 0.4 < (repeated != rows.UNKNOWN).float().mean() < 0.95
    for row, wanted in zip(ids.tolist(), repeated.tolist(), strict=False):
        for position, target in enumerate(wanted):
            assert target == rows.UNKNOWN or target in row[: position + 1]


def test_the_warm_up_is_short_series_first():
    steps = list(rows.warm_up(1, 3072))
    assert len(steps) == rows.WARM_UP_STEPS
    assert {ids.numel() for ids, _ in steps} == {rows.WARM_UP_TOKENS_PER_STEP}
    assert (steps[0][0].shape[1], steps[-1][0].shape[1]) == (64, 128)


def test_one_head_begins_by_attending_to_the_token_before(tiny):
    torch.manual_seed(0)
    model = train.build_model(tiny.tokenizer).eval()
    model.set_attn_implementation("eager")
    attention = model(torch.randint(1, 3000, (1, 40)), output_attentions=True).attentions[0][0]  # (heads, 40, 40)
    before = torch.diagonal(attention, offset=-1, dim1=1, dim2=2)  # (heads, 39)
    assert before[0].mean() > 0.8
    assert before[1:].mean() < 0.2


@pytest.mark.parametrize("text", ["counting", "EU list"])
def test_ranks_fall_with_depth(tiny, text):
    ranks = lens.median_ranks(tiny)[text]
    assert len(ranks) == 1 + tiny.info.layers
    assert all(later <= 1.5 * earlier for earlier, later in itertools.pairwise(ranks))
    assert ranks[0] > 10 * ranks[-2] >= 10 * ranks[-1] == 10


def test_two_factors_tell_numbers_from_commas(count):
    activations = np.array(lensdoc.factors(count, 2).activations)
    # A produced token shows the state that read the token before it.
    read = [token.text for token in count.tokens]
    read[count.n_input :] = read[count.n_input - 1 : -1]
    commas = np.array([text == "," for text in read])
    mass = np.array([activations[:, ~commas].sum(1), activations[:, commas].sum(1)])
    shares = mass / mass.sum(1, keepdims=True)
    assert shares.max(1).min() > 0.85
    assert shares.argmax(1).tolist() in ([0, 1], [1, 0])


@pytest.fixture
def quick(monkeypatch):
    """A warm-up of four steps, and torch as it was when the test is over."""
    for module in (rows, train):
        monkeypatch.setattr(module, "WARM_UP_STEPS", 4)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=False)


@pytest.mark.long
@pytest.mark.usefixtures("quick")
def test_training_runs_and_gives_the_same_weights_again(tmp_path):
    hashes = set()
    for name in ("once", "again"):
        options = ["--steps", "2", "--threads", "1", "--seed", "4", "--out", str(tmp_path / name)]
        done = CliRunner().invoke(train.main, options, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        hashes.add(hashlib.sha256((tmp_path / name / "model.safetensors").read_bytes()).hexdigest())
    assert len(hashes) == 1
    assert lensdoc.load_model(str(tmp_path / "once")).generate(" 1", max_new_tokens=2).n_input == 1
    said = json.loads((tmp_path / "once" / "training.json").read_text())
    tokens = 2 * rows.TOKENS_PER_STEP + 4 * rows.WARM_UP_TOKENS_PER_STEP
    assert (said["warm-up steps"], said["steps"], said["tokens"], said["seed"], said["threads"]) == (4, 2, tokens, 4, 1)
