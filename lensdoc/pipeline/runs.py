"""`analyses/runs.yml`: which runs the article needs, read and checked before anything executes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints, ValidationError

from lensdoc.core.errors import RunError
from lensdoc.core.names import nearest
from lensdoc.pipeline.matrix import Where, expand
from lensdoc.pipeline.model_paths import check_cells, check_parameters
from lensdoc.pipeline.models import Model, ModelEntry, read_models
from lensdoc.pipeline.notebook import Notebook, read_notebook
from lensdoc.pipeline.project import Project
from lensdoc.pipeline.run_paths import LONGEST, check_case, check_name, check_path, check_places
from lensdoc.pipeline.yaml_file import YamlFile, read_yaml
from lensdoc.records.fields import StrictData
from lensdoc.records.saving import NAME

_SETTINGS = ("threads", "timeout", "resources", "versions")

_KEY = "[key]"
"""Stands in a location of Pydantic for the name of the field before it."""
_BELOW = {
    "runs": "a run needs `notebook:` and `records:` below its name",
    "defaults": "it needs fields of all runs below it, such as `parameters:`",
    "models": "a model needs `source:` below its name, a hub id or a path in analyses/",
}

_Record = Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$", max_length=LONGEST)]
_Resource = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
_Read = Callable[[str], Notebook]


class _Defaults(StrictData):
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    threads: Annotated[int, Field(ge=1)] = 1
    timeout: Annotated[float, Field(gt=0)] | None = None
    resources: dict[_Resource, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    versions: Literal["minor", "exact"] = "minor"


class _RunEntry(_Defaults):
    notebook: Annotated[str, StringConstraints(pattern=r"\.ipynb$")]
    records: Annotated[list[_Record], Field(min_length=1)]
    inputs: list[str] = Field(default_factory=list)
    matrix: dict[str, JsonValue] | None = None
    name: str | None = None


class _RunsFile(StrictData):
    defaults: _Defaults = _Defaults()
    models: dict[str, ModelEntry] = Field(default_factory=dict)
    runs: dict[str, _RunEntry]


_FIELDS_BELOW: dict[str, type[StrictData]] = {"defaults": _Defaults, "models": ModelEntry, "runs": _RunEntry}


@dataclass(frozen=True)
class Run:
    """One execution of a notebook with its parameters."""

    name: str
    notebook: Notebook
    records: tuple[str, ...]
    parameters: dict[str, Any]
    """Defaults, the run's own and those of its place in a matrix, merged."""
    inputs: tuple[str, ...]
    """Paths below `analyses/`."""
    threads: int = 1
    """Threads that its kernel computes with: results depend on them in the last digit."""
    timeout: float | None = None
    """Seconds that a cell may take."""
    resources: dict[str, float] = field(default_factory=dict)
    """What it needs of a worker of a cluster, such as `{"GPU": 1}`."""
    versions: Literal["minor", "exact"] = "minor"
    """How much of a library's version its results depend on."""
    models: dict[str, Model] = field(default_factory=dict)
    """The models of runs.yml by name, used or not."""

    def outputs(self, project: Project) -> dict[str, Path]:
        """Where each record is published."""
        return {record: project.data / self.name / f"{record}.json" for record in self.records}

    def executed_notebook(self, project: Project) -> Path:
        """Where the notebook with its outputs is kept."""
        return project.analyses / "executed" / f"{self.name}.ipynb"


def read_runs(project: Project) -> list[Run]:
    """All runs of a project, with those that each matrix stands for.

    Raises:
        RunError: The file breaks its rules; the message names line, field and cure.
    """
    try:
        file = read_yaml(project.runs_file)
    except FileNotFoundError:
        raise RunError(f"{project.runs_file}: no such file; it declares the runs of the article") from None
    if not isinstance(file.data, dict):
        raise RunError(f"{file.place()}: the file must hold `runs:` and below it the runs by name; it holds {file.data!r}")
    try:
        parsed = _RunsFile.model_validate(file.data)
    except ValidationError as error:
        raise RunError(_explain(error, file)) from None
    read = cache(lambda name: read_notebook(project.analyses / name, name))
    models = read_models(parsed.models, project.analyses, file)
    runs = [
        (run, file.place("runs", name))
        for name, entry in parsed.runs.items()
        for run in _runs(name, entry, parsed.defaults, project, file, read=read, models=models)
    ]
    check_places([(run.name, run.records, place) for run, place in runs], project)
    _check_defaults(parsed.defaults, [run for run, _ in runs], file)
    return [run for run, _ in runs]


def choose(runs: Sequence[Run], wanted: Iterable[str]) -> list[Run]:
    """The runs of the given names; a name stands for all runs below it, and no names for all runs.

    Raises:
        RunError: A name stands for no run.
    """
    names = list(wanted)
    for name in names:
        if not any(_is_below(run.name, name) for run in runs):
            raise RunError(f"no run {name!r}; {nearest(name, [run.name for run in runs])}")
    return [run for run in runs if not names or any(_is_below(run.name, name) for name in names)]


def _is_below(run: str, name: str) -> bool:
    return run == name or run.startswith(f"{name}/")


def _runs(  # noqa: PLR0913 - the parts of the file
    name: str,
    entry: _RunEntry,
    defaults: _Defaults,
    project: Project,
    file: YamlFile,
    *,
    read: _Read,
    models: dict[str, Model],
) -> list[Run]:
    def where(*field: str | int) -> str:
        return f"{file.place('runs', name, *field)}: run {name!r}"

    check_name(name, where())
    check_case(entry.records, f"{where('records')}: records")
    check_path(project, entry.notebook, where("notebook"))
    try:
        notebook = read(entry.notebook)
        declared = notebook.declared()
    except RunError as error:
        raise RunError(f"{where('notebook')}: {error}") from None
    _check_parameters(entry, notebook.name, declared, where)
    _check_inputs(entry, project, where)
    variants: dict[str, dict[str, JsonValue]] = {name: {}}
    if entry.matrix is not None:
        variants = expand(name, entry.matrix, entry.name, where)
    elif entry.name is not None:
        raise RunError(f"{where('name')}: `name` names the runs of a matrix, and there is none; the run is called {name!r}")
    shared = {k: v for k, v in defaults.parameters.items() if k in declared} | entry.parameters
    settings = {f: getattr(entry if f in entry.model_fields_set else defaults, f) for f in _SETTINGS}
    records, inputs = tuple(entry.records), tuple(entry.inputs)
    for variant in variants:
        check_name(variant, where("name"))
    runs = [
        Run(variant, notebook, records, shared | values, inputs, models=models, **settings)
        for variant, values in variants.items()
    ]
    check_cells(notebook, where("notebook"))
    check_parameters({**shared, **(entry.matrix or {})}, lambda parameter: _place_of(parameter, name, entry, file))
    return runs


def _check_parameters(entry: _RunEntry, notebook: str, declared: Iterable[str], where: Where) -> None:
    for field_, names in (("parameters", entry.parameters), ("matrix", entry.matrix or {})):
        for parameter in names:
            if parameter not in declared:
                cure = nearest(parameter, declared) if declared else "tag the code cell that assigns them `parameters`"
                raise RunError(f"{where(field_, parameter)}: {notebook} declares no parameter {parameter!r}; {cure}")
    for axis in entry.matrix or {}:
        if axis in entry.parameters:
            raise RunError(f"{where('matrix', axis)}: {axis!r} stands under `parameters` and in the matrix; keep one of them")


def _place_of(parameter: str, run: str, entry: _RunEntry, file: YamlFile) -> str:
    """File and line of a parameter's value: in the run, in its matrix, or in the defaults."""
    field_ = next((name for name in ("parameters", "matrix") if parameter in (getattr(entry, name) or {})), None)
    return file.place("runs", run, field_, parameter) if field_ else file.place("defaults", "parameters", parameter)


def _check_inputs(entry: _RunEntry, project: Project, where: Where) -> None:
    for i, path in enumerate(entry.inputs):
        check_path(project, path, where("inputs", i))
        if not (project.analyses / path).is_file():
            raise RunError(f"{where('inputs', i)}: input {path} does not exist below analyses/")


def _check_defaults(defaults: _Defaults, runs: Sequence[Run], file: YamlFile) -> None:
    declared = {name for run in runs for name in run.notebook.declared()}
    for parameter in defaults.parameters:
        if parameter not in declared:
            place = file.place("defaults", "parameters", parameter)
            raise RunError(f"{place}: no notebook declares the parameter {parameter!r}; {nearest(parameter, declared)}")


def _explain(error: ValidationError, file: YamlFile) -> str:
    problems = sorted(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
    first = problems[0]
    location = _in_the_file(first["loc"], file.data)
    where, field_ = file.place(*location), ".".join(map(str, location))
    if first["type"] == "extra_forbidden":
        *parents, name = map(str, location)
        valid = _FIELDS_BELOW[parents[0]] if parents else _RunsFile
        return f"{where}: unknown field {name!r}; {nearest(name, valid.model_fields)}"
    if first["type"] == "missing" and location[0] == "models":
        return f"{where}: {field_}: {_BELOW['models']}"
    received = "" if first["type"] == "missing" else f"; it is {first['input']!r}"
    if first["type"] == "model_type":
        return f"{where}: {field_}: {_BELOW[str(location[0])]}{received}"
    if first["type"] == "invalid_key" or (first["type"] == "string_type" and first["loc"][-1] == _KEY):
        return f"{where}: {field_}: a name must be text, and YAML reads this one as {first['input']!r}; put it in quotes"
    if first["type"] == "string_type" and isinstance(first["input"], bool | int | float):
        received += "; put it in quotes where it is meant as text"
    return f"{where}: {field_}: {first['msg']}{received}"


def _in_the_file(location: Sequence[str | int], data: object) -> list[str | int]:
    """A location as the file's author knows it: Pydantic puts in the type that it tried, and that a name is meant."""
    steps: list[str | int] = []
    for i, step in enumerate(location):
        inner = data if isinstance(data, dict) else dict(enumerate(data)) if isinstance(data, list) else {}
        found = next((key for key in inner if str(key) == str(step)), None)
        if found is not None or (i == len(location) - 1 and step != _KEY):  # the last may be what is missing
            steps.append(step if isinstance(data, list) else str(step))
            data = inner.get(found)
    return steps
