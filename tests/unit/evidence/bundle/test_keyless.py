"""Signatures by way of Sigstore, made and verified by its own library, against a little Sigstore on loopback."""

from __future__ import annotations

import base64
import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_conformance.evidence.bundle import limits, names, signing, verifying
from ai_conformance.evidence.bundle.errors import Altered, Refused, Unreachable
from ai_conformance.evidence.bundle.keyless import signature
from little_sigstore import Deployment, token
from little_sigstore.deployment import SINCE
from little_sigstore.log import Log
from little_sigstore.service import Refusing, running
from little_sigstore.timestamps import Timestamps

from .conftest import IDENTITY, ISSUER, KEY, members, packed, statement_of

pytest.importorskip("sigstore", reason="Sigstore's library is not installed (extra `sigstore`)")

from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken

from ai_conformance.evidence.bundle.keyless import signing as keyless_signing

from .test_keyless_judging import judge


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


def test_the_signature_that_the_library_makes_is_read_as_such(bundle: Path, services: Services) -> None:
    claim = keyless_signing.sign(bundle, who("ci@acme.example"), trusted=services.trusted)
    found = signature.read(dict(members(bundle.read_bytes()))[claim.path])
    assert (found.identity, found.issuer, found.statement) == ("ci@acme.example", ISSUER, statement_of(bundle))
