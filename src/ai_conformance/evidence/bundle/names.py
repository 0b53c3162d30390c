"""The paths in a bundle: which there are, in which order, and which no bundle can hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ai_conformance.evidence.bundle import limits

MANIFEST: Final = "manifest.sha256"
STATEMENT: Final = "statement.json"
ENVELOPE: Final = "statement.dsse.json"
KEYS: Final = "keys/"
SIGSTORE: Final = "sigstore/"
RUN: Final = "run/"

SUFFIX: Final = ".bundle.tar"

_KEY: Final = re.compile(r"keys/([0-9a-f]{64})\.pem", re.ASCII)
_OF_SIGSTORE: Final = re.compile(r"sigstore/([0-9a-f]{64})\.(json|pem)", re.ASCII)
_META: Final = (MANIFEST, STATEMENT, ENVELOPE)


def order(path: str) -> tuple[int, bytes]:
    """Where a path stands in the archive: what explains the rest first, the run's files last, by their bytes."""
    folders = (KEYS, SIGSTORE)
    folder = next((number for number, one in enumerate(folders) if path.startswith(one)), len(folders))
    rank = _META.index(path) if path in _META else len(_META) + folder
    return rank, path.encode("utf-8", "surrogateescape")


def of_key(key_id: str) -> str:
    """Where the public half of a key is."""
    return f"{KEYS}{key_id}.pem"


def key_id(path: str) -> str | None:
    """The key whose public half is at a path; None where the path is no key's."""
    found = _KEY.fullmatch(path)
    return found[1] if found else None


def of_sigstore(digest: str) -> str:
    """Where the Sigstore signature with that SHA-256 is."""
    return f"{SIGSTORE}{digest}.json"


def of_certificate(digest: str) -> str:
    """Where the certificate of that signature is."""
    return f"{SIGSTORE}{digest}.pem"


def sigstore_digest(path: str) -> str | None:
    """The digest of the Sigstore signature that a path belongs to; None where it belongs to none."""
    found = _OF_SIGSTORE.fullmatch(path)
    return found[1] if found else None


def is_of_bundle(path: str) -> bool:
    """Whether the bundle itself has a file of that path beside the run's."""
    return path in _META or key_id(path) is not None or sigstore_digest(path) is not None


def fault(path: str) -> str | None:
    """What keeps a path from being one of a bundle; None where it may be.

    What is refused would leave the folder that it is unpacked into, or reads differently than it is.
    """
    if not path or path.startswith("/"):
        return "it is absolute" if path else "it is empty"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "it leads elsewhere"
    if not path.isprintable() or "\\" in path:
        return "it has characters that cannot be printed, or a backslash"
    too_long = len(path.encode()) > limits.MAX_NAME_BYTES
    return f"it has more than {limits.MAX_NAME_BYTES} bytes" if too_long else None


def beside(folder: Path) -> Path:
    """Where a run's bundle is put if nobody says where."""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.parent / f"{named.name}{SUFFIX}"
