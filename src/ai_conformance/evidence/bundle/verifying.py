"""Tells of a bundle what was altered, added and removed, and who vouches for it.

Everything is in it at least twice: the files and their digests in the manifest, the same digests in the statement, the
record and what was made of it in the artifacts and in the statement, and the signatures over the statement. So of what
differs it can be said which of the two it is, as long as not all of it was changed.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ai_conformance.evidence.bundle import agreement, archive, manifest, names, statement, unpacked
from ai_conformance.evidence.bundle.claims import Claim
from ai_conformance.evidence.bundle.contents import Contents
from ai_conformance.evidence.bundle.errors import Unreachable, Unreadable
from ai_conformance.evidence.bundle.findings import Finding, Kind
from ai_conformance.evidence.bundle.statement import Statement
from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import writer

if TYPE_CHECKING:
    from ai_conformance.evidence.bundle.keyless.judging import Judge
    from ai_conformance.evidence.bundle.signatures import Asked, Signed

_RECORD = f"{names.RUN}{writer.RUN_JSON}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """What was found."""

    findings: tuple[Finding, ...]
    files: int
    """Of the run, as many as were packed."""
    statement: Statement | None
    """None where it cannot be read."""
    signers: tuple[str, ...]
    """Key ids whose signature is one of this statement, by the public keys that the bundle brings."""
    vouched: tuple[str, ...]
    """Of the keys and identities that were asked for, those that have signed, as the user calls them."""
    claims: tuple[Claim, ...]
    """Who Sigstore signatures say that has signed this statement; verified are those that were asked for."""
    missing_evidence: tuple[str, ...]
    """Evidence that the record names and that was not packed."""

    @property
    def code(self) -> ExitCode:
        """What was altered outranks what could not be told."""
        kinds = {one.kind for one in self.findings}
        if kinds - {Kind.UNJUDGED}:
            return ExitCode.NOT_CONFORMANT
        return ExitCode.NOT_EVALUATED if kinds else ExitCode.OK


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Contents]:
    """The contents of a bundle, of a file or unpacked. Raises BundleError and its kin."""
    if path.is_dir():
        yield unpacked.contents(path)
    else:
        with archive.opened(path) as found:
            yield found.contents()


def verify(path: Path, *, asked: Sequence[Asked] = (), judge: Judge | None = None) -> Report:
    """Look at everything in a bundle. ``asked`` are keys, and that of ``judge`` an identity, that have to have signed.

    Raises BundleError where there is nothing, Unreadable where it is no bundle or damaged beyond telling.
    """
    with opened(path) as contents:
        return examine(contents, source=path, asked=asked, judge=judge)


def examine(contents: Contents, *, source: Path, asked: Sequence[Asked] = (), judge: Judge | None = None) -> Report:
    """Look at everything in what was opened."""
    findings: list[Finding] = []
    listed = _manifest(contents, findings)
    said = _statement(contents, findings)
    subjects = said.digests if said is not None else None
    if listed is None and subjects is None:
        beginning = f"{source} is no bundle, or damaged beyond telling: neither {names.MANIFEST} nor {names.STATEMENT}"
        hint = " Pack a run with `ai-conformance bundle create`." if writer.RUN_JSON in contents.digests else ""
        raise Unreadable(f"{beginning} can be read.{hint}")
    findings += _unpackable(listed, subjects)
    signed = _signatures(contents, asked)
    findings += signed.findings
    claims = _claims(contents, findings, agreed=bool(signed.signers or signed.asked))
    findings += _files(contents.digests, listed, subjects)
    gone = {one.path for one in findings if one.kind is Kind.REMOVED}
    findings += contents.form({*(listed or {}), *(subjects or {}), *gone})
    # Of a file whose header is damaged, or whose place a link has taken, that says more than that it is gone.
    altered = {one.path for one in findings if one.kind is Kind.ALTERED}
    findings = [one for one in findings if one.kind is not Kind.REMOVED or one.path not in altered]
    changed = {one.path for one in findings}
    record, missing = _agreement(contents, findings, changed=changed)
    if record is not None and said is not None and names.STATEMENT not in changed:
        made = statement.of(record, digests=said.digests)
        findings += [
            Finding(kind=Kind.ALTERED, path=names.STATEMENT, sentence=one) for one in statement.differences(said, made)
        ]
    findings += [
        Finding(kind=Kind.UNSIGNED, path=str(source), sentence=f"{one.name} has not signed it")
        for one in asked
        if one not in signed.asked
    ]
    if judge is not None:
        claims = _judged(contents, claims, judge, findings, source=source)
    return Report(
        findings=tuple(findings),
        files=len(subjects if subjects is not None else listed or ()),
        statement=said,
        signers=signed.signers,
        vouched=(
            *(one.name for one in signed.asked),
            *((judge.name,) if judge is not None and any(one.verified for one in claims) else ()),
        ),
        claims=claims,
        missing_evidence=missing,
    )


def _manifest(contents: Contents, findings: list[Finding]) -> dict[str, str] | None:
    if names.MANIFEST not in contents.digests:
        findings.append(Finding(kind=Kind.REMOVED, path=names.MANIFEST))
        return None
    try:
        return manifest.read(contents.read(names.MANIFEST))
    except manifest.MalformedManifest as error:
        findings.append(Finding(kind=Kind.ALTERED, path=names.MANIFEST, sentence=str(error)))
        return None


def _statement(contents: Contents, findings: list[Finding]) -> Statement | None:
    if names.STATEMENT not in contents.digests:
        findings.append(Finding(kind=Kind.REMOVED, path=names.STATEMENT))
        return None
    try:
        return statement.read(contents.read(names.STATEMENT))
    except statement.MalformedStatement as error:
        findings.append(Finding(kind=Kind.ALTERED, path=names.STATEMENT, sentence=str(error)))
        return None


def _unpackable(*digests: Mapping[str, str] | None) -> Iterator[Finding]:
    for name, listed in zip((names.MANIFEST, names.STATEMENT), digests, strict=True):
        for path in listed or ():
            fault = names.fault(path) or (None if path.startswith(names.RUN) else f"it is not in {names.RUN}")
            if fault:
                yield Finding(kind=Kind.ALTERED, path=name, sentence=f"it names {path}, which no bundle has: {fault}")


def _files(
    found: Mapping[str, str],
    listed: Mapping[str, str] | None,
    subjects: Mapping[str, str] | None,
) -> Iterator[Finding]:
    """Compare what is there with what both lists say; where two of the three agree, the third was changed."""
    both = listed is not None and subjects is not None
    first = listed if listed is not None else subjects or {}
    second = subjects if subjects is not None else first
    for path in sorted({*found, *first, *second}, key=names.order):
        own, manifested, stated = found.get(path), first.get(path), second.get(path)
        if own == manifested == stated or (manifested is stated is None and names.is_of_bundle(path)):
            continue
        if both and own == stated:
            yield Finding(kind=Kind.ALTERED, path=names.MANIFEST, sentence=_otherwise(path, manifested, own))
        elif both and own == manifested:
            yield Finding(kind=Kind.ALTERED, path=names.STATEMENT, sentence=_otherwise(path, stated, own))
        elif own is None:
            yield Finding(kind=Kind.REMOVED, path=path)
        elif manifested is stated is None:
            yield Finding(kind=Kind.ADDED, path=path)
        else:
            said = dict.fromkeys(one for one in (manifested, stated) if one is not None)
            yield Finding(kind=Kind.ALTERED, path=path, sentence=f"its SHA-256 is {own}, not {' or '.join(said)}")


def _otherwise(path: str, said: str | None, found: str | None) -> str:
    if said is None:
        return f"it does not name {path}"
    return f"it says {said} of {path}, " + (f"which has {found}" if found else "which is not there")


def _agreement(
    contents: Contents, findings: list[Finding], *, changed: Collection[str]
) -> tuple[RunRecord | None, tuple[str, ...]]:
    """The record, and the evidence that it names and that is not there."""
    if _RECORD not in contents.digests or _RECORD in changed:
        return None, ()
    try:
        record = agreement.record(contents.read(_RECORD))
    except agreement.NoRecord as error:
        findings.append(Finding(kind=Kind.UNJUDGED, path=_RECORD, sentence=str(error)))
        return None, ()
    files = {path.removeprefix(names.RUN) for path in contents.digests if path.startswith(names.RUN)}
    for one in agreement.differences(record, files=files, read=lambda name: contents.read(names.RUN + name)):
        path = names.RUN + one.name
        if path not in changed:
            altered = Kind.ALTERED if path in contents.digests else Kind.REMOVED
            kind = altered if one.judged else Kind.UNJUDGED
            findings.append(Finding(kind=kind, path=path, sentence=f"it {one.sentence}"))
    return record, agreement.missing_evidence(record, files=files)


def _signatures(contents: Contents, asked: Sequence[Asked]) -> Signed:
    from ai_conformance.evidence.bundle import signatures  # noqa: PLC0415 - an unsigned bundle needs no cryptography

    return signatures.examine(contents, asked=asked)


def _claims(contents: Contents, findings: list[Finding], *, agreed: bool) -> tuple[Claim, ...]:
    if not any(path.startswith(names.SIGSTORE) for path in contents.digests):
        return ()
    from ai_conformance.evidence.bundle.keyless import files  # noqa: PLC0415 - as below

    said = tuple(files.examine(contents, agreed=agreed))
    findings += [one for one in said if isinstance(one, Finding)]
    return tuple(one for one in said if isinstance(one, Claim))


def _judged(
    contents: Contents, claims: tuple[Claim, ...], judge: Judge, findings: list[Finding], *, source: Path
) -> tuple[Claim, ...]:
    """The claims, with those verified that the judge holds for true; findings tell where none is."""
    try:
        faults = {
            one.path: judge.fault(contents.read(one.path), statement=contents.read(names.STATEMENT)) for one in claims
        }
    except Unreachable as error:
        # What is known of the bundle without it shall not be lost.
        findings.append(Finding(kind=Kind.UNJUDGED, path=str(source), sentence=str(error)))
        return claims
    if None not in faults.values():
        # Of what others have signed it says nothing that it is not a signature of this one.
        alleged = [one.path for one in claims if (one.identity, one.issuer) == (judge.identity, judge.issuer)]
        findings += [
            Finding(kind=Kind.UNSIGNED, path=path, sentence=f"{judge.name} has not signed it: {faults[path]}")
            for path in alleged
        ] or [Finding(kind=Kind.UNSIGNED, path=str(source), sentence=f"{judge.name} has not signed it")]
    return tuple(dataclasses.replace(one, verified=faults[one.path] is None) for one in claims)
