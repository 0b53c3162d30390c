"""What a run leaves behind, as data: cases, checks, the run. Reports are made from these and from nothing else."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from datetime import datetime

from ai_conformance.model.verdicts import Verdict


class CaseKind(enum.StrEnum):
    """What a case contributes to the proof."""

    POSITIVE = "positive"
    """What must work."""
    NEGATIVE = "negative"
    """What must be refused."""
    CONTROL = "control"
    """What shows that the check could have failed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line of a check's own log."""

    at: datetime
    """UTC."""
    text: str
    """May hold anything a container printed; writers have to escape it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CaseRecord:
    """One case with its own verdict. A check may have a ``name`` several times, each with another ``variant``."""

    name: str
    """As a Go sub-test is named: ``PositiveAccessTest``."""
    variant: str = ""
    """What it was tried on, where a case is repeated: ``DRA-n1``. Empty where it is not."""
    kind: CaseKind
    verdict: Verdict
    reason: str
    """One sentence; for PASS what was seen, else what was wrong or missing and on which object."""
    expected: str
    observed: tuple[str, ...] = ()
    started_at: datetime
    duration_s: float
    evidence: tuple[str, ...] = ()
    """Paths relative to the run's folder."""
    log: tuple[LogLine, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckRecord:
    """One requirement's outcome. A requirement without an automated check has no cases and is NOT_TESTED."""

    requirement: str
    """The id of the official checklist, ``gang_scheduling``."""
    level: str
    """MUST or SHOULD in the release under test."""
    title: str
    artifact: str | None
    """Top-level Go test name, ``TestGangScheduling``; None where the program names none and we have no check."""
    automated: bool
    verdict: Verdict
    reason: str
    started_at: datetime
    duration_s: float
    cases: tuple[CaseRecord, ...] = ()
    log: tuple[LogLine, ...] = ()
    api_requests: int = 0
    waits_s: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Seconds spent by the name of the wait. Waits side by side are counted each."""
    next_step: str = ""
    """What a person should do about a verdict other than PASS."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlannedRecord:
    """What the run set out to do about one requirement, decided before anything was created."""

    requirement: str
    action: str
    """``run``, ``skip`` or ``not automated``."""
    reason: str
    """Why it is left out; what the check shows where it runs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClusterRecord:
    """The cluster that was judged."""

    uid: str
    """UID of the namespace kube-system, the usual stand-in for a cluster's identity."""
    server_version: str
    nodes: int
    accelerators: tuple[str, ...] = ()
    """One line for each class of accelerator nodes, readable."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One execution of the tool."""

    schema_version: int = 1
    tool_version: str
    catalog_version: str = ""
    """``sha256:`` and the digest of all facts about platforms that checks went by; empty before these were told."""
    run_id: str
    release: str
    """Kubernetes release of the checklist, ``1.37``."""
    cluster: ClusterRecord
    started_at: datetime
    ended_at: datetime
    command: tuple[str, ...] = ()
    """The options as they were in force, secrets left out."""
    profile: str = "default"
    plan: tuple[PlannedRecord, ...] = ()
    """In the order of the checklist; empty before it was told."""
    interrupted: bool = False
    resumed_at: tuple[datetime, ...] = ()
    """When the run was taken up again after it had been killed or interrupted, UTC; its finished checks were kept."""
    redacted: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """How often each rule of redaction took something out of the evidence and of these records."""
    checks: tuple[CheckRecord, ...] = ()
