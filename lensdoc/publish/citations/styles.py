"""Citation styles (CSL): finding one, and refusing what is none, or what would never end."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest
from lensdoc.publish.citations.files import kept

FOLDER = Path(__file__).parent / "styles"
_NAMESPACE = "{http://purl.org/net/xbiblio/csl}"
_MOST_PARTS = 200_000
"""Elements of a style in which each macro is written out; all 2,851 official styles have less."""
_MOST_BYTES = 2_000_000
_NAMES = f"""<style xmlns="{_NAMESPACE[1:-1]}" class="in-text" version="1.0">
<info><title>Names</title><id>names</id><updated>2026-01-01T00:00:00+00:00</updated></info>{{locales}}
<citation et-al-min="3" et-al-use-first="1"><layout><names variable="author"><name form="short" and="text"/>
<substitute><names variable="editor"/><text variable="title"/></substitute></names></layout></citation></style>"""
"""How a style that cites by numbers names the authors in a sentence."""
_TERMS = f"""<style xmlns="{_NAMESPACE[1:-1]}" class="in-text" version="1.0">
<info><title>Terms</title><id>terms</id><updated>2026-01-01T00:00:00+00:00</updated></info>{{locales}}
<citation><layout>{{terms}}</layout></citation></style>"""


@dataclass(frozen=True)
class Style:
    """A style that is ready for use."""

    name: str
    """The hash of its text."""
    text: str
    locale: str = "en-US"
    """Its language, in which bibliographies are read."""
    notes: bool = False
    """Whether it cites in notes."""
    locales: str = ""
    """Its own words, as CSL."""

    @property
    def address(self) -> str:
        """The style as a data address."""
        return f"data:application/xml;base64,{base64.b64encode(self.text.encode()).decode()}"

    def of_names(self) -> Style:
        """The style that writes nothing but the names of authors."""
        return _made(_NAMES.format(locales=self.locales), self)

    def of_terms(self, terms: tuple[str, ...]) -> Style:
        """The style that writes the words of this one for parts of works, each as `#name=word#`."""
        words = "".join(f'<text value="#{term}="/><text term="{term}" form="short"/><text value="#"/>' for term in terms)
        return _made(_TERMS.format(locales=self.locales, terms=words), self)


def _made(text: str, style: Style) -> Style:
    return Style(_hash(text), text, style.locale)


def find_style(name: str, root: Path) -> Path:
    """The file of a style: one of ours by its name, any other by its path.

    Raises:
        PublishError: There is no such style.
    """
    if name.endswith(".csl"):
        if not (root / name).is_file():
            raise PublishError(f"the style {name!r} does not exist; a path to a .csl file is relative to mkdocs.yml")
        return root / name
    ours = sorted(path.stem for path in FOLDER.glob("*.csl"))
    if name not in ours:
        raise PublishError(f"unknown style {name!r}; {nearest(name, ours)}; or name a .csl file by its path")
    return FOLDER / f"{name}.csl"


@kept
def read_style(path: Path) -> Style:
    """Read a CSL file. Of a style that depends on another the other is read, if it stands beside it or is one of ours.

    Raises:
        PublishError: It is no style, or one that cannot be used.
    """
    root, text = _parsed(path)
    if parent := _parent(root):
        beside = next((folder / f"{parent}.csl" for folder in (path.parent, path.parent.parent, FOLDER)
                       if (folder / f"{parent}.csl").is_file()), None)  # fmt: skip
        if not beside:
            cure = f"get {parent}.csl from https://github.com/citation-style-language/styles and put it beside {path.name}"
            raise PublishError(f"{path.name} depends on the style {parent!r}, and lensdoc loads nothing from the web; {cure}")
        locale = root.get("default-locale")
        root, text = _parsed(beside)
        if _parent(root):
            raise PublishError(f"{path.name} depends on {beside.name}, which depends on another style; name that one")
        if locale:
            root.set("default-locale", locale)
            text = etree.tostring(root, encoding="unicode")
    if root.find(f"{_NAMESPACE}citation/{_NAMESPACE}layout") is None:
        raise PublishError(f"{path.name} is no CSL style that can be read: it has no layout of citations")
    _refuse_endless(root, path.name)
    locales = "".join(etree.tostring(locale, encoding="unicode", with_tail=False) for locale in root.iter(f"{_NAMESPACE}locale"))
    return Style(_hash(text), text, root.get("default-locale") or "en-US", root.get("class") == "note", locales)


def _parsed(path: Path) -> tuple[etree._Element, str]:
    raw = path.read_bytes()
    if len(raw) > _MOST_BYTES:
        raise PublishError(f"{path.name} is no CSL style that can be read: it has {len(raw):,} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise PublishError(f"{path.name} is no CSL style that can be read: {' '.join(str(error).split())[:200]}") from None
    if root.tag != f"{_NAMESPACE}style" or root.getroottree().docinfo.doctype:
        raise PublishError(f"{path.name} is no CSL style that can be read: its root is no <style> of CSL 1.0, or has a DOCTYPE")
    return root, etree.tostring(root, encoding="unicode")


def _parent(root: etree._Element) -> str | None:
    """The name of the style on which one depends."""
    links = root.iterfind(f"{_NAMESPACE}info/{_NAMESPACE}link[@rel='independent-parent']")
    address = next((link.get("href") or "" for link in links), "")
    return re.sub(r"\.csl$", "", address.rstrip("/").rpartition("/")[2]) or None


def _refuse_endless(root: etree._Element, name: str) -> None:
    """Raise for macros that call themselves, or that call others so often that no citation would be finished."""
    macros = {str(macro.get("name")): macro for macro in root.iter(f"{_NAMESPACE}macro")}
    sizes: dict[str, int] = {}

    def size(element: etree._Element, callers: tuple[str, ...]) -> int:
        """How many elements are evaluated at most: of the branches of a choice it is one."""
        parts = [size(part, callers) for part in element]
        whole = 1 + (max(parts, default=0) if element.tag == f"{_NAMESPACE}choose" else sum(parts))
        called = element.get("macro")
        if called in callers:
            chain = " calls ".join([*callers[callers.index(called) :], called])
            raise PublishError(f"{name} is a style that never ends: {chain}")
        if called in macros:
            if called not in sizes:
                sizes[called] = size(macros[called], (*callers, called))
            whole += sizes[called]
        if whole > _MOST_PARTS:
            raise PublishError(
                f"{name} is a style that takes too long: its macros call each other more than {_MOST_PARTS:,} times"
            )
        return whole

    try:
        for macro, element in macros.items():
            sizes[macro] = size(element, (macro,))
        for element in root:
            size(element, ())
    except RecursionError:
        raise PublishError(
            f"{name} is a style that takes too long: its macros call each other in a chain that is too long"
        ) from None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
