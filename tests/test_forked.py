"""A command in a forked process is as one in a process of its own, and leaves nothing to the next."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import forked
import pytest

CASE = Path(__file__).parent / "golden" / "site" / "references"
QUIET = {"NO_MKDOCS_2_WARNING": "1"}
real_run = functools.partial(subprocess.run, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def told(done):
    """What a command ended with and said, but for times."""
    return done.returncode, done.stdout, re.sub(r"in [\d.]+ seconds", "in 0 seconds", done.stderr)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def built(run, folder, site, **environment):
    shutil.rmtree(site, ignore_errors=True)
    command = [sys.executable, "-c", forked.MKDOCS, "build", "--strict", "--site-dir", str(site)]
    done = run(command, cwd=folder, env=os.environ | QUIET | environment)
    return told(done), files(site)


def article(folder, text="", theme="null, custom_dir: theme"):
    """The golden site of references, with a text below its first page; of the theme Material without a theme of its own."""
    shutil.copytree(CASE, folder, ignore=shutil.ignore_patterns("expected"))
    page = folder / "docs" / "index.md"
    page.write_text(f"{page.read_text()}\n{text}\n")
    settings = folder / "mkdocs.yml"
    settings.write_text(settings.read_text().replace("null, custom_dir: theme", theme) + "site_url: !ENV [SITE_URL, '']\n")
    return folder


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """An article that builds, one whose strict build fails, and one of the theme Material with a search."""
    root = tmp_path_factory.mktemp("forked")
    material = article(root / "material", theme="material, font: false")
    settings = (material / "mkdocs.yml").read_text().replace("plugins: [", "plugins: [search, mkdocs-jupyter, ")
    (material / "mkdocs.yml").write_text(settings)
    return {"good": article(root / "good"), "bad": article(root / "bad", "See @fig-none."), "material": material}


linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")


@linux
@pytest.mark.parametrize("name", ["good", "bad", "material"])
def test_a_build_is_as_in_a_process_of_its_own(sites, tmp_path, name):
    (real, wanted), (fork, made) = (built(run, sites[name], tmp_path / "site") for run in (real_run, forked.run))
    assert fork == real
    assert made == wanted
    assert fork[0] == (name == "bad")
    assert ("fig-none" in fork[2]) == (name == "bad")


@linux
def test_builds_after_each_other_do_not_meet(sites, tmp_path):
    first = built(forked.run, sites["good"], tmp_path / "site")
    process = forked.server(forked.MKDOCS).process
    other = built(forked.run, sites["material"], tmp_path / "site", SITE_URL="https://example.org/other/")
    assert b"https://example.org/other/" in other[1][Path("index.html")]
    assert built(forked.run, sites["bad"], tmp_path / "site")[0][0] == 1
    assert built(forked.run, sites["good"], tmp_path / "site") == first
    assert forked.server(forked.MKDOCS).process is process


TELL = """
import atexit, os, random, sys
atexit.register(lambda: print("at its end", file=sys.stderr))
print(sys.argv, sys.orig_argv[1:], sys.path[0], os.getcwd(), __name__, sys.modules["__main__"].__dict__ is globals())
print(sorted((k, v) for k, v in os.environ.items() if k != "LC_CTYPE"), sys.stdin.read(), sys.stdout.isatty())
os.environ["LENSDOC_LEFT"] = "behind"
sys.modules["json"].left = True
"""
ENDS = {
    "plain": "",
    "code": "sys.exit(3)",
    "text": "sys.exit('a last word')",
    "raises": "def f(): raise ValueError('no')\nf()",
    "syntax": "print(eval('1 +'))",
    "signal": "sys.stdout.flush(); os.kill(os.getpid(), 15)",
    "at once": "os._exit(4)",
    "starts": "import subprocess; subprocess.run(['sh', '-c', 'echo started; exit 5'])",
}


@linux
@pytest.mark.parametrize("end", ENDS)
def test_a_program_finds_what_it_finds_in_a_process_of_its_own(tmp_path, monkeypatch, end):
    code = f"import json\nassert not hasattr(json, 'left')\n{TELL}\n{ENDS[end]}"
    monkeypatch.setitem(forked.WARM, code, ("json",))
    command = [sys.executable, "-c", code, "an", "argument"]
    environment = {name: value for name, value in os.environ.items() if name != "SITE_URL"} | {"LENSDOC_X": "ä"}
    options = {"cwd": tmp_path, "env": environment}
    real = real_run(command, **options)
    assert real.stdout or end == "at once"
    for _ in range(2):
        assert forked.can_fork(command, environment)
        fork = forked.run(command, **options)
        assert (fork.returncode, fork.stdout, fork.stderr) == (real.returncode, real.stdout, real.stderr)
    forked.SERVERS.pop(code).close()


def test_what_imports_may_read_starts_a_real_process(tmp_path):
    command = [sys.executable, "-c", forked.MKDOCS, "--version"]
    warm = forked.server(forked.MKDOCS).environment  # tests that ran before may have changed ours
    assert forked.can_fork(command, warm | {"SITE_URL": "x"}) == (sys.platform == "linux")
    assert not forked.can_fork(command, os.environ | {"PYTHONHASHSEED": "1"})
    assert not forked.can_fork(["unshare", *command], os.environ)
    assert not forked.can_fork([sys.executable, "-c", "pass", "build"], os.environ)
    assert "mkdocs" in forked.run(command, cwd=tmp_path, env=os.environ | {"PYTHONHASHSEED": "1"}).stdout


@linux
def test_what_takes_too_long_ends_with_its_server(tmp_path, monkeypatch):
    code = "import os, time; open('number', 'w').write(str(os.getpid())); time.sleep(100)"
    monkeypatch.setitem(forked.WARM, code, ("json",))
    with pytest.raises(subprocess.TimeoutExpired):
        forked.run([sys.executable, "-c", code], cwd=tmp_path, timeout=3)
    assert not Path("/proc", (tmp_path / "number").read_text()).exists()
    assert forked.run([sys.executable, "-c", forked.MKDOCS, "--version"], cwd=tmp_path).returncode == 0


@linux
def test_a_server_has_imported_nothing_that_computes():
    code = "import sys; from importlib import import_module\nfor m in sys.argv[1:]: import_module(m)\nprint(*sys.modules)"
    for modules in forked.WARM.values():
        done = subprocess.run([sys.executable, "-c", code, *modules], capture_output=True, text=True, check=True)
        assert not {"torch", "transformers", "sklearn", "papermill", "numpy"} & set(done.stdout.split())
