"""A page of an author's own figures and tables, rendered by the Markdown extension or built as a site."""

from __future__ import annotations

import markdown
from chromium import build
from lxml import html
from states import page_state

from lensdoc.publish.extension import LensdocExtension

CONFIG = """
site_name: Own
theme: {name: material, font: false}
markdown_extensions: [attr_list, lensdoc]
plugins: [search, lensdoc: {execute: never}]
"""


def rendered(root, text, **options):
    """The page as a tree, and the mistakes that were reported; data are in `docs/data` of the folder."""
    problems = []
    docs = root / "docs"
    page = page_state(docs / "data", docs=docs, root=root, path="index.md", report=problems.append, **options)
    made = markdown.markdown(text, extensions=["attr_list", LensdocExtension(page=page)])
    return html.fragment_fromstring(made, create_parent="div"), problems


def built(root, text, config=CONFIG):
    """The folder of the site with a page; the build must find no mistake."""
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / "docs" / "index.md").write_text(text)
    (root / "mkdocs.yml").write_text(config)
    build(root, root / "site", NO_MKDOCS_2_WARNING="1")
    return root / "site"


def links_of(figure):
    """Texts of the links that a figure's line opens."""
    notes = [note[0] if len(note) else html.fragment_fromstring(note.text) for note in figure.xpath(".//noscript")]
    return [link.text for note in notes for link in note.xpath(".//a[@download]")]
