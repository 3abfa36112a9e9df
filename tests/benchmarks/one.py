"""One piece of work in this process: once to warm up, once on the clock. Prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

import setting
import torch


def main() -> None:
    """Arguments: module of `works`, name of the work, folder of the model."""
    module, name, folder = sys.argv[1:]
    torch.set_num_threads(setting.THREADS)
    work = getattr(import_module(f"works.{module}"), name)(Path(folder))
    work()
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6  # Linux counts KiB
    print(json.dumps({**spent, "memory": memory, "result": result}))


if __name__ == "__main__":
    main()
