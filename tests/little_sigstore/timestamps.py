"""Says when it has seen a signature (RFC 3161), as the public Sigstore does too; openssl makes the answers."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from little_sigstore import authorities

_CONFIGURATION = """
[tsa]
default_tsa = little
[little]
serial = serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
"""


class Timestamps:
    """An authority for timestamps, with its files in a folder."""

    def __init__(self, folder: Path, *, seed: int, since: datetime.datetime) -> None:
        self._folder = folder
        root_key, key = authorities.key(seed), authorities.key(seed + 1)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"little times {seed}")])
        self.root = (
            _certificate(name, name, root_key.public_key(), since=since)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(authorities.usage(certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256())
        )
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "little clock")])
        self.certificate = (
            _certificate(own, name, key.public_key(), since=since)
            .add_extension(authorities.usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256())
        )
        folder.mkdir()
        (folder / "tsa.cnf").write_text(_CONFIGURATION)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def answer(self, query: bytes) -> bytes:
        (self._folder / "query").write_bytes(query)
        options = ["-config", "tsa.cnf", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key"]
        done = subprocess.run(["openssl", "ts", "-reply", *options], check=True, capture_output=True, cwd=self._folder)
        return done.stdout


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, since: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + authorities.YEARS)
    )
