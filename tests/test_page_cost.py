"""What a page costs grows with its length, also where everything on it is wrong."""

from __future__ import annotations

import gc
import time

import pytest
from markdown import Markdown
from states import page_state

from lensdoc.publish.extension import LensdocExtension

MOST = 2.3
"""A page of double length costs at most so many times as much."""
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
    "footnotes without texts": lambda n: f"See [^a{n}].",
    "stray ends": lambda _: "///",
}


def cost(text, folder):
    page = page_state(folder, path="page.md", report=lambda _: None, states={})
    md = Markdown(extensions=["attr_list", "footnotes", LensdocExtension(page=page)])
    gc.collect()
    gc.disable()
    try:
        begin = time.process_time()
        md.convert(text)
        return time.process_time() - begin
    finally:
        gc.enable()


@pytest.mark.alone
@pytest.mark.parametrize("kind", PAGES)
def test_twice_the_text_costs_twice_the_time(kind, tmp_path, figure):
    def page(length):
        return "\n\n".join(map(PAGES[kind], range(length)))

    half, whole = (min(cost(page(length), tmp_path) for _ in range(2)) for length in (400, 800))
    figure(f"{kind}: 800 in {whole:.2f} CPU s, {whole / half:.2f} times 400")
    assert whole < MOST * half
