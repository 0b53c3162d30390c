"""The artifacts of a test run: readable, green, of one run, of this release, and about their requirement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ai_conformance.model.releases import Release
from ai_conformance.submission.artifacts import TestOutcome
from ai_conformance.submission.artifacts.outcomes import shown
from ai_conformance.submission.findings import Severity
from ai_conformance.submission.folders import FolderError
from ai_conformance.submission.making import readme
from ai_conformance.submission.product import Status
from ai_conformance.submission.strict import runs
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.runs import Artifact
from ai_conformance.submission.strict.subject import Subject

_VALIDATOR = "the program's validator"
_HYBRID = "the program's hybrid verification, from 1.37 on: three artifacts of one run beside PRODUCT.yaml"
_HYBRID_SINCE = Release(1, 37)

RELEASED = {
    Release(1, 33): datetime.fromisoformat("2025-04-23T00:00:00Z"),
    Release(1, 34): datetime.fromisoformat("2025-08-27T00:00:00Z"),
    Release(1, 35): datetime.fromisoformat("2025-12-17T00:00:00Z"),
    Release(1, 36): datetime.fromisoformat("2026-04-22T00:00:00Z"),
    Release(1, 37): datetime.fromisoformat("2026-08-26T00:00:00Z"),
}
"""Days on which Kubernetes was tagged vX.Y.0 (github.com/kubernetes/kubernetes, as the Go module proxy tells them)."""


@rule(
    "artifact/unreadable",
    severity=Severity.ERROR,
    title="A file with an artifact's name is an artifact.",
    source=f"{_VALIDATOR} parses e2e.log, junit.xml and results.json wherever they are linked",
    remedy="Give a file that is no output of a Go test another name, or hand in the artifact as it was written.",
    explanation="The names are reserved. A log of another framework that is called e2e.log is taken for a broken one.",
)
def unreadable(subject: Subject) -> Iterator[Violation]:
    """Artifacts that cannot be read, at the evidence that names them."""
    for one in runs.artifacts(subject):
        if one.obstacle:
            others = f" (evidence of {one.uses} requirements)" if one.uses > 1 else ""
            message = f"{one.path} is no {one.kind.value}: {one.obstacle}{others}"
            yield Violation(message=message, node=one.linked.node, entry=one.linked.entry)


@rule(
    "artifact/failed",
    severity=Severity.ERROR,
    title="No test of an artifact failed.",
    source=_VALIDATOR,
    remedy="Hand in the artifacts of a run that passed.",
    explanation="One failing test fails the submission, also one that no requirement links.",
)
def failed(subject: Subject) -> Iterator[Violation]:
    """Tests that failed."""
    for one in runs.artifacts(subject):
        if one.report and one.report.failures:
            first, number = shown(one.report.failures[0]), len(one.report.failures)
            message = f"{one.path} records {number} failed: {first}" + (" and others" if number > 1 else "")
            yield Violation(message=message, node=one.linked.node, entry=one.linked.entry)


@rule(
    "artifact/test",
    severity=Severity.ERROR,
    title="The linked test is in the artifact, belongs to the requirement, and passed.",
    source=f"{_VALIDATOR} looks for the test; that it belongs to the requirement is asked by us alone",
    remedy="Link the requirement's own test behind '#', from a run in which it passed.",
    explanation="A link to another requirement's test passes the validator and shows nothing.",
)
def test(subject: Subject) -> Iterator[Violation]:
    """The fragment's test, or the requirement's own."""
    found = {one.path: one for one in runs.artifacts(subject)}
    owners = {name: requirement for requirement, name in subject.tests.items()}
    for one in subject.evidence:
        artifact = found.get(one.reference.path)
        name = one.reference.fragment or subject.tests.get(one.entry.id, "")
        if artifact is None or artifact.report is None or not name:
            continue
        owner = owners.get(name.partition("/")[0], one.entry.id)
        outcome = artifact.report.outcome_of(name)
        message = ""
        if owner != one.entry.id:
            message = f"{name} is the test of {owner}"
        elif outcome is None:
            message = f"there is no {name} in {artifact.path}"
        elif outcome is TestOutcome.SKIPPED and one.entry.status == Status.IMPLEMENTED:
            message = f"{name} was skipped, so it does not show that the requirement is Implemented"
        if message:
            yield Violation(message=message, node=one.node, entry=one.entry)


@rule(
    "artifact/incomplete",
    severity=Severity.WARNING,
    title="All three artifacts of the run are there.",
    source=_HYBRID,
    remedy="Put e2e.log, junit.xml and results.json of the same run into the folder: ai-conformance submission pack.",
    explanation="They are three views of one run; who compares them sees that none was edited.",
)
def incomplete(subject: Subject) -> Iterator[Violation]:
    """One or two of three, from 1.37 on; the others may lie in the folder without being evidence."""
    found = runs.artifacts(subject)
    if subject.release >= _HYBRID_SINCE and found:
        missing = [kind.value for kind in runs.KINDS if not any(one.kind is kind for one in runs.present(subject))]
        if missing:
            message = f"{' and '.join(missing)} of the run {'is' if len(missing) == 1 else 'are'} missing"
            yield Violation(message=message, node=found[0].linked.node, entry=found[0].linked.entry)


@rule(
    "artifact/one-run",
    severity=Severity.ERROR,
    title="The artifacts are of one run and say the same.",
    source=_HYBRID,
    remedy="Hand in the three files of one run, unchanged.",
    explanation="Compares each test's outcome between the files, and the run's own id where the files carry one.",
)
def one_run(subject: Subject) -> Iterator[Violation]:
    """Outcomes and run ids that differ between files of one folder."""
    by_place: dict[str, list[Artifact]] = {}
    for one in runs.present(subject):
        by_place.setdefault(one.path.rpartition("/")[0], []).append(one)
    for group in by_place.values():
        first = group[0]
        for other in group[1:]:
            difference = runs.difference(first, other)
            if difference:
                message = f"{first.path} and {other.path} are not of one run: {difference}"
                yield Violation(message=message, node=first.linked.node, entry=first.linked.entry)


@rule(
    "artifact/hash",
    severity=Severity.ERROR,
    title="An artifact is what was packed.",
    source="README.md of a folder that was packed by this tool tells the hash of each artifact",
    remedy="Pack the run again: ai-conformance submission pack --force. Git may have changed the ends of lines.",
    explanation="Compares the files beside a README.md that 'submission pack' wrote with the hashes in it.",
)
def changed(subject: Subject) -> Iterator[Violation]:
    """Another hash than the one that was told."""
    try:
        packed = readme.hashes(subject.folder.read(readme.NAME).decode("utf-8", "replace"))
    except FolderError:
        return
    for one in runs.artifacts(subject):
        if packed.get(one.path, subject.hashes[one.path]) != subject.hashes[one.path]:
            message = f"{one.path} was changed after {readme.NAME} was written"
            yield Violation(message=message, node=one.linked.node, entry=one.linked.entry)


@rule(
    "artifact/release",
    severity=Severity.ERROR,
    title="The run was made on a cluster of the folder's release.",
    source="a product is certified in a release; artifacts of this tool name release and server",
    remedy="Run the checks on a cluster of the folder's release.",
    explanation="Reads the properties 'release' and 'server' of junit.xml; files of other tools seldom have them "
    "and are then not judged. A pre-release of Kubernetes makes a warning.",
)
def release(subject: Subject) -> Iterator[Violation]:
    """Another release, or a pre-release."""
    for one in runs.artifacts(subject):
        for name in ("release", "server"):
            said = one.properties.get(name, "")
            found = runs.release_in(said)
            if found and found != subject.release:
                message = f"{one.path} was made on {said}; the folder is v{subject.release}"
                yield Violation(message=message, node=one.linked.node, entry=one.linked.entry)
                break
            if found and any(mark in said for mark in ("-alpha", "-beta", "-rc")):
                message = f"{one.path} was made on the pre-release {said}"
                yield Violation(
                    message=message, node=one.linked.node, entry=one.linked.entry, severity=Severity.WARNING
                )


@rule(
    "artifact/old",
    severity=Severity.ERROR,
    title="The run is not older than the release.",
    source="Kubernetes' own dates of its releases",
    remedy="Run the checks on the release, not on what came before it.",
    explanation="Reads the times in results.json and the timestamp in junit.xml. Before vX.Y.0 was tagged there was no "
    "cluster of that release.",
)
def old(subject: Subject) -> Iterator[Violation]:
    """Times before the release's tag."""
    released = RELEASED.get(subject.release)
    for one in runs.artifacts(subject):
        if released and one.began and one.began < released:
            message = f"{one.path} is of {one.began.date()}; {subject.release} was released on {released.date()}"
            yield Violation(message=message, node=one.linked.node, entry=one.linked.entry)
