"""Which package may import which, and what the publishing path must never load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lensdoc"
MAY_IMPORT = {
    "records": set(),
    "models": {"records"},
    "measures": {"models", "records"},
    "explorables": {"records"},
    "pipeline": {"records"},
    "publish": {"explorables", "records", "pipeline"},
    "cli": {"records", "models", "measures", "explorables", "publish", "pipeline"},
}
UPWARD = {("records", "explorables"): "records/record.py"}  # a record draws itself in a notebook
HEAVY = ("torch", "transformers", "sklearn", "papermill")


def crossings(source: str, package: str):
    """The other packages of lensdoc that a source imports, with the line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "lensdoc" and len(parts) > 1 and parts[1] != package:
                yield parts[1], node.lineno


def broken_rules(source: str, package: str, path: str):
    return [
        f"{path}:{line}: lensdoc.{package} must not import lensdoc.{other}"
        for other, line in crossings(source, package)
        if other not in MAY_IMPORT[package] and UPWARD.get((package, other)) != path
    ]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_each_package_imports_only_what_it_may(package):
    files = list((PACKAGE / package).rglob("*.py"))
    assert files
    broken = [rule for file in files for rule in broken_rules(file.read_text(), package, file.relative_to(PACKAGE).as_posix())]
    assert broken == []


def test_the_rule_can_fail():
    assert broken_rules("from lensdoc.models.trace import Trace", "records", "records/x.py")
    assert broken_rules("import lensdoc.publish.plugin", "explorables", "explorables/x.py")


def loaded_by(code: str) -> list[str]:
    """The heavy modules that a fresh interpreter has loaded after some code."""
    ask = f"{code}\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return done.stdout.split()


@pytest.mark.parametrize("module", ["lensdoc", "lensdoc.publish.plugin", "lensdoc.publish.extension", "lensdoc.cli"])
def test_publishing_loads_nothing_that_computes(module):
    assert loaded_by(f"import {module}") == []


def test_the_check_sees_what_computes():
    assert "torch" in loaded_by("import lensdoc; lensdoc.load_model")


def test_public_names_are_listed_once_and_found():
    import lensdoc

    assert sorted(lensdoc.__all__) == list(lensdoc.__all__) == sorted(lensdoc._HOME)
    assert set(lensdoc.__all__) <= set(dir(lensdoc))
    for name in lensdoc.__all__:
        assert callable(getattr(lensdoc, name))


def test_unknown_names_list_the_known_ones():
    import lensdoc

    with pytest.raises(AttributeError, match="no attribute 'factorz'; it has factors"):
        _ = lensdoc.factorz


def test_every_public_object_says_what_it_does():
    def undocumented(body, file):
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    yield f"{file.name}:{node.lineno}: {node.name}"
                if isinstance(node, ast.ClassDef):
                    yield from undocumented(node.body, file)

    files = list(PACKAGE.rglob("*.py"))
    assert [u for file in files for u in undocumented(ast.parse(file.read_text()).body, file)] == []
