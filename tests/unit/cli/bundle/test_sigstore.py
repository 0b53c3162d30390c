"""What the commands about a bundle answer where Sigstore is asked for: with its library, and without."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ai_conformance.model.verdicts import ExitCode
from little_sigstore import Deployment, token
from little_sigstore.service import running

from .conftest import Call

IDENTITY = "https://ci.example/acme/platform"
ISSUER = "https://ci.example"
ASKED = ("--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER)
TRUST = ("--trust-config", "trust.json")

library = pytest.mark.skipif(
    importlib.util.find_spec("sigstore") is None, reason="Sigstore's library is not installed (extra `sigstore`)"
)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No CI system, and none of the user's folders."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "BUILDKITE", "SIGSTORE_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def trusted(here: Path) -> Iterator[Path]:
    """Where a little Sigstore runs, in a file, and a token for it in another."""
    deployment = Deployment()
    (here / "token").write_text(token(identity=IDENTITY, issuer=ISSUER))
    with running(deployment) as (url, _):
        (here / "trust.json").write_text(deployment.trusted(url))
        yield Path("trust.json")


@pytest.fixture
def signed(bundle: Path, trusted: Path, call: Call) -> Path:
    said = call("sign", bundle, "--sigstore", "--identity-token", "token", *TRUST)
    assert (said.code, said.err) == (ExitCode.OK, "")
    assert said.out.startswith(f"Signed {bundle} as {IDENTITY} ({ISSUER}), by way of Sigstore: sigstore/")
    return bundle


@library
def test_an_identity_signs_and_is_verified(signed: Path, call: Call) -> None:
    said = call("verify", signed, *ASKED, *TRUST)
    assert (said.code, said.err) == (ExitCode.OK, "")
    assert said.out.splitlines()[-1] == f"Signed by {IDENTITY} ({ISSUER})."


@library
def test_who_was_not_asked_for_is_a_claim(signed: Path, call: Call) -> None:
    said = call("verify", signed)
    assert said.code == ExitCode.OK
    assert "Nobody has signed it" not in said.out
    assert f"claims to be of {IDENTITY} ({ISSUER}), which was not verified: name who has to have signed" in said.out
    assert call("show", signed).out.splitlines()[-1] == said.out.splitlines()[-1]


@library
def test_a_key_and_an_identity_are_asked_for_together(signed: Path, call: Call) -> None:
    call("sign", signed, "--key", "key.pem")
    said = call("verify", signed, "--key", "key.pub.pem", *ASKED, *TRUST)
    assert (said.code, said.out.splitlines()[-1]) == (ExitCode.OK, f"Signed by key.pub.pem, {IDENTITY} ({ISSUER}).")
    said = call("verify", signed, "--key", "other.pub.pem", *ASKED, *TRUST)
    assert (said.code, said.out.splitlines()[0]) == (
        ExitCode.NOT_CONFORMANT,
        "unsigned: results/mine.bundle.tar: other.pub.pem has not signed it",
    )
    said = call("verify", signed, "--key", "key.pub.pem")
    assert said.out.splitlines()[-2] == "Signed by key.pub.pem."
    assert "which was not verified" in said.out.splitlines()[-1]


@library
def test_another_identity_has_not_signed(signed: Path, call: Call) -> None:
    said = call("verify", signed, "--certificate-identity", "ci@acme.example", *ASKED[2:], *TRUST)
    assert said.code == ExitCode.NOT_CONFORMANT
    assert said.out.splitlines() == [
        f"unsigned: {signed}: ci@acme.example ({ISSUER}) has not signed it",
        f"{signed} is not what was packed and signed: 1 finding.",
    ]


@library
def test_a_sigstore_of_somebody_else_is_not_believed(signed: Path, call: Call) -> None:
    Path("other.json").write_text(Deployment(seed=900).trusted())
    said = call("verify", signed, *ASKED, "--trust-config", "other.json")
    assert said.code == ExitCode.NOT_CONFORMANT
    assert said.out.startswith("unsigned: sigstore/")


@library
def test_show_for_a_program_tells_what_was_verified(signed: Path, call: Call) -> None:
    def shown(*arguments: str) -> Any:
        said = call("show", signed, "--output-format", "json", *arguments)
        assert said.code == ExitCode.OK
        (one,) = json.loads(said.out)["sigstore"]
        assert one.pop("path").startswith("sigstore/")
        return one

    assert shown() == {"identity": IDENTITY, "issuer": ISSUER, "verified": False}
    assert shown(*ASKED, *TRUST) == {"identity": IDENTITY, "issuer": ISSUER, "verified": True}
    said = call("show", signed, "--certificate-identity", "x", *ASKED[2:], *TRUST)
    assert said.code == ExitCode.NOT_CONFORMANT


@library
def test_the_token_of_a_ci_job_is_found(
    bundle: Path, trusted: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    said = call("sign", bundle, "--sigstore", *TRUST)
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert "the CI system gave no identity token: GitLab: Environment variable SIGSTORE_ID_TOKEN not found" in said.err
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", Path("token").read_text())
    assert call("sign", bundle, "--sigstore", *TRUST).code == ExitCode.OK
    assert call("verify", bundle, *ASKED, *TRUST).code == ExitCode.OK


@library
def test_without_a_token_nobody_is_here_to_sign_as(bundle: Path, trusted: Path, call: Call) -> None:
    before = bundle.read_bytes()
    said = call("sign", bundle, "--sigstore", *TRUST)
    assert said.code == ExitCode.USAGE
    assert "give one with --identity-token" in said.err
    assert bundle.read_bytes() == before


@library
def test_services_that_are_not_there_are_told(bundle: Path, here: Path, call: Call) -> None:
    (here / "trust.json").write_text(Deployment().trusted())
    (here / "token").write_text(token(identity=IDENTITY, issuer=ISSUER))
    before = bundle.read_bytes()
    said = call("sign", bundle, "--sigstore", "--identity-token", "token", *TRUST)
    assert (said.code, said.out) == (ExitCode.NOT_EVALUATED, "")
    assert said.err.startswith(f"Error: {bundle} was not signed by way of Sigstore: ")
    assert (here / "token").read_text() not in said.err
    assert bundle.read_bytes() == before


@library
def test_that_the_public_root_cannot_be_fetched_is_told(
    signed: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuf.api.exceptions import DownloadError  # noqa: PLC0415 - only there with the extra

    def refresh(_: object) -> None:
        raise DownloadError("no network")

    monkeypatch.setattr("sigstore._internal.tuf.Updater.refresh", refresh)
    reason = (
        "the trusted root of the public Sigstore could not be fetched: Failed to refresh TUF metadata: no network; "
        "go where there is a network, or name what you trust with --trust-config\n"
    )
    said = call("sign", signed, "--sigstore", "--identity-token", "token")
    assert (said.code, said.out, said.err) == (ExitCode.NOT_EVALUATED, "", f"Error: {reason}")
    said = call("verify", signed, *ASKED)
    assert (said.code, said.err) == (ExitCode.NOT_EVALUATED, "")
    assert said.out == f"unjudged: {signed}: {reason}{signed} cannot be judged: 1 finding.\n"


@library
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sign", "BUNDLE", "--sigstore", "--key", "key.pem"), "either with a key"),
        (("sign", "BUNDLE", "--sigstore", "--passphrase-file", "x"), "with --sigstore there is none"),
        (("sign", "BUNDLE", "--key", "key.pem", "--identity-token", "x"), "are for --sigstore"),
        (("sign", "BUNDLE", "--key", "key.pem", *TRUST), "are for --sigstore"),
        (("sign", "BUNDLE", "--sigstore", "--identity-token", "nowhere", *TRUST), "nowhere cannot be read"),
        (("sign", "BUNDLE", "--sigstore", "--identity-token", "key.pem", *TRUST), "holds no identity token"),
        (
            ("sign", "BUNDLE", "--sigstore", "--identity-token", "token", "--trust-config", "token"),
            "is no client trust",
        ),
        (("sign", "results/mine", "--sigstore", "--identity-token", "token", *TRUST), "is a folder"),
        (("verify", "BUNDLE", "--certificate-identity", "x"), "belong together"),
        (("verify", "BUNDLE", "--certificate-oidc-issuer", "x"), "belong together"),
        (("verify", "BUNDLE", "--certificate-identity", "", "--certificate-oidc-issuer", ""), "belong together"),
        (("verify", "BUNDLE", *TRUST), "there is no --certificate-identity"),
        (("verify", "BUNDLE", *ASKED, "--trust-config", "nowhere"), "nowhere cannot be read"),
        (("show", "BUNDLE", "--certificate-identity", "x"), "belong together"),
    ],
)
def test_mistakes_are_told(bundle: Path, trusted: Path, call: Call, arguments: tuple[str, ...], words: str) -> None:
    before = bundle.read_bytes()
    said = call(*(str(bundle) if one == "BUNDLE" else one for one in arguments))
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert words in said.err
    assert bundle.read_bytes() == before


@pytest.mark.parametrize("command", [("sign", "--sigstore"), ("verify", *ASKED), ("show", *ASKED)])
def test_without_the_extra_it_is_told_how_to_install_it(
    bundle: Path, call: Call, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    said = call(command[0], bundle, *command[1:])
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert said.err == (
        f"Error: {command[1]} needs Sigstore's library, which is not installed; "
        "install the extra: pip install 'kube-ai-conformance[sigstore]'\n"
    )
