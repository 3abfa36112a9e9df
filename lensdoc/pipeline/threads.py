"""How many threads a run computes with: fixed for each run, since the last digits of results depend on it."""

from __future__ import annotations

WARM = 1
"""Threads of kernels that are forked; a run that asks for more is large, and starts a kernel of its own."""
_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def environment(threads: int) -> dict[str, str]:
    """The variables that make numeric libraries compute with so many threads."""
    return dict.fromkeys(_VARIABLES, str(threads)) | {"TOKENIZERS_PARALLELISM": "false"}
