"""The fields of an article's front matter, and what each must be."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pybtex.database import Person
from pybtex.exceptions import PybtexError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_ORCID = re.compile(r"(\d{4}-){3}\d{3}[\dX]")
_SUFFIX = re.compile(r",?(?:[JS]r\.?|I{2,3}|I?V|VI{0,3})")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def _doi(value: str) -> str:
    if not _DOI.fullmatch(value):
        raise ValueError(f"must be a DOI, it is {value!r}; write it without a prefix: 10.5281/zenodo.1234")
    return value


def _orcid(value: str) -> str:
    if not _ORCID.fullmatch(value):
        raise ValueError(f"must be four groups of four, it is {value!r}; write it without the address: 0000-0002-1825-0097")
    total = 0
    for digit in value.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    expected = "X" if check == 10 else str(check)  # noqa: PLR2004 - ISO 7064 mod 11-2 writes ten as X
    if value[-1] != expected:
        raise ValueError(f"has a wrong check digit: {value!r} should end with {expected}; a digit is mistyped or two are swapped")
    return value


def _licence(value: str) -> str:
    if not _LICENCE.fullmatch(value):
        raise ValueError(f"must be an SPDX identifier, it is {value!r}; write for example CC-BY-4.0")
    return value


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError(f"must be an address, it is {value!r}; begin it with https://")
    return value


def _day(value: object) -> date:
    if type(value) is date:
        return value
    raise ValueError(f"must be a day, it is {str(value)!r}; write it as 2026-01-31, without quotes")


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return " ".join(value.split())
    raise ValueError(f"must be a text, it is {value!r}; put it in quotes")


def _texts(value: object) -> object:
    if isinstance(value, str | dict):
        return (value,)
    if isinstance(value, list | tuple):
        return tuple(value)
    raise ValueError(f"must be a text or a list, it is {value!r}; write [one, another]")


def _author(value: object) -> object:
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict):
        return value
    raise ValueError(f"must be a name or fields of an author, it is {value!r}; write - name: Ada Example")


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_texts)]
Day = Annotated[date, BeforeValidator(_day)]


class Author(BaseModel):
    """A person, or an organization that signs as one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Text = ""
    organization: Text = ""
    affiliation: Texts = ()
    orcid: Annotated[Text, AfterValidator(_orcid)] | None = None
    url: Annotated[Text, AfterValidator(_address)] | None = None
    email: Text | None = None
    """Kept for the citation file only; pages do not show it."""

    @model_validator(mode="after")
    def _one_name(self) -> Author:
        if bool(self.name) == bool(self.organization):
            raise ValueError("must have either a name, that of a person, or an organization")
        return self

    @property
    def called(self) -> str:
        """The name, whosever it is."""
        return self.name or self.organization

    @property
    def family(self) -> str:
        """The family name of a person, without what stands before or behind it; of an organization all of it."""
        return self._parts[1]

    @property
    def given(self) -> str:
        """The other names of a person."""
        return self._parts[2]

    @property
    def particle(self) -> str:
        """Small words before the family name: `van den`."""
        return self._parts[0]

    @property
    def suffix(self) -> str:
        """What stands behind a name: `Jr.`."""
        return self._parts[3]

    @property
    def _parts(self) -> tuple[str, str, str, str]:
        """Particle, family name, other names and suffix, as BibTeX tells them apart."""
        if self.organization:
            return "", self.organization, "", ""
        words = self.name.split()
        if "and" in self.name.casefold().split():  # no particle: a firm under `name`
            family, comma, given = self.name.partition(",")
            return ("", family, given.strip(), "") if comma else ("", words[-1], " ".join(words[:-1]), "")
        behind = ""
        if "," not in self.name and len(words) > 2 and _SUFFIX.fullmatch(words[-1]):  # noqa: PLR2004 - two names and it
            behind = words.pop()
        try:
            person = Person(" ".join(words))
        except PybtexError:
            family, _, given = self.name.partition(",")
            return "", family, given.strip(), ""
        given = " ".join([*person.first_names, *person.middle_names])
        particle, suffix = " ".join(person.prelast_names), behind or " ".join(person.lineage_names)
        if particle and not given:  # somebody who writes all of the name small
            return "", words[-1], " ".join(words[:-1]), suffix
        return particle, " ".join(person.last_names), given, suffix


class Article(BaseModel):
    """What the front matter says of an article. Only the title is needed, and MkDocs finds it in the first heading too."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Text = ""
    description: Text = ""
    authors: Annotated[tuple[Annotated[Author, BeforeValidator(_author)], ...], BeforeValidator(_texts)] = ()
    date: Day | None = None
    updated: Day | None = None
    doi: Annotated[Text, AfterValidator(_doi)] | None = None
    license: Annotated[Text, AfterValidator(_licence)] | None = None
    keywords: Texts = ()
    acknowledgements: Text = ""
    image: Text = ""
    """Path of a picture for previews, below the folder of pages."""
    image_alt: Text = Field(default="")

    @model_validator(mode="after")
    def _in_order(self) -> Article:
        if self.date and self.updated and self.updated < self.date:
            raise ValueError(f"updated ({self.updated}) must not be before date ({self.date})")
        return self

    @property
    def affiliations(self) -> tuple[str, ...]:
        """All affiliations, each once, in the order of the authors."""
        return tuple(dict.fromkeys(name for author in self.authors for name in author.affiliation))


def field_names(model: type[BaseModel]) -> list[str]:
    """Names that an author may write."""
    return list(model.model_fields)


Meta = dict[str, Any]
