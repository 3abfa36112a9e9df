"""The order of all Markdown processors: one table, each row with the reason for its place.

Python-Markdown runs the processors of a registry by falling priority. The places of others that rows name: code spans 190,
links 160, raw HTML 90, emphasis 60 (inline patterns); inline Markdown 20, footnotes 15, attr_list 8, table of contents 5,
pymdownx's captions 4, the title that MkDocs reads 1, its links 0 (tree processors).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from markdown import Markdown

Registry = Literal["preprocessors", "inlinePatterns", "treeprocessors", "postprocessors"]


class Row(NamedTuple):
    """The place of one processor."""

    registry: Registry
    name: str
    priority: float
    reason: str


ORDER = (
    Row("preprocessors", "lensdoc_source", 1000, "first: the source is kept as the author wrote it"),
    Row("inlinePatterns", "lensdoc_value", 191, "before code spans (190): a value is written as one"),
    Row("inlinePatterns", "lensdoc_swatch", 165, "before links (160), which would take the phrase for the text of one"),
    Row("inlinePatterns", "lensdoc_citations", 88, "after raw HTML (90): an @ in a tag or a link cites nothing"),
    Row("inlinePatterns", "lensdoc_citations_in_text", 87, "after those in brackets, which hold the same keys"),
    Row("inlinePatterns", "lensdoc_references", 86, "after citations, before emphasis (60): an id may hold underscores"),
    Row("inlinePatterns", "lensdoc_reference", 85.5, "after those in brackets, which hold the same ids"),
    Row("treeprocessors", "lensdoc_blocks", 21, "before inline Markdown (20): paragraphs hold the text as it was written"),
    Row("treeprocessors", "lensdoc_conditions", 20.5, "after the check, which sees both branches; inline Markdown sees one"),
    Row("treeprocessors", "lensdoc_opening", 20.3, "after conditions: the opening band may stand in a branch that stays"),
    Row("treeprocessors", "lensdoc_footers", 19, "after inline Markdown: captions are read; before links (0), which it has"),
    Row("treeprocessors", "lensdoc_footnotes", 18.5, "after inline Markdown: a footnote that is still text has none"),
    Row("treeprocessors", "lensdoc_collect", 14, "after footnotes (15), whose citations are read where their number stands"),
    Row("treeprocessors", "lensdoc_value_links", 7, "after attr_list (8), before links (0): MkDocs resolves the address"),
    Row("treeprocessors", "lensdoc_numbers", 6.5, "after attr_list (8), which gives ids; before the table of contents (5)"),
    Row("treeprocessors", "lensdoc_references", 6.4, "after the numbers, which it writes; before the table of contents (5)"),
    Row("treeprocessors", "lensdoc_write", 5.2, "before the table of contents (5): the list of references has a heading"),
    Row("treeprocessors", "lensdoc_section_numbers", 4.5, "after the table of contents (5): an address changes with no number"),
    Row("treeprocessors", "lensdoc_states", 1, "before links (0): MkDocs knows addresses and no states"),
    Row("treeprocessors", "lensdoc_show", 0.9, "after the title is read (1): citations in headings get their text back"),
    Row("treeprocessors", "lensdoc_state_places", 0.8, "Zensical: after the states, which links have then as attributes"),
    Row("treeprocessors", "lensdoc_swatches", 0.5, "after the states, whose colours it shows"),
    Row("treeprocessors", "lensdoc_sections", -700, "after all that looks at the blocks of a page as they are written"),
    Row("treeprocessors", "lensdoc_stops", -800, "when all links are there, with the addresses that readers follow"),
    Row("treeprocessors", "lensdoc_external", -900, "last: all links are there, and none is changed any more"),
    Row("treeprocessors", "lensdoc_ids", -1000, "last: every element has its id"),
    Row("treeprocessors", "lensdoc_ready", -1001, "Zensical: after all others; what is postprocessed from now on is the page"),
    Row("postprocessors", "lensdoc_finish", -1000, "Zensical: last, when the page is text"),
)
"""All of them, as they run."""
_PRIORITIES: dict[tuple[str, str], float] = {(row.registry, row.name): row.priority for row in ORDER}


def add(md: Markdown, registry: Registry, name: str, processor: Any) -> None:  # noqa: ANN401 - four unrelated base classes
    """Register a processor in its place.

    Args:
        md: The converter.
        registry: Which of its registries.
        name: The processor's name in the table.
        processor: The processor.
    """
    getattr(md, registry).register(processor, name, _PRIORITIES[registry, name])
