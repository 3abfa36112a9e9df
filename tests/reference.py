"""The reference pages of the guide, made from the command line, the registries, the records and the docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import griffe

import lensdoc
from lensdoc.cli import lensdoc as commands
from lensdoc.explorables.kinds import EXPLORABLES, explorable
from lensdoc.explorables.options import NumberOption, SwitchOption, TextOption
from lensdoc.publish.engines.mkdocs.plugin import LensdocConfig
from lensdoc.publish.extension import LensdocExtension
from lensdoc.records.kinds import KINDS, record_class

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "guide" / "reference"
MADE = "<!-- Made by tests/reference.py; made again by: python -m pytest tests/test_reference.py --write-golden -->"
COMMANDS = """Exit codes: 0 done, 1 what was asked for failed, and is named, 2 the command was not understood.
On a terminal `lensdoc run` shows bars, elsewhere plain lines.

| beside these | what it does |
|---|---|
| `mkdocs build`, `mkdocs serve` | as with every MkDocs site; under `--strict` mistakes and stale runs fail the build |
| `make article`, `make test`, `make test-full` | in a clone of lensdoc: its own article, its tests |
| `python -m lensdoc.models.tiny.evaluate` | measures what the bundled model can do |
| `python -m lensdoc.models.tiny.train` | trains it again |
| `python -m lensdoc.models.tiny.train_others`, `evaluate_others` | the same for its masked and its encoder-decoder version |
"""
RECORD = "lensdoc.records.record.Record"
OBJECTS = ("lensdoc.models.trace.Trace", "lensdoc.models.language_model.LanguageModel", RECORD)
"""Classes that an author meets: their public methods and attributes are on the page too."""
PARTS = ("lensdoc.records.tokens.Token", "lensdoc.records.record.ModelInfo", "lensdoc.records.record.Provenance")


@cache
def package():
    return griffe.load("lensdoc", search_paths=[str(ROOT)], docstring_parser="google", allow_inspection=False)


def found(path):
    return package()[path.removeprefix("lensdoc.")]


def pages() -> dict[str, str]:
    """Name of each page to its text."""
    return {"commands": commands_page(), "options": options_page(), "data": data_page(), "api": api_page()}


def page(title: str, description: str, heading: str, lead: str, parts: Iterator[str]) -> str:
    head = f"---\ntitle: {title}\ndescription: {description}\n---\n\n{MADE}\n\n# {heading}\n\n{lead}\n"
    return re.sub(r"\n{3,}", "\n\n", "\n".join([head, *parts]).rstrip()) + "\n"


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    cells = [heads, ("---",) * len(heads), *rows]
    return (
        "\n".join(f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in row)} |" for row in cells) + "\n"
    )


def commands_page() -> str:
    def one(name: str, command: click.Command) -> Iterator[str]:
        context = click.Context(command, info_name=f"lensdoc {name}")
        usage = " ".join(command.get_usage(context).split()).removeprefix("Usage: ")
        yield f"## `lensdoc {name}`\n\n```text\n{usage}\n```\n\n{paragraphs(command.help or '')}\n"
        options = [option for option in command.params if isinstance(option, click.Option)]
        rows = [record for option in options if (record := option.get_help_record(context))]
        if rows:
            yield table(("option", "what it does"), [(f"`{flags}`", text) for flags, text in rows])

    parts = (part for name, command in sorted(commands.commands.items()) for part in one(name, command))
    return page("Commands", "Every command and option of lensdoc", "Commands", COMMANDS, parts)


def paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def options_page() -> str:
    def parts() -> Iterator[str]:
        config = found("lensdoc.publish.engines.mkdocs.plugin.LensdocConfig")
        options = dict(LensdocConfig._schema)
        yield "## The plugin {#sec-plugin}\n\nUnder `plugins`, `lensdoc: {execute: never}`:\n"
        yield table(
            ("option", "default", "what it says"),
            [(f"`{name}`", f"`{yaml(options[name].default)}`", doc(config.members[name])) for name in options],
        )
        yield "## The Markdown extension {#sec-extension}\n\nUnder `markdown_extensions`; paths are relative to `mkdocs.yml`:\n"
        known = LensdocExtension().config
        yield table(
            ("option", "default", "what it says"),
            [(f"`{n}`", f"`{yaml(v)}`" if v != "" else "", text) for n, (v, text) in known.items() if n != "page"],
        )
        yield FIGURES
        rows = [(kind, *row) for kind in sorted(EXPLORABLES) for row in option_rows(kind)]
        yield table(("kind", "option", "what it says", "values", "default"), rows)
        states = [(kind, f"`{name}`") for kind in sorted(EXPLORABLES) for name in explorable(kind).states]
        yield "What a link into a figure may set, `[F1](#fig-list:factor=1)`:\n"
        yield table(("kind", "state"), [(link(kind), state) for kind, state in states])

    return page("Options", "Options of the plugin, the extension and each kind of figure", "Options", "", parts())


def link(kind: str) -> str:
    return f"[{kind}](../../explorables/{kind}.md)"


def option_rows(kind: str) -> Iterator[tuple[str, ...]]:
    options = explorable(kind).options
    for name, option in options.items():
        yield f"`{name}`", option.help, values_of(option), "" if option.default is None else f"`{yaml(option.default)}`"
    if not options:
        yield "", "no further options", "", ""


def values_of(option) -> str:
    """What an option may be."""
    if isinstance(option, NumberOption):
        return f"{option.low:.15g} to {option.high:.15g}"
    if isinstance(option, TextOption):
        return "a text"
    return ", ".join(f"`{choice}`" for choice in (("true", "false") if isinstance(option, SwitchOption) else option.choices))


def yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def doc(member) -> str:
    """The docstring of an object, as one line."""
    return " ".join(member.docstring.value.split()) if member.docstring else ""


DATA = """A data file is `docs/data/RUN/NAME.json`: one JSON object, with sorted keys, finite numbers and floats to four
significant digits. `lensdoc check` validates it; an unknown field, a wrong type or a shape that does not fit is an error with
path, field and reason. A newer minor version is read with a warning, a newer major one refused.
"""
FIGURES = """## Figures {#sec-figures}

Every figure has `attrs`, such as `{id: fig-list}`, and `layout`: `body`, `page`, `screen` or `aside`. Beyond these:
"""
API = """What notebooks use. Measures are functions of a trace that return a record; records are frozen, draw themselves in
Jupyter, and are saved by name.
"""


def data_page() -> str:
    def parts() -> Iterator[str]:
        yield "## Every record {#sec-every}\n"
        base = [("`format`", "string", "`lensdoc/` and the kind"), ("`version`", "[int, int]", "major and minor")]
        yield table(("field", "type", "what it holds"), [*base, *fields("lensdoc.records.record.Record")])
        for path in PARTS:
            yield from part(path)
        for kind, place in sorted(KINDS.items()):
            module, name = place.split(":")
            cls = found(f"{module}.{name}")
            version = ".".join(map(str, record_class(kind).VERSION))
            yield f"## {kind} {{#sec-{kind}}}\n\n{cls.docstring.value}\n"
            yield f"`lensdoc/{kind}`, version {version}; [its figure](../../explorables/{kind}.md).\n"
            yield table(("field", "type", "what it holds"), list(fields(f"{module}.{name}")))
            own = (member for member in found(module).members.values() if not member.is_alias)
            for inner in own:
                if inner.is_class and inner.name != name:
                    yield from part(inner.path)

    return page("Data files", "The fields of every kind of record", "Data files", DATA, parts())


def part(path: str) -> Iterator[str]:
    cls = found(path)
    yield f"### {cls.name}\n\n{cls.docstring.value if cls.docstring else ''}\n"
    yield table(("field", "type", "what it holds"), list(fields(path)))


def fields(path: str) -> Iterator[tuple[str, str, str]]:
    for member in annotated(found(path)):
        if path == RECORD or member.docstring or member.name not in found(RECORD).members:
            yield f"`{member.name}`", f"`{short(named(str(member.annotation), member))}`", doc(member)


def annotated(cls):
    """The fields of a record or a part of it."""
    for name, member in cls.members.items():
        public = member.is_attribute and not name.startswith("_") and not name.isupper()
        if public and member.annotation and "property" not in member.labels:
            yield member


def named(annotation: str, member) -> str:
    """A type with the literals in it spelt out, which have a name in the module."""

    def value(name: re.Match[str]) -> str:
        here = member.module.members.get(name[0])
        if here is not None and here.is_alias and str(here.target_path).startswith("lensdoc."):
            here = found(here.target_path)
        text = str(here.value) if here is not None and not here.is_alias and here.is_attribute else ""
        return text if text.startswith(("Literal", "'", '"')) else name[0]

    return re.sub(r"(?<![\w'\"])[A-Z]\w*\b", value, annotation)


_INNER = r"(?:[^\[\]]|\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\])"


def short(annotation: str) -> str:
    """A type as JSON has it: without what pydantic checks beyond it."""
    before = ""
    while before != annotation:
        before = annotation
        annotation = re.sub(rf"Annotated\[({_INNER}+?), {_INNER}*\]", r"\1", annotation)
        annotation = re.sub(rf"tuple\[({_INNER}+?), \.\.\.\]", r"list[\1]", annotation)
    return re.sub(r"\bReal\b", "float", re.sub(r"\bInteger\b", "int", annotation))


def api_page() -> str:
    def parts() -> Iterator[str]:
        for name in ("load_model", *(n for n in lensdoc.__all__ if n != "load_model")):
            yield from function(found(f"{lensdoc._HOME[name]}.{name}"), f"lensdoc.{name}", 2)
        for path in OBJECTS:
            cls = found(path)
            yield f"## {cls.name} {{#{cls.name.lower()}}}\n\n{cls.docstring.value}\n"
            for member in cls.members.values():
                if member.name.startswith("_") or member.name.isupper() or not member.docstring:
                    continue
                if member.is_function:
                    yield from function(member, f"{cls.name}.{member.name}", 3)
                else:
                    yield f"### `{cls.name}.{member.name}`\n\n{member.docstring.value}\n"

    return page("Python", "Functions and classes for notebooks, from their docstrings", "Python", API, parts())


def function(member, name: str, level: int) -> Iterator[str]:
    signature = named(member.signature().removeprefix(member.name), member)
    yield f"{'#' * level} `{name}`\n\n```text\n{name.rpartition('.')[2]}{wrapped(signature)}\n```\n"
    for section in member.docstring.parsed:
        if section.kind.value == "text":
            yield f"{section.value}\n"
        elif section.kind.value == "parameters":
            yield table(("argument", "what it is"), [(f"`{each.name}`", each.description) for each in section.value])
        elif section.kind.value == "raises":
            yield table(("raises", "when"), [(f"`{each.annotation}`", each.description) for each in section.value])


def wrapped(signature: str) -> str:
    """A signature on one line, or one argument a line where it is long."""
    if len(signature) <= 90:
        return signature
    depth, out = 0, ""
    for character in signature:
        depth += (character in "([") - (character in ")]")
        if character == "(" and depth == 1:
            out += "(\n    "
        elif character == "," and depth == 1:
            out += ",\n   "
        elif character == ")" and depth == 0:
            out += ",\n)"
        else:
            out += character
    return out
