"""Where things lie in an article's project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lensdoc.core.errors import RunError
from lensdoc.pipeline.site import read_site


@dataclass(frozen=True)
class Project:
    """A folder with `mkdocs.yml`, pages and `analyses/`."""

    root: Path

    @property
    def analyses(self) -> Path:
        """Notebooks, `runs.yml`, `runs.lock`."""
        return self.root / "analyses"

    @property
    def runs_file(self) -> Path:
        """The runs that the article needs."""
        return self.analyses / "runs.yml"

    @property
    def lock_file(self) -> Path:
        """What each run was made from, and the hashes of what it made."""
        return self.analyses / "runs.lock"

    @property
    def data(self) -> Path:
        """Published records: `<run>/<name>.json`; `mkdocs.yml` says where, as it says it to who builds the pages.

        Raises:
            RunError: `mkdocs.yml` is not YAML.
        """
        return self.root / self.data_name

    @property
    def data_name(self) -> str:
        """The same, relative to the root."""
        return read_site(self.root / "mkdocs.yml").data

    @property
    def private(self) -> Path:
        """Scratch folders, drafts, failed notebooks; ignored by git."""
        return self.root / ".lensdoc"

    @property
    def has_runs(self) -> bool:
        """Whether the project declares runs at all."""
        return self.runs_file.exists()  # what is no file is told when it is read


def find_project(start: Path | None = None) -> Project:
    """The project around a folder.

    Raises:
        RunError: No folder upwards has a mkdocs.yml.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "mkdocs.yml").is_file():
            return Project(folder)
    raise RunError(f"no mkdocs.yml in {here} or above it; go into an article's folder")
