"""What goes wrong without an error of its cell fails the run all the same, and is told."""

from __future__ import annotations

import pytest
from faulty import with_long
from projects import SAVE, make
from running import execute_stale

from lensdoc.core.errors import RunError

BOOM = "def boom():\n    raise ValueError('boom')\n"
FAILURES = {  # the cells; cell and line of the failure; the message
    "!": (["x = 'false'\n!$x", SAVE], (2, 2), r"CommandFailed: `false` ended with exit code 1; .* write `false \|\| true`"),
    "! in a function": (["def f(word):\n    !exit $word\nf(3)", SAVE], (2, 3), "CommandFailed: `exit 3` ended with exit code 3"),
    "output of !": (["files = !ls no-such-file", SAVE], (2, 1), "CommandFailed: `ls no-such-file` ended with exit code 2"),
    "%sx": (["%sx false", SAVE], (2, 1), "CommandFailed: `false` ended with exit code 1"),
    "%%script without a program": (
        ["%%script no-such-program\nx", SAVE],
        (2, 1),
        "no program 'no-such-program', which this cell",
    ),
    "%%script --bg": (
        [
            "%%script --bg python\nraise ValueError('boom')",
            SAVE,
            "import sys\nfor name in [*sys.modules]:\n    if 'lensdoc' in name: del sys.modules[name]",
        ],
        (2, None),
        "the background script '--bg python' ended with exit code 1",
    ),
    "%%bash --bg that goes on": (
        ["%%bash --bg\nsleep 60", SAVE],
        (2, None),
        "the background script 'bash --bg' still ran when .*; wait for",
    ),
    "a thread": (
        [SAVE, f"import threading\n{BOOM}thread = threading.Thread(target=boom, name='worker')\nthread.start()", "thread.join()"],
        (3, None),
        "ValueError: boom\n  in the thread 'worker'",
    ),
    "%%capture": (["%%capture\n1 / 0", SAVE], (2, None), "ZeroDivisionError: division by zero\n  and the cell went on"),
    "%run": (
        ["open('x.py', 'w').write('1 / 0')\n%run x.py", SAVE],
        (2, None),
        "ZeroDivisionError: division by zero\n  and the cell",
    ),
    "%run that ends itself": (
        ["open('x.py', 'w').write('raise SystemExit(3)')\n%run x.py", SAVE],
        (2, None),
        "SystemExit: 3\n  and",
    ),
    "run_cell": (
        ["get_ipython().run_cell('1 / 0')", SAVE],
        (2, None),
        "ZeroDivisionError: division by zero\n  and the cell went on",
    ),
    "a library that is not here": (
        ["import no_such_library", SAVE],
        (2, 1),
        "ModuleNotFoundError: No module named 'no_such_library'",
    ),
}
LONG = (
    "! in a function",
    "%sx",
    "%%script without a program",
    "%%bash --bg that goes on",
    "%run",
    "%run that ends itself",
    "run_cell",
)


@pytest.mark.parametrize("name", with_long(FAILURES, *LONG, "a library that is not here"))
def test_it_fails_the_run_and_is_told_with_its_cell(tmp_path, name):
    cells, place, said = FAILURES[name]
    project = make(tmp_path, {"small": cells}, {"small": {}})
    with pytest.raises(RunError, match=said) as caught:
        execute_stale(project)
    (failure,) = caught.value.failures
    assert ("cell", *place) == (failure.kind, failure.cell, failure.line)
    assert "please report" not in str(failure)
    assert not project.data.exists()


HARMLESS = """
!false || true
words = !echo two; echo lines
assert list(words) == ["two", "lines"]
assert get_ipython().getoutput("echo one") == ["one"]
open("x.py", "w").write("raise SystemExit(0)")
%run x.py
import threading
threading.Thread(target=lambda: exec("raise SystemExit")).start()
name = "word"
!test $name = word
"""


def test_what_ends_well_is_left_alone(tmp_path):
    cells = [
        HARMLESS,
        "%%script --bg bash\ntrue",
        "%%bash\ntrue",
        "%%script --no-raise-error false\nx",
        "%%capture said\nprint(1)",
    ]
    project = make(tmp_path, {"small": [*cells, "assert said.stdout == '1\\n'", SAVE]}, {"small": {}})
    assert execute_stale(project) == 1


def test_a_background_script_that_the_notebook_ends_is_no_failure(tmp_path):
    project = make(tmp_path, {"small": ["%%bash --bg\nsleep 60", SAVE, "%killbgscripts"]}, {"small": {}})
    assert execute_stale(project) == 1
