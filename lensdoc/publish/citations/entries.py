"""Entries of a bibliography as pandoc reads them, and what is wrong with them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote, urlsplit

from pybtex.bibtex.utils import split_name_list

from lensdoc.publish.citations.macros import literal, prepared
from lensdoc.publish.citations.works import Work

VARIABLES = {
    "title": ("title", "maintitle", "subtitle", "titleaddon", "issuetitle"),
    "author": ("author",),
    "editor": ("editor",),
    "translator": ("translator",),
    "issued": ("date", "year"),
    "container-title": ("journaltitle", "journal", "booktitle", "maintitle", "booksubtitle", "journalsubtitle"),
    "collection-title": ("series",),
    "publisher": ("publisher", "school", "institution", "organization", "howpublished"),
    "publisher-place": ("address", "location"),
    "page": ("pages", "eid", "articleno"),
    "edition": ("edition",),
    "volume": ("volume", "part"),
    "note": ("note", "addendum"),
    "event-title": ("eventtitle",),
}
"""The variables of CSL and the fields that pandoc reads them from."""
CHECKED = ("title", "author", "editor", "translator", "issued", "page", "edition", "note")
"""Variables that an entry has if it has one of their fields; without, LaTeX could not be read."""
PERSONS = frozenset("author editor translator bookauthor afterword foreword introduction commentator annotator editora".split())  # noqa: SIM905
_DROPPED = frozenset("abstract file keywords ids owner timestamp crossref xref xdata".split())  # noqa: SIM905 - words
_PLAIN = frozenset(
    (  # noqa: SIM905 - words
        "url doi eprint eprinttype archiveprefix eprintclass primaryclass isbn issn pmid pmcid langid langidopts hyphenation "
        "options type entrysubtype editortype date urldate origdate eventdate year month day urlyear urlmonth urlday library"
    ).split()
)
"""Fields that hold no LaTeX."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"{}|\\^`]+")
_ARXIV = re.compile(r"(?:arXiv:)?((?:\d{4}\.\d{4,5}|[a-z.-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?i)https?://[^\s\x00-\x20<>\"\\]+")
_RESOLVER = re.compile(r"(?i)^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)")
_NAME_SEPARATOR = re.compile(r"\s;\s|;\s|\s&\s")
_WITHOUT_GIVEN = re.compile(r"(?!others$)[a-z][^{},=\\]* [^{},=\\]*")
"""A name such as `van Gogh` or `bell hooks`, whose words stay in their order."""
_MOST_COMMAS = 2
"""No name has more: family, suffix, given."""


def entries(work: Work, literals: Collection[str] = ()) -> dict[str, str]:
    """The entry of a work and those that it refers to, each by the identifier under which pandoc knows it; the work's is last.

    Args:
        work: The work.
        literals: Fields that are shown as they are written, because they are no LaTeX.
    """
    found: dict[str, str] = {}
    _write(work, literals, found, {})
    return found


def _write(work: Work, literals: Collection[str], found: dict[str, str], known: dict[str, str]) -> str:
    """Write an entry behind those that it refers to; returns its identifier, and keeps it in `known` by the work's key."""
    if work.key in known:
        return known[work.key]
    parents = [_write(parent, (), found, known) for parent in work.parents if not parent.broken]
    fields = {name: _field(name, text, literals) for name, text in _with_pages(work.fields).items() if name not in _DROPPED}
    fields |= {"crossref": ",".join(parents)} | _links(work)
    body = "".join(f",\n {name} = {{{text}}}" for name, text in fields.items() if text)
    identifier = f"w{hashlib.sha256(f'{work.kind}{body}'.encode('utf-8', 'replace')).hexdigest()[:20]}"
    known[work.key] = identifier
    found[identifier] = f"@{work.kind}{{{identifier}{body}}}\n"
    return identifier


def _with_pages(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of an entry; the number of an article in its volume, which pandoc does not read, takes the place of pages."""
    number = fields.get("eid") or fields.get("articleno")
    return {**fields, "pages": number} if number and not fields.get("pages") else dict(fields)


def _field(name: str, text: str, literals: Collection[str]) -> str:
    if name == "month":
        return _month(text)
    if name in _PLAIN:
        return _bare(text) if name == "type" or _is_balanced(text) else _bare(text).replace("\\", "")
    if name in literals or not _is_balanced(text):
        return literal(text)
    if name in PERSONS:
        return _names(text)
    if name == "edition":
        return prepared(_edition(text))
    return prepared(text)


def _is_balanced(text: str) -> bool:
    r"""Whether braces come in pairs for pandoc too, to which `\{` is a character."""
    depth = 0
    for found in re.finditer(r"\\.|[{}]", f"{text} ", re.DOTALL):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth < 0 or (found[0] == "\\ " and found.end() > len(text)):
            return False
    return depth == 0


def _names(text: str) -> str:
    """Names with `and` between them as pandoc has it, in small letters, and without commas that nothing follows."""
    names = (re.sub(r",\s*$", "", name.strip()) for name in _split(text))
    return prepared(" and ".join(f"{{{name}}}" if _WITHOUT_GIVEN.fullmatch(name) else name for name in names))


def _links(work: Work) -> dict[str, str]:
    links = {}
    if work.fields.get("doi") and (found := doi(work)):
        links["doi"] = found
    if work.fields.get("url") and (found := url(work)):
        links["url"] = found
    if work.fields.get("eprint") and (found := arxiv(work)):
        links |= {"eprint": found, "eprinttype": "arxiv", "archiveprefix": ""}
    return links


def doi(work: Work) -> str | None:
    """The DOI of a work, without what may stand before it; None for what is none."""
    text = _RESOLVER.sub("", _bare(work.field("doi")))
    return text if DOI.fullmatch(text) else None


def url(work: Work) -> str | None:
    """The address of a work; None for what is none of the web."""
    written = work.field("url")
    wrapped = re.fullmatch(r"\s*\{?\s*\\url\s*\{(.*)\}\s*\}?\s*", written)
    text = _bare(wrapped[1] if wrapped else written)
    return text if is_web_address(text) else None


def arxiv(work: Work) -> str | None:
    """The number of a work at arXiv."""
    prefix = work.field("archiveprefix", "eprinttype").lower()
    found = _ARXIV.fullmatch(_bare(work.field("eprint")))
    return found[1] if found and prefix in {"arxiv", ""} else None


def is_web_address(text: str) -> bool:
    """Whether a text is an address that a link may lead to."""
    try:
        parts = urlsplit(text)
        whole = re.fullmatch(r"[\w.:-]+", parts.hostname or "") and (parts.port or not parts.netloc.endswith(":"))
    except ValueError:  # no port is a word
        return False
    return bool(parts.scheme.lower() in {"http", "https"} and whole and _ADDRESS.fullmatch(text))


def address(target: str) -> str | None:
    """Where a link that pandoc made leads; None where it leads to no page of the web."""
    text = target.strip()
    resolver = re.match(r"https?://(?:dx\.)?doi\.org/", text)
    if resolver:
        number = text[resolver.end() :]
        return f"https://doi.org/{quote(number, safe='/:;().,-_%')}" if DOI.fullmatch(number) else None
    return text if is_web_address(text) else None


def _bare(text: str) -> str:
    """A text without the escapes and braces of LaTeX."""
    return re.sub(r"\\([_%&#~$])", r"\1", text.strip()).replace("{", "").replace("}", "")


def _edition(written: str) -> str:
    """The number of an edition, `2` of `2nd` or `Second`, or what else it is called, without the word."""
    name = re.sub(r"\s*\b(?:edition|edn|ed)\b\.?$", "", written.strip(), flags=re.IGNORECASE)
    if name.lower() == "revised":
        return "Rev."
    if number := re.fullmatch(r"(\d+)(?:st|nd|rd|th)?\.?", name, re.IGNORECASE):
        return number[1]
    return str(1 + _ORDINALS.index(name.lower())) if name.lower() in _ORDINALS else name


def _month(written: str) -> str:
    """The number of a month that is written as one or by its name, among other words; nothing of what is no month."""
    text = _bare(written).lower()
    if text.isascii() and text.isdigit():
        return str(int(text)) if 1 <= int(text) <= len(_MONTHS) else ""
    names = [word[:3] for word in re.findall(r"[a-z]+", text) if word[:3] in _MONTHS]
    return str(1 + _MONTHS.index(names[0])) if names else ""


def mistakes(work: Work) -> Iterator[tuple[int, str]]:
    """What an entry lacks or has wrong, with its line: a reference needs a title, somebody who wrote or edited it, and a year."""
    missing = [
        name
        for name, there in (
            ("title", work.field("title") or work.fields.get("maintitle")),
            ("author", work.field("author", "editor", "organization", "translator")),
            ("year", work.field("year", "date")),
        )
        if not there
    ]
    if missing:
        yield work.line, f"the entry {work.key!r} has no {', no '.join(missing)}"
    for name, good, cure in (
        ("doi", doi(work), "a DOI begins 10. and has a slash, as 10.1000/182"),
        ("url", url(work), "only http and https addresses become links"),
        ("eprint", work.field("archiveprefix", "eprinttype").lower() != "arxiv" or arxiv(work), "as 1706.03762"),
    ):
        if work.field(name) and not good:
            yield work.line_of(name), f"the entry {work.key!r} has the {name} {work.field(name)!r}; {cure}"
    for name, key in work.unknown_parents:
        yield work.line_of(name), f"the entry {work.key!r} refers to {key!r}, which is not there"
    yield from _wrong_names(work)


def _wrong_names(work: Work) -> Iterator[tuple[int, str]]:
    """Names that are not written as BibTeX reads them: `Family, Given and Family, Given`."""
    cure = "between two names stands `and`"
    for role in sorted(PERSONS & work.fields.keys()):
        text = work.fields[role]
        if "=" in text:  # `given=Hans, family=Muster`
            continue
        for name in _split(text):
            bare = _without_groups(name)
            parts = [part.strip() for part in bare.split(",")]
            if len(parts) > 1 + _MOST_COMMAS and parts[-1]:
                yield work.line_of(role), f"Too many commas in {name!r} (in the entry {work.key!r}); {cure}"
            elif _NAME_SEPARATOR.search(bare) or (len(parts) > _MOST_COMMAS and " " in parts[1]):
                yield work.line_of(role), f"the entry {work.key!r} has the {role} {name!r}; {cure}"


def _split(names: str) -> list[str]:
    """The names between `and`, in whatever letters that is."""
    if re.search(r"[{}]| (?!and )[Aa][Nn][Dd] ", names):
        return [str(name) for name in split_name_list(names)]
    return names.split(" and ")


def _without_groups(text: str) -> str:
    """A text without what stands in braces."""
    while "{" in text and (shorter := re.sub(r"\{[^{}]*\}", "", text)) != text:
        text = shorter
    return text
