"""A site with figures of several records, for tests in a browser: built once for all processes."""

from __future__ import annotations

import shutil

import builders
import pytest
from chromium import KINDS, build, until, visits
from drawn import by_fitted_lens

from lensdoc.records.record import Provenance
from lensdoc.records.writing import write_record

PROMPTS = [f"p{n}" for n in range(1, 13)]
MANY = {record.KIND: record for record, _ in KINDS.values() if not (record.sees_all or record.stack or by_fitted_lens(record))}
"""A record of each kind."""


def sized(layers, words):
    """Records of one kind each, of a model with so many layers that writes so many words for the same text."""
    texts = [f" word{t}" for t in range(words + 1)]
    return {
        "rankings": builders.rankings([[1 + (layer + t) % 9 for t in range(words)] for layer in range(layers)], texts),
        "watch": builders.watch([[layer + 1, 40 - layer] for layer in range(layers)]),
        "patching": builders.patching(
            [[layer / layers] * words for layer in range(layers)], texts[:words], [" other", *texts[1:words]]
        ),
        "factors": builders.factors([[t % (f + 2) for t in range(words + 1)] for f in range(layers)], texts),
        "saliency": builders.saliency([[1 / words] * words], texts),
    }


SIZES = {kind: (record, sized(9, 7)[kind]) for kind, record in sized(3, 4).items()}
"""Of a small and of a large model: kinds whose figures have as many rows and columns as a model has layers, and a text tokens."""


def run_of(record, **parameters):
    """The record as a run of a matrix made it."""
    return record.model_copy(update={"provenance": Provenance(dtype="float32", parameters=parameters)})


def saliency(number):
    texts = [f" prompt{number}", " has", " words", " and", f" end{number}"]
    return builders.saliency([[0.5, 0.25, 0.25 - number / 100, number / 100]], texts)


def block(argument, name, *options):
    lines = [f"    attrs: {{id: fig-{name}}}", *(f"    {option}" for option in options)]
    return "\n".join([f"/// explorable | {argument}", *lines, f"The caption of {name}.", "///", ""])


def write_several(folder):
    """Add pages with figures of several records to a copy of the tests' article."""
    data = folder / "docs" / "data"
    for seed in (1, 2, 10):
        write_record(run_of(saliency(seed), seed=seed), data / f"seeds/seed-{seed}" / "saliency.json")
    for prompt in PROMPTS:
        number = int(prompt[1:])
        long = builders.saliency([[1 / (60 + number)] * (60 + number)], [f" {prompt}w{t}" for t in range(61 + number)])
        write_record(run_of(long, prompt=prompt), data / f"prompts/prompt-{prompt}" / "saliency.json")
    for side in ("left", "right"):
        for kind, record in MANY.items():
            write_record(record, data / f"{side}/{kind}.json")
    ranks = {"low": [[9, 9, 9], [1, 2, 3]], "high": [[99, 50, 9], [2, 2, 2]]}
    for name, rows in ranks.items():
        write_record(builders.rankings(rows, [" a", " b", " c", f" {name}"]), data / f"sides/{name}.json")
    for size, records in zip(("small", "large"), zip(*SIZES.values(), strict=True), strict=True):
        for kind, record in zip(SIZES, records, strict=True):
            model = record.model.model_copy(update={"id": f"{size} model"})
            write_record(record.model_copy(update={"model": model}), data / f"{size}/{kind}.json")
    pages = {
        "choice": [
            "# Choice\n\nOf [seed 2](#fig-seeds:seed=2) and [the second](#fig-list:choice=2).\n",
            block("seeds/{seed}/saliency", "seeds", "show: choice"),
            block("left/saliency, right/saliency", "list", "show: choice", "names: [Tiny, Large]"),
        ],
        "matrix": ["# Matrix\n", block("prompts/{prompt}/saliency", "prompts", "show: choice")],
        "single": ["# Single\n", block("prompts/prompt-p1/saliency", "prompts")],
        "beside": [
            "# Beside\n\nOf [the second](#fig-seeds-2:token=4) in @fig-seeds.\n",
            block("seeds/seed-1/saliency, seeds/seed-10/saliency", "seeds", "show: beside", "layout: page"),
            block("sides/low, sides/high", "rankings", "show: beside", "names: [Low, <b>High</b>]", "layout: page"),
        ],
        "models": [
            "# Models\n",
            *(block(f"small/{kind}, large/{kind}", kind, "show: beside", "layout: page") for kind in SIZES),
        ],
        "besides": ["# Besides\n", *(block(f"left/{kind}, right/{kind}", kind, "show: beside") for kind in sorted(MANY))],
        "every": ["# Every\n", *(block(f"left/{kind}, right/{kind}", kind, "show: choice") for kind in sorted(MANY))],
    }
    for name, parts in pages.items():
        (folder / "docs" / f"{name}.md").write_text("\n".join(parts))


@pytest.fixture(scope="session")
def several(fresh_article, shared, shared_address):
    """The address of the site, and its folder."""
    address = f"{shared_address}several/project/"

    def make(folder):
        write_several(shutil.copytree(fresh_article, folder / "article"))
        build(folder / "article", folder / "project", SITE_URL=address)

    return address, shared("several", make) / "project"


@pytest.fixture
def open_several(browser, several):
    yield from visits(browser, several[0])


@pytest.fixture(scope="module")
def all_kinds(browser, several):
    """Pages with figures of all kinds, each opened once: a test looks at the figures of its kind alone."""
    visiting, opened = visits(browser, several[0]), {}
    visit = next(visiting)
    yield lambda path: opened[path] if path in opened else opened.setdefault(path, visit(path))
    next(visiting, None)  # closes them, and fails if there was trouble


def ready(page, name):
    """Wait until a reader can choose in a figure."""
    until(page, f"document.querySelector('#{name} lens-choice[data-ready]') !== null")
