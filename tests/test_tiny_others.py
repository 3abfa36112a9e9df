"""The bundled masked model and encoder with a decoder: their files are those that were measured, they do what the card says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from random import Random

import pytest

import lensdoc
from lensdoc.core.model_files import BUNDLED
from lensdoc.models.tiny import masked_rows, pair_rows
from lensdoc.models.tiny.corpus import pairs
from lensdoc.models.tiny.evaluate_others import HEAD, MASKED, PAIRED
from lensdoc.models.tiny.rows import UNKNOWN
from lensdoc.models.tiny.train_others import masked_tokenizer, paired_tokenizer

WEIGHTS = {
    MASKED: "4d6a23ce344e78556f422cc0c2796b787b70a1b9ca624fcde07461db18251910",
    PAIRED: "19ed4d4261dd3279c8aeabc1b1de97ef63fd40f0ce1b59905414de20348e1c8f",
}
"""SHA-256 of the shipped weights: the table of docs/model-card.md is theirs."""


@pytest.fixture(scope="module")
def lm():
    return lensdoc.load_model(PAIRED)


@pytest.mark.parametrize("name", [MASKED, PAIRED])
def test_the_weights_are_those_that_were_measured_and_small(name):
    folder = BUNDLED[name]
    assert hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() == WEIGHTS[name]
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 3_100_000
    card = (Path(__file__).parents[1] / "docs" / "model-card.md").read_text()
    assert HEAD in card
    assert len(re.findall(rf"^\| `{name}` \|", card, re.MULTILINE)) >= 4


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (" 1, 2, 3,<mask>, 5, 6", " 4"),
        ("The keys to the cabinet<mask> old.", " are"),
        ("The key to the cabinets<mask> old.", " is"),
        ("The capital of France is<mask>.", " Paris"),
    ],
)
def test_it_fills_the_gaps_that_its_pages_show(text, right):
    trace = lensdoc.load_model(MASKED).fill(text)
    assert [trace.tokens[place].text for place in trace.targets] == [right]


def test_it_fills_a_count_that_is_wrong_behind_the_gap_as_its_page_says():
    page = " ".join((Path(__file__).parents[1] / "docs" / "architectures.md").read_text().split())
    assert "with *8, 9* behind the gap the model fills in the same number" in page
    right, wrong = map(lensdoc.load_model(MASKED).fill, (" 1, 2, 3,<mask>, 5, 6", " 1, 2, 3,<mask>, 8, 9"))
    assert right.tokens[right.targets[0]] == wrong.tokens[wrong.targets[0]]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("plural: The key near the door is old.", " The keys near the door are old."),
        ("reverse: dog, gold, limes, bear", " bear, limes, gold, dog"),
        ("capital: What is the capital of France?", " Paris"),
    ],
)
def test_it_writes_the_targets_that_its_pages_show(lm, source, target):
    right = lm.score(source, target)
    assert lm.generate(source, max_new_tokens=20).ids.tolist() == right.ids.tolist()


@pytest.mark.parametrize("task", [pairs.plural, pairs.count, pairs.capital], ids=lambda task: task.__name__)
def test_no_training_pair_is_held_out(task):
    trained, held = ({task(Random(seed), held_out=out)[0] for seed in range(400)} for out in (False, True))
    assert trained
    assert held
    assert not trained & held


def test_rows_have_the_ids_that_were_masked_and_pairs_their_end():
    tokenizer = masked_tokenizer()
    ids, targets = next(masked_rows.masked_batches(1, tokenizer))
    masked = targets != UNKNOWN
    assert masked.any()
    assert ((ids == tokenizer.mask_token_id) == masked).all()
    tokenizer = paired_tokenizer()
    _, targets = next(pair_rows.pair_batches(1, tokenizer))
    assert all(row[row != UNKNOWN][-1] == tokenizer.eos_token_id for row in targets)
