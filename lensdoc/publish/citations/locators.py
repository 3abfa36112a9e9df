"""The place in a work that a citation points at: `p. 3`, `secs. 2-4`, `fig. 1`."""

from __future__ import annotations

import re
from typing import NamedTuple


class Locator(NamedTuple):
    """A place in a work."""

    label: str
    """What it is, as CSL calls it: `page`."""
    numbers: str
    written: str
    """The whole, as the author wrote it."""


_WORDS = {
    "appendix": "appendix app. apps. appendices",
    "book": "book bk. bks. books",
    "chapter": "chapter chap. chaps. ch. chs. chapters",
    "column": "column col. cols. columns",
    "equation": "equation eq. eqs. equations",
    "figure": "figure fig. figs. figures",
    "folio": "folio fol. fols. folios",
    "line": "line l. ll. lines",
    "note": "note n. nn. notes",
    "issue": "number no. nos. numbers",
    "opus": "opus op. opp. opera",
    "page": "page p. pp. pages",
    "paragraph": "paragraph para. paras. paragraphs ¶ ¶¶",
    "part": "part pt. pts. parts",
    "section": "section sec. secs. sect. sects. sections § §§",
    "sub-verbo": "s.v. s.vv.",
    "table": "table tbl. tbls. tab. tabs. tables",
    "verse": "verse v. vv. verses",
    "volume": "volume vol. vols. volumes",
}
"""The labels of CSL and the words that begin a locator."""
LABELS = {word: label for label, words in _WORDS.items() for word in words.split()}
_WORD = "|".join(re.escape(word) for word in sorted(LABELS, key=len, reverse=True))
_NUMBER = r"(?:[A-Za-z]{0,3}\d[\w.:/]*(?<![.:/])|[IVXLCDM]+\b|[ivxlcdm]+\b|[A-Z]\b)"
_NUMBERS = rf"{_NUMBER}(?:\s*(?:--?|–|—|,|&|and)\s*{_NUMBER})*"
_LOCATOR = re.compile(
    rf"\s*,?\s*(?:(?P<word>{_WORD})(?:(?<=[.¶§])\s*|\s+)(?P<named>{_NUMBERS})|(?P<pages>\d+(?:\s*(?:--?|–|,)\s*\d+)*)(?!\w))"
)


def read_locator(text: str) -> tuple[Locator | None, str]:
    """The locator that begins what stands behind a key, and the rest; bare numbers are pages.

    >>> read_locator(", secs. 2-3, and more")
    (Locator(label='section', numbers='2-3', written='secs. 2-3'), ', and more')
    >>> read_locator(" and more")
    (None, ' and more')
    """
    found = _LOCATOR.match(text)
    if not found:
        return None, text
    label = LABELS[found["word"]] if found["word"] else "page"
    numbers = re.sub(r"\s*(?:--?|–|—)\s*", "-", found["named"] or found["pages"])
    written = " ".join(found[0].strip(" ,\t\n").split())
    return Locator(label, " ".join(numbers.split()), written), text[found.end() :]
