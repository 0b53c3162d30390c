"""What is wrong with a YAML document that a vendor wrote, and where.

A `Problem` is something that a reader can go on after (a key that is there twice), a `DocumentError` is the end: there
is no tree to look at, or what asked for it wants one without any problem.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

from ai_conformance.submission.errors import SubmissionError


class ProblemKind(enum.StrEnum):
    """Kinds of problems, for who wants to judge them differently."""

    UNREADABLE = "unreadable"
    """The file cannot be opened, or is not a file."""
    SIZE = "size"
    """Beyond a limit on bytes, depth, nodes or aliases."""
    ENCODING = "encoding"
    """Not UTF-8, or a character that YAML does not allow."""
    BYTE_ORDER_MARK = "byte-order-mark"
    SYNTAX = "syntax"
    EMPTY = "empty"
    DUPLICATE_KEY = "duplicate-key"
    SECOND_DOCUMENT = "second-document"
    TAG = "tag"
    """A tag of an application; none is ever obeyed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong; lines and columns count from 1."""

    kind: ProblemKind
    line: int
    column: int
    sentence: str


class DocumentError(SubmissionError):
    """A document cannot be used; the message has a line ``file:line:column: sentence`` for each problem."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda one: (one.line, one.column)))
        super().__init__("\n".join(f"{source}:{one.line}:{one.column}: {one.sentence}" for one in self.problems))
