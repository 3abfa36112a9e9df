"""An environment for each library or program, made when it is first needed: their requirements do not go together."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".lensdoc" / "benchmarks"
SHARED = tuple(f"{name}=={version(name).split('+')[0]}" for name in ("torch", "transformers"))
"""All libraries run on what lensdoc runs on here."""
PACKAGES = {
    "captum": "captum==0.9.0",
    "inseq": "inseq==0.7.1",
    "interpreto": "interpreto==0.5.2",
    "transformer_lens": "transformer_lens==4.3.0",
    "nnsight": "nnsight==0.8.1",
}

SITE = tuple(
    f"{name}=={version(name)}" for name in ("markdown", "mkdocs", "mkdocs-material", "pymdown-extensions", "pypandoc-binary")
)
"""What builds sites with lensdoc here, and with mkdocs-bibtex alike."""
BIBTEX, MYST = "mkdocs-bibtex==4.4.0", "mystmd@1.8.3"


def python(library: str) -> Path:
    """The interpreter with this library; `lensdoc` is this one."""
    return Path(sys.executable) if library == "lensdoc" else _interpreter(library, SHARED, PACKAGES[library])


def python_with_bibtex() -> Path:
    """The interpreter with MkDocs, Material and mkdocs-bibtex, in the versions that lensdoc is measured with."""
    return _interpreter("mkdocs-bibtex", SITE, BIBTEX)


def myst() -> Path:
    """The program `myst`, a script of Node, from npm."""
    folder = HOME / "mystmd"
    program, mark = folder / "node_modules" / "mystmd" / "dist" / "myst.cjs", folder / ".installed"
    if not mark.is_file() or mark.read_text() != MYST:
        _tell(MYST, folder)
        folder.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm") or sys.exit("MyST is installed by npm, which is not on PATH; install Node 20")
        subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), MYST], check=True)
        mark.write_text(MYST)
    return program


def _interpreter(name: str, shared: tuple[str, ...], package: str) -> Path:
    """The interpreter of an environment that has the shared packages and this one."""
    folder = HOME / name
    interpreter, mark = folder / "bin" / "python", folder / ".installed"
    wanted = [*shared, package]
    if not mark.is_file() or mark.read_text() != " ".join(wanted):
        _tell(package, folder)
        venv.create(folder, clear=True, with_pip=True)
        pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for packages in (shared, wanted):
            subprocess.run([*pip, *packages], check=True)
        mark.write_text(" ".join(wanted))
    return interpreter


def _tell(package: str, folder: Path) -> None:
    print(f"installing {package} into {folder.relative_to(ROOT)}", file=sys.stderr)
