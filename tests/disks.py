"""Disks that are full, read-only or broken: mounted where the system permits it, else injected by strace."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest


def works(*command):
    """Whether a command is there and may do its work."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def may_trace():
    """Whether strace may trace processes here."""
    return sys.platform == "linux" and works("strace", "-f", "-o", "/dev/null", "true")


needs_strace = pytest.mark.skipif(not may_trace(), reason="strace is not installed, or may not trace processes here")


@contextmanager
def small_disk(folder, kilobytes=400):
    """Show a copy of a folder on a small disk of its own; tells whether that is permitted."""
    content = shutil.copytree(folder, folder.with_name(folder.name + ".before"))
    with _mounted(folder, "-t", "tmpfs", "-o", f"size={kilobytes}k", "none") as mounted:
        if mounted:
            shutil.copytree(content, folder, dirs_exist_ok=True)
        yield mounted
    shutil.rmtree(content)


@contextmanager
def read_only(folder):
    """Mount a folder on itself, so that not even root can write to it; tells whether that is permitted."""
    with _mounted(folder, "-o", "bind,ro", str(folder)) as mounted:
        yield mounted


@contextmanager
def _mounted(folder, *options):
    mounted = works("mount", *options, str(folder))
    try:
        yield mounted
    finally:
        assert not mounted or works("umount", str(folder))


def fill(folder):
    """Write until nothing more fits."""
    size = 65536
    with (folder / "filling").open("wb", buffering=0) as file:
        while size:
            try:
                file.write(b"x" * size)
            except OSError:
                size //= 2
    return folder / "filling"


def injecting(calls, fault, *paths):
    """The beginning of a command line in which system calls on these paths fail."""
    only = [option for path in paths for option in ("-P", str(path))]
    return ["strace", "-f", "-qq", "-o", "/dev/null", *only, "-e", f"trace={calls}", "-e", f"inject={calls}:{fault}"]
