"""What a kernel is asked once its last cell has run; it alone imports this."""

from __future__ import annotations

import platform
import sys


def modules() -> str:
    """Names of the modules of lensdoc that the notebook reached."""
    return " ".join(name for name in sys.modules if name.startswith("lensdoc."))


def device() -> str:
    """Class of the machine that computed: of one class, results are the same bytes.

    The accelerator that was used, or the processor's architecture and the instructions that torch uses of it.
    """
    # A forked kernel has torch even where nothing of the notebook reached it.
    torch = sys.modules.get("torch") if "lensdoc.models" in sys.modules else None
    if torch and torch.cuda.is_initialized():
        return f"cuda {torch.cuda.get_device_name()}"
    return " ".join(["cpu", platform.machine(), *([torch.backends.cpu.get_cpu_capability()] if torch else [])])
