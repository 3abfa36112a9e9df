"""A process that does one job: forked from the warm process, or started as `python -m lensdoc.pipeline.worker PARENT`.

It reads the job as one line of JSON, and writes lines of JSON: events while it works, and last `{"receipt": ...}` or
`{"failure": ...}`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from lensdoc.pipeline.failure import failure_of
from lensdoc.pipeline.job import Job, do

if TYPE_CHECKING:
    from lensdoc.pipeline.kernels import ForkedKernel


def serve(orders: TextIO, answers: TextIO, forked: ForkedKernel | None = None) -> None:
    """Do the job that is asked for."""
    turn = threading.Lock()

    def tell(event: Mapping[str, Any]) -> None:
        with turn:  # what the kernel does is told by a thread of its own
            answers.write(json.dumps(event) + "\n")
            answers.flush()

    job = Job(**json.loads(orders.readline()))
    try:
        receipt = do(job, forked, tell)
    except Exception as error:  # noqa: BLE001 - a mistake of ours is told to whoever asked, not lost with this process
        tell({"failure": failure_of(job.run, error).data()})
    else:
        tell({"receipt": asdict(receipt)})


if __name__ == "__main__":
    if sys.platform == "linux":
        from lensdoc.pipeline.kernels import die_with_parent

        die_with_parent(int(sys.argv[1]))
    # What libraries print must not come between the answers.
    with os.fdopen(os.dup(1), "w") as channel:
        os.dup2(2, 1)
        serve(sys.stdin, channel)
