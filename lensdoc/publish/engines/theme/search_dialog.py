"""A name for the dialog of the theme's search, which has none."""

from __future__ import annotations

_DIALOG = '<div class="md-search" data-md-component="search" role="dialog">'
_LABEL = '<nav class="md-search__options" aria-label="'


def name_search(html: str) -> str:
    """The page with the dialog named as the list in it is, in the page's language."""
    start = html.find(_DIALOG)
    label = html.find(_LABEL, start)
    if not 0 <= start < label:
        return html
    name = html[label + len(_LABEL) : html.index('"', label + len(_LABEL))]
    return f'{html[:start]}{_DIALOG[:-1]} aria-label="{name}">{html[start + len(_DIALOG) :]}'
