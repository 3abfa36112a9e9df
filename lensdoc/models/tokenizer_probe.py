"""Run by itself, with the path of a tokenizer.json: a few short texts there and back, within bounds of memory and time.

A tokenizer is a program that came with a model. Here it can only end a process that nobody needs.
"""

import sys

MEMORY = 4 * 2**30
SECONDS = 15
GROWTH = 64
"""Tokens that a character may become; bytes of a character are 4 at most."""


def main(path: str) -> None:
    """Read texts that make careless patterns slow: long runs of one character that end in another."""
    _limit()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(path)
    runs = [character * 60 + end for character in "a1 .,-_\n'é" for end in ("", "!", "\u2028")]
    for text in [*runs, "".join(map(chr, range(32, 127))), "The keys to the cabinet are on the table.\n" * 8, "नमस्ते 東京 🙂"]:
        encoded = tokenizer.encode(text, add_special_tokens=False).ids
        if len(encoded) > GROWTH * len(text):
            raise SystemExit(f"{len(text)} characters become {len(encoded)} tokens")
        if len(tokenizer.decode(encoded)) > GROWTH * 16 * len(text):
            raise SystemExit(f"the tokens of {len(text)} characters become a far longer text")


def _limit() -> None:
    try:
        import resource
    except ImportError:  # on Windows the time alone is bounded, by who started this
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Exception as error:  # noqa: BLE001 - told by who started this
        raise SystemExit(f"{type(error).__name__}: {error}") from None
