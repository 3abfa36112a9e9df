"""No absolute path of a model is published: parameters stand in every record, and the cells of a notebook on its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from lensdoc.core.errors import RunError
from lensdoc.core.named_models import expanded
from lensdoc.pipeline.models import is_model, strings_in
from lensdoc.pipeline.notebook import Notebook


def check_parameters(parameters: Mapping[str, JsonValue], place: Callable[[str], str]) -> None:
    """See that no parameter of runs.yml holds where on this machine a model lies.

    Args:
        parameters: Values by name, at any depth.
        place: File and line of a parameter.

    Raises:
        RunError: One holds such a path.
    """
    for parameter, value in parameters.items():
        for text in strings_in(value):
            if is_absolute_model(text):
                what = f"the parameter {parameter!r} would be published with its path, {text!r}"
                raise RunError(f"{place(parameter)}: {what}; {_cure(text)}, and `my-model` as the parameter")


def check_cells(notebook: Notebook, where: str) -> None:
    """See that no text in a code cell, and so no default of a parameter, is where on this machine a model lies.

    Args:
        notebook: The notebook.
        where: File and line that name it, and the run.

    Raises:
        RunError: One is such a path.
    """
    for number, texts in notebook.texts():
        for text in sorted(texts):
            if is_absolute_model(text):
                what = f"cell {number} of {notebook.name} would be published with the path of a model, {text!r}"
                raise RunError(f"{where}: {what}; {_cure(text)} in runs.yml, and `my-model` in the cell")


def is_absolute_model(text: str) -> bool:
    """Whether a text is an absolute path, or one below the home folder, of a model on this machine.

    `/` and `~` alone are none, whatever lies there: in code they are separators and marks.
    """
    return text.startswith(("/", "~")) and bool(text.strip("/~.")) and is_model(expanded(text))


def _cure(path: str) -> str:
    return "give the model a name: `models: {my-model: {source: " + path + "}}`"
