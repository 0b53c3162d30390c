"""What is believed of a signature by way of Sigstore, and what is not: forgeries, other identities, other roots."""

from __future__ import annotations

import datetime
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from ai_conformance.evidence.bundle import verifying
from ai_conformance.evidence.bundle.errors import BundleError, Unreachable
from ai_conformance.model.verdicts import ExitCode
from little_sigstore import Deployment, token

from .conftest import IDENTITY, ISSUER, added, statement_of

pytest.importorskip("sigstore", reason="Sigstore's library is not installed (extra `sigstore`)")

from sigstore.models import Bundle, ClientTrustConfig

from ai_conformance.evidence.bundle.keyless import identity, judging, trust


def judge(deployment: Deployment, *, who: str = IDENTITY, issuer: str = ISSUER) -> judging.Judge:
    config = ClientTrustConfig.from_json(deployment.trusted())
    return judging.Judge(identity=who, issuer=issuer, trusted=lambda: config)


@pytest.mark.parametrize(
    ("asked", "issuer"),
    [
        ("https://ci.example/acme/other", ISSUER),
        ("https://ci.example/acme", ISSUER),
        (IDENTITY, "https://elsewhere.example"),
        (f"{IDENTITY} ", ISSUER),
    ],
)
def test_another_identity_has_not_signed(keyless: Path, deployment: Deployment, asked: str, issuer: str) -> None:
    report = verifying.verify(keyless, judge=judge(deployment, who=asked, issuer=issuer))
    assert report.code is ExitCode.NOT_CONFORMANT
    assert [str(one) for one in report.findings] == [f"unsigned: {keyless}: {asked} ({issuer}) has not signed it"]
    assert (report.vouched, [one.verified for one in report.claims]) == ((), [False])


def test_a_bundle_without_one_is_not_signed_and_no_root_is_fetched(bundle: Path) -> None:
    def fetched() -> ClientTrustConfig:
        raise AssertionError

    report = verifying.verify(bundle, judge=judging.Judge(identity=IDENTITY, issuer=ISSUER, trusted=fetched))
    assert [str(one) for one in report.findings] == [f"unsigned: {bundle}: {IDENTITY} ({ISSUER}) has not signed it"]


def test_that_the_root_cannot_be_fetched_hides_nothing_else(keyless: Path) -> None:
    def fetched() -> ClientTrustConfig:
        raise Unreachable("no network")

    judged = judging.Judge(identity=IDENTITY, issuer=ISSUER, trusted=fetched)
    report = verifying.verify(keyless, judge=judged)
    assert [str(one) for one in report.findings] == [f"unjudged: {keyless}: no network"]
    assert (report.code, report.vouched) == (ExitCode.NOT_EVALUATED, ())
    keyless.write_bytes(keyless.read_bytes() + b"\0")
    report = verifying.verify(keyless, judge=judged)
    assert (len(report.findings), report.code) == (2, ExitCode.NOT_CONFORMANT)


def test_a_name_that_another_authority_has_certified_is_not_believed(keyless: Path) -> None:
    report = verifying.verify(keyless, judge=judge(Deployment(seed=900)))
    (one,) = report.findings
    assert str(one).startswith(f"unsigned: {report.claims[0].path}: {IDENTITY} ({ISSUER}) has not signed it: failed to")
    assert report.vouched == ()


def test_one_that_cannot_be_verified_does_not_hide_one_that_can(keyless: Path, deployment: Deployment) -> None:
    added(keyless, Deployment(seed=900).signature(statement_of(keyless), identity=IDENTITY, issuer=ISSUER))
    report = verifying.verify(keyless, judge=judge(deployment))
    assert report.findings == ()
    assert sorted(one.verified for one in report.claims) == [False, True]


def material(plain: Any) -> Any:
    return plain["verificationMaterial"]


def entry(plain: Any) -> Any:
    return material(plain)["tlogEntries"][0]


def other(statement: bytes) -> Any:
    """A signature of somebody else, by the same authority and in the same log."""
    return json.loads(Deployment().signature(statement, identity="ci@acme.example", issuer=ISSUER))


def letter(text: str) -> str:
    return ("B" if text[10] != "B" else "C").join((text[:10], text[11:]))


FORGERIES: dict[str, Callable[[Any, bytes], object]] = {
    "the certificate of another": lambda one, said: one.update(verificationMaterial=material(other(said))),
    "the place in the log of another": lambda one, said: material(one).update(tlogEntries=[entry(other(said))]),
    "no place in the log": lambda one, said: material(one).update(tlogEntries=[]),
    "no promise of the log": lambda one, said: entry(one).pop("inclusionPromise"),
    "another promise of the log": lambda one, said: entry(one)["inclusionPromise"].update(signedEntryTimestamp="AAAA"),
    "no proof of the log": lambda one, said: entry(one).pop("inclusionProof"),
    "another time": lambda one, said: entry(one).update(integratedTime=str(int(entry(one)["integratedTime"]) + 60)),
    "a time after the certificate": lambda one, said: entry(one).update(integratedTime="1800000000"),
    "a time that is none": lambda one, said: entry(one).update(integratedTime=str(2**64 - 1)),
    "another root": lambda one, said: entry(one)["inclusionProof"].update(rootHash="A" * 43 + "="),
    "another entry": lambda one, said: entry(one).update(canonicalizedBody="e30="),
    "a checkpoint that is none": lambda one, said: entry(one)["inclusionProof"]["checkpoint"].update(envelope="x"),
    "a signature of the checkpoint that is none": lambda one, said: entry(one)["inclusionProof"]["checkpoint"].update(
        envelope="a\n1\nAAAA\n\n\N{EM DASH} a A\n"
    ),
    "a timestamp that is none": lambda one, said: material(one).update(
        timestampVerificationData={"rfc3161Timestamps": [{"signedTimestamp": "AAAA"}]}
    ),
    "another key": lambda one, said: material(one)["certificate"].update(
        rawBytes=letter(material(one)["certificate"]["rawBytes"])
    ),
    "another signature": lambda one, said: one["dsseEnvelope"]["signatures"][0].update(sig="AAAA"),
    "another statement": lambda one, said: one["dsseEnvelope"].update(payload="AAAA"),
    "another form": lambda one, said: one.update(mediaType="application/x"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_of_what_was_forged_nothing_is_verified(bundle: Path, deployment: Deployment, forgery: str) -> None:
    said = statement_of(bundle)
    plain = json.loads(deployment.signature(said, identity=IDENTITY, issuer=ISSUER))
    judged = judge(deployment)
    assert judged.fault(json.dumps(plain).encode(), statement=said) is None
    FORGERIES[forgery](plain, said)
    assert judged.fault(json.dumps(plain).encode(), statement=said)


@pytest.mark.parametrize(
    "raised",
    [
        AttributeError("none"),
        IndexError("none"),
        OSError("none"),
        TypeError("none"),
        struct.error("none"),
        x509.ExtensionNotFound("none", x509.ExtensionOID.KEY_USAGE),
    ],
)
def test_whatever_the_library_stumbles_over_is_not_verified(
    keyless: Path, deployment: Deployment, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    def stumble(*_: object) -> None:
        raise raised

    monkeypatch.setattr("sigstore.verify.Verifier.verify_dsse", stumble)
    report = verifying.verify(keyless, judge=judge(deployment))
    assert [one.verified for one in report.claims] == [False]
    assert str(report.findings[0]).endswith("has not signed it: none")


def test_one_of_another_statement_or_kind_is_not_verified(bundle: Path, deployment: Deployment) -> None:
    said = statement_of(bundle)
    judged = judge(deployment)
    data = deployment.signature(b"{}", identity=IDENTITY, issuer=ISSUER)
    assert judged.fault(data, statement=said) == "it holds another statement"
    data = deployment.signature(said, identity=IDENTITY, issuer=ISSUER, payload_type="text/plain")
    assert judged.fault(data, statement=said) == "it holds another statement"


def test_one_that_was_made_when_the_certificate_had_expired_is_not_verified(
    bundle: Path, deployment: Deployment
) -> None:
    said = statement_of(bundle)
    plain = json.loads(deployment.signature(said, identity=IDENTITY, issuer=ISSUER))
    late = entry(plain)["integratedTime"]
    certificate = Bundle.from_json(json.dumps(plain)).signing_certificate
    at = datetime.datetime.fromtimestamp(int(late), tz=datetime.UTC) + datetime.timedelta(hours=1)
    made = deployment.log.add(plain["dsseEnvelope"], certificate, at=at)
    from little_sigstore.deployment import bundled  # noqa: PLC0415

    data = bundled(plain["dsseEnvelope"], certificate, made)
    assert "certificate" in str(judge(deployment).fault(data, statement=said))


def test_a_trust_configuration_that_is_none_is_told(tmp_path: Path, deployment: Deployment) -> None:
    file = tmp_path / "trust.json"
    for data in (
        b"",
        b"\xff",
        b"{}",
        b"[" * 100_000,
        json.dumps(json.loads(deployment.trusted())["trustedRoot"]).encode(),
    ):
        file.write_bytes(data)
        with pytest.raises(BundleError, match="is no client trust configuration"):
            trust.given(file)
    unserved = json.loads(deployment.trusted())
    unserved["signingConfig"]["caUrls"] = []
    file.write_text(json.dumps(unserved))
    with pytest.raises(BundleError, match="No valid Fulcio CA"):
        trust.given(file)
    file.write_bytes(b" " * 5_000_000)
    with pytest.raises(BundleError, match="too large"):
        trust.given(file)
    with pytest.raises(BundleError, match="No such file"):
        trust.given(tmp_path / "nowhere")


def test_a_root_that_names_no_log_is_told(keyless: Path, deployment: Deployment) -> None:
    plain = json.loads(deployment.trusted())
    plain["trustedRoot"]["tlogs"] = []
    config = ClientTrustConfig.from_json(json.dumps(plain))
    with pytest.raises(BundleError, match=r"cannot be used: .*no transparency log"):
        verifying.verify(keyless, judge=judging.Judge(identity=IDENTITY, issuer=ISSUER, trusted=lambda: config))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no identity token"),
        (b"a b", "holds no identity token"),
        (b"\xff", "holds no identity token"),
        (b"x" * 100_000, "holds no identity token"),
        (b"a-secret", "cannot be used: "),
        (token(identity=IDENTITY, issuer=ISSUER, audience="other").encode(), "cannot be used: Audience"),
        (token(identity=IDENTITY, issuer=ISSUER, expires_in_s=-60).encode(), "cannot be used: Signature has expired"),
    ],
)
def test_a_file_that_holds_no_token_is_told_without_what_it_holds(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(BundleError, match=words) as raised:
        identity.from_file(tmp_path / "token")
    assert len(content) < 5 or content.decode("latin-1") not in str(raised.value)


def test_a_token_is_read_with_and_without_an_end_of_line(tmp_path: Path) -> None:
    for end in ("", "\n", "\r\n"):
        (tmp_path / "token").write_text(token(identity=IDENTITY, issuer=ISSUER) + end)
        assert identity.from_file(tmp_path / "token").identity == IDENTITY
