"""Adds the signature of a key to a bundle, beside those that it has."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ai_conformance.evidence.bundle import adding, envelope, keys, limits, names, writing
from ai_conformance.evidence.bundle.errors import Refused


def sign(bundle: Path, key: Ed25519PrivateKey) -> tuple[str, ...]:
    """Sign a bundle in its file; gives the ids of all keys that have signed it now.

    Signing again with the same key changes nothing. Raises as `adding.opened` does.
    """
    with adding.opened(bundle) as sound:
        signed = bool(sound.report.signers)
        found = envelope.read(sound.contents.read(names.ENVELOPE)) if signed else envelope.around(sound.statement)
        envelope.sign(found, key)
        if len(found.signatures) > limits.MAX_SIGNATURES:
            raise Refused(f"{bundle} has {limits.MAX_SIGNATURES} signatures, and no bundle has more")
        public = key.public_key()
        sound.put(
            writing.of_bytes(names.ENVELOPE, envelope.text(found).encode()),
            writing.of_bytes(names.of_key(keys.identity(public)), keys.pem(public)),
        )
        return tuple(sorted(found.signatures))
