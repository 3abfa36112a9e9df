"""The policy of pages, and what would be loaded from other hosts."""

from __future__ import annotations

import base64
import hashlib
import re

import engines
import pytest
from lxml import html as lxml_html
from mkdocs.livereload import LiveReloadServer
from test_site import build

from lensdoc.publish.engines.mkdocs.live_reload import ReloadAllowed
from lensdoc.publish.engines.mkdocs.privacy import Privacy
from lensdoc.publish.privacy.foreign import foreign_in_page, foreign_in_style
from lensdoc.publish.privacy.policy import Policy

HEAD = "<html><head><meta charset='utf-8'>"


def digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_scripts_of_the_theme_are_allowed_by_their_hashes_over_all_pages():
    policy = Policy()
    policy.pass_by(f"{HEAD}<script>one('.')</script></head><p>x</p>", "<p>x</p>")
    policy.pass_by(f"{HEAD}<script>one('..')</script><script src='a.js'></script></head><p>y</p>", "<p>y</p>")
    scripts = policy.text().split("; ")[1].split(" ")
    assert scripts == ["script-src", "'self'", *sorted([digest("one('.')"), digest("one('..')")])]


def test_nothing_that_an_author_wrote_is_hashed():
    policy = Policy()
    content = "<p>x</p><script>alert(1)</script>"
    policy.pass_by(f"{HEAD}<script>theme()</script></head><body>{content}</body>", content)
    assert digest("theme()") in policy.text()
    assert digest("alert(1)") not in policy.text()
    changed = Policy()
    changed.pass_by(f"{HEAD}</head><body>{content.upper()}<script>alert(1)</script></body>", content)
    assert "sha256" not in changed.text()


def test_the_policy_follows_the_encoding_and_not_what_looks_like_it():
    like_it = "<!-- <meta charset=a> --><meta name=d content='<meta charset=b>'>"
    page = Policy().pass_by(f"<html><head>{like_it}<meta charset=utf-8></head><body><meta charset=c></body></html>", "x")
    assert page.index("Content-Security-Policy") > page.index("<meta charset=utf-8>")
    assert page.index("Content-Security-Policy") < page.index("</head>")
    assert Policy().pass_by(f"<p>{like_it}</p>", "x") == f"<p>{like_it}</p>"


def test_a_script_has_the_hash_that_browsers_take_of_it():
    policy = Policy()
    policy.pass_by(f"{HEAD}<script>one()\r\ntwo()</script></head></html>", "")
    assert digest("one()\ntwo()") in policy.text()


def test_data_is_no_script():
    policy = Policy()
    policy.pass_by(f'{HEAD}<script type="application/ld+json">{{}}</script><script id=c type="application/json">1</script>', "x")
    policy.pass_by(f'{HEAD}<script type="application/ld+json">{{}}</script><script id=c type="application/json">1</script>', "")
    assert "sha256" not in policy.text()


def test_the_policy_allows_no_eval_no_plugins_and_no_other_base():
    rules = dict(rule.split(" ", 1) for rule in Policy().text().split("; "))
    assert rules["script-src"] == rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'self'"
    assert rules["object-src"] == "'none'"
    assert "unsafe-eval" not in Policy().text()


@pytest.mark.parametrize(
    "loaded",
    [
        '<script src="{}"></script>',
        '<img src="{}" alt="">',
        '<iframe src="{}"></iframe>',
        '<link rel="stylesheet" href="{}">',
        '<link rel="preconnect" href="{}">',
        '<video poster="{}"></video>',
        '<video><source src="{}"></video>',
        '<picture><source srcset="a.png 1x, {} 2x"></picture>',
        '<object data="{}"></object>',
        '<svg><image href="{}"/></svg>',
        '<svg><use xlink:href="{}"/></svg>',
        '<p style="background: url({})">x</p>',
        "<style>@import '{}';</style>",
        '<meta http-equiv="refresh" content="1; url={}">',
        '<input type="image" src="{}">',
    ],
)
@pytest.mark.parametrize("address", ["https://cdn.example/x", "//cdn.example/x"])
def test_what_a_browser_would_load_is_found(loaded, address):
    assert foreign_in_page(f"<body>{loaded.format(address)}</body>") == [address]
    assert foreign_in_page(f"<body>{loaded.format('local/x')}</body>") == []
    assert foreign_in_page(f"<body>{loaded.format(address)}</body>", own=address) == []


@pytest.mark.parametrize(
    "page",
    [
        '<a href="https://example.org/">x</a>',
        '<link rel="canonical" href="https://example.org/">',
        "<p>https://example.org/x.js</p>",
        '<code>&lt;script src="https://x/"&gt;</code>',
        '<img src="data:image/png;base64,AA//" alt="">',
        '<meta property="og:image" content="https://example.org/x.png">',
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0"/></svg>',
        "",
    ],
)
def test_what_a_reader_may_follow_is_not(page):
    assert foreign_in_page(page) == []


def test_style_sheets_are_looked_through():
    assert foreign_in_style(
        "a{background:url(//x/y.png)} /* url(https://no/) */ @import 'https://z/a.css'; @font-face{src:url(f.woff2)}"
    ) == [
        "//x/y.png",
        "https://z/a.css",
    ]


@pytest.fixture
def small(tmp_path):
    """A site of two pages in the theme Material."""
    docs = tmp_path / "docs"
    (docs / "deep").mkdir(parents=True)
    (docs / "index.md").write_text("---\ntitle: T\n---\n\n# Title\n\n<script>mine()</script>\n")
    (docs / "deep" / "other.md").write_text("# Other\n\nText.\n")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Small\ntheme: {name: material, font: false}\nmarkdown_extensions: [lensdoc]\nplugins: [search, lensdoc]\n"
    )
    return tmp_path


def test_each_page_has_the_same_policy_before_its_first_script(small, tmp_path):
    done = build(small, tmp_path / "site", strict=False)
    assert done.returncode == 0, done.stderr
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert [page.relative_to(tmp_path / "site").as_posix() for page in pages] == [
        "404.html",
        "deep/other/index.html",
        "index.html",
    ]
    found = set()
    for page in pages:
        text = page.read_text()
        tags = lxml_html.document_fromstring(text).xpath('//meta[@http-equiv="Content-Security-Policy"]')
        assert len(tags) == 1
        assert text.index("Content-Security-Policy") < text.index("<script")
        found.add(tags[0].get("content"))
        allowed = tags[0].get("content")
        for script in re.findall(r"<script>(.*?)</script>", text):
            assert (digest(script) in allowed) == (script != "mine()")
    assert len(found) == 1
    assert len(re.findall("sha256-", found.pop())) >= 4


def test_a_foreign_address_fails_the_strict_build_with_its_line(small, tmp_path):
    page = small / "docs" / "index.md"
    like_ours = '<details class="ld x" data-search-exclude=""><img src="https://hidden.example/y.png" alt=""></details>'
    page.write_text(f"{page.read_text()}\n![A chart](https://charts.example/x.png)\n\n{like_ours}\n")
    (small / "docs" / "mine.css").write_text("@import url(https://fonts.example/a.css);")
    (small / "mkdocs.yml").write_text((small / "mkdocs.yml").read_text() + "extra_javascript: [https://cdn.example/x.js]\n")
    done = build(small, tmp_path / "site")
    assert done.returncode == 1
    assert "WARNING -  index.md:9: readers would load https://charts.example/x.png from another host; keep a copy" in done.stderr
    assert "WARNING -  index.md:11: readers would load https://hidden.example/y.png from another host" in done.stderr
    assert "WARNING -  mine.css: readers would load https://fonts.example/a.css from another host" in done.stderr
    everywhere = (
        "readers would load https://cdn.example/x.js from another host; it stands in mkdocs.yml or the theme, so other pages"
    )
    assert done.stderr.count("https://cdn.example/x.js") == 1
    assert f"WARNING -  index.md: {everywhere}" in done.stderr


def test_single_figures_have_the_policy_where_pages_have_it(tmp_path):
    root = engines.article(tmp_path / "article")
    (root / "mkdocs.yml").write_text((root / "mkdocs.yml").read_text().replace("execute: never", "private: false"))
    done = build(root, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    alone = sorted((tmp_path / "site" / "embed").rglob("*.html"))
    assert alone
    assert not [path for path in alone if "Content-Security-Policy" in path.read_text()]
    html = f"{HEAD}</head></html>"
    assert "script-src 'self';" in Privacy(print).embed(html)


def test_a_served_page_has_its_policy_and_the_script_that_reloads_it_runs(tmp_path):
    policy = Policy()
    page = policy.written(policy.pass_by(f"{HEAD}</head><body><script>mine()</script></body></html>", "<script>mine()</script>"))
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "a.css").write_text("a {}")
    server = LiveReloadServer(print, "127.0.0.1", 0, str(tmp_path))
    server.watch(str(tmp_path))
    server.set_app(ReloadAllowed(server.get_app()))

    def get(path):
        said = {}
        body = server.get_app()({"PATH_INFO": path}, lambda status, headers, _: said.update({"status": status} | dict(headers)))
        text = b"".join(body)
        getattr(body, "close", list)()
        assert int(said.get("Content-Length", len(text))) == len(text)
        return said["status"], text.decode()

    _, served = get("/")
    nonce = re.search(r"""'nonce-([\w-]+)'""", served)[1]
    assert served.replace(f" 'nonce-{nonce}'", "").startswith(page.removesuffix("</body></html>"))
    assert re.findall(r"<script[^>]*>\s*(.{8})", served) == ["mine()</", "var live"]
    assert served.count(f'<script nonce="{nonce}">') == 1
    assert nonce in get("/")[1]  # policies of two pages that differed would pile up
    assert get("/a.css") == ("200 OK", "a {}")
    assert get("/none.html")[0].startswith("404")
    server.server_close()


def test_an_author_may_do_without(small, tmp_path):
    config = small / "mkdocs.yml"
    config.write_text(config.read_text().replace("plugins: [search, lensdoc]", "plugins: [lensdoc: {private: false}]"))
    page = small / "docs" / "index.md"
    page.write_text(page.read_text() + "\n![A chart](https://charts.example/x.png)\n")
    done = build(small, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "Content-Security-Policy" not in (tmp_path / "site" / "index.html").read_text()


HOOK = """
import re
from mkdocs.plugins import event_priority

@event_priority({priority})
def on_post_page(output, **_):
    return {changed}
"""


@pytest.mark.parametrize(
    ("priority", "changed", "told"),
    [
        (
            200,
            're.sub(r"\\s+", " ", output)',
            "more: the HTML was changed before lensdoc read it, so",
        ),
        (-200, 'output.replace("__md_scope=", "__md_scope =")', "the inline script '__md_scope =new URL("),
        (
            -200,
            'output.replace("</body>", "<script>late()</script></body>")',
            "inline script 'late()' was changed or added",
        ),
    ],
)
def test_scripts_that_the_policy_would_silently_keep_from_running_are_told(small, tmp_path, priority, changed, told):
    (small / "hook.py").write_text(HOOK.format(priority=priority, changed=changed))
    (small / "mkdocs.yml").write_text((small / "mkdocs.yml").read_text() + "hooks: [hook.py]\n")
    done = build(small, tmp_path / "site")
    assert done.returncode == 1
    assert told in done.stderr


def test_what_changes_white_space_after_lensdoc_is_nobodys_business(small, tmp_path):
    (small / "hook.py").write_text(HOOK.format(priority=-200, changed='output.replace("<p>", "<p> ")'))
    (small / "docs" / "index.md").write_text("# Title\n\nText.\n")
    (small / "mkdocs.yml").write_text((small / "mkdocs.yml").read_text() + "hooks: [hook.py]\n")
    done = build(small, tmp_path / "site")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("copy", [False, True])
def test_a_diagram_needs_a_copy_of_what_draws_it(small, tmp_path, copy):
    (small / "docs" / "index.md").write_text("# Title\n")
    page = small / "docs" / "deep" / "other.md"
    page.write_text('# Other\n\n`<pre class="mermaid">`\n\n```mermaid\ngraph LR; A-->B\n```\n')
    config = (small / "mkdocs.yml").read_text()
    fence = "{name: mermaid, class: mermaid, format: !!python/name:pymdownx.superfences.fence_code_format }"
    extensions = f"markdown_extensions: [lensdoc, pymdownx.superfences: {{custom_fences: [{fence}]}}]"
    config = config.replace("markdown_extensions: [lensdoc]", extensions)
    if copy:
        (small / "docs" / "mermaid.min.js").write_text("")
        config += "extra_javascript: [mermaid.min.js]\n"
    (small / "mkdocs.yml").write_text(config)
    done = build(small, tmp_path / "site")
    assert done.returncode == (0 if copy else 1), done.stderr
    told = "WARNING -  deep/other.md:5: readers would load Mermaid, which draws this diagram, from another host; name a copy of"
    assert (told in done.stderr) != copy


BLOCKED = {
    "a script": (
        "<div>\n<script>\n  Plotly.newPlot('x')\n</script>\n</div>",
        "index.md:7: the inline script \"Plotly.newPlot\\('x'\\)\" will",
    ),
    "a handler": ('<button onclick="go()">Go</button>', r"index.md:5: the handler onclick='go\(\)' of <button> will not run"),
    "an address in references": (
        '<a href="java&#115;cript&colon;go()">Go</a>',
        r"index.md: the address 'javascript:go\(\)' of <a> will not run",  # written otherwise on its line
    ),
    "an address": ('<a href="javascript:go()">Go</a>', r"index.md:5: the address 'javascript:go\(\)' of <a> will not run"),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_the_policy_blocks_is_named_with_its_line(tmp_path, name):
    written, message = BLOCKED[name]
    said = built_page(tmp_path, written)
    assert re.search(message, said), said
    assert said.count("will not run") == 1


def test_what_the_policy_allows_is_not_named(tmp_path):
    allowed = '<script src="a.js"></script>\n<script type="application/json">{}</script>\n\n`<script>x</script>` one=2\n'
    assert "will not run" not in built_page(tmp_path, allowed)


def built_page(root, text):
    """What a build says of a page with this text from its fifth line on."""
    (root / "docs").mkdir()
    (root / "docs" / "a.js").write_text("")
    (root / "docs" / "index.md").write_text(f"---\ntitle: A\n---\n\n{text}\n")
    (root / "mkdocs.yml").write_text("site_name: A\nmarkdown_extensions: [lensdoc]\nplugins: [lensdoc]\n")
    return build(root, root / "site", strict=False).stderr
