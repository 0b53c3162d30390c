"""What we made in a cluster, written down before it is made, so that nothing can be left behind unknown.

One JSON line per fact: ``intent`` before the object is created, ``made`` with its UID afterwards, ``gone`` when it is
seen to be gone. A killed run leaves a ledger from which another process can clean up; a last line that was torn by the
kill is ignored, because what it announced has not been asked of the cluster yet.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from ai_conformance.kube import errors


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """An object that was or may have been created, and is not known to be gone."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    name: str
    namespace: str | None
    run: str
    """The run's id: the value of the label that every object of the run bears."""
    actor: str
    uid: str | None = None
    """None where the answer to the creation never came: the object may exist or not."""

    @property
    def key(self) -> tuple[str, str, str | None, str]:
        """What identifies the object before it has a UID."""
        return (self.api_version, self.plural, self.namespace, self.name)


class Ledger:
    """The ledger of one run. Every line is on the disk before the method that wrote it returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: TextIO | None = None
        self._entries: dict[tuple[str, str, str | None, str], Entry] = {}
        if path.is_file():
            self._entries = {entry.key: entry for entry in read(path)}

    def record(self, entry: Entry) -> None:
        """Write the intent to create. To be called before the request is sent. Raises `errors.LedgerError`."""
        self._write("intent", dataclasses.asdict(entry))
        self._entries[entry.key] = entry

    def confirm(self, entry: Entry, *, uid: str) -> Entry:
        """Write that the object exists, with its UID.

        A disk that does not take it stops neither this nor `gone`: the intent is there, and a later process finds the
        object, or its absence, by name and label.
        """
        made = dataclasses.replace(entry, uid=uid)
        with contextlib.suppress(errors.LedgerError):
            self._write("made", dataclasses.asdict(made))
        self._entries[entry.key] = made
        return made

    def gone(self, entry: Entry) -> None:
        """Write that the object was seen to be gone, or was never made. Does not raise: see `confirm`."""
        with contextlib.suppress(errors.LedgerError):
            self._write("gone", dataclasses.asdict(entry))
        self._entries.pop(entry.key, None)

    @property
    def open_entries(self) -> tuple[Entry, ...]:
        """What is not known to be gone, in the order of creation."""
        return tuple(self._entries.values())

    def close(self) -> None:
        """Close the file; writing again opens it again."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(OSError):  # what a full disk held back was told when it was written
                stream.close()

    def _write(self, fact: str, entry: Mapping[str, Any]) -> None:
        try:
            if self._stream is None:
                self._stream = _opened(self.path)
            self._stream.write(json.dumps({"fact": fact, **entry}, ensure_ascii=False) + "\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as trouble:
            raise errors.LedgerError(
                f"The ledger {self.path} cannot be written ({trouble.strerror or trouble}), and nothing is created "
                "in a cluster without it. Make room, or give another output folder."
            ) from trouble


class UnwrittenLedger(Ledger):
    """Of somebody who makes nothing, as a replay: it is asked as any other, and leaves no file."""

    def __init__(self) -> None:
        super().__init__(Path())
        self._entries = {}

    def _write(self, fact: str, entry: Mapping[str, Any]) -> None:
        """Nothing to remember."""


def _opened(path: Path) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.open("a", encoding="utf-8")
    if _is_torn(path):  # so that the next fact does not become part of the torn line
        stream.write("\n")
    return stream


def _is_torn(path: Path) -> bool:
    with path.open("rb") as stream:
        if stream.seek(0, os.SEEK_END) == 0:
            return False
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) != b"\n"


def read(path: Path) -> tuple[Entry, ...]:
    """What is not known to be gone, in the order of creation. Raises `errors.LedgerError`."""
    try:
        raw = path.read_bytes()
    except OSError as trouble:
        raise errors.LedgerError(
            f"The ledger {path} cannot be read ({trouble.strerror or trouble}). Name the folder of a run."
        ) from trouble
    return parse(raw.decode("utf-8", errors="replace").split("\n"), source=str(path))


def parse(lines: Iterable[str], *, source: str = "ledger") -> tuple[Entry, ...]:
    """As `read`, from lines. A line that is torn is skipped only where a kill can have torn it: see the module."""
    entries: dict[tuple[str, str, str | None, str], Entry] = {}
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    for number, line in numbered:
        fact = _fact(line)
        if fact is None:
            # A later process that found a torn end has ended the line; either way no request followed it.
            continue
        word, entry = fact
        match word:
            case "intent" | "made":
                entries[entry.key] = entry
            case "gone":
                entries.pop(entry.key, None)
            case _:
                raise errors.LedgerError(f"{source}:{number}: {word!r} is not a word of a ledger.")
    return tuple(entries.values())


_FIELDS: Mapping[str, tuple[type, ...]] = {
    "api_version": (str,),
    "kind": (str,),
    "plural": (str,),
    "namespaced": (bool,),
    "name": (str,),
    "namespace": (str, type(None)),
    "run": (str,),
    "actor": (str,),
    "uid": (str, type(None)),
}


def _fact(line: str) -> tuple[str, Entry] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("fact"), str):
        return None
    if any(not isinstance(found.get(name), kinds) for name, kinds in _FIELDS.items()):
        return None
    return found["fact"], Entry(**{name: found[name] for name in _FIELDS})
