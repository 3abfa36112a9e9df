"""The measure `live`: a model, its tokenizer and its measures as files that a reader's browser answers prompts with."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import torch

from lensdoc.core.errors import MeasureError
from lensdoc.core.progress import doing
from lensdoc.measures.layers import one_stack_only
from lensdoc.measures.living.showing import Measures, first_state, with_options
from lensdoc.models.embeddings import check_embeddings
from lensdoc.models.forward import text_config
from lensdoc.models.language_model import LanguageModel
from lensdoc.records.live import Live, Weight, without_shared
from lensdoc.records.own_files import LOCAL

if TYPE_CHECKING:
    from lensdoc.measures.living.weights import Packed

_LIBRARIES = ("onnx", "onnxruntime", "onnxscript")
_UNLIMITED = 512
"""Tokens that are read at most where a model names no limit."""
_FASTEST, _SMALLEST = 1, 9


def live(  # noqa: PLR0913 - settings of one record, by name
    lm: LanguageModel,
    measures: Measures = ("saliency", "rankings", "predictions"),
    *,
    prompt: str,
    max_new_tokens: int = 24,
    max_size: int = 20_000_000,
    committed: bool = True,
) -> Live:
    """A model that answers the reader's own prompts in the page, with the measures that are named.

    The forward pass, the logit lens, what the measures read and the derivative of one logit by the embeddings are traced with
    PyTorch into one graph, which the reader's browser runs. The graph has no weights; these are sent in 16 bits, and the blocks
    of a .gguf file as they are. The graph is run in ONNX Runtime, with the weights as they are sent, on ten texts of 2 to 45
    tokens and held to PyTorch: `truth` has the largest difference of each output, in parts of its largest value. Where the model
    takes keys and values of earlier tokens the graph does too, and a token more costs a pass over that token alone.

        saliency     gradient x input of the logit of one produced token (see `saliency`)
        rankings     rank and probability of the produced tokens after every layer (see `rankings`)
        predictions  the ten most probable tokens after every layer, at one position (see `predictions`)
        attention    attention weights of `layers` and `heads` (see `attention`)
        activations  FFN neurons of `layers`, all or some `neurons` (see `activations`)
        factors      `n_factors` factors of the FFN neurons of `layers`, each scaled by state, without the first (see `factors`)

    The tokens with their probabilities and ranks are always shown. A reader may strike a token out: its embedding is put to zero,
    which is the occlusion of `saliency`, and the figures show the same text without it.

    Facts: `bytes` (of all files), `largest_difference`, `weights_changed` (by how much 16 bits change a weight at most, in parts
    of the largest of its tensor; 0 where they change none).

    Args:
        lm: A causal model in float32.
        measures: Which of the measures above the figure shows: names, or names with options, such as
            `{"saliency": {}, "factors": {"n_factors": 5}}`.
        prompt: The first prompt, whose answer is the first state; a text as it stands.
        max_new_tokens: Tokens that are produced at most, greedily.
        max_size: Bytes that a reader may have to load of the record's files.
        committed: False gives the files names that Git is to ignore (`*.local.*`): for models that are too large for a
            repository. A site that is built where they are not shows the first state alone.

    Raises:
        MeasureError: A measure or an option is unknown, a library is not installed, the model is not in float32, is larger than
            `max_size`, or cannot be traced, or its graph differs from PyTorch by more than a hundredth or in the token that
            follows a text.
        ModelError: The prompt is empty or does not fit, or the model is no function of its embeddings.
    """
    chosen = with_options(measures)
    _check(lm, prompt)
    from lensdoc.measures.living.compiled import compiled, session
    from lensdoc.measures.living.function import Answer, parts_for
    from lensdoc.measures.living.graph import graph_of
    from lensdoc.measures.living.truth import truth
    from lensdoc.measures.living.weights import joined, packed, placed

    trace = lm.generate(prompt, max_new_tokens=max_new_tokens)
    first = list(first_state(trace, chosen))
    doing("tracing the model")
    answer = Answer(lm, parts_for(list(chosen)))
    traced = graph_of(answer)
    weights = packed(traced.weights, lm.gguf)
    _check_size(lm, weights, max_size)
    doing("compiling the graph")
    graph = compiled(traced, answer.parts, weights)
    longest = _longest(lm)
    held = truth(lm, session(graph, weights), answer.parts, trace.ids, longest)
    files, names = _files(lm, graph, joined(weights), committed=committed)
    if (size := sum(len(content) for _, content in files.values())) > max_size:
        raise MeasureError(_too_large(lm, size, max_size))
    return Live(
        tokens=trace.tokens,
        facts={
            "bytes": size,
            "largest_difference": max(held.differences.values()),
            "weights_changed": max(weight.change for weight in weights),
        },
        model=lm.info,
        provenance=trace.provenance,
        prompt=prompt,
        max_new_tokens=max_new_tokens,
        records={record.KIND: without_shared(record) for record in first},  # type: ignore[misc]
        longest=longest,
        ends=_ends(lm),
        top=answer.top,
        graph=names[0],
        tokenizer=names[1],
        parts=tuple(names[2:]),
        weights=tuple(_weight(weight, start) for weight, start in placed(weights)),
        truth=held,
        files=_described(files),
    ).with_files(files)


def _check(lm: LanguageModel, prompt: object) -> None:
    one_stack_only(lm, "a live figure")
    if not isinstance(prompt, str):
        raise MeasureError(f"the prompt of a live figure is a text, since readers type one; it is {prompt!r}")
    if missing := [name for name in _LIBRARIES if find_spec(name) is None]:
        raise MeasureError(f"a live model needs {' and '.join(missing)}, not installed here: pip install 'lensdoc[live]'")
    kinds = {parameter.dtype for parameter in lm.model.parameters()}
    if kinds != {torch.float32}:
        found = " and ".join(sorted(str(kind).removeprefix("torch.") for kind in kinds))
        raise MeasureError(f"a browser computes in float32, and {lm.id} was loaded in {found}; load it with dtype='float32'")
    check_embeddings(lm.model)


def _longest(lm: LanguageModel) -> int:
    return int(getattr(text_config(lm.model), "max_position_embeddings", None) or _UNLIMITED)


def _ends(lm: LanguageModel) -> tuple[int, ...]:
    end = lm.model.generation_config.eos_token_id
    return tuple(end) if isinstance(end, list) else () if end is None else (end,)


def _check_size(lm: LanguageModel, weights: Sequence[Packed], max_size: int) -> None:
    """Before minutes are spent: compression takes no more than a third off weights."""
    size = sum(len(weight.data) for weight in weights)
    if size * 2 // 3 > max_size:
        raise MeasureError(_too_large(lm, size, max_size))


def _too_large(lm: LanguageModel, size: int, max_size: int) -> str:
    return (
        f"{lm.id} takes {size / 1e6:.0f} MB in a reader's browser, and max_size allows {max_size / 1e6:.0f}; take a smaller "
        f"model, or max_size={-(-size // 10**6) * 10**6}, with committed=False where that is too large for a repository"
    )


def _files(
    lm: LanguageModel, graph: bytes, parts: Sequence[bytes], *, committed: bool
) -> tuple[dict[str, tuple[str, bytes]], list[str]]:
    """Files by suffix, and the suffixes of graph, tokenizer and parts."""
    from lensdoc.measures.living.tokenizer import tokenizer_file

    before = "" if committed else LOCAL
    contents = {f"{before}graph.onnx.gz": graph, f"{before}tokenizer.gz": tokenizer_file(lm)}
    contents |= {f"{before}weights-{number}.bin.gz": part for number, part in enumerate(parts)}
    files = {}
    for number, (name, content) in enumerate(contents.items()):
        doing("compressing", number, len(contents))
        level = _FASTEST if lm.gguf and ".bin." in name else _SMALLEST  # blocks of 4 bits hardly shrink
        files[name] = ("application/gzip", gzip.compress(content, level, mtime=0))
    return files, list(contents)


def _described(files: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    from lensdoc.records.own_files import described

    return {suffix: described(suffix, kind, content) for suffix, (kind, content) in files.items()}


def _weight(weight: Packed, start: int) -> Weight:
    return Weight(
        name=weight.name,
        shape=weight.shape,
        encoding=weight.encoding,  # type: ignore[arg-type] # one of those that the record knows
        start=start,
        bytes=len(weight.data),
    )
