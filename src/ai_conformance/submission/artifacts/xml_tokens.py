"""The elements of an XML text, read as Go's encoding/xml does: well-formed enough for it, no more and no less.

No reader of Python's takes the same texts. Go's knows no document, only tokens: it does not mind text, a document type
or a further element beside the root, the same attribute twice, or attributes without space between them; it reads no
entity but the five and takes UTF-8 alone, and what follows the root's end it never sees.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from xml.parsers import expat

from ai_conformance.submission.artifacts.outcomes import ArtifactError

_SPACE = re.compile(rb"[ \r\n\t]*")
_NAME = re.compile(rb"[A-Za-z0-9_:.\x80-\xff-]+")
_ASCII_NAME = re.compile(rb"[A-Za-z_:][A-Za-z0-9_:.-]*")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|apos|quot);|#([0-9]+);|#x([0-9a-fA-F]+);|)")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": '"'}
_OUT_OF_RANGE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A comment or a quoted text as a whole, else a bracket; of what is not closed only the beginning is found.
_IN_DIRECTIVE = re.compile(rb"""<!--(?:.*?-->)?|"[^"]*"|'[^']*'|[<>"']""", re.DOTALL)
_LAST_CODE_POINT = 0x10FFFF


@dataclasses.dataclass(frozen=True, slots=True)
class Start:
    """An element begins. Names are without their prefix."""

    name: str
    attributes: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class End:
    """An element ends."""


def elements(data: bytes) -> Iterator[Start | End]:
    """Where elements begin and end, matched. Raises ArtifactError at the first place that Go's reader refuses."""
    return _Tokens(data).elements()


class _Tokens:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._open: list[bytes] = []

    def elements(self) -> Iterator[Start | End]:
        while self._at < len(self._data):
            if not self._data.startswith(b"<", self._at):
                self._text()
            elif self._data.startswith(b"</", self._at):
                yield self._end()
            elif self._data.startswith(b"<?", self._at):
                self._instruction()
            elif self._data.startswith(b"<!", self._at):
                self._declaration()
            else:
                start, empty = self._start()
                yield start
                if empty:
                    self._open.pop()
                    yield End()
        if self._open:
            raise self._error(f"the element {_shown(self._open[-1])} has no end")

    def _error(self, sentence: str) -> ArtifactError:
        line = self._data.count(b"\n", 0, self._at) + 1
        return ArtifactError(f"line {line} is no valid XML: {sentence}", line=line)

    def _find(self, sought: bytes, what: str) -> int:
        found = self._data.find(sought, self._at)
        if found < 0:
            raise self._error(f"{what} has no end")
        return found

    def _space(self) -> None:
        found = _SPACE.match(self._data, self._at)
        self._at = found.end() if found else self._at

    def _take(self, wanted: bytes, what: str) -> None:
        if not self._data.startswith(wanted, self._at):
            raise self._error(f"{wanted.decode()!r} is expected {what}")
        self._at += len(wanted)

    def _name(self, what: str) -> bytes:
        found = _NAME.match(self._data, self._at)
        if found is None or not _is_name(found[0]):
            raise self._error(f"a name is expected {what}")
        self._at = found.end()
        return found[0]

    def _qualified(self, what: str) -> bytes:
        name = self._name(what)
        if name.count(b":") > 1:
            raise self._error(f"the name {_shown(name)} has more than one ':'")
        return name

    def _text(self) -> None:
        end = self._data.find(b"<", self._at)
        end = len(self._data) if end < 0 else end
        raw = self._data[self._at : end]
        if b"]]>" in raw:
            raise self._error("']]>' stands outside of a CDATA section")
        self._value(raw, references=True)
        self._at = end

    def _value(self, raw: bytes, *, references: bool) -> str:
        try:
            text = raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            raise self._error("it is not UTF-8") from None
        if references and "&" in text:
            text = _REFERENCE.sub(self._character, text)
        if found := _OUT_OF_RANGE.search(text):
            raise self._error(f"the character U+{ord(found[0]):04X} may not be there")
        return text

    def _character(self, found: re.Match[str]) -> str:
        named, decimal, hexadecimal = found.groups()
        if named:
            return _NAMED[named]
        digits, base = (decimal, 10) if decimal else (hexadecimal, 16)
        # The length first: Python does not convert a number of some thousand digits, and leading zeros do not count.
        digits = (digits or "").lstrip("0") or (digits or "")[:1]
        if not digits or len(digits) > 7 or int(digits, base) > _LAST_CODE_POINT:
            raise self._error("'&' does not begin a reference that is known")
        code = int(digits, base)
        # A surrogate is no character; Go writes the replacement character and goes on.
        return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)

    def _start(self) -> tuple[Start, bool]:
        self._at += 1
        name = self._qualified("after '<'")
        attributes: list[tuple[str, str]] = []
        while True:
            self._space()
            if self._data.startswith(b">", self._at):
                self._at += 1
                empty = False
                break
            if self._data.startswith(b"/", self._at):
                self._take(b"/>", "in an element")
                empty = True
                break
            attributes.append((_local(self._qualified("for an attribute")), self._attribute()))
        self._open.append(name)
        return Start(_local(name), tuple(attributes)), empty

    def _attribute(self) -> str:
        self._space()
        self._take(b"=", "after the name of an attribute")
        self._space()
        quote = self._data[self._at : self._at + 1]
        if quote not in (b'"', b"'"):
            raise self._error("the value of an attribute has to be in quotes")
        self._at += 1
        end = self._find(quote, "the value of an attribute")
        raw = self._data[self._at : end]
        if b"<" in raw:
            raise self._error("'<' stands in the value of an attribute")
        value = self._value(raw, references=True)
        self._at = end + 1
        return value

    def _end(self) -> End:
        self._at += 2
        name = self._qualified("after '</'")
        self._space()
        self._take(b">", f"after '</{_shown(name)}'")
        if not self._open or self._open[-1] != name:
            expected = f"'</{_shown(self._open[-1])}>'" if self._open else "no end of an element"
            raise self._error(f"{expected} is expected, not '</{_shown(name)}>'")
        self._open.pop()
        return End()

    def _instruction(self) -> None:
        self._at += 2
        name = self._name("after '<?'")
        self._space()
        end = self._find(b"?>", "a processing instruction")
        content = self._data[self._at : end]
        if name == b"xml":
            if (version := _pseudo_attribute(b"version", content)) not in (b"", b"1.0"):
                raise self._error(f"the version of XML is {_shown(version)}, not 1.0")
            if (encoding := _pseudo_attribute(b"encoding", content)).lower() not in (b"", b"utf-8"):
                raise self._error(f"the encoding is {_shown(encoding)}, not UTF-8")
        self._at = end + 2

    def _declaration(self) -> None:
        if self._data.startswith(b"<!-", self._at):
            self._take(b"<!--", "where a comment begins")
            self._at = self._find(b"--", "a comment")
            self._take(b"-->", "where a comment ends")
        elif self._data.startswith(b"<![", self._at):
            self._take(b"<![CDATA[", "where a section begins")
            end = self._find(b"]]>", "a CDATA section")
            self._value(self._data[self._at : end], references=False)
            self._at = end + 3
        else:
            self._directive()

    def _directive(self) -> None:
        """A document type and the like: passed over, quotes, comments and angle brackets within it respected."""
        # The character after '<!' is never looked at.
        at, depth = self._at + 3, 0
        while True:
            found = _IN_DIRECTIVE.search(self._data, at)
            if found is None or found[0] in (b"<!--", b'"', b"'"):
                raise self._error("a declaration, or what is in it, has no end")
            at = found.end()
            if found[0] == b">":
                if depth == 0:
                    break
                depth -= 1
            elif found[0] == b"<":
                depth += 1
        self._at = at


def _local(name: bytes) -> str:
    """A name without its prefix; a ':' at an end belongs to the name."""
    prefix, _, local = name.partition(b":")
    return (local if prefix and local else name).decode("utf-8")


def _is_name(name: bytes) -> bool:
    if name.isascii():
        return _ASCII_NAME.fullmatch(name) is not None
    # The letters of XML 1.0 are tables of some hundred ranges; expat has them.
    parser = expat.ParserCreate("UTF-8")
    try:
        parser.Parse(b"<%b/>" % name, True)
    except expat.ExpatError:
        return False
    return True


def _pseudo_attribute(name: bytes, content: bytes) -> bytes:
    """The value behind the first ``name=`` that has a quote behind it; empty if there is none, or it has no end."""
    begin = 0
    while (found := content.find(name + b"=", begin)) >= 0:
        begin = found + len(name) + 2
        quote = content[begin - 1 : begin]
        if quote in (b'"', b"'"):
            end = content.find(quote, begin)
            return content[begin:end] if end >= 0 else b""
    return b""


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")
