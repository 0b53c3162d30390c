"""From bytes to a `Document`: size, encoding and characters first, then the tree."""

from __future__ import annotations

import dataclasses
import re

from ai_conformance.submission.documents.composing import Composer, NoTree
from ai_conformance.submission.documents.errors import DocumentError, Problem, ProblemKind
from ai_conformance.submission.documents.nodes import Mapping, Node, Sequence

MAX_BYTES = 256 * 1024
"""The largest merged submission has 22 kB; the parser takes time with the square of some hostile texts."""

_MARK = "\ufeff"
# YAML 1.2.2, 5.1: everything that may not stand in a stream, the byte order mark apart.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]")
_OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Document:
    """One YAML document with its text, its tree and what could be gone past."""

    source: str
    """The file's name for messages."""
    text: str
    """As in the file, line ends included, without a byte order mark."""
    marked: bool
    """Whether the file began with a byte order mark."""
    root: Node
    problems: tuple[Problem, ...]

    def at(self, *path: str | int) -> Node | None:
        """The node under keys and list positions, or None: ``document.at("spec", "security", 0, "status")``."""
        node: Node | None = self.root
        for step in path:
            if isinstance(node, Mapping) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, Sequence) and isinstance(step, int) and -len(node.items) <= step < len(node.items):
                node = node.items[step]
            else:
                return None
        return node

    def encode(self, text: str | None = None) -> bytes:
        """The document (or a changed text of it) as bytes of a file, with the mark that it had."""
        return ((_MARK if self.marked else "") + (self.text if text is None else text)).encode()


def read(data: bytes, *, source: str) -> Document:
    """A document without any problem. Raises DocumentError."""
    document = parse(data, source=source)
    if document.problems:
        raise DocumentError(source, document.problems)
    return document


def parse(data: bytes, *, source: str) -> Document:
    """A document, with problems that can be gone past noted in it. Raises DocumentError where there is no tree."""
    try:
        text = _decode(data)
        problems = []
        marked = text.startswith(_MARK)
        if marked:
            text = text.removeprefix(_MARK)
            sentence = "the file begins with a byte order mark; save it as UTF-8 without one"
            problems.append(Problem(kind=ProblemKind.BYTE_ORDER_MARK, line=1, column=1, sentence=sentence))
        composer = Composer(text)
        root = composer.compose()
    except NoTree as end:
        raise DocumentError(source, [end.problem]) from None
    found = sorted([*problems, *composer.problems], key=lambda one: (one.line, one.column))
    return Document(source=source, text=text, marked=marked, root=root, problems=tuple(found))


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise NoTree(ProblemKind.SIZE, 1, 1, f"the file has {len(data)} bytes; more than {MAX_BYTES} are not read")
    other = next((name for mark, name in _OTHER_ENCODINGS.items() if data.startswith(mark)), None)
    if other:
        raise NoTree(ProblemKind.ENCODING, 1, 1, f"the file is {other}; save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _after(data[: error.start].decode("utf-8"))
        raise NoTree(ProblemKind.ENCODING, line, column, f"byte 0x{data[error.start]:02x} is not UTF-8") from None
    wrong = _FORBIDDEN.search(text)
    if wrong:
        line, column = _after(text[: wrong.start()])
        sentence = f"the character U+{ord(wrong[0]):04X} may not stand in YAML"
        raise NoTree(ProblemKind.ENCODING, line, column, sentence)
    return text


def _after(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows a text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")
