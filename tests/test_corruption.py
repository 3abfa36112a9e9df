"""Data files that change on the disk are not taken for what the run made."""

from __future__ import annotations

import json
import random

import pytest
from faulty import PARAMETERS, SAVE, Article, linux

from lensdoc.core.errors import LensdocError
from lensdoc.pipeline.status import FRESH, status
from lensdoc.records.reading import read_record


@pytest.fixture(scope="module")
def article(tmp_path_factory):
    made = Article(tmp_path_factory.mktemp("corruption") / "article").make(("small",), PARAMETERS, SAVE)
    made.assert_runs()
    return made


def damaged(content, chance):
    """A bit flipped, or the end cut off."""
    if chance.random() < 0.5:
        return content[: chance.randrange(len(content))]
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def accepts(read, *arguments):
    try:
        read(*arguments)
    except (ValueError, LensdocError):
        return False
    return True


@linux
def test_random_damage_of_data_files_is_detected(article, sized, figure):
    damages, chance = sized(200, 2000), random.Random(5)
    paths = sorted(article.project.data.rglob("*.json"))
    whole = {path: path.read_bytes() for path in paths}
    detected = parsed = valid = 0
    for _ in range(damages):
        path = chance.choice(paths)
        path.write_bytes(damaged(whole[path], chance))
        (found,) = status(article.project)
        detected += found.word != FRESH
        parsed += accepts(json.loads, path.read_bytes())
        valid += accepts(read_record, path)
        path.write_bytes(whole[path])
    figure(f"damage: {detected} of {damages} detected; json.loads alone accepts {parsed}, a check of the format {valid}")
    assert status(article.project)[0].word == FRESH
    assert detected == damages
    assert parsed > 0  # the negative control: without hashes these would have passed


@linux
def test_random_damage_of_the_lock_never_makes_other_data_fresh(article, sized, figure):
    damages, chance = sized(100, 1000), random.Random(6)
    path, project = article.project.lock_file, article.project
    whole, data = path.read_bytes(), project.data / "small" / "one.json"
    content = data.read_bytes()
    for _ in range(damages):
        path.write_bytes(damaged(whole, chance))
        data.write_bytes(content.replace(b'"n": 1', b'"n": 2'))
        try:
            assert status(project)[0].word != FRESH
        except LensdocError as error:
            assert "runs.lock" in str(error)  # noqa: PT017 - either of two is right
        data.write_bytes(content)
    path.write_bytes(whole)
    figure(f"damage of the lock: {damages}, none made other data fresh")
