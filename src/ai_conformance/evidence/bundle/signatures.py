"""Whose signatures a bundle has, and whether they are of this statement.

A bundle brings the public half of every key that has signed it, so that a damaged signature is found by anybody. That
shows which key signed, never whose key it is: only a public key from elsewhere does that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

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
    brought = {key_id: path for path in contents.digests if (key_id := names.key_id(path)) is not None}
    if names.ENVELOPE not in contents.digests:
        if not brought:
            return Signed()
        return Signed(findings=(Finding(kind=Kind.REMOVED, path=names.ENVELOPE, sentence="there are keys of signers"),))
    try:
        found = envelope.read(contents.read(names.ENVELOPE))
    except envelope.MalformedEnvelope as error:
        return Signed(findings=(Finding(kind=Kind.ALTERED, path=names.ENVELOPE, sentence=str(error)),))
    findings: list[Finding] = []
    signers = []
    for key_id in found.signatures:
        fault = _signature(contents, found, key_id=key_id)
        if fault is None:
            signers.append(key_id)
        else:
            findings.append(fault)
    findings += [
        Finding(kind=Kind.ADDED, path=path, sentence="it belongs to no signature")
        for key_id, path in brought.items()
        if key_id not in found.signatures
    ]
    vouched = tuple(one for one in asked if envelope.is_signed_by(found, one.key))
    if names.STATEMENT in contents.digests and contents.read(names.STATEMENT) != found.payload:
        # A sound signature shows which of the two is the one that was signed.
        changed = names.STATEMENT if signers or vouched else names.ENVELOPE
        sentence = f"{names.ENVELOPE} holds another statement than {names.STATEMENT}"
        findings.append(Finding(kind=Kind.ALTERED, path=changed, sentence=sentence))
        return Signed(findings=tuple(findings))
    return Signed(findings=tuple(findings), signers=tuple(signers), asked=vouched)


def _signature(contents: Contents, found: Envelope, *, key_id: str) -> Finding | None:
    path = names.of_key(key_id)
    if path not in contents.digests:
        return Finding(kind=Kind.REMOVED, path=path, sentence="the key of one of the signatures")
    data = contents.read(path)
    try:
        key = keys.public(data)
    except keys.MalformedKey as error:
        return Finding(kind=Kind.ALTERED, path=path, sentence=str(error))
    if keys.pem(key) != data or keys.identity(key) != key_id:
        return Finding(kind=Kind.ALTERED, path=path, sentence="it is not the key of which it has the name")
    if not envelope.is_signed_by(found, key):
        sentence = f"the signature of the key {key_id} is not one of this statement"
        return Finding(kind=Kind.ALTERED, path=names.ENVELOPE, sentence=sentence)
    return None
