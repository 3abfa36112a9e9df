"""The guide's page for sites that exist: its settings build, and what clashes is told with the option that helps."""

from __future__ import annotations

import markdown
import pytest
from click.testing import CliRunner
from guide import DOCS, blocks
from lxml import html
from states import page_state
from test_other_sites import build

from lensdoc.cli import lensdoc
from lensdoc.publish.privacy.cures import cure_of

PAGE = DOCS / "guide" / "existing-site.md"
HOME = """# Home

A formula $x_i^2$, thanks to @squidfunk, and a number: `{val} counting/factors.facts.factors`. See @fig-factors.

## Neurons {#sec-neurons}

=== "One"

    In a tab, see @sec-neurons.

=== "Two"

    Second.
"""
OWN = {
    "docs/index.md": HOME,
    "docs/macros.md": "---\nrender_macros: true\n---\n\n# Macros\n\nThis is {{ config.site_name }}.\n",
    "docs/blog/index.md": "# Blog\n",
    "docs/blog/posts/one.md": "---\ndate: 2024-01-31\nauthors: [ada]\n---\n\n# A post\n\nIntro.\n\n<!-- more -->\n\nRest.\n",
    "docs/blog/.authors.yml": "authors:\n  ada: {name: Ada Example, description: Author, avatar: a.png}\n",
}


def settings(title):
    (block,) = [block for block in blocks(PAGE, "yaml") if block.title == title]
    return block.text


def site_with(folder, texts, config):
    """A site that exists, then `lensdoc new .`, then the settings."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "mkdocs.yml").write_text("site_name: Before\n")
    done = CliRunner().invoke(lensdoc, ["new", str(folder)])
    assert done.exit_code == 0, done.output
    (folder / "mkdocs.yml").write_text(config)
    return folder


def page(folder, name):
    return html.document_fromstring((folder / "site" / name / "index.html").read_text())


def test_the_settings_of_the_guide_build_a_site_with_what_it_had(tmp_path):
    pytest.importorskip("mkdocs_macros")
    config = settings("mkdocs.yml")
    assert all(f"  - {word}" in config for word in ("blog", "macros", "pymdownx.tabbed", "pymdownx.arithmatex"))
    folder = site_with(tmp_path, OWN, config)
    done = build(folder)
    assert (done.returncode, done.stderr) == (0, done.stderr)
    home = page(folder, ".")
    assert [formula.text for formula in home.iter("lens-math")] == [r"\(x_i^2\)"]
    assert home.xpath("//h2/@id") == ["sec-neurons"]
    assert [link.text for link in home.xpath("//a[contains(@class, 'ld-ref')]")] == ["Figure 2 of “A new article”", "“Neurons”"]
    assert home.xpath("//a[contains(@class, 'magiclink-mention')]/@href") == ["https://github.com/squidfunk"]
    assert home.xpath("//div[contains(@class, 'tabbed-block')]")
    assert "This is A site that exists." in page(folder, "macros").text_content()
    assert page(folder, "counting").xpath("//lens-factors")
    assert page(folder, "analyses/counting").xpath("//h1")
    (post,) = (folder / "site" / "blog").rglob("a-post/index.html")
    assert "Rest." in post.read_text()


@pytest.mark.long
def test_the_settings_of_the_guide_build_a_site_in_two_languages(tmp_path):
    pytest.importorskip("mkdocs_static_i18n")
    texts = {"docs/index.md": "# Home\n\nSee @fig-factors.\n", "docs/index.fr.md": "# Accueil\n\nVoir @fig-factors.\n"}
    config = settings("mkdocs.yml, in two languages")
    config = config.replace(
        "  - search\n", "  - search\n  - blog: {archive: false}\n"
    )  # whose posts i18n drops; no reason to crash
    folder = site_with(tmp_path, texts, config)
    done = build(folder)
    assert (done.returncode, done.stderr) == (0, done.stderr)
    assert "Figure 2 of" in page(folder, "fr").text_content()
    assert page(folder, "analyses/counting").xpath("//h1")
    for name, address in (("counting", "../analyses/counting/"), ("fr/counting", "../../analyses/counting/")):
        assert address in page(folder, name).xpath("//figure//a/@href")


@pytest.mark.parametrize(
    ("address", "option"),
    [
        ("https://fonts.googleapis.com/css?family=Roboto", "`font: false` under `theme`"),
        ("https://fonts.gstatic.com", "`font: false` under `theme`"),
        ("https://unpkg.com/mathjax@3/es5/tex-mml-chtml.js", "out of `extra_javascript`"),
        ("https://cdn.jsdelivr.net/npm/katex@0.16/dist/katex.min.css", "`extra_css`"),
        ("//polyfill.io/v3/polyfill.min.js?features=es6", "out of `extra_javascript`"),
        ("https://www.googletagmanager.com/gtag/js?id=G-1", "`analytics` out of `extra`"),
        ("https://www.youtube-nocookie.com/embed/x", "`private: false` under the plugin lensdoc"),
        ("https://cdn.example/x.png", "keep a copy below the folder of pages"),
        ("https://example.org/fonts.googleapis.com/x.png", "keep a copy below the folder of pages"),
    ],
)
def test_an_address_of_another_host_is_told_with_the_option_that_helps(address, option):
    assert option in cure_of(address)


@pytest.mark.parametrize("extensions", [["lensdoc", "pymdownx.arithmatex"], ["pymdownx.arithmatex", "lensdoc"]])
@pytest.mark.parametrize("generic", [True, False])
def test_formulas_are_drawn_wherever_a_site_lists_arithmatex(extensions, generic):
    options = {"pymdownx.arithmatex": {"generic": generic}}
    md = markdown.Markdown(extensions=extensions, extension_configs=options)
    for _ in range(2):  # a converter may be used again
        tree = html.fragment_fromstring(md.reset().convert("A $x$.\n\n$$\ny\n$$\n"), create_parent=True)
        assert [formula.text.split() for formula in tree.iter("lens-math")] == [[r"\(x\)"], [r"\[", "y", r"\]"]]
        assert not list(tree.iter("script"))


def test_an_id_that_extensions_make_twice_is_told_without_a_line():
    said = []
    tabs = '=== "A"\n\n    One.\n\nText.\n\n/// tab | B\nTwo.\n///\n'
    options = {"lensdoc": {"page": page_state(report=said.append, path="page.md")}, "pymdownx.tabbed": {"alternate_style": True}}
    options["pymdownx.blocks.tab"] = {"alternate_style": True}
    markdown.markdown(tabs, extensions=list(options), extension_configs=options)
    assert said == [
        "page.md: duplicate id '__tabbed_1_1'; no line says it: two extensions of Markdown make it; use one of them",
    ]
