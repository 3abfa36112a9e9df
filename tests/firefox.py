"""Firefox for tests, by its own remote protocol: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

LONG = 120.0
"""Seconds that a busy machine may take to start it, or to answer."""
PREFERENCES = {
    "marionette.port": 0,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
KEYS = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "End": "\ue010",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "Delete": "\ue017",
}
"""Keys that write nothing, as https://www.w3.org/TR/webdriver2/#keyboard-actions numbers them."""
SCRIPT = """
const [given, done] = arguments;
Promise.resolve().then(() => (%s)(given)).then((value) => done({value}), (error) => done({error: String(error)}));
"""


def find_firefox():
    """The path of a Firefox, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One page of a Firefox that was started for it; `goto` and `evaluate` are as in Playwright."""

    def __init__(self, program: str, profile: Path) -> None:
        profile.mkdir(parents=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (profile / "user.js").write_text("\n".join(lines))
        command = [program, "--headless", "--no-remote", "--profile", str(profile), "--marionette"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket = socket.create_connection(("127.0.0.1", self._port(profile / "MarionetteActivePort")), LONG)
        self.file = self.socket.makefile("rb")
        self._read()  # who answers
        self.number = 0
        self.version = self.send("WebDriver:NewSession")["capabilities"]["browserVersion"]
        self.send("WebDriver:SetTimeouts", script=int(LONG * 1000), pageLoad=int(LONG * 1000))

    def _port(self, file: Path) -> int:
        end = time.monotonic() + LONG
        while not (file.exists() and file.read_text().strip()):
            assert self.process.poll() is None, "Firefox ended before it could be asked"
            assert time.monotonic() < end, "Firefox did not start"
            time.sleep(0.05)
        return int(file.read_text())

    def _read(self):
        size = b""
        while (byte := self.file.read(1)) != b":":
            assert byte, "Firefox is gone"
            size += byte
        return json.loads(self.file.read(int(size)))

    def send(self, command: str, **parameters):
        """The result of a command of WebDriver."""
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(f"{len(message)}:".encode() + message)
        _, number, error, result = self._read()
        assert number == self.number
        assert error is None, error
        return result

    def goto(self, address: str) -> None:
        """Open a page and wait for it."""
        self.send("WebDriver:Navigate", url=address)

    def evaluate(self, function: str, given=None):
        """What a function of the page gives back, or what its promise comes to."""
        found = self.send("WebDriver:ExecuteAsyncScript", script=SCRIPT % function, args=[given], sandbox=None)["value"]
        assert "error" not in found, found["error"]
        return found.get("value")

    def wait_for(self, function: str, given=None):
        """What a function of the page gives back once that is true."""
        end = time.monotonic() + LONG
        while not (found := self.evaluate(function, given)):
            assert time.monotonic() < end, f"never true in Firefox: {function}"
            time.sleep(0.05)
        return found

    def press(self, *keys: str) -> None:
        """Press keys one after another, as a reader does: names as in Playwright, or what they write."""
        values = [KEYS.get(key, key) for key in keys]
        actions = [{"type": kind, "value": value} for value in values for kind in ("keyDown", "keyUp")]
        self.send("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def close(self) -> None:
        """End the browser."""
        try:
            self.send("Marionette:Quit", flags=["eForceQuit"])
            self.process.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.file.close()
        self.socket.close()


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    """A Firefox; where there is none the test is left out."""
    program = find_firefox()
    if program is None:
        pytest.skip("there is no Firefox on this machine: apt-get install firefox-esr")
    page = Firefox(program, tmp_path_factory.mktemp("firefox") / "profile")
    yield page
    page.close()
