"""What of a module's text a key depends on: code and constants, no docstrings, comments or messages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import lensdoc
from lensdoc.pipeline.code_text import code_of

PACKAGE = Path(lensdoc.__file__).parent
BESIDE = 'class A(X): "doc"\nx = 1; "é"; y = 2  # why\nz = 3; """a\nb"""; w = 4\n'
SOURCE = '''
import warnings

_RULE = "a rule " f"of {LIMIT}"
_UNIT = "m"
_SHOWN = 40

def measure(x, kind):
    which = "first" if x else f"other {kind}"
    label = "of a check"
    sign = "minus" if x < 0 else "plus"
    check(label, "as a word", _UNIT)
    if x == 3:
        raise A(f"x is {x:.2f} of {which}: " "it must " + "not " + be("so")) from None
    if x == 4:
        raise A(_reason(x), _RULE) if sign == "minus" else B("none", of=_cut("é"))
    if x == 5:
        raise KeyError
    warnings.warn(f"near {x}", stacklevel=2)
    return x * 2

@cache
def _reason(x):
    """Why."""
    return f"the reason is {_cut(x)}"

def _cut(text):
    return text[:_SHOWN]

class Record:
    TOLERANCES: ClassVar[Tolerances] = {"probs": PROBABILITY}
    UNITS: ClassVar = {"probs": "nats"}
'''
SHOWN = [
    ("a rule ", "the rule "),
    ("40", "50"),
    ('"first"', '"the first"'),
    ("other {kind}", "another {kind!r}"),
    ("x:.2f", "2 * x:.3f"),
    ('"it must "', '"it may é "'),
    ('be("so")', 'be("thus")'),
    ('"none"', '"no", 9'),
    ('"é"', '"ö ö"'),
    ("near {x}", "far from {x + 1}"),
    ("the reason", "why"),
    ('{"probs": PROBABILITY}', "{}"),
    ("[:_SHOWN]", "[1:_SHOWN]"),
]
"""Edits of what only a reader of a message sees."""
COUNTED = [
    ('"m"', '"km"'),
    ("of a check", "of the check"),
    ('"minus" if', '"less" if'),
    ("as a word", "as a number"),
    ("x == 3", "x == 6"),
    ("raise A(f", "raise C(f"),
    ('B("none"', 'C("none"'),
    (" from None", ""),
    ("nats", "bits"),
    ("KeyError", "IndexError"),
    ("x * 2", "x * 3"),
    ("warnings.warn", "warnings.warned"),
]


@pytest.mark.parametrize("code", ["(X)", "x = 1", "y = 2", "z = 3", "w = 4"])
def test_code_beside_a_docstring_counts_and_the_docstring_does_not(code):
    assert code_of(BESIDE.replace(code, code.replace("X", "V").replace(" = ", " = 9"))) != code_of(BESIDE)
    assert code_of(BESIDE.replace("doc", "d").replace("é", "ö ö").replace("a\nb", "\n")) == code_of(BESIDE)


@pytest.mark.parametrize(("old", "new"), SHOWN)
def test_what_only_a_message_says_does_not_count(old, new):
    assert SOURCE.count(old) == 1
    assert code_of(SOURCE.replace(old, new)) == code_of(SOURCE)


@pytest.mark.parametrize(("old", "new"), COUNTED)
def test_all_else_counts(old, new):
    assert SOURCE.count(old) == 1
    assert code_of(SOURCE.replace(old, new)) != code_of(SOURCE)


def test_a_message_on_more_lines_is_the_same():
    one = 'def f(x):\n    if x:\n        raise A(f"a {x}")\n    return 1\n'
    more = 'def f(x):\n    if x:\n        raise A(\n            f"a {x}"\n            "b"\n        )\n    return 1\n'
    assert code_of(one) == code_of(more) == "def f(x):\n    if x:\n        raise A\n    return 1"


def test_what_a_message_uses_and_code_too_counts():
    source = 'def f(x):\n    unit = "m"\n    raise A(unit)\n    return g(unit)\ndef _h(): return 1\nraise A(_h())\ny = _h()\n'
    assert code_of(source.replace('"m"', '"k"')) != code_of(source)
    assert code_of(source.replace("return 1", "return 2")) != code_of(source)


def computing(package):
    """The modules of a package that enters keys; the programs that made the bundled model are no part of a run."""
    files = sorted((PACKAGE / package).rglob("*.py"))
    assert len(files) > 10
    return {path.relative_to(PACKAGE).as_posix(): path.read_text() for path in files if "tiny" not in path.parts}


def raised(source):
    """Where the arguments of each exception and warning begin: line and column, in bytes."""
    for node in ast.walk(ast.parse(source)):
        calls = [node.exc] if isinstance(node, ast.Raise) else [node] if isinstance(node, ast.Call) else []
        for call in calls:
            if isinstance(call, ast.Call) and (isinstance(node, ast.Raise) or ast.unparse(call.func) == "warnings.warn"):
                yield call.func.end_lineno - 1, call.func.end_col_offset


@pytest.mark.parametrize("package", ["measures", "models", "records"])
def test_an_edit_of_any_error_message_leaves_the_code_of_its_module(package):
    edited = 0
    for path, source in computing(package).items():
        lines = [line.encode() for line in source.split("\n")]
        for line, column in sorted(raised(source), reverse=True):
            assert lines[line][column : column + 1] == b"("
            lines[line] = lines[line][: column + 1] + b"*'another text', " + lines[line][column + 1 :]
            edited += 1
        assert code_of(b"\n".join(lines).decode()) == code_of(source), path
    assert edited > 15


ONLY_SHOWN = {
    "measures/texts.py": [1],  # whether there are several texts
    "models/forward.py": [200],  # characters of an error that are shown
    "models/vocabulary.py": [0, 1, 1, 1, 3],  # which tokens are suggested for one that is unknown
    "models/weights.py": [3, 3, 4],  # tensors that are named, and what other type takes less memory
    "records/reading.py": [0, 0, 0, 1],  # of several problems of a file the first is shown
}
"""Numbers that only messages use, by module."""


def numbers_of(source):
    """Numbers outside of f-strings, whose places older Pythons do not know, and the stack levels of warnings."""
    nodes = [*ast.walk(ast.parse(source))]
    left_out = [node for node in nodes if isinstance(node, ast.JoinedStr) or getattr(node, "arg", None) == "stacklevel"]
    within = {inner for node in left_out for inner in ast.walk(node)}
    found = (node for node in nodes if isinstance(node, ast.Constant) and type(node.value) in (int, float))
    return sorted(set(found) - within, key=lambda node: (node.lineno, node.col_offset), reverse=True)


@pytest.mark.parametrize("package", ["measures", "models", "records"])
def test_an_edit_of_any_number_in_a_formula_changes_the_code_of_its_module(package):
    lost = {}
    for path, source in computing(package).items():
        lines, numbers = [line.encode() for line in source.split("\n")], {}
        for node in numbers_of(source):
            mark = str(90_000_000 + len(numbers))
            numbers[mark] = node.value
            line = lines[node.lineno - 1]
            lines[node.lineno - 1] = line[: node.col_offset] + mark.encode() + line[node.end_col_offset :]
        code = code_of(b"\n".join(lines).decode())
        if gone := sorted(number for mark, number in numbers.items() if mark not in code):
            lost[path] = gone
    assert lost == {path: shown for path, shown in ONLY_SHOWN.items() if path.startswith(package)}
