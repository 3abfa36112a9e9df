"""The characters of a bibliography: UTF-8, what a byte order mark says, or what the file itself declares."""

from __future__ import annotations

import codecs
import re

from lensdoc.core.errors import PublishError

UNREADABLE = re.compile("[\ud800-\udfff]")
"""What stands for bytes that are no characters."""
_DECLARED = re.compile(rb"^[ \t]*%.*?\b(?:en)?coding\s*[:=]\s*([\w.-]+)", re.IGNORECASE | re.MULTILINE)
"""`% Encoding: windows-1252`, as JabRef writes it, or `% -*- coding: latin-1 -*-`."""
_HEAD_BYTES = 2000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(raw: bytes) -> tuple[str, list[tuple[int, str]]]:
    """The text of a file with line feeds between its lines, and its mistakes as pairs of line and message.

    Bytes that are no characters stand in it as surrogates, and no entry with such is shown.

    Raises:
        PublishError: It is no text, or not in the encoding that it declares.
    """
    mark, encoding = next(((mark, name) for mark, name in _MARKS if raw.startswith(mark)), (b"", ""))
    body = raw[len(mark) :]
    if not encoding and b"\0" in body[:2]:
        encoding = "utf-16-be" if body[0] == 0 else "utf-16-le"
    if encoding and encoding != "utf-8":
        return _lines(_decoded(body, encoding)), []
    try:
        return _lines(body.decode("utf-8")), []
    except UnicodeDecodeError as error:
        declared = _DECLARED.search(body[:_HEAD_BYTES])
        if declared and not _is_utf8(declared[1].decode()):
            return _lines(_decoded(body, declared[1].decode())), []
        text = _lines(body.decode("utf-8", errors="surrogateescape"))
        line = text.count("\n", 0, (UNREADABLE.search(text) or re.search("", text)).start()) + 1  # type: ignore[union-attr]
        cure = "save the file as UTF-8, or begin it with a line that names its encoding, as: % Encoding: windows-1252"
        return text, [(line, f"byte 0x{body[error.start]:02X} is not UTF-8; no entry with such a byte is shown; {cure}")]


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except LookupError:
        raise PublishError(f"it declares the encoding {encoding!r}, which does not exist; save it as UTF-8") from None
    except UnicodeDecodeError as error:
        reason = f"it is not in the encoding {encoding}, as it says (byte {error.start + 1}); save it as UTF-8"
        raise PublishError(reason) from None


def _is_utf8(name: str) -> bool:
    return name.lower().replace("-", "").replace("_", "") == "utf8"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
