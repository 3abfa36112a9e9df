"""`lensdoc new` in a folder that has files: adds what is missing, replaces nothing, and says what is left to do."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner
from test_new import TEMPLATE, call, files

from lensdoc.cli import existing, lensdoc

GIT = {".git/HEAD": "ref: refs/heads/main\n", ".git/config": ""}
SITE = {
    "README.md": "# Mine\n",
    ".gitignore": "site\n",
    "docs/index.md": "# Home\n",
    "mkdocs.yml": "site_name: Mine\ntheme: {name: material}\nextra: {x: !!python/name:no.such }\nnav: [index.md]\n",
}
NAMED = "analyses/", "docs/data/"


@pytest.fixture
def fill(tmp_path, monkeypatch):
    """Fill the folder `my-site`, where the command is called, with these files."""
    folder = tmp_path / "my-site"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def put(texts):
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    return put


def unchanged(folder, texts):
    return {name: (folder / name).read_text() for name in texts} == texts


def test_an_empty_repository_gets_everything(fill):
    folder = fill(GIT)
    code, output = call("new", ".")
    assert (code, output.split("\n")[0]) == (0, f".: added {len(files(TEMPLATE))} files, replaced none")
    assert files(folder) == files(TEMPLATE) | set(GIT)
    assert "to do" not in output
    assert output.endswith("\nnext: mkdocs serve\n")
    assert 'site_name: "My site"\n' in (folder / "mkdocs.yml").read_text()
    assert unchanged(folder, GIT)


def test_a_repository_with_a_site_gets_a_page_beside_its_own(fill):
    folder = fill(GIT | SITE)
    code, output = call("new", ".")
    assert (code, unchanged(folder, GIT | SITE)) == (0, True)
    example = {name for name in files(TEMPLATE) if name.startswith(NAMED)}
    assert files(folder) == {*GIT, *SITE, *example, "docs/counting.md", "docs/references.bib", "requirements.txt"} | {
        ".gitattributes",
        ".github/workflows/pages.yml",
    }
    assert output.split("left as they are:\n")[1] == (
        "  .gitignore\n  README.md\n  docs/index.md\n  mkdocs.yml\n"
        "to do by hand:\n"
        "  mkdocs.yml: add under markdown_extensions\n"
        "      - attr_list\n      - pymdownx.superfences\n      - lensdoc: {bibliography: docs/references.bib}\n"
        "  mkdocs.yml: add under plugins, as the last ones\n"
        '      - search\n      - mkdocs-jupyter: {execute: false, include: ["*.ipynb"]}\n      - lensdoc: {execute: auto}\n'
        "  mkdocs.yml: add counting.md under nav\n"
        "  .gitignore: add /.lensdoc/, /analyses/models/, /docs/data/**/*.local.*\n"
        "next: mkdocs serve\n"
    )
    assert "# A new article\n" in (folder / "docs" / "counting.md").read_text()


def test_called_again_it_adds_nothing(fill):
    folder = fill(GIT | SITE)
    call("new", ".")
    before = files(folder)
    code, output = call("new", ".")
    assert (code, files(folder)) == (0, before)
    assert output.startswith(".: added 0 files, replaced none\n")
    assert "not added: the example's notebook, records and page" in output


def test_only_what_is_missing_is_to_be_done_by_hand(fill):
    config = (
        "site_name: x\nmarkdown_extensions: {attr_list: {}, pymdownx.superfences: {}, lensdoc: {}}\nplugins: [search, lensdoc]\n"
    )
    fill({"mkdocs.yml": config, ".gitignore": "/.lensdoc\nsite/\n", ".github/workflows/ci.yml": "", "docs/references.bib": ""})
    output = call("new", ".")[1]
    assert output.split("to do by hand:\n")[1] == (
        "  mkdocs.yml: name docs/counting.bib in the option bibliography of the extension lensdoc\n"
        '  mkdocs.yml: add under plugins, as the last ones\n      - mkdocs-jupyter: {execute: false, include: ["*.ipynb"]}\n'
        "  .gitignore: add /analyses/models/, /docs/data/**/*.local.*\n"
        "  .github/workflows: let the workflow that builds the site install lensdoc[site], and build by mkdocs build --strict\n"
        "next: mkdocs serve\n"
    )


def test_a_workflow_of_the_sites_own_gets_no_second_one(fill):
    folder = fill({".github/workflows/ci.yaml": ""})
    call("new", ".")
    assert not (folder / ".github" / "workflows" / "pages.yml").exists()
    assert not (folder / "requirements.txt").exists()


def test_runs_of_the_folders_own_get_no_example(fill):
    folder = fill({"analyses/runs.yml": "runs: {}\n"})
    output = call("new", ".")[1]
    assert "not added: the example's notebook, records and page, since the folder has runs or records of its own\n" in output
    assert [name for name in files(folder) if name.startswith((*NAMED, "docs/"))] == ["analyses/runs.yml"]


def test_another_folder_of_pages_gets_the_pages_and_the_records(fill):
    folder = fill({"mkdocs.yml": "site_name: x\ndocs_dir: !ENV [NO_SUCH, content]\n"})
    call("new", ".")
    assert {"content/index.md", "content/references.bib", "content/data/counting/factors.json"} <= files(folder)
    assert not (folder / "docs").exists()
    assert "\n/content/data/** text=auto eol=lf\n" in (folder / ".gitattributes").read_text()


@pytest.mark.parametrize(
    ("own", "lacks"),
    [
        ("*.png binary\n\n", ["/analyses/** text=auto eol=lf", "/docs/data/** text=auto eol=lf"]),
        ("analyses/** text eol=lf\n/docs/data/** text\n", ["/docs/data/** text=auto eol=lf"]),
        ("* text=auto eol=lf\n", []),
    ],
)
def test_line_endings_that_a_repository_does_not_keep_are_to_be_kept_by_hand(fill, own, lacks):
    folder = fill({".gitattributes": own})
    output = call("new", ".")[1]
    assert (folder / ".gitattributes").read_text() == own
    assert ("\n".join(["  .gitattributes: add", *(f"      {line}" for line in lacks)]) in output) == bool(lacks)
    assert output.count(" eol=lf\n") == len(lacks)


@pytest.mark.parametrize("name", ["readme.rst", "Readme.MD", "README"])
def test_a_readme_of_any_spelling_is_one(fill, name):
    folder = fill({name: "mine"})
    call("new", ".")
    assert [file for file in files(folder) if file.lower().startswith("readme")] == [name]


@pytest.mark.parametrize("home", ["README.md", "index.ipynb"])
def test_a_home_page_of_another_name_stays_alone(fill, home):
    folder = fill({f"docs/{home}": "mine"})
    output = call("new", ".")[1]
    assert f"  docs/{home}\n" in output
    assert {"docs/counting.md", f"docs/{home}"} <= files(folder)
    assert "docs/index.md" not in files(folder)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda folder: (folder / "docs").write_text(""),
            "docs is a file, and the article needs a folder there",
        ),
        (
            lambda folder: (folder / "analyses").symlink_to(folder.parent),
            "analyses is a link, and the article needs a folder",
        ),
        (lambda folder: (folder / "mkdocs.yml").write_text("a: [\n"), "mkdocs.yml:2: not YAML"),
    ],
    ids=["file", "link", "no YAML"],
)
def test_a_folder_in_which_it_cannot_be_is_left_alone(fill, make, said):
    folder = fill({"note.txt": ""})
    make(folder)
    before = files(folder)
    done = CliRunner().invoke(lensdoc, ["new", "."])
    assert (done.exit_code, files(folder)) == (1, before)
    assert said in f"{done.output}{done.exception}"


def test_a_disk_that_fills_up_leaves_the_folder_as_it_was(fill, monkeypatch):
    folder = fill(SITE)
    before = {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}
    texts = iter(range(5))

    def full(self, *_, **__):
        if next(texts, None) is None:
            raise OSError(28, "No space left on device")
        return original(self)

    original = type(folder).read_bytes
    monkeypatch.setattr("pathlib.Path.read_bytes", full)
    assert call("new", ".")[0] == 1
    monkeypatch.undo()
    assert {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")} == before


def test_a_file_that_comes_into_being_meanwhile_is_not_replaced(fill, monkeypatch):
    folder = fill(SITE)
    copy = shutil.copytree

    def slow(*arguments, **options):
        (folder / "requirements.txt").write_text("mine")
        return copy(*arguments, **options)

    def late(made, target):
        addition = plan(made, target)
        (folder / "docs" / "counting.md").write_text("mine")
        return addition

    plan = existing.plan
    monkeypatch.setattr("shutil.copytree", slow)
    monkeypatch.setattr(existing, "plan", late)
    assert call("new", ".")[0] == 1
    assert (folder / "docs" / "counting.md").read_text() == "mine"
    assert files(folder) == {*SITE, "requirements.txt", "docs/counting.md"}
