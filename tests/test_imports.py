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
LAZILY = {("records", "explorables"): "records/record.py"}  # a record draws itself in a notebook
HEAVY = ("torch", "transformers", "sklearn", "papermill")
THIRD_PARTY = {
    "records": {"pydantic"},
    "models": {"torch", "transformers", "tokenizers", "click", "pydantic"},
    "measures": {"torch", "scipy", "sklearn", "numpy", "threadpoolctl"},
    "explorables": {"regex"},
    "pipeline": {"packaging", "pydantic", "yaml", "filelock", "distributed"}
    | {"papermill", "nbformat", "nbclient", "jupyter_client", "ipykernel", "numpy"},
    "publish": {"markdown", "pydantic", "pymdownx", "pybtex", "pylatexenc", "citeproc", "lxml", "mistune", "yaml", "mkdocs"},
    "cli": {"click", "rich"},
}
ONLY_IN = {
    "mkdocs": {"publish/plugin.py", "publish/notebook_pages.py", "publish/watching.py", "publish/dead_links.py"}
    | {"publish/layout/theme.py", "publish/layout/lost.py", "publish/article/site.py", "publish/privacy/site.py"},
    "papermill": {"pipeline/engine.py"},
    "ipykernel": {"pipeline/kernels.py"},
    "filelock": {"pipeline/locks.py"},
    "distributed": {"pipeline/cluster.py", "pipeline/nodes.py"},
    "rich": {"cli/progress.py"},
}


def imported(source):
    """Modules that a source imports, with the line, and whether that happens as soon as it is loaded."""
    tree = ast.parse(source)
    inside = {node for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            names = [f"lensdoc.{alias.name}" for alias in node.names] if base == "lensdoc" else [base]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            yield name, node.lineno, node not in inside


def broken_rules(source, package, path):
    """What the imports of a source break, one line each."""
    for name, line, at_once in imported(source):
        first, *rest = name.split(".")
        where = f"{path}:{line}: lensdoc.{package}"
        if not first:
            yield f"{where} must name the whole module, not {name}"
        elif first == "lensdoc":
            other = rest[0] if rest else ""
            lazily = not at_once and LAZILY.get((package, other)) == path
            if other != package and other not in MAY_IMPORT[package] and not lazily:
                yield f"{where} must not import lensdoc.{other}"
        elif first not in sys.stdlib_module_names and (
            first not in THIRD_PARTY[package] or path not in ONLY_IN.get(first, {path})
        ):
            yield f"{where} must not import {first}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_each_package_imports_only_what_it_may(package):
    files = [path for path in (PACKAGE / package).rglob("*.py") if "web" not in path.parts]  # sources that the wheel leaves out
    assert files
    broken = [rule for file in files for rule in broken_rules(file.read_text(), package, file.relative_to(PACKAGE).as_posix())]
    assert broken == []


@pytest.mark.parametrize(
    ("source", "package", "path"),
    [
        ("from lensdoc.models.trace import Trace", "records", "records/x.py"),
        ("from lensdoc import models", "records", "records/x.py"),
        ("from ..models import trace", "records", "records/x.py"),
        ("def f():\n    import lensdoc.publish.plugin", "explorables", "explorables/x.py"),
        ("from lensdoc.explorables import notebook", "records", "records/record.py"),
        ("import torch", "explorables", "explorables/x.py"),
        ("def f():\n    import papermill", "pipeline", "pipeline/run.py"),
        ("from mkdocs.plugins import BasePlugin", "publish", "publish/extension.py"),
    ],
)
def test_the_rule_can_fail(source, package, path):
    assert list(broken_rules(source, package, path))
    assert not list(broken_rules("def f():\n    from lensdoc.explorables import notebook", "records", "records/record.py"))


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

    with pytest.raises(AttributeError, match="no attribute 'factorz'; it has activations, factor_saliency, factors"):
        _ = lensdoc.factorz


def test_every_public_object_says_what_it_does():
    def undocumented(body, file):
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    yield f"{file.name}:{node.lineno}: {node.name}"
                if isinstance(node, ast.ClassDef):
                    yield from undocumented(node.body, file)

    files = [path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts]
    assert [u for file in files for u in undocumented(ast.parse(file.read_text()).body, file)] == []
