"""Entries of a BibTeX file as citeproc-py's references: types, names, dates and links."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from citeproc.source import Date, LiteralDate, Name, Reference
from citeproc.string import NoCase, String
from pybtex.database import Person

from lensdoc.publish.citations.bibliography import Work
from lensdoc.publish.citations.cases import Formula, Title
from lensdoc.publish.citations.latex import decode, segments
from lensdoc.publish.citations.macros import unknown_macros
from lensdoc.publish.citations.marks import CLOSE, DOI, MATH, OTHERS, URL

_TYPES = {
    "article": "article-journal",
    "book": "book",
    "booklet": "pamphlet",
    "collection": "book",
    "conference": "paper-conference",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "manual": "book",
    "mastersthesis": "thesis",
    "mvbook": "book",
    "online": "webpage",
    "electronic": "webpage",
    "patent": "patent",
    "phdthesis": "thesis",
    "proceedings": "book",
    "report": "report",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "www": "webpage",
}
_GENRES = {"phdthesis": "PhD thesis", "mastersthesis": "Master’s thesis", "techreport": "Technical report"}
_FIELDS = {
    "title": ("title",),
    "container_title": ("journal", "journaltitle", "booktitle"),
    "collection_title": ("series",),
    "publisher": ("publisher", "school", "institution", "organization"),
    "publisher_place": ("address", "location"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "genre": ("type",),
}
"""The variables of CSL and the fields that they are read from; the first one that is there counts."""
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]
_PARTICLES = {
    "af",
    "al",
    "av",
    "d'",
    "da",
    "de",
    "del",
    "della",
    "den",
    "der",
    "di",
    "do",
    "dos",
    "du",
    "la",
    "le",
    "ten",
    "ter",
    "van",
    "von",
    "zu",
}
"""Words before a family name, where they are written behind the given one, as in `Beethoven, Ludwig van`."""
_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"{}|\\^`]+")
_ARXIV = re.compile(r"(?:arXiv:)?((?:\d{4}\.\d{4,5}|[a-z.-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?)", re.IGNORECASE)


def mistakes(work: Work) -> list[tuple[int, str]]:
    """What an entry lacks or has wrong, with its line: a reference needs a title, somebody who wrote or edited it, and a year."""
    missing = [
        name
        for name, there in (
            ("title", work.field("title")),
            ("author", work.entry.persons.get("author") or _persons(work, "editor") or work.field("organization")),
            ("year", work.field("year", "date")),
        )
        if not there
    ]
    found = [(work.line, f"the entry {work.key!r} has no {', no '.join(missing)}")] if missing else []
    for name, good, cure in (
        ("doi", _doi(work), "a DOI begins 10. and has a slash, as 10.1000/182"),
        ("url", _url(work), "only http and https addresses become links"),
        ("eprint", work.field("archiveprefix", "eprinttype").lower() != "arxiv" or _arxiv(work), "as 1706.03762"),
    ):
        if work.field(name) and not good:
            found.append((work.line_of(name), f"the entry {work.key!r} has the {name} {work.field(name)!r}; {cure}"))
    if work.field("crossref") and not work.parent:
        found.append(
            (work.line_of("crossref"), f"the entry {work.key!r} refers to {work.field('crossref')!r}, which is not there")
        )
    return [*found, *_unknown(work)]


def _unknown(work: Work) -> list[tuple[int, str]]:
    """Macros of LaTeX that would be left out of what is shown."""
    names = {name for fields in _FIELDS.values() for name in fields} | {
        "pages",
        "edition",
        "year",
        "date",
        "urldate",
        "lastvisited",
    }
    texts = [(name, str(text)) for name, text in work.entry.fields.items() if name.lower() in names]
    texts += [(role, str(person)) for role in ("author", "editor") for person in work.entry.persons.get(role, ())]
    cure = "which is not known and left out; write what it stands for"
    return [
        (work.line_of(name), f"the entry {work.key!r} has the macro {macro} in its {name}, {cure}")
        for name, text in texts
        for macro in unknown_macros(text)
    ]


def reference(work: Work, year_suffix: str = "") -> Reference:
    """The reference of a work, with the letter behind its year that tells it from others."""
    kind = work.entry.type.lower()
    texts = {variable: _text(work.field(*fields)) for variable, fields in _FIELDS.items()}
    values: dict[str, object] = {variable: text for variable, text in texts.items() if text}
    if kind in _GENRES:
        values.setdefault("genre", String(_GENRES[kind]))
    if pages := work.field("pages"):
        values["page"] = decode(re.sub(r"\s*-{2,}\s*|\s*[–—]\s*", "-", pages))
    values |= _names(work)
    if _published_by_its_author(work):
        values.pop("publisher", None)
    if edition := work.field("edition"):
        values["edition"] = String(_edition(decode(edition)))
    if issued := _date(work.field("date", "year"), work.field("month"), work.field("day")):
        values["issued"] = issued
    if accessed := _date(work.field("urldate", "lastvisited")):
        values["accessed"] = accessed
    if year_suffix:
        values["year_suffix"] = String(year_suffix)
    return Reference(work.key, _type(work), **values, **_links(work))


def _names(work: Work) -> dict[str, list[Name]]:
    """Authors and editors, or else whoever published the work."""
    names = {role: [_name(person) for person in _persons(work, role)] for role in ("author", "editor")}
    if not any(names.values()) and (body := work.field("organization")):
        return {"author": [Name(literal=decode(body))]}
    return {role: found for role, found in names.items() if found}


def _published_by_its_author(work: Work) -> bool:
    return not any(_persons(work, role) for role in ("author", "editor")) and not work.field("publisher", "school", "institution")


def _persons(work: Work, role: str) -> list[Person]:
    """Those of the entry, or the editors of the book to which it refers."""
    own: list[Person] = work.entry.persons.get(role, [])
    return own or (work.parent.persons.get(role, []) if role == "editor" and work.parent else [])


def _type(work: Work) -> str:
    kind = work.entry.type.lower()
    return _TYPES.get(kind) or ("article" if _arxiv(work) or not _url(work) else "webpage")


def _links(work: Work) -> dict[str, object]:
    links: dict[str, object] = {}
    if raw := work.field("doi"):
        links["DOI"] = _linked(DOI, doi) if (doi := _doi(work)) else String(decode(raw))
    arxiv = _arxiv(work)
    if arxiv:
        links["number"] = _linked(URL, f"arXiv:{arxiv}")
        if _type(work) == "article":
            links["publisher"] = String("arXiv")
    if url := (f"https://arxiv.org/abs/{arxiv}" if arxiv else _url(work)):
        links["URL"] = _linked(URL, url)
    elif raw := work.field("url"):
        links["URL"] = String(decode(raw))
    return links


def _linked(mark: str, text: str) -> String:
    return String(f"{mark}{text}{CLOSE}")


def address(mark: str, text: str) -> str:
    """Where a marked DOI or URL leads."""
    if mark == DOI:
        return f"https://doi.org/{quote(text, safe='/:;().,-_')}"
    return re.sub("^arXiv:", "https://arxiv.org/abs/", text)


def _doi(work: Work) -> str | None:
    text = re.sub(r"(?i)^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", _plain(work.field("doi")))
    return text if _DOI.fullmatch(text) else None


def _url(work: Work) -> str | None:
    given = work.field("url") or (re.findall(r"\\url\{([^{}]*)\}|(https?://\S+)", work.field("howpublished")) or [("", "")])[0]
    text = _plain(given if isinstance(given, str) else given[0] or given[1])
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    good = parts.scheme.lower() in {"http", "https"} and host and re.fullmatch(r"(?i)https?://[^\s\x00-\x20<>\"\\]+", text)
    return text if good else None


def _arxiv(work: Work) -> str | None:
    prefix = work.field("archiveprefix", "eprinttype").lower()
    found = _ARXIV.fullmatch(_plain(work.field("eprint")))
    return found[1] if found and prefix in {"arxiv", ""} else None


def _plain(text: str) -> str:
    """An address without the escapes of LaTeX."""
    return re.sub(r"\\([_%&#~$])", r"\1", text.strip()).replace("{", "").replace("}", "")


def _text(raw: str) -> Title | None:
    parts = segments(raw)
    return Title([(Formula if MATH in part else NoCase if kept else String)(part) for part, kept in parts]) if parts else None


def _name(person: Person) -> Name:
    if str(person).lower() == "others":
        return Name(literal=OTHERS)
    given, last = [*person.first_names, *person.middle_names], " ".join(person.last_names)
    particles: list[str] = []
    while len(given) > 1 and given[-1] in _PARTICLES:
        particles.insert(0, given.pop())
    first = " ".join(given)
    if not first and not person.prelast_names and last.startswith("{"):
        return Name(literal=decode(last))
    parts = {
        "family": last,
        "given": first,
        "dropping-particle": " ".join(particles),
        "non-dropping-particle": " ".join(person.prelast_names),
        "suffix": " ".join(person.lineage_names),
    }
    names = {name: decode(text) for name, text in parts.items() if text}
    if "given" in names:
        return Name(**names)
    return Name(literal=" ".join(names[part] for part in ("non-dropping-particle", "family", "suffix") if part in names))


def _edition(written: str) -> str:
    """The number of an edition, `2` of `2nd` or `Second`, or what else it is called, without the word."""
    bare = re.sub(r"\s*\b(?:edition|edn|ed)\b\.?$", "", written.strip(), flags=re.IGNORECASE)
    if bare.lower() == "revised":
        return "Rev."
    if number := re.fullmatch(r"(\d+)(?:st|nd|rd|th)?\.?", bare, re.IGNORECASE):
        return number[1]
    return str(1 + _ORDINALS.index(bare.lower())) if bare.lower() in _ORDINALS else bare


def _date(written: str, month: str = "", day: str = "") -> Date | LiteralDate | None:
    """A date, as `2000-04-30` or as its year, with the month as a name or a number, and the day."""
    written = _plain(written)
    numbers = re.fullmatch(r"(\d{1,4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", written)
    if not numbers:
        return LiteralDate(decode(written)) if written else None
    year, *parts = numbers.groups()
    if not parts[0]:
        parts = [_month(_plain(month)), _plain(day)]
    named = {"year": int(year)}
    for name, part, most in zip(("month", "day"), parts, (12, 31), strict=True):
        if not (part and part.isascii() and part.isdigit() and 1 <= int(part) <= most):
            break
        named[name] = int(part)
    return Date(**named)


def _month(written: str) -> str:
    """The number of a month that is written as a number or by its name."""
    name = written.lower()[:3]
    return str(1 + _MONTHS.index(name)) if name in _MONTHS else written
