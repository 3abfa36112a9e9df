"""Whether references to other pages, counted from their sources, got the numbers that these pages show."""

from __future__ import annotations

from lensdoc.publish.context import Context


def check_across(context: Context) -> None:
    """Report references whose target has another number, or none, on the page as it was rendered."""
    for page, line, found in context.crossed:
        name = str(found.target.id)
        shown = context.numbered.get(found.page, {}).get(name)
        if found.page in context.numbered and (shown is None or shown.bare != found.target.bare):
            context.page = page
            seen = f"is {shown.label} there" if shown else "is not in the rendered page"
            context.complain(
                f"{name!r} of {found.page} was counted as {found.target.label} from the source of that page, but {seen}; "
                "blocks inside raw HTML, indented code or included files cannot be counted",
                line,
            )
