"""The article as Lighthouse measures it on a phone; Node 20 installs it from the lock file beside this test."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import subprocess
import threading
from pathlib import Path

import pytest
from chromium import ARGUMENTS

pytestmark = [pytest.mark.browser, pytest.mark.long]
LOCK = Path(__file__).parent / "lighthouse"
TEXTS = {".html", ".css", ".js", ".json", ".svg"}
RUNS = 5
LEAST_SCORE, MOST_BLOCKING = 0.9, 300
"""Of performance, and milliseconds of blocking time."""


class Zipped(http.server.SimpleHTTPRequestHandler):
    """Serves a folder as the hosts of static sites do: texts are compressed."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in TEXTS or not path.is_file():
            super().do_GET()
            return
        body = compressed(path)
        self.send_response(200)
        for name, value in (("Type", self.guess_type(path)), ("Encoding", "gzip"), ("Length", str(len(body)))):
            self.send_header(f"Content-{name}", value)
        self.end_headers()
        self.wfile.write(body)


@functools.cache
def compressed(path):
    return gzip.compress(path.read_bytes(), mtime=0)


@pytest.fixture(scope="module")
def address(own_built):
    """This repository's own article, compressed on its way."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Zipped, directory=own_built))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def installed(folder):
    """The program: of the folder of its lock file where that has it, else installed into a folder."""
    program = Path("node_modules") / ".bin" / "lighthouse"
    if (LOCK / program).exists():
        return LOCK / program
    npm = shutil.which("npm")
    assert npm, "Lighthouse needs Node 20 with npm: install it, or run make test, which leaves this out"
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(LOCK / name, folder / name)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, cwd=folder, check=True, env=os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"})
    return folder / program


@pytest.fixture(scope="module")
def lighthouse(tmp_path_factory):
    """Runs Lighthouse on an address, for one of its categories."""
    folder = tmp_path_factory.mktemp("lighthouse")
    program = installed(folder)

    def measure(address, category):
        profile, report = folder / "profile", folder / "report.json"
        flags = " ".join(["--headless=new", *ARGUMENTS, f"--user-data-dir={profile}"])
        command = [
            program,
            address,
            "--quiet",
            f"--only-categories={category}",
            "--output=json",
            f"--output-path={report}",
            f"--chrome-flags={flags}",
        ]
        chromium = os.environ.get("LENSDOC_CHROMIUM") or shutil.which("chromium")
        subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": chromium})
        return json.loads(report.read_text())

    return measure


def test_the_article_has_no_fault_that_lighthouse_finds(lighthouse, address, figure):
    report = lighthouse(address, "accessibility")
    faults = {
        name: [item["node"]["snippet"] for item in audit.get("details", {}).get("items", []) if "node" in item]
        for name, audit in report["audits"].items()
        if audit["score"] is not None and audit["score"] < 1
    }
    figure(f"Lighthouse {report['lighthouseVersion']}: accessibility {report['categories']['accessibility']['score']}")
    assert faults == {}
    assert report["categories"]["accessibility"]["score"] == 1


@pytest.mark.alone
def test_the_article_is_quick_on_a_phone(lighthouse, address, figure):
    """Medians of some runs: one alone says little."""
    reports = [lighthouse(address, "performance") for _ in range(RUNS)]

    def median(audit):
        return statistics.median(report["audits"][audit]["numericValue"] for report in reports)

    score = statistics.median(report["categories"]["performance"]["score"] for report in reports)
    blocking, shift = median("total-blocking-time"), median("cumulative-layout-shift")
    figure(
        f"Lighthouse on the article: performance {100 * score:.0f} (at least {100 * LEAST_SCORE:.0f}), blocking time"
        f" {blocking:.0f} ms (at most {MOST_BLOCKING}), shift {shift:.3f}, first paint {median('first-contentful-paint'):.0f} ms,"
        f" largest {median('largest-contentful-paint'):.0f} ms; load {os.getloadavg()[0]:.1f}, {RUNS} runs"
    )
    assert score >= LEAST_SCORE
    assert blocking <= MOST_BLOCKING
