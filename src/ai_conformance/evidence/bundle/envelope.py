"""``statement.dsse.json``: the statement with the signatures under it (DSSE, https://github.com/secure-systems-lab/dsse).

Several people may sign; the signatures are in the order of their key ids, so that the order of signing leaves no trace.
"""

from __future__ import annotations

import functools
import json
from typing import Final

import pydantic
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

from ai_conformance.evidence.bundle import keys, limits
from ai_conformance.evidence.bundle.statement import PAYLOAD_TYPE

_STRICT: Final = pydantic.ConfigDict(extra="forbid", strict=True)


class MalformedEnvelope(Exception):  # noqa: N818 - it says what the file is
    """The file is no envelope; the message says why."""


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class _Signature:
    keyid: str
    sig: str


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True, config=_STRICT)
class _Shape:
    payload: str
    payloadType: str  # noqa: N815 - the name that DSSE gave it
    signatures: list[_Signature]


def around(statement: bytes) -> Envelope:
    """An envelope that nobody has signed yet."""
    return Envelope(statement, PAYLOAD_TYPE, {})


def sign(envelope: Envelope, key: Ed25519PrivateKey) -> None:
    """Add a signature; another one of the same key is the same."""
    envelope.sign(CryptoSigner(key, _named(key.public_key())))


def is_signed_by(envelope: Envelope, key: Ed25519PublicKey, *, as_id: str = "") -> bool:
    """Whether the key's signature is there, or is that of another id, and is one of this statement."""
    own = keys.identity(key)
    signature = envelope.signatures.get(as_id or own)
    if signature is None:
        return False
    try:
        _named(key).verify_signature(Signature(own, signature.signature), envelope.pae())
    except UnverifiedSignatureError:
        return False
    return True


def text(envelope: Envelope) -> str:
    """The content of the file."""
    plain = envelope.to_dict()
    plain["signatures"] = sorted(plain["signatures"], key=lambda one: str(one["keyid"]))
    return json.dumps(plain, indent=2) + "\n"


def read(data: bytes) -> Envelope:
    """The envelope in a file. Raises MalformedEnvelope, also where it is not written as `text` writes it."""
    try:
        shape = _adapter().validate_json(data)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MalformedEnvelope(f"it is no envelope: {place or 'it'}: {first['msg']}") from None
    if not 0 < len(shape.signatures) <= limits.MAX_SIGNATURES:
        raise MalformedEnvelope(f"it has {len(shape.signatures)} signatures, not 1 to {limits.MAX_SIGNATURES}")
    try:
        found = Envelope.from_dict(json.loads(data))
        same = text(found).encode() == data
    except ValueError as error:
        raise MalformedEnvelope(f"it is no envelope: {error}") from None
    if not same:
        raise MalformedEnvelope("it is not written as an envelope is")
    if found.payload_type != PAYLOAD_TYPE:
        raise MalformedEnvelope("it holds something else than an in-toto statement")
    return found


def _named(key: Ed25519PublicKey) -> SSlibKey:
    return SSlibKey.from_crypto(key, keyid=keys.identity(key))


@functools.cache
def _adapter() -> pydantic.TypeAdapter[_Shape]:
    return pydantic.TypeAdapter(_Shape)
