"""Language models: loading one, and tracing what it does with a text."""

import os
import sys

if "torch" not in sys.modules:
    # OpenMP reads these once, when torch loads it. Threads that spin while they wait for each other make a model ten times slower
    # on a machine whose cores others use too; what the user has set stays.
    for _name, _value in {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "KMP_BLOCKTIME": "0"}.items():
        os.environ.setdefault(_name, _value)
