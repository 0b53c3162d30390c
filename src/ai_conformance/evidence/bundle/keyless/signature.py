"""``sigstore/<SHA-256>.json``: a Sigstore bundle, version 0.3, that holds the statement in a DSSE envelope.

The form is https://github.com/sigstore/protobuf-specs. Here only that is looked at which shows whose signature it
claims to be and that it is one of its statement; the proofs that the claim is true are for `judging`.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import warnings
from typing import Final, Literal

import pydantic
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from ai_conformance.evidence.bundle import envelope
from ai_conformance.evidence.bundle.statement import PAYLOAD_TYPE

_ISSUER: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
"""https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md; the library verifies this one too."""

_UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    CryptographyDeprecationWarning,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

_MORE: Final = pydantic.ConfigDict(extra="ignore", strict=True)


class MalformedSignature(Exception):  # noqa: N818 - it says what the file is
    """The file is no such signature; the message says why."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Signature:
    """What a file holds."""

    statement: bytes
    certificate: bytes
    """In PEM."""
    identity: str
    issuer: str


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_MORE)
class _Bytes:
    rawBytes: str  # noqa: N815 - the names that Sigstore and DSSE gave


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_MORE)
class _Material:
    certificate: _Bytes


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_MORE)
class _Signed:
    sig: str


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_MORE)
class _Envelope:
    payload: str
    payloadType: Literal["application/vnd.in-toto+json"]  # noqa: N815
    signatures: list[_Signed]


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_MORE)
class _Shape:
    mediaType: Literal["application/vnd.dev.sigstore.bundle.v0.3+json"]  # noqa: N815
    verificationMaterial: _Material  # noqa: N815
    dsseEnvelope: _Envelope  # noqa: N815


def read(data: bytes) -> Signature:
    """The signature in a file. Raises MalformedSignature, also where it is none of the statement that it holds."""
    try:
        shape = _adapter().validate_json(data)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MalformedSignature(f"it is no Sigstore bundle: {place or 'it'}: {first['msg']}") from None
    signed = shape.dsseEnvelope
    if len(signed.signatures) != 1:
        raise MalformedSignature(f"it has {len(signed.signatures)} signatures, not one")
    try:
        statement, signature, der = (
            base64.b64decode(one, validate=True)
            for one in (signed.payload, signed.signatures[0].sig, shape.verificationMaterial.certificate.rawBytes)
        )
    except ValueError as error:
        raise MalformedSignature(f"it is no Sigstore bundle: {error}") from None
    try:
        # What it only warns of, a later release of cryptography does not read.
        with warnings.catch_warnings(action="error", category=CryptographyDeprecationWarning):
            certificate = x509.load_der_x509_certificate(der)
            key = certificate.public_key()
            identities, issuer = _named(certificate)
    except _UNREADABLE as error:
        raise MalformedSignature(f"its certificate cannot be read: {error}") from None
    if len(identities) != 1:
        raise MalformedSignature(f"its certificate names {len(identities)} identities, not one")
    if not isinstance(key, EllipticCurvePublicKey):
        raise MalformedSignature("its key is of a kind that Sigstore's Python client does not verify")
    try:
        key.verify(signature, envelope.around(statement).pae(), ECDSA(SHA256()))
    except InvalidSignature:
        raise MalformedSignature("its signature is not one of the statement in it") from None
    pem = certificate.public_bytes(Encoding.PEM)
    return Signature(statement=statement, certificate=pem, identity=identities[0], issuer=issuer)


def _named(certificate: x509.Certificate) -> tuple[list[str], str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [], ""
    identities = [
        *names.get_values_for_type(x509.RFC822Name),
        *names.get_values_for_type(x509.UniformResourceIdentifier),
    ]
    try:
        issuer = certificate.extensions.get_extension_for_oid(_ISSUER).value
    except x509.ExtensionNotFound:
        return identities, ""
    assert isinstance(issuer, x509.UnrecognizedExtension), "cryptography knows nothing of Sigstore"
    return identities, issuer.value.decode()


@functools.cache
def _adapter() -> pydantic.TypeAdapter[_Shape]:
    assert PAYLOAD_TYPE == "application/vnd.in-toto+json", "the envelope's type is spelt out above for the type checker"
    return pydantic.TypeAdapter(_Shape)
