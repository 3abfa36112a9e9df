"""What every record holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from lensdoc.core.errors import RunError
from lensdoc.core.tolerances import Tolerances
from lensdoc.records.fields import Fact, Identifier, StrictData
from lensdoc.records.own_files import RecordFile, Suffix, check_suffix, described
from lensdoc.records.streams import check_streams
from lensdoc.records.tokens import Token


class ModelInfo(StrictData):
    """Which model was measured."""

    id: str
    """Hub id, name of a bundled model, or name of a local folder."""
    revision: str
    """The commit of a hub model, else `sha256:` and the hash of its files."""
    layers: Annotated[int, Field(ge=1)]
    width: Annotated[int, Field(ge=1)]
    """Size of the hidden state."""
    neurons: Annotated[int, Field(ge=1)] | None
    """FFN neurons in each layer; None where layers have different numbers of them, or one has none."""
    layer_neurons: tuple[Annotated[int, Field(ge=0)], ...] | None = None
    """Where layers have different numbers of them: the FFN neurons of each, 0 in one that has none which could be read, such as
    a mixture of experts."""
    neuron_module: str | None = None
    """The module whose input is called the activations of neurons, by its path in a block, such as `mlp.down_proj`."""
    vocabulary: Annotated[int, Field(ge=1)]
    parameters: Annotated[int, Field(ge=1)]
    """Number of weights."""
    sees: Literal["all"] | None = None
    """Which tokens the model sees from a position: `all`, in a masked language model, which predicts the token at that place;
    None for those up to it, in a causal one, which predicts the token after."""
    stack: Literal["encoder", "decoder"] | None = None
    """In an encoder with a decoder: the stack whose layers these are. The decoder sees the source and the target up to a
    position; the encoder, which predicts nothing, sees all of the source. None in models with one stack."""

    @model_serializer(mode="wrap")
    def _without_what_is_not_known(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Optional fields are written only where they say something, so that older records keep their bytes."""
        data: dict[str, Any] = write(self)
        return {name: value for name, value in data.items() if value is not None or name == "neurons"}

    def neurons_in(self, layer: int) -> int:
        """FFN neurons in one layer; 0 where it has none."""
        if self.neurons is not None:
            return self.neurons
        return self.layer_neurons[layer] if self.layer_neurons is not None and 0 <= layer < len(self.layer_neurons) else 0


class NamedModel(StrictData):
    """A model of which no more than the name is known, in records that were imported; without a name, none was measured."""

    id: str


class Provenance(StrictData):
    """Where a record comes from. No key, version, date, host or path: those that matter are in the lock."""

    run: str | None = None
    notebook: str | None = None
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    seed: int | None = None
    """Seed of the sampling; None for greedy decoding."""
    dtype: str
    """Type that the weights were computed in; `unknown` where a record was imported."""


class Record(StrictData):
    """What one measure found.

    A subclass names its kind and version, adds its fields, and checks in a validator that their shapes fit the tokens.
    """

    KIND: ClassVar[str]
    VERSION: ClassVar[tuple[int, int]]
    """Major and minor. A newer minor only adds fields; a newer major changes what is there."""
    MASKED: ClassVar[tuple[int, int] | None] = None
    """Version of the records of masked language models, which have further fields or longer rows; None where none are made."""
    STREAMS: ClassVar[tuple[int, int] | None] = None
    """Version of the records of encoders with decoders, whose tokens say which stream they are in; None where none are made."""
    NEWEST: ClassVar[tuple[int, int] | None] = None
    """Version of records with fields that others leave out, where there are such."""
    TOLERANCES: ClassVar[Tolerances] = {}
    """How far the record may lie from that of another machine, where it is not as `lensdoc.core.tolerances` has it by default."""

    tokens: tuple[Token, ...]
    facts: dict[Identifier, Fact]
    """Named numbers and strings for prose."""
    model: ModelInfo | NamedModel
    provenance: Provenance
    files: dict[Suffix, RecordFile] = Field(default_factory=dict)
    """Files that lie beside the record, as `<name>.<suffix>`, by suffix; written only where there are some."""
    _held: dict[str, bytes] = PrivateAttr(default_factory=dict)
    """Their contents, in the process that made them."""

    @field_validator("files")
    @classmethod
    def _suffixes_are_plain(cls, files: dict[str, RecordFile]) -> dict[str, RecordFile]:
        for suffix in files:
            check_suffix(suffix)
        return files

    def with_files(self, files: Mapping[str, tuple[str, bytes]]) -> Self:
        """The record with files of its own, which are saved and published with it: suffix to media type and content.

        Raises:
            RunError: A file is larger than 20 MB.
            ValueError: A suffix has other characters than small letters, digits, `.`, `_` and `-`, or is that of a record.
        """
        said = {suffix: described(suffix, kind, content) for suffix, (kind, content) in files.items()}
        made = self.model_copy(update={"files": _FILES.validate_python(said)})
        for suffix in said:
            check_suffix(suffix)
        made._held = {suffix: content for suffix, (_, content) in files.items()}  # noqa: SLF001 - of this class
        return made

    def with_held(self, contents: Mapping[str, bytes]) -> Self:
        """The record with contents of files that it names."""
        if not contents:
            return self
        made = self.model_copy()
        made._held = dict(contents)  # noqa: SLF001 - of this class
        return made

    def held_files(self) -> Mapping[str, bytes]:
        """Contents of its files by suffix; none where the record was read from a file."""
        return self._held

    @property
    def sees_all(self) -> bool:
        """Whether the model saw the tokens on both sides of what it predicted: whether it is a masked one."""
        return isinstance(self.model, ModelInfo) and self.model.sees == "all"

    @property
    def version(self) -> tuple[int, int]:
        """Version of the format that the record is written in: records of causal models stay in theirs."""
        if self.stack and self.STREAMS:
            return self.STREAMS
        return self.MASKED if self.sees_all and self.MASKED else self.VERSION

    @property
    def stack(self) -> str | None:
        """The stack of an encoder with a decoder that was measured; None of other models."""
        return self.model.stack if isinstance(self.model, ModelInfo) else None

    @property
    def split(self) -> int:
        """Where the target begins in a text of two streams; 0 where there is one."""
        return next((p for p, token in enumerate(self.tokens) if p and token.stream != self.tokens[p - 1].stream), 0)

    @model_validator(mode="after")
    def _is_of_a_model_that_it_can_be_of(self) -> Self:
        if self.stack and self.STREAMS is None:
            raise ValueError(f"records of kind {self.KIND} are of models with one stack, and this one names the {self.stack}")
        check_streams(self.tokens, two=self.stack is not None)
        if self.sees_all and self.MASKED is None:
            raise ValueError(
                f"records of kind {self.KIND} are of causal models, and this one says that its model sees all tokens"
            )
        return self

    def with_facts(self, **facts: float | str) -> Self:
        """The record with more facts, which a notebook found and prose may name: `record.with_facts(exact=1.0)`.

        Args:
            facts: Names to numbers or texts. Numbers that are not whole are kept to four significant digits.

        Raises:
            RunError: The record has a fact of this name, or a value is neither a finite number nor a text.
        """
        if taken := sorted(set(facts) & set(self.facts)):
            raise RunError(f"the record has a fact {taken[0]!r} already; give yours another name")
        try:
            checked = _FACTS.validate_python(facts)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            raise RunError(f"the fact {name!r} must be a finite number or a text, it is {facts[name]!r}") from None
        return self.model_copy(update={"facts": self.facts | checked})

    def save(self, name: str) -> None:
        """Write the record as `<name>.json`.

        In a run the pipeline publishes it to `docs/data/<run>/<name>.json`. Elsewhere it is a draft, and its path is printed.

        Raises:
            RunError: The run does not declare a record of this name.
        """
        from lensdoc.records.saving import save

        save(self, name)

    def widget(self) -> Any:  # noqa: ANN401 - a class of anywidget, which may not be installed
        """The figure as an anywidget, for JupyterLab, VS Code and marimo; in a run the record itself.

        Raises:
            PublishError: The kind has no figure, or anywidget is not installed (`pip install 'lensdoc[widget]'`).
        """
        from lensdoc.explorables.widget import widget

        return widget(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from lensdoc.explorables.notebook import mimebundle

        return mimebundle(self)


_FILES = TypeAdapter(dict[Suffix, RecordFile], config=ConfigDict(strict=True))
_FACTS = TypeAdapter(dict[Identifier, Fact], config=ConfigDict(strict=True, allow_inf_nan=False))
