"""Sigstore signatures in a bundle, looked at without the library: what was altered is noticed, and no more is said."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import strategies

from ai_conformance.evidence.bundle import limits, names, signing, verifying
from ai_conformance.evidence.bundle.keyless import signature
from ai_conformance.evidence.bundle.keyless.signature import MalformedSignature
from ai_conformance.model.verdicts import ExitCode
from little_sigstore import Deployment
from little_sigstore.deployment import THEN

from .conftest import IDENTITY, ISSUER, KEY, added, members, packed, statement_of
from .test_parsers import JSON, put

SAID = b'{"_type": "https://in-toto.io/Statement/v1"}'
SIGNATURE = Deployment().signature(SAID, identity=IDENTITY, issuer=ISSUER)


def in_place(bundle: Path, path: str, data: bytes | None) -> None:
    """Give a file of a bundle other bytes, or take it out."""
    files = [(one, data if one == path else old) for one, old in members(bundle.read_bytes())]
    bundle.write_bytes(packed((one, new) for one, new in files if new is not None))


def resigned(bundle: Path, data: bytes) -> str:
    """Put other bytes in the place of a Sigstore signature, under the name that is theirs; gives that name."""
    digest = hashlib.sha256(data).hexdigest()
    named = {".json": (names.of_sigstore(digest), data), ".pem": (names.of_certificate(digest), None)}
    files = []
    for path, old in members(bundle.read_bytes()):
        name, new = named[Path(path).suffix] if path.startswith(names.SIGSTORE) else (path, old)
        files.append((name, old if new is None else new))
    bundle.write_bytes(packed(files))
    return names.of_sigstore(digest)


def findings(bundle: Path) -> list[str]:
    return [str(one) for one in verifying.verify(bundle).findings]


def test_who_has_signed_is_told_as_a_claim(keyless: Path) -> None:
    report = verifying.verify(keyless)
    assert report.code is ExitCode.OK
    (claim,) = report.claims
    assert (claim.identity, claim.issuer, claim.verified) == (IDENTITY, ISSUER, False)
    assert (report.signers, report.vouched) == ((), ())


def test_an_address_is_an_identity_too(bundle: Path, deployment: Deployment) -> None:
    added(bundle, deployment.signature(statement_of(bundle), identity="ci@acme.example", issuer=ISSUER))
    assert [one.identity for one in verifying.verify(bundle).claims] == ["ci@acme.example"]


def test_adding_one_changes_nothing_else(bundle: Path, deployment: Deployment) -> None:
    before = members(bundle.read_bytes())
    path = added(bundle, deployment.signature(statement_of(bundle), identity=IDENTITY, issuer=ISSUER))
    after = members(bundle.read_bytes())
    assert [one for one in after if not one[0].startswith(names.SIGSTORE)] == before
    # What explains the rest is first in the archive, the run last.
    first = [names.MANIFEST, names.STATEMENT, path, f"{path.removesuffix('.json')}.pem"]
    assert [one for one, _ in after][:4] == first


def test_keys_and_identities_sign_the_same_bundle_in_any_order(
    bundle: Path, deployment: Deployment, tmp_path: Path
) -> None:
    other = tmp_path / "other.tar"
    other.write_bytes(bundle.read_bytes())
    data = deployment.signature(statement_of(bundle), identity=IDENTITY, issuer=ISSUER)
    added(bundle, data)
    signing.sign(bundle, KEY)
    signing.sign(other, KEY)
    added(other, data)
    assert bundle.read_bytes() == other.read_bytes()
    report = verifying.verify(bundle)
    assert (len(report.signers), len(report.claims), report.findings) == (1, 1, ())


def test_the_certificate_beside_it_is_the_one_in_it(keyless: Path) -> None:
    files = dict(members(keyless.read_bytes()))
    pem = next(data for path, data in files.items() if path.startswith(names.SIGSTORE) and path.endswith(".pem"))
    certificate = x509.load_pem_x509_certificate(pem)
    names_in_it = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names_in_it.get_values_for_type(x509.UniformResourceIdentifier) == [IDENTITY]


def test_one_of_an_unpacked_bundle_is_looked_at_too(keyless: Path, tmp_path: Path) -> None:
    for path, data in members(keyless.read_bytes()):
        (tmp_path / "unpacked" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "unpacked" / path).write_bytes(data)
    assert [one.identity for one in verifying.verify(tmp_path / "unpacked").claims] == [IDENTITY]


def test_one_of_another_statement_is_told(keyless: Path, deployment: Deployment) -> None:
    path = resigned(keyless, deployment.signature(SAID, identity=IDENTITY, issuer=ISSUER))
    # Of two things that disagree, nothing shows which was changed; the one that somebody has signed is believed.
    assert f"altered: {names.STATEMENT}: {path} holds another statement" in findings(keyless)
    assert verifying.verify(keyless).claims == ()


def test_one_of_another_statement_than_a_key_has_signed_is_the_one_that_was_changed(
    keyless: Path, deployment: Deployment
) -> None:
    signing.sign(keyless, KEY)
    path = resigned(keyless, deployment.signature(SAID, identity=IDENTITY, issuer=ISSUER))
    told = findings(keyless)
    assert f"altered: {path}: {path} holds another statement" in told
    assert not any(names.STATEMENT in one for one in told)


def test_bytes_that_are_not_those_of_the_name_are_told(keyless: Path) -> None:
    (path,) = (one for one, _ in members(keyless.read_bytes()) if one.endswith(".json") and "sigstore" in one)
    data = dict(members(keyless.read_bytes()))[path]
    in_place(keyless, path, data.replace(b'"hashes": [', b'"hashes":  ['))
    (one,) = findings(keyless)
    assert one.startswith(f"altered: {path}: its SHA-256 is ")


@pytest.mark.parametrize("gone", [".json", ".pem"])
def test_that_one_of_the_two_files_is_gone_is_told(keyless: Path, gone: str) -> None:
    (path,) = (one for one, _ in members(keyless.read_bytes()) if one.startswith(names.SIGSTORE) and one.endswith(gone))
    in_place(keyless, path, None)
    (one,) = findings(keyless)
    assert one.startswith(f"removed: {path}: ")


def test_another_certificate_beside_it_is_told(keyless: Path, deployment: Deployment) -> None:
    (path,) = (one for one, _ in members(keyless.read_bytes()) if one.startswith("sigstore/") and one.endswith(".pem"))
    other = deployment.signature(SAID, identity="ci@acme.example", issuer=ISSUER)
    in_place(keyless, path, signature.read(other).certificate)
    assert findings(keyless) == [f"altered: {path}: it is not the certificate of the signature beside it"]


def test_a_file_of_another_name_in_that_folder_is_told(keyless: Path) -> None:
    files = [*members(keyless.read_bytes()), ("sigstore/x.json", SIGNATURE)]
    keyless.write_bytes(packed(sorted(files, key=lambda one: names.order(one[0]))))
    assert findings(keyless) == ["added: sigstore/x.json"]


def test_there_is_an_end_to_them(keyless: Path, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    data = deployment.signature(statement_of(keyless), identity="ci@acme.example", issuer=ISSUER)
    added(keyless, data)
    monkeypatch.setattr(limits, "MAX_SIGNATURES", 1)
    (one,) = findings(keyless)
    assert one.endswith("no bundle has more than 1 signatures by way of Sigstore")


def changed(change: Callable[[Any], object]) -> bytes:
    plain = json.loads(SIGNATURE)
    change(plain)
    return json.dumps(plain).encode()


def of_certificate(certificate: x509.Certificate) -> bytes:
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return changed(lambda one: one["verificationMaterial"]["certificate"].update(rawBytes=der))


def a_certificate(key: Any, *identities: str) -> x509.Certificate:
    authority = Ed25519PrivateKey.from_private_bytes(bytes(32))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key)
        .serial_number(1)
        .not_valid_before(THEN)
        .not_valid_after(THEN)
    )
    if identities:
        named = x509.SubjectAlternativeName([x509.RFC822Name(one) for one in identities])
        builder = builder.add_extension(named, critical=True)
    return builder.sign(authority, None)


SIGNER = x509.load_pem_x509_certificate(signature.read(SIGNATURE).certificate).public_key()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is no Sigstore bundle: it: "),
        (b"\xff", "it is no Sigstore bundle"),
        (b"[" * 100_000, "it is no Sigstore bundle"),
        (b"{}", "mediaType: "),
        (changed(lambda one: one.update(mediaType="application/x")), "mediaType: "),
        (changed(lambda one: one.pop("dsseEnvelope")), "dsseEnvelope: "),
        (changed(lambda one: one["dsseEnvelope"].update(payloadType="text/plain")), "dsseEnvelope.payloadType: "),
        (changed(lambda one: one["dsseEnvelope"].update(signatures=[])), "it has 0 signatures"),
        (changed(lambda one: one["dsseEnvelope"].update(payload="é")), "it is no Sigstore bundle"),
        (changed(lambda one: one["dsseEnvelope"].update(payload=one["dsseEnvelope"]["payload"] + "\n")), "no Sigstore"),
        (changed(lambda one: one["dsseEnvelope"].update(payload="AAAA")), "is not one of the statement in it"),
        (changed(lambda one: one["dsseEnvelope"]["signatures"][0].update(sig="AAAA")), "is not one of the statement"),
        (changed(lambda one: one["verificationMaterial"]["certificate"].update(rawBytes="AAAA")), "cannot be read"),
        (of_certificate(a_certificate(SIGNER)), "names 0 identities"),
        (of_certificate(a_certificate(SIGNER, "a@acme.example", "b@acme.example")), "names 2 identities"),
        (of_certificate(a_certificate(KEY.public_key(), "a@acme.example")), "of a kind that"),
    ],
)
def test_what_is_no_signature_of_its_statement_is_told(keyless: Path, data: bytes, words: str) -> None:
    with pytest.raises(MalformedSignature, match=words):
        signature.read(data)
    path = resigned(keyless, data)
    assert any(one.startswith(f"altered: {path}: ") and words in one for one in findings(keyless))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("old", "new"),
    # A serial number below zero, of which cryptography warns yet; and another version of X.509.
    [(b"\x02\x02\x03\xe9", b"\x02\x02\x83\xe9"), (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01")],
)
def test_a_certificate_that_is_against_the_rules_is_not_read(old: bytes, new: bytes) -> None:
    plain = json.loads(SIGNATURE)
    der = base64.b64decode(plain["verificationMaterial"]["certificate"]["rawBytes"])
    assert der.count(old) == 1
    plain["verificationMaterial"]["certificate"]["rawBytes"] = base64.b64encode(der.replace(old, new)).decode()
    with pytest.raises(MalformedSignature, match="its certificate cannot be read"):
        signature.read(json.dumps(plain).encode())


def test_a_certificate_that_anybody_can_have_made_is_a_claim_and_no_more(keyless: Path) -> None:
    plain = json.loads(Deployment(seed=900).signature(statement_of(keyless), identity=IDENTITY, issuer=ISSUER))
    added(keyless, json.dumps(plain).encode())
    report = verifying.verify(keyless)
    assert [one.identity for one in report.claims] == [IDENTITY, IDENTITY]
    assert not any(one.verified for one in report.claims)


@hypothesis.given(strategies.lists(strategies.integers(min_value=0, max_value=30), min_size=1, max_size=7), JSON)
def test_a_signature_with_anything_anywhere_in_it_is_only_ever_malformed(way: list[int], value: object) -> None:
    plain = json.loads(SIGNATURE)
    put(plain, way, value)
    with contextlib.suppress(MalformedSignature):
        assert signature.read(json.dumps(plain).encode()).statement == SAID


@hypothesis.given(strategies.data())
def test_a_certificate_with_anything_anywhere_in_it_is_only_ever_malformed(drawn: strategies.DataObject) -> None:
    plain = json.loads(SIGNATURE)
    place = plain["verificationMaterial"]["certificate"]
    der = bytearray(base64.b64decode(place["rawBytes"]))
    for _ in range(drawn.draw(strategies.integers(1, 4))):
        der[drawn.draw(strategies.integers(0, len(der) - 1))] = drawn.draw(strategies.integers(0, 255))
    place["rawBytes"] = base64.b64encode(der).decode()
    with contextlib.suppress(MalformedSignature):
        assert signature.read(json.dumps(plain).encode()).statement == SAID
