"""Accessibility as Lighthouse measures it; Node 20 installs it from the lock file beside this test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from chromium import ARGUMENTS

pytestmark = [pytest.mark.browser, pytest.mark.long]
LOCK = Path(__file__).parent / "lighthouse"


@pytest.fixture(scope="module")
def lighthouse(tmp_path_factory):
    """Runs Lighthouse on an address."""
    npm = shutil.which("npm")
    assert npm, "Lighthouse needs Node 20 with npm: install it, or run make test, which leaves this out"
    folder = tmp_path_factory.mktemp("lighthouse")
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(LOCK / name, folder / name)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, cwd=folder, check=True, env=os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"})

    def measure(address):
        profile, report = folder / "profile", folder / "report.json"
        flags = " ".join(["--headless=new", *ARGUMENTS, f"--user-data-dir={profile}"])
        command = [
            folder / "node_modules" / ".bin" / "lighthouse",
            address,
            "--quiet",
            "--only-categories=accessibility",
            "--output=json",
            f"--output-path={report}",
            f"--chrome-flags={flags}",
        ]
        chromium = os.environ.get("LENSDOC_CHROMIUM") or shutil.which("chromium")
        subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": chromium})
        return json.loads(report.read_text())

    return measure


def test_the_article_has_no_fault_that_lighthouse_finds(lighthouse, own_site, figure):
    report = lighthouse(own_site)
    faults = {
        name: [item["node"]["snippet"] for item in audit.get("details", {}).get("items", []) if "node" in item]
        for name, audit in report["audits"].items()
        if audit["score"] is not None and audit["score"] < 1
    }
    figure(f"Lighthouse {report['lighthouseVersion']}: accessibility {report['categories']['accessibility']['score']}")
    assert faults == {}
    assert report["categories"]["accessibility"]["score"] == 1
