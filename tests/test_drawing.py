"""Figures drawn in the page: node by node those that Python draws, for every record that this repository shows."""

from __future__ import annotations

import base64
import json
import random
import re
import runpy
import shutil
import struct
import subprocess
import zlib
from itertools import pairwise
from pathlib import Path

import builders
import pytest
import yaml
from chromium import DEEP, KINDS, of, passages
from drawn import DRAWN, by_fitted_lens

from lensdoc.explorables.kinds import explorable
from lensdoc.explorables.options import read_options
from lensdoc.records.reading import loads
from lensdoc.records.tokens import Token
from lensdoc.records.writing import dumps

ROOT = Path(__file__).parents[1]
WEB = ROOT / "lensdoc" / "explorables" / "web"
PICTURE = re.compile(r"data:image/png;base64,[\w+/=]*")


def script(asked):
    """What the script draws, as trees: tag, attributes, content; a message where it refuses."""
    node = shutil.which("node")
    if node is None or not (WEB / "node_modules").is_dir():
        pytest.skip("needs Node and what the script is built with: make bundle")
    command = [node, "--disable-warning=ExperimentalWarning", "test/draw.js"]
    done = subprocess.run(command, cwd=WEB, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tree(element):
    """An element as the script tells one."""
    content = [element.text, *(part for child in element for part in (child, child.tail))]
    return [
        element.tag,
        dict(element.items()),
        [part if isinstance(part, str) else tree(part) for part in content if part is not None and part != ""],
    ]


def comparable(node):
    """A tree whose data are read: numbers of JSON may be written in two ways, and pixels may be compressed or not."""
    if isinstance(node, str):
        return node
    tag, attributes, content = node
    if tag == "template":
        return [tag, attributes, json.loads("".join(content))]
    attributes = {name: PICTURE.sub(lambda found: str(pixels(found[0])), value) for name, value in attributes.items()}
    return [tag, attributes, [comparable(part) for part in content]]


def pixels(address):
    """The chunks of an image, each with its checksum, and what is compressed as it was before."""
    png = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    found, at = [png[:8].hex()], 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        data, check = png[at + 8 : at + 8 + size], png[at + 8 + size : at + 12 + size]
        assert struct.unpack(">I", check)[0] == zlib.crc32(kind + data)
        found.append((kind.decode(), (zlib.decompress(data) if kind == b"IDAT" else data).hex()))
        at += 12 + size
    return found


def first_difference(ours, theirs, path=""):
    """Where two trees part, in words; None where they do not."""
    if type(ours) is not type(theirs) or isinstance(ours, str) or ours[0] != theirs[0]:
        return None if ours == theirs else f"{path}: {str(ours)[:300]!r} in Python, {str(theirs)[:300]!r} in the page"
    here = f"{path}/{ours[0]}"
    if ours[1] != theirs[1]:
        names = [name for name in {**ours[1], **theirs[1]} if ours[1].get(name) != theirs[1].get(name)]
        told = [(name, str(ours[1].get(name))[:200], str(theirs[1].get(name))[:200]) for name in names]
        return f"{here}: attributes {told}"
    if ours[0] == "template":
        return None if ours[2] == theirs[2] else f"{here}: {str(ours[2])[:300]} in Python, {str(theirs[2])[:300]} in the page"
    parts = zip(ours[2], theirs[2], strict=False)
    found = (first_difference(a, b, f"{here}[{i}]") for i, (a, b) in enumerate(parts))
    differs = next(filter(None, found), None)
    return differs or (None if len(ours[2]) == len(theirs[2]) else f"{here}: {len(ours[2])} parts, {len(theirs[2])} in the page")


def files():
    """The records of the article and of the tests' article."""
    paths = sorted([*ROOT.glob("docs/data/**/*.json"), *ROOT.glob("tests/article/docs/data/**/*.json")])
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths}


def hard():
    """Records of hard cases, with the options of their blocks."""
    blocks = {name: (record, yaml.safe_load(block) or {}) for name, (record, block) in KINDS.items()}
    return blocks | {name: (record, {}) for name, record in {**DEEP, **passages()}.items()}


def drawings(every=1):
    """Name, record and options of every figure that is compared: what a choice of an option changes too. Of files each n-th."""
    found = [(name, loads(text), {}) for name, text in list(files().items())[::every]]
    found += [(name, loads(dumps(record)), options) for name, (record, options) in hard().items()]
    for name, record, options in found:
        options.pop("layout", None)
        if record.KIND in DRAWN and not (record.sees_all or record.stack or by_fitted_lens(record)):
            yield name, record, options
            for option, kind in explorable(record.KIND).options.items():
                for choice in getattr(kind, "choices", ())[1:]:
                    yield f"{name} {option}={choice}", record, options | {option: choice}


def differences(figures):
    """Which figures the page draws otherwise than Python, and how."""
    drawn = script([{"record": json.loads(dumps(record)), "options": options} for _, record, options in figures])
    told = []
    for (name, record, options), theirs in zip(figures, drawn, strict=True):
        kind = explorable(record.KIND)
        ours = tree(kind.draw(record, read_options(kind.options, options)))
        assert not isinstance(theirs, str), f"{name}: {theirs}"
        if differs := first_difference(comparable(ours), comparable(theirs)):
            told.append(f"{name}: {differs}")
    return told


def test_the_page_draws_every_record_as_python_does(sized):
    figures = list(drawings(sized(4, 1)))
    told = differences(figures)
    assert not told, f"{len(told)} of {len(figures)} differ:\n" + "\n".join(told[:12])
    assert {record.KIND for _, record, _ in figures} == DRAWN
    assert len(figures) > 150


ODD = [
    *"a \n\r\t\u00ad\u200b\u200d\u2060\u2800\ufe0f\ufeff\u3164\u202e\u0007\u0085\u001b\U000e0041\U000e0101\U0001d173\ud7a3",
    *"e\u0301\u0e01\u0e33\u05d0\u05b8\u0628\u064e\u0627\u0644\u0640\u0710\u07ca\U0001e900\u4e2d\uac00\u1100\u1161<&\"'",
    *(
        "\r\n",
        "\u0915\u094d\u0937\u093f",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\U0001f1e9\U0001f1ea",
        "\U0001f44d\U0001f3fd",
    ),
    "1\ufe0f\u20e3",
]
"""Marks, joiners, controls, scripts from right to left, emoji of several code points, and what means something in HTML."""


VIRAMA = "\u094d"


def odd(chance):
    """A text of odd characters whose tokens end anywhere, also within a character, or in bytes of none."""
    stray = chance.choice((0, 0, 3))
    units = [unit for unit in ODD if not (stray and VIRAMA in unit)]  # what joins nothing is joined by the one and not the other
    raw = bytearray("".join(chance.choice(units) * chance.choice((1, 1, 1, 3)) for _ in range(30)).encode())
    for _ in range(stray):
        raw.insert(chance.randrange(len(raw)), chance.choice((0x80, 0xC3, 0xE0, 0xED, 0xF5, 0xFF)))
    cuts = sorted({0, len(raw), *(chance.randrange(len(raw)) for _ in range(chance.choice((10, 40))))})
    found = [bytes(raw[a:b]) for a, b in pairwise(cuts)]
    first, last = sorted(chance.sample(range(len(found) + 1), 2))
    tokens = []
    for i, own in enumerate(found):
        kind = "template" if i < first // 2 else "input" if i < last else "output"
        try:
            tokens.append(Token(id=i, text=own.decode(), kind=kind))
        except UnicodeDecodeError:
            tokens.append(Token(id=i, text="\ufffd", kind=kind, bytes=own.hex()))
    return tokens


def test_the_page_shows_odd_characters_as_python_does():
    chance = random.Random(23)
    figures = []
    for i in range(120):
        tokens = odd(chance)
        record = builders.factors([[chance.random() for _ in tokens]])
        figures.append((f"text {i}", of(record, tokens), {}))
    told = differences(figures)
    assert not told, f"{len(told)} of {len(figures)} differ:\n" + "\n".join(told[:5])


def test_numbers_are_rounded_as_python_rounds_them():
    """Probabilities of four digits, among them all that lie in the middle between two of three, and dyadic ones."""
    chance = random.Random(5)
    probs = [n / 10_000 for n in range(1, 10_000, 7)] + [
        k / 2**p for p in range(2, 14) for k in range(1, 2**p, 2 ** max(0, p - 7))
    ]
    probs += [chance.random() * 10.0 ** -chance.randint(0, 9) for _ in range(2000)]
    texts = [[f" {n}" for n in range(len(probs))]]
    told = differences([("probabilities", builders.predictions(texts, [probs]), {})])
    assert not told, told


@pytest.mark.parametrize(
    ("change", "options", "reason"),
    [
        ({"format": "lensdoc/nothing"}, {}, "unknown kind nothing; the page draws ablation, activations, "),
        ({"model": {"sees": "all"}}, {}, "the page draws no record of a masked model, an encoder"),
        ({"model": {"stack": "decoder"}}, {}, "the page draws no record of a masked model, an encoder"),
        ({}, {"colour": "red"}, "unknown option colour of saliency; it has style, scale, token"),
        ({}, {"token": 0}, "option 'token' must be the position of an explained token, 4 to 6, it is 0"),
        ({"targets": [], "scores": [], "totals": []}, {}, "this record explains no token"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(change, options, reason):
    record = json.loads(dumps(KINDS["saliency"][0])) | change
    (told,) = script([{"record": record, "options": options}])
    assert isinstance(told, str)
    assert told.startswith(reason)


def test_what_the_script_knows_of_characters_is_what_python_knows():
    made = runpy.run_path(str(WEB / "characters.py"))
    kept = json.loads((WEB.parent / "unicode.json").read_text("utf-8"))
    names = kept.pop("names")
    assert kept == made["classes"]()
    assert made["names"]().items() <= names.items()  # a later Python may name more
    assert len(names) > 300
