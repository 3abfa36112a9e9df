"""A figure alone in a frame of another site: as high as it is, whatever the width of the page around it."""

from __future__ import annotations

import builders
import pytest
from authored import CONFIG, built
from chromium import serve, until

from lensdoc.explorables import assets
from lensdoc.records.writing import write_record

pytestmark = pytest.mark.browser
PAGE = """# P

/// explorable | own/plot
    attrs: {id: fig-a}
    width: 400
A caption that is long enough for two lines, or more.
///
"""
HOST = '<!doctype html><body><iframe src="{site}embed/own/plot.html" width="100%" height="480"></iframe>{script}'


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("embeds")
    write_record(builders.image(), root / "docs" / "data" / "own" / "plot.json")
    return built(root, PAGE, CONFIG + "site_url: https://example.org/\n")


def heights(page):
    frame = page.frames[1]
    return page.evaluate("document.querySelector('iframe').clientHeight"), frame.evaluate("document.documentElement.scrollHeight")


@pytest.mark.parametrize("listens", [True, False])
def test_a_frame_is_as_high_as_its_figure_where_the_page_around_it_listens(site, tmp_path, browser, listens):
    with serve(site) as address, serve(tmp_path) as elsewhere:
        script = f'<script src="{address}{assets.PLACE}/{assets.SIZED}"></script>' if listens else ""
        (tmp_path / "index.html").write_text(HOST.format(site=address, script=script))
        page = browser.new_page(viewport={"width": 700, "height": 900})
        page.goto(elsewhere)
        page.wait_for_timeout(500)
        if not listens:
            assert heights(page)[0] == 480
            return
        until(page, "document.querySelector('iframe').clientHeight < 480")
        frame, content = heights(page)
        assert abs(frame - content) <= 2
        page.set_viewport_size({"width": 250, "height": 900})  # the picture is smaller, the caption has more lines
        until(page, f"document.querySelector('iframe').clientHeight !== {frame}")
        page.wait_for_timeout(500)
        narrow, content = heights(page)
        assert abs(narrow - content) <= 2
        page.close()


@pytest.mark.sample(message=["{lensdocHeight: -5}"])
@pytest.mark.parametrize(
    "message", ['{lensdocHeight: "90px; width: 1px"}', "{lensdocHeight: -5}", "{lensdocHeight: 1e9}", "null", '"90"']
)
def test_other_messages_change_nothing(site, tmp_path, browser, message):
    with serve(site) as address, serve(tmp_path) as elsewhere:
        (tmp_path / "sender.html").write_text(f"<script>parent.postMessage({message}, '*')</script>")
        script = f'<script src="{address}{assets.PLACE}/{assets.SIZED}"></script>'
        (tmp_path / "index.html").write_text(f'<!doctype html><body>{script}<iframe src="sender.html" height="480"></iframe>')
        page = browser.new_page()
        page.goto(elsewhere)
        page.wait_for_timeout(200)
        assert page.evaluate("document.querySelector('iframe').clientHeight") == 480
        page.close()
