"""JupyterLab, marimo and MyST for tests: `python tests/travel.py`, which `make travel` calls, puts them into `.lensdoc/travel`.

They are in an environment of their own, which sees what is installed here: they are large, and lensdoc needs none of them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".lensdoc" / "travel"
MYST = "mystmd@1.8.3"


def program(name):
    """The path of a program; without it the test is skipped."""
    for folder in (PLACE / "bin", PLACE / "node_modules" / ".bin"):
        if found := shutil.which(name, path=str(folder)):
            return found
    pytest.skip(f"{name} is not installed: make travel installs it into .lensdoc/travel")


def main():
    """Install them."""
    venv.create(PLACE, with_pip=True)
    (site,) = PLACE.glob("lib/python*/site-packages")
    (site / "lensdoc-tests.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    requirements = str(ROOT / "tests" / "requirements-travel.txt")
    subprocess.run([PLACE / "bin" / "pip", "install", "--quiet", "-r", requirements], check=True)
    if npm := shutil.which("npm"):
        subprocess.run([npm, "install", "--silent", "--no-save", "--prefix", PLACE, MYST], check=True)
    else:
        print("npm is not there, so MyST is not installed", file=sys.stderr)


if __name__ == "__main__":
    main()
