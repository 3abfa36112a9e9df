"""The record of kind `patching`: what becomes of an answer when a state of one text is put into another."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from lensdoc.core.tolerances import PROBABILITY, RELATIVE, ROW, Data, Ranked, Tolerances
from lensdoc.records.fields import Integer, Real, StrictData
from lensdoc.records.record import ModelInfo, Record
from lensdoc.records.shapes import check_ascending, check_grid, check_layers, check_length
from lensdoc.records.streams import check_streams
from lensdoc.records.tokens import HEXADECIMAL, Token

PatchedPart = Literal["residual", "attention", "ffn", "head"]
"""What is put in: the state after a block, what its attention or its FFN adds, or what one of its heads found."""
_Ids = tuple[Annotated[Integer, Field(ge=0)], ...]
_Probs = tuple[Annotated[Real, Field(ge=0, le=1)], ...]


class Word(StrictData):
    """A token of the vocabulary that is among the most probable ones somewhere."""

    id: Annotated[Integer, Field(ge=0)]
    text: str
    bytes: Annotated[str, Field(pattern=HEXADECIMAL)] | None = None
    """The raw bytes in hexadecimal, for a token that is not whole UTF-8."""


class Top(StrictData):
    """The most probable next tokens of one text, most probable first."""

    ids: _Ids
    probs: _Probs


def _share(number: float, _largest: float, _record: Data) -> float:
    """A share of 1, whatever stands in its row."""
    return RELATIVE * abs(number) + ROW


class Patching(Record):
    """Share of an answer that one state restores; `l` counts the layers, `c` the columns: positions, or heads.

    Facts: `strongest` (largest value), `strongest_layer`, `strongest_column` (position or head).
    """

    KIND: ClassVar[str] = "patching"
    VERSION: ClassVar[tuple[int, int]] = (1, 0)
    MASKED: ClassVar[tuple[int, int]] = (1, 1)
    STREAMS: ClassVar[tuple[int, int]] = (1, 2)
    TOLERANCES: ClassVar[Tolerances] = {
        "values": _share,
        "tops.prob": PROBABILITY,
        "tops": Ranked("prob", ("id",)),
        "clean_top.probs": PROBABILITY,
        "corrupt_top.probs": PROBABILITY,
        "facts.strongest": _share,
    }

    model: ModelInfo
    part: PatchedPart
    estimate: bool
    """Whether the values are a first-order estimate, and nothing was put in."""
    corrupt_tokens: tuple[Token, ...]
    """The other text, into which states of `tokens` are put; as many tokens."""
    layers: tuple[Integer, ...]
    positions: tuple[Integer, ...] | None
    """`positions[c]`: where a state is put in; None for heads, which are exchanged at all positions."""
    heads: tuple[Integer, ...] | None
    """`heads[c]`; None for other parts."""
    values: tuple[tuple[Real, ...], ...]
    """`values[l][c]`: (patched - corrupt) / (clean - corrupt); 0 where nothing changes, 1 where all comes back."""
    answer: str
    wrong: str
    clean: Real
    """Logit of `answer` less that of `wrong` after `tokens`."""
    corrupt: Real
    """The same after `corrupt_tokens`."""
    words: tuple[Word, ...] = ()
    """Every token that `tops` name, by id."""
    tops: tuple[tuple[Top, ...], ...] | None = None
    """`tops[l][c]`: the most probable next tokens with that state put in; None for an estimate, or where none were asked for."""
    clean_top: Top | None = None
    corrupt_top: Top | None = None
    position: Integer | None = None
    """The mask at which the answer stands; None in models that are not masked, where it follows the text."""

    @model_serializer(mode="wrap")
    def _without_what_masked_models_have(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Records of causal models keep their bytes."""
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None or name != "position"}

    @property
    def columns(self) -> tuple[int, ...]:
        """Positions, or heads."""
        return self.heads if self.heads is not None else self.positions or ()

    @property
    def reads(self) -> int:
        """Position of the token from whose state the answer is read."""
        return len(self.tokens) - 1 if self.position is None else self.position

    def for_comparison(self, data: Data) -> Data:
        """Lists of tokens with their probabilities, in place of two lists of their parts."""
        if data.get("tops") is not None:
            data["tops"] = [[_joined(top) for top in row] for row in data["tops"]]
        return {name: value for name, value in data.items() if name != "words"}

    @model_validator(mode="after")
    def _shapes_fit(self) -> Patching:
        check_layers(self.layers, self.model.layers)
        check_length("corrupt_tokens", self.corrupt_tokens, "tokens", len(self.tokens))
        if (self.heads is None) == (self.positions is None) or (self.heads is None) == (self.part == "head"):
            raise ValueError(f"there must be heads for part 'head' and positions for others; part is {self.part!r}")
        if self.positions is not None:
            check_ascending("positions", self.positions, len(self.tokens), "the number of tokens", "positions")
        check_grid("values", self.values, ("layers", len(self.layers)), ("columns", len(self.columns)))
        if self.tops is not None:
            check_grid("tops", self.tops, ("layers", len(self.layers)), ("columns", len(self.columns)))
        self._check_words()
        self._check_place()
        return self

    def _check_place(self) -> None:
        """The answer stands at a mask in a masked model; both texts have their streams alike."""
        check_streams(self.corrupt_tokens, two=self.stack is not None)
        if [token.stream for token in self.tokens] != [token.stream for token in self.corrupt_tokens]:
            raise ValueError("corrupt_tokens must be in the same streams as tokens")
        if (self.position is not None) is not (self.sees_all and self.stack is None):
            raise ValueError("position must be there where the model is a masked one, and only there")
        if self.position is not None:
            check_ascending("position", (self.position,), len(self.tokens), "the number of tokens")
            if self.tokens[self.position].kind != "output":
                raise ValueError(f"position must be that of a mask that was filled; token {self.position} is none")

    def _check_words(self) -> None:
        known = {word.id for word in self.words}
        every = [*(top for row in self.tops or () for top in row), *filter(None, (self.clean_top, self.corrupt_top))]
        for top in every:
            check_length("probs", top.probs, "ids", len(top.ids))
            if missing := set(top.ids) - known:
                raise ValueError(f"words must hold every token that tops name; {min(missing)} is not among them")


def _joined(top: Any) -> Any:  # noqa: ANN401 - any JSON
    return [{"id": token, "prob": prob} for token, prob in zip(top["ids"], top["probs"], strict=True)]
