"""`lensdoc new`: a project that builds at once, or nothing at all."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from test_site import WITHOUT_COMPUTING, build

from lensdoc.cli import lensdoc
from lensdoc.cli.new import TEMPLATE, TITLE
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import status

ROOT = Path(__file__).parents[1]
REMAKE = "make it again: cd lensdoc/templates/article && lensdoc run && lensdoc verify"


def call(*arguments):
    done = CliRunner().invoke(lensdoc, arguments)
    return done.exit_code, done.output


def files(folder):
    left = (".lensdoc/", "site/", ".ipynb_checkpoints/")
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in found if not name.startswith(left)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "how-it-counts"
    code, output = call("new", str(folder))
    assert code == 0, output
    assert output == f"{folder}: a new article; next: cd {folder} && mkdocs serve\n"
    return folder


def test_it_holds_all_of_the_template_and_is_called_as_its_folder(made):
    assert files(made) == files(TEMPLATE)
    assert files(made) >= {"docs/index.md", "docs/references.bib", "analyses/counting.ipynb", ".github/workflows/pages.yml"}
    assert (made / "docs" / "index.md").read_text().count("How it counts") == 2
    assert "# How it counts\n" in (made / "README.md").read_text()
    assert 'site_name: "How it counts"\n' in (made / "mkdocs.yml").read_text()
    assert (made / "requirements.txt").read_text() == f"lensdoc[site]=={version('lensdoc')}\n"
    assert [name for name in files(made) if TITLE.encode() in (made / name).read_bytes()] == []
    assert [path.name for path in made.parent.iterdir()] == ["how-it-counts"]


def test_it_builds_at_once_without_what_computes_and_offline(made, tmp_path):
    done = build(made, tmp_path / "site", WITHOUT_COMPUTING)
    assert done.returncode == 0, done.stderr
    assert "executing" not in done.stderr
    page = (tmp_path / "site" / "index.html").read_text()
    assert "<lens-factors" in page
    assert "<lens-live" in page
    assert (tmp_path / "site" / "assets" / "lensdoc" / "live" / "worker.js").is_file()
    assert 'id="ref-lee1999learning"' in page
    assert (tmp_path / "site" / "analyses" / "counting" / "index.html").is_file()


def test_the_template_is_what_its_notebook_makes_now():
    assert [(state.word, state.why) for state in status(Project(TEMPLATE))] == [("fresh", "")] * 2, REMAKE


@pytest.mark.long
def test_its_notebook_makes_its_records_again(made):
    done = subprocess.run(
        [sys.executable, "-c", "from lensdoc.cli import main; main()", "verify"],
        cwd=made,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr + REMAKE
    assert [line.split(":")[0] for line in done.stdout.splitlines() if "verified" in line] == ["counting", "asking"]


def test_its_workflow_is_shaped_and_pinned(made):
    workflow = yaml.safe_load((made / ".github" / "workflows" / "pages.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert len(used) == 5
    assert all(len(action.partition("@")[2]) == 40 for action in used)
    assert [step["run"] for step in steps if "run" in step][-1] == "mkdocs build --strict"
    assert workflow["permissions"] == {}


@pytest.mark.parametrize("name", [".hidden", "a:b", 'a"b', "", "a  b", "-", "ends.", "é", "a\nb"])
def test_a_name_that_is_no_sensible_folder_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, output = call("new", "--", name)
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert "the folder's name becomes the title" in output


def test_what_is_no_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert call("new", "file") == (1, "Error: file is a file; name a folder\n")
    code, output = call("new", "no/such/place")
    assert (code, f"there is no folder {tmp_path / 'no' / 'such'}; make it first" in output) == (2, True)


@pytest.mark.parametrize("name", ["2026", "true", "null", "~1"[1:], "My article", "a_b-c.d"])
def test_names_that_yaml_would_read_otherwise_are_titles(name, tmp_path):
    code, output = call("new", str(tmp_path / name))
    assert code == 0, output
    line = (tmp_path / name / "mkdocs.yml").read_text().split("\n")[0]
    title = yaml.safe_load(line)["site_name"]
    assert isinstance(title, str)
    assert title.lower() == name.lower().replace("-", " ").replace("_", " ")


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "empty").mkdir()
    assert call("new", str(tmp_path / "empty"))[0] == 0
    assert files(tmp_path / "empty") == files(TEMPLATE)


def test_a_link_that_leads_nowhere_is_refused_and_one_to_an_empty_folder_is_filled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("elsewhere")
    code, output = call("new", "link")
    place = tmp_path / "elsewhere"
    assert (code, output) == (
        1,
        f"Error: link is a link to {place}, which does not exist; name a folder\n",
    )
    assert not place.exists()
    place.mkdir()
    assert call("new", "link")[0] == 0
    assert files(place) == files(TEMPLATE)


@pytest.mark.parametrize("breaks", ["shutil.copyfile", "pathlib.Path.write_text", "pathlib.Path.rename"])
def test_it_is_there_as_a_whole_or_not_at_all(breaks, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(breaks, full)
    done = CliRunner().invoke(lensdoc, ["new", str(tmp_path / "half")])
    assert isinstance(done.exception, OSError)
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_carries_the_template(wheel):
    prefix = "lensdoc/templates/article/"
    with zipfile.ZipFile(wheel) as archive:
        packed = {name.removeprefix(prefix) for name in archive.namelist() if name.startswith(prefix)}
    assert packed - {name for name in packed if name.startswith(("site/", ".lensdoc/"))} == files(TEMPLATE)
    assert wheel.stat().st_size < 17_000_000, "12 MB of it are the bundled models and the engine of live figures"
