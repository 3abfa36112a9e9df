"""Which package may import which, and what the publishing path must never load."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lensdoc"
MAY_IMPORT = {
    "core": set(),
    "records": {"core"},
    "models": {"core", "records"},
    "own": {"core", "records"},
    "measures": {"core", "models", "records"},
    "explorables": {"core", "records"},
    "pipeline": {"core", "records"},
    "publish": {"core", "explorables", "own", "records", "pipeline"},
    "cli": {"core", "records", "models", "measures", "explorables", "own", "publish", "pipeline"},
}
LAZILY = {("records", "explorables"): "records/record.py"}  # a record draws itself in a notebook
HEAVY = ("torch", "transformers", "sklearn", "papermill")
THIRD_PARTY = {
    "core": set(),
    "records": {"pydantic"},
    "models": {"torch", "transformers", "tokenizers", "click", "pydantic", "yaml"}
    | {"safetensors", "huggingface_hub", "filelock", "platformdirs", "psutil"},
    "measures": {"onnx", "onnxruntime", "gguf", "torch", "scipy", "sklearn", "numpy", "networkx", "threadpoolctl"},
    "own": {"lxml", "pydantic"},
    "explorables": {"anywidget", "regex", "traitlets"},
    "pipeline": {"packaging", "pydantic", "yaml", "filelock", "distributed"}
    | {"papermill", "nbformat", "nbclient", "jupyter_client", "ipykernel", "numpy"},
    "publish": {"markdown", "pydantic", "pymdownx", "pybtex", "lxml", "mistune", "nh3", "yaml", "mkdocs"}
    | {"mkdocs_jupyter", "jupytext", "nbconvert", "jinja2", "rocrate", "vl_convert"},
    "cli": {"click", "rich"},
}
ONLY_IN = {
    "anywidget": {"explorables/widget.py"},
    "traitlets": {"explorables/widget.py"},
    "onnx": {f"measures/living/{name}.py" for name in ("compiled", "graph", "parts", "transposes")},
    "onnxruntime": {"measures/living/compiled.py"},
    "gguf": {"measures/living/weights.py"},
    "mkdocs": {path.relative_to(PACKAGE).as_posix() for path in (PACKAGE / "publish" / "engines" / "mkdocs").glob("*.py")},
    "mkdocs_jupyter": {"publish/engines/mkdocs/jupyter.py"},
    "jinja2": {"publish/engines/mkdocs/compiled.py"},
    "jupytext": {"publish/engines/mkdocs/jupyter.py"},
    "nbconvert": {"publish/engines/mkdocs/jupyter.py"},
    "nh3": {"publish/notebooks/sanitizing.py"},
    "papermill": {"pipeline/engine.py"},
    "ipykernel": {"pipeline/kernels.py"},
    "filelock": {"pipeline/locks.py", "models/gguf.py"},
    "huggingface_hub": {"models/hub.py"},
    "platformdirs": {"models/gguf.py"},
    "distributed": {"pipeline/cluster.py", "pipeline/nodes.py"},
    "rich": {"cli/progress.py"},
    "vl_convert": {"publish/figures/libraries.py"},
    "rocrate": {"publish/crates/crate.py"},
}


def imported(source):
    """Modules that a source imports, with the line, and whether that happens as soon as it is loaded."""
    tree = ast.parse(source)
    inside = {node for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            names = [f"lensdoc.{alias.name}" for alias in node.names] if base == "lensdoc" else [base]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            yield name, node.lineno, node not in inside


def broken_rules(source, package, path):
    """What the imports of a source break, one line each."""
    for name, line, at_once in imported(source):
        first, *rest = name.split(".")
        where = f"{path}:{line}: lensdoc.{package}"
        if not first:
            yield f"{where} must name the whole module, not {name}"
        elif first == "lensdoc":
            other = rest[0] if rest else ""
            lazily = not at_once and LAZILY.get((package, other)) == path
            if other != package and other not in MAY_IMPORT[package] and not lazily:
                yield f"{where} must not import lensdoc.{other}"
        elif first not in sys.stdlib_module_names and (
            first not in THIRD_PARTY[package] or path not in ONLY_IN.get(first, {path})
        ):
            yield f"{where} must not import {first}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_each_package_imports_only_what_it_may(package):
    files = [path for path in (PACKAGE / package).rglob("*.py") if "web" not in path.parts]  # sources that the wheel leaves out
    assert files
    broken = [rule for file in files for rule in broken_rules(file.read_text(), package, file.relative_to(PACKAGE).as_posix())]
    assert broken == []


@pytest.mark.parametrize(
    ("source", "package", "path"),
    [
        ("from lensdoc.models.trace import Trace", "records", "records/x.py"),
        ("from lensdoc.records.fields import StrictData", "core", "core/x.py"),
        ("import pydantic", "core", "core/x.py"),
        ("from lensdoc import models", "records", "records/x.py"),
        ("from ..models import trace", "records", "records/x.py"),
        ("def f():\n    import lensdoc.publish.engines.mkdocs.plugin", "explorables", "explorables/x.py"),
        ("from lensdoc.explorables import notebook", "records", "records/record.py"),
        ("import torch", "explorables", "explorables/x.py"),
        ("def f():\n    import papermill", "pipeline", "pipeline/run.py"),
        ("from mkdocs.plugins import BasePlugin", "publish", "publish/extension.py"),
    ],
)
def test_the_rule_can_fail(source, package, path):
    assert list(broken_rules(source, package, path))
    assert not list(broken_rules("def f():\n    from lensdoc.explorables import notebook", "records", "records/record.py"))


def modules():
    """Every module of lensdoc, with its file."""
    files = [path for path in PACKAGE.rglob("*.py") if "web" not in path.parts]
    return {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


def imports(source, known):
    """Modules of lensdoc that a source imports, also inside functions; not what only types need."""
    tree = ast.parse(source)
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING"]
    types = {node for block in blocks for node in ast.walk(block)}
    for node in ast.walk(tree):
        if node in types or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        base = node.module if isinstance(node, ast.ImportFrom) else None
        for alias in node.names:
            name = f"{base}.{alias.name}" if base else alias.name
            yield from ({name, base} & known if name not in known else {name})


def circle(arrows):
    """A way through a graph that ends where it began; None where there is none."""
    done = set()

    def walk(node, way):
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return None
        found = next(filter(None, (walk(other, [*way, node]) for other in sorted(arrows.get(node, ())))), None)
        done.add(node)
        return found

    return next(filter(None, (walk(node, []) for node in sorted(arrows))), None)


def arrows_between(package, name_of):
    known = modules()
    files = {name: path for name, path in known.items() if name.startswith(f"lensdoc.{package}.")}
    found = {}
    for name, path in files.items():
        for other in imports(path.read_text(), set(known)):
            if other in files and name_of(other) != name_of(name):
                found.setdefault(name_of(name), set()).add(name_of(other))
    return found


@pytest.mark.parametrize("package", ["core", "publish", "records", "models", "measures", "pipeline"])
def test_no_file_imports_itself_by_way_of_others(package):
    assert circle(arrows_between(package, str)) is None


def test_no_room_of_publish_imports_itself_by_way_of_others(figure):
    """A file of `publish` itself, the extension, may import from all; the syntax imports nothing."""
    rooms = arrows_between("publish", lambda name: name.split(".")[2])
    figure(f"publish: {len(rooms)} rooms with {sum(map(len, rooms.values()))} edges among them")
    assert circle(rooms) is None
    assert "syntax" not in rooms
    assert sum(map(len, rooms.values())) <= 51


def imported_with(module):
    """Modules of lensdoc that a module loads as soon as it is loaded."""
    known, found, ahead = modules(), set(), {module}
    while ahead:
        found |= ahead
        names = {name for one in ahead for name, _, at_once in imported(known[one].read_text()) if at_once}
        ahead = (names & known.keys()) - found
    return found


def test_what_only_some_models_need_is_loaded_for_them_alone():
    """What a run loads enters its key: an edit for models of the hub, or in GGUF, must not make runs of others stale."""
    found = imported_with("lensdoc.models.loading")
    assert {"lensdoc.models.weights", "lensdoc.models.configs"} <= found
    assert found & {"lensdoc.models.hub", "lensdoc.models.gguf", "lensdoc.models.gguf_header"} == set()


def private_names(source):
    """Names with an underscore that a source takes of anything but itself."""
    attributes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return {
        node.attr
        for node in attributes
        if node.attr.startswith("_")
        and not node.attr.endswith("__")
        and ast.unparse(node.value) not in {"self", "cls", "super()"}
    }


def test_engines_use_only_the_private_names_that_they_list():
    import lensdoc.publish.engines.mkdocs as engine

    used = set().union(*(private_names(path.read_text()) for path in (PACKAGE / "publish" / "engines").rglob("*.py")))
    assert used == set(re.findall(r"`(_\w+)`", engine.__doc__))
    assert private_names("server._x = self._y") == {"_x"}


def test_circles_are_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    source = "if TYPE_CHECKING:\n    from lensdoc.a import X\ndef f():\n    from lensdoc import b"
    assert set(imports(source, {"lensdoc.a", "lensdoc.b"})) == {"lensdoc.b"}


def loaded_by(code: str) -> list[str]:
    """The heavy modules that a fresh interpreter has loaded after some code."""
    ask = f"{code}\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return done.stdout.split()


@pytest.mark.parametrize(
    "module", ["lensdoc", "lensdoc.publish.engines.mkdocs.plugin", "lensdoc.publish.extension", "lensdoc.cli"]
)
def test_publishing_loads_nothing_that_computes(module):
    assert loaded_by(f"import {module}") == []


@pytest.mark.long
def test_the_check_sees_what_computes():
    assert "torch" in loaded_by("import lensdoc; lensdoc.load_model")


def test_public_names_are_listed_once_and_found():
    import lensdoc

    assert sorted(lensdoc.__all__) == list(lensdoc.__all__) == sorted(lensdoc._HOME)
    assert set(lensdoc.__all__) <= set(dir(lensdoc))
    for name in lensdoc.__all__:
        assert callable(getattr(lensdoc, name))


def test_what_needs_the_extra_for_runs_says_so():
    ask = "import sys; sys.modules['torch'] = None; import lensdoc; lensdoc.load_model"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    assert "lensdoc.load_model needs torch, not installed here: pip install 'lensdoc[run]'" in done.stderr


def test_unknown_names_list_the_known_ones():
    import lensdoc

    with pytest.raises(
        AttributeError, match="no attribute 'factorz'; it has ablation, activations, .*factor_saliency, factors, "
    ):
        _ = lensdoc.factorz


def test_every_public_object_says_what_it_does():
    def undocumented(body, file):
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    yield f"{file.name}:{node.lineno}: {node.name}"
                if isinstance(node, ast.ClassDef):
                    yield from undocumented(node.body, file)

    files = [path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts]
    assert [u for file in files for u in undocumented(ast.parse(file.read_text()).body, file)] == []
