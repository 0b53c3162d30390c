"""Writes a case's evidence into the run's folder while the case goes on, so that a killed run has it too.

    evidence/<requirement>/<Case>[/<variant>]/<name>.json | <name>.log

Everything is redacted (`redaction`) and bounded in size before it is written. Each file appears by a rename, whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any, Final

from ai_conformance.evidence import redaction

ROOT: Final = "evidence"
ABANDONED: Final = "abandoned"
REQUESTS: Final = "requests.jsonl"

# A log is read by people; a mebibyte of it is more than anyone reads, and a pod in a loop can write gigabytes.
LOG_LIMIT_BYTES: Final = 1024 * 1024
# An object of the API is at most about 1.5 MiB (etcd's limit), a list of them is kept whole up to this size.
JSON_LIMIT_BYTES: Final = 8 * 1024 * 1024

_LONGEST_NAME: Final = 100
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class CannotRecord(Exception):  # noqa: N818 - it says what could not be done
    """Evidence could not be written, for want of space or of permission; the message names the file and the remedy."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write the evidence {path}: {reason}; choose another folder with --output")
        self.path = path
        self.reason = reason


class Evidence:
    """The evidence of a whole run; `case` makes the store of one case."""

    def __init__(self, folder: Path, *, rules: tuple[redaction.Rule, ...] = ()) -> None:
        """``folder`` is the run's, ``rules`` are the user's."""
        self._folder = folder
        self.redacted = redaction.Report(own=rules)
        """What was taken out, in all cases together."""

    def set_aside(self, requirement: str, *, under: str) -> bool:
        """Move away what a check has left that begins anew: ``abandoned/<under>/<requirement>``. Whether there was any.

        Raises `CannotRecord`.
        """
        here = self._folder / ROOT / safe_name(requirement)
        there = self._folder / ABANDONED / under / safe_name(requirement)
        if not here.is_dir():
            return False
        try:
            there.parent.mkdir(parents=True, exist_ok=True)
            here.rename(there)
        except OSError as error:
            raise CannotRecord(there, (os.strerror(error.errno) if error.errno else str(error)).lower()) from error
        return True

    def case(self, requirement: str, *, name: str, variant: str = "") -> CaseEvidence:
        """The store of one case of one requirement."""
        parts = [safe_name(requirement), safe_name(name), *([safe_name(variant)] if variant else [])]
        return CaseEvidence(self._folder, relative=Path(ROOT, *parts), redacted=self.redacted)


class CaseEvidence:
    """Where one case leaves its evidence. A name that is used again replaces what it held."""

    def __init__(self, folder: Path, *, relative: Path, redacted: redaction.Report) -> None:
        self._folder = folder
        self._relative = relative
        self._redacted = redacted

    def write_json(self, name: str, content: Any) -> str:
        """Keep data, keys sorted; returns the path relative to the run's folder.

        What is larger than `JSON_LIMIT_BYTES` is kept as a cut log beside a note. Raises `CannotRecord`.
        """
        redacted = redaction.redact_object(content, report=self._redacted)
        text = json.dumps(redacted, indent=2, sort_keys=True, default=str) + "\n"
        if len(text) > JSON_LIMIT_BYTES:
            return self._write(f"{safe_name(name, suffix='.json')}.log", shorten(text, limit_bytes=LOG_LIMIT_BYTES))
        return self._write(safe_name(name, suffix=".json"), text)

    def write_text(self, name: str, content: str) -> str:
        """Keep a log, cut in the middle if it is long; returns the path relative to the run's folder.

        Raises `CannotRecord`.
        """
        text = redaction.redact_text(content, report=self._redacted)
        return self._write(safe_name(name, suffix=".log"), shorten(text, limit_bytes=LOG_LIMIT_BYTES))

    def requests(self) -> str | None:
        """What was asked for the case (`evidence.requests`), if anything was; relative to the run's folder."""
        relative = self._relative / REQUESTS
        return relative.as_posix() if (self._folder / relative).is_file() else None

    def _write(self, name: str, text: str) -> str:
        relative = self._relative / name
        path = self._folder / relative
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise CannotRecord(path, (os.strerror(error.errno) if error.errno else str(error)).lower()) from error
        return relative.as_posix()


def safe_name(name: str, *, suffix: str = "") -> str:
    """A file name that is safe everywhere, stays readable, and differs where the names given differ.

    Letters, digits, ``.``, ``_`` and ``-`` stay, anything else becomes ``_``; a name that had to be changed gets a
    short hash of the original, so that two names never share a file.
    """
    stem = name.removesuffix(suffix) if suffix else name
    safe = _UNSAFE.sub("_", stem).lstrip(".")[:_LONGEST_NAME]
    if safe != stem or not safe:
        digest = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        safe = f"{safe}-{digest}" if safe else digest
    return safe + suffix


def shorten(text: str, *, limit_bytes: int) -> str:
    """The text, or its beginning and end at whole lines with a note of what is missing between them."""
    raw = text.encode("utf-8", "backslashreplace")
    if len(raw) <= limit_bytes:
        return text
    half = limit_bytes // 2
    head = raw[:half].decode("utf-8", "ignore")
    tail = raw[-half:].decode("utf-8", "ignore")
    head = head[: head.rfind("\n") + 1] or head + "\n"
    tail = tail[tail.find("\n") + 1 :] if "\n" in tail[:-1] else tail
    missing = len(raw) - len(head.encode()) - len(tail.encode())
    return f"{head}[... {missing} bytes cut ...]\n{tail}"
