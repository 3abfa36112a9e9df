"""What takes long to make and is only read, such as built sites: made once, whichever process of pytest-xdist comes first."""

from __future__ import annotations

import os
import shutil

import pytest
from chromium import server_of
from filelock import FileLock

SERVED = pytest.StashKey[tuple]()
"""The server of the folder that all processes share, and its address."""


def _folder(factory):
    """The folder that all processes of this run of the tests share."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def _address(config):
    """Where that folder is served, from the first call on; by the process that starts all others, which ends last."""
    if SERVED not in config.stash:
        server = server_of(_folder(config._tmp_path_factory))
        config.stash[SERVED] = server, f"http://127.0.0.1:{server.server_port}/"
    return config.stash[SERVED][1]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["shared_address"] = _address(node.config)


def pytest_unconfigure(config):
    if SERVED in config.stash:
        server, _ = config.stash[SERVED]
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """`shared(name, make)`: the folder that `make(folder)` filled. It is only read; copy it to change it.

    Others wait for the process that makes it. Where that failed they try themselves, so that each test says why.
    """
    root = _folder(tmp_path_factory)

    def made(name, make):
        folder, done = root / name, root / f"{name}.made"
        with FileLock(root / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def shared_address(request):
    """The address at which the folders of `shared` are served, by their names."""
    told = getattr(request.config, "workerinput", {})
    return told.get("shared_address") or _address(request.config)
