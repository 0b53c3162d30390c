"""Who a Sigstore signature says that has signed."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Claim:
    """A signature that is one of this statement, by the certificate that it brings."""

    path: str
    """Of the signature, in the bundle."""
    identity: str
    """An address or a URL, as the certificate has it."""
    issuer: str
    """The URL of whoever is said to know that identity; empty where the certificate does not say."""
    verified: bool = False
    """Whether it was held against a root that the reader trusts. If not, anybody can have written the certificate."""
