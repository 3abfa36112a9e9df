"""One page of a site that an engine without plugin events built."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from lensdoc.explorables import assets
from lensdoc.explorables.elements import element, to_html
from lensdoc.publish.engines.theme.early_fonts import ask_early
from lensdoc.publish.engines.theme.opening_band import lift_hero
from lensdoc.publish.engines.theme.search_dialog import name_search
from lensdoc.publish.engines.zensical.head_marker import marked
from lensdoc.publish.markup.tags import Tag, tags
from lensdoc.publish.markup.tree import read_tree
from lensdoc.publish.privacy.policy import Policy, without_policy
from lensdoc.publish.twins.twins import alternate

_BEGIN, _END = "<!-- lensdoc -->", "<!-- /lensdoc -->"
_OURS = re.compile(rf"\n?{_BEGIN}.*?{_END}", re.DOTALL)
_THEME = "assets/stylesheets/"
"""Part of the addresses of the theme's style sheets."""
_CONTENT = ("article", "main", "body")
"""What holds an author's words, the closest first."""


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
        end = _end_of_head(html) or 0
        page = cls(path, name, without_policy(_OURS.sub("", html[:end]) + html[end:]))
        in_folder = path.name == "index.html" and not page.canonical.endswith(".html")
        return replace(page, url=name.removesuffix("index.html")) if in_folder else page

    @cached_property
    def tree(self) -> etree.ElementBase:
        """The page as a tree."""
        return read_tree(self.html)

    @cached_property
    def head(self) -> str | None:
        """What our extension left for its head."""
        return marked(self.tree)

    @property
    def is_rendered(self) -> bool:
        """Whether an engine made it: it has the theme's style, or what our extension left for its head."""
        return _end_of_head(self.html) is not None and bool(self._theme or self.head is not None)

    @cached_property
    def canonical(self) -> str:
        """Its whole address, where the engine knew that of the site."""
        found = self.tree.xpath("/html/head/link[@rel='canonical']/@href")
        return next((str(address) for address in found if address.startswith(("https://", "http://"))), "")

    @cached_property
    def content(self) -> str:
        """What its author wrote, and what stands beside it in the same element."""
        places = [(tag.name, tag.closes, tag) for tag in tags(self.html, names=_CONTENT)]
        for name in _CONTENT:
            begins = [tag.end for found, closes, tag in places if found == name and not closes]
            ends = [tag.start for found, closes, tag in places if found == name and closes]
            if begins and ends and begins[0] < ends[-1]:
                return self.html[begins[0] : ends[-1]]
        return ""

    @cached_property
    def _theme(self) -> Tag | None:
        """The last style sheet of the theme: an author's come after it and win, and it says where the site begins from here."""
        found = None
        for tag in tags(self.html[: _end_of_head(self.html)], names=("link",)):
            rel, href = tag.attributes.get("rel"), tag.attributes.get("href", "")
            found = tag if rel == "stylesheet" and _THEME in href else found
        return found

    def finished(self, policy: Policy | None, *, has_twin: bool = False) -> str:
        """The page with scripts, styles, tags for indexers and a place for the policy, its opening band where it has room."""
        if self._theme:
            root, at = self._theme.attributes["href"].partition(_THEME)[0], self._theme.end
        else:
            root, at = posixpath.relpath(".", posixpath.dirname(self.url) or ".") + "/", _end_of_head(self.html) or 0
        style = assets.ARTICLE_STYLE if self._theme else assets.STYLE
        ours = [element("link", {"rel": "stylesheet", "href": f"{root}{assets.PLACE}/{assets.hashed(style)}"})]
        ours.append(element("script", {"src": f"{root}{assets.PLACE}/{assets.hashed(assets.SCRIPT)}", "defer": ""}))
        twin = [alternate(self.path.name)] if has_twin else []
        inserted = "\n".join([_BEGIN, *map(to_html, ours), *twin, *filter(None, [(self.head or "").strip()]), _END])
        html = name_search(f"{self.html[:at]}\n{inserted}{self.html[at:]}")
        html = lift_hero(policy.pass_by(html, self.content) if policy else html)
        return ask_early(html) if self.canonical else html


def _end_of_head(html: str) -> int | None:
    """Where the end tag of the head begins; None where there is none."""
    return next((tag.start for tag in tags(html, names=("head",)) if tag.closes), None)
