"""Files of other tools: which tool's a file is, and the record that it amounts to."""

from __future__ import annotations

from pathlib import Path

from lensdoc.core.errors import DataError
from lensdoc.core.strict_json import finite_json
from lensdoc.records.ecco import ecco_of
from lensdoc.records.neuronpedia import PARTS, graph_of
from lensdoc.records.reading import LARGEST_FILE
from lensdoc.records.record import NamedModel, Record


def read_imported(path: Path, model: str | None, *, nodes: int, links: int) -> Record:
    """The record that a file amounts to: a saliency or factors of ecco, or an attribution graph.

    Args:
        path: The file.
        model: What to call the model; None for what the file says.
        nodes: Features and errors of a graph that are kept at most.
        links: Links of a graph that are kept at most.

    Raises:
        DataError: The file is none of these; the message names path, field and reason.
    """
    if path.is_file() and path.stat().st_size > LARGEST_FILE:
        raise DataError(f"{path}: {path.stat().st_size:,} bytes; a data file has at most {LARGEST_FILE:,}")
    try:
        data = finite_json(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    if set(PARTS) <= set(data):
        graph = graph_of(data, path, nodes=nodes, links=links)
        return graph if model is None else graph.model_copy(update={"model": NamedModel(id=model)})
    return ecco_of(data, path, model or "unknown")
