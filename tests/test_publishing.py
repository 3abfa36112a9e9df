"""Publishing itself: the workflow for GitHub Pages, what it installs, and `mkdocs gh-deploy`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from chromium import row, serve, tints, visits
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playwright.sync_api import expect
from test_site import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "pages.yml"
LOCK = ROOT / ".github" / "requirements.txt"
GIT = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.org"]


def jobs():
    return yaml.safe_load(WORKFLOW.read_text())["jobs"]


def steps():
    return [step for job in jobs().values() for step in job["steps"]]


def locked():
    """Name of each requirement of the lock to its version and hashes."""
    entries = re.split(r"\n(?=[A-Za-z])", re.sub(r"(?m)^#.*\n", "", LOCK.read_text()).strip())
    found = {}
    for entry in entries:
        requirement = Requirement(entry.split("\\")[0].strip())
        found[canonicalize_name(requirement.name)] = (
            str(requirement.specifier),
            re.findall(r"--hash=sha256:([0-9a-f]{64})\b", entry),
        )
    return found


def test_actions_are_pinned_by_commit_and_say_their_version():
    used = [line for line in WORKFLOW.read_text().splitlines() if "uses:" in line]
    assert len(used) == 5
    for line in used:
        assert re.fullmatch(r" *- uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_the_tests_run_on_every_change_with_pinned_actions_and_no_rights():
    path = WORKFLOW.with_name("tests.yml")
    whole = yaml.safe_load(path.read_text())
    assert set(whole[True]) == {"push", "pull_request", "workflow_dispatch"}  # YAML reads `on` as true
    assert whole["permissions"] == {}
    assert {name: job["permissions"] for name, job in whole["jobs"].items()} == {"test": {"contents": "read"}}
    assert any(step.get("run") == "make test" for step in whole["jobs"]["test"]["steps"])
    used, pinned = ([line for line in file.read_text().splitlines() if "uses:" in line] for file in (path, WORKFLOW))
    assert len(used) == 2
    assert set(used) <= set(pinned)


def test_contributing_names_files_that_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    for name in re.findall(r"(?:tests|docs/guide)/\w+\.(?:py|md|sh)", text):
        assert (ROOT / name).is_file(), name
    makefile = (ROOT / "Makefile").read_text()
    assert all(f"\n{target}:" in makefile for target in re.findall(r"(?<=make )[a-z-]+", text))


def test_each_job_may_do_what_it_needs_and_no_more():
    whole = yaml.safe_load(WORKFLOW.read_text())
    assert whole["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs().items()} == {
        "build": {"contents": "read", "pages": "read"},
        "deploy": {"pages": "write", "id-token": "write"},
    }
    assert whole["concurrency"] == {"group": "pages", "cancel-in-progress": False}
    assert steps()[0]["with"] == {"persist-credentials": False}
    assert not re.search(r"\$\{\{[^}]*\}\}", "".join(step.get("run", "") for step in steps()))  # values come by the environment


def test_every_requirement_of_the_lock_has_hashes_and_none_computes():
    found = locked()
    assert [name for name, (version, hashes) in found.items() if not (version.startswith("==") and hashes)] == []
    assert found.keys().isdisjoint({"torch", "transformers", "papermill", "scikit-learn"})
    assert not re.search(r"https?:|--(extra-)?index|--find-links", LOCK.read_text())


def test_the_lock_covers_what_publishes_at_the_versions_of_the_constraints():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found, seen = locked(), set()
    ahead = [*project["dependencies"], *project["optional-dependencies"]["site"]]
    while ahead:
        requirement = Requirement(ahead.pop())
        name = canonicalize_name(requirement.name)
        wanted = any(requirement.marker is None or requirement.marker.evaluate({"extra": e}) for e in ("", *requirement.extras))
        if not wanted or (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        assert name in found, f"{name} is not in the lock: make lock"
        assert requirement.specifier.contains(found[name][0].removeprefix("=="), prereleases=True), name
        for text in requires(name) or []:
            inner = Requirement(text)
            if inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in ("", *requirement.extras)):
                inner.marker = None
                ahead.append(str(inner))
    assert len(seen) > 60
    assert "hatchling" in found  # builds lensdoc itself
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    pinned = {canonicalize_name(name): f"=={version}" for name, version in pinned.items()}
    assert {name: version for name, (version, _) in found.items() if pinned.get(name, version) != version} == {}


def test_pytorch_is_installed_only_where_a_run_is_stale():
    installing = [step for step in steps() if re.search(r"\[run\]|torch", step.get("run", ""))]
    assert [step.get("if") for step in installing] == ["steps.runs.outputs.stale == 'true'"]


def repository(folder, *, url):
    """A copy of the project's files in a git repository with a bare origin beside it."""
    names = subprocess.run([*GIT, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if not name.startswith(("tests/", "lensdoc/explorables/web/")) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    subprocess.run([*GIT, "init", "-q", "--bare", str(url)], check=True)
    subprocess.run([*GIT, "remote", "add", "origin", str(url)], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """The article as `mkdocs gh-deploy` pushed it, served below a sub-path as GitHub does."""
    folder = tmp_path_factory.mktemp("deploy")
    with serve(folder) as address:
        source, origin = repository(folder / "source", url=folder / "origin.git"), folder / "origin.git"
        identity = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "T"), ("EMAIL", "t@example.org"))
        }
        environment = os.environ | identity | {"SITE_URL": f"{address}repo/", "NO_MKDOCS_2_WARNING": "1"}
        command = [sys.executable, "-m", "mkdocs", "gh-deploy", "--strict", "--no-history"]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        subprocess.run([*GIT, "clone", "-q", "-b", "gh-pages", str(origin), str(folder / "repo")], check=True)
        yield f"{address}repo/"


@pytest.fixture
def open_page(browser, deployed):
    yield from visits(browser, deployed)


@pytest.mark.long
@pytest.mark.browser
def test_a_site_that_gh_deploy_pushed_is_alive_below_a_sub_path(open_page):
    """`open_page` allows no console message, no error and no request outside of the sub-path."""
    page = open_page()
    first = tints(page)
    row(page, 1).click()
    expect(row(page, 1)).to_have_attribute("aria-pressed", "true")
    assert tints(page) != first
    page.evaluate("window.stayed = true")
    page.evaluate("document.querySelector('.md-nav--primary a[href*=\"explorables/factors\"]').click()")
    expect(page.locator("h1")).to_contain_text("Factors")
    assert page.evaluate("window.stayed")  # instant navigation: the page was not loaded anew
    row(page, 2, "fig-factors").click()
    expect(row(page, 2, "fig-factors")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(row(page, 1)).to_be_visible()


def execute(workflow_steps, folder, environment, before=lambda _: None):
    """Run the shell steps of a workflow, as `bash -e` does there; conditions on outputs of earlier steps are obeyed."""
    outputs, said = {}, []
    for step in workflow_steps:
        if "run" not in step:
            continue
        condition = re.fullmatch(r"steps\.(\w+)\.outputs\.(\w+) == '(\w+)'", step.get("if", ""))
        assert condition or "if" not in step
        if condition and outputs.get((condition[1], condition[2])) != condition[3]:
            said.append((step["name"], None))
            continue
        before(step["name"])
        file = folder.parent / "output"
        file.write_text("")
        given = {
            name: value.replace("${{ steps.pages.outputs.base_url }}", environment["BASE_URL"])
            for name, value in step.get("env", {}).items()
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        env = environment | given | {"GITHUB_OUTPUT": str(file)}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{step['name']}:\n{done.stdout}\n{done.stderr}"
        outputs |= {
            (step.get("id"), name): value for name, _, value in (line.partition("=") for line in file.read_text().splitlines())
        }
        said.append((step["name"], done.stdout))
    return said


def environment_of(folder, **more):
    """A new virtual environment: its Python, and the environment variables of a shell that uses it."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    given = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return folder / "bin" / "python", given | {"PATH": path, "BASE_URL": "https://example.org/repo"} | more


@pytest.mark.long
def test_the_steps_of_the_workflow_publish_from_a_clean_environment(tmp_path):
    folder = repository(tmp_path / "source", url=tmp_path / "origin.git")
    python, environment = environment_of(tmp_path / "venv")
    said = execute(jobs()["build"]["steps"], folder, environment)
    assert [name for name, output in said if output is None] == ["Execute the stale runs"]
    listed = subprocess.run([python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True).stdout
    assert not re.search(r"(?m)^(torch|transformers|papermill|scikit-learn)==", listed)
    assert "\nlensdoc==" in listed
    index = (folder / "site" / "index.html").read_text()
    assert '<link rel="canonical" href="https://example.org/repo/">' in index
    assert "lens-factors" in index


@pytest.mark.long
def test_the_steps_of_the_workflow_execute_a_stale_run(tmp_path):
    """What computes is lent from here when its step comes, so that nothing large is downloaded."""
    folder = repository(tmp_path / "source", url=tmp_path / "origin.git")
    runs = folder / "analyses" / "runs.yml"
    runs.write_text(runs.read_text().replace("max_new_tokens: 30", "max_new_tokens: 20"))
    python, environment = environment_of(tmp_path / "venv")
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    there = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())

    def lend(name):
        if name == "Execute the stale runs":
            (there / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")

    said = dict(execute(jobs()["build"]["steps"], folder, environment, lend))
    assert "max_new_tokens: 30 -> 20" in said["See whether runs are stale"]
    assert "\ncounting: " in said["Execute the stale runs"]
    record = json.loads((folder / "site" / "data" / "counting" / "sequence.json").read_text())
    assert len(record["targets"]) == 20
