"""What a folder's artifacts tell about the run that they are of: its tests, its id, its cluster, its day."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath

from ai_conformance.model.releases import Release
from ai_conformance.submission.artifacts import ArtifactError, ArtifactKind, ArtifactReport, kind_of, read
from ai_conformance.submission.artifacts.outcomes import shown
from ai_conformance.submission.artifacts.xml_tokens import Start, elements
from ai_conformance.submission.folders import FolderError
from ai_conformance.submission.strict.subject import Linked, Subject

KINDS = (ArtifactKind.E2E_LOG, ArtifactKind.JUNIT, ArtifactKind.RESULTS_JSON)
_RELEASE = re.compile(r"v?(\d{1,2})\.(\d{1,3})(?:\.\d+\S*)?", re.ASCII)
_FIRST_LINES = 50
"""Of results.json, in search of a time: the first event has one."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Artifact:
    """One artifact that was read, or could not be."""

    path: str
    kind: ArtifactKind
    linked: Linked
    """The evidence that names it first."""
    uses: int
    """How many requirements name it."""
    report: ArtifactReport | None = None
    obstacle: str = ""
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Of junit.xml alone: what the tool that wrote it says about the run."""
    began: datetime | None = None


def artifacts(subject: Subject) -> tuple[Artifact, ...]:
    """The artifacts among the evidence that can be opened, each once, in the order of the file."""
    return subject.remembered("artifacts", lambda: _artifacts(subject))


def present(subject: Subject) -> tuple[Artifact, ...]:
    """As `artifacts`, and those that lie beside them without being named."""
    return subject.remembered("present", lambda: _present(subject))


def difference(left: Artifact, right: Artifact) -> str:
    """In what two artifacts of one folder disagree; empty if they do not, or if one cannot be read."""
    if left.report is None or right.report is None:
        return ""
    ours, theirs = left.properties.get("run"), right.properties.get("run")
    if ours and theirs and ours != theirs:
        return f"the run is {ours} in one and {theirs} in the other"
    for name, outcome in left.report.tests.items():
        other = right.report.tests.get(name)
        if other is None:
            return f"{shown(name)} is in {PurePosixPath(left.path).name} alone"
        if other is not outcome:
            return f"{shown(name)} {outcome.value} in one and {other.value} in the other"
    extra = next((name for name in right.report.tests if name not in left.report.tests), None)
    return f"{shown(extra)} is in {PurePosixPath(right.path).name} alone" if extra is not None else ""


def release_in(text: str) -> Release | None:
    """The minor release that a version names."""
    found = _RELEASE.fullmatch(text.strip())
    return Release(int(found[1]), int(found[2])) if found else None


def _artifacts(subject: Subject) -> tuple[Artifact, ...]:
    found: dict[str, list[Linked]] = {}
    for one in subject.evidence:
        if one.reference.path in subject.hashes and kind_of(one.reference.path):
            found.setdefault(one.reference.path, []).append(one)
    return tuple(
        _read(subject, path, linked[0], uses=len({one.entry.id for one in linked})) for path, linked in found.items()
    )


def _present(subject: Subject) -> tuple[Artifact, ...]:
    known = {one.path: one for one in artifacts(subject)}
    for one in artifacts(subject):
        place = one.path.rpartition("/")[0]
        for kind in KINDS:
            beside = f"{place}/{kind.value}" if place else kind.value
            if beside not in known:
                read_ = _read(subject, beside, one.linked, uses=0)
                if read_.report is not None:
                    known[beside] = read_
    return tuple(known.values())


def _read(subject: Subject, path: str, linked: Linked, *, uses: int) -> Artifact:
    kind = kind_of(path)
    assert kind is not None
    bare = Artifact(path=path, kind=kind, linked=linked, uses=uses)
    try:
        data = subject.folder.read(path)
        report = read(data, kind=kind)
    except FolderError as error:
        return dataclasses.replace(bare, obstacle=str(error))
    except ArtifactError as error:
        where = f"line {error.line}: " if error.line else ""
        return dataclasses.replace(bare, obstacle=f"{where}{error}")
    if kind is ArtifactKind.JUNIT:
        properties, stamp = _junit(data)
        return dataclasses.replace(bare, report=report, properties=properties, began=_time(stamp))
    return dataclasses.replace(
        bare, report=report, began=_first_time(data) if kind is ArtifactKind.RESULTS_JSON else None
    )


def _junit(data: bytes) -> tuple[dict[str, str], str]:
    properties: dict[str, str] = {}
    stamp = ""
    try:
        for one in elements(data):
            if isinstance(one, Start):
                attributes = dict(one.attributes)
                if one.name == "property":
                    properties.setdefault(attributes.get("name", ""), attributes.get("value", ""))
                stamp = stamp or attributes.get("timestamp", "")
    except ArtifactError:
        # Behind the root's end, which the validator never sees; what stands before it is known.
        pass
    return properties, stamp


def _first_time(data: bytes) -> datetime | None:
    for line in data.split(b"\n", _FIRST_LINES)[:_FIRST_LINES]:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict) and (found := _time(event.get("Time"))):
            return found
    return None


def _time(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
