"""What to write instead, where a file is not YAML: the commonest mistakes in values without quotes."""

from __future__ import annotations

import json
import re

_NAME_AND_VALUE = re.compile(r"^\s*(?:-\s+)*(?P<name>[^\s:#][^:]*?):\s+(?P<value>.*?)\s*$")
_ITEM = re.compile(r"[^,\[\]{}]*")
"""What stands in brackets, between commas."""
_COLON = ("mapping values are not allowed", "did not find expected ',' or", "expected ',' or")
_VALUE = ("found character", "found undefined alias", "could not determine a constructor", "did not find expected comment")


def cure(problem: str, lines: list[str], line: int, column: int, began: int | None) -> str:
    """What to write instead; empty where nothing can be said that is surely right.

    Args:
        problem: What the parser says.
        lines: Lines of the file.
        line: Index of the line at which the parser stopped.
        column: Index of the character there.
        began: Index of the line at which what it was reading began, where it says so.
    """
    text = lines[line] if line < len(lines) else ""
    here = text[column : column + 1]
    if here == "\t" or "\t" in text[: len(text) - len(text.lstrip())]:
        return "indent with spaces, not with tabs"
    if began is not None and began != line and ("quoted scalar" in problem or "',' or" in problem):
        what = "the quote" if "quoted scalar" in problem else "the bracket"
        return f"{what} that opens on line {began + 1} may not be closed"
    if here == ":" and any(start in problem for start in _COLON):
        return _quoted_colon(text, column, in_mapping="flow mapping" in problem)
    if any(start in problem for start in _VALUE):
        return _quoted_value(text)
    if "'" in text[:column] and "did not find expected key" in problem:
        return "inside of '...' an apostrophe is written twice, or put the value in double quotes"
    return ""


def _quoted_colon(text: str, column: int, *, in_mapping: bool) -> str:
    in_brackets = text[:column].count("{") + text[:column].count("[") > text[:column].count("}") + text[:column].count("]")
    if not in_brackets:
        known = _NAME_AND_VALUE.match(text)
        is_second = known is not None and known.start("value") <= column
        return _quoted_value(text) if is_second else "names that belong together need the same number of spaces in front of them"
    before, after = _ITEM.match(text[:column][::-1]), _ITEM.match(text[column:])
    assert before
    assert after
    item = (before[0][::-1] + after[0]).strip()
    name, _, value = item.partition(": ") if in_mapping else ("", "", item)
    return _quote(value.strip(), f"{name}: " if name else "")


def _quoted_value(text: str) -> str:
    found = _NAME_AND_VALUE.match(text)
    return _quote(found["value"], f"{found['name']}: ") if found and "{" not in found["value"] else "put the value in quotes"


def _quote(value: str, name: str = "") -> str:
    return f"quote the value: {name}{json.dumps(value, ensure_ascii=False)}"
