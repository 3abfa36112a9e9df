"""The line below a picture: which model, how its text was chosen, how far the data can be trusted.

Scripts add buttons to it and open the rest on request: how the numbers were made, where to get them, how to cite and embed them.
Without scripts that is a closed disclosure; on paper the line is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote
from xml.etree import ElementTree as ET

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from lensdoc.core.messages import shortened
from lensdoc.explorables import assets
from lensdoc.explorables.display import visible
from lensdoc.explorables.elements import Content, Element, element, to_html
from lensdoc.explorables.kinds import explorable
from lensdoc.publish.citations.library import Library
from lensdoc.publish.figures.choices import chooser, paths, template
from lensdoc.publish.figures.embeds import embed_path
from lensdoc.publish.figures.later import set_aside
from lensdoc.publish.figures.several import Several
from lensdoc.publish.state.freshness import Freshness
from lensdoc.publish.state.page import PageState
from lensdoc.records.record import Record

_SHOWN_CHARACTERS = 160
"""Characters of a parameter that are shown."""
_REVISION_CHARACTERS = 19
"""Characters of a revision that are shown: `sha256:` and twelve digits."""
_STAYS = "\u00a0"
"""A space at which no line ends: the line below a picture is often two, and begins with no dot."""
_STASHED = re.compile("\x02[^\x03]*\x03")


class FigureFooters(Treeprocessor):
    """Runs once captions are read and before links are: MkDocs resolves and checks those of the footers."""

    def __init__(self, md: Markdown, page: PageState) -> None:
        super().__init__(md)
        self.page = page

    def run(self, root: ET.Element) -> None:
        """Put the line between the picture and the caption of each figure."""
        del root
        for whole, parts in self.page.besides:
            for number, part in enumerate(parts, 1):
                part.attrib.update({"id": f"{whole.get('id')}-{number}"} if whole.get("id") else {})
        for figure, record in self.page.figures:
            figure.set("class", f"{figure.get('class')} ld-tooled")
            figure.insert(len(figure) - 1, self._line(figure, record))
        for figure, several in self.page.choices:
            self._choice(figure, several)

    def _choice(self, figure: Element, several: Several) -> None:
        """Set the drawings aside, each with its line, and name them above the one that is shown."""
        anchor = figure.get("id")
        if not anchor:
            where = self.page.source.line_of(r"[ >]*show: *choice", text="show: choice")
            self.page.complain("a figure with a choice needs an id, for addresses: `attrs: {id: fig-name}`", where)
            return
        found = zip(several.values, several.records, several.drawn, strict=True)
        places = paths(several, self.page.url, anchor)
        for place, (value, record, drawn) in zip(places, found, strict=True):
            drawing = element("div", None, AtomicString(self.md.htmlStash.store(drawn)))
            line = self._line(figure, record, several.records[0], f":{several.axis}={value}")
            figure.insert(len(figure) - 1, template(place, drawing, line))
        named = self.md.htmlStash.store(to_html(chooser(several, places, self.page)))
        figure[0].text = AtomicString(f"{named}{figure[0].text}")

    def _line(self, figure: Element, record: Record, first: Record | None = None, state: str = "") -> Element:
        """The line of a record in its figure, whose first one has given the figure its name, in a state of the figure."""
        name = self.page.build.name_of(record)
        named = self.page.build.name_of(first or record)
        parts = [*self._about(record, name), self._links(record, name), *self._citing(figure, figure[-1], named, state)]
        trust = self.page.build.freshness_of(name)
        told = [record.model.id, _decoding_word(record), trust.words]
        imprint = element(
            "span", {"class": "ld-imprint", "dir": "auto", "title": trust.sentence}, f" ·{_STAYS}".join(filter(None, told))
        )
        summary = element("summary", None, AtomicString("Data and method"))
        about = element("details", {"class": "ld-details ld-about", "data-search-exclude": ""}, summary, *parts)
        return element("div", {"class": "ld-tools", "data-search-exclude": ""}, self._stashed("p", imprint), set_aside(about))

    def _stashed(self, tag: str, tree: Element, attributes: dict[str, str | None] | None = None) -> Element:
        """Text from data is kept from Markdown and its extensions."""
        return element(tag, attributes, AtomicString(self.md.htmlStash.store(to_html(tree))))

    def _about(self, record: Record, name: str) -> Iterator[Element]:
        state = self.page.build.freshness_of(name)
        rows: dict[str, list[Content]] = {
            "Model": _model(record),
            "Decoding": [_decoding(record)] if record.tokens else [],
            "Parameters": list(_parameters(record)),
            "Method": [explorable(record.KIND).method(record)],
            "State": [f"{state.words}{_named(state)}. {state.sentence}"],
        }
        terms = (
            element("div", None, element("dt", None, term), element("dd", None, *told)) for term, told in rows.items() if told
        )
        yield self._stashed("div", element("dl", None, *terms))

    def _links(self, record: Record, name: str) -> Element:
        """Links with whole addresses, kept from the engine: one would look for files below docs, another reads no `noscript`."""
        links = []
        if data := self.page.build.data_path(name):
            links.append(self._download(f"{data}.json", "Data (JSON)"))
            if name in self.page.build.tables:
                links.append(self._download(f"{data}.csv", "Table (CSV)"))
        if record.provenance.run and (notebook := self.page.notebook_page(record.provenance.run)):
            links.append(self._stashed("span", element("a", {"href": notebook}, "Notebook")))
        kind = explorable(record.KIND)
        own = {suffix: label for suffix, label in kind.downloads.items() if data and suffix in record.files}
        links += [self._download(f"{data}.{suffix}", label) for suffix, label in own.items()]
        drawn = ("svg", "png") if kind.exports else ()
        links += [_button(how, f"Figure ({how.upper()})", name.replace("/", "-")) for how in drawn]
        return element(
            "p", {"class": "ld-links", "data-of": name}, *(part for link in links for part in (link, AtomicString(" ")))
        )

    def _download(self, target: str, text: str) -> Element:
        return self._stashed("span", element("a", {"href": self.page.address_of(quote(target)), "download": ""}, text))

    def _citing(self, figure: Element, caption: Element, name: str, state: str) -> Iterator[Element]:
        anchor = figure.get("id")
        if not anchor:
            return
        address = f"{self.page.canonical_url}#{anchor}{state}"
        credit = f"{self.page.credit}: " if self.page.credit else ""
        yield self._copied("Cite", f"{credit}{self._first_sentence(caption)} {address}".strip())
        if self.page.build.site_url:
            path = embed_path(self.page, name, anchor)
            title = visible(self._first_sentence(caption)).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
            site = self.page.build.site_url.rstrip("/")
            source = f"{site}/{path}{f'#{anchor}{state}' if state else ''}"
            frame = f'<iframe src="{source}" title="{title}" width="100%" height="480" style="border: 0"></iframe>'
            yield self._copied("Embed", f'{frame}\n<script src="{site}/{assets.PLACE}/{assets.SIZED}" async></script>')

    def _first_sentence(self, caption: Element) -> str:
        """The first sentence of a caption, without what is not text yet; works that it cites are named."""
        if not len(caption):
            return caption.text or ""
        library = self.page.build.library
        written = library.in_words(caption[0]) if isinstance(library, Library) else "".join(caption[0].itertext())
        text = " ".join(_STASHED.sub("", written).split())
        found = re.match(r".*?(?<!\bal)[.?!](?=\s|$)", text)
        return found[0] if found else text

    def _copied(self, name: str, text: str) -> Element:
        code = element("code", None, text)
        tree = element("p", None, f"{name}: ", code, " ", _button("copy", "Copy", says=f"Copy: {name}"))
        return self._stashed("div", tree, {"class": "ld-copied"})


def _button(does: str, label: str, name: str | None = None, says: str | None = None) -> Element:
    """Only scripts can do it, so only they show it; the reader is told what was done."""
    button = element("button", {"type": "button", "data-does": does, "data-name": name, "aria-label": says}, AtomicString(label))
    return element("span", {"class": "ld-does"}, button, element("span", {"role": "status"}))


def _model(record: Record) -> list[Content]:
    if not record.model.id:
        return []
    revision = getattr(record.model, "revision", None)
    dtype = [f", {record.provenance.dtype}"] if record.provenance.dtype != "unknown" else []
    if revision is None:
        return [record.model.id, *dtype]
    return [f"{record.model.id} ", element("code", {"title": revision}, revision[:_REVISION_CHARACTERS]), *dtype]


def _named(state: Freshness) -> str:
    return f" ({'; '.join(map(visible, state.not_watched))})" if state.not_watched else ""


def _decoding(record: Record) -> str:
    if record.provenance.dtype == "unknown":
        return "unknown"
    if all(token.kind != "output" for token in record.tokens):
        return "none: the text was given"
    if record.sees_all:
        return "no sampling: each mask was filled with its most probable token, all in one pass"
    seed = record.provenance.seed
    return "no sampling: the most probable token each time, or a given text" if seed is None else f"sampled, seed {seed}"


def _decoding_word(record: Record) -> str:
    """How the text was chosen, in a word or two; nothing where it is not known."""
    if record.provenance.dtype == "unknown" or not record.tokens:
        return ""
    if all(token.kind != "output" for token in record.tokens):
        return f"given{_STAYS}text"
    seed = record.provenance.seed
    return f"no{_STAYS}sampling" if seed is None else f"sampled, seed{_STAYS}{seed}"


def _parameters(record: Record) -> Iterator[Content]:
    for name, value in sorted(record.provenance.parameters.items()):
        text = visible(value if isinstance(value, str) else json.dumps(value))
        short = shortened(text, _SHOWN_CHARACTERS)
        yield element("div", None, f"{visible(name)} ", element("code", None, short))
