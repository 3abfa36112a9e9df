"""The page that stands at every address without one."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html
from mkdocs.commands.build import build
from mkdocs.config import load_config

CONFIG = """site_name: Small
theme: {name: material, font: false}
markdown_extensions: [lensdoc]
plugins: [search, lensdoc]
nav: [index.md, Guide & more: [{There: "https://example.org/"}, deep/other.md], {Away: "https://example.org/"}]
"""


@pytest.mark.parametrize(("address", "root"), [("", "/"), ("https://example.org/sub/path/", "/sub/path/")])
def test_a_wrong_address_is_told_the_parts_of_the_site(tmp_path, address, root):
    docs = tmp_path / "docs"
    (docs / "deep").mkdir(parents=True)
    (docs / "index.md").write_text("# Title <&>\n")
    (docs / "deep" / "other.md").write_text("# Other\n")
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    build(load_config(str(tmp_path / "mkdocs.yml"), site_url=address, site_dir=str(tmp_path / "site")))
    page = lxml_html.document_fromstring((tmp_path / "site" / "404.html").read_bytes())
    content = page.xpath("//article")[0]
    assert "There is no page at this address" in content.text_content()
    links = {link.text_content(): link.get("href") for link in content.xpath(".//li/a")}
    assert links == {"Title <&>": root, "Guide & more": f"{root}deep/other/"}
