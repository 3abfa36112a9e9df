"""`analyses/runs.yml`: which runs the article needs, read and checked before anything executes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, JsonValue, StringConstraints, ValidationError

from lensdoc.pipeline.notebook import Notebook, read_notebook
from lensdoc.pipeline.project import Project
from lensdoc.records.errors import RunError, nearest
from lensdoc.records.part import Part
from lensdoc.records.saving import NAME

_RUN_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")


class _Defaults(Part):
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


class _RunEntry(Part):
    notebook: Annotated[str, StringConstraints(pattern=r"\.ipynb$")]
    records: Annotated[list[Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]], Field(min_length=1)]
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    inputs: list[str] = Field(default_factory=list)


class _RunsFile(Part):
    defaults: _Defaults = _Defaults()
    runs: dict[str, _RunEntry]


@dataclass(frozen=True)
class Run:
    """One execution of a notebook with its parameters."""

    name: str
    notebook: Notebook
    records: tuple[str, ...]
    parameters: dict[str, Any]
    """Defaults and the run's own, merged."""
    inputs: tuple[str, ...]
    """Paths below `analyses/`."""
    threads: int = 1
    """Threads that the kernel computes with."""
    timeout: float | None = None
    """Seconds that a cell may take."""
    resources: dict[str, float] = field(default_factory=dict)
    """What a worker of a cluster must offer."""

    def outputs(self, project: Project) -> dict[str, Path]:
        """Where each record is published."""
        return {record: project.data / self.name / f"{record}.json" for record in self.records}

    def executed_notebook(self, project: Project) -> Path:
        """Where the notebook with its outputs is kept."""
        return project.analyses / "executed" / f"{self.name}.ipynb"


def read_runs(project: Project) -> list[Run]:
    """All runs of a project.

    Raises:
        RunError: The file breaks its rules; the message names line, field and cure.
    """
    path = project.runs_file
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _check_keys(node, path)
        data = yaml.safe_load(text)
    except FileNotFoundError:
        raise RunError(f"{path}: no such file; it declares the runs of the article") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise RunError(f"{path}:1: the file must hold `runs:` and below it the runs by name; it holds {data!r}")
    try:
        parsed = _RunsFile.model_validate(data)
    except ValidationError as error:
        raise RunError(_explain(error, path, node)) from None
    runs = [_run(name, entry, parsed.defaults, project, node) for name, entry in parsed.runs.items()]
    _check_case([run.name for run in runs], f"{path}: runs")
    _check_defaults(parsed.defaults, runs, path, node)
    return runs


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


def _run(name: str, entry: _RunEntry, defaults: _Defaults, project: Project, node: yaml.Node | None) -> Run:
    def where(*field: str | int) -> str:
        return f"{project.runs_file}:{_line(node, ('runs', name, *field))}: run {name!r}"

    if not _RUN_NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
        raise RunError(f"{where()}: a name has letters, digits, '.', '_' and '-', in segments parted by '/'")
    _check_case(entry.records, f"{where('records')}: records")
    _check_inside(project, entry.notebook, where("notebook"))
    try:
        notebook = read_notebook(project.analyses / entry.notebook, entry.notebook)
    except RunError as error:
        raise RunError(f"{where('notebook')}: {error}") from None
    declared = notebook.declared()
    for parameter in entry.parameters:
        if parameter not in declared:
            raise RunError(
                f"{where('parameters', parameter)}: {entry.notebook} declares no parameter {parameter!r}; "
                f"{nearest(parameter, declared) if declared else 'tag the code cell that assigns them `parameters`'}"
            )
    for i, path in enumerate(entry.inputs):
        _check_inside(project, path, where("inputs", i))
        if not (project.analyses / path).is_file():
            raise RunError(f"{where('inputs', i)}: input {path} does not exist below analyses/")
    usable = {k: v for k, v in defaults.parameters.items() if k in declared}
    return Run(name, notebook, tuple(entry.records), usable | entry.parameters, tuple(entry.inputs))


def _check_inside(project: Project, relative: str, where: str) -> None:
    if not (project.analyses / relative).resolve().is_relative_to(project.analyses.resolve()):
        raise RunError(f"{where}: {relative!r} lies outside analyses/")


def _check_case(names: Iterable[str], what: str) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise RunError(f"{what} {seen[name.lower()]!r} and {name!r} are one file or folder on a disk that is blind to case")
        seen[name.lower()] = name


def _check_defaults(defaults: _Defaults, runs: Sequence[Run], path: Path, node: yaml.Node | None) -> None:
    declared = {name for run in runs for name in run.notebook.declared()}
    for parameter in defaults.parameters:
        if parameter not in declared:
            line = _line(node, ("defaults", "parameters", parameter))
            raise RunError(f"{path}:{line}: no notebook declares the parameter {parameter!r}; {nearest(parameter, declared)}")


def _check_keys(node: yaml.Node | None, path: Path) -> None:
    """YAML keeps the last of two equal keys without a word."""
    children: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else []
    if isinstance(node, yaml.MappingNode):
        children = [value for _, value in node.value]
        names = [key.value for key, _ in node.value]
        for i, (key, _) in enumerate(node.value):
            if key.value in names[:i]:
                raise RunError(f"{path}:{key.start_mark.line + 1}: {key.value!r} stands twice")
    for child in children:
        _check_keys(child, path)


def _explain(error: ValidationError, path: Path, node: yaml.Node | None) -> str:
    problems = sorted(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
    first, location = problems[0], problems[0]["loc"]
    where = f"{path}:{_line(node, location)}"
    if first["type"] == "extra_forbidden":
        *parents, name = map(str, location)
        valid = _RunsFile if not parents else _Defaults if parents[0] == "defaults" else _RunEntry
        return f"{where}: unknown field {name!r}; {nearest(name, valid.model_fields)}"
    received = "" if first["type"] == "missing" else f"; it is {first['input']!r}"
    return f"{where}: {'.'.join(map(str, location))}: {first['msg']}{received}"


def _line(node: yaml.Node | None, location: Sequence[str | int]) -> int:
    """Line of a field in the YAML text: as far down the location as the text goes."""
    line = 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
