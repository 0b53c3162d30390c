"""Adds a signature by way of Sigstore to a bundle, beside those that it has.

The statement goes to the log of signatures, and the identity into two logs that anybody can read, for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

# No public module has these, and none is an `Error` of the library.
from sigstore._internal.fulcio.client import ExpiredCertificate, FulcioClientError
from sigstore._internal.rekor import RekorClientError
from sigstore.dsse import Statement
from sigstore.errors import Error
from sigstore.models import ClientTrustConfig
from sigstore.oidc import ExpiredIdentity, IdentityToken
from sigstore.sign import SigningContext

from ai_conformance.evidence.bundle import adding, limits, names, writing
from ai_conformance.evidence.bundle.claims import Claim
from ai_conformance.evidence.bundle.errors import Refused, Unreachable
from ai_conformance.evidence.bundle.keyless import reasons, signature
from ai_conformance.evidence.bundle.keyless.judging import Judge

_FAILURES: Final = (
    Error,
    ExpiredCertificate,
    ExpiredIdentity,
    FulcioClientError,
    RekorClientError,
    # `requests` raises kin of OSError; the others come of answers that are none.
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
)

_PROOFS_BYTES: Final = 1024 * 1024
"""More than a signature has beside the statement: some thousand bytes."""


def sign(bundle: Path, token: IdentityToken, *, trusted: Callable[[], ClientTrustConfig]) -> Claim:
    """Sign a bundle in its file; gives who has signed, as the certificate says.

    ``trusted`` is only called when the bundle can be signed, as it may have to fetch something. Raises as
    `adding.opened` does, and Unreachable where the services did not make a signature that can be verified.
    """
    with adding.opened(bundle) as sound:
        if len(sound.report.claims) >= limits.MAX_SIGNATURES:
            raise Refused(f"{bundle} has {limits.MAX_SIGNATURES} Sigstore signatures, and no bundle has more")
        statement = sound.statement
        if len(statement) * 4 // 3 + _PROOFS_BYTES > limits.MAX_RECORD_BYTES:
            raise Refused(f"what {bundle} says is too long for a Sigstore signature; sign it with --key")
        config = trusted()
        data = _signed(bundle, statement, token, config)
        found = _checked(bundle, data, statement, config)
        digest = hashlib.sha256(data).hexdigest()
        path = names.of_sigstore(digest)
        sound.put(writing.of_bytes(path, data), writing.of_bytes(names.of_certificate(digest), found.certificate))
        return Claim(path=path, identity=found.identity, issuer=found.issuer, verified=True)


def _signed(bundle: Path, statement: bytes, token: IdentityToken, config: ClientTrustConfig) -> bytes:
    try:
        with SigningContext.from_trust_config(config).signer(token) as signer:
            return signer.sign_dsse(Statement(statement)).to_json().encode() + b"\n"
    except _FAILURES as error:
        raise Unreachable(f"{bundle} was not signed by way of Sigstore: {reasons.of(error)}") from error


def _checked(bundle: Path, data: bytes, statement: bytes, config: ClientTrustConfig) -> signature.Signature:
    """What was made, held against the same roots: the library does not look at what the log answers."""
    try:
        found = signature.read(data)
    except signature.MalformedSignature as error:
        raise Unreachable(f"{bundle} was not signed: what Sigstore answered is of no use: {error}") from None
    judge = Judge(identity=found.identity, issuer=found.issuer, trusted=lambda: config)
    fault = judge.fault(data, statement=statement)
    if fault is not None:
        raise Unreachable(f"{bundle} was not signed: what Sigstore answered does not verify: {fault}")
    return found
