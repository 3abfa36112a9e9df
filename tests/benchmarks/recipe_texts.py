"""Five texts whose tokens fall into classes that rules tell apart, for `factor_recipe.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Words = Sequence[str]
Classes = dict[str, Callable[[Words, int], bool]]
"""Names of classes, and whether the token at a position is one."""


@dataclass(frozen=True)
class Text:
    """A text, how many factors are asked for, and the classes that a factor may turn out to be of."""

    text: str
    factors: int
    classes: Classes


def is_one(*words: str) -> Callable[[Words, int], bool]:
    """Tokens that are one of these, spaces and capitals aside."""
    return lambda tokens, at: tokens[at].strip().lower() in words


def digit(tokens: Words, at: int) -> bool:
    """One digit a token."""
    return tokens[at].strip().isdigit()


def tens(tokens: Words, at: int) -> bool:
    """A digit that another follows."""
    return digit(tokens, at) and at + 1 < len(tokens) and tokens[at + 1].isdigit()


def letters(tokens: Words, at: int) -> bool:
    """A word, or a part of one."""
    return tokens[at].strip().isalpha()


def newline(tokens: Words, at: int) -> bool:
    """A token with a line break, whose indent may follow."""
    return "\n" in tokens[at]


def early(tokens: Words, at: int) -> bool:
    """The first 15 % of the text."""
    return at < 0.15 * len(tokens)


def closing(tokens: Words, at: int) -> bool:
    """A closing tag, from its bracket to its bracket."""
    opened = max((p for p in range(at + 1) if "<" in tokens[p]), default=None)
    closed = max((p for p in range(at) if ">" in tokens[p]), default=-1)
    return opened is not None and opened > closed and "</" in tokens[opened]


def in_tag(tokens: Words, at: int) -> bool:
    """The name in a tag."""
    return letters(tokens, at) and at > 0 and "<" in tokens[at - 1]


def value(tokens: Words, at: int) -> bool:
    """What stands between tags, as long as there are tags."""
    brackets = [p for p in range(at) if "<" in tokens[p] or ">" in tokens[p]]
    fence = any("```" in tokens[p] for p in range(at + 1))
    return bool(brackets) and ">" in tokens[brackets[-1]] and tokens[at].strip().isalnum() and not fence


def after_fence(tokens: Words, at: int) -> bool:
    """The prose below the document."""
    return any("```" in tokens[p] for p in range(at)) and not newline(tokens, at)


def function_name(tokens: Words, at: int) -> bool:
    """What stands between `def` and its bracket."""
    opened = max((p for p in range(at) if tokens[p].strip() == "def"), default=None)
    return opened is not None and not any("(" in tokens[p] for p in range(opened, at + 1))


def starts_sentence(tokens: Words, at: int) -> bool:
    """The first word of a sentence."""
    return at == 0 or tokens[at - 1] == "."


NOUNS = [
    "lighthouse",
    "keeper",
    "stairs",
    "evening",
    "lamp",
    "book",
    "steps",
    "number",
    "years",
    "window",
    "harbour",
    "boats",
    "road",
    "village",
    "winter",
    "sea",
    "wind",
    "door",
    "summer",
    "ulls",
    "night",
    "woman",
    "tower",
    "light",
    "brother",
    "fog",
    "hands",
    "coat",
    "morning",
    "sun",
    "boat",
    "rocks",
]
VERBS = [
    "climbed",
    "carrying",
    "counted",
    "went",
    "known",
    "see",
    "led",
    "shook",
    "heard",
    "came",
    "asked",
    "lost",
    "gave",
    "lit",
    "waited",
    "rose",
]
AUXILIARIES = ["had", "could", "was", "were"]
PRONOUNS = ["he", "she", "they", "him", "her", "his", "their"]
PREPOSITIONS = ["for", "from", "to", "in", "round", "until", "as"]
CONJUNCTIONS = ["and", "although", "when", "as", "that", "until"]
DETERMINERS = ["the", "a", "every", "one", "his", "her", "their"]
ADJECTIVES = ["old", "narrow", "small", "thirty", "white", "loud", "young", "cold"]
COUNTRIES = [
    "austria",
    "belgium",
    "bulgaria",
    "czech",
    "republic",
    "denmark",
    "estonia",
    "finland",
    "hungary",
    "iceland",
    "italy",
    "latvia",
    "lithuania",
    "poland",
]

TEXTS = {
    "counting": Text(
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, ",
        5,
        {
            "digit": digit,
            "tens digit": tens,
            "comma": is_one(","),
            "space": lambda tokens, at: tokens[at] == " ",
            "early": early,
        },
    ),
    "list": Text(
        "Countries of the European Union:\n1. Austria\n2. Belgium\n3. Bulgaria\n4. Czech Republic\n5. Denmark\n6. Estonia\n"
        "7. Finland\n8. Hungary\n9. Iceland\n10. Italy\n11. Latvia\n12. Lithuania\n13. Latvia\n14. Lithuania\n15. Poland",
        6,
        {
            "digit": digit,
            "tens digit": tens,
            "full stop": is_one("."),
            "line break": newline,
            "country": is_one(*COUNTRIES),
            "early": early,
        },
    ),
    "tags": Text(
        "<library>\n  <book>\n    <title>Emma</title>\n    <author>Jane Austen</author>\n    <year>1815</year>\n  </book>\n"
        "  <book>\n"
        "    <title>The Night Circus</title>\n    <author>Benjamin Benbicki</author>\n    <year>1815</year>\n  </book>\n```\n\n"
        "In this example, the `book` object is a nested list containing a list of book objects. The `title` attribute",
        8,
        {
            "opening bracket": lambda tokens, at: "<" in tokens[at],
            "closing bracket": is_one(">"),
            "closing tag": closing,
            "name of a tag": in_tag,
            "value": value,
            "digit": digit,
            "line break": newline,
            "prose below": after_fence,
            "early": early,
        },
    ),
    "code": Text(
        "def area(width, height):\n    return width * height\n\n"
        "def volume(width, height, depth):\n    return width * height * depth\n\n"
        "def calculate_volume(width, height):\n    return width * height * depth\n\n"
        "def calculate_volume_with_depth(width, height):\n    return width * height *",
        8,
        {
            "width": is_one("width"),
            "height": is_one("height"),
            "depth": is_one("depth"),
            "operator": is_one("*"),
            "comma or bracket": is_one(",", "(", "):"),
            "line break": newline,
            "return": is_one("return"),
            "def": is_one("def"),
            "name of a function": function_name,
            "early": early,
        },
    ),
    "prose": Text(
        "The old lighthouse keeper climbed the narrow stairs every evening, carrying a lamp and a small book. "
        "He counted the steps "
        "as he went, although he had known their number for thirty years. From the window he could see the harbour, the white "
        "boats, and the road that led to the village. In winter the sea was loud and the wind shook the door; in summer he heard "
        "only the gulls. One night a young woman came to the tower and asked him for a light. She had lost her brother in the "
        "fog, and her hands were cold. He gave her his coat, lit the lamp, and they waited together until morning. When the sun "
        "rose, a boat came slowly round the rocks.",
        10,
        {
            "noun": is_one(*NOUNS),
            "verb": is_one(*VERBS),
            "auxiliary": is_one(*AUXILIARIES),
            "verb or auxiliary": is_one(*VERBS, *AUXILIARIES),
            "pronoun": is_one(*PRONOUNS),
            "he, she or they": is_one("he", "she", "they"),
            "preposition": is_one(*PREPOSITIONS),
            "conjunction": is_one(*CONJUNCTIONS),
            "determiner": is_one(*DETERMINERS),
            "adjective": is_one(*ADJECTIVES),
            "the": is_one("the"),
            "comma": is_one(","),
            "full stop": is_one("."),
            "start of a sentence": starts_sentence,
            "early": early,
        },
    ),
}
"""The last is prose of ours; the others are what SmolLM2-135M-Instruct made of a beginning."""
