"""The state of a page and of its build, made of the fields of both."""

from __future__ import annotations

from dataclasses import fields

from lensdoc.publish.state.build import Build
from lensdoc.publish.state.page import PageState

_OF_BUILD = {field.name for field in fields(Build)} - {"figures"}


def page_state(data=None, **options):
    """A page of a build of its own; options are fields of either, and `data` is the folder of data files."""
    of_build = {name: value for name, value in options.items() if name in _OF_BUILD}
    of_page = {name: value for name, value in options.items() if name not in _OF_BUILD}
    return PageState(Build(**of_build, **({} if data is None else {"data": data})), **of_page)
