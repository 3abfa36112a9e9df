"""One small article of several pages, built by MkDocs and by Zensical, and what its pages mean."""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import builders
import forked
from lxml import html as lxml_html

from lensdoc.records.writing import write_record

CONFIG = """
site_name: Two engines
site_url: {url}
theme: {{name: material, font: false, features: [navigation.instant]}}
use_directory_urls: {directories}
markdown_extensions:
  - attr_list
  - footnotes
  - tables
  - toc: {{permalink: true}}
  - lensdoc: {{bibliography: docs/works.bib, csl: {style}}}
plugins: [search, lensdoc: {{execute: never}}]
validation:
  links: {{not_found: warn, absolute_links: warn, unrecognized_links: warn, anchors: warn}}
"""
BIB = """@article{radford2019, author = {Radford, Alec and Wu, Jeffrey}, title = {Unsupervised multitask learners}, year = {2019},
  journal = {Blog}, doi = {10.1000/xyz}}
@book{tufte2006, author = {Tufte, Edward}, title = {Beautiful evidence}, year = {2006}, publisher = {Graphics Press}}
@misc{olah2018, author = {Olah, Chris}, title = {Building blocks}, year = {2018}, url = {https://example.org/blocks}}
"""
INDEX = """---
title: A count & {`{val} count/two.facts.shown`} factors
description: What "neurons" do
authors:
  - {name: Ada Example, affiliation: University of Nowhere, orcid: 0000-0002-1825-0097}
  - Ben Sample
date: 2026-01-31
doi: 10.5281/zenodo.1234
acknowledgements: We thank everybody.
nocite: [olah2018]
---


//// hero
# A count

The lead.
////

Models copy [@radford2019, sec. 2; see @tufte2006], as @tufte2006 says, not `[@nobody]`.[^note] The figure shows
`{val} count/two.facts.shown` factors and `{val} count/two.facts.share:.1%`; its rank falls `{spark} count/ranks[1]`.

[^note]: Also in footnotes [@olah2018].

/// explorable | count/two
    attrs: {id: fig-two}
    layout: page
    height: 120
**Two factors**, after [@olah2018]; `{val} count/two.facts.shown`: [F1](#fig-two:factor=1) and $z^l$.
///

See [the first]{.swatch fig-two:factor=1}, @fig-two, [@fig-two; @fig-ranks], @eq-lens, @tbl-sizes, @sec-neurons and
[](more/numbers.md#fig-picture).

/// aside
A note in the margin, see @tbl-sizes.
///

/// equation
    attrs: {id: eq-lens}
$$ z^l = W_U \\, h^l $$
///

| model | layers |
|---|---|
| small | `{val} count/two.model.layers` |

/// table-caption
    attrs: {id: tbl-sizes}
Sizes.
///

## Neurons {#sec-neurons}

[More](more/numbers.md), [the data](data/count/two.json), [its second](more/numbers.md#fig-again:factor=2).
"""
NUMBERS = """# Numbers

Back to @fig-two and [the equation](../index.md#eq-lens), @eq-lens; `{val} count/two.facts.shown` again [@radford2019].

![Three boxes](picture.svg)
/// figure-caption
    attrs: {id: fig-picture}
A picture of [F2](../index.md#fig-two:factor=2), `{val} count/two.facts.shown`.
///

/// explorable | count/ranks
    attrs: {id: fig-ranks}
Ranks, see @fig-picture.
///

/// explorable | count/two
    attrs: {id: fig-again}
    scale: shared
Again.
///

/// explorable | count/plot
    attrs: {id: fig-plot}
A picture of the author's own.
///
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'


def article(root: Path, url="https://example.org/repo/", style="ieee", directories="true") -> Path:
    """Write the article."""
    docs = root / "docs"
    (docs / "more").mkdir(parents=True)
    (root / "mkdocs.yml").write_text(CONFIG.format(url=url, style=style, directories=directories))
    (docs / "works.bib").write_text(BIB)
    (docs / "index.md").write_text(INDEX)
    (docs / "more" / "numbers.md").write_text(NUMBERS)
    (docs / "more" / "picture.svg").write_text(SVG)
    factors = builders.factors([[1, 0, 4, 0, 3], [0, 2, 0, 5, 1]], [" 1", ",", " 2", ",", " 3"], n_input=3)
    write_record(factors.model_copy(update={"facts": {"shown": 2, "share": 0.125}}), docs / "data" / "count" / "two.json")
    write_record(builders.rankings([[900, 31, 7], [12, 2, 1]], [" 1", ",", " 2", ","]), docs / "data" / "count" / "ranks.json")
    write_record(builders.image(), docs / "data" / "count" / "plot.json")
    return root


def run(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess:
    """A command of a Python package, in a folder."""
    command = [sys.executable, "-c", f"from {module}", *arguments]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"}
    return forked.run(command, cwd=folder, env=environment, timeout=300)


def mkdocs(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return run(folder, "mkdocs.__main__ import cli; cli()", "build", "--site-dir", "mkdocs-site", *arguments)


def zensical(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return run(folder, "zensical.main import cli; cli()", "build", *arguments)


def lensdoc(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    return run(folder, "lensdoc.cli import main; main()", *arguments)


def page(site: Path, path: str):
    """A page as a tree."""
    return lxml_html.document_fromstring((site / path).read_bytes())


def said(element) -> str:
    """Text as a reader sees it."""
    return " ".join(element.text_content().split())


def meaning(site: Path, path: str) -> dict:
    """What a page of the article says, by kind; addresses are those of files of the site."""
    tree = page(site, path)
    for extra in tree.xpath("//a[@class='headerlink'] | //div[@class='ld-head'] | //div[contains(@class, 'md-source-file')]"):
        extra.drop_tree()
    content = tree.xpath("//main")[0]
    words = lxml_html.document_fromstring(lxml_html.tostring(content))
    for own in content.xpath(".//*[@data-search-exclude]"):
        del own.attrib["data-search-exclude"]  # Zensical's search does what it says, and takes it away
    for copied in words.xpath("//div[@class='ld-copied'] | //nav"):
        copied.drop_tree()
    link = {"base": posixpath.dirname(path), "site": site}
    return {
        "words": said(words.xpath("//article")[0]),
        "band": [said(band) for band in content.xpath(".//div[starts-with(@class, 'ld-hero ')]")],
        "cites": [(said(a), where(a, **link), a.get("id")) for a in content.xpath(".//a[@class='ld-cite']")],
        "works": [(li.get("id"), said(li)) for li in content.xpath(".//ol[contains(@class, 'ld-works')]/li")],
        "backlinks": [where(a, **link) for a in content.xpath(".//ol[contains(@class, 'ld-works')]//a")],
        "numbers": [said(n) for n in content.xpath(".//*[@class='ld-number']")],
        "references": [(said(a), where(a, **link), a.get("data-preview")) for a in content.xpath(".//a[@class='ld-ref']")],
        "values": [(said(v), v.get("data-from"), where(v, **link)) for v in content.xpath(".//*[@class='ld-value']")],
        "figures": [(f.get("id"), f.get("class"), drawing(f)) for f in content.xpath(".//figure")],
        "states": [(a.get("data-state"), where(a, **link)) for a in content.xpath(".//a[@data-state]")],
        "swatches": [lxml_html.tostring(s, with_tail=False) for s in content.xpath(".//*[contains(@class, 'ld-phrase')]")],
        "math": [said(m) for m in content.xpath(".//lens-math")],
        "sparks": [said(s) for s in content.xpath(".//*[contains(@class, 'ld-spark')]")],
        "downloads": [where(a, **link) for a in content.xpath(".//a[@download]")],
        "images": [where(i, "src", **link) for i in content.xpath(".//img")],
        "byline": [said(b) for b in content.xpath(".//div[@class='ld-byline']")],
        "cited": [said(c) for c in content.xpath(".//section[@class='ld-end']")],
        "indexers": sorted(
            (m.get("name") or m.get("property"), m.get("content"))
            for m in tree.xpath("//head/meta")
            if re.match("citation_|og:|article:|twitter:", m.get("name") or m.get("property") or "")
        ),
        "json": [s.text for s in tree.xpath("//head/script[@type='application/ld+json']")],
    }


def drawing(figure) -> list[bytes]:
    """The explorables of a figure, to the byte."""
    return [lxml_html.tostring(e, with_tail=False) for e in figure.iter() if str(e.tag).startswith("lens-")]


def where(link, attribute="href", *, base: str, site: Path) -> str:
    """The file of the site that an address leads to, with its anchor; other sites are told as they are."""
    address = link.get(attribute)
    if address is None or urlsplit(address).scheme:
        return str(address)
    path, _, anchor = address.partition("#")
    name = posixpath.normpath(posixpath.join(base, path)) if path else base
    if (site / name).is_dir():
        name = posixpath.normpath(posixpath.join(name, "index.html"))
    assert (site / name).is_file() or not path, f"{address} leads nowhere"
    return f"{name}#{anchor}" if anchor else name
