"""Signatures by way of Sigstore, made and verified by its own library, against a little Sigstore on loopback."""

from __future__ import annotations

import base64
import datetime
import json
import runpy
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from ai_conformance.evidence.bundle import limits, names, signing, verifying
from ai_conformance.evidence.bundle.errors import Altered, BundleError, Refused, Unreachable
from ai_conformance.evidence.bundle.keyless import signature
from ai_conformance.model.verdicts import ExitCode
from little_sigstore import Deployment, token
from little_sigstore.deployment import SINCE
from little_sigstore.log import Log
from little_sigstore.service import Refusing, running
from little_sigstore.timestamps import Timestamps

from .conftest import IDENTITY, ISSUER, KEY, added, members, packed, statement_of

pytest.importorskip("sigstore", reason="Sigstore's library is not installed (extra `sigstore`)")

from sigstore.models import Bundle, ClientTrustConfig
from sigstore.oidc import IdentityToken

from ai_conformance.evidence.bundle.keyless import identity, judging, trust
from ai_conformance.evidence.bundle.keyless import signing as keyless_signing


class Services:
    """A little Sigstore that runs."""

    def __init__(self, deployment: Deployment, url: str, refusing: Refusing) -> None:
        self.deployment = deployment
        self.refusing = refusing
        self._url = url

    def trusted(self) -> ClientTrustConfig:
        return ClientTrustConfig.from_json(self.deployment.trusted(self._url))


@pytest.fixture
def services(deployment: Deployment) -> Iterator[Services]:
    with running(deployment) as (url, refusing):
        yield Services(deployment, url, refusing)


def judge(deployment: Deployment, *, who: str = IDENTITY, issuer: str = ISSUER) -> judging.Judge:
    config = ClientTrustConfig.from_json(deployment.trusted())
    return judging.Judge(identity=who, issuer=issuer, trusted=lambda: config)


def who(name: str = IDENTITY) -> IdentityToken:
    return IdentityToken(token(identity=name, issuer=ISSUER))


def test_what_is_signed_is_the_statement_byte_for_byte(bundle: Path, services: Services) -> None:
    claim = keyless_signing.sign(bundle, who(), trusted=services.trusted)
    assert (claim.identity, claim.issuer, claim.verified) == (IDENTITY, ISSUER, True)
    files = dict(members(bundle.read_bytes()))
    made = json.loads(files[claim.path])
    assert base64.b64decode(made["dsseEnvelope"]["payload"]) == files[names.STATEMENT]
    report = verifying.verify(bundle, judge=judge(services.deployment))
    assert (report.findings, report.vouched) == ((), (f"{IDENTITY} ({ISSUER})",))
    assert [one.verified for one in report.claims] == [True]


def test_signing_changes_nothing_but_the_signatures(bundle: Path, services: Services) -> None:
    signing.sign(bundle, KEY)
    before = members(bundle.read_bytes())
    keyless_signing.sign(bundle, who(), trusted=services.trusted)
    keyless_signing.sign(bundle, who("ci@acme.example"), trusted=services.trusted)
    after = members(bundle.read_bytes())
    assert [one for one in after if not one[0].startswith(names.SIGSTORE)] == before
    report = verifying.verify(bundle, judge=judge(services.deployment, who="ci@acme.example"))
    assert {one.identity: one.verified for one in report.claims} == {IDENTITY: False, "ci@acme.example": True}
    assert len(report.signers) == 1


def test_a_bundle_that_was_altered_is_not_signed_and_nothing_is_asked(bundle: Path) -> None:
    def fetched() -> ClientTrustConfig:
        raise AssertionError

    files = members(bundle.read_bytes())
    bundle.write_bytes(packed([*files[:-1], (files[-1][0], b"x")]))
    before = bundle.read_bytes()
    with pytest.raises(Altered, match="nobody should vouch for it"):
        keyless_signing.sign(bundle, who(), trusted=fetched)
    assert bundle.read_bytes() == before


@pytest.mark.parametrize("service", ["certificates", "entries"])
def test_a_service_that_refuses_is_told_with_its_reason(bundle: Path, services: Services, service: str) -> None:
    before = bundle.read_bytes()
    setattr(services.refusing, service, 403)
    with pytest.raises(Unreachable, match=r"was not signed by way of Sigstore: .*403.*not today"):
        keyless_signing.sign(bundle, who(), trusted=services.trusted)
    assert bundle.read_bytes() == before


def test_a_timestamp_is_kept_and_verified_where_there_are_any(bundle: Path, tmp_path: Path) -> None:
    deployment = Deployment(timestamps=Timestamps(tmp_path / "times", seed=500, since=SINCE))
    with running(deployment) as (url, refusing):
        config = ClientTrustConfig.from_json(deployment.trusted(url))
        claim = keyless_signing.sign(bundle, who(), trusted=lambda: config)
        said = statement_of(bundle)
        data = dict(members(bundle.read_bytes()))[claim.path]
        assert len(json.loads(data)["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]) == 1
        assert judge(deployment).fault(data, statement=said) is None
        # Whoever trusts no such authority does not pass over what it said.
        assert "no Timestamp Authorities" in str(judge(Deployment()).fault(data, statement=said))
        # The log's time is enough where there is no timestamp.
        refusing.timestamps = 503
        keyless_signing.sign(bundle, who("ci@acme.example"), trusted=lambda: config)
        assert verifying.verify(bundle, judge=judge(deployment, who="ci@acme.example")).findings == ()


def test_a_service_that_is_not_there_is_told(bundle: Path, deployment: Deployment) -> None:
    before = bundle.read_bytes()
    # The port of nobody: on this one nothing ever listens.
    with pytest.raises(Unreachable, match=r"was not signed by way of Sigstore: .*Connection"):
        keyless_signing.sign(bundle, who(), trusted=lambda: ClientTrustConfig.from_json(deployment.trusted()))
    assert bundle.read_bytes() == before


@pytest.mark.parametrize("answer", [[], {}, {"x": {}}, {"x": {"body": "AAAA"}}, "x", None])
def test_an_answer_that_is_none_is_told(
    bundle: Path, services: Services, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    monkeypatch.setattr("little_sigstore.service._logged", lambda *_: answer)
    with pytest.raises(Unreachable, match="was not signed by way of Sigstore: "):
        keyless_signing.sign(bundle, who(), trusted=services.trusted)
    monkeypatch.setattr("little_sigstore.service._certified", lambda *_: answer)
    with pytest.raises(Unreachable, match="was not signed by way of Sigstore: "):
        keyless_signing.sign(bundle, who(), trusted=services.trusted)


def test_what_the_log_has_not_really_taken_up_is_not_put_into_a_bundle(bundle: Path) -> None:
    liar = Deployment()
    liar.log = Log(seed=7)
    before = bundle.read_bytes()
    with running(liar) as (url, _):
        config = ClientTrustConfig.from_json(Deployment().trusted(url))
        with pytest.raises(Unreachable, match="what Sigstore answered does not verify: invalid log entry"):
            keyless_signing.sign(bundle, who(), trusted=lambda: config)
    assert bundle.read_bytes() == before


def test_there_is_an_end_to_signatures(bundle: Path, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    keyless_signing.sign(bundle, who(), trusted=services.trusted)
    monkeypatch.setattr(limits, "MAX_SIGNATURES", 1)
    with pytest.raises(Refused, match="has 1 Sigstore signatures"):
        keyless_signing.sign(bundle, who(), trusted=services.trusted)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MAX_RECORD_BYTES", 1024 * 1024)
    with pytest.raises(Refused, match="too long for a Sigstore signature"):
        keyless_signing.sign(bundle, who(), trusted=services.trusted)


def test_a_token_that_expires_meanwhile_is_told(
    bundle: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired = who()
    monkeypatch.setattr(expired, "in_validity_period", lambda: False)
    with pytest.raises(Unreachable, match="ExpiredIdentity"):
        keyless_signing.sign(bundle, expired, trusted=services.trusted)


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


def test_sigstores_own_client_verifies_the_file_too(
    keyless: Path,
    deployment: Deployment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for path, data in members(keyless.read_bytes()):
        (tmp_path / "unpacked" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "unpacked" / path).write_bytes(data)
    (file,) = (tmp_path / "unpacked" / "sigstore").glob("*.json")
    (tmp_path / "trust.json").write_text(deployment.trusted())

    def client(issuer: str) -> tuple[object, str]:
        called = ["sigstore", "--trust-config", "trust.json", "verify", "identity", "--bundle", str(file)]
        named = ["--cert-identity", IDENTITY, "--cert-oidc-issuer", issuer, "unpacked/run/run.json"]
        monkeypatch.setattr(sys, "argv", [*called, *named])
        try:
            runpy.run_module("sigstore", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            return ended.code, capsys.readouterr().err
        return 0, capsys.readouterr().err

    monkeypatch.chdir(tmp_path)
    assert client(ISSUER) == (0, "OK: unpacked/run/run.json\n")
    code, said = client("https://elsewhere.example")
    assert (code, "OK" in said) == (1, False)


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


def test_the_signature_that_the_library_makes_is_read_as_such(bundle: Path, services: Services) -> None:
    claim = keyless_signing.sign(bundle, who("ci@acme.example"), trusted=services.trusted)
    found = signature.read(dict(members(bundle.read_bytes()))[claim.path])
    assert (found.identity, found.issuer, found.statement) == ("ci@acme.example", ISSUER, statement_of(bundle))
