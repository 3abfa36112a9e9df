"""Policy and check over the pages of one build."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lxml import etree
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from lensdoc.publish.markup.tree import classes, read_tree
from lensdoc.publish.privacy.blocked import blocked_lines
from lensdoc.publish.privacy.cures import cure_of
from lensdoc.publish.privacy.foreign import foreign_in_page, foreign_in_style
from lensdoc.publish.privacy.policy import Policy, without_scripts

_MERMAID = "mermaid"
_DIAGRAM = re.compile(r"[ >]*(`{3,}|~{3,}) *mermaid")
"""A line that begins a diagram on a Markdown page."""
_EXCERPT_CHARACTERS = 40


class Privacy:
    """Watches the pages of a build."""

    def __init__(self, report: Callable[[str], None]) -> None:
        """`report` receives each address."""
        self._report = report
        self._policy = Policy()
        self._own = ""
        self._everywhere: set[str] = set()
        """Addresses that were reported and that no page's own text names."""
        self._changed: list[str] = []
        """Pages whose content is not in them as it was rendered."""

    def page(self, html: str, page: Page, config: MkDocsConfig) -> str:
        """The page with a place for the policy; what it would load from elsewhere is reported.

        Args:
            html: The whole page.
            page: The page as MkDocs has it, with its content, whose scripts are not trusted.
            config: The configuration of the site.
        """
        self._own = config.site_url or ""
        lines = page.file.content_string.splitlines() if page.file.src_uri.endswith(".md") else []
        for address in foreign_in_page(html, self._own):
            line = next((n for n, text in enumerate(lines, 1) if address in text), None)
            if line is None and address in self._everywhere:
                continue
            self._everywhere |= {address} if line is None else set()
            where = f"{page.file.src_uri}:{line}" if line else page.file.src_uri
            found = "" if line else "it stands in mkdocs.yml or the theme, so other pages may load it too; "
            self._report(f"{where}: readers would load {address} from another host; {found}{cure_of(address)}")
        if _has_diagram(page.content or "") and _loads_mermaid(config):
            line = next((n for n, text in enumerate(lines, 1) if _DIAGRAM.match(text)), None)
            where = f"{page.file.src_uri}:{line}" if line else page.file.src_uri
            cure = "name a copy of mermaid.min.js below the folder of pages under extra_javascript"
            self._report(f"{where}: readers would load Mermaid, which draws this diagram, from another host; {cure}")
        self._report_blocked(page, lines)
        if (page.content or "") not in html:
            self._changed.append(page.file.src_uri)
        return self._policy.pass_by(html, page.content or "")

    def _report_blocked(self, page: Page, lines: Sequence[str]) -> None:
        """Say which scripts in a page's own content the policy keeps from running."""
        for line, message in blocked_lines(page.content or "", lines):
            where = f"{page.file.src_uri}:{line}" if line else page.file.src_uri
            self._report(f"{where}: {message}")

    def template(self, html: str, name: str) -> str:
        """A page that the theme alone makes: 404.html."""
        return self._policy.pass_by(html, "") if name.endswith(".html") else html

    def embed(self, html: str) -> str:
        """A page that has one figure alone."""
        return without_scripts(html)

    def finish(self, site: Path) -> None:
        """Write the policy; report what style sheets would load from elsewhere."""
        for path in sorted(site.rglob("*.css")):
            for address in foreign_in_style(path.read_text(encoding="utf-8", errors="replace"), self._own):
                where = path.relative_to(site).as_posix()
                self._report(f"{where}: readers would load {address} from another host; {cure_of(address)}")
        unknown = self._policy.write(site)
        self._report_scripts({text: path.relative_to(site).as_posix() for text, path in unknown.items()})

    def _report_scripts(self, unknown: dict[str, str]) -> None:
        """Say which inline scripts the policy keeps from running, though they may be the theme's."""
        if self._changed:
            others = len(self._changed) - 1
            where = f"{self._changed[0]} and {others} more" if others else self._changed[0]
            cure = "let what changes it, a minifier or a hook, come after lensdoc, or set `private: false`"
            why = "scripts of the theme cannot be told from those in the content and may not run"
            self._report(f"{where}: the HTML was changed before lensdoc read it, so {why}; {cure}")
            return
        for text, page in unknown.items():
            begins = " ".join(text.split())[:_EXCERPT_CHARACTERS]
            cure = "let it leave inline scripts as they are, or come before lensdoc, or set `private: false`"
            self._report(f"{page}: the inline script {begins!r} was changed or added after lensdoc; it will not run; {cure}")


def _has_diagram(html: str) -> bool:
    return _MERMAID in html and any(_MERMAID in classes(element) for element in read_tree(html).iter(etree.Element))


def _loads_mermaid(config: MkDocsConfig) -> bool:
    """Whether the theme fetches what draws diagrams: it does unless a script of that name is there."""
    return config.theme.name == "material" and not any("mermaid" in str(script) for script in config.extra_javascript)
