"""All of a little Sigstore together: what it signs, and what a client has to trust to believe it."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from little_sigstore import authorities
from little_sigstore.authorities import Authority
from little_sigstore.log import Log
from little_sigstore.timestamps import Timestamps

THEN = datetime.datetime(2026, 6, 1, 12, 0, tzinfo=datetime.UTC)
"""When everything is signed that is signed without the library: past for good, as signatures outlive certificates."""

SINCE = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)

IN_TOTO = "application/vnd.in-toto+json"


class Deployment:
    """One Sigstore; another seed is another one, with keys of its own."""

    def __init__(self, *, seed: int = 100, timestamps: Timestamps | None = None) -> None:
        self.timestamps = timestamps
        self.authority = Authority(seed=seed, since=SINCE)
        self.log = Log(seed=seed + 2)
        self._signer = authorities.key(seed + 3)

    def signature(
        self,
        statement: bytes,
        *,
        identity: str,
        issuer: str,
        payload_type: str = IN_TOTO,
        at: datetime.datetime = THEN,
    ) -> bytes:
        """A Sigstore bundle, made as the library makes one."""
        certificate = self.authority.issue(self._signer.public_key(), identity=identity, issuer=issuer, at=at)
        encoded = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(statement), statement)
        envelope = {
            "payload": _base64(statement),
            "payloadType": payload_type,
            "signatures": [{"sig": _base64(authorities.sign(self._signer, encoded))}],
        }
        return bundled(envelope, certificate, self.log.add(envelope, certificate, at=at))

    def trusted(self, url: str = "http://127.0.0.1:1") -> str:
        """What a client is told: where the services are, and their keys and certificates."""
        valid = {"start": SINCE.isoformat().replace("+00:00", "Z")}
        timestamps = [self.timestamps] if self.timestamps else []
        service = {"url": url, "majorApiVersion": 1, "validFor": valid, "operator": "little.example"}
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
                "trustedRoot": {
                    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                    "tlogs": [_log(self.log.key, url=url, valid=valid)],
                    "ctlogs": [_log(self.authority.ct_key, url=url, valid=valid)],
                    "certificateAuthorities": [_authority(self.authority.root, url=url, valid=valid)],
                    "timestampAuthorities": [
                        _authority(one.certificate, one.root, url=url, valid=valid) for one in timestamps
                    ],
                },
                "signingConfig": {
                    "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                    "caUrls": [service],
                    "oidcUrls": [],
                    "rekorTlogUrls": [service],
                    "rekorTlogConfig": {"selector": "ANY"},
                    "tsaUrls": [{**service, "url": f"{url}/api/v1/timestamp"} for _ in timestamps],
                    "tsaConfig": {"selector": "ANY"},
                },
            }
        )


def bundled(envelope: dict[str, Any], certificate: x509.Certificate, entry: dict[str, Any]) -> bytes:
    """The form that Sigstore gives a signature with all that is needed to verify it."""
    proof = entry["verification"]["inclusionProof"]
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": _der(certificate)},
                "tlogEntries": [
                    {
                        "logIndex": str(entry["logIndex"]),
                        "logId": {"keyId": _unhexed(entry["logID"])},
                        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
                        "integratedTime": str(entry["integratedTime"]),
                        "inclusionPromise": {"signedEntryTimestamp": entry["verification"]["signedEntryTimestamp"]},
                        "inclusionProof": {
                            "logIndex": str(proof["logIndex"]),
                            "rootHash": _unhexed(proof["rootHash"]),
                            "treeSize": str(proof["treeSize"]),
                            "hashes": [_unhexed(one) for one in proof["hashes"]],
                            "checkpoint": {"envelope": proof["checkpoint"]},
                        },
                        "canonicalizedBody": entry["body"],
                    }
                ],
                "timestampVerificationData": {"rfc3161Timestamps": []},
            },
            "dsseEnvelope": envelope,
        }
    ).encode()


def token(*, identity: str, issuer: str, audience: str = "sigstore", expires_in_s: int = 600) -> str:
    """An identity token, as a CI system has it. Nobody here looks at its signature but to see that there is one."""
    now = int(datetime.datetime.now(datetime.UTC).timestamp())
    claims = {"iss": issuer, "sub": identity, "aud": audience, "iat": now, "nbf": now, "exp": now + expires_in_s}
    parts = (json.dumps({"alg": "RS256", "typ": "JWT"}).encode(), json.dumps(claims).encode(), b"signature")
    return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts)


def _log(key: Any, *, url: str, valid: dict[str, str]) -> dict[str, Any]:
    public = key.public_key()
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _base64(authorities.spki(public)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": valid,
        },
        "logId": {"keyId": _base64(authorities.key_id(public))},
    }


def _authority(*chain: x509.Certificate, url: str, valid: dict[str, str]) -> dict[str, Any]:
    return {
        "subject": {"organization": "little.example", "commonName": "little.example"},
        "uri": url,
        "certChain": {"certificates": [{"rawBytes": _der(one)} for one in chain]},
        "validFor": valid,
    }


def _der(certificate: x509.Certificate) -> str:
    return _base64(certificate.public_bytes(Encoding.DER))


def _unhexed(digits: str) -> str:
    return _base64(bytes.fromhex(digits))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
