"""Makes text that a container or an API server chose harmless, so that no report can be forged by what was tested.

Every character that is not printable is written as Go writes it in a quoted rune: control characters and the marker of
test2json (0x16), terminal escapes, line separators that only some readers honour (CR, NEL, U+2028), directional
overrides, lone surrogates, and with them everything that XML 1.0 forbids. Backslashes stay as they are: the evidence
holds the original, a report only has to be safe to read.
"""

from __future__ import annotations

from typing import Final

_NAMED: Final = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}

# test2json splits what it reads after 1024 bytes; four bytes a character and a prefix of ours have to fit.
WIDTH: Final = 220


def quoted(character: str) -> str:
    """An unprintable character as Go's ``strconv.QuoteRune`` writes it, without the quotes."""
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escape(text: str) -> str:
    """The text on one line, with every unprintable character quoted."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else quoted(character) for character in text)


def one_line(text: str) -> str:
    """The text on one line for a table or a message: line ends and tabs become single spaces, the rest is escaped."""
    return escape(" ".join(text.split()))


def lines(text: str, *, width: int = WIDTH) -> list[str]:
    r"""The text as escaped lines of at most ``width`` characters; only ``\n`` and ``\r\n`` end a line."""
    found = []
    for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        escaped = escape(line)
        found += [escaped[start : start + width] for start in range(0, len(escaped), width)] or [""]
    return found
