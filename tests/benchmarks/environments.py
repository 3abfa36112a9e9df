"""A Python environment for each library, made when it is first needed: their requirements do not go together."""

from __future__ import annotations

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


def python(library: str) -> Path:
    """The interpreter with this library; `lensdoc` is this one."""
    if library == "lensdoc":
        return Path(sys.executable)
    folder = HOME / library
    interpreter, mark = folder / "bin" / "python", folder / ".installed"
    wanted = [*SHARED, PACKAGES[library]]
    if not mark.is_file() or mark.read_text() != " ".join(wanted):
        print(f"installing {PACKAGES[library]} into {folder.relative_to(ROOT)}", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for packages in (SHARED, wanted):
            subprocess.run([*pip, *packages], check=True)
        mark.write_text(" ".join(wanted))
    return interpreter
