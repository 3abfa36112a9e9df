"""The lines below figures in a real Chromium: keyboard, print, no script, what is saved and copied, frames elsewhere, axe."""

from __future__ import annotations

import functools
import http.server
import io
import re
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import KINDS, PAGE_OF, PAGES, SCHEMES, figure, settle, tints, tool, until
from lxml import etree
from PIL import Image, ImageChops
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"


def panel(page, does, name="fig-two"):
    """What a button of a figure's line opens."""
    button = tool(page, does, name)
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return figure(page, name).locator(".ld-panel")


def saved(page, name):
    """The SVG that a reader gets of a figure."""
    with page.expect_download() as download:
        panel(page, "download", name).get_by_role("button", name="Figure (SVG)").click()
    assert download.value.suggested_filename.endswith(".svg")
    return download.value.path().read_text()


REACHED = "document.activeElement.ariaLabel || document.activeElement.textContent"


def test_the_buttons_are_one_stop_of_the_tab_key_and_what_one_opens_follows(open_page):
    page = open_page()
    labels = tool(page, "labels")
    labels.focus()
    reached = []
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        reached.append(page.evaluate(REACHED))
    assert reached == ["Table", "Download", "Link to this view", "Cite and embed", "Full screen", "Data and method"]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    shown = page.evaluate("getComputedStyle(document.activeElement, '::before').content")
    assert shown == '"Data and method"'
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(REACHED))
    assert reached == ["Data (JSON)", "Table (CSV)", "Notebook", "Figure (SVG)", "Figure (PNG)"]
    page.keyboard.press("Escape")
    expect(figure(page).locator(".ld-panel")).to_have_count(0)
    assert page.evaluate(REACHED) == "Download"


def test_every_button_is_large_enough_for_a_finger_and_has_a_name(open_page):
    page = open_page(viewport={"width": 390, "height": 800})
    tool(page, "about").wait_for()
    buttons = figure(page).locator(".ld-toolbar button")
    sizes = buttons.evaluate_all("all => all.map(b => [b.offsetWidth, b.offsetHeight, b.ariaLabel])")
    assert len(sizes) == 7
    assert all(width >= 24 and height >= 24 and name for width, height, name in sizes)


def test_tables_and_provenance_are_made_when_they_are_opened_and_go_when_closed(open_page):
    page = open_page()
    assert page.locator("figure.ld :is(details, table.ld-table, dl)").count() == 0
    assert panel(page, "table").locator("tbody tr").count() == 2
    assert "non-negative matrix factorization" in panel(page, "about").inner_text()
    assert figure(page).locator("table.ld-table").count() == 0
    tool(page, "about").click()
    expect(figure(page).locator(".ld-panel")).to_have_count(0)
    assert tool(page, "about").get_attribute("aria-expanded") == "false"


def test_what_is_opened_works_on_a_page_that_instant_navigation_brought(open_page):
    page = open_page("empty/")
    page.locator(".md-header a.md-logo").click()
    expect(figure(page)).to_have_count(1)
    assert panel(page, "table").locator("tbody tr").count() == 2
    assert figure(page).locator("table.ld-table:visible").count() == 1


def test_the_hint_is_said_once_for_each_kind_and_goes_when_one_was_used(open_page):
    page = open_page("kinds/")
    hints = page.locator(".ld-hint").evaluate_all("all => all.map(h => h.closest('[data-search-exclude]').localName)")
    assert len(hints) == len(set(hints)) > 4
    factors = page.locator("lens-factors")
    assert factors.first.locator(".ld-hint").count() == 1
    factors.nth(1).locator(".ld-row").first.click()
    expect(factors.first.locator(".ld-hint")).to_have_count(0)
    assert page.locator("lens-saliency .ld-hint").count() == 1


MOST_BELOW = 90
DECOMPOSED = 110
"""A decomposition says how to read each of its three parts."""
BELOW = """all => all.map((figure) => {
  const said = ":not(.ld-readout, .ld-switch, template, noscript, script)";
  const parts = [...figure.querySelectorAll(`lens-table > *, [data-search-exclude] > ${said}`)];
  const ends = parts.filter((part) => !part.closest(".ld-tools")).map((part) => part.getBoundingClientRect().bottom);
  return [figure.id, figure.querySelector("figcaption").getBoundingClientRect().top - Math.max(...ends)];
})"""


@pytest.mark.parametrize("width", [pytest.param(390, marks=pytest.mark.long), 1440])
def test_a_caption_begins_close_below_its_picture(open_page, width):
    found = []
    for name in ("kinds", *PAGES):
        page = open_page(f"{name}/", viewport={"width": width, "height": 900})
        page.keyboard.press("Shift")
        until(page, "!document.querySelector('[data-waits]')")  # a hint goes as a second drawing of its kind is made
        page.evaluate("document.fonts.ready.then(() => true)")
        settle(page)
        found += page.locator("figure.ld").evaluate_all(BELOW)
    assert len(found) == len(KINDS)
    most = {"fig-decomposition": DECOMPOSED}
    assert [(name, distance) for name, distance in found if distance > most.get(name, MOST_BELOW)] == []


def test_a_long_text_of_the_read_out_lies_over_what_follows_and_moves_nothing(open_page):
    page = open_page("kinds/", viewport={"width": 390, "height": 800})
    readout, caption = (figure(page, "fig-saliency").locator(part) for part in (".ld-readout", "figcaption"))
    readout.scroll_into_view_if_needed()
    before = caption.bounding_box()
    readout.locator(".ld-live").evaluate("live => { live.textContent = 'words and '.repeat(40); }")
    assert caption.bounding_box() == before
    assert readout.locator(".ld-live").evaluate("live => live.offsetHeight > 100 && live.scrollHeight <= live.offsetHeight")


@pytest.mark.parametrize("width", [390, 768])
def test_a_summary_is_whole_and_a_shorter_one_moves_nothing(open_page, width):
    page = open_page("kinds/", viewport={"width": width, "height": 800})
    line, summary, caption = (figure(page, "fig-saliency").locator(part) for part in (".ld-readout", ".ld-summary", "figcaption"))
    line.scroll_into_view_if_needed()
    expect(line).to_have_attribute("style", re.compile("--ld-kept"))
    summary.evaluate("summary => { summary.innerHTML = 'one<br>two<br>three<br>four'; }")
    settle(page)
    four = line.bounding_box()["height"]
    assert summary.bounding_box()["height"] == pytest.approx(four, abs=0.1)
    before = caption.bounding_box()
    summary.evaluate("summary => { summary.innerHTML = 'one<br>two'; }")
    settle(page)
    assert line.bounding_box()["height"] == four
    assert caption.bounding_box() == before
    page.evaluate("document.fonts.dispatchEvent(new Event('loadingdone'))")  # a font came that was not waited for
    settle(page)
    two = line.bounding_box()["height"]
    assert two < four
    summary.evaluate("summary => { summary.innerHTML = 'one<br>two<br>three<br>four'; }")
    settle(page)
    summary.evaluate("summary => { summary.innerHTML = 'one<br>two'; }")
    assert line.bounding_box()["height"] == four
    page.set_viewport_size({"width": 380, "height": 800})
    settle(page)
    assert line.bounding_box()["height"] == two  # at another width it takes what it needs there


def test_without_scripts_the_footer_opens_and_offers_no_button(open_page):
    page = open_page(java_script_enabled=False)
    about = figure(page).locator(".ld-about")
    about.locator("summary").click()
    expect(about.get_by_role("link", name="Data (JSON)")).to_be_visible()
    assert about.locator("button:visible").count() == 0
    figure(page).locator("lens-factors summary").click()
    expect(figure(page).locator("table.ld-table")).to_be_visible()


def test_print_leaves_one_line_of_it(open_page):
    page = open_page()
    shown = panel(page, "about")
    page.emulate_media(media="print")
    expect(shown).not_to_be_visible()
    expect(figure(page).locator(".ld-toolbar")).not_to_be_visible()
    assert re.fullmatch(
        r"lensdoc/tiny ·\xa0no\xa0sampling ·\xa0(fresh|reproduced)", figure(page).locator(".ld-imprint").inner_text()
    )


@pytest.mark.long
def test_copying_is_said_and_what_was_copied_is_the_citation(open_page, site):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    about = panel(page, "cite")
    about.get_by_role("button", name="Copy: Cite").click()
    expect(about.get_by_role("status").filter(has_text="Copied.")).to_have_count(1)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"The lensdoc authors. Looking inside a small language model: Two factors of a count. {site}#fig-two"
    expect(about.get_by_role("status").filter(has_text="Copied.")).to_have_count(0, timeout=5000)


def test_what_may_not_be_copied_is_selected(open_page):
    page = open_page()
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    about = panel(page, "cite")
    about.get_by_role("button", name="Copy: Cite").click()
    expect(about.get_by_role("status").filter(has_text="Selected: copy it with your keyboard.")).to_have_count(1)
    assert page.evaluate("getSelection().toString()").startswith("The lensdoc authors. Looking inside")


def colours(page, svg):
    """Colours of the drawing when a browser shows it as an image: how many pixels have each."""
    count = """svg => new Promise((resolve, reject) => {
      const image = new Image();
      image.onerror = () => reject(new Error("it is no image"));
      image.onload = () => {
        const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
        const pen = canvas.getContext("2d");
        pen.drawImage(image, 0, 0);
        const found = {};
        const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4) {
          const key = `${data[i]},${data[i + 1]},${data[i + 2]}`;
          found[key] = (found[key] ?? 0) + 1;
        }
        resolve(found);
      };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
    })"""
    return page.evaluate(count, svg)


def pixels(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def difference(one, other):
    """The share of pixels that differ; halved before, since letters may stand a fraction of a pixel aside."""
    size = (one.width // 2, one.height // 2)
    one, other = (image.resize(size, Image.Resampling.BOX) for image in (one, other))
    parts = ImageChops.difference(one, other).convert("L").point(lambda value: 255 * (value > 48))
    return parts.histogram()[255] / (parts.width * parts.height)


def compare_with_the_page(browser, page, name, svg):
    """The SVG opened alone looks as the figure does on the page, and so does the PNG, at twice the size."""
    drawing = figure(page, name).locator("> :first-child")
    alone = browser.new_page(viewport={"width": 1000, "height": 1000})
    box = etree.fromstring(svg.encode())
    alone.set_content("<style>* { margin: 0 } img { display: block }</style><img>")
    alone.locator("img").evaluate(
        "(image, svg) => { image.src = 'data:image/svg+xml,' + encodeURIComponent(svg); return image.decode(); }", svg
    )
    exported = pixels(alone.locator("img").screenshot())
    alone.close()
    with page.expect_download() as download:
        panel(page, "download", name).get_by_role("button", name="Figure (PNG)").click()
    assert download.value.suggested_filename.endswith(".png")
    png = Image.open(download.value.path())
    assert png.format == "PNG"
    assert png.size == (2 * int(box.get("width")), 2 * int(box.get("height")))
    halved = png.convert("RGB").resize(exported.size, Image.Resampling.BOX)
    assert difference(halved, exported) < 0.01
    # The page around it shows through at the edges; what the drawing leaves out are its hints, switches and what marks a choice.
    hidden = (
        ".ld-readout, .ld-switch { visibility: hidden !important } .ld-token[data-target] { text-decoration: none !important }"
    )
    page.add_style_tag(content=f"{hidden} .md-header, .md-top {{ display: none !important }}")
    shown = pixels(drawing.screenshot(animations="disabled"))
    ends = int(float(box.find(f"{SVG}g[@class='ld-said']/{SVG}text").get("y"))) - 45  # the caption begins below
    shown = shown.crop((0, 0, min(shown.width, exported.width - 16), min(shown.height, ends)))
    # Where the figure stands between two pixels of the page, the page rounds: lines of thin rows by up to a half.
    shifted = [exported.crop((8, y, 8 + shown.width, y + shown.height)) for y in (7, 8, 9)]
    assert min(difference(same, shown) for same in shifted) < 0.02, (exported.size, shown.size)


def test_what_draws_a_figure_is_loaded_when_one_is_first_saved_and_again_after_a_failure(browser, site):
    context = browser.new_context()
    page = context.new_page()
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else route.continue_()

    page.route("**/drawing.js*", answer)
    page.goto(site, wait_until="networkidle")
    button = panel(page, "download").get_by_role("button", name="Figure (SVG)")
    assert asked == []
    button.click()
    failed = "What draws it could not be loaded; try again."
    expect(figure(page).get_by_role("status").filter(has_text=failed)).to_have_count(1)
    for _ in range(2):
        with page.expect_download():
            button.click()
    assert len(asked) == 2
    context.close()


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.long), "dark"])
def test_the_saved_figure_opens_as_an_image_with_texts_and_colours(browser, site, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(site)
    svg = saved(page, "fig-two")
    tree = etree.fromstring(svg.encode())
    said = "".join(text.text or "" for text in tree.iter(f"{SVG}text"))
    assert "F1" in said
    assert " 17" in said
    assert len(list(tree.iter(f"{SVG}path"))) >= 2
    assert "foreignObject" not in svg
    assert not re.findall(r'(?:href|src)="(?!data:)', svg)
    assert "oklch" not in svg
    # The tints of the page are those of the file, painted.
    tokens = [
        c
        for c in page.locator("#fig-two .ld-token").evaluate_all("""all => {
      const pen = document.createElement("canvas").getContext("2d");
      return all.map((token) => {
        pen.fillStyle = getComputedStyle(document.body).backgroundColor;
        pen.fillRect(0, 0, 1, 1);
        pen.fillStyle = getComputedStyle(token).backgroundColor;
        pen.fillRect(0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
      });
    }""")
        if len(c) == 3
    ]
    shown = [tuple(map(int, colour.split(","))) for colour, count in colours(page, svg).items() if count > 20]
    for token in tokens[:6]:
        assert min(max(abs(a - b) for a, b in zip(token, other, strict=True)) for other in shown) <= 3, token
    context.close()


@pytest.mark.parametrize(
    "name",
    [
        *("detailed", "watch", "predictions", "activations"),
        *(pytest.param(name, marks=pytest.mark.long) for name in ("saliency", "rankings", "factor-saliency", "sequence")),
    ],
)
def test_every_kind_can_be_saved(browser, site, name):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}{PAGE_OF[name]}/")
    svg = saved(page, f"fig-{name}")
    tree = etree.fromstring(svg.encode())
    said = [text.text for text in tree.iter(f"{SVG}text")]
    record = KINDS[name][0]
    word = record.tokens[1].text.strip()
    assert any(word in (text or "") for text in said), said
    assert not re.findall(r'(?:href|src)="(?!data:)', svg)
    assert len(colours(page, svg)) > 4
    assert not re.findall(r'url\((?!"data:font/woff2;|#)', svg)
    compare_with_the_page(browser, page, f"fig-{name}", svg)
    if name == "detailed":
        assert "60%" in said
    if name == "activations":
        assert len(list(tree.iter(f"{SVG}image"))) == 1
        assert len(list(tree.iter(f"{SVG}linearGradient"))) == 1  # the legend
        (edge,) = (line for line in tree.iter(f"{SVG}line") if line.get("stroke-dasharray") == "3 2")
        assert edge.get("x1") == edge.get("x2")
    context.close()


def test_what_is_saved_has_title_caption_source_and_no_blank_part(open_page, site):
    page = open_page(viewport={"width": 1440, "height": 900})
    svg = etree.fromstring(saved(page, "fig-two").encode())
    said = [text.text for text in svg.iterfind(f"{SVG}g[@class='ld-said']/{SVG}text")]
    assert said[0].startswith("Figure ")
    assert figure(page).locator("figcaption strong").first.inner_text() in said[0]
    source = " ".join(said)
    assert "lensdoc/tiny · no sampling" in source
    assert "Looking inside a small language model" in source
    assert f"{site}#fig-two" in source
    texts = [float(text.get("y")) for text in svg.iter(f"{SVG}text")]
    width, height = float(svg.get("width")), float(svg.get("height"))
    assert height - max(texts) < 30
    assert max(b - a for a, b in pairwise(sorted(texts))) < 140
    assert width < 1000


@pytest.fixture
def elsewhere(tmp_path):
    """A server of another origin; write its page."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def write(body):
        (tmp_path / "page.html").write_text(
            f"<!doctype html><html lang=en><title>Elsewhere</title><link rel=icon href='data:,'><h1>Elsewhere</h1>{body}"
        )
        return f"http://127.0.0.1:{server.server_port}/page.html"

    yield write
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_snippet_shows_the_figure_alive_on_a_page_of_another_site(browser, open_page, site, elsewhere, scheme):
    snippet = panel(open_page(), "cite").locator("code").last.text_content()
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    trouble = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("response", lambda response: trouble.append(response.url) if response.status >= 400 else None)
    page.goto(elsewhere(snippet))
    (frame,) = [frame for frame in page.frames if frame.url.startswith(site)]
    assert not frame.url.startswith(page.url.rpartition("/")[0])
    first = tints(frame)
    frame.locator("#fig-two .ld-row[data-factor='1']").hover()
    assert tints(frame) != first
    page.mouse.move(1, 1)
    frame.locator("a[data-state='factor=2']").click()  # a link of the caption works within the frame
    assert tints(frame) != first
    dark = frame.locator("body").evaluate("b => getComputedStyle(b).backgroundColor") == "rgb(23, 24, 28)"
    assert dark == (scheme == "dark")
    policy = frame.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
    assert "script-src 'self';" in policy
    assert frame.locator(".md-header, .ld-about").count() == 0
    assert frame.locator("meta[name=robots]").get_attribute("content") == "noindex"
    back = frame.locator("h1 a").evaluate("a => a.href")
    assert back == f"{site}#fig-two"
    data = frame.locator("figcaption a", has_text="data").evaluate("a => a.href")
    assert data == f"{site}data/counting/two-factors.json"
    assert trouble == []
    context.close()


def open_all(page):
    """Open something below every figure, in turn the method, the table, the download and the citation."""
    kinds = ("about", "table", "download", "cite")
    for i, shown in enumerate(page.locator("figure.ld:has(.ld-tools)").all()):
        shown.locator(".ld-tools").scroll_into_view_if_needed()
        expect(shown.locator(".ld-toolbar")).to_be_visible()
        wanted = shown.locator(f"[data-tool='{kinds[i % 4]}']")
        if wanted.count():
            wanted.click()


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        ("", "light"),
        ("embed/counting/two-factors.html", "dark"),
        pytest.param("", "dark", marks=pytest.mark.long),
        pytest.param("embed/counting/two-factors.html", "light", marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing_in_open_footers_and_embedded_figures(open_page, scheme, path):
    page = open_page(path, color_scheme=scheme)
    open_all(page)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    scope = "document" if path else "'figure.ld'"
    found = page.evaluate(f"axe.run({scope}, {{resultTypes: ['violations']}}).then(r => r.violations)")
    assert [(v["id"], [node["html"][:90] for node in v["nodes"]][:3]) for v in found] == []


@pytest.mark.long
@pytest.mark.parametrize("width", [360, pytest.param(768, marks=pytest.mark.long), pytest.param(1440, marks=pytest.mark.long)])
def test_no_footer_is_wider_than_the_page(open_page, width):
    page = open_page(viewport={"width": width, "height": 800})
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    widths = page.locator(".ld-panel").evaluate_all("all => all.map((e) => e.scrollWidth - e.clientWidth)")
    assert max(widths) <= 3  # padding of code that a line ends with


def texts_of(svg):
    return list(etree.fromstring(svg.encode()).iter(f"{SVG}text"))


def test_a_figure_that_scrolls_is_saved_whole(open_page):
    page = open_page("large/", viewport={"width": 1000, "height": 900})
    frame = figure(page, "fig-long").locator(".ld-frame")
    frame.evaluate("f => f.scrollTo(300, 0)")
    sizes = "f => [f.clientWidth, f.clientHeight, f.scrollWidth, f.scrollHeight, f.scrollLeft, f.scrollTop]"
    before = frame.evaluate(sizes)
    svg = saved(page, "fig-long")
    tree = etree.fromstring(svg.encode())
    assert frame.evaluate(sizes) == before
    assert before[0] < before[2] < float(tree.get("width"))
    assert before[1] == before[3] < float(tree.get("height"))
    column = min(float(text.get("x")) for text in texts_of(svg) if text.text == "Layer") + 30
    layers = [text for text in texts_of(svg) if float(text.get("x")) < column and (text.text or "").isdigit()]
    assert [text.text for text in layers] == [str(layer) for layer in range(48)]
    assert sorted(layers, key=lambda text: float(text.get("y"))) == layers
    assert all(float(text.get("x")) < float(tree.get("width")) - 8 for text in texts_of(svg))


def test_names_that_run_upwards_are_saved_so(open_page):
    page = open_page("heatmaps/")
    svg = saved(page, "fig-many")
    all_heads = figure(page, "fig-many").locator(".ld-turned .ld-head")
    heads = all_heads.filter(has_not=page.locator(".ld-upright"))
    assert heads.count() < all_heads.count() == 60
    turned = [text for text in texts_of(svg) if "rotate(-90 " in (text.get("transform") or "")]
    assert len(turned) == heads.count()
    whole = [head.strip() for head in heads.all_inner_texts()]
    assert all(name.startswith(text.text.strip()) for name, text in zip(whole, turned, strict=True))
    assert any(len(text.text.strip()) > 1 for text in turned)
