"""Titles whose words keep their case in part: `{GPT}-2` and `$n$-gram` are one word each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Self

from citeproc.string import MixedString, NoCase, String


class Title(MixedString):  # type: ignore[misc] # it has no types
    """A text in parts, which citeproc-py would take for words of their own when a style changes case."""

    def words(self) -> Iterator[Word]:
        """What stands between spaces."""
        word: list[String] = []
        for part in self:
            for piece in re.split(r"(\s+)", part):
                if piece and not piece.isspace():
                    word.append(type(part)(piece))
                elif piece and word:
                    yield Word(word)
                    word = []
        if word:
            yield Word(word)


class Word(String):  # type: ignore[misc] # it has no types
    """A word of which parts may keep their case."""

    parts: Sequence[String]

    def __new__(cls, parts: Sequence[String]) -> Self:
        """The word that the parts are together."""
        word: Self = super().__new__(cls, "".join(map(str, parts)))
        word.parts = parts
        return word

    def soft_lower(self) -> Word:
        """In small letters, but for what keeps its case."""
        return Word([part.soft_lower() for part in self.parts])

    def capitalize_first(self) -> Word:
        """With a capital, unless what begins it keeps its case."""
        return Word([self.parts[0].capitalize_first(), *self.parts[1:]])


class Formula(NoCase):  # type: ignore[misc] # it has no types
    """TeX, which means something else in other letters."""

    def lower(self) -> Formula:
        """As it is."""
        return self

    def upper(self) -> Formula:
        """As it is."""
        return self
