"""Whether references to other pages, counted from their sources, got the numbers that these pages show."""

from __future__ import annotations

from lensdoc.publish.state.build import Build


def check_numbers(build: Build) -> None:
    """Report references whose target has another number, or none, on the page as it was rendered."""
    for page, line, found in build.references:
        name = str(found.target.id)
        shown = build.targets.get(found.page, {}).get(name)
        if found.page in build.targets and (shown is None or shown.bare != found.target.bare):
            seen = f"is {shown.label} there" if shown else "is not in the rendered page"
            build.complain(
                f"{name!r} of {found.page} was counted as {found.target.label} from the source of that page, but {seen}; "
                "blocks inside raw HTML, indented code or included files cannot be counted",
                page,
                line,
            )
