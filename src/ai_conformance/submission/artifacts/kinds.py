"""Which files the program's validator opens: those with the reserved names, wherever in the folder they are."""

from __future__ import annotations

import enum

from ai_conformance.submission.artifacts import e2e_log, junit, results_json
from ai_conformance.submission.artifacts.outcomes import ArtifactReport


class ArtifactKind(enum.Enum):
    """The formats, by their reserved names."""

    JUNIT = "junit.xml"
    RESULTS_JSON = "results.json"
    E2E_LOG = "e2e.log"


_READERS = {
    ArtifactKind.JUNIT: junit.read,
    ArtifactKind.RESULTS_JSON: results_json.read,
    ArtifactKind.E2E_LOG: e2e_log.read,
}


def kind_of(path: str) -> ArtifactKind | None:
    """The kind that a path's last part names, in any case; None for a file that is only evidence."""
    name = path.rstrip("/").rpartition("/")[2]
    # Go takes U+0130 to 'i'; Python, which knows more of Turkish, to two characters.
    lowered = name.replace("\u0130", "i").lower()
    return next((kind for kind in ArtifactKind if kind.value == lowered), None)


def read(data: bytes, *, kind: ArtifactKind) -> ArtifactReport:
    """The tests of an artifact. Raises ArtifactError."""
    return _READERS[kind](data)
