"""Whether Sigstore's library is there. It is an extra: it brings fourteen more packages, and most users need none."""

from __future__ import annotations

import importlib.util

from ai_conformance.evidence.bundle.errors import BundleError


def needed(what: str) -> None:
    """Raise BundleError where the library is not installed, of which ``what`` has need."""
    if importlib.util.find_spec("sigstore") is None:
        raise BundleError(
            f"{what} needs Sigstore's library, which is not installed; "
            "install the extra: pip install 'kube-ai-conformance[sigstore]'"
        )
