"""DNS messages, as far as questions for addresses need them (RFC 1035)."""

from __future__ import annotations

import dataclasses
import enum
import ipaddress
import struct
from collections.abc import Sequence

_HEADER = struct.Struct("!6H")
_RESPONSE, _AUTHORITATIVE, _RECURSION_DESIRED, _OPCODE = 0x8000, 0x0400, 0x0100, 0x7800
_POINTER = 0xC0
A, ANY_CLASS, INTERNET = 1, 255, 1
TTL_S = 2
"""Short: in a lab things come and go."""


class Code(enum.IntEnum):
    """How a question was answered."""

    NO_ERROR = 0
    FORMAT_ERROR = 1
    SERVER_FAILURE = 2
    NO_SUCH_NAME = 3
    NOT_IMPLEMENTED = 4
    REFUSED = 5


class BadMessageError(ValueError):
    """The bytes are no question."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody asks."""

    identifier: int
    recursion_desired: bool
    name: str
    """In lower case, without the dot at the end."""
    type: int
    raw: bytes
    """The question as it was written, which the answer repeats."""

    @classmethod
    def parse(cls, message: bytes) -> Question:
        """The one question of a message. Raises `BadMessageError`."""
        if len(message) < _HEADER.size:
            raise BadMessageError("shorter than a header")
        identifier, flags, questions, *_ = _HEADER.unpack_from(message)
        if flags & (_RESPONSE | _OPCODE) or questions != 1:
            raise BadMessageError("not one question")
        labels: list[str] = []
        at = _HEADER.size
        try:
            while length := message[at]:
                if length >= _POINTER:
                    raise BadMessageError("a pointer in a question")
                labels.append(message[at + 1 : at + 1 + length].decode("ascii").lower())
                at += 1 + length
            kind, _ = struct.unpack_from("!2H", message, at + 1)
        except (IndexError, struct.error, UnicodeDecodeError) as error:
            raise BadMessageError("cut off, or no ASCII") from error
        return cls(
            identifier=identifier,
            recursion_desired=bool(flags & _RECURSION_DESIRED),
            name=".".join(labels),
            type=kind,
            raw=message[_HEADER.size : at + 5],
        )


def answer(question: Question, *, code: Code, addresses: Sequence[str] = ()) -> bytes:
    """The message that answers a question with A records."""
    flags = _RESPONSE | _AUTHORITATIVE | code | (_RECURSION_DESIRED if question.recursion_desired else 0)
    header = _HEADER.pack(question.identifier, flags, 1, len(addresses), 0, 0)
    # Each record's name is a pointer to the question's.
    name = struct.pack("!H", (_POINTER << 8) | _HEADER.size)
    records = [
        name + struct.pack("!2HIH", A, INTERNET, TTL_S, 4) + ipaddress.IPv4Address(address).packed
        for address in addresses
    ]
    return header + question.raw + b"".join(records)
