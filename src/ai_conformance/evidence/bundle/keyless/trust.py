"""What is trusted: the roots of the public Sigstore, as its library finds them, or those of one's own."""

from __future__ import annotations

from pathlib import Path

from sigstore.errors import Error
from sigstore.models import ClientTrustConfig

from ai_conformance.evidence.bundle.errors import BundleError, Unreachable
from ai_conformance.evidence.bundle.keyless import reasons

_MAX_BYTES = 4 * 1024 * 1024
"""That of the public Sigstore has some ten thousand."""


def given(file: Path) -> ClientTrustConfig:
    """What a user's file says. Raises BundleError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BundleError(f"{file} cannot be read: {error.strerror}") from None
    if len(data) > _MAX_BYTES:
        raise BundleError(f"{file} is too large for a trust configuration")
    try:
        found = ClientTrustConfig.from_json(data.decode())
        # Both are only looked at when they are asked for, and that is too late for a user's mistake.
        _ = found.trusted_root, found.signing_config
    except (Error, ValueError) as error:
        why = reasons.of(error)
        raise BundleError(f"{file} is no client trust configuration of Sigstore (ClientTrustConfig): {why}") from None
    return found


def public() -> ClientTrustConfig:
    """What the public Sigstore says today, by The Update Framework. Raises Unreachable."""
    try:
        return ClientTrustConfig.production()
    except (Error, OSError, ValueError) as error:
        raise Unreachable(
            f"the trusted root of the public Sigstore could not be fetched: {reasons.of(error)}; "
            "go where there is a network, or name what you trust with --trust-config"
        ) from error
