"""Whose signatures a bundle has, and whether they are of this statement.

A bundle brings the public half of every key that has signed it, so that a damaged signature is found by anybody. That
shows which key signed, never whose key it is: only a public key from elsewhere does that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.dsse import Envelope

from ai_conformance.evidence.bundle import envelope, keys, names
from ai_conformance.evidence.bundle.contents import Contents
from ai_conformance.evidence.bundle.findings import Finding, Kind


@dataclasses.dataclass(frozen=True, kw_only=True)
class Asked:
    """A public key of the user's that has to have signed."""

    name: str
    """As the user calls it."""
    key: Ed25519PublicKey


@dataclasses.dataclass(frozen=True, kw_only=True)
class Signed:
    """What the signatures are worth."""

    findings: tuple[Finding, ...] = ()
    signers: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    """Those that have signed."""


def examine(contents: Contents, *, asked: Sequence[Asked]) -> Signed:
    """Look at the envelope and at the keys that the bundle brings."""
    findings: list[Finding] = []
    brought = {key_id: path for path in contents.digests if (key_id := names.key_id(path)) is not None}
    sound = dict(_keys(contents, brought, findings))
    found = _envelope(contents, findings, needed=bool(brought))
    if found is None:
        return Signed(findings=tuple(findings))
    signers: list[str] = []
    used: set[str | None] = set(found.signatures)
    for key_id in found.signatures:
        if key_id in sound and envelope.is_signed_by(found, sound[key_id]):
            signers.append(key_id)
        elif key_id in sound:
            sentence = f"the signature of the key {key_id} is not one of this statement"
            findings.append(Finding(kind=Kind.ALTERED, path=names.ENVELOPE, sentence=sentence))
        elif key_id not in brought:
            other = next((one for one, key in sound.items() if envelope.is_signed_by(found, key, as_id=key_id)), None)
            findings.append(_keyless(key_id, other=other))
            used.add(other)
    findings += [
        Finding(kind=Kind.ADDED, path=path, sentence="it belongs to no signature")
        for key_id, path in brought.items()
        if key_id not in used
    ]
    vouched = tuple(one for one in asked if envelope.is_signed_by(found, one.key))
    if names.STATEMENT in contents.digests and contents.read(names.STATEMENT) != found.payload:
        # A sound signature shows which of the two is the one that was signed.
        changed = names.STATEMENT if signers or vouched else names.ENVELOPE
        sentence = f"{names.ENVELOPE} holds another statement than {names.STATEMENT}"
        findings.append(Finding(kind=Kind.ALTERED, path=changed, sentence=sentence))
        return Signed(findings=tuple(findings))
    return Signed(findings=tuple(findings), signers=tuple(signers), asked=vouched)


def _keyless(key_id: str, *, other: str | None) -> Finding:
    if other is not None:
        sentence = f"it says that the key {key_id} has signed, and it was {other}"
        return Finding(kind=Kind.ALTERED, path=names.ENVELOPE, sentence=sentence)
    return Finding(kind=Kind.REMOVED, path=names.of_key(key_id), sentence="the key of one of the signatures")


def _envelope(contents: Contents, findings: list[Finding], *, needed: bool) -> Envelope | None:
    if names.ENVELOPE not in contents.digests:
        if needed:
            findings.append(Finding(kind=Kind.REMOVED, path=names.ENVELOPE, sentence="there are keys of signers"))
        return None
    try:
        return envelope.read(contents.read(names.ENVELOPE))
    except envelope.MalformedEnvelope as error:
        findings.append(Finding(kind=Kind.ALTERED, path=names.ENVELOPE, sentence=str(error)))
        return None


def _keys(
    contents: Contents, brought: Mapping[str, str], findings: list[Finding]
) -> Iterator[tuple[str, Ed25519PublicKey]]:
    """The keys that are what their names say."""
    for key_id, path in brought.items():
        data = contents.read(path)
        try:
            key = keys.public(data)
        except keys.MalformedKey as error:
            findings.append(Finding(kind=Kind.ALTERED, path=path, sentence=str(error)))
            continue
        if keys.identity(key) == key_id and keys.pem(key) == data:
            yield key_id, key
        else:
            findings.append(Finding(kind=Kind.ALTERED, path=path, sentence="it is not the key that it is named after"))
