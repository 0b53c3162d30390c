"""Issues short-lived certificates to identities, with the promise of a log of certificates (RFC 6962) within."""

from __future__ import annotations

import datetime
import hashlib
import struct

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID, ObjectIdentifier

ISSUER = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
"""Who vouched for the identity, as plain bytes: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md"""

LIFE = datetime.timedelta(minutes=10)

YEARS = datetime.timedelta(days=3650)


def key(number: int) -> ec.EllipticCurvePrivateKey:
    """Always the same key for a number, so that a bundle has the same bytes in every run of the tests."""
    return ec.derive_private_key(number, ec.SECP256R1())


def sign(private: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return private.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def spki(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_id(public: ec.EllipticCurvePublicKey) -> bytes:
    return hashlib.sha256(spki(public)).digest()


class Authority:
    """A root certificate that issues to identities, and the log that promises to have taken each certificate up."""

    def __init__(self, *, seed: int, since: datetime.datetime) -> None:
        self.key = key(seed)
        self.ct_key = key(seed + 1)
        self._issued = 0
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"little authority {seed}")])
        self.root = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self.key.public_key())
            .serial_number(seed)
            .not_valid_before(since)
            .not_valid_after(since + YEARS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage(certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256(), ecdsa_deterministic=True)
        )

    def issue(
        self, public: ec.EllipticCurvePublicKey, *, identity: str, issuer: str, at: datetime.datetime
    ) -> x509.Certificate:
        """A certificate of a key that belongs to an identity for some minutes."""
        self._issued += 1
        name = x509.UniformResourceIdentifier(identity) if "://" in identity else x509.RFC822Name(identity)
        unpromised = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(1000 + self._issued)
            .not_valid_before(at)
            .not_valid_after(at + LIFE)
            .add_extension(usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
            .add_extension(x509.UnrecognizedExtension(ISSUER, issuer.encode()), critical=False)
        )
        to_promise = unpromised.sign(self.key, hashes.SHA256(), ecdsa_deterministic=True).tbs_certificate_bytes
        promise = x509.UnrecognizedExtension(
            ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS, self._promise(to_promise, at=at)
        )
        return unpromised.add_extension(promise, critical=False).sign(
            self.key, hashes.SHA256(), ecdsa_deterministic=True
        )

    def _promise(self, tbs: bytes, *, at: datetime.datetime) -> bytes:
        """A list of one signed certificate timestamp (RFC 6962, 3.2 and 3.3), in an OCTET STRING."""
        version, certificate_timestamp, precert, no_extensions = 0, 0, 1, 0
        millis = int(at.timestamp() * 1000)
        signed = (
            struct.pack("!BBQH", version, certificate_timestamp, millis, precert)
            + key_id(self.key.public_key())
            + len(tbs).to_bytes(3, "big")
            + tbs
            + struct.pack("!H", no_extensions)
        )
        signature = sign(self.ct_key, signed)
        sha256, ecdsa = 4, 3
        one = (
            struct.pack("!B32sQH", version, key_id(self.ct_key.public_key()), millis, no_extensions)
            + struct.pack("!BBH", sha256, ecdsa, len(signature))
            + signature
        )
        listed = struct.pack("!HH", len(one) + 2, len(one)) + one
        assert len(listed) < 128, "the length has one byte in DER"
        return bytes([4, len(listed)]) + listed


def usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
