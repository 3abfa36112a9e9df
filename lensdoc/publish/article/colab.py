"""Notebooks in Google Colab."""

from __future__ import annotations

import re
from urllib.parse import quote

_GITHUB = re.compile(r"https?://github\.com/([^/\s]+/[^/\s]+?)(?:\.git)?/?")
_BRANCH = re.compile(r"(?:edit|blob|raw|tree)/([^/]+)/")


def colab_link(repository: str | None, path: str, edit_uri: str | None = None) -> str | None:
    """The address that opens a notebook of a repository in Colab; None where the repository is not at GitHub.

    Args:
        repository: `repo_url` of mkdocs.yml.
        path: Path of the notebook in the repository.
        edit_uri: `edit_uri` of mkdocs.yml, which names the branch; without it the branch is `main`.
    """
    found = _GITHUB.fullmatch(repository or "")
    if not found:
        return None
    branch = _BRANCH.match(edit_uri or "")
    return f"https://colab.research.google.com/github/{found[1]}/blob/{branch[1] if branch else 'main'}/{quote(path)}"
