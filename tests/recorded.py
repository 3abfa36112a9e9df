"""Projects whose runs count as executed: records and lock entries written without a kernel."""

from __future__ import annotations

import json

from lensdoc.pipeline.key import digest, executed_components, key_of, static_components
from lensdoc.pipeline.lock import Entry
from lensdoc.pipeline.runs import read_runs


def notebook(*cells, tag="parameters"):
    """JSON of a notebook of code cells, the first of them tagged."""
    made = [{"cell_type": "code", "source": c, "metadata": {}, "outputs": [], "execution_count": None} for c in cells]
    made[0]["metadata"]["tags"] = [tag]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def record(project, modules, loaded=None):
    """Make each run fresh, as if it had imported the modules of lensdoc that `modules` gives for the name of its notebook.

    `loaded` holds revisions of models that the runs loaded beside those that they name.
    """
    for run in read_runs(project):
        for path in run.outputs(project).values():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"record of": run.name}))
    lock(project, modules, loaded)


def lock(project, modules, loaded=None):
    """Write the lock that says so, of the files that are there."""
    entries = {}
    for run in read_runs(project):
        static = static_components(run, project.analyses)
        components = executed_components(run, static, modules[run.notebook.name], loaded or {})
        hashes = {name: digest(path.read_bytes()) for name, path in run.outputs(project).items()}
        entry = Entry(key=key_of(components), components=components, device="cpu", outputs=hashes)
        entries[run.name] = entry.model_dump(mode="json")
    project.lock_file.write_text(json.dumps({"version": 1, "runs": entries}))
