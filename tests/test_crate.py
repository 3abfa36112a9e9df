"""Crates: valid by the validator of RO-Crate, opened by its library, and a folder in which runs are verified."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import rocrate
from click.testing import CliRunner
from rocrate.rocrate import ROCrate

from lensdoc.cli import lensdoc
from lensdoc.core.errors import PublishError
from lensdoc.pipeline.key import digest
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.status import FRESH, status
from lensdoc.publish.crates.crate import write_crate

CONTEXT = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text()
"""The terms of RO-Crate 1.3, which has all those of 1.2; the library carries it, so that nothing is fetched."""
ANSWER = SimpleNamespace(
    status_code=200,
    ok=True,
    url="https://w3id.org/ro/crate/1.2/context",
    headers={"Content-Type": "application/ld+json"},
    text=CONTEXT,
    content=CONTEXT.encode(),
    json=lambda: json.loads(CONTEXT),
    raise_for_status=lambda: None,
)
PROFILES = ("ro-crate-1.2", "process-run-crate-0.5")


@pytest.fixture(scope="module")
def packed(fresh_article, tmp_path_factory):
    """A project with a built site, and its crate."""
    root = tmp_path_factory.mktemp("packed")
    shutil.copytree(fresh_article, root / "project")
    (root / "project" / "site").mkdir()
    (root / "project" / "site" / "index.html").write_text("<!doctype html><title>site</title>")
    project = Project(root / "project")
    write_crate(project, root / "crate", site=project.root / "site", licence="CC-BY-4.0")
    return project, root / "crate"


@pytest.mark.filterwarnings("ignore")  # of the validator's own libraries
@pytest.mark.parametrize("profile", [pytest.param(PROFILES[0], marks=pytest.mark.long), PROFILES[1]])
def test_it_is_valid(packed, profile, monkeypatch):
    from rocrate_validator import services
    from rocrate_validator.models import Severity
    from rocrate_validator.utils.http import HttpRequester

    monkeypatch.setattr(HttpRequester, "get", lambda *_, **__: ANSWER, raising=False)
    settings = services.ValidationSettings(
        rocrate_uri=str(packed[1]),
        profile_identifier=profile,
        enable_profile_inheritance=False,  # the profile of runs extends RO-Crate 1.1
        requirement_severity=Severity.REQUIRED,
        offline=True,
    )
    result = services.validate(settings)
    assert [f"{issue.violatingEntity}: {issue.message}" for issue in result.get_issues()] == []
    assert result.passed()


def test_it_opens_and_says_what_made_each_record(packed):
    project, folder = packed
    crate = ROCrate(folder)
    assert crate.version == "1.2"
    actions = {entity["name"]: entity for entity in crate.get_entities() if entity.type == "CreateAction"}
    assert actions.keys() == {f"Run {found.name}" for found in status(project)}
    counting = actions["Run counting"]
    assert counting["instrument"].id == "analyses/counting.ipynb"
    results = [result.id for result in counting["result"]]
    assert "docs/data/counting/two-factors.json" in results
    assert "analyses/executed/counting.ipynb" in results
    names = {entity["name"] for entity in counting["object"]}
    assert {"lensdoc/tiny", "prompt", "max_new_tokens"} <= names
    assert "texts/lighthouse.txt" in {entity.id.removeprefix("analyses/") for entity in actions["Run factors"]["object"]}
    requirements = {entity["name"] for entity in counting["instrument"]["softwareRequirements"]}
    assert {"torch", "transformers", "numpy"} <= requirements


def test_each_file_is_there_with_its_hash(packed):
    _, folder = packed
    graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
    files = [entity for entity in graph if "sha256" in entity]
    assert len(files) > 30
    for entity in files:
        content = (folder / entity["@id"]).read_bytes()
        assert (entity["sha256"], entity["contentSize"]) == (digest(content), str(len(content)))
    assert (folder / "site" / "index.html").is_file()


def test_runs_are_fresh_in_its_folder(packed):
    assert {found.word for found in status(Project(packed[1]))} == {FRESH}


def test_no_place_of_this_machine_is_in_it(packed):
    text = (packed[1] / "ro-crate-metadata.json").read_text()
    assert str(packed[0].root.parent) not in text
    assert os.path.expanduser("~") not in text  # noqa: PTH111 - as a text


@pytest.mark.long
def test_a_run_is_verified_in_its_folder(packed):
    pytest.importorskip("papermill")
    from lensdoc.pipeline.verify import verify

    said = []
    (verdict,) = verify(Project(packed[1]), ["counting"], said.append)
    assert verdict.is_verified, said


def without_licence(root):
    page = root / "docs" / "index.md"
    page.write_text(re.sub("^license:.*\n", "", page.read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("change", "arguments", "why"),
    [
        (without_licence, ["made", "--no-site"], "names no licence, which a crate must have; add `license: CC-BY-4.0`"),
        (lambda _: None, ["docs", "--no-site"], "docs is there already; name a new folder for the crate"),
        (lambda _: None, ["made"], "is no built site: build it first, mkdocs build --strict, or leave it out: --no-site"),
        (
            lambda root: (root / "docs" / "data" / "counting" / "sequence.json").unlink(),
            ["made", "--no-site", "--license", "MIT"],
            "run counting is missing: no record sequence; a crate says what made the data, so execute it: lensdoc run",
        ),
    ],
)
def test_what_it_refuses(project, monkeypatch, change, arguments, why):
    change(project)
    monkeypatch.chdir(project)
    done = CliRunner().invoke(lensdoc, ["crate", *arguments])
    assert isinstance(done.exception, PublishError)
    assert why in str(done.exception)


def test_the_command_says_what_it_wrote(project, monkeypatch):
    monkeypatch.chdir(project)
    done = CliRunner().invoke(lensdoc, ["crate", "made", "--no-site", "--license", "MIT"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("made: 6 runs, ")
    assert done.output.endswith("to make the data again: cd made && lensdoc verify\n")
