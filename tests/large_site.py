"""A site of any size, made with a seed: prose, a bibliography, citations, explorables of all kinds, values and references."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import builders

from lensdoc.records.record import Record
from lensdoc.records.writing import write_record

WORDS = """layer token model neuron weight state factor input output text number list word sum share rank norm head
gradient matrix basis feature signal noise measure figure reader count comma verb noun subject tag line step start end
the a an its this that each every some most few such one two of in on at by for with from between after before under
is was reads writes holds shows keeps follows adds takes gives finds learns predicts counts names rises falls changes
small large early late same other first last common rare sparse dense plain simple linear exact rough quiet clear
often seldom then again still also only not never always nearly twice together alone"""
NAMES = """Abel Berg Costa Dahl Evans Fischer Grant Holm Ito Jansen Keller Lind Moreau Novak Olsen Park Quist Rossi Sato
Turner Ueda Vidal Weber Xu Young Zeman M{\\"u}ller Garc{\\'i}a {\\AA}berg Nu{\\~n}ez"""
VENUES = ("Journal of Small Models", "Proceedings of Reading Machines", "Letters on Learning", "Annals of Interpretation")
CODE = "```python\ntrace = model.generate(text, max_new_tokens={0})\nfor layer in range({1}):\n    print(trace.rank(layer))\n```"
CONFIG = """site_name: A large site
site_url: https://example.org/large/
theme: {{name: material, font: false, features: [navigation.instant, navigation.top, toc.follow]}}
markdown_extensions:
  - attr_list
  - tables
  - footnotes
  - admonition
  - toc: {{permalink: true}}
  - pymdownx.highlight
  - pymdownx.superfences
{extension}plugins: [search{plugin}]
"""
EXTENSION = "  - lensdoc: {bibliography: docs/references.bib}\n"


@dataclass(frozen=True)
class Size:
    """How large a site is; citations and explorables are shared out evenly among its pages."""

    pages: int = 50
    citations: int = 500
    explorables: int = 100
    entries: int = 900
    paragraphs: int = 3
    """Of about 60 words each, in each of four sections of a page."""


@dataclass
class LargeSite:
    """Writes `docs/` and two configurations: `plain.yml`, where Material reads our syntax as text, and `mkdocs.yml`."""

    folder: Path
    size: Size = field(default_factory=Size)
    seed: int = 1

    def write(self) -> Path:
        """The folder of the site."""
        self.chance = random.Random(self.seed)
        docs = self.folder / "docs"
        docs.mkdir(parents=True)
        self.works = [f"work{n}" for n in range(self.size.entries)]
        (docs / "references.bib").write_text("\n".join(map(self._entry, self.works)))
        self.names = [self._record(n) for n in range(self.size.explorables)]
        for number in range(self.size.pages):
            (docs / ("index.md" if number == 0 else f"page-{number}.md")).write_text(self._page(number))
        (self.folder / "plain.yml").write_text(CONFIG.format(extension="", plugin=""))
        (self.folder / "mkdocs.yml").write_text(CONFIG.format(extension=EXTENSION, plugin=", lensdoc"))
        return self.folder

    def _entry(self, key: str) -> str:
        author = " and ".join(
            f"{self.chance.choice(NAMES.split())}, {self.chance.choice('ABCDEFG')}." for _ in range(self._upto(5))
        )
        kind = self.chance.choice(("article", "inproceedings", "book", "misc"))
        where = {"article": "journal", "inproceedings": "booktitle", "book": "publisher", "misc": "howpublished"}[kind]
        first, last = self._upto(900), self._upto(9)
        return (
            f"@{kind}{{{key},\n  author = {{{author}}},\n"
            f"  title = {{{self._words(8).capitalize()} in {{LSTM}}s \\& $\\ell_{last}$}},\n"
            f"  {where} = {{{self.chance.choice(VENUES)}}},\n  volume = {{{last}}},\n  pages = {{{first}--{first + last}}},\n"
            f"  year = {{{1990 + self._upto(35)}}},\n  doi = {{10.1000/{key}}},\n}}\n"
        )

    def _record(self, number: int) -> str:
        kind, make = list(KINDS.items())[number % len(KINDS)]
        name = f"{kind}/{number}"
        write_record(make(self.chance), self.folder / "docs" / "data" / f"{name}.json")
        return name

    def _page(self, number: int) -> str:
        size, parts = self.size, [f"---\ntitle: Page {number}\n---\n\n# Page {number}"]
        citations = iter([self._citation() for _ in range(_share(size.citations, number, size.pages))])
        figures = iter(self.names[sum(_share(size.explorables, n, size.pages) for n in range(number)) :])
        figures = itertools.islice(figures, _share(size.explorables, number, size.pages))
        for section in range(4):
            parts.append(f"## {self._words(4).capitalize()} {{#sec-{number}-{section}}}")
            parts += [self._paragraph(citations) for _ in range(size.paragraphs)]
            parts.append((self._list, self._table, self._code, self._quote)[section]())
            if name := next(figures, None):
                parts += [self._figure(name), f"In @fig-{name.replace('/', '-')} and @sec-{number}-0 {self._words(20)}."]
        if rest := [*citations, *figures]:
            raise ValueError(f"page {number} has no room for {rest}")
        return "\n\n".join(parts) + "\n"

    def _paragraph(self, citations: Iterator[str]) -> str:
        return " ".join(f"{self._words(20).capitalize()} {next(citations, '')}".strip() + "." for _ in range(3))

    def _citation(self) -> str:
        key = self.chance.choice(self.works)
        return self.chance.choice((f"[@{key}]", f"[see @{key}, p. {self._upto(90)}]", f"as @{key} has it", f"[-@{key}, sec. 2]"))

    def _figure(self, name: str) -> str:
        value = f"`{{val}} {name}.model.parameters:,` of `{{val}} {name}.tokens[0].text`"
        return (
            f"/// explorable | {name}\n    attrs: {{id: fig-{name.replace('/', '-')}}}\n"
            f"**{self._words(5).capitalize()}.** {self._words(25).capitalize()} {value}.\n///"
        )

    def _list(self) -> str:
        return "\n".join(f"- *{self._words(2)}*: {self._words(9)}" for _ in range(5))

    def _table(self) -> str:
        rows = [f"| {self._words(2)} | {self._upto(999)} | {self._upto(99) / 100} |" for _ in range(6)]
        return "\n".join(["| what | count | share |", "|---|--:|--:|", *rows])

    def _code(self) -> str:
        return CODE.format(self._upto(30), self._upto(12))

    def _quote(self) -> str:
        return f"> {self._words(18).capitalize()}, `{self._words(1)}`, [{self._words(2)}](index.md)."

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choices(WORDS.split(), k=count))

    def _upto(self, most: int) -> int:
        return self.chance.randint(1, most)


def _share(whole: int, number: int, pages: int) -> int:
    return whole // pages + (number < whole % pages)


def _texts(chance: random.Random, count: int) -> list[str]:
    return [f" {word}" for word in chance.choices(WORDS.split(), k=count)]


def _values(chance: random.Random, rows: int, columns: int) -> list[list[float]]:
    return [[round(max(0.0, chance.gauss(0, 1)), 3) for _ in range(columns)] for _ in range(rows)]


def _saliency(chance: random.Random) -> Record:
    rows = [[chance.random() for _ in range(12 + t)] for t in range(24)]
    return builders.saliency([[round(v / sum(row), 4) for v in row] for row in rows], _texts(chance, 36))


def _rankings(chance: random.Random) -> Record:
    return builders.rankings([[chance.randint(1, 900) for _ in range(30)] for _ in range(6)], _texts(chance, 31))


def _watch(chance: random.Random) -> Record:
    return builders.watch([[chance.randint(1, 900), chance.randint(1, 900)] for _ in range(12)])


def _predictions(chance: random.Random) -> Record:
    probs = sorted((chance.random() / 10 for _ in range(10)), reverse=True)
    return builders.predictions([_texts(chance, 10) for _ in range(6)], [probs] * 6)


def _sequence(chance: random.Random) -> Record:
    return builders.sequence(_texts(chance, 60), 20)


def _factors(chance: random.Random) -> Record:
    return builders.factors(_values(chance, 6, 60), _texts(chance, 60), 12)


def _activations(chance: random.Random) -> Record:
    return builders.activations(_values(chance, 128, 30), texts=_texts(chance, 30))


def _factor_saliency(chance: random.Random) -> Record:
    return builders.factor_saliency(_values(chance, 4, 24), _texts(chance, 24), 8)


KINDS = {
    "factors": _factors,
    "saliency": _saliency,
    "rankings": _rankings,
    "watch": _watch,
    "predictions": _predictions,
    "sequence": _sequence,
    "activations": _activations,
    "factor-saliency": _factor_saliency,
}
"""Records of the sizes that articles have."""
