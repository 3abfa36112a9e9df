"""Options of an explorable: what an author may set under the block's first line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lensdoc.core.errors import PublishError
from lensdoc.core.names import nearest


@dataclass(frozen=True)
class NumberOption:
    """A number within bounds; `default` None leaves the choice to the figure."""

    low: float
    high: float
    default: float | None
    help: str

    def read(self, name: str, value: object) -> float:
        """The value, checked.

        Raises:
            PublishError: The value is no number or out of bounds.
        """
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise PublishError(f"option {name!r} must be a number from {self.low:g} to {self.high:g}, it is {value!r}")
        return value


@dataclass(frozen=True)
class ChoiceOption:
    """One of a few words; the first is the default."""

    choices: tuple[str, ...]
    help: str

    @property
    def default(self) -> str:
        """What a figure takes when nothing is said."""
        return self.choices[0]

    def read(self, name: str, value: object) -> str:
        """The value, checked.

        Raises:
            PublishError: The value is none of the choices.
        """
        if value not in self.choices:
            raise PublishError(f"option {name!r} must be one of {', '.join(self.choices)}, it is {value!r}")
        return str(value)


@dataclass(frozen=True)
class NamesOption:
    """Some of a few words, in an order of the author's; None, the default, leaves the choice to the figure."""

    choices: tuple[str, ...]
    help: str
    default: None = None

    def read(self, name: str, value: object) -> tuple[str, ...]:
        """The words, checked.

        Raises:
            PublishError: The value is no list of the choices, or has one twice.
        """
        names = value if isinstance(value, list) else []
        if not names or len(set(map(str, names))) != len(names) or not set(map(str, names)) <= set(self.choices):
            raise PublishError(
                f"option {name!r} must be a list of some of {', '.join(self.choices)}, none twice; it is {value!r}"
            )
        return tuple(map(str, names))


@dataclass(frozen=True)
class TextOption:
    """A text of at least one character; None, the default, leaves it to the figure."""

    help: str
    default: None = None

    def read(self, name: str, value: object) -> str:
        """The text, checked.

        Raises:
            PublishError: The value is no text, or has no character.
        """
        if not isinstance(value, str) or not value:
            raise PublishError(
                f"option {name!r} must be a text of at least one character, in quotes where YAML would read something else "
                f"or leave out spaces at its ends; it is {value!r}"
            )
        return value


@dataclass(frozen=True)
class SwitchOption:
    """On or off; off is the default."""

    help: str
    default: bool = False

    def read(self, name: str, value: object) -> bool:
        """The value, checked.

        Raises:
            PublishError: The value is neither true nor false.
        """
        if not isinstance(value, bool):
            raise PublishError(f"option {name!r} must be true or false, it is {value!r}")
        return value


Option = NumberOption | ChoiceOption | NamesOption | TextOption | SwitchOption
GENERAL = ("attrs", "layout", "show", "names")
"""Options of every figure, which are not for its kind."""


def read_options(options: Mapping[str, Option], given: Mapping[str, object]) -> dict[str, Any]:
    """All options of a kind: those given, checked, and the defaults.

    Raises:
        PublishError: A name is unknown, or a value will not do.
    """
    for name in map(str, given):
        if name not in options:
            raise PublishError(f"unknown option {name!r}; {nearest(name, [*options, *GENERAL])}")
    return {name: option.read(name, given[name]) if name in given else option.default for name, option in options.items()}
