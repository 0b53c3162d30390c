"""Who signs: an identity token (OpenID Connect) from a file, or the one that a CI system has for its jobs.

No browser is opened: where somebody sits in front of one, `sigstore get-identity-token` of the library does that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sigstore.oidc import IdentityError, IdentityToken, detect_credential

from ai_conformance.evidence.bundle.errors import BundleError
from ai_conformance.evidence.bundle.keyless import reasons

_MAX_BYTES: Final = 64 * 1024
"""A token has some thousand."""


def from_file(file: Path) -> IdentityToken:
    """The token in a user's file. Raises BundleError; what the file holds is in no message."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BundleError(f"{file} cannot be read: {error.strerror}") from None
    lines = data.split()
    if len(lines) != 1 or len(data) > _MAX_BYTES or not data.isascii():
        raise BundleError(f"{file} holds no identity token: one line is expected, and nothing else")
    return _token(lines[0].decode(), whose=f"the identity token in {file}")


def ambient() -> IdentityToken:
    """The token of the CI job that this is. Raises BundleError where it is none, or one without a token."""
    try:
        found = detect_credential()
    except IdentityError as error:
        raise BundleError(f"the CI system gave no identity token: {reasons.of(error)}") from None
    if found is None:
        raise BundleError(
            "nobody is here to sign as: this is no job of a CI system with identity tokens; "
            "give one with --identity-token (`sigstore get-identity-token` asks for it in a browser)"
        )
    return _token(found, whose="the identity token of the CI system")


def _token(raw: str, *, whose: str) -> IdentityToken:
    try:
        return IdentityToken(raw)
    except IdentityError as error:
        # What is wrong with it is in the error that caused it.
        raise BundleError(f"{whose} cannot be used: {reasons.of(error.__cause__ or error)}") from None
