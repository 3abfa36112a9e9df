"""What of a cell counts: comments, blank lines and line endings do not, every character of a string does."""

from __future__ import annotations

import pytest

from lensdoc.pipeline.cell_text import computing_text

SAME = {
    "a comment at an end": ("x = 1", "x = 1  # why"),
    "a comment alone": ("x = 1\ny = 2", "x = 1\n# why\ny = 2"),
    "blank lines": ("if x:\n    y = 2", "\n\nif x:\n\n    y = 2\n\n"),
    "spaces at ends of lines": ("x = 1\ny = 2", "x = 1   \ny = 2\t"),
    "line endings of Windows": ("x = '''a\nb'''\ny = 2", "x = '''a\r\nb'''\r\ny = 2\r\n"),
    "line endings of old Macs": ("x = 1\ny = 2", "x = 1\ry = 2"),
    "a comment between strings": ("x = ('a'\n'b')", "x = ('a'  # one\n'b')"),
    "a comment after a string that begins above": ("x = '''a\n#b'''", "x = '''a\n#b'''  # c"),
    "a comment beside shell lines": ("!ls # a\nx = 1", "!ls # a\nx = 1  # b"),
    "a comment beside a captured shell line": ("x = !ls\ny = 1", "x = !ls\ny = 1  # b"),
    "a comment beside help": ("len?\ny = 1", "len?\ny = 1 # b"),
    "a comment with umlauts before": ("x = 'ä'", "x = 'ä'  # ö"),
    "the end of a cell of another language": ("%%bash\nls", "%%bash\r\nls\n\n"),
}
OTHER = {
    "a hash in a string": ("x = '#a'", "x = '#b'"),
    "a hash in an f-string": ("x = f'{y}#a'", "x = f'{y}#b'"),
    "spaces at the end of a line in a string": ("x = '''a\nb'''", "x = '''a \nb'''"),
    "a blank line in a string": ("x = '''a\nb'''", "x = '''a\n\nb'''"),
    "a comment in a string": ("x = '''a\nb'''", "x = '''a\n# c\nb'''"),
    "a comment in another language": ("%%bash\nls # a", "%%bash\nls # b"),
    "a heading that a cell writes": ("%%writefile a.md\n# One", "%%writefile a.md\n# Two"),
    "a shell line": ("!ls # a\nx = 1", "!ls # b\nx = 1"),
    "what is no Python": ("what is # this", "what is # that"),
    "indentation": ("if x:\n    y\n    z", "if x:\n    y\nz"),
}


@pytest.mark.parametrize("name", SAME)
def test_what_changes_no_result_does_not_count(name):
    first, second = map(computing_text, SAME[name])
    assert first == second


@pytest.mark.parametrize("name", OTHER)
def test_what_may_change_a_result_counts(name):
    first, second = map(computing_text, OTHER[name])
    assert first != second


@pytest.mark.parametrize("source", ["", "\n \n", "# only a comment", "\r\n# a\r\n\r\n"])
def test_a_cell_that_does_nothing_is_empty(source):
    assert computing_text(source) == ""
