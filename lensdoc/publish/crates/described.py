"""What a crate says of its article: title, authors, day and licence, from the front matter of the first page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from lensdoc.core.errors import PublishError
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.site import read_site
from lensdoc.publish.article.front_matter import read_article
from lensdoc.publish.article.licences import licence_address
from lensdoc.publish.article.schema import Article
from lensdoc.publish.syntax.grammar import FRONT_MATTER

_PAGES = ("index.md", "README.md")


def read_described(project: Project, licence: str | None) -> tuple[Article, dict[str, Any]]:
    """The article, and what the crate's own entity says of it.

    Args:
        project: The article's project.
        licence: Identifier of SPDX, in place of that of the front matter.

    Raises:
        PublishError: There is no licence, which a crate must have, or the front matter breaks a rule.
    """
    site = read_site(project.root / "mkdocs.yml")
    page = next((path for name in _PAGES if (path := project.root / site.docs / name).is_file()), None)
    article = _article(page, project.root) if page else Article()
    chosen = licence or article.license
    if not chosen:
        where = page.relative_to(project.root).as_posix() if page else f"{site.docs}/index.md"
        raise PublishError(
            f"{where} names no licence, which a crate must have; add `license: CC-BY-4.0`, or call --license CC-BY-4.0"
        )
    title = article.title or str(site.settings.get("site_name") or project.root.name)
    published = article.updated or article.date or date.today()  # noqa: DTZ011 - a day where the author is
    return article, {
        "name": title,
        "description": article.description or str(site.settings.get("site_description") or title),
        "datePublished": published.isoformat(),
        "license": {"@id": licence_address(chosen)},
        **({"identifier": f"https://doi.org/{article.doi}"} if article.doi else {}),
        **({"keywords": ", ".join(article.keywords)} if article.keywords else {}),
    }


def _article(page: Path, root: Path) -> Article:
    header = FRONT_MATTER.match(page.read_text(encoding="utf-8"))
    problems: list[str] = []
    name = page.relative_to(root).as_posix()

    def complain(message: str, line: int | None) -> None:
        problems.append(f"{name}:{line}: {message}" if line else f"{name}: {message}")

    try:
        meta = yaml.safe_load(header[1]) if header else {}
    except yaml.YAMLError as error:
        raise PublishError(f"{name}: its front matter is no YAML: {error}") from None
    found = read_article(meta if isinstance(meta, dict) else {}, header[0] if header else "", complain)
    if found is None:
        raise PublishError("\n".join(problems))
    return found
