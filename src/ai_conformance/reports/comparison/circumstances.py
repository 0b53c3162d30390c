"""What was not the same in both runs, so that nobody compares apples with pears without knowing it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ai_conformance.model.records import RunRecord
from ai_conformance.reports.comparison.findings import Circumstance


def of(before: RunRecord, after: RunRecord) -> Iterator[Circumstance]:
    """What differs, the weightiest first."""
    pairs = (
        ("cluster", before.cluster.uid, after.cluster.uid, "these are two platforms, not one at two times"),
        ("release", before.release, after.release, "another checklist: requirements and levels may differ"),
        ("server", before.cluster.server_version, after.cluster.server_version, "another version of Kubernetes"),
        ("tool", before.tool_version, after.tool_version, "a verdict may differ because the check does"),
        ("catalog", before.catalog_version, after.catalog_version, "checks went by other facts about platforms"),
        ("profile", before.profile, after.profile, "waits are of another length, so durations are not compared"),
        ("nodes", str(before.cluster.nodes), str(after.cluster.nodes), "a check may have tried other nodes"),
        (
            "accelerators",
            "; ".join(before.cluster.accelerators),
            "; ".join(after.cluster.accelerators),
            "a check may have tried other accelerators",
        ),
        ("options", shlex.join(before.command), shlex.join(after.command), "something else may have been asked for"),
    )
    for name, one, other, caution in pairs:
        if one != other:
            yield Circumstance(name=name, before=one, after=other, caution=caution)


def obstacles(before: RunRecord, after: RunRecord, *, common: int) -> Iterator[str]:
    """Why the two runs cannot be judged against each other, or not wholly; `common` counts requirements of both."""
    for run, which in ((before, "first"), (after, "second")):
        if run.interrupted:
            yield f"the {which} run was interrupted, so that not all of it was judged"
    if not common:
        yield "the two runs have no requirement in common"


def remarks(before: RunRecord, after: RunRecord) -> Iterator[str]:
    """What the order of the two may be a mistake for."""
    if before.run_id == after.run_id and before.started_at == after.started_at:
        yield "Both are the same run."
    elif after.started_at < before.started_at:
        yield "The second run is the older one: what is told as worse got better since."
