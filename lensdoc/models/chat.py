"""A chat as the text that a tokenizer's chat template makes of it, and which of its bytes come from the messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from lensdoc.core.errors import ModelError
from lensdoc.core.names import nearest

ROLES = ("system", "developer", "user", "assistant")
_KEYS = {"role", "content"}
_RULE = 'a list of messages such as [{"role": "user", "content": "Hello"}]'
AS_TEXT = (
    "give the chat as one text, all of whose tokens then count as input: "
    "lm.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)"
)
"""The cure where the template's part cannot be told."""


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: str
    content: str


@dataclass(frozen=True)
class Rendered:
    """A chat as a text."""

    text: str
    contents: tuple[tuple[int, int], ...]
    """First and last byte (exclusive) of each message's content, ascending."""
    answer: int | None
    """The byte at which an answer begins that is to be scored."""

    def has_content(self, first: int, last: int) -> bool:
        """Whether a byte from `first` to before `last` comes from a message."""
        return any(first < end and last > start for start, end in self.contents)


def check_messages(messages: object, *, answered: bool) -> list[Message]:
    """The messages of a chat, checked.

    Raises:
        ModelError: They are no list of roles and contents, there is none, or the last one is the assistant's and is not to be
            scored.
    """
    if not isinstance(messages, Sequence) or isinstance(messages, bytes | bytearray):
        raise ModelError(f"a prompt is one string, or {_RULE}; it is {messages!r}")
    if not messages:
        raise ModelError(f"the chat has no messages; give {_RULE}")
    found = [_message(number, message) for number, message in enumerate(messages)]
    if found[-1].role == "assistant" and (not answered or len(found) == 1):
        raise ModelError(
            "the last message is the assistant's, and the model is to write the next one; end with a message of the user, or "
            "score the answer: lm.score(messages)"
            if not answered
            else "the chat is an answer alone; put the message before it that it answers"
        )
    return found


def _message(number: int, message: object) -> Message:
    what = f"message {number}"
    if not isinstance(message, Mapping):
        raise ModelError(f"{what} must have a role and a content; it is {message!r}; a chat is {_RULE}")
    if set(message) != _KEYS:
        raise ModelError(f"{what} must have the keys 'role' and 'content' and no others; it has {', '.join(map(repr, message))}")
    role, content = message["role"], message["content"]
    if role not in ROLES:
        raise ModelError(f"{what} has the role {role!r}; {nearest(str(role), ROLES)}")
    if not isinstance(content, str):
        raise ModelError(f"{what} must have one string as its content; it is {content!r}")
    return Message(role, content)


def render(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], name: str) -> Rendered:
    """The text that the tokenizer's chat template makes of messages, with the prompt to generate an answer at its end.

    An answer, the last message where it is the assistant's, stands there as if it had been generated. Which characters come from
    the messages is found by rendering the chat a second time, with a pair of marks around each content; without the marks it must
    be the same text.

    Raises:
        ModelError: There is no template, it fails or refuses the messages, or it changes or leaves out a content.
    """
    answer = messages[-1].content if messages[-1].role == "assistant" else None
    asked = messages if answer is None else messages[:-1]
    text = _apply(tokenizer, asked, name)
    spans = [] if not any(message.content for message in asked) else _contents(tokenizer, asked, text, name)
    if answer is None:
        return Rendered(text, _in_bytes(text, spans), None)
    whole = text + answer
    return Rendered(whole, _in_bytes(whole, [*spans, (len(text), len(whole))]), len(text.encode()))


def _apply(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], name: str) -> str:
    if not tokenizer.chat_template:
        raise ModelError(
            f"the tokenizer of {name} has no chat template; give the prompt as one string, in the form that the model knows"
        )
    chat = [{"role": message.role, "content": message.content} for message in messages]
    try:
        return str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
    except Exception as error:  # a template is a program that came with the model, and may raise anything
        roles = ", ".join(message.role for message in messages)
        raise ModelError(
            f"the chat template of {name} does not take these messages ({roles}): {type(error).__name__}: {error}"
        ) from error


def _contents(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], text: str, name: str) -> list[tuple[int, int]]:
    """Where contents stand in the rendered text, in characters. Templates may strip the white space around a content."""
    spans = _marked(tokenizer, messages, text, name, strip=False) or _marked(tokenizer, messages, text, name, strip=True)
    if spans is None:
        raise ModelError(
            f"the chat template of {name} changes the messages, so that its own tokens cannot be told from theirs; {AS_TEXT}"
        )
    for number, message in enumerate(messages):
        if message.content.strip() and not spans[number]:
            raise ModelError(f"the chat template of {name} leaves out message {number} ({message.role}); leave it out yourself")
    return sorted(span for found in spans for span in found)


def _marked(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], text: str, name: str, *, strip: bool
) -> list[list[tuple[int, int]]] | None:
    """Spans of each message, from a rendering with marks; None where the template treats marked contents otherwise."""
    marks = _unused_characters(text, messages)
    cores = [message.content.strip() if strip else message.content for message in messages]
    marked = [
        Message(message.role, message.content.replace(core, f"{begin}{core}{end}", 1) if core else message.content)
        for message, core, (begin, end) in zip(messages, cores, marks, strict=True)
    ]
    try:
        found = _apply(tokenizer, marked, name)
    except ModelError:  # the template looks into the contents
        return None
    spans = _between(found, marks)
    whole = found.translate(dict.fromkeys(ord(mark) for pair in marks for mark in pair)) == text
    same = all(text[first:last] == core for core, each in zip(cores, spans, strict=True) for first, last in each)
    return spans if whole and same else None


def _between(marked: str, marks: Sequence[tuple[str, str]]) -> list[list[tuple[int, int]]]:
    """What stands between each pair of marks, as places in the text without them."""
    numbers = {mark: number for number, pair in enumerate(marks) for mark in pair}
    spans: list[list[tuple[int, int]]] = [[] for _ in marks]
    place, begun = 0, dict.fromkeys(range(len(marks)), 0)
    for character in marked:
        if character not in numbers:
            place += 1
        elif character == marks[number := numbers[character]][0]:
            begun[number] = place
        else:
            spans[number].append((begun[number], place))
    return spans


def _unused_characters(text: str, messages: Sequence[Message]) -> list[tuple[str, str]]:
    """A pair for each message, of characters of the private areas that stand nowhere in the chat."""
    taken = set(text).union(*(message.content for message in messages))
    free = (chr(code) for code in (*range(0xE000, 0xF8FF), *range(0xF0000, 0x10FFFD)) if chr(code) not in taken)
    return [(next(free), next(free)) for _ in messages]


def _in_bytes(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple((len(text[:first].encode()), len(text[:last].encode())) for first, last in spans)
