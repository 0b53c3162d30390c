"""Several people can sign a bundle, each signature can be checked without us, and a changed bundle gets none."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ai_conformance.evidence.bundle import envelope, keys, limits, making, names, signing, verifying
from ai_conformance.evidence.bundle.errors import Altered, BundleError, Refused, Unreadable

from .conftest import KEY, OTHER_KEY, members, packed


def written(path: Path, key: Ed25519PrivateKey = KEY, encryption: KeySerializationEncryption | None = None) -> Path:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
    return path


def test_the_envelope_is_what_dsse_asks_for(signed: Path) -> None:
    files = dict(members(signed.read_bytes()))
    envelope = json.loads(files[names.ENVELOPE])
    payload = base64.b64decode(envelope["payload"])
    assert payload == files[names.STATEMENT]
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    said = json.loads(payload)
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["subject"] == [
        {"name": path, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}
        for path, data in files.items()
        if path.startswith(names.RUN)
    ]
    assert said["predicate"]["run"]["cluster"]["server_version"] == "v1.37.2"
    (signature,) = envelope["signatures"]
    kind = envelope["payloadType"].encode()
    encoded = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    KEY.public_key().verify(base64.b64decode(signature["sig"]), encoded)
    der = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert signature["keyid"] == hashlib.sha256(der).hexdigest()


def test_the_order_of_signing_leaves_no_trace(bundle: Path, run: Path) -> None:
    other = run.with_name("other.tar")
    making.create(run, other, replace=False)
    for path, order in ((bundle, (KEY, OTHER_KEY)), (other, (OTHER_KEY, KEY))):
        for key in order:
            signing.sign(path, key)
    assert bundle.read_bytes() == other.read_bytes()
    assert len(verifying.verify(bundle).signers) == 2


def test_signing_again_with_the_same_key_changes_nothing(signed: Path) -> None:
    before = signed.read_bytes()
    assert signing.sign(signed, KEY) == (keys.identity(KEY.public_key()),)
    assert signed.read_bytes() == before


def test_signing_changes_nothing_but_the_signatures(bundle: Path) -> None:
    before = members(bundle.read_bytes())
    signing.sign(bundle, KEY)
    own = names.of_key(keys.identity(KEY.public_key()))
    assert [one for one in members(bundle.read_bytes()) if one[0] not in (names.ENVELOPE, own)] == before


def test_a_bundle_that_is_named_by_a_link_is_signed_where_it_is(bundle: Path) -> None:
    link = bundle.with_name("link.tar")
    link.symlink_to(bundle)
    signing.sign(link, KEY)
    assert link.is_symlink()
    assert verifying.verify(bundle).signers


def test_nobody_vouches_for_what_was_changed_or_cannot_be_judged(bundle: Path, run: Path) -> None:
    files = members(bundle.read_bytes())
    changed = packed([*files[:-1], (files[-1][0], b"x")])
    bundle.write_bytes(changed)
    with pytest.raises(Altered, match=r"is not what was packed \(altered: run/run.json"):
        signing.sign(bundle, KEY)
    assert bundle.read_bytes() == changed
    bundle.write_bytes(b"x" * 2000)
    with pytest.raises(Unreadable):
        signing.sign(bundle, KEY)
    with pytest.raises(BundleError, match="is a folder"):
        signing.sign(run, KEY)


@pytest.mark.parametrize("path", [names.STATEMENT, names.ENVELOPE])
@pytest.mark.parametrize(
    "rewritten",
    [
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: json.dumps(json.loads(data), indent=1).encode() + b"\n",
        lambda data: data.rstrip(),
        lambda data: data.replace(b"{", b'{"_type": "https://in-toto.io/Statement/v1",', 1),
    ],
)
def test_the_same_in_other_words_is_not_the_same(bundle: Path, path: str, rewritten: Callable[[bytes], bytes]) -> None:
    # Nothing else has the digest of these two.
    if path == names.ENVELOPE:
        signing.sign(bundle, KEY)
    files = {one: rewritten(data) if one == path else data for one, data in members(bundle.read_bytes())}
    bundle.write_bytes(packed(files.items()))
    assert path in [one.path for one in verifying.verify(bundle).findings]


def test_a_signature_under_the_name_of_another_key_is_told_once(signed: Path) -> None:
    files = dict(members(signed.read_bytes()))
    own = keys.identity(KEY.public_key())
    files[names.ENVELOPE] = files[names.ENVELOPE].replace(own.encode(), b"0" * 64)
    signed.write_bytes(packed(files.items()))
    (one,) = verifying.verify(signed).findings
    assert str(one) == f"altered: {names.ENVELOPE}: it says that the key {'0' * 64} has signed, and it was {own}"


def test_a_signature_has_one_spelling(signed: Path) -> None:
    # The last letter before the padding of base64 has bits that mean nothing.
    said = dict(members(signed.read_bytes()))[names.ENVELOPE]
    end = said.rindex(b'=="')
    others = [bytes([one]) for one in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"]
    spelt = [said[: end - 1] + one + said[end:] for one in others if one != said[end - 1 : end]]
    same = [one for one in spelt if _signature(one) == _signature(said)]
    assert len(same) == 15
    for one in same:
        with pytest.raises(envelope.MalformedEnvelope, match="is not written as an envelope is"):
            envelope.read(one)


def _signature(data: bytes) -> bytes:
    return base64.b64decode(json.loads(data)["signatures"][0]["sig"])


def test_there_is_an_end_to_signatures(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SIGNATURES", 1)
    with pytest.raises(Refused, match="has 1 signatures"):
        signing.sign(signed, OTHER_KEY)


def test_a_key_is_read_from_pem_with_and_without_a_passphrase(tmp_path: Path) -> None:
    file = written(tmp_path / "key.pem")
    assert keys.identity(keys.private_file(file, passphrase=None).public_key()) == keys.identity(KEY.public_key())
    assert keys.private_file(file, passphrase=b"not needed")
    locked = written(tmp_path / "locked.pem", encryption=BestAvailableEncryption(b"open"))
    assert keys.private_file(locked, passphrase=b"open")
    with pytest.raises(keys.PassphraseNeeded, match="--passphrase-file"):
        keys.private_file(locked, passphrase=None)
    with pytest.raises(BundleError, match="the passphrase is wrong"):
        keys.private_file(locked, passphrase=b"shut")


def test_the_keys_of_openssl_are_the_same(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> bytes:
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=tmp_path).stdout

    openssl("genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:open", "-out", "key.pem")
    openssl("pkey", "-in", "key.pem", "-passin", "pass:open", "-pubout", "-out", "public.pem")
    private = keys.private_file(tmp_path / "key.pem", passphrase=b"open")
    public = keys.public_file(tmp_path / "public.pem")
    assert keys.pem(public) == keys.pem(private.public_key()) == (tmp_path / "public.pem").read_bytes()
    der = openssl("pkey", "-pubin", "-in", "public.pem", "-outform", "DER")
    assert keys.identity(public) == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no private key"),
        (b"\xff" * 100, "holds no private key"),
        (keys.pem(KEY.public_key()), "holds no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "the file is damaged"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "passphrase is wrong"),
        (b"x" * 100_000, "too large"),
        (
            generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "is not ed25519",
        ),
    ],
)
def test_a_file_that_is_no_private_key_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(BundleError, match=words):
        keys.private_file(tmp_path / "key.pem", passphrase=b"x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no public key"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "holds no public key"),
        (
            generate_private_key(SECP256R1())
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "is not ed25519",
        ),
        (KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "make its public half"),
    ],
)
def test_a_file_that_is_no_public_key_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "public.pem").write_bytes(content)
    with pytest.raises(BundleError, match=words):
        keys.public_file(tmp_path / "public.pem")


def test_a_key_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="No such file"):
        keys.public_file(tmp_path / "no.pem")
    with pytest.raises(BundleError, match="Is a directory"):
        keys.private_file(tmp_path, passphrase=None)
