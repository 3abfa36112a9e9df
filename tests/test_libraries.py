"""Which libraries a source imports, and what these require."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lensdoc.pipeline import libraries
from lensdoc.pipeline.key import computing_sources, executed_components


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np, json", {"numpy", "json"}),
        ("import scipy.optimize", {"scipy"}),
        ("from sklearn.cluster import KMeans", {"sklearn"}),
        ("def f():\n    class C:\n        import torch", {"torch"}),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None", {"torch"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\nelse:\n    import numpy", {"typing", "numpy"}),
        ("import typing\nif typing.TYPE_CHECKING:\n    import torch", {"typing"}),
        ("from .torch import x\nfrom . import numpy", set()),
        ("text = 'import torch'  # import numpy", set()),
        ("%matplotlib inline\n!pip list\nimport numpy", {"numpy"}),
        ("%%time\nimport torch", {"torch"}),
        ("x = !ls\nimport torch", {"torch"}),
        ("import pandas", {"pandas"}),
        ("x = !ls\nimport json, torch; import numpy", {"json", "torch", "numpy"}),
        ("!ls \\\n  -l\nimport json, torch", {"json", "torch"}),
        ("%%bash\nls -l", set()),
        ("import importlib\nimportlib.import_module('torch.nn')", {"importlib", "torch"}),
        ("__import__('torch.nn', fromlist=[''])", {"torch"}),
        ("importlib.import_module('.nn', 'torch')", set()),
        ("x = = 1\nimport torch, numpy as np; from sklearn.cluster import KMeans", {"torch", "numpy", "sklearn"}),
    ],
)
def test_imports_are_read_from_the_text(source, expected):
    assert libraries.imported_modules(source) == expected


def test_what_a_library_requires_counts_too():
    assert libraries._required("transformers") == {"numpy", "safetensors", "tokenizers"}
    assert libraries._required("scikit-learn") == {"numpy", "scipy"}
    assert "torch" not in libraries._required("safetensors")  # an extra


def test_versions_are_written_as_exactly_as_asked(monkeypatch):
    monkeypatch.setattr(libraries.metadata, "version", {"numpy": "2.3.4", "torch": "2.13.0+cpu"}.__getitem__)
    libraries._installed.cache_clear()
    try:
        both = ["import numpy", "import torch"]
        assert libraries.library_versions(both, "minor") == {"numpy": "2.3", "torch": "2.13"}
        assert libraries.library_versions(both, "exact") == {"numpy": "2.3.4", "torch": "2.13.0"}
    finally:
        libraries._installed.cache_clear()


def test_a_run_that_loads_a_model_depends_on_what_computes_it():
    run = SimpleNamespace(models={})
    static = {"versions": {"scipy": "1.0"}, "settings": {"threads": 1, "versions": "minor"}, "model": {}}
    made = executed_components(run, static, ["lensdoc.models.loading", "torch", "sklearn"], {"m": "sha256:0"})
    assert made["model"] == {"m": "sha256:0"}
    assert sorted(made["versions"]) == ["numpy", "safetensors", "scipy", "tokenizers", "torch", "transformers"]
    assert list(made["code"]) == ["lensdoc.models.loading"]
    assert set(executed_components(run, static, computing_sources(), {})["versions"]) == set(libraries.LIBRARIES.values())


def test_every_library_of_a_notebook_counts_and_no_module_of_python():
    found = libraries.notebook_versions({"markdown", "json", "lensdoc", "no_such_module", "numpy"}, "exact")
    assert found.keys() == {"markdown", "numpy"}
