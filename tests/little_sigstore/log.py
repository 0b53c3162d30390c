"""Takes signatures up as Rekor does: in a Merkle tree (RFC 6962), with a signed checkpoint and a signed promise."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from little_sigstore import authorities


class Log:
    """A log of signatures, in which there are some already."""

    def __init__(self, *, seed: int) -> None:
        self.key = authorities.key(seed)
        self.key_id = authorities.key_id(self.key.public_key())
        self._leaves = [f"before {number}".encode() for number in range(5)]

    def add(self, envelope: dict[str, Any], certificate: x509.Certificate, *, at: datetime.datetime) -> dict[str, Any]:
        """Take a signed envelope up; gives what the interface of Rekor answers."""
        body = _canonical(_body(envelope, certificate))
        self._leaves.append(body)
        index = len(self._leaves) - 1
        promised = {
            "body": _base64(body),
            "integratedTime": int(at.timestamp()),
            "logID": self.key_id.hex(),
            "logIndex": index,
        }
        root = _root(self._leaves)
        return {
            **promised,
            "verification": {
                "signedEntryTimestamp": _base64(authorities.sign(self.key, _canonical(promised))),
                "inclusionProof": {
                    "checkpoint": self._checkpoint(root),
                    "hashes": [one.hex() for one in _path(index, self._leaves)],
                    "logIndex": index,
                    "rootHash": root.hex(),
                    "treeSize": len(self._leaves),
                },
            },
        }

    def _checkpoint(self, root: bytes) -> str:
        note = f"little.example - 1\n{len(self._leaves)}\n{_base64(root)}\n"
        signature = self.key_id[:4] + authorities.sign(self.key, note.encode())
        return f"{note}\n\N{EM DASH} little.example {_base64(signature)}\n"


def _body(envelope: dict[str, Any], certificate: x509.Certificate) -> dict[str, Any]:
    pem = _base64(certificate.public_bytes(Encoding.PEM))
    payload = base64.b64decode(envelope["payload"])
    return {
        "apiVersion": "0.0.1",
        "kind": "dsse",
        "spec": {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(_canonical(envelope)).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": one["sig"], "verifier": pem} for one in envelope["signatures"]],
        },
    }


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = _half(leaves)
    return hashlib.sha256(b"\1" + _root(leaves[:half]) + _root(leaves[half:])).digest()


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = _half(leaves)
    if index < half:
        return [*_path(index, leaves[:half]), _root(leaves[half:])]
    return [*_path(index - half, leaves[half:]), _root(leaves[:half])]


def _half(leaves: list[bytes]) -> int:
    return 1 << ((len(leaves) - 1).bit_length() - 1)


def _canonical(value: object) -> bytes:
    """As RFC 8785 demands, for what is in here: ASCII only, no fractions."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
