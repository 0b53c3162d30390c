"""Whether a signature is that of an identity: Sigstore's library decides, without asking any service."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from sigstore.errors import Error
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from ai_conformance.evidence.bundle.errors import BundleError
from ai_conformance.evidence.bundle.keyless import reasons
from ai_conformance.evidence.bundle.statement import PAYLOAD_TYPE

_REFUSALS: Final = (
    Error,
    # What the library lets through of files that somebody made up.
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    UnsupportedAlgorithm,
    struct.error,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)


class Judge:
    """Holds signatures against one identity and one root."""

    def __init__(self, *, identity: str, issuer: str, trusted: Callable[[], ClientTrustConfig]) -> None:
        """``trusted`` is only called when there is a signature to judge."""
        self.identity = identity
        self.issuer = issuer
        self._trusted = trusted

    @property
    def name(self) -> str:
        """Who has to have signed."""
        return f"{self.identity} ({self.issuer})"

    def fault(self, data: bytes, *, statement: bytes) -> str | None:
        """Why it is no signature of the identity under the statement; None where it is one.

        Raises Unreachable where the root cannot be fetched, BundleError where it is no use.
        """
        verifier = self._verifier
        try:
            kind, payload = verifier.verify_dsse(
                Bundle.from_json(data), Identity(identity=self.identity, issuer=self.issuer)
            )
        except _REFUSALS as error:
            return reasons.of(error)
        return None if (kind, payload) == (PAYLOAD_TYPE, statement) else "it holds another statement"

    @functools.cached_property
    def _verifier(self) -> Verifier:
        config = self._trusted()
        try:
            return Verifier(trusted_root=config.trusted_root)
        except (Error, ValueError) as error:
            raise BundleError(f"the trust configuration cannot be used: {reasons.of(error)}") from None
