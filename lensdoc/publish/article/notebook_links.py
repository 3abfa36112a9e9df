"""Notebooks of a repository in programs of other hosts: Google Colab and Binder. Links only: a page loads nothing from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

_GITHUB = re.compile(r"https?://github\.com/([^/\s]+/[^/\s]+?)(?:\.git)?/?")
_GITLAB = re.compile(r"https?://gitlab\.com/([^\s]+?)(?:\.git)?/?")
_BRANCH = re.compile(r"(?:-/)?(?:edit|blob|raw|tree)/([^/]+)/")
PROGRAMS = ("colab", "binder")


def notebook_links(
    programs: Iterable[str], repository: str | None, path: str, edit_uri: str | None = None
) -> list[tuple[str, str]]:
    """What opens a notebook, in words, each with its address; none where the repository is at neither GitHub nor GitLab.

    Args:
        programs: Some of `PROGRAMS`.
        repository: `repo_url` of mkdocs.yml.
        path: Path of the notebook in the repository.
        edit_uri: `edit_uri` of mkdocs.yml, which names the branch; without it the branch is `main`.
    """
    named = _BRANCH.match(edit_uri or "")
    branch = named[1] if named else "main"
    makers = {"colab": ("open in Colab", _colab), "binder": ("open in Binder", _binder)}
    made = [(makers[name][0], makers[name][1](repository or "", branch, path)) for name in programs]
    return [(words, address) for words, address in made if address]


def _colab(repository: str, branch: str, path: str) -> str | None:
    """Colab opens notebooks of GitHub alone."""
    found = _GITHUB.fullmatch(repository)
    return f"https://colab.research.google.com/github/{found[1]}/blob/{branch}/{quote(path)}" if found else None


def _binder(repository: str, branch: str, path: str) -> str | None:
    opened = f"{quote(branch, safe='')}?urlpath=lab/tree/{quote(path)}"
    if found := _GITHUB.fullmatch(repository):
        return f"https://mybinder.org/v2/gh/{found[1]}/{opened}"
    if found := _GITLAB.fullmatch(repository):
        return f"https://mybinder.org/v2/gl/{quote(found[1], safe='')}/{opened}"
    return None
