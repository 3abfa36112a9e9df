"""The guide is true: its code runs, its files are valid, its Markdown renders, its words are spelt, its links lead somewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import markdown
import nbformat
import yaml
from guide import DOCS, PAGES, ROOT, blocks
from lxml import html
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from states import page_state

import lensdoc
from lensdoc.explorables.kinds import EXPLORABLES
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.runs import read_runs
from lensdoc.publish.state.page import PageState

FOLLOWED = {DOCS / "guide" / name for name in ("tutorial.md", "kinds.md", "own-kinds.md")}
"""Pages that tests of their own follow."""
PREPARED = """
model, sentence, prompt, watched = "lensdoc/tiny", "The keys", " 1, 2, 3", [" is", " are"]
max_new_tokens, n_factors = 14, 2
text, answer, wrong = "The keys to the cabinet are old. The keys to the cabinet", " are", " is"
texts = lm.score("The keys to the cabinet"), lm.score("The key to the cabinet")
masked, bound, baseline, starts, steps = " 1, 2, 3", 0.1, "mean", 2, 5
"""


def each(*languages):
    """Blocks of all pages that are not followed elsewhere."""
    found = [block for page in PAGES if page not in FOLLOWED for block in blocks(page, *languages)]
    assert found
    return found


def told(figure, found):
    """The blocks that can be run; the others are printed with their reasons."""
    for block in found:
        if block.not_run:
            figure(f"{block.place} is not run: {block.not_run}")
    return [block for block in found if not block.not_run]


def test_python_runs(tiny, count, tmp_path, monkeypatch, figure):
    monkeypatch.chdir(tmp_path)
    ran = 0
    for page in PAGES:
        names = {"lensdoc": lensdoc, "lm": tiny, "trace": count, "record": lensdoc.factors(count, 2), "saliency": None}
        exec(PREPARED, names)  # noqa: S102 - what the notebooks' parameters say
        for block in told(figure, blocks(page, "python") if page not in FOLLOWED else []):
            exec(compile(block.text, block.place, "exec"), names)  # noqa: S102 - the point
            ran += 1
    assert ran >= 15
    assert list((tmp_path / ".lensdoc" / "drafts").rglob("*.json"))


def project_of(entries, folder):
    """A project with the notebooks and inputs that a runs.yml names."""
    project = Project(folder)
    defaults = entries.get("defaults", {}).get("parameters", {})
    for run in entries["runs"].values():
        names = {*defaults, *run.get("parameters", {}), *run.get("matrix", {})}
        path = project.analyses / run["notebook"]
        path.parent.mkdir(parents=True, exist_ok=True)
        cell = nbformat.v4.new_code_cell("\n".join(f"{name} = None" for name in sorted(names)), metadata={"tags": ["parameters"]})
        known = json.loads(path.read_text())["cells"] if path.exists() else []
        cell.source = "\n".join([*("".join(old["source"]) for old in known), cell.source])
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        for name in run.get("inputs", []):
            (project.analyses / name).parent.mkdir(parents=True, exist_ok=True)
            (project.analyses / name).write_text("")
    return project


def test_yaml_is_what_our_readers_take(tmp_path, figure):
    read = 0
    for number, block in enumerate(told(figure, each("yaml"))):
        folder, parsed = tmp_path / str(number), yaml.load(block.text, yaml.BaseLoader)  # noqa: S506 - mkdocs.yml has tags
        if "runs" in parsed:
            project = project_of(yaml.safe_load(block.text), folder)
            project.runs_file.write_text(block.text)
            assert read_runs(project), block.place
        else:
            assert set(parsed) <= set(dict(MkDocsConfig._schema)), f"{block.place}: whose file is it?"
            (folder / "docs").mkdir(parents=True)
            (folder / "mkdocs.yml").write_text(block.text if "site_name" in parsed else f"site_name: x\n{block.text}")
            assert load_config(str(folder / "mkdocs.yml")).site_name
        read += 1
    assert read >= 6


STANDS_FOR = {"agreement/agreement": "gallery/watch"}
"""Records that a page of the guide makes, and the same in this repository."""


def render(text, page):
    """Render some Markdown as if it stood on a page below docs/."""
    for name, here in STANDS_FOR.items():
        text = text.replace(name, here)
    context = page_state(DOCS / "data", docs=DOCS, path=page)
    bibliography = str(DOCS / "references.bib")
    options = {"lensdoc": {"page": context, "bibliography": bibliography}}
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    extensions = ["attr_list", "footnotes", "tables", "toc", "pymdownx.superfences", "lensdoc"]
    markdown.markdown(body, extensions=extensions, extension_configs=options)


def test_markdown_renders_without_complaint(monkeypatch, figure):
    said = []
    monkeypatch.setattr(PageState, "complain", lambda _, message, line=None: said.append((message, line)))
    found = told(figure, each("markdown"))
    for block in found:
        render(block.text, "index.md")
        assert (block.place, said) == (block.place, [])
    assert len(found) >= 15
    render("/// explorable | no/such\nA caption.\n///", "index.md")
    assert said


def test_shell_blocks_are_followed_or_say_why_not(figure):
    programs = {"lensdoc", "make", "mkdocs"}
    for block in told(figure, each("sh")):
        if block.page.name == "cluster.md":
            continue  # tests/test_cluster.py runs them
        for line in block.text.splitlines():
            command = re.sub(r"^([A-Z_]+=\S+ )+", "", line.split("#")[0])
            program, *arguments = command.split()
            assert program in programs, f"{block.place}: nobody runs {line!r}"
            if program == "lensdoc":
                flags = [a for a in arguments[1:] if a.startswith("-")]
                shown = subprocess.run(
                    [sys.executable, "-c", "from lensdoc.cli import main; main()", arguments[0], "--help"],
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
                assert all(flag in shown for flag in flags), f"{block.place}: {line}"


def test_the_gallery_shows_every_kind_and_the_code_that_made_it():
    names = ("gallery", "attention", "causal", "causes", "live")
    notebooks = [json.loads((ROOT / "analyses" / f"{name}.ipynb").read_text()) for name in names]
    cells = ["".join(cell["source"]) for notebook in notebooks for cell in notebook["cells"]]
    page = DOCS / "gallery.md"
    for block in blocks(page, "python"):
        assert any(cell.startswith(block.text.strip()) for cell in cells), f"{block.place} is not in the notebook"
    text = page.read_text()
    for kind in EXPLORABLES.keys() - {"image", "table"}:  # these are no measures; a page of the guide shows them
        assert len(re.findall(rf"/// (?:explorable|live) \| \w+/{'model' if kind == 'live' else kind}\n", text)) >= 2, (
            f"{kind} is not in the gallery"
        )
    for block in blocks(page, "markdown"):
        assert text.count(block.text.strip()) == 2, f"{block.place}: the block that is shown is not the one that is there"


def test_every_page_stands_in_the_navigation():
    def paths(items):
        for item in items:
            value = next(iter(item.values())) if isinstance(item, dict) else item
            yield from paths(value) if isinstance(value, list) else [value]

    loaded = yaml.load((ROOT / "mkdocs.yml").read_text(), yaml.BaseLoader)  # noqa: S506 - it has tags
    assert sorted(paths(loaded["nav"])) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def broken(site):
    """Links of a site to files and anchors that are not there, one line each."""
    pages = {path: html.document_fromstring(path.read_bytes()) for path in site.rglob("*.html")}
    ids = {path: set(page.xpath("//@id")) | set(page.xpath("//a/@name")) for path, page in pages.items()}
    for path, page in pages.items():
        if path.name == "404.html":  # its links begin at the root of the site
            continue
        for address in {*page.xpath("//@href"), *page.xpath("//@src")}:
            target, _, anchor = address.partition("#")
            if re.match(r"[a-z][a-z+.-]*:|//", address):
                if not re.fullmatch(r"(https?://[\w.-]+(:\d+)?(/\S*)?|mailto:\S+|data:\S*)", address):
                    yield f"{path.relative_to(site)}: {address} is no address"
                continue
            file = (path.parent / target.partition("?")[0]).resolve() if target else path
            file = file / "index.html" if file.is_dir() else file
            if not file.is_file():
                yield f"{path.relative_to(site)}: {address} leads to no file"
            elif anchor and file in ids and anchor.partition(":")[0] not in {*ids[file], "__codelineno-0-1"}:
                yield f"{path.relative_to(site)}: {address} leads to no anchor"


def test_every_link_of_the_site_leads_somewhere(own_built):
    assert list(broken(own_built)) == []


def test_the_check_of_links_can_fail(tmp_path):
    (tmp_path / "index.html").write_text('<a href="no/">a</a><a href="#no">b</a><img src="https://">')
    assert len(list(broken(tmp_path))) == 3


def test_the_readme_links_to_files():
    for target in re.findall(r"\]\(([^)#]+)", (ROOT / "README.md").read_text()):
        assert target.startswith("https://") or (ROOT / target).is_file(), target
    picture = ROOT / "docs" / "article.webp"
    assert picture.stat().st_size <= 300_000


def misspelt(*paths):
    """What codespell finds in files or folders."""
    program = shutil.which("codespell", path=Path(sys.executable).parent)
    command = [
        program,
        "--ignore-words",
        ROOT / "tests" / "words.txt",
        "--builtin",
        "clear,rare",
        "--skip",
        "*.json,*.svg,*.webp,*.bib",
    ]
    return subprocess.run([*command, *paths], capture_output=True, text=True, check=False).stdout


def test_words_are_spelt_right(tmp_path):
    pages = [DOCS, ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "lensdoc" / "templates", *ROOT.glob("analyses/*.ipynb")]
    assert misspelt(*pages) == ""
    (tmp_path / "page.md").write_text("We recieve a langauge model.\n")
    assert misspelt(tmp_path).count("==>") == 2
