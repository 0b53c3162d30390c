"""Keys as PEM files: ed25519 and nothing else, named by the SHA-256 of their public half.

The key id is what ``openssl pkey -pubin -in public.pem -outform DER | sha256sum`` prints.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ai_conformance.evidence.bundle.errors import BundleError

MAX_PEM_BYTES: Final = 64 * 1024
"""A key of this kind has some hundred bytes; what is larger was named by mistake."""

_PRIVATE: Final = b"PRIVATE KEY-----"
_MAKE_ONE: Final = "make one with `openssl genpkey -algorithm ed25519`"


class MalformedKey(Exception):  # noqa: N818 - it says what the data is
    """It is no public ed25519 key in PEM."""


class PassphraseNeeded(BundleError):  # noqa: N818 - named for what happened
    """The key is encrypted and no passphrase was given."""


def public(data: bytes) -> Ed25519PublicKey:
    """A public key. Raises MalformedKey."""
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedKey("it holds no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise MalformedKey("its key is not ed25519")
    return key


def public_file(path: Path) -> Ed25519PublicKey:
    """The public key in a user's file. Raises BundleError."""
    data = _read(path)
    if _PRIVATE in data:
        raise BundleError(
            f"{path} holds a private key; make its public half with `openssl pkey -in {path} -pubout` and give that"
        )
    try:
        return public(data)
    except MalformedKey as error:
        raise BundleError(f"{path} cannot be used: {error}") from None


def private_file(path: Path, *, passphrase: bytes | None) -> Ed25519PrivateKey:
    """The private key in a user's file. Raises PassphraseNeeded, and BundleError where it is none or it stays shut."""
    data = _read(path)
    if _PRIVATE not in data:
        raise BundleError(f"{path} holds no private key in PEM; {_MAKE_ONE}")
    encrypted = b"ENCRYPTED" in data
    if encrypted and passphrase is None:
        raise PassphraseNeeded(f"the key in {path} has a passphrase; give it with --passphrase-file")
    try:
        # A passphrase that an open key does not need is left unused: whoever gave it is right to sign all the same.
        key = load_pem_private_key(data, password=passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        why = "the passphrase is wrong, or the file is damaged" if encrypted else "the file is damaged"
        raise BundleError(f"the key in {path} cannot be read: {why}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError(f"the key in {path} is not ed25519; {_MAKE_ONE}")
    return key


def pem(key: Ed25519PublicKey) -> bytes:
    """The public key as a file."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def identity(key: Ed25519PublicKey) -> str:
    """The key id."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PEM_BYTES + 1)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_PEM_BYTES:
        raise BundleError(f"{path} is too large for a key")
    return data
