"""The page about bundles, done as it stands there, with a real run of the lab."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import documented
from ai_conformance.cli.bundle import group
from ai_conformance.evidence.bundle import limits, statement
from ai_conformance.model.verdicts import ExitCode
from little_sigstore import Deployment, token
from little_sigstore.service import running

from .conftest import Call

PAGE = Path(__file__).resolve().parents[4] / "docs" / "evidence.md"
COMMANDS = [command for block in documented.blocks(PAGE) for command in block]
OF_SIGSTORE = [one for one in COMMANDS if "--sigstore" in one or "--certificate-identity" in one]


def test_the_commands_of_the_page_do_what_it_says(here: Path, call: Call) -> None:
    said = {}
    for command in COMMANDS:
        if command in OF_SIGSTORE:
            continue
        if command.startswith("ai-conformance"):
            said[command] = answered(call, command)
        else:
            # Each has a shell of its own here, and a reader has one for all.
            assert not command.startswith("cd ")
            done = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, cwd=here)
            said[command] = done.stdout
    key_id = next(out.split()[0] for command, out in said.items() if command.endswith("| sha256sum"))
    shown = next(out for command, out in said.items() if " show " in command)
    assert f"Signed by {key_id}." in shown
    assert "gang_scheduling              MUST    PASS" in shown
    verified = [out for command, out in said.items() if " verify " in command]
    assert len(verified) == 2
    assert all("Signed by public.pem." in out for out in verified)


def test_the_commands_of_the_page_about_sigstore_do_what_it_says(
    bundle: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sigstore", reason="Sigstore's library is not installed (extra `sigstore`)")
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415 - only there with the extra

    sign, verify = OF_SIGSTORE
    identity, issuer = (shlex.split(verify)[place] for place in (-3, -1))
    deployment = Deployment()
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token(identity=identity, issuer=issuer))
    with running(deployment) as (url, _):
        # What the page does with the public Sigstore is done with a little one of ours.
        config = ClientTrustConfig.from_json(deployment.trusted(url))
        monkeypatch.setattr(ClientTrustConfig, "production", lambda: config)
        assert f"as {identity} ({issuer})" in answered(call, sign)
        assert f"Signed by {identity} ({issuer})." in answered(call, verify)
    assert f"claims to be of {identity} ({issuer})" in answered(call, "ai-conformance bundle show " + str(bundle))


def answered(call: Call, command: str) -> str:
    program_name, group_name, *arguments = shlex.split(command)
    assert (program_name, group_name) == ("ai-conformance", "bundle")
    answer = call(*arguments)
    assert answer.code == ExitCode.OK, f"{command}\n{answer.err}"
    return answer.out


def test_every_command_of_the_group_is_on_the_page() -> None:
    used = {shlex.split(command)[2] for command in COMMANDS if command.startswith("ai-conformance")}
    assert used == set(group._COMMANDS)


def test_what_the_page_says_of_types_and_limits_holds() -> None:
    text = PAGE.read_text()
    assert statement.PREDICATE_TYPE in text
    assert f"{limits.MAX_BYTES // 2**30} GiB and {limits.MAX_FILES:,} files" in text


def test_help_needs_no_library_of_cryptography() -> None:
    code = (
        "import sys; from ai_conformance.cli.main import cli\n"
        "for name in ('create', 'sign', 'verify', 'show'):\n"
        "    cli(['bundle', name, '--help'], standalone_mode=False)\n"
        "print([one for one in ('cryptography', 'securesystemslib', 'sigstore', 'pydantic') if one in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("word", ["altered, added or removed", "nobody vouches for it", "cannot be taken back"])
def test_the_page_says_what_matters(word: str) -> None:
    assert re.search(word, PAGE.read_text())
