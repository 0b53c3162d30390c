"""A little Sigstore of our own: what the public one is made of, as far as a client sees it.

    authorities   issues certificates to identities, as Fulcio does, each with the promise of a log of certificates
    log           takes signatures up, as Rekor does: a Merkle tree, a signed checkpoint, a promise with the time
    timestamps    says when it has seen a signature
    deployment    all of it together: signs without the library, and says what a client has to trust
    service       the same over HTTP on loopback, for the library to sign with

None of it leaves the machine, and everything that it makes is judged by the real library.
"""

from __future__ import annotations

from little_sigstore.deployment import Deployment, token

__all__ = ["Deployment", "token"]
