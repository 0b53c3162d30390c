"""Certificates of the lab's authority for what the API server asks: servers of aggregated APIs."""

from __future__ import annotations

import base64
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ai_conformance.lab import pki
from ai_conformance.lab.lab import Lab


def secret(lab: Lab, *, name: str, namespace: str) -> dict[str, Any]:
    """The key and certificate of the Service of that name, and by whom its client, the API server, is certified."""
    authority_key = serialization.load_pem_private_key((lab.record.pki / "ca.key").read_bytes(), password=None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    issuer = pki.Pair(
        certificate=x509.load_pem_x509_certificate((lab.record.pki / "ca.crt").read_bytes()), key=authority_key
    )
    pair = pki.issue(issuer, common_name=name, dns_names=(f"{name}.{namespace}.svc",))
    files = {
        "tls.crt": pair.certificate_pem,
        "tls.key": pair.key_pem,
        "client-ca.crt": (lab.record.pki / "front-ca.crt").read_bytes(),
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": {file: base64.b64encode(content).decode() for file, content in files.items()},
    }


def authority(lab: Lab) -> str:
    """The ``caBundle`` by which an APIService knows such a server."""
    return base64.b64encode((lab.record.pki / "ca.crt").read_bytes()).decode()
