"""What a page or a bibliography costs grows with its length, also where everything in it is wrong."""

from __future__ import annotations

import gc
import re
import time

import pytest
from markdown import Markdown
from states import page_state

from lensdoc.publish.citations.bibliography import read_bibliography
from lensdoc.publish.extension import LensdocExtension

MANY = 800
"""Paragraphs or works at most."""
MOST = 2.3**3
"""Eight times the text costs at most so many times as much: 2.3 for each doubling."""
ROUNDS = 5
"""How often both are measured at most: on a busy machine one time says little, and the least of several is near the true one."""
PAGES = {
    "broken values": lambda n: f"Text `{{val}} run/none{n}.facts.x`",
    "one broken value": lambda _: "Text `{val} run/none.facts.x`",
    "unknown blocks": lambda n: f"/// unkn{n} | a\nText\n///",
    "one unknown block": lambda _: "/// unkn | a\nText\n///",
    "unclosed blocks": lambda _: "/// aside\nText",
    "unclosed figures": lambda _: "/// explorable | a/b\nText",
    "a long block": lambda n: "Text" if n else "/// aside\nText",
    "duplicate ids": lambda n: f"# A {{#x{n // 2}}}",
    "unknown references": lambda n: f"See @fig-x{n}.",
    "references to other pages": lambda n: f"See @fig-x{n} and [](other.md#fig-y{n}).",
    "sections with references": lambda n: f"## A {n} {{#sec-a{n}}}\n\nSee @sec-a{n}.",
    "equations": lambda n: f"/// equation\n    attrs: {{id: eq-a{n}}}\n$$ x $$\n///\n\nSee @eq-a{n}.",
    "figures without captions": lambda n: f"![A](a.png)\n/// figure-caption\n    attrs: {{id: fig-a{n}}}\n///",
    "unclosed fences": lambda n: f"~~~ {{.a{n}\nText",
    "fences": lambda n: f"``` py\n{n}\n```",
    "options become text": lambda n: f"/// explorable | run/a{n}\n\nlayout: page\n///",
    "broken conditions": lambda n: f"/// when | run/a{n}.facts.x == 1\nText\n///",
    "links to states": lambda n: f"[A](#fig-a:factor={n}) and [B](other.md#fig-a:factor={n})",
    "unknown swatches": lambda n: f"[A]{{.swatch fig-a{n}}}",
    "unknown works": lambda n: f"[@a{n}]",
    "citations of one work": lambda _: "[@k0]",
    "citations of many works": lambda n: f"@k{n}",
    "footnotes without texts": lambda n: f"See [^a{n}].",
    "stray ends": lambda _: "///",
}

ENTRY = "@misc{{k{n}, title={{T}}, author={{A}}, year=2000{more}}}"
BIBLIOGRAPHIES = {
    "in one line": lambda n: " " + ENTRY.format(n=n, more=f", note={{{'A word ' * 300}}}"),
    "broken in one line": lambda n: f" @misc{{k{n}, title={{T",
    "broken": lambda n: f"\n@misc{{k{n}, title={{T",
    "a chain": lambda n: "\n" + ENTRY.format(n=n, more=f", xdata={{k{n + 1}}}"),
    "circles": lambda n: "\n" + ENTRY.format(n=n, more=f", xdata={{k{n + 1}, k0}}"),
    "one parent": lambda n: "\n" + ENTRY.format(n=n, more=", crossref={k0}"),
    "comments without an end": lambda _: "\n@comment{ a",
}


@pytest.fixture(scope="module")
def lengths(sized):
    """A length, and eight times as much: small ones show what is quadratic, large ones a small share of it too."""
    return sized((50, MANY // 2), (100, MANY))


@pytest.fixture(scope="module")
def works(tmp_path_factory):
    path = tmp_path_factory.mktemp("works") / "works.bib"
    path.write_text("\n".join(f"@misc{{k{key}, title={{T}}, author={{A}}, year=2000}}" for key in range(MANY)))
    return path


def timed(work):
    re.purge()  # the patterns of a short page would be there already, those of a long page are too many to be kept
    gc.collect()
    gc.disable()
    try:
        begin = time.process_time()
        work()
        return time.process_time() - begin
    finally:
        gc.enable()


def grows(cost, lengths, figure, kind):
    """Whether the cost of many is at most so many times that of few, by the least of some rounds."""
    few, many = [], []
    for _ in range(ROUNDS):
        few += [cost(lengths[0]), cost(lengths[0])]
        many.append(cost(lengths[1]))
        if len(many) > 1 and min(many) < MOST * min(few):
            break
    said = f"{kind}: {lengths[1]} in {min(many):.3f} CPU s, {min(many) / min(few):.2f} times {lengths[0]}"
    figure(f"{said}, least of {len(many)}")
    return min(many) < MOST * min(few)


@pytest.mark.alone
@pytest.mark.sample(kind=["broken values", "unclosed blocks"])
@pytest.mark.parametrize("kind", PAGES)
def test_eight_times_the_text_costs_eight_times_the_time(kind, tmp_path, works, lengths, figure):
    one = tmp_path / "one.bib"
    one.write_text(ENTRY.format(n=0, more=""))

    def cost(length):
        state = page_state(tmp_path, path="page.md", report=lambda _: None, freshness={})
        extension = LensdocExtension(page=state, bibliography=str(works if kind == "citations of many works" else one))
        md = Markdown(extensions=["attr_list", "footnotes", extension])
        text = "\n\n".join(map(PAGES[kind], range(length)))
        return timed(lambda: md.convert(text))

    assert grows(cost, lengths, figure, kind)


@pytest.mark.alone
@pytest.mark.sample(kind=["broken"])
@pytest.mark.parametrize("kind", BIBLIOGRAPHIES)
def test_eight_times_the_works_cost_eight_times_the_time(kind, tmp_path, lengths, figure):
    def cost(length):
        path = tmp_path / f"{time.monotonic_ns()}.bib"
        path.write_text("".join(map(BIBLIOGRAPHIES[kind], range(length))))
        return timed(lambda: read_bibliography(path))

    assert grows(cost, lengths, figure, f"works, {kind}")
