"""The executed notebook of a run as it is kept and committed: what readers want, the same bytes from run to run."""

from __future__ import annotations

import hashlib
import json
import re
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lensdoc.records.writing import MIME, SAVED

Json = dict[str, Any]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_SPARED = ("image/", MIME)
"""Types of outputs that hold no text of the machine and must stay byte for byte; SVG is text all the same."""
_SIDES = ("width", "height")
_WORD = r"(?<![^\s\"'(<])[^\s\"'(<]*"
"""From where a path may begin; looked for there alone, or a long line without white space would take its length squared."""
_PACKAGES = re.compile(rf"{_WORD}[/\\](?=(?:site|dist)-packages[/\\])")
_CELL = re.compile(rf"{_WORD}ipykernel_\d+[/\\]\d+\.py")
_ADDRESS = re.compile(r"\bat 0x[0-9A-Fa-f]+")


def kept(
    notebook: Json, *folders: Path, named: Mapping[Path, str] | None = None, saved: Mapping[str, bytes] | None = None
) -> str:
    """The canonical text of an executed notebook, for `analyses/executed/`.

    Sources, tags, execution counts and outputs stay, and with them the parameters that Papermill put in. Papermill's times and
    paths, standard error (warnings and progress bars), the state of widgets and what tells of the machine go.

    Args:
        notebook: The notebook's JSON, as Papermill leaves it; it is not changed.
        folders: Folders whose paths become `.` in the outputs: the scratch folder, the project. The home folder, temporary files
            and the place of Python and its packages are replaced too.
        named: Further paths, and what stands for each: models of runs.yml, by their names there.
        saved: The records that the run saved, by `RUN/NAME`. An output that shows one names it, in place of a second copy.
    """
    names = _names(folders, named or {})
    known = {_shown(content.decode()): {"record": name, "sha256": _hash(content)} for name, content in (saved or {}).items()}
    cells = [_cell(cell, number, names, known) for number, cell in enumerate(notebook["cells"], 1)]
    content = {"cells": cells, "metadata": _metadata(notebook.get("metadata", {})), "nbformat": 4, "nbformat_minor": 5}
    # A lone surrogate has no UTF-8 form; the JSON escape that replaces it is read back as the same.
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text.encode(errors="backslashreplace").decode() + "\n"


def _metadata(metadata: Json) -> Json:
    """The language and no version: all that rendering needs."""
    known = {"kernelspec": ("display_name", "language", "name"), "language_info": ("name", "pygments_lexer")}
    return {part: {k: metadata[part][k] for k in keys if k in metadata[part]} for part, keys in known.items() if part in metadata}


def _cell(cell: Json, number: int, names: list[tuple[re.Pattern[str], str]], saved: Mapping[str, Json]) -> Json:
    tags = cell.get("metadata", {}).get("tags")
    found = {
        "cell_type": cell["cell_type"],
        "id": f"cell-{number}",
        "metadata": {"tags": tags} if tags else {},
        "source": _lines(_text(cell["source"]).rstrip("\n")),
    }
    if cell.get("attachments"):
        found["attachments"] = cell["attachments"]
    if cell["cell_type"] == "code":
        outputs = (_output(output, names, saved) for output in cell["outputs"] if not _is_noise(output))
        found |= {"execution_count": cell.get("execution_count"), "outputs": list(_joined(outputs))}
    return found


def _is_noise(output: Json) -> bool:
    """Standard error, and widgets: they live in the kernel, and their text form is a progress bar with its times."""
    return output.get("name") == "stderr" or _WIDGET in output.get("data", {})


def _output(output: Json, names: list[tuple[re.Pattern[str], str]], saved: Mapping[str, Json]) -> Json:
    found: Json = {key: output[key] for key in ("output_type", "name", "execution_count", "ename", "evalue") if key in output}
    if "text" in output:
        found["text"] = _lines(_without_machine(_text(output["text"]), names))
    if "evalue" in output:
        found["evalue"] = _without_machine(output["evalue"], names)
        found["traceback"] = [_without_machine(line, names) for line in output["traceback"]]
    if "data" in output:
        data = {kind: _data(kind, value, names) for kind, value in output["data"].items()}
        metadata = _sizes(output.get("metadata", {}), data)
        if MIME in data and (same := saved.get(_shown(_text(output["data"][MIME])))):
            metadata[SAVED] = same
            del data[MIME]
        found |= {"metadata": metadata, "data": data}
    return found


def _shown(text: str) -> str:
    """What an output shows of a record: the run, its notebook and its parameters are known only once it is saved."""
    try:
        data = json.loads(text)
        data["provenance"] = {name: data["provenance"].get(name) for name in ("dtype", "seed")}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return text
    return json.dumps(data, sort_keys=True)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sizes(metadata: Json, kinds: Iterable[str]) -> Json:
    """How large each image is shown; Jupyter keeps it beside the image."""
    asked = {kind: metadata[kind] for kind in kinds if kind.startswith("image/") and isinstance(metadata.get(kind), dict)}
    sizes = {kind: {side: size[side] for side in _SIDES if type(size.get(side)) is int} for kind, size in asked.items()}
    return {kind: size for kind, size in sizes.items() if size}


def _data(kind: str, value: object, names: list[tuple[re.Pattern[str], str]]) -> object:
    if isinstance(value, str | list) and not kind.endswith("json"):
        text = _text(value)
        return _lines(text if kind.startswith(_SPARED) and kind != "image/svg+xml" else _without_machine(text, names))
    if isinstance(value, dict):
        return {key: _data(kind, item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_data(kind, item, names) for item in value]
    return _without_machine(value, names) if isinstance(value, str) else value


def _joined(outputs: Iterable[Json]) -> Iterator[Json]:
    """Consecutive pieces of standard output as one: where the kernel cuts it depends on the moment."""
    last: Json | None = None
    for output in outputs:
        if last and last["output_type"] == output["output_type"] == "stream" and last["name"] == output["name"]:
            last["text"] = _lines(_text(last["text"]) + _text(output["text"]))
            continue
        last = output
        yield output


def _names(folders: Iterable[Path], named: Mapping[Path, str]) -> list[tuple[re.Pattern[str], str]]:
    """Patterns of paths and what stands for them, the longest first."""
    known = [(folder, ".") for folder in folders]
    known += [(Path.home(), "~"), (Path(tempfile.gettempdir()), "…"), (Path(sysconfig.get_path("stdlib")), "python")]
    known += named.items()
    paths = {str(path): name for folder, name in reversed(known) for path in (folder, folder.resolve()) if len(path.parts) > 1}
    return [
        (re.compile(rf"(?<![\w.~-]){re.escape(path)}(?![\w-])"), paths[path]) for path in sorted(paths, key=len, reverse=True)
    ]


def _without_machine(text: str, names: list[tuple[re.Pattern[str], str]]) -> str:
    for pattern, name in [(_CELL, "cell"), (_PACKAGES, ""), *names, (_ADDRESS, "at 0x…")]:
        text = pattern.sub(name, text)
    return text


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _lines(value: str | list[str]) -> list[str]:
    return _text(value).splitlines(keepends=True)
