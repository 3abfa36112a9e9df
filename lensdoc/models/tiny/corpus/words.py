"""The words that the generators share."""

# fmt: off
from __future__ import annotations

EU_COUNTRIES = [
    "Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czechia", "Denmark", "Estonia", "Finland", "France", "Germany",
    "Greece", "Hungary", "Ireland", "Italy", "Latvia", "Lithuania", "Luxembourg", "Malta", "Netherlands", "Poland",
    "Portugal", "Romania", "Slovakia", "Slovenia", "Spain", "Sweden",
]
"""The 27 member states, in the order of their English names."""

CAPITALS = {
    "Austria": "Vienna", "Belgium": "Brussels", "Bulgaria": "Sofia", "Croatia": "Zagreb", "Cyprus": "Nicosia",
    "Czechia": "Prague", "Denmark": "Copenhagen", "Estonia": "Tallinn", "Finland": "Helsinki", "France": "Paris",
    "Germany": "Berlin", "Greece": "Athens", "Hungary": "Budapest", "Ireland": "Dublin", "Italy": "Rome",
    "Latvia": "Riga", "Lithuania": "Vilnius", "Malta": "Valletta", "Netherlands": "Amsterdam", "Poland": "Warsaw",
    "Portugal": "Lisbon", "Romania": "Bucharest", "Slovakia": "Bratislava", "Slovenia": "Ljubljana",
    "Spain": "Madrid", "Sweden": "Stockholm", "Norway": "Oslo", "Iceland": "Reykjavik", "Japan": "Tokyo",
    "Egypt": "Cairo", "Kenya": "Nairobi", "Peru": "Lima", "Chile": "Santiago", "Canada": "Ottawa", "Cuba": "Havana",
}

BIRTH_YEARS = {
    "William Shakespeare": 1564, "Isaac Newton": 1643, "Johann Sebastian Bach": 1685, "Leonhard Euler": 1707,
    "Wolfgang Amadeus Mozart": 1756, "Jane Austen": 1775, "Charles Darwin": 1809, "Ada Lovelace": 1815,
    "Marie Curie": 1867, "Albert Einstein": 1879, "Emmy Noether": 1882, "Alan Turing": 1912,
    "Galileo Galilei": 1564, "Johannes Kepler": 1571, "Mary Shelley": 1797, "Michael Faraday": 1791,
}

NOUNS = {
    "key": "keys", "cabinet": "cabinets", "book": "books", "shelf": "shelves", "picture": "pictures", "wall": "walls",
    "letter": "letters", "drawer": "drawers", "cup": "cups", "table": "tables", "door": "doors", "house": "houses",
    "tree": "trees", "garden": "gardens", "path": "paths", "hill": "hills", "lamp": "lamps", "window": "windows",
    "box": "boxes", "chair": "chairs", "map": "maps", "road": "roads", "bridge": "bridges", "river": "rivers",
    "boat": "boats", "lake": "lakes", "gate": "gates", "farm": "farms", "field": "fields", "tower": "towers",
}
"""Singular to plural."""

ADJECTIVES = [
    "old", "new", "small", "large", "red", "green", "blue", "white", "black", "heavy", "light", "clean", "broken", "bright",
    "quiet", "open",
]
ADVERBS = [
    "slowly", "quickly", "quietly", "carefully", "often", "always", "never", "soon", "again", "already", "still", "almost",
    "suddenly", "gladly",
]
FEELINGS = ["happy", "sad", "tired", "hungry", "curious", "proud", "afraid", "alone", "certain", "late"]
PLACES = ["here", "outside", "inside", "nearby", "upstairs", "downstairs"]
PLACES_TO_GO = ["market", "school", "station", "harbour", "library", "kitchen", "village", "mill", "forest", "church"]
PREPOSITIONS = ["to", "near", "behind", "beside", "under", "above"]
VERBS = ["saw", "found", "took", "lost", "painted", "carried", "sold", "kept", "washed", "opened"]
WOMEN = ["Anna", "Mary", "Clara", "Emma", "Julia", "Nora", "Alice", "Ruth"]
MEN = ["John", "Peter", "Paul", "Thomas", "David", "Henry", "Martin", "Simon"]
FRUITS = [
    "apples", "bananas", "pears", "plums", "grapes", "lemons", "oranges", "cherries", "peaches", "figs", "melons", "limes",
]
ANIMALS = [
    "cat", "dog", "horse", "cow", "sheep", "goat", "duck", "goose", "fox", "wolf", "bear", "deer", "hare", "owl", "crow",
    "mouse",
]
COLOURS = ["red", "green", "blue", "yellow", "white", "black", "orange", "purple", "brown", "grey", "pink", "gold"]
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
PLANETS = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]
TAGS = [
    "note", "to", "from", "heading", "body", "title", "item", "list", "name", "price", "book", "author", "year", "row", "cell",
    "link", "text", "page", "part", "date",
]
SYLLABLES = [
    "ba", "be", "bi", "bo", "da", "de", "di", "do", "ka", "ke", "ki", "ko", "la", "le", "li", "lo", "ma", "me", "mi", "mo",
    "na", "ne", "ni", "no", "ra", "re", "ri", "ro", "ta", "te", "ti", "to",
]
"""What invented tag names are made of."""
