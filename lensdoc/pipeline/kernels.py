"""Kernels: started by jupyter_client, or forked from a process that has imported the libraries already.

A forked kernel is made before its worker starts anything of its own: it waits, with the libraries imported and nothing of
lensdoc, until it is told its connection file. Importing torch and transformers takes many times longer than a small run.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import math
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty
from typing import IO, Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

_PROVISIONER = "lensdoc-forked"
_DIE_WITH_PARENT = 1  # prctl(PR_SET_PDEATHSIG)
_ASK_AGAIN = 0.2
"""Seconds without a word before a kernel is asked again whether it is ready; what it said may have come before the connection."""
_LAUNCH = [sys.executable, "-m", "ipykernel_launcher"]


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent, of this number, ends, however that ends."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it was asked
        os._exit(1)


class ForkedKernel:
    """A child process that waits to become a kernel; offers what jupyter_client uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket) -> None:
        """Fork; only the parent comes back from here. The child lets go of the worker's connection."""
        read, write = os.pipe()
        worker = os.getpid()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            os.close(write)
            connection.close()
            _become_kernel(read, worker)
        os.close(read)
        self._orders = os.fdopen(write, "w")

    def start(self, command: list[str], *, cwd: str, env: Mapping[str, str], log: IO[Any]) -> None:
        """Tell the child what to do."""
        order = {"arguments": command[len(_LAUNCH) :], "cwd": cwd, "env": dict(env), "log": log.name}
        with self._orders:
            self._orders.write(json.dumps(order))

    def poll(self) -> int | None:
        """The exit code, once there is one."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int:
        """Wait for the exit code."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal, unless the child has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill the child."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the child to end."""
        self.send_signal(signal.SIGTERM)


class ForkedProvisioner(LocalProvisioner):
    """Hands the connection file to a forked kernel instead of starting a program."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:  # noqa: ANN401 - jupyter_client's signature
        """Start the forked kernel of the manager."""
        assert isinstance(self.parent, LocalKernel)
        assert self.parent.forked
        forked = self.parent.forked
        forked.start(cmd, cwd=kwargs["cwd"], env=kwargs["env"], log=kwargs["stderr"])
        self.process = forked  # type: ignore[assignment] # offers what is used of it
        self.pid = self.pgid = forked.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - jupyter_client's signature
        """Kill the kernel, and wait for it: that takes no time, and jupyter_client would look again after a tenth of a second."""
        await super().kill(restart=restart)
        assert self.process
        self.process.wait()


_ENTRY = EntryPoint(_PROVISIONER, f"{__name__}:{ForkedProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME)


class PromptClient(AsyncKernelClient):
    """Knows at once that a kernel is ready."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - jupyter_client's signature
        """Wait until the kernel says where it sends outputs that it is idle, so that none is lost.

        jupyter_client waits for a fifth of a second in which nothing is said there.

        Raises:
            RuntimeError: The kernel has died, or says nothing for so many seconds.
        """
        end = time.monotonic() + (timeout or math.inf)
        while not await self._says_that_it_is_idle():
            if not await self._async_is_alive():
                raise RuntimeError("the kernel died before it was ready")
            if time.monotonic() > end:
                raise RuntimeError(f"the kernel was not ready in {timeout:g} s")

    async def _says_that_it_is_idle(self) -> bool:
        self.kernel_info()
        while True:
            try:
                said = await self.iopub_channel.get_msg(timeout=_ASK_AGAIN)
            except Empty:
                return False
            if said["content"].get("execution_state") == "idle":
                return True


class LocalKernel(AsyncKernelManager):
    """A kernel of this very Python, reached through sockets in the file system: no port that another could take or listen to."""

    forked: ForkedKernel | None = None
    client_factory = PromptClient

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - jupyter_client's signature
        super().__init__(transport="tcp" if sys.platform == "win32" else "ipc", **options)

    @property
    def kernel_spec(self) -> KernelSpec:
        """Not the one that a user may have registered under the name: that may be another Python."""
        spec = KernelSpec(argv=[*_LAUNCH, "-f", "{connection_file}"], display_name="Python 3", language="python")
        if self.forked:
            KernelProvisionerFactory.instance().provisioners[_PROVISIONER] = _ENTRY
            spec.metadata = {"kernel_provisioner": {"provisioner_name": _PROVISIONER}}
        return spec


def manager(forked: ForkedKernel | None) -> type[LocalKernel]:
    """The class of kernel managers for a run: jupyter_client makes the instance itself."""
    return type("Kernel", (LocalKernel,), {"forked": forked})


def _become_kernel(orders: int, worker: int) -> None:
    try:
        die_with_parent(worker)
        with os.fdopen(orders) as stream:
            order = json.loads(stream.read() or "null")
        if order is None:  # the worker needs no kernel
            os._exit(0)
        _set_up(order)
        from ipykernel.kernelapp import IPKernelApp

        launcher = importlib.util.find_spec(_LAUNCH[-1])
        assert launcher
        sys.argv = [str(launcher.origin), *order["arguments"]]
        IPKernelApp.launch_instance()
    except BaseException:  # noqa: BLE001 - nothing of the parent's may run on in the child
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _set_up(order: dict[str, Any]) -> None:
    import numpy as np

    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(signum, signal.default_int_handler if signum == signal.SIGINT else signal.SIG_DFL)
    with Path(order["log"]).open("a") as log:
        os.dup2(log.fileno(), 2)
    with Path(os.devnull).open("w") as nowhere:  # ipykernel greets whoever started it by hand
        os.dup2(nowhere.fileno(), 1)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    np.random.seed()  # noqa: NPY002 - every fork would draw the same numbers
    for name in [name for name in sys.modules if name.split(".")[0] == "lensdoc"]:
        del sys.modules[name]  # imported anew, as edited, and noted when the notebook reaches them
