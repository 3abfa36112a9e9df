"""A real Chromium for tests: the fixtures `browser`, `site` and `open_page`, and what to ask a page."""

from __future__ import annotations

import functools
import http.server
import io
import os
import random
import shutil
import sys
import threading
import time
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

import builders
import forked
import masked_records
import paired_records
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from lensdoc.records.writing import write_record

SAMPLE = Path(__file__).parent / "article"
WITHOUT = [
    # Pages of 300 scripts for the address bar of each window: half of what a small page of ours costs.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    # What Playwright leaves out; the last list counts.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AimEnabled",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
"""Features of Chromium that are off: of its own windows and services, not of pages."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(WITHOUT)}",
]
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</template>",
    '"><b>x</b>',
    " ",
    "\n",
    "\u202eab",
]
MANY = {f"f{count}": count for count in (0, 1, 3, 10)}


SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.long)]
"""Of what axe looks at; contrasts are most of its time, and `make test-full` looks at both."""


def of(record, tokens):
    """The record with other tokens."""
    return type(record).model_validate(record.model_dump() | {"tokens": [token.model_dump() for token in tokens]}, strict=False)


AXE = "{resultTypes: ['violations'], rules: {'label-content-name-mismatch': {enabled: true}}}"
"""What axe is asked for: its rules, and that names hold what is seen, which Lighthouse counts and axe takes for an experiment."""


TEXT = [" The", " keys", ",", "\n", " 4", ",", " <b>"]
HEAT = [
    [0.5, 0, 0, 0, 0, 0, -0.1],
    [0, 1.27, 0, 0, 0.25, 0, 0],
    [0.75, 0, 0, 0, 0, 0, 0.004],
    [0, 0, 0, 0, 0, 1, 0],
    [1, 0, 0.5, 0, 0, 0, 0],
]
"""Five neurons in steps of a hundredth: codes and values are told apart by the point alone."""
CHAT_SCORES = [[0.1, 0.1, 0.05, 0.2, 0.25, 0.1, 0.1, 0.1], [0.25, 0, 0, 0.25, 0.25, 0, 0, 0, 0.25]]
PARTS = builders.cut("हि \N{FAMILY}\u202e中", 2, 3, 6, 7, n_input=3)
"""Three tokens that write a letter, and one with a mark of direction."""
RIGHT = builders.tokens(["\N{HEBREW LETTER SHIN}", "\N{HEBREW LETTER LAMED}", " \N{HEBREW LETTER VAV}", " ab", "\n", " 12"], 3)
UNEQUAL = [[(n % 40 + 1) / 20, -(n % 7) / 10] for n in range(1400)] + [[0.0017, 480.0]]
"""A cluster of one neuron, which fires most of all, beside one of 1,400."""
MANY_ROWS = [[((n * 31 + t * 17) % 29 - 6) / 10 * (3 if t % 6 == n // 512 else 1) for t in range(60)] for n in range(3072)]
KINDS = {
    "saliency": (builders.saliency([[0.25, 0.5, 0.2, 0.05], [0.1, 0.0, 0.1, 0.3, 0.5], [0.05] * 4 + [0.5, 0.3]], TEXT), ""),
    "detailed": (builders.saliency([[0.6, 0.4, 0, 0], [0, 0, 0, 0.5, 0.5]], TEXT[:6]), "    style: detailed\n"),
    "unreliable": (builders.integrated([[0.6, 0.4, 0, 0], [0, 0, 0, 0.5, 0.5]], [0.1, -9.0], TEXT[:6]), ""),
    "swaps": (builders.exchanged(), "    style: detailed\n    token: 5\n"),
    "signed": (
        builders.saliency([[-1.5, 0.5, 0.25, 0.0], [0.3, -0.125, 0.004, 0.0, 12.5]], TEXT[:6], signed=True),
        "    style: detailed\n",
    ),
    "shared": (builders.saliency([[0.25, 0.5, 0.2, 0.05], [0.1, 0.0, 0.1, 0.0, 0.8]], TEXT[:6]), "    scale: shared\n"),
    "rankings": (builders.rankings([[900, 31, 7, 1, 2, 5], [12, 2, 1, 1, 1, 1]], TEXT), ""),
    "long": (builders.rankings([[1 + (t * layer) % 97 for t in range(60)] for layer in range(48)]), ""),
    "patching-large": (
        builders.patching(
            [[((7 * layer + 3 * t) % 23) / 22 for t in range(12)] for layer in range(30)],
            [f" a{t}" for t in range(12)],
            [f" {'b' if t == 4 else 'a'}{t}" for t in range(12)],
        ),
        "",
    ),
    "watch": (builders.watch([[300, 40], [9, 12], [2, 1]]), ""),
    "watch-two": (
        builders.watch([[300, 40], [9, 12], [2, 1]], beside=[(("A", " key"), [[9000, 40], [3, 12], [1, 2]])]),
        "    layout: page\n",
    ),
    "watch-lenses": (builders.lenses(), "    layout: page\n"),
    "predictions": (builders.predictions([[" is", "\n", "<b>"], [" are", " is", ","]], [[0.5, 0.3, 0.1], [0.9, 0.05, 1e-6]]), ""),
    "image": (builders.image(), ""),
    "image-light": (builders.image(dark=False), "    width: 300\n"),
    "table": (builders.own_table(), ""),
    "ablation": (builders.ablation(), ""),
    "exchange": (builders.exchange(), ""),
    "attention": (builders.attention(TEXT), ""),
    "attention-chosen": (builders.attention(TEXT), "    layer: 1\n    head: 1\n    token: 4\n"),
    "attention-flow": (builders.attention_flow(((0, *([0.25] * 4), 0, 0), (0, 1, 0, 0, 0, 0, 0)), TEXT), ""),
    "decoding": (builders.decoding(), ""),
    "decoding-ranks": (builders.decoding(), "    labels: ranks\n"),
    "live": (builders.live(), ""),
    "similarity": (builders.similarity(((1, 0.98, -0.004), (0.98, 1, 0.5), (-0.004, 0.5, 1))), ""),
    "similarity-other": (builders.similarity(((0.5, 0.25, 0.125),), other=True), ""),
    "logit-attribution": (builders.logit_attribution(), ""),
    "logit-attribution-few": (builders.logit_attribution(wrong=None), "    order: size\n    rows: 2\n"),
    "graph": (builders.graph(), ""),
    "mask": (builders.mask(texts=[*TEXT[:3], TEXT[6]]), ""),
    "faithfulness": (builders.faithfulness(), ""),
    "patching": (builders.patching([[0, 1.01, -0.02], [0.0, 0.95, 0.62]], TEXT[:2] + TEXT[6:], [" The", " key", " <b>"]), ""),
    "patching-estimate": (builders.patching([[0, 0.66, 0], [-0.4, 0.5, 0.31]], estimate=True), ""),
    "factor-saliency": (builders.factor_saliency([[0, 4, 2, 0, 1], [1, 0, 0, 5, 0]], TEXT[:4] + TEXT[6:], 4), ""),
    "factor-detailed": (builders.driven(), "    style: detailed\n"),
    "factor-signed": (builders.driven(signed=True), "    style: detailed\n    factor: 5\n    token: 2\n"),
    "spikes": (builders.factors([[48, 1, 3, 2, 4], [4, 0, 5, 1, 0], [0, 1, 0, 2, 0]], TEXT[:5], 5), ""),
    "spikes-shared": (builders.factors([[48, 1, 3, 2, 4], [4, 0, 5, 1, 0], [0, 1, 0, 2, 0]], TEXT[:5], 5), "    scale: shared\n"),
    "components": (builders.factors([[2, -4, 1, 3], [1, 0, -2, 0.5]], TEXT[:4], 4, method="pca"), ""),
    "texts": (builders.factors([[3, 1, 2, 4, 1, 2], [0, 2, 1, 0, 3, 1]], TEXT[:6], 6).model_copy(update={"starts": (0, 3)}), ""),
    "left-out": (
        builders.factors([[0, 4, 2, 0, 3], [0, 1, 5, 0, 2]], TEXT[:5], 5).model_copy(
            update={"starts": (0, 3), "scale": "state", "skip": 1, "left_out": (0, 3)}
        ),
        "",
    ),
    "eleven": (builders.factors([[(t * (f + 2)) % 5 for t in range(7)] for f in range(11)], TEXT, 7), ""),
    "chosen": (builders.factors([[1, 0, 4, 0], [0, 3, 0, 1], [2, 2, 0, 0]], TEXT[:4], 4), "    factor: 2\n"),
    "decomposition": (builders.factors([[1, 2, 0], [0, 3, 1]]), "    style: decomposition\n"),
    "sequence": (builders.sequence(), "    labels: ids\n"),
    "chat": (of(builders.saliency(CHAT_SCORES), builders.CHAT), ""),
    "chat-sequence": (of(builders.sequence([""] * 10, 8), builders.CHAT), ""),
    "chat-factors": (of(builders.factors([[4, 1, 0, 2, 0, 0, 1, 3, 3, 1]]), builders.CHAT), ""),
    "chat-watch": (of(builders.watch([[3, 40], [2, 12], [1, 2]], texts=[""] * 8), builders.CHAT[:8]), ""),
    "parts": (of(builders.saliency([[0.5, 0.25, 0.25], [0.1, 0.2, 0.3, 0.4]]), PARTS), ""),
    "rtl": (of(builders.saliency([[0.5, 0.25, 0.25], [0.1, 0.2, 0.3, 0.4]]), RIGHT[:5]), ""),
    "rtl-breaks": (of(builders.saliency([[0.2, 0.2, 0.2, 0, 0.4]]), RIGHT), "    style: detailed\n"),
    "rtl-factors": (of(builders.factors([[48, 1, 3, 2, 4, 0], [0, 4, 0, 1, 2, 3]]), RIGHT), ""),
    "rtl-rankings": (of(builders.rankings([[900, 31, 7, 1, 2], [12, 2, 1, 1, 1]]), RIGHT), ""),
    "rtl-sequence": (of(builders.sequence([""] * 6, 3), RIGHT), ""),
    "rtl-activations": (of(builders.activations([[1, 0, 0, 0, 0, 0], [0, 0.5, 0, 0, 0, 0.25]]), RIGHT), ""),
    "activations": (builders.activations(HEAT, clusters=[2, 1, 2, 1, 1], texts=TEXT), ""),
    "unequal": (builders.activations(UNEQUAL, clusters=[1] * 1400 + [2], encoded="float16"), ""),
    "one-token": (builders.activations([[n / 100] for n in range(128)]), ""),
    "many": (builders.activations(MANY_ROWS, clusters=[1 + n // 512 for n in range(3072)], encoded="float16"), ""),
    "probable": (
        builders.sequence((" 1", ",", ",", ",", " 2")).model_copy(update={"probs": (0.99996, 0.99997, 0.9871, 1.0)}),
        "    labels: probabilities\n",
    ),
    **masked_records.KINDS,
    **paired_records.KINDS,
}
"""A record and the options of its block, for each kind that the article may not show."""

PAGES = {
    "large": ["long", "patching-large"],
    "heatmaps": [name for name, (record, _) in KINDS.items() if record.KIND == "activations"],
    "drives": [name for name, (record, _) in KINDS.items() if record.KIND == "factor-saliency"],
    "live": ["live"],
    "masked": list(masked_records.KINDS),
    "paired": list(paired_records.KINDS),
    "tokens": [name for name in KINDS if name.startswith(("chat", "parts", "rtl")) and name != "rtl-activations"],
}
"""Figures that take long to style or have tests of their own stand on pages of their own; all others on `kinds`."""
PAGE_OF = dict.fromkeys(KINDS, "kinds") | {name: page for page, names in PAGES.items() for name in names}


A4, MARGINS = 794, 76
"""Width of the paper and of what browsers leave free of it, in CSS pixels."""

DEEP = {
    "deep-30": builders.deep(30, 27),
    "deep-48": builders.deep(48, 44),
    "deep-watch": builders.watch([[40_000 // (layer + 1) ** 3 + 1, 9000 - 180 * layer] for layer in range(48)]),
    "deep-predictions": builders.predictions(
        [[f" word{(layer * k) % 7}" if layer else " internationalisation" for k in range(10)] for layer in range(30)],
        [[0.6, *([0.02] * 9)] for _ in range(30)],
    ),
}
"""Records of deep models, on a page of their own."""


def long_text(length, count=10):
    """Factors of a long text, half of whose activations are 0."""
    chance = random.Random(1)
    words = (" the", " of", " and", ",", " transformer", "ing", " model\n")
    values = [[max(0.0, chance.gauss(0, 1)) for _ in range(length)] for _ in range(count)]
    return builders.factors(values, chance.choices(words, k=length), n_input=length)


def passages():
    """Long texts of which a few tokens matter: a saliency, what drives a factor, and how probable each token was."""
    chance = random.Random(2)
    words = chance.choices([" the", " of", ",", " model", " word\n", " state"], k=3000)
    matter = {1500: [0, 1499, 700, 20], 2999: [5, 2998, 1400, 2500, 90, 2000, 3, 800]}

    def row(target):
        large = {position: 0.1 - index / 100 for index, position in enumerate(matter[target])}
        rest = (1 - sum(large.values())) / (target - len(large))
        return [large.get(position, rest) for position in range(target)]

    strong = [1 + (7 * t) % 11 for t in range(300)]
    drives = builders.factor_saliency([strong, strong[::-1]], words[:300], 300)
    expected = builders.sequence(words[:600])
    unlikely = {t: (1 + t % 7) / 1000 for t in (9, 99, 199, 299, 399, 499, 598)}
    return {
        "far": builders.saliency([row(1500), row(2999)], words),
        "far-factor": drives,
        "far-sequence": expected.model_copy(update={"probs": tuple(unlikely.get(t, 0.5) for t in expected.targets)}),
    }


def build(folder, site, *, strict=True, **environment):
    command = [sys.executable, "-c", forked.MKDOCS, "build", "--site-dir", str(site), *(["--strict"] if strict else [])]
    done = forked.run(command, cwd=folder, env=os.environ | environment)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("LENSDOC_CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: make test installs one or says how to"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


def write_cases(folder):
    """Add pages of hard cases to a copy of the tests' article."""
    data = folder / "docs" / "data" / "cases"
    write_record(builders.factors([[i % 3 + 1 for i in range(len(HOSTILE))]], HOSTILE, n_input=3), data / "hostile.json")
    pages = ["# Cases\n\n[Article](index.md)\n", "/// explorable | cases/hostile\n    attrs: {id: fig-hostile}\nHostile.\n///\n"]
    for name, count in MANY.items():
        values = [[(t * (f + 3)) % 17 for t in range(355)] for f in range(count)]
        write_record(builders.factors(values, [f" word{t}" for t in range(355)], n_input=350), data / f"{name}.json")
        pages.append(f"/// explorable | cases/{name}\n    attrs: {{id: fig-{name}}}\nMany.\n///\n")
    (folder / "docs" / "cases.md").write_text("\n".join(pages))
    two = []
    for name in ("two", "five"):
        shutil.copyfile(folder / "docs" / "data" / "counting" / f"{name}-factors.json", data / f"{name}.json")
        options = f"    attrs: {{id: fig-{name}}}\n    layout: page\n    overlap: 0.3\n    height: 160\n"
        two.append(f"/// explorable | cases/{name}\n{options}A caption.\n///\n")
    (folder / "docs" / "two.md").write_text("\n".join(["# Two\n", *two]))  # loads in less than half the time of the article
    pages = {page: [f"# {page.title()}\n"] for page in ("kinds", *PAGES)}
    for name, (record, options) in KINDS.items():
        write_record(record, data / f"{name}.json")
        block = f"/// explorable | cases/{name}\n    attrs: {{id: fig-{name}}}\n{options}A caption.\n///\n"
        pages[PAGE_OF[name]].append(block)
    for name, blocks in pages.items():
        (folder / "docs" / f"{name}.md").write_text("\n".join(blocks))
    write_record(long_text(2000), data / "tokens-2000.json")
    (folder / "docs" / "long.md").write_text(
        "# Long\n\n/// explorable | cases/tokens-2000\n    attrs: {id: fig-long}\nLong.\n///\n"
    )
    for page, records in (("deep", DEEP), ("passages", passages())):
        blocks = [f"# {page.title()}\n"]
        for name, record in records.items():
            write_record(record, data / f"{name}.json")
            blocks.append(f"/// explorable | cases/{name}\n    attrs: {{id: fig-{name}}}\nA caption.\n///\n")
        (folder / "docs" / f"{page}.md").write_text("\n".join(blocks))
    blocks = "/// explorable | cases/{}\n    attrs: {{id: fig-{}}}\nA caption.\n///\n"
    tabbed = indent(blocks.format("sequence", "tabbed"), "    ")
    folded = indent(blocks.format("spikes", "folded"), "    ")
    leads = "[In a tab](#fig-tabbed), [folded](#fig-folded:factor=2)"
    (folder / "docs" / "hidden.md").write_text(
        f'# Hidden\n\n{leads}\n\n=== "One"\n\n    Text.\n\n=== "Two"\n\n{tabbed}\n??? note\n\n{folded}'
    )
    settings = (folder / "mkdocs.yml").read_text()
    hiding = "  - attr_list\n  - pymdownx.details\n  - pymdownx.tabbed: {alternate_style: true}\n"
    (folder / "mkdocs.yml").write_text(settings.replace("  - attr_list\n", hiding))
    stages = "".join(
        f"/// step | {state}\n{'A step of the text. ' * 12}\n///\n\n" for state in ("factor=1", "factor=2,token=1", "token=0")
    )
    figure = "/// explorable | cases/spikes\n    attrs: {id: fig-stepped}\nA caption.\n///\n"
    between = "Text.\n\n" * 30
    (folder / "docs" / "steps.md").write_text(
        f"---\nhide: [navigation, toc]\n---\n\n# Steps\n\n{between}//// steps\n\n{figure}\n{stages}////\n\n{between}"
    )
    elsewhere = "[The third](kinds.md#fig-spikes:factor=3), [](kinds.md#fig-spikes:factor=2)"
    (folder / "docs" / "empty.md").write_text(f"# Empty\n\n{elsewhere}\n")
    figure = "/// explorable | cases/spikes\n    attrs: {id: fig-größe}\nOf [F2](#fig-größe:factor=2).\n///\n"
    (folder / "docs" / "letters.md").write_text(f"# Letters\n\n{figure}", encoding="utf-8")
    cited = "As @tufte2006beautiful has it [@cammarata2020thread, sec. 1; see also @vaswani2017attention].\n"
    (folder / "docs" / "cited.md").write_text(f'---\nnocite: "@*"\n---\n\n# Cited\n\n{cited}')
    with (folder / "docs" / "references.bib").open("a") as works:
        works.write("\n@misc{norms, author={Norm, Ann}, year=2000, title={The \\LaTeX{} of $\\ell_2$}}\n")
    (folder / "docs" / "cited-math.md").write_text("# Cited\n\nAs in [@norms].\n")
    index = folder / "docs" / "index.md"
    index.write_text(
        index.read_text() + "\n[Cases](cases.md), [kinds](kinds.md), [long](long.md), [empty](empty.md), [cited](cited.md)\n"
    )


@pytest.fixture(scope="session")
def site(fresh_article, shared, shared_address):
    """The tests' article with pages of hard cases beside it, built once for all processes; served below a sub-path."""
    address = f"{shared_address}cases/project/"

    def make(folder):
        article = shutil.copytree(fresh_article, folder / "article")
        write_cases(article)
        build(article, folder / "project", SITE_URL=address)

    shared("cases", make)
    return address


@pytest.fixture(scope="session")
def own_built(own_article, own_address, shared):
    """The folder of this repository's own article, built strictly, once for all processes."""
    return shared("own", lambda folder: build(own_article, folder / "project", SITE_URL=own_address)) / "project"


@pytest.fixture(scope="session")
def own_address(shared_address):
    """Where it is served, below a sub-path."""
    return f"{shared_address}own/project/"


@pytest.fixture(scope="session")
def own_site(own_built, own_address):
    """The same, once it is there."""
    assert own_built.is_dir()
    return own_address


@contextmanager
def serve_built(article, folder):
    """The address of an article that is built strictly, below a sub-path."""
    with serve(folder) as address:
        build(article, folder / "project", SITE_URL=f"{address}project/")
        yield f"{address}project/"


def server_of(folder):
    """A server of a folder, which runs until it is shut down."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@contextmanager
def serve(folder):
    """The address at which a folder is served."""
    server = server_of(folder)
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(browser, site):
    """Opens a page of the site; at the end no console message, no error and no request to another host is allowed."""
    yield from visits(browser, site)


def until(page, expression, *, seconds=30):
    """Wait for an expression. Playwright's own way evaluates a string in the page, which the policy of our pages forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"waited {seconds} s for {expression}"
        page.wait_for_timeout(50)


def awake(page):
    """Let the page make and lay out now what it makes as the view comes near: tests ask for figures anywhere."""
    page.evaluate(
        """() => {
        if (location.hash) return; // the page stands where the address led
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("figure, .ld-section { content-visibility: visible !important; }");
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }"""
    )
    page.evaluate("window.dispatchEvent(new Event('scroll'))")
    until(page, "!document.querySelector('[data-waits]')")


def made(page):
    """Let the page make all its figures, and then lay out and paint only what is near the view, as readers have it."""
    awake(page)
    page.evaluate("""() => {
        const kept = ({cssRules}) => ![...cssRules].some((rule) => rule.cssText.includes("content-visibility"));
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter(kept);
    }""")
    page.wait_for_timeout(500)


@contextmanager
def turning(page, address):
    """A step to another page by the theme, which writes the address first and puts the page there later."""
    page.evaluate("document.querySelector('.md-content').classList.add('left')")
    yield
    page.wait_for_url(address)
    until(page, "document.querySelector('.md-content:not(.left)')")


def still(page, *, seconds=0.6):
    """Wait until the page has not scrolled for so long, wherever it came to rest."""
    until(
        page,
        f"""(() => {{
        if (window.restedAt?.y !== scrollY) window.restedAt = {{ y: scrollY, time: performance.now() }};
        return performance.now() - window.restedAt.time > {1000 * seconds};
    }})()""",
    )


def visits(browser, site):
    """What `open_page` does, for any site."""
    contexts, trouble = [], []

    def visit(path="", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
        # A request that is dropped because the page is left is no failure.
        page.on("requestfailed", lambda r: None if r.failure == "net::ERR_ABORTED" else trouble.append(f"failed: {r.url}"))
        page.on("response", lambda r: trouble.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        page.on("request", lambda r: None if r.url.startswith(site) else trouble.append(f"another host: {r.url}"))
        page.goto(site + path)
        if options.get("java_script_enabled", True):
            until(
                page, "!document.querySelector('script[src*=\"/bundle.\"]') || 'location$' in window"
            )  # the theme's script has run
        awake(page)
        return page

    visit.trouble = trouble
    yield visit
    for context in contexts:
        context.close()
    assert trouble == []


def printed(page, path):
    """The text of the page on paper, without white space: lines break where the paper ends."""
    page.pdf(path=path)
    text = "".join(sheet.extract_text() for sheet in PdfReader(path).pages)
    return "".join(unicodedata.normalize("NFKC", text).split())  # ligatures are letters


def figure(page, name="fig-two"):
    return page.locator(f"#{name}")


def tool(page, does, name="fig-two"):
    """A button of the line below a figure, which is there once the figure is near the view."""
    figure(page, name).locator(".ld-tools").scroll_into_view_if_needed()
    return figure(page, name).locator(f"[data-tool='{does}']")


def row(page, number, name="fig-two"):
    return figure(page, name).locator(f".ld-row[data-factor='{number}']")


SETTLED = """() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 200))))"""


def frame(page):
    """Wait until figures have drawn what was done: they do it in the next frame."""
    page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")


def settle(page):
    """Wait until the page has shown what was done: what figures draw waits for a frame, what they say for a moment of rest.

    Frames are counted where the page draws them, so that a slow machine has its time. Where no script runs nothing is to come.
    """
    if page.evaluate("customElements.get('lens-factors') !== undefined"):
        page.evaluate(SETTLED)


def tints(page, name="fig-two"):
    """The colour behind every token, once transitions are over; out of view they stand still."""
    figure(page, name).scroll_into_view_if_needed()
    settle(page)
    return figure(page, name).locator(".ld-token").evaluate_all("all => all.map(t => getComputedStyle(t).backgroundColor)")


def crosshair(plot):
    """Where the lines over a heatmap stand, as painted: the columns and rows of its pixels that are dark for the most part."""
    image = Image.open(io.BytesIO(plot.screenshot())).convert("L")
    width, height = image.size
    dark = image.point(lambda grey: 255 * (grey < 60))
    across, down = dark.resize((width, 1), Image.Resampling.BOX), dark.resize((1, height), Image.Resampling.BOX)
    return [x for x in range(width) if across.getpixel((x, 0)) > 150], [y for y in range(height) if down.getpixel((0, y)) > 150]


def at_rest(page, name="fig-two"):
    """What the read-out of a figure shows before its hint, which goes with the first use."""
    hint = figure(page, name).locator(".ld-hint")
    return shown(page, name).removesuffix(hint.inner_text() if hint.count() else "").strip()


def text_at(page, position, name="fig-two"):
    return figure(page, name).locator(".ld-token").nth(position).text_content()


def shown(page, name="fig-two"):
    """What the read-out of a figure shows a reader, once it has settled; where no line may end is a space like any other."""
    figure(page, name).locator(".ld-readout").scroll_into_view_if_needed()  # what is out of view is not rendered, and has no text
    settle(page)
    return figure(page, name).locator(".ld-readout").inner_text().replace("\xa0", " ").strip()
