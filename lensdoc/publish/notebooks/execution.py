"""Why a notebook below the folder of pages could not be executed while the site was built, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lensdoc.core.messages import sentence

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CURE = "mend it, or keep its outputs in the file and list it under `execute_ignore` of mkdocs-jupyter"


def why_not_executed(error: Exception, sources: Sequence[str]) -> str:
    """What to tell of an exception that nbconvert raised.

    Args:
        error: The exception; those of nbclient and jupyter_client are known by name, so that neither is imported.
        sources: The sources of all cells of the notebook.
    """
    match type(error).__name__:
        case "CellExecutionError":
            # nbclient does not say which cell it was, but its message holds the source between two lines.
            found = (n for n, source in enumerate(sources, 1) if source.strip() and f"\n{source.strip()}\n" in str(error))
            number = next(found, None)
            said = sentence(Exception(_COLOUR.sub("", f"{getattr(error, 'ename', '')}: {getattr(error, 'evalue', '')}")))
            return f"{f'cell {number}' if number else 'a cell'} failed as the site was built: {said}; {_CURE}"
        case "NoSuchKernel":
            kernel = getattr(error, "name", "")
            return (
                f"it needs the kernel {kernel!r}, which is not installed; install it, or choose another: `kernel_name: python3`"
            )
        case "DeadKernelError":
            return f"its kernel ended while a cell was executed; {_CURE}"
        case "CellTimeoutError":
            return f"a cell took too long: {sentence(error)}"
    return f"cannot be executed: {sentence(error)}"
