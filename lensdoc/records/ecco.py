"""Reading the JSON files of ecco (Alammar 2021): tokens with attributions, or tokens with factors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lensdoc.core.errors import DataError
from lensdoc.records.factors import Factors
from lensdoc.records.record import NamedModel, Provenance
from lensdoc.records.saliency import Saliency
from lensdoc.records.tokens import Token

_GRAPH = "; an attribution graph holds `metadata`, `nodes` and `links`"
_RULE = "an ecco file holds `tokens` and either `attributions` or `factors`"


def ecco_of(data: Mapping[str, Any], path: Path, model: str) -> Saliency | Factors:
    """The record that the data of a file of ecco amounts to.

    Attributions, one row for each produced token over the tokens before it, become a record of kind `saliency` whose rows are
    divided by their sums; factors become one of kind `factors`. Such a file does not say which model, method or target it comes
    from, so the record says `unknown`.

    Args:
        data: The file's JSON.
        path: The file, for messages.
        model: What to call the model.

    Raises:
        DataError: The file is no such file; the message names path, field and reason.
    """
    rows = [name for name in ("attributions", "factors") if name in data]
    if "tokens" not in data or len(rows) != 1:
        raise DataError(f"{path}: {_RULE}; this one holds {', '.join(map(repr, data)) or 'nothing'}{_GRAPH}")
    about: dict[str, Any] = {"model": NamedModel(id=model), "provenance": Provenance(dtype="unknown")}
    try:
        about["tokens"] = _tokens(data["tokens"])
        return _saliency(data["attributions"], about) if rows == ["attributions"] else _factors(data["factors"], about)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        field = f"field {where!r}: " if where else ""
        raise DataError(f"{path}: {field}{problem['msg'].removeprefix('Value error, ')}") from None
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DataError(f"{path}: {_RULE}; reading them failed with {type(error).__name__}: {error}") from None


def _tokens(tokens: list[dict[str, Any]]) -> tuple[Token, ...]:
    """Older files lack `position`; the order is the position in all of them."""
    return tuple(Token(id=int(token["token_id"]), text=token["token"], kind=token["type"]) for token in tokens)


def _saliency(attributions: list[list[float]], about: dict[str, Any]) -> Saliency:
    targets = tuple(position for position, token in enumerate(about["tokens"]) if token.kind == "output")
    rows = [[float(value) for value in row] for row in attributions]
    totals = [sum(row) for row in rows]
    scores = tuple(tuple(value / (total or 1) for value in row) for row, total in zip(rows, totals, strict=True))
    unknown: dict[str, Any] = {"method": "unknown", "target": "unknown", "signed": False, "contrast": None}
    return Saliency(**about, **unknown, facts={"targets": len(rows)}, targets=targets, scores=scores, totals=tuple(totals))


def _factors(factors: list[list[list[float]]], about: dict[str, Any]) -> Factors:
    """The outermost list has one item for each text of a batch; only one text is written."""
    (rows,) = factors
    activations = tuple(tuple(float(value) for value in row) for row in rows)
    nothing: dict[str, Any] = {"layers": (), "explained": None, "rule": None, "threshold": None}
    return Factors(**about, **nothing, facts={"factors": len(activations)}, method="nmf", activations=activations)
