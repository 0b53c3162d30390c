"""The folder of a run while it fills: journal, transcript and recording, written as things happen.

A disk that does not take a line must not hide what the run has seen, nor keep it from cleaning up: the first such error
is kept, told once to whoever stops the run, and writing ends there.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ai_conformance import __version__
from ai_conformance.cli import failures
from ai_conformance.engine import journal, resumption
from ai_conformance.engine.journal import Journal
from ai_conformance.evidence import redaction
from ai_conformance.evidence.requests import Requests
from ai_conformance.kube import transcript

if TYPE_CHECKING:
    from ai_conformance.engine.events import Event
    from ai_conformance.kube.recording.recorder import Exchange
    from ai_conformance.model.records import ClusterRecord
    from ai_conformance.model.releases import Release

JOURNAL = "journal.jsonl"
LEDGER = "ledger.jsonl"
TRANSCRIPT = "transcript.jsonl"
OBSERVATIONS = "recording.jsonl"


def refuse_live(folder: Path) -> None:
    """Raise `failures.Failure` while the run of a folder goes on: its objects are in use, and its files too."""
    if journal.in_use(folder / JOURNAL):
        raise failures.usage(f"the run in {folder} goes on; end it first with Ctrl-C, which cleans up.")


def cluster_uid(folder: Path) -> str | None:
    """The cluster that the run of a folder was on; None where the run was killed before it wrote that down."""
    try:
        with (folder / JOURNAL).open(encoding="utf-8") as lines:
            first = json.loads(lines.readline())
            return str(first["cluster"]) if first["event"] == resumption.STARTED else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def refuse_used(folder: Path) -> None:
    """Raise `failures.Failure` unless the folder is empty or not there: a run never mixes with another's files."""
    try:
        if folder.is_dir() and next(folder.iterdir(), None) is None:
            return
        if not os.path.lexists(folder):
            return
    except OSError as error:
        raise failures.usage(f"the output folder {folder} cannot be used: {_said(error)}.") from error
    what = "is not empty" if folder.is_dir() else "is no folder"
    raise failures.usage(f"the output folder {folder} {what}; give another one with --output.")


def own_rules(path: Path | None) -> tuple[redaction.Rule, ...]:
    """The user's rules of redaction. Raises `failures.Failure`."""
    if path is None:
        return ()
    from ai_conformance import catalog  # noqa: PLC0415 - nobody else needs it
    from ai_conformance.checks import registry  # noqa: PLC0415
    from ai_conformance.evidence import own_rules  # noqa: PLC0415

    names: list[str] = []
    for requirement in catalog.load().all_requirements:
        check = registry.get(requirement.id)
        names += [requirement.id, *([check.artifact, *(case.name for case in check.cases)] if check else [])]
    try:
        return own_rules.read(path, names=names)
    except own_rules.BadRule as error:
        raise failures.usage(str(error)) from error


class Recording:
    """Journal, transcript and recording of one run."""

    def __init__(self, folder: Path, *, on_trouble: Callable[[], None], rules: tuple[redaction.Rule, ...] = ()) -> None:
        self.folder = folder
        self._rules = rules
        self.trouble: str = ""
        """Why something could not be written; empty as long as everything could."""
        self._on_trouble = on_trouble
        self._early: list[transcript.Entry] = []
        self._journal: Journal | None = None
        self._requests: TextIO | None = None
        self._early_observations: list[str] = []
        self._observations: TextIO | None = None
        self._of_cases = Requests(folder)

    def open(self) -> None:
        """Make the folder and its first files. Raises `failures.Failure`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._journal = Journal(self.folder / JOURNAL, rules=self._rules)
            self._requests = (self.folder / TRANSCRIPT).open("a", encoding="utf-8")
            self._observations = _appended(self.folder / OBSERVATIONS)
        except OSError as error:
            raise failures.not_evaluated(
                f"the output folder {self.folder} cannot be written: {_said(error)}. Give another one with --output."
            ) from error
        early, self._early = self._early, []
        for entry in early:
            self.request(entry)
        lines, self._early_observations = self._early_observations, []
        for line in lines:
            self.observation(line)

    def request(self, entry: transcript.Entry) -> None:
        """Take a line of the transcript; kept in memory until the folder is there."""
        if self._requests is None:
            self._early.append(entry)
            return
        stream = self._requests
        path = redaction.redact_text(entry.path, report=redaction.Report(own=self._rules))
        self._write(lambda: transcript.json_lines(stream)(dataclasses.replace(entry, path=path)))

    def observation(self, line: str) -> None:
        """Take a line of the recording; kept in memory until the folder is there."""
        stream = self._observations
        if stream is None:
            self._early_observations.append(line)
            return

        def write() -> None:
            stream.write(f"{line}\n")
            stream.flush()

        self._write(write)

    def exchange(self, exchange: Exchange) -> None:
        """Take what was asked for a case, and what was answered."""
        self._write(lambda: self._of_cases.take(exchange))

    def started(self, run_id: str, *, cluster: ClusterRecord, release: Release, command: tuple[str, ...]) -> None:
        """The journal's first line, by which `clean` and `run --resume` know the run and its cluster again."""
        self.note(
            resumption.STARTED,
            run=run_id,
            cluster=cluster.uid,
            server=cluster.server_version,
            release=str(release),
            tool=__version__,
            command=command,
        )

    def note(self, what: str, /, **fields: object) -> None:
        """Write a line into the journal that is no event of the engine."""
        open_journal = self._journal
        if open_journal is not None:
            self._write(lambda: open_journal.write(what, **fields))

    def event(self, event: Event) -> None:
        """Write an event into the journal."""
        open_journal = self._journal
        if open_journal is not None:
            self._write(lambda: open_journal.event(event))

    def close(self) -> None:
        """Close the files. What a full disk still held back is lost, and was told before."""
        for file in (self._journal, self._requests, self._observations):
            if file is not None:
                self._write(file.close, even_after_trouble=True)
        self._observations = None

    def _write(self, write: Callable[[], object], *, even_after_trouble: bool = False) -> None:
        if self.trouble and not even_after_trouble:
            return
        try:
            write()
        except OSError as error:
            if not self.trouble:
                self.trouble = f"the run's folder {self.folder} cannot be written: {_said(error)}"
                self._on_trouble()


def _appended(path: Path) -> TextIO:
    """A file to append whole lines to, also where a kill has torn its last one."""
    file = path.open("a", encoding="utf-8")
    if journal.is_torn(path):
        file.write("\n")
    return file


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
