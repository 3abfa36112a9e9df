"""The guide's page on architecture names what exists, and the imports that are allowed."""

from __future__ import annotations

import re

import pytest
from guide import DOCS, ROOT
from test_imports import MAY_IMPORT, PACKAGE

PAGE = (DOCS / "guide" / "architecture.md").read_text()
SPANS = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"(?ms)^```.*?^```$", "", PAGE))
BASES = (ROOT, PACKAGE, PACKAGE / "publish", PACKAGE / "explorables", PACKAGE / "explorables" / "web" / "src")


def missing(spans):
    """Names of files and folders that are nowhere."""
    paths = [span for span in spans if re.fullmatch(r"[\w./-]+/[\w./-]*|[\w.-]+\.(?:py|js)", span) and not span.startswith(".")]
    return [path for path in paths if not any((base / path).exists() for base in BASES)]


def test_every_file_that_the_page_names_exists():
    assert len([span for span in SPANS if span.endswith(".py")]) > 40
    assert missing(SPANS) == []
    assert missing(["publish/nowhere.py", "records/kinds.py", "lensdoc/nowhere", "nothing.js"]) == [
        "publish/nowhere.py",
        "lensdoc/nowhere",
        "nothing.js",
    ]


@pytest.mark.parametrize("package", sorted(set(MAY_IMPORT) - {"core"}))
def test_the_table_of_imports_is_the_rule(package):
    """`core` stands below the table: all may import it."""
    (row,) = re.findall(rf"(?m)^\| `{package}` \|(.*)\|$", PAGE)
    assert set(re.findall(r"`(\w+)`", row.split("|")[1])) == MAY_IMPORT[package] - {"core"}


def test_every_package_and_every_room_of_publish_is_on_the_page():
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    rooms = {path.parent.name for path in PACKAGE.glob("publish/*/__init__.py")}
    assert {name for name in packages | rooms if f"`{name}`" not in PAGE} == set()
    assert packages - {"core"} == set(MAY_IMPORT) - {"core"}


def test_events_of_mkdocs_stand_in_the_order_of_the_plugin():
    plugin = (PACKAGE / "publish" / "engines" / "mkdocs" / "plugin.py").read_text()
    named = re.findall(r"`(on_\w+)`", PAGE)
    places = [re.search(rf"(?m)^    (?:def )?{name}\b", plugin).start() for name in named]
    assert len(named) > 5
    assert places == sorted(places)
