"""A traced graph as it is shipped: constants folded, parts on demand, weights in an external file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from lensdoc.measures.living.function import PAST, Part
from lensdoc.measures.living.graph import Traced
from lensdoc.measures.living.parts import with_conditions
from lensdoc.measures.living.transposes import without_transposes
from lensdoc.measures.living.weights import Packed, unpacked

WEIGHTS = "weights"
"""Name of the external file with all weights in float32, one after the other, in the order of `Live.weights`."""
_FLOAT32 = 4
_QUIET = 3


def compiled(traced: Traced, parts: Sequence[Part], weights: Sequence[Packed]) -> bytes:
    """The graph as bytes, by ONNX Runtime's basic optimisation, in which weights take no part."""
    with TemporaryDirectory() as folder:
        before, after = Path(folder) / "traced.onnx", Path(folder) / "optimised.onnx"
        without_transposes(traced.model, traced.weights)
        onnx.save(traced.model, before)
        options = _options()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(after)
        onnxruntime.InferenceSession(before, options, providers=["CPUExecutionProvider"])
        model = with_conditions(onnx.load(after), parts)
    nodes = [*model.graph.node, *(inner for node in model.graph.node for part in node.attribute for inner in part.g.node)]
    used = {name for node in nodes for name in node.input}
    rows = {node.input[0] for node in nodes if node.op_type == "Gather"}
    _weights_outside(model, [weight for weight in weights if weight.name in used], rows)
    known = {node.domain for node in model.graph.node} | {""}
    kept = [one for one in model.opset_import if one.domain in known]
    del model.opset_import[:], model.metadata_props[:]
    model.opset_import.extend(kept)
    model.producer_name = model.producer_version = model.doc_string = ""
    graph: bytes = model.SerializeToString(deterministic=True)
    return graph


def _weights_outside(model: onnx.ModelProto, weights: Sequence[Packed], rows: Collection[str]) -> None:
    """Make inputs that stand for weights initialisers whose values are in the external file.

    Those whose rows are looked up (embeddings, in many models the unembedding too) stay inputs, with a default: ONNX Runtime
    copies none of these into the order that a product reads fastest, and the largest weight is held once.
    """
    names = {weight.name for weight in weights} - {*rows}
    inputs = [value for value in model.graph.input if value.name not in names]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    place = 0
    for weight in weights:
        size = int(np.prod(weight.shape)) * _FLOAT32
        tensor = onnx.TensorProto(name=weight.name, dims=weight.shape, data_type=onnx.TensorProto.FLOAT)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", place), ("length", size)):
            tensor.external_data.add(key=key, value=str(value))
        model.graph.initializer.append(tensor)
        place += size


@dataclass(frozen=True, eq=False)
class Session:
    """The graph in ONNX Runtime, on one thread."""

    session: onnxruntime.InferenceSession
    outputs: tuple[str, ...]

    def __call__(self, **inputs: object) -> dict[str, NDArray[np.generic]]:
        """Outputs by name; those that were not asked for are empty."""
        known = {value.name: value.shape for value in self.session.get_inputs()}
        if PAST in known:
            inputs = {PAST: np.zeros((0, known[PAST][1]), np.float32)} | inputs
        given = {name: np.asarray(value) for name, value in inputs.items() if name in known}
        return dict(zip(self.outputs, self.session.run(list(self.outputs), given), strict=True))


def session(graph: bytes, weights: Sequence[Packed]) -> Session:
    """The graph with its weights, unpacked from the bytes that are shipped."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "graph.onnx").write_bytes(graph)
        with (Path(folder) / WEIGHTS).open("wb") as file:
            for weight in weights:
                file.write(unpacked(weight.encoding, weight.shape, weight.data).astype("<f4", copy=False).tobytes())
        made = onnxruntime.InferenceSession(Path(folder) / "graph.onnx", _options(), providers=["CPUExecutionProvider"])
    return Session(made, tuple(value.name for value in made.get_outputs()))


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = _QUIET
    return options
