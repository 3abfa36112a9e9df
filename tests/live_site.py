"""A small site with a live figure, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import build
from live_models import PROMPT

from lensdoc.records.writing import write_record

CONFIG = """
site_name: Live
theme:
  name: material
  font: false
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default}
    - {media: "(prefers-color-scheme: dark)", scheme: slate}
markdown_extensions: [lensdoc]
plugins: [search, lensdoc: {execute: never}]
"""
PAGE = f"""# Live

/// live | asked/model
    attrs: {{id: fig-live}}
**Ask it yourself.** The first prompt is `{PROMPT}`.
///

/// live | asked/absent
    attrs: {{id: fig-absent}}
A model whose files are not here.
///
"""
PLAIN = "# Plain\n\nNothing to ask here.\n"


def live_article(folder: Path, record, absent) -> Path:
    """An article of a live figure, and of one without the files of its model."""
    (folder / "docs" / "data" / "asked").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(CONFIG)
    (folder / "docs" / "index.md").write_text(PAGE)
    (folder / "docs" / "plain.md").write_text(PLAIN)
    write_record(record, folder / "docs" / "data" / "asked" / "model.json")
    write_record(absent, folder / "docs" / "data" / "asked" / "absent.json")
    for suffix in absent.files:
        (folder / "docs" / "data" / "asked" / f"absent.{suffix}").unlink()
    return folder


def not_committed(record):
    """The record as one whose files Git ignores."""
    held = record.held_files()
    files = {f"local.{suffix}": (file.media_type, held[suffix]) for suffix, file in record.files.items()}
    names = {"graph": f"local.{record.graph}", "tokenizer": f"local.{record.tokenizer}"}
    return record.model_copy(update=names | {"parts": tuple(f"local.{part}" for part in record.parts)}).with_files(files)


@pytest.fixture(scope="session")
def live_folder(live_tiny, shared):
    """The built site of that article."""

    def make(folder):
        article = live_article(folder / "article", live_tiny, not_committed(live_tiny))
        build(article, folder / "project")

    return shared("live", make) / "project"


@pytest.fixture(scope="session")
def live_site(live_folder, shared_address):
    """Its address, below a sub-path."""
    assert live_folder.is_dir()
    return f"{shared_address}live/project/"
