"""Adds a signature to a bundle, beside those that it has. Only to one of which nothing was altered."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ai_conformance.evidence.bundle import archive, envelope, keys, limits, names, verifying, writing
from ai_conformance.evidence.bundle.errors import Altered, BundleError, Refused, Unreadable
from ai_conformance.evidence.bundle.writing import Part
from ai_conformance.model.verdicts import ExitCode


def sign(bundle: Path, key: Ed25519PrivateKey) -> tuple[str, ...]:
    """Sign a bundle in its file; gives the ids of all keys that have signed it now.

    Signing again with the same key changes nothing. Raises BundleError where it is no bundle in a file, Altered where
    it is not what was packed, Unreadable where that cannot be told.
    """
    if bundle.is_dir():
        raise BundleError(f"{bundle} is a folder; sign the bundle that it was unpacked from")
    with archive.opened(bundle) as opened:
        contents = opened.contents()
        report = verifying.examine(contents, source=bundle)
        if report.code is ExitCode.NOT_CONFORMANT:
            raise Altered(f"{bundle} is not what was packed ({report.findings[0]}); nobody should vouch for it")
        if report.code is not ExitCode.OK:
            raise Unreadable(f"{bundle} cannot be judged ({report.findings[0]}); nobody should vouch for it")
        said = contents.read(names.STATEMENT)
        found = envelope.read(contents.read(names.ENVELOPE)) if report.signers else envelope.around(said)
        envelope.sign(found, key)
        if len(found.signatures) > limits.MAX_SIGNATURES:
            raise Refused(f"{bundle} has {limits.MAX_SIGNATURES} signatures, and no bundle has more")
        public = key.public_key()
        own = names.of_key(keys.identity(public))
        kept = [
            Part(
                path=path,
                size_bytes=contents.sizes[path],
                sha256=digest,
                content=functools.partial(opened.chunks, path),
            )
            for path, digest in contents.digests.items()
            if path not in (names.ENVELOPE, own)
        ]
        added = (
            writing.of_bytes(names.ENVELOPE, envelope.text(found).encode()),
            writing.of_bytes(own, keys.pem(public)),
        )
        # A link to the bundle stays one.
        writing.write(Path(os.path.realpath(bundle)), (*kept, *added), replace=True)
        return tuple(sorted(found.signatures))
