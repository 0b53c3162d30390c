import base64
import ipaddress
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ai_conformance.lab import pki


def test_issued_certificates_verify_against_their_authority_and_carry_the_names() -> None:
    authority = pki.authority("lab")
    pair = pki.issue(
        authority,
        common_name="system:node:n1",
        organization="system:nodes",
        dns_names=("n1",),
        addresses=("10.1.2.3",),
    )
    pair.certificate.verify_directly_issued_by(authority.certificate)
    names = pair.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["n1"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("10.1.2.3")]
    assert pair.certificate.subject.rfc4514_string() == "CN=system:node:n1,O=system:nodes"


def test_private_keys_are_readable_by_the_owner_alone(tmp_path: Path) -> None:
    pki.authority("lab").save(tmp_path, "ca")
    pki.service_account_keys(tmp_path)
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "sa.key").stat().st_mode & 0o777 == 0o600
    serialization.load_pem_public_key((tmp_path / "sa.pub").read_bytes())


def test_kubeconfig_needs_no_other_file() -> None:
    authority = pki.authority("lab")
    client = pki.issue(authority, common_name="admin")
    text = pki.kubeconfig(
        server="https://10.1.2.3:6443",
        authority_pem=authority.certificate_pem,
        client=client,
        cluster="lab",
        user="admin",
    )
    value = json.loads(text)
    assert value["current-context"] == "lab"
    assert base64.b64decode(value["users"][0]["user"]["client-key-data"]) == client.key_pem
    assert base64.b64decode(value["clusters"][0]["cluster"]["certificate-authority-data"]) == authority.certificate_pem
