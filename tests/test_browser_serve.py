"""From saving a changed prompt to the page that shows its tokens, in Chromium."""

from __future__ import annotations

import itertools
import statistics
import time

import pytest
from running import execute_stale
from serving import small_article, write_runs

from lensdoc.pipeline.project import Project

STEPS = {
    "poll": "Detected file changes",
    "settle": "Building documentation",
    "config, status": "executing ",
    "execution": " s",
    "build": "Reloading browsers",
    "reload": "",
}
"""What takes time, and the words that end it. Not "Documentation built": MkDocs does not say twice that a build took as long."""


def from_save_to_page(served, browser, save, prompts, figure):
    """Seconds from each save to the page that shows the prompt, and those of each step."""
    page = browser.new_page()
    page.goto(served.address)
    taken = []
    for prompt in prompts:
        served.rest(2)
        known, built = len(served.lines), served.count(STEPS["build"])
        began = time.monotonic()
        save(prompt)
        page.wait_for_function(
            """([figure, text]) => [...document.querySelectorAll(`#${figure} .ld-token`)]
                .map(t => t.textContent).join("").replaceAll("·", " ").startsWith(text)""",
            arg=[figure, prompt],
            timeout=90_000,
        )
        shown = time.monotonic()
        served.wait(STEPS["build"], built + 1)  # its last lines may be on their way yet
        ends = [began, *_ends(served.lines[known:]), shown]
        steps = dict(zip(STEPS, (after - before for before, after in itertools.pairwise(ends)), strict=True))
        print(f"{shown - began:.2f} s:", ", ".join(f"{name} {seconds:.2f}" for name, seconds in steps.items()))
        taken.append(shown - began)
    page.close()
    return taken


def _ends(lines):
    for words in list(STEPS.values())[:-1]:
        while words not in lines[0][1]:
            lines = lines[1:]
        yield lines[0][0]
        lines = lines[1:]


@pytest.mark.long
@pytest.mark.alone
def test_a_changed_prompt_is_on_the_page_soon(serve, browser, tmp_path, sized):
    folder = small_article(tmp_path)
    served = serve(folder)
    served.wait("Serving on")
    taken = from_save_to_page(served, browser, lambda prompt: write_runs(folder, prompt=prompt), [" 7, 8", " 4, 5"], "fig-words")
    assert statistics.median(taken) < sized(90, 15)  # other tests share the machine


@pytest.mark.alone
def test_long_a_changed_prompt_is_on_the_page_of_the_whole_article_soon(serve, full, browser, project):
    assert full is None
    execute_stale(Project(project), force=True)
    runs = project / "analyses" / "runs.yml"
    text = runs.read_text()

    def save(prompt):
        runs.write_text(text.replace('" 1, 2, 3"', f'"{prompt}"', 1))

    served = serve(project)
    served.wait("Serving on")
    taken = from_save_to_page(served, browser, save, [" 4, 5, 6", " 7, 8, 9", " 2, 3, 4", " 5, 6, 7"], "fig-two")
    assert statistics.median(taken[1:]) < 5
