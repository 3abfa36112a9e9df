"""`make check`: lint, types, and the tests that a change concerns, in less than a minute; those of the script with npm.

The tests are ordered by how many imports lie between them and a changed file, and run until the time is up; what was not run is
named. Tests in a browser, long ones and those that measure time are left to `make test`. Not seen: what a test reaches without an
import, such as a command that it starts.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import lensdoc

ROOT = Path(__file__).parents[1]
SECONDS = 45
"""For the tests, after which the types are checked already: together less than a minute on two cores."""
MOST = 12
"""Test files, the nearest: to collect them all would take a third of the time."""
CONCERNED = {
    "docs/": ["test_guide.py", "test_article_prose.py"],
    "README.md": ["test_guide.py"],
    "CHANGELOG.md": ["test_guide.py"],
    "analyses/": ["test_guide.py", "test_article_prose.py", "test_cli.py"],
    "lensdoc/templates/": ["test_new.py"],
    "lensdoc/explorables/web/": ["test_assets.py", "test_number_formats.py"],
    "lensdoc/explorables/shared.json": ["test_number_formats.py", "test_passages.py"],
    "lensdoc/explorables/assets/": ["test_assets.py"],
    "lensdoc/models/tiny/": ["test_tiny.py", "test_tiny_others.py"],
    "tests/golden/": ["test_site.py"],
    "tests/article/": ["test_cli.py", "test_crate.py"],
    ".github/": ["test_publishing.py"],
    "pyproject.toml": ["test_publishing.py", "test_imports.py"],
    "constraints.txt": ["test_publishing.py"],
    "Makefile": ["test_fetching_model.py"],
}
"""Files that nothing imports: what they begin with, to the tests that read them."""
WEB = ROOT / "lensdoc" / "explorables" / "web"
SCRIPT = ("lensdoc/explorables/web/", "lensdoc/explorables/shared.json")
"""What the script of pages is built from: a change is checked with npm too, in a few seconds."""


def changed() -> list[str]:
    """Files that differ from the last commit; those of the last commit where none does."""
    listed = _git("diff", "--name-only", "HEAD") + _git("ls-files", "--others", "--exclude-standard")
    return listed or _git("diff", "--name-only", "HEAD~1", "HEAD")


def _git(*arguments: str) -> list[str]:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]


def modules() -> dict[str, Path]:
    """Modules of lensdoc and of the tests, by the name under which they are imported."""
    package = {path.relative_to(ROOT).with_suffix(""): path for path in (ROOT / "lensdoc").rglob("*.py")}
    names = {".".join(parts.parts).removesuffix(".__init__"): path for parts, path in package.items()}
    return names | {path.stem: path for path in (ROOT / "tests").glob("*.py")}


def imports(source: str) -> Iterator[str]:
    """Names of modules that a source imports, at any depth; names that lensdoc loads lazily stand for their modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
            yield from (lensdoc._HOME.get(alias.name, "") for alias in node.names if module == "lensdoc")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lensdoc":
            yield lensdoc._HOME.get(node.attr, "")


@cache
def importers() -> dict[str, set[str]]:
    """Each imported name to the modules that import it."""
    found: dict[str, set[str]] = {}
    for name, path in modules().items():
        for imported in imports(path.read_text()):
            found.setdefault(imported, set()).add(name)
    return found


def concerned(files: Iterable[str]) -> dict[Path, int]:
    """Test files to the number of imports between them and a changed file, the nearest first."""
    known, graph = modules(), importers()
    files = set(files)
    here = {name for name, path in known.items() if path.relative_to(ROOT).as_posix() in files}
    here |= {
        name.removesuffix(".py") for start, names in CONCERNED.items() for f in files if f.startswith(start) for name in names
    }
    found, distance = dict.fromkeys(here, 0), 0
    while here:
        distance += 1
        here = {importer for name in here for importer in graph.get(name, ()) if importer not in found}
        found |= dict.fromkeys(here, distance)
    tests = {known[name]: far for name, far in found.items() if name.startswith("test_") and name in known}
    return dict(sorted(tests.items(), key=lambda item: (item[1], item[0])))


class Budget:
    """Stops pytest when the time is up, and counts the files whose tests have all run."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.left: list[str] = []

    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Look at the clock before each test."""
        if time.monotonic() > self.end:
            session = item.session
            rest = session.items[session.items.index(item) :]
            self.left = list(dict.fromkeys(Path(other.fspath).name for other in rest))
            session.shouldstop = "the time of make check is up"


def run_tests(files: list[Path], seconds: float) -> int:
    """Exit code of pytest; what was not run is named."""
    budget = Budget(seconds)
    options = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", "-m", "not browser and not long and not alone"]
    code = int(pytest.main([*options, *map(str, files)], plugins=[budget]))
    if budget.left:
        print(f"after {seconds:g} s not run, wholly or in part: {', '.join(budget.left)}")
        code = 0 if code == pytest.ExitCode.INTERRUPTED else code
    return 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code


def check_script(files: Iterable[str]) -> int:
    """Types, lint and tests of the script of pages where it has changed: 1 when one fails, or none can be run."""
    if not any(file.startswith(SCRIPT) for file in files):
        return 0
    npm = shutil.which("npm")
    if npm is None or not (WEB / "node_modules").is_dir():
        print("the script of pages has changed and cannot be checked: make bundle, which needs Node 20, installs what checks it")
        return 1
    return max(
        subprocess.run([npm, "run", "--silent", name], cwd=WEB, check=False).returncode for name in ("check", "lint", "test")
    )


def _names(files: list[Path]) -> str:
    return ", ".join(path.name for path in files)


def main() -> None:
    """Check, and exit with 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for the tests")
    seconds = parser.parse_args().seconds
    programs = Path(sys.executable).parent
    for arguments in (["check"], ["format", "--check"]):
        if subprocess.run([programs / "ruff", *arguments], cwd=ROOT, check=False).returncode:
            sys.exit(1)
    types = subprocess.Popen([programs / "mypy"], cwd=ROOT)  # beside the tests, on the other core
    files, start = changed(), time.monotonic()
    script = check_script(files)
    seconds = max(seconds / 4, seconds - (time.monotonic() - start))  # tests are run even where all else is slow
    tests = concerned(files)
    nearest, others = list(tests)[:MOST], list(tests)[MOST:]
    print(f"{len(files)} changed, {len(tests)} test files concerned; of the nearest, in this order: {_names(nearest)}")
    failed = run_tests(nearest, seconds) if nearest else 0
    if others:
        print(f"farther away, not run: {_names(others)}; make test runs all")
    sys.exit(int(bool(types.wait() or failed or script)))


if __name__ == "__main__":
    main()
