"""The Sigstore signatures of a bundle: whether each is what it was when it was added, and one of this statement.

Nearly everything in such a file is proof from elsewhere, and without a trusted root nobody can tell whether a byte of
it was changed. So it is named by its SHA-256. Beside it is the certificate, for people with openssl; as each of the two
shows that the other has to be there, it is noticed if one is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from ai_conformance.evidence.bundle import limits, names
from ai_conformance.evidence.bundle.claims import Claim
from ai_conformance.evidence.bundle.contents import Contents
from ai_conformance.evidence.bundle.findings import Finding, Kind
from ai_conformance.evidence.bundle.keyless import signature
from ai_conformance.evidence.bundle.keyless.signature import MalformedSignature


def examine(contents: Contents, *, agreed: bool) -> Iterator[Finding | Claim]:
    """Look at all of them. ``agreed`` tells that the signature of a key shows which statement was signed."""
    digests = dict.fromkeys(one for path in contents.digests if (one := names.sigstore_digest(path)) is not None)
    for number, digest in enumerate(digests):
        if number < limits.MAX_SIGNATURES:
            yield from _one(contents, digest, agreed=agreed)
        else:
            sentence = f"no bundle has more than {limits.MAX_SIGNATURES} signatures by way of Sigstore"
            yield Finding(kind=Kind.ADDED, path=names.of_sigstore(digest), sentence=sentence)


def _one(contents: Contents, digest: str, *, agreed: bool) -> Iterator[Finding | Claim]:
    path, pem = names.of_sigstore(digest), names.of_certificate(digest)
    if path not in contents.digests:
        yield Finding(kind=Kind.REMOVED, path=path, sentence="its certificate is there")
        return
    if pem not in contents.digests:
        yield Finding(kind=Kind.REMOVED, path=pem, sentence="the certificate of one of the signatures")
    if contents.digests[path] != digest:
        sentence = f"its SHA-256 is {contents.digests[path]}, and not the one that it is named after"
        yield Finding(kind=Kind.ALTERED, path=path, sentence=sentence)
        return
    try:
        found = signature.read(contents.read(path))
    except MalformedSignature as error:
        yield Finding(kind=Kind.ALTERED, path=path, sentence=str(error))
        return
    if pem in contents.digests and contents.read(pem) != found.certificate:
        yield Finding(kind=Kind.ALTERED, path=pem, sentence="it is not the certificate of the signature beside it")
    if names.STATEMENT in contents.digests and contents.read(names.STATEMENT) != found.statement:
        # As with the envelope: the signature is sound, so the statement is what was changed, if nothing speaks for it.
        changed = path if agreed else names.STATEMENT
        yield Finding(kind=Kind.ALTERED, path=changed, sentence=f"{path} holds another statement")
        return
    yield Claim(path=path, identity=found.identity, issuer=found.issuer)
