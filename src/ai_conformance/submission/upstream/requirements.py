"""The vendor's answers against the checklist: status, notes, evidence, and the tests in artifacts."""

from __future__ import annotations

from ai_conformance.model.releases import Release
from ai_conformance.submission import artifacts, folders
from ai_conformance.submission.artifacts import ArtifactError, ArtifactKind, ArtifactReport, TestOutcome
from ai_conformance.submission.artifacts.outcomes import shown
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.upstream import evidence
from ai_conformance.submission.upstream.go_document import ConformanceDocument, Entry, Text
from ai_conformance.submission.upstream.notes import Notes
from ai_conformance.submission.upstream.rule_sets import SPACE, STATUSES, TESTS, Variant

_LIMITS = {
    # Read piece by piece in Python: this much takes some ten seconds if somebody means it to.
    ArtifactKind.JUNIT: 16 * 1024 * 1024,
    ArtifactKind.RESULTS_JSON: 16 * 1024 * 1024,
    ArtifactKind.E2E_LOG: folders.MAX_ARTIFACT_BYTES,
}
_RECOMMENDED_SINCE = Release(1, 37)


def check(
    folder: ProductFolder,
    product: ConformanceDocument,
    *,
    checklist: ConformanceDocument,
    variant: Variant,
    notes: Notes,
) -> str:
    """Fill the notes with what is wrong with the answers; returns why something could not be judged."""
    if product.spec is None:
        notes.add("section", "the section 'spec' is missing", product.place("spec"))
        return ""
    answers = _Answers(folder, variant=variant, notes=notes)
    for category, wanted in (checklist.spec or {}).items():
        given = product.spec.get(category)
        if given is None:
            notes.add("category", f"the category {category!r} is missing", product.place("spec"))
            continue
        # The last of two with one id counts.
        entries = {entry.id.text: entry for entry in given}
        for one in wanted:
            entry = entries.get(one.id.text)
            if entry is None:
                sentence = f"the requirement {one.id.text!r} is missing in the category {category!r}"
                notes.add("requirement", sentence, product.place(f"spec.{category}"), requirement=one.id.text)
            elif one.level.text != "SHOULD" or entry.status.text or entry.evidence:
                answers.check(one, entry)
    return "; ".join(dict.fromkeys(answers.obstacles))


class _Answers:
    """The answers of one folder; an artifact that several of them link is opened once."""

    def __init__(self, folder: ProductFolder, *, variant: Variant, notes: Notes) -> None:
        self._folder = folder
        self._product = folder.place
        self._variant = variant
        self._notes = notes
        self._artifacts: dict[str, ArtifactReport | None] = {}
        self.obstacles: list[str] = []

    def check(self, wanted: Entry, entry: Entry) -> None:
        """Look at one answer."""
        name = wanted.id.text
        self._status(wanted, entry)
        kinds = [self._evidence(name, entry, link) for link in entry.evidence if link.text]
        hybrid = self._variant.hybrid and (self._folder.release or _RECOMMENDED_SINCE) >= _RECOMMENDED_SINCE
        if hybrid and name in TESTS and entry.status.text == "Implemented" and not any(kinds):
            sentence = f"{name} has the automated test {TESTS[name]}, and no artifact of it is linked"
            self._notes.add("artifact-recommended", sentence, entry, requirement=name)

    def _status(self, wanted: Entry, entry: Entry) -> None:
        name, status = wanted.id.text, entry.status.text
        if status not in STATUSES:
            sentence = f"the status of {name} is {status!r}; it has to be one of {', '.join(STATUSES)}"
            self._notes.add("status", sentence, entry.status, requirement=name)
        if wanted.level.text == "MUST" and status != "Implemented":
            excused = self._variant.may_be_not_applicable(name)
            if status == "N/A" and excused:
                sentence = f"{name} is a MUST and N/A: a reviewer will look at the reason in the notes"
                self._notes.add("must-not-applicable", sentence, entry.status, requirement=name)
            else:
                allowed = "'Implemented', or 'N/A' with a reason in the notes" if excused else "'Implemented'"
                sentence = f"{name} is a MUST, and its status is {status!r}; it has to be {allowed}"
                self._notes.add("must", sentence, entry.status, requirement=name)
        # Before hybrid verification blank notes were notes.
        reason = entry.notes.text.strip(SPACE) if self._variant.hybrid else entry.notes.text
        if status == "N/A" and not reason:
            self._notes.add("notes", f"{name} is N/A, and the notes give no reason", entry.notes, requirement=name)

    def _evidence(self, name: str, entry: Entry, link: Text) -> ArtifactKind | None:
        """Look at one link; returns the kind of the artifact that it names."""
        if evidence.is_url(link.text):
            self._notes.link(link.text, f"the evidence of {name}", link, requirement=name)
            return None
        resolve = evidence.resolve if self._variant.hybrid else evidence.resolve_before_hybrid
        try:
            reference = resolve(link.text, product=self._product)
        except evidence.EvidenceError as error:
            sentence = f"the evidence of {name}, {link.text!r}, is refused: {error}"
            self._notes.add("evidence-path", sentence, link, requirement=name)
            return None
        if not evidence.exists(reference, folder=self._folder):
            sentence = f"the evidence of {name}, {link.text!r}, is not there: {reference.path}"
            self._notes.add("evidence-missing", sentence, link, requirement=name)
            return None
        kind = artifacts.kind_of(reference.path) if self._variant.hybrid else None
        if kind is not None:
            self._artifact(name, entry, link, reference, kind)
        return kind

    def _artifact(self, name: str, entry: Entry, link: Text, reference: evidence.Reference, kind: ArtifactKind) -> None:
        path = reference.path
        if path not in self._artifacts:
            self._artifacts[path] = report = self._opened(name, link, path, kind)
            if report is not None and report.failures:
                failed = ", ".join(sorted(map(shown, report.failures)))
                self._notes.add("artifact-failures", f"tests failed in {path}: {failed}", link, requirement=name)
        report = self._artifacts[path]
        test = reference.fragment or TESTS.get(name, "")
        if report is None or not test:
            return
        match report.outcome_of(test):
            case None:
                sentence = f"the test {test!r}, which {name} links, is not in {path}"
                self._notes.add("test-missing", sentence, link, requirement=name)
            case TestOutcome.FAILED:
                sentence = f"the test {test!r}, which {name} links, failed in {path}"
                self._notes.add("test-failed", sentence, link, requirement=name)
            case TestOutcome.SKIPPED if entry.status.text == "Implemented":
                sentence = f"{name} is Implemented, and its test {test!r} was skipped in {path}"
                self._notes.add("test-skipped", sentence, link, requirement=name)

    def _opened(self, name: str, link: Text, path: str, kind: ArtifactKind) -> ArtifactReport | None:
        try:
            data = self._folder.read(path.removeprefix(f"{self._product}/"), limit_bytes=_LIMITS[kind])
            return artifacts.read(data, kind=kind)
        except (folders.Outside, folders.TooLarge) as error:
            # The validator would open it; what it would find is not known here.
            self.obstacles.append(f"{path} is not opened: {error}")
        except (folders.FolderError, ArtifactError) as error:
            sentence = f"the artifact {path}, which {name} links, cannot be read as {kind.value}: {error}"
            self._notes.add("artifact", sentence, link, requirement=name)
        return None
