"""The reference pages say what the code says."""

from __future__ import annotations

import pytest
import reference

from lensdoc.explorables.kinds import EXPLORABLES


@pytest.mark.parametrize("name", ["api", "commands", "data", "options"])
def test_a_page_is_what_the_code_says(name, request):
    path, made = reference.FOLDER / f"{name}.md", reference.pages()[name]
    if request.config.getoption("--write-golden"):
        path.write_text(made)
    assert path.read_text() == made, "make it again: python -m pytest tests/test_reference.py --write-golden"


def test_nothing_is_left_out():
    made = reference.pages()
    assert all(f"## `lensdoc {name}`" in made["commands"] for name in reference.commands.commands)
    assert all(f"`lensdoc/{kind}`" in made["data"] for kind in EXPLORABLES)
    assert all(f"## `lensdoc.{name}`" in made["api"] for name in reference.lensdoc.__all__)
    assert all(f"[{kind}](" in made["options"] or f"| {kind} |" in made["options"] for kind in EXPLORABLES)


def test_what_an_option_says_is_on_the_page_of_its_kind():
    for kind in EXPLORABLES:
        text = (reference.ROOT / "docs" / "explorables" / f"{kind}.md").read_text()
        for name in reference.explorable(kind).options:
            assert f"`{name}`" in text, f"docs/explorables/{kind}.md does not mention the option {name}"


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        ("tuple[tuple[Annotated[Integer, Field(ge=1)], ...], ...]", "list[list[int]]"),
        ("Annotated[tuple[Watched, ...], Field(min_length=1)]", "list[Watched]"),
        ("Literal['a', 'b'] | None", "Literal['a', 'b'] | None"),
    ],
)
def test_types_are_shown_as_json_has_them(annotation, shown):
    assert reference.short(annotation) == shown
