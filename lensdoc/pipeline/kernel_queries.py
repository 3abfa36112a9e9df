"""Functions that the kernel runs once the last cell has run, or one has failed; only a kernel imports this module."""

from __future__ import annotations

import platform
import sys
import traceback
from pathlib import Path


def modules() -> str:
    """Names of the modules of lensdoc that the notebook reached."""
    return " ".join(name for name in sys.modules if name.startswith("lensdoc."))


def device() -> str:
    """Class of the machine that computed: of one class, results are the same bytes.

    The accelerator that was used, or the processor's architecture and model and the instructions that torch uses of it: libraries
    choose their order of summation by the model, and processors with the same instructions were seen to differ in the last digit.
    """
    # A forked kernel has torch even where nothing of the notebook reached it.
    torch = sys.modules.get("torch") if "lensdoc.models" in sys.modules else None
    if torch and torch.cuda.is_initialized():
        return f"cuda {torch.cuda.get_device_name()}"
    capability = torch.backends.cpu.get_cpu_capability() if torch else ""
    return " ".join(part for part in ("cpu", platform.machine(), processor(), capability) if part)


def processor(described: Path = Path("/proc/cpuinfo")) -> str:
    """Vendor, family and model of the first processor, such as `AuthenticAMD 25 17`; else what Python knows."""
    try:
        lines = described.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    said = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    found = [said[name] for name in ("vendor_id", "cpu family", "model") if name in said]
    return " ".join(found) or platform.processor()


def failed_line() -> str:
    """Line of the cell's code at which the last error came, from 1; empty where that cannot be told.

    IPython keeps the last error in `sys`. Of the frames of its traceback, the outermost in the notebook's own namespace is that
    of the cell. A cell that is not Python has no frame: its error names the line.
    """
    error = getattr(sys, "last_value", None)
    namespace = vars(sys.modules["__main__"])
    for frame, line in traceback.walk_tb(getattr(error, "__traceback__", None)):
        if frame.f_globals is namespace:
            return str(line)
    return str(error.lineno or "") if isinstance(error, SyntaxError) else ""
