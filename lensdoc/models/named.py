"""Models that `analyses/runs.yml` gives a name, and the note of what a run loaded.

In a run the pipeline leaves the models in the scratch folder; elsewhere runs.yml of the project around is read.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lensdoc.core.errors import ModelError
from lensdoc.records.saving import DECLARED, LOADED, OUT, RUN


@dataclass(frozen=True)
class Named:
    """A model of runs.yml."""

    source: str
    """A hub id, a bundled model, or the path of a folder or .gguf file that is there."""
    title: str
    """What readers see."""


def named_model(name: str) -> Named | None:
    """The model that runs.yml calls by this name; None where it is no such name.

    Raises:
        ModelError: runs.yml names it, and its source is not on this machine; the message says how to get it.
    """
    models = _models_of_run() if RUN in os.environ else _models_of_project()
    if not isinstance(name, str) or name not in models:  # `load_model` refuses what is no text
        return None
    found = models[name]
    if Path(found["source"]).is_absolute() and not Path(found["source"]).exists():
        raise ModelError(f"the model {name!r} of runs.yml is not here: there is no {found['written']}; {found['cure']}")
    return Named(found["source"], found["title"])


def note_loaded(asked: str, revision: str) -> None:
    """Note, in a run, what was loaded: its revision enters the run's key, whatever named the model.

    Args:
        asked: The source as the notebook gave it to `load_model`.
        revision: The commit of a hub model, else `sha256:` and the hash of its content.
    """
    if RUN in os.environ:
        with (Path(os.environ[OUT]) / LOADED).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"asked": asked, "revision": revision}) + "\n")


def _models_of_run() -> dict[str, dict[str, str]]:
    declared: dict[str, Any] = json.loads((Path(os.environ[OUT]) / DECLARED).read_text(encoding="utf-8"))
    models: dict[str, dict[str, str]] = declared.get("models", {})
    return models


def _models_of_project() -> dict[str, dict[str, str]]:
    """Empty where there is no project; of a file with mistakes what can be read, since `lensdoc status` names them."""
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "mkdocs.yml").is_file()), None)
    if root is None or not (root / "analyses" / "runs.yml").is_file():
        return {}
    try:
        entries = yaml.safe_load((root / "analyses" / "runs.yml").read_text(encoding="utf-8"))["models"]
        return {name: _described(entry, root / "analyses") for name, entry in entries.items()}
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _described(entry: dict[str, str], analyses: Path) -> dict[str, str]:
    from lensdoc.core.named_models import described, local_path, title_of  # no run needs it

    source = entry["source"]
    path = local_path(source, analyses)
    return described(source, path, entry.get("name") or title_of(source, path), entry.get("get"))
