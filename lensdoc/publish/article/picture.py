"""The picture of an article in previews."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

from lensdoc.core.names import nearest
from lensdoc.publish.article.front_matter import Complain
from lensdoc.publish.article.schema import Article

_IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".svg")


def picture(article: Article, files: Mapping[str, str], site_url: str, header: str, complain: Complain) -> str:
    """The whole address of the picture, which previews need; nothing where the site has no address.

    Args:
        article: What the front matter says.
        files: The files of the site: path below the folder of pages, and address from the root of the site.
        site_url: The address of the site.
        header: The front matter as it is written, in which lines are found.
        complain: Told that there is no such picture.
    """
    if not article.image:
        return ""
    if article.image not in files:
        images = [name for name in files if name.endswith(_IMAGES)]
        line = next((n for n, text in enumerate(header.splitlines(), 1) if text.startswith("image:")), None)
        rule = "image names no file below the folder of pages"
        complain(f"{rule}, it is {article.image!r}; {nearest(article.image, images)}", line)
    return urljoin(site_url, files[article.image]) if site_url and article.image in files else ""
