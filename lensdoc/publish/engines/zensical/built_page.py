"""One page of a site that an engine without plugin events built."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from lensdoc.explorables import assets
from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.engines.theme.opening_band import lift_hero
from lensdoc.publish.engines.theme.search_dialog import name_search
from lensdoc.publish.engines.zensical.rendering import HEAD, TAGS
from lensdoc.publish.privacy.policy import Policy, without_policy

_BEGIN, _END = "<!-- lensdoc -->", "<!-- /lensdoc -->"
_OURS = re.compile(rf"\n?{_BEGIN}.*?{_END}", re.DOTALL)
_THEME = re.compile(r'<link rel="stylesheet" href="([^"]*)assets/stylesheets/[^"]*">')
"""A style sheet of the theme: an author's come after it and win, and it says where the site begins as seen from the page."""
_CANONICAL = re.compile(r'<link rel="canonical" href="(https?://[^"]*)"')
_CONTENT = [re.compile(rf"<{name}\b[^>]*>(.*)</{name}>", re.DOTALL) for name in ("article", "main", "body")]
"""What holds an author's words, the closest first."""
_TAGS = re.compile(rf'<div class="{HEAD}" hidden="" {TAGS}="([^"]*)"></div>')


@dataclass(frozen=True)
class BuiltPage:
    """A page without what we put into it before."""

    path: Path
    url: str
    """Address from the root of the site, as links lead to it."""
    html: str

    @classmethod
    def read(cls, site: Path, path: Path) -> BuiltPage:
        """Read the page at a path of a site."""
        name = path.relative_to(site).as_posix()
        html = path.read_bytes().decode(errors="surrogateescape")
        page = cls(path, name, without_policy(_OURS.sub("", html)))
        in_folder = path.name == "index.html" and not page.canonical.endswith(".html")
        return replace(page, url=name.removesuffix("index.html")) if in_folder else page

    @property
    def is_rendered(self) -> bool:
        """Whether an engine made it: it has the theme's style, or what our extension left for its head."""
        return "</head>" in self.html and bool(_THEME.search(self.html) or _TAGS.search(self.html))

    @property
    def canonical(self) -> str:
        """Its whole address, where the engine knew that of the site."""
        found = _CANONICAL.search(self.html)
        return found[1] if found else ""

    @property
    def content(self) -> str:
        """What its author wrote, and what stands beside it in the same element."""
        found = next(filter(None, (pattern.search(self.html) for pattern in _CONTENT)), None)
        return found[1] if found else ""

    def finished(self, policy: Policy | None) -> str:
        """The page with scripts, styles, tags for indexers and a place for the policy, its opening band where it has room."""
        theme = list(_THEME.finditer(self.html))
        root = theme[-1][1] if theme else posixpath.relpath(".", posixpath.dirname(self.url) or ".") + "/"
        at = theme[-1].end() if theme else self.html.find("</head>")
        style = assets.ARTICLE_STYLE if theme else assets.STYLE
        ours = [element("link", {"rel": "stylesheet", "href": f"{root}{assets.PLACE}/{assets.hashed(style)}"})]
        ours.append(element("script", {"src": f"{root}{assets.PLACE}/{assets.hashed(assets.SCRIPT)}", "defer": ""}))
        tags = _TAGS.search(self.html)
        inserted = "\n".join([_BEGIN, *map(to_html, ours), *([unquote(tags[1]).strip()] if tags else []), _END])
        html = f"{self.html[:at]}\n{inserted}{self.html[at:]}"
        html = name_search(html)
        return lift_hero(policy.pass_by(html, self.content) if policy else html)
