"""How many threads a run computes with, and how they wait.

The number is fixed for each run, since the last digits of results depend on it. Threads sleep while they wait for each other:
by default OpenMP lets them spin, and where other processes use the cores each step then waits for a thread that has none.
"""

from __future__ import annotations

WARM = 1
"""Threads of kernels that are forked; a run that asks for more is large, and starts a kernel of its own."""
_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
_WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "KMP_BLOCKTIME": "0"}
"""For every OpenMP, for that of GCC, and for those of Intel and LLVM; read once, when the library is loaded."""


def environment(threads: int) -> dict[str, str]:
    """The variables that make numeric libraries compute with so many threads, which sleep while they wait."""
    return dict.fromkeys(_VARIABLES, str(threads)) | _WAITING | {"TOKENIZERS_PARALLELISM": "false"}
