"""The tutorial, followed to the letter, gives the promised page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from guide import DOCS, EXITS, blocks, put
from lxml import html

TUTORIAL = DOCS / "guide" / "tutorial.md"
IDENTITY = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "a"), ("EMAIL", "a@b"))}


def follow(folder, programs, figure):
    """Do what every block says, in one shell's folder after the other; the last folder."""
    share = str(Path(sys.prefix, "share", "jupyter"))  # templates of nbconvert
    quiet = {"NO_MKDOCS_2_WARNING": "1", "GIT_CONFIG_GLOBAL": os.devnull, "PYTHONPATH": "", "JUPYTER_PATH": share}
    environment = os.environ | IDENTITY | quiet | {"PATH": f"{programs}:{os.environ['PATH']}"}
    said, ran = {}, 0
    for block in blocks(TUTORIAL):
        if block.not_run:
            figure(f"{block.place} is not run: {block.not_run}")
        elif block.language == "sh":
            command = [shutil.which("bash"), "-euc", f"{block.text}\npwd > {folder.parent}/where"]
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            expected = 1 if block.mark.startswith(EXITS) else 0
            assert done.returncode == expected, f"{block.place}: {done.stdout}{done.stderr}"
            where = folder.parent / "where"
            folder, said[block.text], ran = Path(where.read_text().strip()) if where.exists() else folder, done.stdout, ran + 1
        else:
            assert block.title, f"{block.place}: it says not where it belongs"
            put(block, folder)
    assert ran >= 6
    return folder, said


def check(folder, said):
    """The page is as the tutorial says."""
    assert said["lensdoc new my-article\ncd my-article\nlensdoc status\n"].endswith("counting  fresh\nasking    fresh\n")
    assert 'counting  stale\n          parameter prompt: " 1, 2, 3" -> " 7, 8, 9"\n' in said["lensdoc status --why\n"]
    page = html.document_fromstring((folder / "site" / "index.html").read_text())
    assert page.findtext(".//h1").strip("¶") == "My article"
    assert [element.tag for element in page.xpath("//figure/div/*") if element.tag.startswith("lens-")] == [
        "lens-factors",
        "lens-live",
        "lens-saliency",
    ]
    tokens = "".join(page.xpath('//lens-factors//div[@class="ld-tokens"]')[0].itertext())
    assert "7, 8, 9" in tokens
    assert " 10" in tokens
    assert page.xpath('//*[@id="ref-denil2015extraction"]')
    assert {value.text for value in page.xpath('//a[contains(@class, "ld-value")]')} >= {"30", "lensdoc/tiny"}
    assert "??" not in page.text_content()
    listing = subprocess.run(["git", "ls-files"], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S607 - from PATH
    committed = listing.stdout.split("\n")
    assert {"docs/data/counting/saliency.json", "analyses/runs.lock", ".github/workflows/pages.yml"} <= set(committed)
    assert not [name for name in committed if name.startswith((".lensdoc", "site"))]


@pytest.mark.long
def test_the_tutorial_is_followed(tmp_path, wheel, figure):
    folder = tmp_path / "articles"
    folder.mkdir()
    shutil.copy(wheel, folder)
    check(*follow(folder, Path(sys.executable).parent, figure))


@pytest.mark.long
def test_the_tutorial_is_followed_with_the_wheel_alone(tmp_path, wheel, figure):
    """The wheel in an environment of its own; what it requires is lent by the one that runs this test."""
    folder = tmp_path / "articles"
    folder.mkdir()
    shutil.copy(wheel, folder)
    venv.create(folder / ".venv", with_pip=True)
    python = folder / ".venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--force-reinstall", wheel]
    subprocess.run(install, check=True, capture_output=True)
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (own,) = (folder / ".venv" / "lib").glob("python*/site-packages")
    # The names of an editable lensdoc live in .pth files, which a plain entry of a path does not read.
    (own / "lent.pth").write_text("\n".join(ours))
    for name in ("mkdocs",):
        script = folder / ".venv" / "bin" / name
        script.write_text(f"#!{python}\nfrom mkdocs.__main__ import cli\ncli()\n")
        script.chmod(0o755)
    found = subprocess.run(
        [python, "-c", "import lensdoc; print(lensdoc.__file__)"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(own))
    check(*follow(folder, python.parent, figure))
